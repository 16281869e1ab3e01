"""How much of what habits asked for was done, day by day."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from habits.adherence import day_shares, shares_between, told_between
from habits.cadence import Cadence, Span, cadence_of
from habits.evidence import DayMark, marks_of
from habits.models import CadenceKind, CompletionStatus, Habit, HabitCompletion, HabitPause

from .factories import HabitFactory

START = date(2026, 1, 5)  # a Monday
DONE, MISSED, SKIP = DayMark(1.0, True), DayMark(0.0, False), DayMark(0.0, False, True)
DAILY = Cadence(CadenceKind.DAILY, START)
EVERYBODY = (UUID(int=0), UUID(int=2**128 - 1))
CADENCES = st.one_of(
    st.just(DAILY),
    st.builds(
        lambda n: Cadence(CadenceKind.TIMES_PER_WEEK, START, times_per_week=n), st.integers(1, 7)
    ),
    st.builds(
        lambda days: Cadence(CadenceKind.WEEKDAYS, START, weekdays=frozenset(days)),
        st.sets(st.integers(0, 6), min_size=1),
    ),
    st.builds(lambda n: Cadence(CadenceKind.INTERVAL, START, interval_days=n), st.integers(2, 20)),
)
MARKS = st.lists(st.sampled_from([None, DONE, MISSED, SKIP, DayMark(0.5, True)]), max_size=60)


def day(offset: int) -> date:
    return START + timedelta(days=offset)


def shares(cadence: Cadence, marks: dict[date, DayMark], first: int, last: int) -> list[float]:
    return [share.fulfilled for share in day_shares(cadence, marks, day(first), day(last))]


def test_a_daily_habit_asks_every_day_and_a_chosen_weekday_itself() -> None:
    assert shares(DAILY, {day(0): DONE, day(2): DayMark(0.5, True)}, 0, 3) == [1, 0, 0.5, 0]
    mondays = Cadence(CadenceKind.WEEKDAYS, START, weekdays=frozenset({0}))
    assert shares(mondays, {day(0): DONE, day(1): DONE}, 0, 13) == [1, 0]


@pytest.mark.parametrize("weekdays", [(0, 2, 4), (1, 3, 5), (0, 1, 2)])
def test_three_times_a_week_is_on_course_whichever_days_it_is_lived_on(
    weekdays: tuple[int, ...],
) -> None:
    thrice = Cadence(CadenceKind.TIMES_PER_WEEK, START, times_per_week=3)
    done = {day(n): DONE for n in range(140) if n % 7 in weekdays}
    assert set(shares(thrice, done, 0, 139)) == {1.0}
    fewer = {day(n): DONE for n in range(140) if n % 7 in weekdays[:2]}
    assert sum(shares(thrice, fewer, 28, 139)) / 112 == pytest.approx(2 / 3, abs=0.01)


def test_what_can_still_be_done_in_the_first_week_is_not_missed() -> None:
    thrice = Cadence(CadenceKind.TIMES_PER_WEEK, START, times_per_week=3)
    assert shares(thrice, {}, 0, 3) == [1, 1, 1, 1]


@given(CADENCES, MARKS, st.integers(0, 40), st.integers(0, 20))
@settings(max_examples=60, deadline=None)
def test_skipped_and_paused_days_ask_for_nothing(
    cadence: Cadence, told: list[DayMark | None], first: int, length: int
) -> None:
    marks = {day(n): mark for n, mark in enumerate(told) if mark is not None}
    pause = Span(day(first), day(first + length))
    paused = replace(cadence, pauses=(pause,))
    for share in day_shares(paused, marks, START, day(60)):
        mark = marks.get(share.day)
        assert not (mark and mark.is_skipped)
        assert share.day not in pause or (mark and mark.credit > 0)
        assert 0 <= share.fulfilled <= 1
    # Nothing is lost by resting: the days beside a pause are worth what they are without it, or more.
    if cadence.kind in (CadenceKind.DAILY, CadenceKind.WEEKDAYS):
        without = {s.day: s.fulfilled for s in day_shares(cadence, marks, START, day(60))}
        for share in day_shares(paused, marks, START, day(60)):
            assert share.fulfilled >= without.get(share.day, 0)


@pytest.mark.django_db
def test_all_people_at_once_equal_each_habit_by_itself(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    kinds: list[dict[str, Any]] = [
        {"cadence": CadenceKind.DAILY},
        {"cadence": CadenceKind.TIMES_PER_WEEK, "times_per_week": 3},
        {"cadence": CadenceKind.WEEKDAYS, "weekdays": [0, 3]},
        {"cadence": CadenceKind.INTERVAL, "interval_days": 4},
    ]
    habits: list[Habit] = [HabitFactory(starts_on=START, **kind) for kind in kinds for _ in "ab"]
    statuses = list(CompletionStatus)
    HabitCompletion.objects.bulk_create(
        HabitCompletion(
            habit=habit,
            user=habit.user,
            local_date=day(n),
            status=statuses[(n * 7 + at) % 4],
            source="web",
        )
        for at, habit in enumerate(habits)
        for n in range(0, 60, at % 3 + 1)
    )
    HabitPause.objects.create(habit=habits[0], starts_on=day(20), ends_on=day(25))
    first, last = day(30), day(59)
    with django_assert_num_queries(2):
        together = list(shares_between(*EVERYBODY, first, last))
    slow = [
        (habit.user_id, share)
        for habit in habits
        for share in day_shares(cadence_of(habit), marks_of([habit])[habit.pk], first, last)
    ]
    assert sorted(together, key=repr) == sorted(slow, key=repr)
    assert sum(count for _, _, count in told_between(*EVERYBODY, START, day(1))) == sum(
        1 for at in range(len(habits)) for n in range(0, 60, at % 3 + 1) if n < 2
    )


@pytest.mark.django_db
def test_habits_that_are_put_away_or_planned_ask_for_nothing() -> None:
    for status in ("planned", "archived"):
        HabitFactory(starts_on=START, status=status)
    habit = HabitFactory(starts_on=START)
    days = list(shares_between(habit.user_id, habit.user_id, START, day(4)))
    assert [share.fulfilled for _, share in days] == [0] * 5
    assert list(shares_between(*EVERYBODY, START, day(4))) == days
