"""When a habit asks for something: against an independent reading of the same rules."""

from datetime import date, timedelta

import pytest
from dateutil import rrule
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from habits import cadence
from habits.cadence import Cadence, Span, due_given
from habits.models import CadenceKind, Habit, HabitCompletion, HabitPause, HabitStatus

from .factories import HabitFactory, UserFactory

START = date(2026, 1, 7)  # a Wednesday
DAYS = [START + timedelta(days=offset) for offset in range(-3, 120)]


def rule(kind=CadenceKind.DAILY, **fields):
    return Cadence(kind=kind, starts_on=START, **fields)


@given(weekdays=st.sets(st.integers(0, 6), min_size=1))
def test_weekdays_agree_with_an_independent_calendar(weekdays):
    oracle = rrule.rrule(rrule.DAILY, byweekday=sorted(weekdays), dtstart=START, until=DAYS[-1])
    expected = {moment.date() for moment in oracle}
    ours = rule(CadenceKind.WEEKDAYS, weekdays=frozenset(weekdays))
    assert {day for day in DAYS if due_given(ours, day, ())} == expected


@given(interval=st.integers(2, 40))
def test_an_interval_begins_where_an_independent_calendar_says(interval):
    oracle = rrule.rrule(rrule.DAILY, interval=interval, dtstart=START, until=DAYS[-1])
    ours = rule(CadenceKind.INTERVAL, interval_days=interval)
    starts = [span.starts_on for span in ours.occasions(DAYS[0], DAYS[-1])]
    assert starts == [moment.date() for moment in oracle]


@given(interval=st.integers(2, 10), done=st.sets(st.integers(0, 60)))
def test_an_interval_stays_due_until_done_and_its_anchor_does_not_move(interval, done):
    ours = rule(CadenceKind.INTERVAL, interval_days=interval)
    done_on = {START + timedelta(days=offset) for offset in done}
    for offset in range(60):
        first = offset - offset % interval
        expected = not any(earlier in done for earlier in range(first, offset))
        assert due_given(ours, START + timedelta(days=offset), done_on) == expected


@given(times=st.integers(1, 7), done=st.sets(st.integers(0, 60)))
def test_some_times_a_week_is_due_until_the_week_has_enough(times, done):
    ours = rule(CadenceKind.TIMES_PER_WEEK, times_per_week=times)
    done_on = {START + timedelta(days=offset) for offset in done}
    for offset in range(60):
        day = START + timedelta(days=offset)
        earlier = [d for d in done_on if d < day and d.isocalendar()[:2] == day.isocalendar()[:2]]
        assert due_given(ours, day, done_on) == (len(earlier) < times)


def test_nothing_is_asked_before_the_start_after_the_end_or_in_a_pause():
    ours = rule(ends_on=START + timedelta(days=9), pauses=(Span(START + timedelta(days=3)),))
    assert [due_given(ours, day, ()) for day in DAYS[:8]] == [False] * 3 + [True] * 3 + [False] * 2


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"cadence": "daily"}, "every day"),
        ({"cadence": "times_per_week", "times_per_week": 1}, "once a week"),
        ({"cadence": "times_per_week", "times_per_week": 3}, "3 times a week"),
        ({"cadence": "weekdays", "weekdays": [5, 0, 2]}, "Mon, Wed, Sat"),
        ({"cadence": "weekdays", "weekdays": [0, 1, 2, 3, 4]}, "on weekdays"),
        ({"cadence": "weekdays", "weekdays": [6]}, "every Sunday"),
        ({"cadence": "interval", "interval_days": 2}, "every other day"),
        ({"cadence": "interval", "interval_days": 10}, "every 10 days"),
    ],
)
def test_a_cadence_says_itself_in_words(fields, words):
    assert cadence.in_words(HabitFactory.build(user=None, **fields)) == words


HABITS = st.one_of(
    st.just({"cadence": "daily"}),
    st.builds(lambda n: {"cadence": "times_per_week", "times_per_week": n}, st.integers(1, 7)),
    st.builds(
        lambda days: {"cadence": "weekdays", "weekdays": sorted(days)},
        st.sets(st.integers(0, 6), min_size=1),
    ),
    st.builds(lambda n: {"cadence": "interval", "interval_days": n}, st.integers(2, 9)),
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    fields=HABITS,
    done=st.sets(st.integers(0, 20), max_size=8),
    pause=st.none() | st.tuples(st.integers(0, 20), st.none() | st.integers(0, 6)),
    ends=st.none() | st.integers(0, 25),
)
def test_one_query_says_the_same_as_asking_each_habit(db, fields, done, pause, ends):
    habit = HabitFactory(
        starts_on=START, ends_on=None if ends is None else START + timedelta(days=ends), **fields
    )
    HabitCompletion.objects.bulk_create(
        HabitCompletion(
            habit=habit,
            user=habit.user,
            local_date=START + timedelta(days=offset),
            status="done",
            source="web",
        )
        for offset in done
    )
    if pause:
        first = START + timedelta(days=pause[0])
        last = None if pause[1] is None else first + timedelta(days=pause[1])
        HabitPause.objects.create(habit=habit, starts_on=first, ends_on=last)
    mine = Habit.objects.for_user(habit.user)
    habit.refresh_from_db()
    for offset in range(-2, 24, 3):
        day = START + timedelta(days=offset)
        assert mine.due_on(day).exists() == cadence.is_due(habit, day), day


@pytest.mark.django_db
def test_what_is_planned_put_away_deleted_or_somebody_elses_is_not_due(django_assert_num_queries):
    user = UserFactory()
    due = HabitFactory(user=user, starts_on=START)
    HabitFactory(user=user, starts_on=START, status=HabitStatus.PLANNED)
    HabitFactory(user=user, starts_on=START, status=HabitStatus.ARCHIVED)
    HabitFactory(user=user, starts_on=START, deleted_at="2026-01-08T00:00Z")
    HabitFactory(starts_on=START)
    with django_assert_num_queries(1):
        assert cadence.due_on(user, START) == [due]
