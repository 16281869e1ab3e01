"""The pages of tasks: the list, one task, what is behind; by script or by plain form, and never lost."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.day import local_day
from accounts.models import User
from coaching.chat.cards import draw
from coaching.models import Conversation, Message
from coaching.toolkit import Card
from productivity import changing, history, stuck
from productivity.models import Breakdown, RefusalReason, ScheduleRecommendation, Task, TaskStatus
from productivity.scheduling.recommending import recommend

from .factories import TaskFactory, UserFactory

pytestmark = pytest.mark.django_db
SCRIPT = {"HX-Request": "true", "HX-Current-URL": "http://testserver/tasks/"}


@pytest.fixture
def person() -> User:
    return UserFactory()


@pytest.fixture
def web(person: User, client: Client) -> Client:
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def made(person: User, title: str = "Write the report", **fields: Any) -> Task:
    return changing.create(person, {"title": title, **fields}, source="web")


def post(web: Client, name: str, *args: object, script: Any = True, **fields: Any) -> Any:
    headers = SCRIPT if script else {}
    return web.post(reverse(name, args=args), fields, headers=headers)


def page(web: Client, query: str = "") -> str:
    return web.get(f"{reverse('tasks')}{query}").content.decode()


def undo_of(answer: str) -> str:
    """Where the toast of an answer leads."""
    return answer.split('<undo-toast class="toast">')[1].split('action="')[1].split('"')[0]


def test_an_empty_list_says_what_to_do(web: Client) -> None:
    assert "No tasks yet" in page(web)


def test_tasks_stand_in_groups_of_nearness(web: Client, person: User) -> None:
    today = local_day(person)
    made(person, "Late", due_on=today - timedelta(days=2))
    made(person, "Now", due_on=today)
    made(person, "Soon", due_on=today + timedelta(days=3))
    made(person, "Far", due_on=today + timedelta(days=30))
    made(person, "Whenever")
    asleep = made(person, "Asleep")
    changing.snooze(person, asleep.pk, timezone.now() + timedelta(days=2), source="web")
    shown = page(web)
    order = ["Late", "Now", "Soon", "Far", "Whenever", "Asleep"]
    places = [shown.index(f">{title}</a>") for title in order]
    assert places == sorted(places)
    for heading in ("Overdue", "Today", "Next 7 days", "Later", "No date", "Snoozed"):
        assert heading in shown


def test_a_line_becomes_a_task(web: Client, person: User) -> None:
    answer = post(web, "task_add", text="Call mum tomorrow 15 min !high #Family", client_id="a1")
    task = Task.objects.get()
    assert (task.title, task.category, task.priority, task.estimated_minutes) == (
        "Call mum",
        "family",
        3,
        15,
    )
    assert task.due_on == local_day(person) + timedelta(days=1)
    assert "Added: Call mum" in answer.content.decode()


def test_the_same_line_sent_twice_is_one_task(web: Client) -> None:
    for _ in range(2):
        post(web, "task_add", text="Call mum", client_id="a1")
    assert Task.objects.count() == 1


def test_an_empty_line_says_so_and_makes_nothing(web: Client) -> None:
    answer = post(web, "task_add", text="  ", script=False)
    assert answer.status_code == 422
    assert "Write what is to be done" in answer.content.decode()
    assert not Task.objects.exists()


def test_what_is_understood_is_shown_and_not_kept(web: Client) -> None:
    answer = post(web, "task_understood", text="Call mum 15 min #family").content.decode()
    assert "15 min" in answer
    assert "family" in answer
    assert not Task.objects.exists()


def test_a_tick_answers_with_the_row_and_the_counts(web: Client, person: User) -> None:
    task = made(person)
    answer = post(web, "task_tick", task.pk, done="1").content.decode()
    assert 'data-done="true"' in answer
    assert "0 open" in answer
    task.refresh_from_db()
    assert task.status == TaskStatus.COMPLETED


def test_a_tick_is_set_and_never_toggled(web: Client, person: User) -> None:
    task = made(person)
    for _ in range(2):
        post(web, "task_tick", task.pk, done="1")
    assert task.events.filter(event_type="complete").count() == 1
    post(web, "task_tick", task.pk, done="0")
    task.refresh_from_db()
    assert task.is_open


def test_a_tick_of_a_deleted_task_is_not_found(web: Client, person: User) -> None:
    task = made(person)
    changing.delete(person, task.pk, source="web")
    assert post(web, "task_tick", task.pk, done="1").status_code == 404


def test_without_script_a_tick_is_a_form_with_undo(web: Client, person: User) -> None:
    task = made(person)
    answer = post(web, "task_tick", task.pk, done="1", script=False)
    assert answer.status_code == 302
    shown = page(web)
    assert "undo-toast" in shown
    assert web.post(undo_of(shown)).status_code == 302
    task.refresh_from_db()
    assert task.is_open


def test_it_never_redirects_to_another_site(web: Client, person: User) -> None:
    task = made(person)
    answer = post(web, "task_tick", task.pk, done="1", script=False, next="https://evil.example/")
    assert answer["Location"] == reverse("tasks")


def test_snooze_offers_are_near_and_one_is_taken(web: Client, person: User) -> None:
    task = made(person)
    sheet = web.get(reverse("task_snooze", args=[task.pk]), headers=SCRIPT).content.decode()
    until = sheet.split('name="until" value="')[1].split('"')[0]
    answer = post(web, "task_snooze", task.pk, until=until).content.decode()
    task.refresh_from_db()
    assert task.snoozed_until == datetime.fromisoformat(until)
    assert "undo-toast" in answer


def test_a_snooze_to_the_past_is_refused_in_the_sheet(web: Client, person: User) -> None:
    task = made(person)
    answer = post(web, "task_snooze", task.pk, own="2020-01-01T10:00")
    assert answer["HX-Retarget"] == "#task-sheet"
    assert "still to come" in answer.content.decode()
    assert post(web, "task_snooze", task.pk, own="x", script=False).status_code == 422
    task.refresh_from_db()
    assert task.snoozed_until is None


def test_the_snooze_of_ones_own_is_by_ones_own_clock(web: Client, person: User) -> None:
    person.timezone = "America/New_York"
    person.save()
    task = made(person)
    post(web, "task_snooze", task.pk, own="2096-01-05T10:00", script=False)
    task.refresh_from_db()
    assert task.snoozed_until is None  # ten years are enough
    near = (timezone.now() + timedelta(days=40)).strftime("%Y-%m-%dT10:00")
    post(web, "task_snooze", task.pk, own=near, script=False)
    task.refresh_from_db()
    assert task.snoozed_until is not None
    assert task.snoozed_until.astimezone(person.tz).hour == 10


def test_a_deleted_task_is_brought_back_with_its_steps(web: Client, person: User) -> None:
    task = made(person)
    step = made(person, "First", parent=task)
    post(web, "task_delete", task.pk)
    assert "Write the report" in web.get(reverse("tasks_deleted")).content.decode()
    assert "This task is deleted" in web.get(reverse("task", args=[task.pk])).content.decode()
    post(web, "task_restore", task.pk, script=False)
    step.refresh_from_db()
    assert step.deleted_at is None


def test_many_are_done_at_once_and_undone_at_once(web: Client, person: User) -> None:
    tasks = [made(person, f"Task {n}") for n in range(3)]
    ids = [str(task.pk) for task in tasks]
    answer = post(web, "tasks_bulk", what="complete", task=ids, priority="0").content.decode()
    assert "3 tasks done." in answer
    web.post(undo_of(answer))
    assert Task.objects.filter(status=TaskStatus.PENDING).count() == 3


@pytest.mark.parametrize(
    ("what", "fields", "field", "value"),
    [
        ("category", {"category": "Home"}, "category", "home"),
        ("priority", {"priority": "3"}, "priority", 3),
        ("snooze", {}, "status", "snoozed"),
        ("delete", {}, "status", "deleted"),
    ],
)
def test_many_get_the_same(
    web: Client, person: User, what: str, fields: dict[str, str], field: str, value: object
) -> None:
    tasks = [made(person, f"Task {n}") for n in range(2)]
    post(web, "tasks_bulk", what=what, task=[str(task.pk) for task in tasks], **fields)
    assert set(Task.objects.values_list(field, flat=True)) == {value}


def test_bulk_without_a_selection_says_so(web: Client) -> None:
    assert "Select at least one" in post(web, "tasks_bulk", what="complete").content.decode()


def test_anothers_task_among_the_selected_changes_nothing(web: Client, person: User) -> None:
    mine, theirs = made(person), TaskFactory()
    ids = [str(mine.pk), str(theirs.pk)]
    assert post(web, "tasks_bulk", what="complete", task=ids).status_code == 404
    mine.refresh_from_db()
    assert mine.is_open


def test_the_list_is_searched_filtered_and_sorted(web: Client, person: User) -> None:
    made(person, "Call the bank", category="money", priority=3)
    made(person, "Water plants", category="home")
    assert "Water plants" not in page(web, "?q=bank")
    assert "Water plants" not in page(web, "?category=money")
    assert "Water plants" not in page(web, "?priority=3")
    shown = page(web, "?sort=urgency")
    assert shown.index("Call the bank") < shown.index("Water plants")
    assert "Nothing matches" in page(web, "?q=unheard")


@pytest.mark.parametrize("query", ["?page=0", "?page=x", "?group=x", "?priority=9", "?q=%00"])
def test_an_odd_address_still_shows_the_list(web: Client, query: str) -> None:
    assert web.get(f"{reverse('tasks')}{query}").status_code == 200


def test_a_thousand_tasks_take_few_queries_and_little_room(
    web: Client, person: User, django_assert_max_num_queries: Any
) -> None:
    now = timezone.now()
    Task.objects.bulk_create(
        Task(
            user=person,
            title=f"Task {n}",
            category=f"c{n % 7}",
            estimated_minutes=30,
            due_at=now + timedelta(days=n % 40 - 5) if n % 4 else None,
        )
        for n in range(1000)
    )
    page(web)
    # Eleven for the list and the week; the others are the session, the person and the unread messages.
    with django_assert_max_num_queries(14):
        shown = page(web)
    assert shown.count("data-habit=") <= 5 * 15
    assert "Show all" in shown
    assert page(web, "?group=undated&page=2").count("data-habit=") == 50


def test_one_task_is_changed_and_the_change_is_taken_back(web: Client, person: User) -> None:
    task = made(person)
    fields = {
        "version": task.updated_at.isoformat(),
        "title": "Write it well",
        "due_on": "2030-05-01",
        "due_time": "14:30",
        "priority": "2",
        "estimated_minutes": "45",
        "category": "#Work",
        "description": "In ink",
        "repeats": "every week",
    }
    answer = post(web, "task", task.pk, script=False, **fields)
    assert answer.status_code == 302
    task.refresh_from_db()
    assert (task.title, task.category, task.priority) == ("Write it well", "work", 2)
    assert task.due_at is not None
    assert task.due_at.astimezone(person.tz).strftime("%Y-%m-%d %H:%M") == "2030-05-01 14:30"
    assert task.series is not None
    assert task.series.rule.startswith("FREQ=WEEKLY")
    change = history.events_of(task).first()
    assert change is not None
    post(web, "task_undo", change.pk, script=False)
    task.refresh_from_db()
    assert (task.title, task.due_at, task.series) == ("Write the report", None, None)


def test_an_untouched_form_changes_nothing(web: Client, person: User) -> None:
    task = made(person, due_at=datetime(2030, 1, 1, 10, 0, 30, tzinfo=UTC))
    shown = web.get(reverse("task", args=[task.pk]))
    form = shown.context["form"]
    fields = {
        name: "" if form[name].value() is None else form[name].value() for name in form.fields
    }
    post(web, "task", task.pk, script=False, version=shown.context["version"], **fields)
    task.refresh_from_db()
    assert task.edit_count == 0


def test_a_change_made_elsewhere_meanwhile_is_shown_and_nothing_typed_is_lost(
    web: Client, person: User
) -> None:
    task = made(person)
    old = task.updated_at.isoformat()
    changing.edit(person, task.pk, {"title": "From the phone"}, source="api")
    answer = post(web, "task", task.pk, script=False, version=old, title="From the desk")
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert "changed elsewhere" in shown
    assert "From the phone" in shown
    assert 'value="From the desk"' in shown
    version = answer.context["version"]
    post(web, "task", task.pk, script=False, version=version, title="From the desk")
    task.refresh_from_db()
    assert task.title == "From the desk"


def test_a_time_without_a_day_is_refused(web: Client, person: User) -> None:
    task = made(person)
    answer = post(web, "task", task.pk, script=False, title="x", due_time="10:00")
    assert answer.status_code == 422
    assert "A time needs a day" in answer.content.decode()


def test_a_rhythm_nobody_knows_is_refused(web: Client, person: User) -> None:
    task = made(person)
    answer = post(web, "task", task.pk, script=False, title="x", repeats="whenever it rains")
    assert answer.status_code == 422


def test_steps_are_added_moved_and_ticked(web: Client, person: User) -> None:
    task = made(person)
    for title in ("One", "Two"):
        post(web, "task_add_step", task.pk, script=False, title=title)
    two = Task.objects.get(title="Two")
    post(web, "task_move_step", two.pk, script=False, to="up")
    steps = Task.objects.filter(parent=task).order_by("position")
    assert [step.title for step in steps] == ["Two", "One"]
    answer = web.post(
        reverse("task_tick", args=[two.pk]) + "?in=step", {"done": "1"}, headers=SCRIPT
    )
    assert answer.status_code == 204
    assert "1 of 2 steps" in page(web)


def test_a_slot_of_ones_own_is_planned_and_freed(web: Client, person: User) -> None:
    task = made(person)
    at = (timezone.now() + timedelta(days=1)).strftime("%Y-%m-%dT10:00")
    post(web, "task_plan", task.pk, script=False, starts=at, minutes="45")
    task.refresh_from_db()
    assert task.planned_start is not None
    assert task.planned_end is not None
    assert task.planned_end - task.planned_start == timedelta(minutes=45)
    post(web, "task_plan", task.pk, script=False, clear="1")
    task.refresh_from_db()
    assert task.planned_start is None


def test_an_undo_that_is_too_late_is_refused_in_words(web: Client, person: User) -> None:
    task = changing.edit(person, made(person).pk, {"title": "Second"}, source="web")
    change = history.events_of(task).first()
    changing.edit(person, task.pk, {"title": "Third"}, source="web")
    assert change is not None
    address = reverse("task_undo", args=[change.pk])
    assert web.post(address, headers={"Accept": "*/*"}).status_code == 409
    web.post(address, headers={"Accept": "text/html"})
    assert "changed since" in page(web)


def test_an_undo_of_nothing_is_not_found(web: Client) -> None:
    assert web.post(reverse("task_undo", args=[uuid4()])).status_code == 404


def test_what_is_done_has_a_page_of_its_own(web: Client, person: User) -> None:
    task = made(person)
    changing.complete(person, task.pk, source="web")
    assert "Write the report" in web.get(reverse("tasks_done")).content.decode()


def test_progress_counts_what_was_done(web: Client, person: User) -> None:
    assert "Nothing to count yet" in web.get(reverse("task_progress")).content.decode()
    changing.complete(person, made(person).pk, source="web")
    shown = web.get(reverse("task_progress")).content.decode()
    assert "Tasks done per day" in shown
    assert "<table" in shown


def test_a_slot_is_suggested_accepted_and_undone(web: Client, person: User) -> None:
    task = made(person, estimated_minutes=30)
    post(web, "task_slots", task.pk)
    slot = task.recommendations.order_by("-score").first()
    assert slot is not None
    assert reverse("slot_accept", args=[slot.pk]) in page(web)
    answer = post(web, "slot_accept", slot.pk).content.decode()
    task.refresh_from_db()
    assert task.planned_start == slot.recommended_due
    web.post(undo_of(answer))
    task.refresh_from_db()
    assert task.planned_start is None


def test_a_refused_slot_is_answered_with_others(web: Client, person: User) -> None:
    task = made(person, estimated_minutes=30)
    post(web, "task_slots", task.pk)
    slot = task.recommendations.order_by("-score").first()
    assert slot is not None
    answer = post(web, "slot_refuse", slot.pk, reason="wrong_time")
    slot.refresh_from_db()
    assert slot.rejected
    assert reverse("slot_accept", args=[slot.pk]) not in answer.content.decode()
    assert "Take it" in answer.content.decode()


def test_a_suggested_slot_is_answered_in_one_tap_each(web: Client, person: User) -> None:
    task = made(person, "Write the report", estimated_minutes=30)
    [row, *_] = recommend(person, task, now=timezone.now())
    line = page(web).split('class="slot"')[1].split("</div>")[0]
    refuse = reverse("slot_refuse", args=[row.pk])
    for address in (reverse("slot_accept", args=[row.pk]), refuse, reverse("task_slots", args=[task.pk])):  # fmt: skip
        assert address in line
    asked = web.get(refuse, headers=SCRIPT).content.decode()
    assert asked.count('name="reason"') == len(RefusalReason.choices)
    row.refresh_from_db()
    assert not row.rejected


def test_no_two_rows_are_offered_the_same_time(web: Client, person: User) -> None:
    now = timezone.now()
    for title in ("Write the report", "Sort the photos", "Read the paper"):
        recommend(person, made(person, title, estimated_minutes=60), now=now)
    first = ScheduleRecommendation.objects.order_by("-score").first()
    assert first is not None
    ScheduleRecommendation.objects.update(
        recommended_due=first.recommended_due, recommended_end=first.recommended_end
    )
    assert page(web).count('class="slot"') == 1


def test_first_choices_of_other_tasks_are_left_to_them(person: User) -> None:
    now = timezone.now()
    mine = [made(person, title, estimated_minutes=60) for title in ("Report", "Photos", "Paper")]
    firsts = [recommend(person, task, now=now)[0] for task in mine]
    for one, other in itertools.combinations(firsts, 2):
        assert one.recommended_end <= other.recommended_due or other.recommended_end <= one.recommended_due  # fmt: skip


def test_a_page_waits_for_better_steps_without_touching_what_is_typed(
    web: Client, person: User
) -> None:
    task = made(person, "Write the thesis", estimated_minutes=300)
    draft = stuck.draft_breakdown(person, task.pk, now=timezone.now())
    Breakdown.objects.update(status="writing")
    state = reverse("breakdown_state", args=[draft.pk])
    assert state in web.get(reverse("task_stuck", args=[task.pk])).content.decode()
    assert web.get(state, headers=SCRIPT).status_code == 204
    Breakdown.objects.update(status="draft", source="llm")
    ready = web.get(state, headers=SCRIPT).content.decode()
    assert "Better steps are ready" in ready
    assert "every 2s" not in ready
    card = web.get(f"{state}?in=card", headers=SCRIPT).content.decode()
    assert draft.steps[0]["title"] in card
    assert "every 2s" not in card


def test_steps_are_accepted_on_their_card(web: Client, person: User) -> None:
    task = made(person, "Write the thesis", estimated_minutes=300)
    draft = stuck.draft_breakdown(person, task.pk, now=timezone.now())
    for _ in range(2):
        answer = web.post(
            f"{reverse('breakdown_accept', args=[draft.pk])}?in=card", headers=SCRIPT
        ).content.decode()
        assert "Accepted" in answer
    assert Task.objects.filter(parent=task).count() == len(draft.steps)


def proposed(person: User, *tasks: Task) -> tuple[str, dict[str, Any]]:
    """A day that the coach proposed in a talk, and the card that stands there."""
    plan = str(uuid4())
    starts = timezone.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=1)
    items = [
        {
            "task": str(task.pk),
            "title": task.title,
            "starts_at": (starts + place * timedelta(hours=1)).isoformat(),
            "ends_at": (starts + place * timedelta(hours=1, minutes=0) + timedelta(minutes=30)).isoformat(),
            "why": "",
        }
        for place, task in enumerate(tasks)
    ]  # fmt: skip
    card = Card(
        kind="productivity.day",
        title="A plan",
        summary="",
        is_proposal=True,
        data={"plan": plan, "items": items},
    ).model_dump(mode="json")
    talk = Conversation.objects.create(user=person)
    Message.objects.create(
        user=person,
        conversation=talk,
        role="assistant",
        content="",
        function_calls=[{"id": "c1", "name": "plan_my_day", "status": "done", "card": card}],
    )
    return plan, card


def test_a_proposed_day_is_accepted_on_its_card_once(web: Client, person: User) -> None:
    task = made(person, "Write the report", estimated_minutes=30)
    plan, card = proposed(person, task)
    assert reverse("day_accept", args=[plan]) in draw(person, Card.model_validate(card))
    for _ in range(2):
        answer = post(web, "day_accept", plan).content.decode()
        assert "In your day" in answer
    task.refresh_from_db()
    assert task.planned_start is not None
    assert history.events_of(task).exclude(event_type="create").count() == 1
    stored = Message.objects.get().function_calls[0]["card"]
    reloaded = draw(person, Card.model_validate(stored))
    assert "In your day" in reloaded
    assert reverse("day_accept", args=[plan]) not in reloaded
    assert "You accepted this plan" in post(web, "day_leave", plan).content.decode()


def test_a_proposed_day_is_left_and_stays_left(web: Client, person: User) -> None:
    task = made(person, "Write the report", estimated_minutes=30)
    plan, _ = proposed(person, task)
    assert "Left as it was" in post(web, "day_leave", plan).content.decode()
    assert "You left this plan" in post(web, "day_accept", plan).content.decode()
    task.refresh_from_db()
    assert task.planned_start is None


def test_another_persons_proposed_day_is_not_found(web: Client) -> None:
    other = UserFactory()
    plan, _ = proposed(other, made(other, "Theirs"))
    assert post(web, "day_accept", plan).status_code == 404
    assert post(web, "day_leave", plan).status_code == 404


def test_a_nudge_is_asked_for_on_the_list(web: Client, person: User) -> None:
    made(person, "Write the report")
    assert reverse("task_nudge") in page(web)
    assert reverse("nudges") in page(web)
    assert reverse("nudges") in web.get(reverse("settings")).content.decode()


def test_why_not_then_is_answered(web: Client, person: User) -> None:
    task = made(person)
    address = f"{reverse('task_slots', args=[task.pk])}?at=2020-01-01T10:00"
    assert "That moment has passed" in web.get(address).content.decode()


def test_one_tap_on_why_leads_to_steps_that_are_edited_accepted_and_undone(
    web: Client, person: User
) -> None:
    task = made(person, "Write the thesis", estimated_minutes=300)
    asked = web.get(reverse("task_stuck", args=[task.pk]), headers=SCRIPT).content.decode()
    assert asked.count('name="reason"') == 6
    post(web, "task_stuck", task.pk, reason="overwhelming")
    report = task.stuck_reports.get()
    draft = post(web, "stuck_take_up", report.pk).content.decode()
    assert 'name="title"' in draft
    assert not Task.objects.filter(parent=task).exists()
    breakdown = task.breakdowns.get()
    fields = {"title": ["Open the file", "", "Write a page"], "minutes": ["5", "10", "30"]}
    answer = post(web, "breakdown_accept", breakdown.pk, **fields).content.decode()
    steps = Task.objects.filter(parent=task, deleted_at=None).order_by("position")
    assert [step.title for step in steps] == ["Open the file", "Write a page"]
    web.post(undo_of(answer))
    assert not Task.objects.filter(parent=task, deleted_at=None).exists()


def test_a_draft_of_steps_is_declined_and_unfit_steps_are_kept_to_be_mended(
    web: Client, person: User
) -> None:
    task = made(person, "Write the thesis", estimated_minutes=300)
    post(web, "task_stuck", task.pk, reason="overwhelming")
    post(web, "stuck_take_up", task.stuck_reports.get().pk)
    breakdown = task.breakdowns.get()
    unfit = {"title": ["Open the file"], "minutes": ["soon"]}
    answer = post(web, "breakdown_accept", breakdown.pk, **unfit)
    assert answer["HX-Retarget"] == "#task-sheet"
    assert ">Open the file</textarea>" in answer.content.decode()
    post(web, "breakdown_decline", breakdown.pk)
    breakdown.refresh_from_db()
    assert breakdown.status == "declined"
    assert not Task.objects.filter(parent=task).exists()


@pytest.mark.parametrize(
    "reason", ["overwhelming", "unclear", "boring", "feared", "no_time", "perfectionism"]
)
def test_every_reason_has_an_answer_that_can_be_taken_up(
    web: Client, person: User, reason: str
) -> None:
    task = made(person, estimated_minutes=60, due_on=local_day(person) + timedelta(days=1))
    post(web, "task_stuck", task.pk, reason=reason)
    answer = post(web, "stuck_take_up", task.stuck_reports.get().pk)
    assert answer.status_code == 200


def test_a_reason_nobody_offered_is_refused(web: Client, person: User) -> None:
    task = made(person)
    assert post(web, "task_stuck", task.pk, reason="x", script=False).status_code == 422


def test_a_week_that_does_not_fit_says_so_and_what_could_give(web: Client, person: User) -> None:
    soon = local_day(person) + timedelta(days=2)
    for n in range(8):
        made(person, f"Huge {n}", due_on=soon, estimated_minutes=1000)
    assert "too much" in page(web)
    shown = web.get(reverse("tasks_week")).content.decode()
    assert "What could give" in shown
    way = shown.split('action="/tasks/')[1].split('"')[0]
    assert web.post(f"/tasks/{way}").status_code == 302
    assert web.get(reverse("tasks_week")).content.decode().count('class="proposal"') <= 8


def test_today_shows_what_is_due_and_takes_a_line(web: Client, person: User) -> None:
    made(person, "Pay the rent", due_on=local_day(person))
    assert "Pay the rent" in web.get("/").content.decode()
    answer = web.post(
        reverse("task_add"),
        {"text": "Call mum today", "in": "tile", "client_id": "t"},
        headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/"},
    ).content.decode()
    assert "Call mum" in answer
    assert "<h1" not in answer


@pytest.mark.parametrize(
    "name",
    [
        "task",
        "task_tick",
        "task_snooze",
        "task_delete",
        "task_restore",
        "task_plan",
        "task_add_step",
        "task_move_step",
        "task_slots",
        "task_stuck",
    ],
)
def test_anothers_task_is_not_found(web: Client, name: str) -> None:
    address = reverse(name, args=[TaskFactory().pk])
    assert web.post(address, {"done": "1", "title": "x", "to": "up"}).status_code == 404


@pytest.mark.parametrize(
    "name",
    ["task_add", "task_understood", "tasks_bulk"],
)
def test_a_look_changes_nothing(web: Client, name: str) -> None:
    assert web.get(reverse(name)).status_code == 405
