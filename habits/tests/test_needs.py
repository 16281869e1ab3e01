"""Which habits are due and untold, how far they are behind, and whether they were done."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from coaching.toolkit import Span, need_sources
from habits.coach.needs import SAMPLES, SUBJECT, gap_of, habits_due, were_done
from habits.models import (
    CadenceKind,
    Habit,
    HabitCompletion,
    HabitPause,
    HabitStack,
    TimeOfDay,
    UserStreak,
)

from .factories import GoalFactory, HabitFactory, UserFactory

WEDNESDAY = date(2026, 6, 10)
NOON = datetime(2026, 6, 10, 10, 0, tzinfo=UTC)  # 12:00 in Berlin
EVENING = datetime(2026, 6, 10, 17, 30, tzinfo=UTC)  # 19:30 in Berlin


def told(habit: Habit, day: date = WEDNESDAY, status: str = "done", **fields) -> HabitCompletion:
    row: HabitCompletion = HabitCompletion.objects.create(
        habit=habit, user=habit.user, local_date=day, status=status, source="web", **fields
    )
    return row


def named(needs) -> list[str]:
    return [need.facts["habit"] for need in needs]


def test_a_due_habit_of_which_nothing_was_told_is_a_need(db):
    habit = HabitFactory(name="Evening walk", tiny_version="Put your shoes on.")
    (need,) = habits_due([habit.user], NOON)
    assert (need.user_id, need.subject_type, need.subject_id) == (habit.user_id, SUBJECT, habit.pk)
    assert need.facts == {"habit": "Evening walk", "tiny": "Put your shoes on"}
    assert need.action == f"/habits/{habit.pk}/"
    assert need.action_text
    assert 0 < need.gap < 1
    assert need.window_ends_at == NOON + timedelta(hours=4)
    assert need_sources.get("habits.due").find([habit.user], NOON) == [need]


@pytest.mark.parametrize("status", ["done", "partial", "skipped", "missed"])
def test_whatever_was_told_of_today_ends_the_need(db, status):
    habit = HabitFactory()
    told(habit, status=status)
    told(HabitFactory(user=habit.user), WEDNESDAY - timedelta(days=1))
    assert len(habits_due([habit.user], NOON)) == 1


def test_what_is_not_asked_for_today_is_no_need(db):
    user = UserFactory()
    HabitFactory(user=user, name="Mondays", cadence=CadenceKind.WEEKDAYS, weekdays=[0])
    HabitFactory(user=user, name="Later", starts_on=WEDNESDAY + timedelta(days=1))
    HabitFactory(user=user, name="Shelved", status="archived")
    HabitFactory(user=user, name="Deleted", deleted_at=NOON)
    resting = HabitFactory(user=user, name="Resting")
    HabitPause.objects.create(habit=resting, starts_on=WEDNESDAY)
    full = HabitFactory(user=user, name="Full", cadence="times_per_week", times_per_week=1)
    told(full, WEDNESDAY - timedelta(days=2))
    HabitFactory(user=user, name="Wednesdays", cadence=CadenceKind.WEEKDAYS, weekdays=[2])
    assert named(habits_due([user], NOON)) == ["Wednesdays"]


def test_nobody_is_told_to_get_to_what_they_want_less_of(db):
    user = UserFactory()
    HabitFactory(user=user, name="Coffee", measure="at_most", target_value=2)
    HabitFactory(user=user, name="Pages", measure="at_least", target_value=10)
    assert named(habits_due([user], EVENING)) == ["Pages"]


def test_the_facts_tell_only_what_there_is(db):
    habit = HabitFactory(
        name="Run",
        goal=GoalFactory(text="Run 5 kilometres."),
        cadence="times_per_week",
        times_per_week=3,
    )
    HabitStack.objects.create(habit=habit, cue="coffee", sentence="After coffee, I will run")
    UserStreak.objects.create(user=habit.user, habit=habit, total_done=12)
    told(habit, WEDNESDAY - timedelta(days=1))
    (need,) = habits_due([habit.user], EVENING)
    assert need.facts == {
        "habit": "Run",
        "goal": "Run 5 kilometres",
        "cue": "After coffee, I will run.",
        "total": "12",
        "week": "1 of 3 this week",
    }
    assert need.facts.keys() | {"tiny"} == SAMPLES.keys()


def test_each_persons_own_day_counts(db):
    late = datetime(2026, 6, 10, 23, 30, tzinfo=UTC)  # 10 June in New York, 11 June in Auckland
    west = HabitFactory(user=UserFactory(timezone="America/New_York"))
    east = HabitFactory(user=UserFactory(timezone="Pacific/Auckland"))
    told(west)
    told(east)
    assert [need.subject_id for need in habits_due([west.user, east.user], late)] == [east.pk]


def test_the_window_ends_with_the_persons_day(db):
    habit = HabitFactory()
    night = datetime(2026, 6, 10, 23, 0, tzinfo=UTC)  # 01:00 in Berlin: still Wednesday
    (need,) = habits_due([habit.user], night)
    assert need.gap == 1
    assert need.window_ends_at == datetime(2026, 6, 11, 1, 0, tzinfo=UTC)


def test_many_people_take_as_many_queries_as_one(db):
    zones = ["America/New_York", "Pacific/Auckland", "Europe/Berlin"]

    def queries(count: int) -> int:
        people = [UserFactory(timezone=zones[number % 3]) for number in range(count)]
        for person in people:
            for _ in range(2):
                HabitStack.objects.create(
                    habit=HabitFactory(user=person), cue="tea", sentence="After tea, I will"
                )
        with CaptureQueriesContext(connection) as captured:
            assert len(habits_due(people, EVENING)) >= count
        return len(captured)

    assert queries(3) == queries(9) <= 6


def test_a_time_after_midnight_ends_the_persons_day(db):
    habit = HabitFactory(scheduled_time=time(0, 30))
    assert habits_due([habit.user], EVENING) == []
    (need,) = habits_due([habit.user], datetime(2026, 6, 10, 23, 0, tzinfo=UTC))
    assert need.gap == pytest.approx(0.5)


# --- How far behind -----------------------------------------------------------------------------


def gap(now: datetime, done: int = 0, **fields) -> float:
    habit = Habit(starts_on=date(2026, 1, 5), **fields)
    habit.done_in_week = done  # type: ignore[attr-defined]
    day = now.date()
    return gap_of(habit, User(timezone="UTC"), day, now)


def at(clock: time, day: date = WEDNESDAY) -> datetime:
    return datetime.combine(day, clock, tzinfo=UTC)


@given(
    clock=st.times(),
    scheduled=st.none() | st.times(),
    part=st.sampled_from(TimeOfDay.values),
    times=st.integers(1, 7),
    done=st.integers(0, 7),
    weekday=st.integers(0, 6),
)
def test_the_gap_is_a_share_and_grows_over_the_day_and_the_week(
    clock, scheduled, part, times, done, weekday
):
    day = date(2026, 6, 8) + timedelta(days=weekday)
    fields = {
        "scheduled_time": scheduled,
        "time_of_day": part,
        "cadence": CadenceKind.TIMES_PER_WEEK,
        "times_per_week": times,
    }
    now = at(clock, day)
    found = gap(now, done, **fields)
    assert 0 <= found <= 1
    later = now.replace(hour=23, minute=59)
    assert found <= gap(later, done, **fields)
    if weekday < 6:
        assert found <= gap(now + timedelta(days=1), done, **fields)
    if done < 7:
        assert gap(now, done + 1, **fields) <= found


def test_a_habit_is_not_behind_before_its_time():
    assert gap(at(time(18, 29)), scheduled_time=time(18, 30)) == 0
    assert gap(at(time(20, 0)), scheduled_time=time(18, 30)) == pytest.approx(0.5)
    assert gap(at(time(15, 59)), time_of_day=TimeOfDay.EVENING) == 0
    assert gap(at(time(21, 30))) == 1
    assert gap(at(time(23, 30)), scheduled_time=time(23, 0)) == pytest.approx(0.5)


def test_a_weekly_habit_presses_as_its_days_run_out():
    weekly: dict[str, Any] = {"cadence": CadenceKind.TIMES_PER_WEEK, "times_per_week": 2}
    evening = time(21, 30)
    assert gap(at(evening, date(2026, 6, 8)), 0, **weekly) == pytest.approx(2 / 7)
    assert gap(at(evening, date(2026, 6, 13)), 0, **weekly) == 1
    assert gap(at(evening, date(2026, 6, 13)), 1, **weekly) == pytest.approx(1 / 2)
    assert gap(at(evening, date(2026, 6, 13)), 2, **weekly) == 0


def test_an_interval_habit_presses_on_its_last_day():
    every_five: dict[str, Any] = {"cadence": CadenceKind.INTERVAL, "interval_days": 5}
    start = date(2026, 1, 5)
    first = start + timedelta(days=155)
    assert gap(at(time(22), first), **every_five) == pytest.approx(1 / 5)
    assert gap(at(time(22), first + timedelta(days=4)), **every_five) == 1


# --- Whether it was done ------------------------------------------------------------------------


def test_a_tick_counts_within_its_span_only(db):
    habit = HabitFactory()
    told(habit, completed_at=NOON)

    def span(since: datetime, until: datetime, **fields) -> Span:
        return Span(
            **{"user_id": habit.user_id, "subject_id": habit.pk, **fields}, since=since, until=until
        )

    hour = timedelta(hours=1)
    around, before, after = (
        span(NOON - hour, NOON + hour),
        span(NOON - 2 * hour, NOON - hour),
        span(NOON + hour, NOON + 2 * hour),
    )
    strangers = span(NOON - hour, NOON + hour, user_id=uuid4())
    unknown = span(NOON - hour, NOON + hour, subject_id=uuid4())
    assert were_done([around, before, after, strangers, unknown]) == [
        True,
        False,
        False,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("status", "counts"), [("done", True), ("partial", True), ("skipped", False), ("missed", False)]
)
def test_only_doing_it_counts(db, status, counts):
    habit = HabitFactory()
    told(habit, status=status, completed_at=NOON)
    hour = timedelta(hours=1)
    assert were_done([Span(habit.user_id, habit.pk, NOON - hour, NOON + hour)]) == [counts]


def test_a_day_filled_in_later_counts_for_its_day(db):
    habit = HabitFactory()
    told(habit, WEDNESDAY)
    spans = [
        Span(habit.user_id, habit.pk, NOON + timedelta(days=days), EVENING + timedelta(days=days))
        for days in (-1, 0, 1)
    ]
    assert were_done(spans) == [False, True, False]


def test_many_spans_take_two_queries_and_none_takes_none(db):
    habits = [HabitFactory() for _ in range(5)]
    spans = [Span(habit.user_id, habit.pk, NOON, EVENING) for habit in habits]
    with CaptureQueriesContext(connection) as captured:
        assert were_done(spans) == [False] * 5
    assert len(captured) == 2
    assert were_done([]) == []
