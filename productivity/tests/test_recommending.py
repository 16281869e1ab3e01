"""Suggesting slots: what a person sees, answers, and sees next."""

import itertools
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from uuid import uuid4

import pytest
from django.db import connection

from accounts.consent import set_consent
from accounts.models import ConsentKind, ConsentSource, User
from accounts.tests.factories import UserFactory
from coaching.toolkit import BusyTime, busy_sources
from productivity import changing, history
from productivity.models import (
    PlanningHours,
    RefusalReason,
    ScheduleRecommendation,
    SlotTrial,
    Task,
    TaskEvent,
)
from productivity.scheduling.explaining import why_not
from productivity.scheduling.offers import snooze_offers
from productivity.scheduling.recommending import SlotTaken, accept, recommend, refuse
from productivity.task_fields import TaskRefused
from productivity.tests.factories import TaskFactory

# A Monday, 10:07 in Berlin.
NOW = datetime(2026, 3, 2, 9, 7, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def person(**fields: object) -> User:
    user: User = UserFactory(timezone="Europe/Berlin", **fields)
    set_consent(user, ConsentKind.BEHAVIORAL_TRACKING, True, ConsentSource.WEB)
    return user


def task_of(user: User, **fields: object) -> Task:
    made: Task = TaskFactory(user=user, created_at=NOW - timedelta(days=1), **fields)
    return made


def test_three_slots_that_differ_are_suggested_with_reasons() -> None:
    user = person()
    task = task_of(user, estimated_minutes=60, due_at=NOW + timedelta(days=3), priority=2)
    found = recommend(user, task, now=NOW)
    assert task.due_at is not None
    assert len(found) == 3
    for row in found:
        assert row.recommended_end - row.recommended_due == timedelta(minutes=60)
        assert NOW < row.recommended_due < row.recommended_end <= task.due_at
        assert row.reasons
        assert 0 <= row.confidence_score <= 1
        assert row.expires_at <= row.recommended_due
    starts = sorted(row.recommended_due for row in found)
    assert all(
        later - earlier >= timedelta(hours=3) for earlier, later in itertools.pairwise(starts)
    )
    assert any("Due on Thursday." in row.reasons for row in found)


def test_the_same_question_again_gives_the_same_open_suggestions() -> None:
    user = person()
    task = task_of(user)
    first = recommend(user, task, now=NOW)
    again = recommend(user, task, now=NOW + timedelta(minutes=1))
    assert [row.pk for row in first] == [row.pk for row in again]
    assert ScheduleRecommendation.objects.count() == 3


def test_a_slot_that_was_taken_meanwhile_is_not_given_again() -> None:
    user = person()
    task = task_of(user)
    first = recommend(user, task, now=NOW)
    task_of(user, planned_start=first[0].recommended_due, planned_end=first[0].recommended_end)
    again = recommend(user, task, now=NOW + timedelta(minutes=1))
    assert first[0].pk not in {row.pk for row in again}
    assert len(again) == 3


def test_saying_yes_plans_the_task_once_and_can_be_undone() -> None:
    user = person()
    task = task_of(user)
    row = recommend(user, task, now=NOW)[0]
    accept(user, row.pk, source="web", now=NOW)
    accepted = accept(user, row.pk, source="web", now=NOW + timedelta(minutes=1))
    task.refresh_from_db()
    assert accepted.accepted
    assert (task.planned_start, task.planned_end) == (row.recommended_due, row.recommended_end)
    event = TaskEvent.objects.get(task=task)
    assert SlotTrial.objects.filter(task=task, kind="answer", worked=True).count() == 1
    history.undo(user, event.pk, source="web", now=NOW)
    task.refresh_from_db()
    assert task.planned_start is None


def test_after_a_yes_the_other_suggestions_are_no_longer_open() -> None:
    user = person()
    task = task_of(user)
    rows = recommend(user, task, now=NOW)
    accept(user, rows[0].pk, source="web", now=NOW)
    with pytest.raises(SlotTaken):
        accept(user, rows[1].pk, source="web", now=NOW + timedelta(seconds=1))


def test_a_slot_taken_by_another_task_is_refused_with_alternatives() -> None:
    user = person()
    task = task_of(user)
    row = recommend(user, task, now=NOW)[0]
    other = task_of(user, title="Call the bank")
    changing.plan(user, other.pk, row.recommended_due, row.recommended_end, source="web", now=NOW)
    with pytest.raises(SlotTaken, match="Call the bank") as refused:
        accept(user, row.pk, source="web", now=NOW)
    assert refused.value.alternatives
    assert row.pk not in {one.pk for one in refused.value.alternatives}
    task.refresh_from_db()
    assert task.planned_start is None


def test_a_slot_that_has_begun_is_refused() -> None:
    user = person()
    row = recommend(user, task_of(user), now=NOW)[0]
    with pytest.raises(SlotTaken, match="begun"):
        accept(user, row.pk, source="web", now=row.recommended_due)


def test_another_persons_suggestion_is_not_found() -> None:
    user = person()
    row = recommend(user, task_of(user), now=NOW)[0]
    stranger = person()
    with pytest.raises(ScheduleRecommendation.DoesNotExist):
        accept(stranger, row.pk, source="web", now=NOW)
    with pytest.raises(ScheduleRecommendation.DoesNotExist):
        refuse(stranger, row.pk, "other", source="web", now=NOW)
    with pytest.raises(Task.DoesNotExist):
        recommend(stranger, row.task, now=NOW)
    with pytest.raises(ScheduleRecommendation.DoesNotExist):
        accept(user, uuid4(), source="web", now=NOW)


def test_not_at_that_hour_keeps_that_hour_out_on_every_day() -> None:
    user = person()
    task = task_of(user)
    row = recommend(user, task, now=NOW)[0]
    hour = row.recommended_due.astimezone(user.tz).hour
    refuse(user, row.pk, RefusalReason.WRONG_TIME, source="web", now=NOW)
    after = recommend(user, task, now=NOW + timedelta(minutes=1), count=5)
    assert after
    for one in after:
        assert abs(one.recommended_due.astimezone(user.tz).hour - hour) > 1


def test_not_on_that_day_keeps_that_weekday_out() -> None:
    user = person()
    task = task_of(user)
    row = recommend(user, task, now=NOW)[0]
    refuse(user, row.pk, RefusalReason.WRONG_DAY, source="web", now=NOW)
    weekday = row.recommended_due.astimezone(user.tz).weekday()
    after = recommend(user, task, now=NOW + timedelta(minutes=1), count=5)
    assert after
    assert weekday not in {one.recommended_due.astimezone(user.tz).weekday() for one in after}


def test_it_takes_longer_makes_the_next_slots_longer_and_leaves_the_estimate() -> None:
    user = person()
    task = task_of(user, estimated_minutes=60)
    row = recommend(user, task, now=NOW)[0]
    refuse(user, row.pk, RefusalReason.TOO_LONG, source="web", now=NOW)
    after = recommend(user, task, now=NOW + timedelta(minutes=1))
    assert {one.recommended_end - one.recommended_due for one in after} == {timedelta(minutes=90)}
    task.refresh_from_db()
    assert task.estimated_minutes == 60


def test_it_can_wait_moves_what_comes_next_some_days_away() -> None:
    user = person()
    task = task_of(user)
    row = recommend(user, task, now=NOW)[0]
    refuse(user, row.pk, RefusalReason.NOT_NOW, "After the fair", source="web", now=NOW)
    after = recommend(user, task, now=NOW + timedelta(minutes=1))
    assert min(one.recommended_due for one in after) >= NOW + timedelta(days=3)


def test_refusing_twice_is_once_and_what_was_accepted_is_not_refused() -> None:
    user = person()
    rows = recommend(user, task_of(user), now=NOW)
    refuse(user, rows[0].pk, RefusalReason.WRONG_TIME, source="web", now=NOW)
    refuse(user, rows[0].pk, RefusalReason.OTHER, source="web", now=NOW)
    rows[0].refresh_from_db()
    assert rows[0].refusal_reason == "wrong_time"
    assert SlotTrial.objects.count() == 1
    accept(user, rows[1].pk, source="web", now=NOW)
    with pytest.raises(TaskRefused):
        refuse(user, rows[1].pk, RefusalReason.OTHER, source="web", now=NOW)


def test_nothing_is_learned_without_consent() -> None:
    user = UserFactory(timezone="Europe/Berlin")
    rows = recommend(user, task_of(user), now=NOW)
    assert len(rows) == 3
    accept(user, rows[0].pk, source="web", now=NOW)
    assert not SlotTrial.objects.exists()


def test_work_lies_inside_working_hours_and_private_things_outside() -> None:
    hours = {day: ["09:00", "17:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
    user = person(work_hours=hours)
    for row in recommend(user, task_of(user, category="work"), now=NOW, count=5):
        clock = row.recommended_due.astimezone(user.tz)
        assert clock.weekday() < 5
        assert 9 <= clock.hour < 17
    for row in recommend(user, task_of(user, category="family"), now=NOW, count=5):
        clock = row.recommended_due.astimezone(user.tz)
        assert clock.weekday() >= 5 or not 9 <= clock.hour < 17


def test_a_person_says_themselves_what_is_work() -> None:
    user = person(work_hours={"tue": ["09:00", "17:00"]})
    PlanningHours.objects.create(user=user, work_categories=["thesis"], private_categories=[])
    rows = recommend(user, task_of(user, category="thesis"), now=NOW)
    assert rows
    assert {row.recommended_due.astimezone(user.tz).weekday() for row in rows} == {1}


def test_a_buffer_is_kept_around_what_other_domains_declare() -> None:
    def walk(user: User, since: datetime, until: datetime) -> list[BusyTime]:
        return [BusyTime(NOW.replace(hour=11, minute=0), NOW.replace(hour=12, minute=0), "“Walk”")]

    user = person()
    task = task_of(user, estimated_minutes=30, due_at=NOW.replace(hour=13))
    with busy_sources.instead(test__walk=walk):
        rows = recommend(user, task, now=NOW, count=9)
        assert rows
        for row in rows:
            assert row.recommended_end <= NOW.replace(hour=10, minute=50) or (
                row.recommended_due >= NOW.replace(hour=12, minute=10)
            )
        answer = why_not(user, task, NOW.replace(hour=11, minute=30), now=NOW)
        assert answer.filter == "taken"
        assert "“Walk”" in answer.words
        assert why_not(user, task, NOW.replace(hour=10, minute=25), now=NOW).filter == "buffer"


def test_what_is_being_done_is_not_moved_and_nothing_is_put_on_it() -> None:
    user = person()
    doing = task_of(
        user, title="Tax", estimated_minutes=120, started_at=NOW - timedelta(minutes=30)
    )
    found = recommend(user, doing, now=NOW)
    assert found == []
    assert "You are on" in found.words
    rows = recommend(user, task_of(user, due_at=NOW + timedelta(hours=4)), now=NOW, count=9)
    assert rows
    assert min(row.recommended_due for row in rows) >= NOW + timedelta(minutes=100)


def test_a_snoozed_task_is_suggested_after_its_snooze() -> None:
    user = person()
    until = NOW + timedelta(days=2)
    task = task_of(user, status="snoozed", snoozed_until=until)
    assert all(row.recommended_due >= until for row in recommend(user, task, now=NOW))
    assert why_not(user, task, NOW + timedelta(days=1), now=NOW).filter == "snoozed"


def test_where_nothing_fits_it_says_what_would_help() -> None:
    user = person()
    task = task_of(user, estimated_minutes=600, due_at=NOW + timedelta(hours=5))
    found = recommend(user, task, now=NOW)
    assert found == []
    assert "No free stretch of 10 hours" in found.words


def test_done_and_deleted_tasks_get_no_slots() -> None:
    user = person()
    with pytest.raises(TaskRefused):
        recommend(user, task_of(user, status="completed", completed_at=NOW), now=NOW)
    with pytest.raises(changing.TaskGone):
        recommend(user, task_of(user, status="deleted", deleted_at=NOW), now=NOW)


@pytest.mark.parametrize(
    ("at", "name"),
    [
        (NOW - timedelta(hours=1), "past"),
        (NOW + timedelta(days=30), "too_far"),
        (NOW.replace(hour=22), "window"),
        (NOW + timedelta(days=5), "due"),
    ],
    ids=["past", "too far", "night", "after due"],
)
def test_why_not_names_the_filter(at: datetime, name: str) -> None:
    user = person()
    task = task_of(user, due_at=NOW + timedelta(days=4))
    answer = why_not(user, task, at, now=NOW)
    assert answer.filter == name
    assert answer.words
    assert not ScheduleRecommendation.objects.exists()


def test_why_not_says_by_what_a_possible_moment_loses() -> None:
    user = person()
    task = task_of(user, due_at=NOW + timedelta(days=4), priority=3)
    answer = why_not(user, task, NOW + timedelta(days=3), now=NOW)
    assert answer.filter == ""
    assert answer.best_parts["score"] > answer.parts["score"]
    assert "sooner" in answer.words
    assert answer.best_at is not None
    best = why_not(user, task, answer.best_at, now=NOW)
    assert "Nothing speaks against it" in best.words


def test_snooze_offers_are_free_and_marked_when_after_the_due_date() -> None:
    user = person()
    task = task_of(user, due_at=NOW + timedelta(hours=24), estimated_minutes=60)
    offers = snooze_offers(user, task, now=NOW)
    assert [offer.name for offer in offers] == [
        "next_free",
        "later_today",
        "this_evening",
        "tomorrow",
        "weekend",
    ]
    assert all(offer.is_free for offer in offers)
    assert [offer.is_after_due for offer in offers] == [False, False, False, False, True]
    assert "after it is due" in offers[-1].words
    assert len({offer.until for offer in offers}) == len(offers)


@pytest.mark.parametrize("tasks", [5, 300], ids=["few", "many"])
def test_the_number_of_queries_does_not_grow_with_tasks(
    tasks: int, django_assert_max_num_queries: object
) -> None:
    user = person()
    Task.objects.bulk_create(
        Task(
            user=user,
            title=f"Task {number}",
            category=("work", "home", "")[number % 3],
            estimated_minutes=30,
            created_at=NOW - timedelta(days=number % 30),
            planned_start=NOW + timedelta(days=2, hours=number),
            planned_end=NOW + timedelta(days=2, hours=number, minutes=30),
        )
        for number in range(tasks)
    )
    task = task_of(user, category="work")
    with django_assert_max_num_queries(20):  # type: ignore[operator]
        assert recommend(user, task, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_of_two_tasks_that_are_accepted_for_one_time_at_once_one_gets_it() -> None:
    user = person()
    tasks = [task_of(user), task_of(user)]
    rows = [recommend(user, task, now=NOW)[0] for task in tasks]
    # Suggestions of two tasks keep apart; these were made before the other was there.
    ScheduleRecommendation.objects.filter(pk=rows[1].pk).update(
        recommended_due=rows[0].recommended_due, recommended_end=rows[0].recommended_end
    )
    outcomes: list[str] = []
    gate = Barrier(2)

    def say_yes(row: ScheduleRecommendation) -> None:
        try:
            gate.wait()
            accept(user, row.pk, source="web", now=NOW)
            outcomes.append("yes")
        except SlotTaken:
            outcomes.append("taken")
        finally:
            connection.close()

    threads = [Thread(target=say_yes, args=(row,)) for row in rows]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["taken", "yes"]
    assert Task.objects.filter(planned_start__isnull=False).count() == 1
