"""Ticking, unticking, partly, skipping: once, whoever asks and however often."""

import threading
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from accounts.consent import set_consent
from accounts.day import local_day
from accounts.models import ConsentKind, ConsentSource
from coaching.models.ledger import RawBehavioralLog
from habits import completions, pauses, standing
from habits.completions import CompletionRefused
from habits.models import Habit, HabitCompletion, HabitStatus, UserStreak

from .factories import HabitFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    user = UserFactory()
    set_consent(user, ConsentKind.BEHAVIORAL_TRACKING, True, ConsentSource.WEB)
    return user


@pytest.fixture
def today(person):
    return local_day(person)


@pytest.fixture
def habit(person, today):
    return HabitFactory(user=person, starts_on=today - timedelta(days=30))


def told(user):
    return list(
        RawBehavioralLog.objects.filter(user=user)
        .order_by("id")
        .values_list("interaction_type", flat=True)
    )


def test_a_tick_makes_a_row_a_ledger_entry_and_a_standing(person, habit, today):
    row = completions.complete(person, habit, today, source="web")
    assert (row.status, row.local_date) == ("done", today)
    assert row.completed_at is not None
    assert told(person) == ["habit.completed"]
    assert UserStreak.objects.get(habit=habit).current == 1


def test_ticking_twice_counts_once(person, habit, today):
    first = completions.complete(person, habit, today, source="web")
    assert completions.complete(person, habit, today, source="api") == first
    assert told(person) == ["habit.completed"]


def test_done_undone_and_done_again_is_three_entries_and_one_row(person, habit, today):
    completions.complete(person, habit, today, source="web")
    assert completions.undo(person, habit, today)
    assert not completions.undo(person, habit, today)
    completions.complete(person, habit, today, source="web")
    assert told(person) == ["habit.completed", "habit.undone", "habit.completed"]
    assert habit.completions.count() == 1


def test_partly_then_done_then_partly_is_told_each_time(person, habit, today):
    for status in ("partial", "done", "partial"):
        completions.complete(person, habit, today, status=status, source="web")
    assert told(person) == ["habit.partial", "habit.completed", "habit.partial"]


def test_undoing_takes_the_streak_back(person, habit, today):
    for back in (2, 1, 0):
        completions.complete(person, habit, today - timedelta(days=back), source="web")
    before = UserStreak.objects.get(habit=habit)
    completions.undo(person, habit, today - timedelta(days=1))
    after = UserStreak.objects.get(habit=habit)
    assert (before.current, after.current) == (3, 1)
    assert after.strength < before.strength


def test_a_skip_keeps_its_reason_and_breaks_nothing(person, habit, today):
    completions.complete(person, habit, today - timedelta(days=2), source="web")
    row = completions.skip(person, habit, today - timedelta(days=1), reason="ill", source="web")
    completions.complete(person, habit, today, source="web")
    assert (row.status, row.reason) == ("skipped", "ill")
    assert UserStreak.objects.get(habit=habit).current == 2


def test_yesterdays_tick_belongs_to_yesterday(person, habit, today):
    yesterday = today - timedelta(days=1)
    row = completions.complete(person, habit, yesterday, source="web")
    assert row.completed_at is None
    entry = RawBehavioralLog.objects.get(user=person)
    assert local_day(person, entry.occurred_at) == yesterday


def test_an_amount_decides_the_status(person, today):
    habit = HabitFactory(
        user=person, starts_on=today, measure="at_least", target_value=20, unit="pages"
    )
    row = completions.complete(person, habit, today, value=Decimal(8), source="web")
    assert row.status == "partial"
    row = completions.complete(person, habit, today, value=Decimal(20), source="web")
    assert row.status == "done"


def test_an_amount_over_twice_the_limit_is_a_miss(person, today):
    habit = HabitFactory(user=person, starts_on=today, measure="at_most", target_value=2)
    row = completions.complete(person, habit, today, value=Decimal(5), source="web")
    assert row.status == "missed"


def test_days_to_come_and_before_the_start_are_refused(person, habit, today):
    for day in (today + timedelta(days=1), habit.starts_on - timedelta(days=1)):
        with pytest.raises(CompletionRefused):
            completions.complete(person, habit, day, source="web")


@pytest.mark.parametrize("status", [HabitStatus.ARCHIVED, HabitStatus.PLANNED])
def test_a_habit_that_does_not_run_is_refused(person, habit, today, status):
    Habit.objects.filter(pk=habit.pk).update(status=status)
    with pytest.raises(CompletionRefused):
        completions.complete(person, habit, today, source="web")


def test_a_stranger_cannot_tick(habit, today):
    with pytest.raises(Habit.DoesNotExist):
        completions.complete(UserFactory(), habit, today, source="web")


def test_without_consent_the_tick_stands_and_nothing_is_recorded(today):
    habit = HabitFactory(starts_on=today - timedelta(days=3))
    completions.complete(habit.user, habit, today - timedelta(days=1), source="web")
    assert habit.completions.count() == 1
    assert told(habit.user) == []


def test_the_day_is_the_persons_own(person, habit):
    person.timezone = "Pacific/Auckland"
    person.save()
    late = datetime(
        2026, 3, 1, 13, 30, tzinfo=UTC
    )  # 02:30 on the 2nd there: before their day starts
    assert local_day(person, late) == date(2026, 3, 1)


def test_a_tick_takes_few_queries(person, habit, today):
    yesterday = today - timedelta(days=1)
    completions.complete(person, habit, yesterday, source="web")  # makes the first scoring version
    with CaptureQueriesContext(connection) as queries:
        completions.complete(person, habit, today, source="web")
    asked = [q["sql"] for q in queries if "SAVEPOINT" not in q["sql"]]
    assert len(asked) <= 9, asked  # two of them derive what counts towards momentum


def test_a_pause_leaves_strength_and_streak(person, habit, today):
    for back in range(10, 0, -1):
        completions.complete(person, habit, today - timedelta(days=back), source="web")
    before = standing.standings([habit], today)[habit.pk]
    pauses.pause(person, habit, source="web")
    later = today + timedelta(days=40)
    habit = Habit.objects.get(pk=habit.pk)
    assert habit.status == HabitStatus.PAUSED
    rested = standing.standings([habit], later)[habit.pk]
    assert (rested.strength, rested.current) == (before.strength, before.current)
    pauses.resume(person, habit, source="web", today=later)
    assert Habit.objects.for_user(person).due_on(later).exists()


def test_the_first_read_of_a_day_computes_and_the_second_reads(
    person, habit, today, django_assert_num_queries
):
    completions.complete(person, habit, today, source="web")
    tomorrow = today + timedelta(days=1)
    fresh = standing.standings([habit], tomorrow)[habit.pk]
    with django_assert_num_queries(1):
        assert standing.standings([habit], tomorrow)[habit.pk] == fresh


def in_parallel(*acts):
    """Runs each act in a thread of its own, with a connection of its own, at the same moment."""
    barrier = threading.Barrier(len(acts))
    failures = []

    def run(act):
        try:
            barrier.wait()
            act()
        except Exception as failure:
            failures.append(failure)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


@pytest.mark.django_db(transaction=True)
def test_two_fast_clicks_on_two_connections_count_once():
    user = UserFactory()
    set_consent(user, ConsentKind.BEHAVIORAL_TRACKING, True, ConsentSource.WEB)
    today = local_day(user)
    habit = HabitFactory(user=user, starts_on=today)
    for _ in range(5):
        in_parallel(*[lambda: completions.complete(user, habit, today, source="web")] * 3)
    assert HabitCompletion.objects.filter(habit=habit).count() == 1
    assert told(user) == ["habit.completed"]
    assert UserStreak.objects.get(habit=habit).current == 1


@pytest.mark.django_db(transaction=True)
def test_ticks_of_two_days_at_once_leave_a_right_streak():
    user = UserFactory()
    today = local_day(user)
    habit = HabitFactory(user=user, starts_on=today - timedelta(days=5))
    in_parallel(
        *[
            lambda back=back: completions.complete(
                user, habit, today - timedelta(days=back), source="web"
            )
            for back in range(4)
        ]
    )
    assert UserStreak.objects.get(habit=habit).current == 4
