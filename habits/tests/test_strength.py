"""Habit strength: the published figures, and the promises about every history."""

from datetime import date, timedelta
from decimal import Decimal
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habits.cadence import Cadence, Span
from habits.evidence import DayMark, fulfilment, marks_from
from habits.models import CadenceKind
from habits.strength import curve, strength_given, strength_now, strength_of

from .factories import HabitFactory

START = date(2026, 1, 5)  # a Monday
DONE = DayMark(1.0, True)
SKIP = DayMark(0.0, False, True)
DAILY = Cadence(CadenceKind.DAILY, START)
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
CREDITS = st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0]), max_size=90)


def day(offset):
    return START + timedelta(days=offset)


def marks(offsets):
    return {day(offset): DONE for offset in offsets}


@pytest.mark.parametrize(("days", "strength"), [(13, 0.50), (30, 0.80), (66, 0.97)])
def test_a_daily_habit_grows_as_published(days, strength):
    assert strength_given(DAILY, marks(range(days)), day(days - 1)) == pytest.approx(
        strength, abs=0.005
    )


def test_one_miss_after_89_days_costs_a_little():
    done = marks(range(89))
    assert strength_given(DAILY, done, day(88)) == pytest.approx(0.991, abs=0.0005)
    assert strength_given(DAILY, done, day(89)) == pytest.approx(0.940, abs=0.0005)


def test_two_of_three_a_week_converge_to_two_thirds():
    rule = Cadence(CadenceKind.TIMES_PER_WEEK, START, times_per_week=3)
    done = marks(offset for offset in range(700) if offset % 7 in (1, 4))
    assert strength_given(rule, done, day(699)) == pytest.approx(2 / 3, abs=0.01)


def test_all_asked_for_converges_to_one_for_every_cadence():
    for rule, keeps in (
        (Cadence(CadenceKind.TIMES_PER_WEEK, START, times_per_week=3), {0, 2, 5}),
        (Cadence(CadenceKind.WEEKDAYS, START, weekdays=frozenset({1, 6})), {1, 6}),
        (Cadence(CadenceKind.INTERVAL, START, interval_days=7), {3}),
    ):
        done = marks(offset for offset in range(900) if offset % 7 in keeps)
        assert strength_given(rule, done, day(899)) > 0.97


@pytest.mark.parametrize(
    ("measure", "amount", "expected"),
    [
        ("at_least", 0, 0), ("at_least", 5, 0.5), ("at_least", 30, 1),
        ("at_most", 0, 1), ("at_most", 10, 1), ("at_most", 15, 0.5), ("at_most", 40, 0),
    ],
)  # fmt: skip
def test_amounts_count_against_their_target(measure, amount, expected):
    assert fulfilment(measure, amount, 10) == expected


def test_the_amounts_of_a_day_add_up():
    rows = [(START, "partial", Decimal(4)), (START, "partial", Decimal(5))]
    assert marks_from("at_least", Decimal(10), rows)[START].credit == pytest.approx(0.9)


@given(rule=CADENCES, credits=CREDITS, length=st.integers(0, 40))
def test_skipped_and_paused_days_leave_it_unchanged(rule, credits, length):
    history = {day(i): DayMark(c, c > 0) for i, c in enumerate(credits)}
    before = strength_given(rule, history, day(len(credits) - 1))
    rests = range(len(credits), len(credits) + length)
    skipped = history | {day(i): SKIP for i in rests}
    assert strength_given(rule, skipped, day(len(credits) + length - 1)) == before
    pause = Span(day(len(credits)))
    paused = Cadence(
        rule.kind, START, None, rule.times_per_week, rule.weekdays, rule.interval_days, (pause,)
    )
    assert strength_given(paused, history, day(len(credits) + length - 1)) == before


@given(rule=CADENCES, credits=CREDITS)
def test_it_stays_between_nothing_and_one(rule, credits):
    history = {day(i): DayMark(c, c > 0) for i, c in enumerate(credits)}
    assert all(0 <= point <= 1 for point in curve(rule, history, day(len(credits) + 10)))


@given(
    rule=CADENCES,
    done=st.sets(st.integers(0, 80)),
    more=st.sets(st.integers(0, 80)),
    pause=st.none() | st.tuples(st.integers(0, 60), st.integers(0, 20)),
)
def test_doing_more_never_weakens_a_habit(rule, done, more, pause):
    if pause:
        span = Span(day(pause[0]), day(pause[0] + pause[1]))
        rule = Cadence(
            rule.kind, START, None, rule.times_per_week, rule.weekdays, rule.interval_days, (span,)
        )
        more = {offset for offset in more if day(offset) not in span}
    less = curve(rule, marks(done), day(80))
    assert all(
        a <= b + 1e-12 for a, b in zip(less, curve(rule, marks(done | more), day(80)), strict=True)
    )


@given(rows=st.permutations([(day(i), s, None) for i in range(6) for s in ("done", "skipped")]))
def test_the_order_of_arrival_does_not_matter(rows):
    assert marks_from("yes_no", None, rows) == marks_from("yes_no", None, sorted(rows))


def test_today_is_not_a_miss_before_it_is_over():
    done = marks(range(20))
    assert strength_now(DAILY, done, day(20)) == strength_given(DAILY, done, day(19))
    assert strength_now(DAILY, done | marks([20]), day(20)) > strength_now(DAILY, done, day(20))


def test_nothing_changes_after_the_end():
    rule = Cadence(CadenceKind.DAILY, START, day(9))
    assert strength_given(rule, marks(range(10)), day(400)) > 0.3


@pytest.mark.slow
def test_two_years_are_computed_quickly(record_property):
    history = marks(offset for offset in range(730) if offset % 5)
    started = perf_counter()
    for _ in range(50):
        curve(DAILY, history, day(729))
    record_property("milliseconds", (perf_counter() - started) * 20)


@pytest.mark.django_db
def test_a_new_habit_has_no_strength():
    assert strength_of(HabitFactory(), START) == 0.0
