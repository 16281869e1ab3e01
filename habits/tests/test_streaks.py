"""Streaks: in the habit's own occasions, bridged by freezes, deaf to skips."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from habits.cadence import Cadence, Span
from habits.evidence import DayMark
from habits.models import CadenceKind
from habits.streaks import Outcome, occasions_of, streak_given, with_freezes

START = date(2026, 1, 5)  # a Monday
DONE = DayMark(1.0, True)
SKIP = DayMark(0.0, False, True)
DAILY = Cadence(CadenceKind.DAILY, START)
THRICE = Cadence(CadenceKind.TIMES_PER_WEEK, START, times_per_week=3)


def day(offset):
    return START + timedelta(days=offset)


def marks(offsets, mark=DONE):
    return {day(offset): mark for offset in offsets}


def test_days_in_a_row_count_and_today_is_still_open():
    streak = streak_given(DAILY, marks(range(5)), day(5))
    assert (streak.current, streak.longest, streak.in_words()) == (5, 5, "5 days in a row")


def test_a_miss_without_a_freeze_ends_the_run():
    streak = streak_given(DAILY, marks([0, 1, 2, 4]), day(4))
    assert (streak.current, streak.longest) == (1, 3)


def test_seven_kept_days_earn_a_freeze_which_bridges_one_miss():
    streak = streak_given(DAILY, marks([*range(7), 8, 9]), day(9))
    assert (streak.current, streak.freezes_left, streak.frozen) == (9, 0, (day(7),))


def test_at_most_two_freezes_are_held():
    assert streak_given(DAILY, marks(range(60)), day(60)).freezes_left == 2


def test_a_skip_is_neutral():
    streak = streak_given(DAILY, marks([0, 1, 3]) | marks([2], SKIP), day(3))
    assert (streak.current, streak.freezes_left) == (3, 0)


def test_a_pause_is_neutral():
    rule = Cadence(CadenceKind.DAILY, START, pauses=(Span(day(2), day(30)),))
    assert streak_given(rule, marks([0, 1, 31]), day(31)).current == 3


def test_a_weekly_habit_counts_weeks_whatever_the_days():
    streak = streak_given(THRICE, marks([0, 1, 2, 9, 11, 13, 14]), day(15))
    assert (streak.current, streak.in_words()) == (2, "2 weeks in a row")


def test_a_week_with_too_little_ends_the_run_only_when_it_is_over():
    done = marks([0, 1, 2, 9])
    assert streak_given(THRICE, done, day(13)).current == 1
    assert streak_given(THRICE, done, day(14)).current == 0


def test_a_week_that_began_before_the_habit_asks_for_the_days_that_were_left():
    late = Cadence(CadenceKind.TIMES_PER_WEEK, day(5), times_per_week=3)
    assert streak_given(late, marks([5, 6]), day(6)).current == 1


def test_an_interval_is_kept_on_any_day_of_its_stretch():
    rule = Cadence(CadenceKind.INTERVAL, START, interval_days=3)
    assert streak_given(rule, marks([2, 3, 7]), day(8)).current == 3


def test_days_that_are_not_asked_for_are_not_missed():
    rule = Cadence(CadenceKind.WEEKDAYS, START, weekdays=frozenset({0, 3}))
    assert streak_given(rule, marks([0, 3, 7, 10]), day(12)).current == 4


def test_a_freeze_is_not_spent_before_there_is_a_run_to_save():
    occasions, reserve, _ = with_freezes(occasions_of(DAILY, marks(range(10, 17)), START, day(17)))
    assert reserve == 1
    assert not [occasion for occasion in occasions if occasion.outcome is Outcome.FROZEN]


@given(done=st.sets(st.integers(0, 60)), skipped=st.sets(st.integers(0, 60)))
def test_the_current_run_never_exceeds_the_longest_nor_what_was_done(done, skipped):
    history = marks(skipped, SKIP) | marks(done)
    streak = streak_given(DAILY, history, day(60))
    assert 0 <= streak.current <= streak.longest <= streak.total_done == len(done)
    assert 0 <= streak.freezes_left <= 2


@settings(max_examples=400)
@given(done=st.sets(st.integers(0, 40), min_size=10), extra=st.integers(0, 40))
def test_one_more_kept_day_never_shortens_the_run(done, extra):
    assert (
        streak_given(DAILY, marks(done | {extra}), day(40)).current
        >= streak_given(DAILY, marks(done), day(40)).current
    )


def test_a_freeze_that_could_not_save_the_run_is_kept():
    streak = streak_given(DAILY, marks([*range(7), 11, 12]), day(12))
    assert (streak.current, streak.freezes_left, streak.frozen) == (2, 1, ())


def test_the_longest_run_does_not_shrink_when_a_later_one_breaks():
    done = marks([*range(7), *range(8, 12)])
    assert streak_given(DAILY, done, day(12)).longest == 11
    assert streak_given(DAILY, done, day(20)).longest == 11
