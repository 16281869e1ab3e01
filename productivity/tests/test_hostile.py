"""What hostile, unlucky or hasty clients do: nothing breaks, nothing is lost, nobody sees another's."""

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from django.apps import apps
from django.db import transaction
from django.utils import timezone
from icalendar.timezone import tzp
from rest_framework.test import APIClient

from accounts.belongings import belongings
from accounts.consent import set_consent
from accounts.models import ConsentKind, ConsentSource
from productivity import changing, history, stuck, withdrawal
from productivity.history import UndoRefused
from productivity.models import BehaviorModel, SlotOdds, SlotTrial, Task
from productivity.recurrence import Repeat
from productivity.scheduling import learning
from productivity.transfer import ics
from productivity.transfer.reading import MAX_TASKS, Unreadable, read

from .factories import UserFactory
from .test_changing import both

NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)
DAILY = Repeat("FREQ=DAILY", date(2026, 3, 10))


@pytest.mark.django_db
def test_the_end_of_repeating_is_not_taken_back_once_another_stands_in_its_place():
    user = UserFactory()
    first = changing.create(user, {"title": "Water"}, source="web", now=NOW, repeat=DAILY)
    changing.complete(user, first.pk, source="web", now=NOW)
    second = Task.objects.get(user=user, status="pending")
    ended = changing.edit(user, second.pk, {"repeat": None}, source="web", now=NOW)
    changing.reopen(user, first.pk, source="web", now=NOW)
    changing.complete(user, first.pk, source="web", now=NOW)
    assert ended.change_id
    with pytest.raises(UndoRefused):
        history.undo(user, ended.change_id, source="web", now=NOW + timedelta(hours=1))


# --- Files that are bombs: refused in words, before anything that takes long looks at them


def calendar(*lines):
    return "\r\n".join(("BEGIN:VCALENDAR", "VERSION:2.0", *lines, "END:VCALENDAR", "")).encode()


def todo(*lines):
    return ("BEGIN:VTODO", "UID:1", "SUMMARY:Call", *lines, "END:VTODO")


def test_alarms_and_appointments_do_not_reach_the_parser_however_deep_they_are(monkeypatch):
    seen = []
    parsed = ics._parsed

    def counting(lines):
        seen.append(len(lines))
        return parsed(lines)

    monkeypatch.setattr(ics, "_parsed", counting)
    deep = ["BEGIN:VALARM"] * 3000 + ["END:VALARM"] * 3000
    events = ["BEGIN:VEVENT", "SUMMARY:Meeting", "END:VEVENT"] * 500
    found = read(UserFactory.build(), calendar(*events, *todo(*deep, "PRIORITY:1")), now=NOW)
    assert [(task.title, task.priority) for task in found.tasks] == [("Call", 3)]
    assert sum(seen) < 20


@pytest.mark.parametrize(
    "lines",
    [
        todo() * (MAX_TASKS + 1),
        todo("DUE:never", *[" x"] * 200_000),
        todo("CATEGORIES:" + "a," * 100_000),
        todo(*["COMMENT:so"] * 1000),
        todo(*["LOCATION:here"] * 150) * 500,
        todo(*["DUE:never"] * 150) * 40,
    ],
    ids=["many", "folded", "categories", "comments", "lines", "broken"],
)
def test_a_calendar_that_says_too_much_is_refused(lines):
    with pytest.raises(Unreadable):
        read(UserFactory.build(), calendar(*lines), now=NOW)


def zone(offset):
    return (
        "BEGIN:VTIMEZONE", "TZID:Customized", "BEGIN:STANDARD", "DTSTART:19700101T000000",
        f"TZOFFSETFROM:{offset}", f"TZOFFSETTO:{offset}", "END:STANDARD", "END:VTIMEZONE",
    )  # fmt: skip


def test_the_zone_of_one_file_is_not_that_of_the_next_one():
    due = todo("DUE;TZID=Customized:20260401T120000")
    hours = []
    for offset in ("+1400", "+0200"):
        [task] = read(UserFactory.build(), calendar(*zone(offset), *due), now=NOW).tasks
        assert task.due_at
        hours.append(task.due_at.astimezone(UTC).hour)
    assert hours == [22, 10]
    assert tzp.timezone("Customized") is None


def test_a_table_with_too_many_rows_is_refused_at_the_first_too_many():
    rows = "TYPE,CONTENT,DATE\n" + "task,Call,tomorrow\n" * (MAX_TASKS * 2)
    with pytest.raises(Unreadable, match="more than the 5,000"):
        read(UserFactory.build(), rows.encode(), now=NOW)


# --- Odd values over REST


@pytest.fixture
def api():
    client = APIClient()
    person = UserFactory(timezone="Europe/Berlin")
    client.force_authenticate(person)
    with timezone.override(person.tz):
        yield client


@pytest.mark.django_db
@pytest.mark.parametrize("repeat", [{}, {"rule": "FREQ=DAILY"}, {"starts_on": "2026-03-10"}])
def test_half_a_rule_of_repeating_is_told_what_it_lacks(api, repeat):
    task = api.post("/api/v1/tasks/", {"title": "Water"}, format="json").json()
    answer = api.patch(f"/api/v1/tasks/{task['id']}/", {"repeat": repeat}, format="json")
    assert answer.status_code == 400
    assert "repeat" in answer.json()["errors"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "moment", ["0001-01-01", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1e400"]
)
@pytest.mark.parametrize("name", ["due_from", "due_to", "updated_since"])
def test_moments_at_the_end_of_time_break_no_list(api, name, moment):
    assert api.get("/api/v1/tasks/", {name: moment}).status_code in (200, 400)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("verb", "field"), [("snooze", "until"), ("plan", "start"), ("complete", "at")]
)
def test_days_that_lie_outside_of_the_calendar_are_bad_requests(api, verb, field):
    task = api.post("/api/v1/tasks/", {"title": "Water"}, format="json").json()
    answer = api.post(f"/api/v1/tasks/{task['id']}/{verb}/", {field: "0001-01-01"}, format="json")
    assert answer.status_code == 400


# --- Two at once


@pytest.mark.django_db(transaction=True)
def test_two_devices_accept_the_same_steps_once():
    person = UserFactory()
    task = changing.create(person, {"title": "Move house"}, source="web", now=NOW)
    draft = stuck.draft_breakdown(person, task.pk, now=NOW, with_model=False)
    outcomes = both(
        *[lambda: stuck.accept(person, draft.pk, source="web", now=NOW) for _ in range(3)]
    )
    assert len({tuple(step.pk for step in steps) for steps in outcomes}) == 1
    assert Task.objects.filter(parent=task).count() == len(draft.steps)


@pytest.mark.django_db(transaction=True)
def test_steps_that_are_accepted_and_declined_at_once_are_one_of_both():
    person = UserFactory()
    task = changing.create(person, {"title": "Move house"}, source="web", now=NOW)
    draft = stuck.draft_breakdown(person, task.pk, now=NOW, with_model=False)
    both(
        lambda: stuck.accept(person, draft.pk, source="web", now=NOW),
        lambda: stuck.decline(person, draft.pk, now=NOW),
    )
    draft.refresh_from_db()
    made = Task.objects.filter(parent=task).count()
    assert (draft.status, made > 0) in (("accepted", True), ("declined", False))


@pytest.mark.django_db(transaction=True)
def test_what_is_learned_of_a_slot_while_the_person_says_no_does_not_stay():
    person = UserFactory()
    set_consent(person, ConsentKind.BEHAVIORAL_TRACKING, True, ConsentSource.WEB)
    task = changing.create(
        person,
        {"title": "Write", "planned_start": NOW, "planned_end": NOW + timedelta(hours=1)},
        source="web",
        now=NOW,
    )
    changing.complete(person, task.pk, source="web", now=NOW + timedelta(hours=1))
    refused, forgotten = threading.Event(), threading.Event()

    def settles():
        with transaction.atomic():
            assert learning.settle(person, now=NOW + timedelta(days=1)) == 1
            refused.set()
            # Long enough that whoever does not wait for this is through before it is committed.
            forgotten.wait(2)

    def says_no():
        refused.wait(10)
        set_consent(person, ConsentKind.BEHAVIORAL_TRACKING, False, ConsentSource.WEB)
        withdrawal.forget(person.pk)
        forgotten.set()

    assert both(settles, says_no) == [None, None]
    assert not SlotTrial.objects.filter(user=person).exists()
    assert not SlotOdds.objects.filter(user=person).exists()


# --- What is the person's goes with them


def test_every_table_about_a_persons_tasks_is_exported_and_erased():
    found = {each.model for each in belongings()}
    kept = set(apps.get_app_config("productivity").get_models()) - found
    # Groups of alike people name nobody.
    assert kept == {BehaviorModel}
