"""Plans through their life: proposed, changed, accepted once, taken back, held, opened, completed."""

import threading
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.utils import timezone

from accounts.consent import set_consent
from accounts.day import local_day
from accounts.models import ConsentKind, ConsentSource, User
from coaching.models.ledger import RawBehavioralLog
from habits import pauses, phases, sequences, tasks
from habits.completions import complete
from habits.models import (
    Goal,
    Habit,
    HabitCompletion,
    HabitSequence,
    HabitStack,
    HabitStatus,
    PhaseHabit,
)
from habits.planning import CONFIG, plan
from habits.sequences import SequenceRefused

from .factories import UserFactory

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 3, 2)


@pytest.fixture
def user():
    user = UserFactory(locale="en-US")
    set_consent(user, ConsentKind.BEHAVIORAL_TRACKING, True, ConsentSource.WEB)
    return user


@pytest.fixture
def today(user):
    return local_day(user)


@pytest.fixture
def proposal(user, today):
    draft = plan("run a 5K in 3 months, 45 minutes a day", user=user, today=today)
    return sequences.save_draft(user, draft, call_id="call-1")


def told(user, what):
    return RawBehavioralLog.objects.filter(user=user, interaction_type=what).count()


def live(sequence, key):
    """A habit of the plan as it is now."""
    return sequences.habits_of(sequence).get(catalogue_slug=key)


def do(habit, first, days, weekdays=None):
    """Ticks `habit` on `days` days from `first`, written as history."""
    for offset in range(days):
        day = first + timedelta(days=offset)
        if weekdays is None or day.weekday() in weekdays:
            HabitCompletion.objects.get_or_create(
                habit=habit,
                user_id=habit.user_id,
                local_date=day,
                ordinal=1,
                defaults={"status": "done", "source": "web"},
            )


def test_the_same_call_makes_one_proposal(user, proposal):
    draft = sequences.draft_of(proposal)
    assert sequences.save_draft(user, draft, call_id="call-1").pk == proposal.pk
    assert HabitSequence.objects.count() == 1


def test_accepting_makes_everything_once(user, proposal):
    sequences.accept(user, proposal)
    again = sequences.accept(user, proposal)
    draft = sequences.draft_of(proposal)
    assert again.status == "active"
    assert Goal.objects.filter(user=user).count() == 1
    assert Habit.objects.filter(user=user).count() == len(draft.keys)
    assert again.phases.count() == len(draft.phases)
    assert PhaseHabit.objects.count() == sum(len(p.habits) for p in draft.phases)
    assert HabitStack.objects.count() == len(draft.keys)
    assert told(user, "plan.accepted") == 1


def test_only_the_first_habits_run_at_once(user, proposal):
    sequences.accept(user, proposal)
    assert live(proposal, "run-walk").status == HabitStatus.ACTIVE
    assert live(proposal, "runner-strength").status == HabitStatus.PLANNED
    assert live(proposal, "easy-run").status == HabitStatus.PLANNED


def test_the_first_day_asks_for_what_the_plan_said(user, proposal):
    sequences.accept(user, proposal)
    draft = sequences.draft_of(proposal)
    due = Habit.objects.for_user(user).due_on(draft.starts_on)
    expected = {
        h.key
        for h in draft.phases[0].habits
        if h.introduction_day == 1 and draft.starts_on.weekday() in h.on_days
    }
    assert {habit.catalogue_slug for habit in due} == expected


@pytest.mark.django_db(transaction=True)
def test_two_acceptances_at_once_make_one_set_of_rows(user, proposal):
    results, barrier = [], threading.Barrier(2)

    def accept():
        try:
            barrier.wait()
            results.append(sequences.accept(user, proposal).status)
        finally:
            connection.close()

    threads = [threading.Thread(target=accept) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == ["active", "active"]
    assert Goal.objects.filter(user=user).count() == 1
    assert Habit.objects.filter(user=user).count() == len(sequences.draft_of(proposal).keys)


def test_an_old_proposal_begins_on_the_day_it_is_accepted(user, today):
    draft = plan("drink more water", user=user, today=today - timedelta(days=10))
    sequence = sequences.accept(user, sequences.save_draft(user, draft))
    assert sequence.phases.earliest("phase_number").start_date == today


def test_declining_keeps_the_reason_and_makes_nothing(user, proposal):
    sequences.decline(user, proposal, "Too much")
    again = sequences.decline(user, proposal, "Other words")
    assert sequences.state_of(again) == "declined"
    assert again.decline_reason == "Too much"
    assert not Habit.objects.filter(user=user).exists()
    assert told(user, "plan.declined") == 1
    with pytest.raises(SequenceRefused):
        sequences.accept(user, proposal)


def test_dropping_a_habit_makes_the_proposal_anew(user, proposal):
    revised = sequences.revise(user, proposal, {"drop": ["runner-strength"], "minutes_per_day": 30})
    draft = sequences.draft_of(revised)
    assert "runner-strength" not in draft.keys
    assert all(minutes <= 30 for phase in draft.phases for minutes in phase.day_minutes)
    back = sequences.draft_of(sequences.revise(user, proposal, {"keep": ["runner-strength"]}))
    assert "runner-strength" in back.keys


def test_swapping_a_habit(user, proposal):
    draft = sequences.draft_of(
        sequences.revise(user, proposal, {"swap": {"runner-strength": "strength-circuit"}})
    )
    assert "strength-circuit" in draft.keys
    assert "runner-strength" not in draft.keys
    with pytest.raises(SequenceRefused, match="do not know"):
        sequences.revise(user, proposal, {"swap": {"run-walk": "flying"}})


def test_a_later_start_moves_the_plan(user, proposal, today):
    day = today + timedelta(days=20)
    draft = sequences.draft_of(sequences.revise(user, proposal, {"starts_on": day}))
    assert draft.starts_on == day
    with pytest.raises(SequenceRefused, match="three months"):
        sequences.revise(user, proposal, {"starts_on": today + timedelta(days=400)})


def test_an_accepted_plan_is_not_revised(user, proposal):
    sequences.accept(user, proposal)
    with pytest.raises(SequenceRefused):
        sequences.revise(user, proposal, {"minutes_per_day": 20})


def test_an_acceptance_can_be_taken_back_while_nothing_was_ticked(user, proposal):
    sequences.accept(user, proposal)
    back = sequences.take_back(user, proposal)
    assert sequences.state_of(back) == "draft"
    assert not Habit.objects.for_user(user).exists()
    assert not Goal.objects.for_user(user).exists()
    assert sequences.accept(user, proposal).status == "active"
    assert Goal.objects.for_user(user).count() == 1


def test_a_client_that_saw_the_accepted_plan_hears_that_it_is_gone(user, proposal):
    sequences.accept(user, proposal)
    seen = Habit.objects.latest("updated_at").updated_at
    sequences.take_back(user, proposal)
    gone = Habit.objects.filter(user=user, deleted_at__isnull=False, updated_at__gt=seen)
    assert gone.count() == Habit.objects.filter(user=user).count() > 0
    assert Goal.objects.get(user=user).deleted_at


def test_after_a_tick_or_ten_minutes_it_cannot(user, proposal):
    sequence = sequences.accept(user, proposal)
    habit = live(sequence, "run-walk")
    do(habit, habit.starts_on, 1)
    with pytest.raises(SequenceRefused, match="ticked"):
        sequences.take_back(user, sequence)
    HabitCompletion.objects.all().delete()
    HabitSequence.objects.update(
        decided_at=timezone.now() - timedelta(minutes=CONFIG.undo_minutes + 1)
    )
    with pytest.raises(SequenceRefused, match="minutes"):
        sequences.take_back(user, sequence)


def test_pausing_rests_the_habits_and_resuming_brings_them_back(user, proposal):
    sequence = sequences.accept(user, proposal)
    sequences.pause(user, sequence)
    assert sequences.pause(user, sequence).status == "paused"
    assert live(sequence, "run-walk").status == HabitStatus.PAUSED
    sequences.resume(user, sequence)
    assert live(sequence, "run-walk").status == HabitStatus.ACTIVE


def test_what_the_person_rested_themselves_sleeps_on_when_the_plan_comes_back(user, proposal):
    sequence = sequences.accept(user, proposal)
    by_hand = live(sequence, "run-walk")
    pauses.pause(user, by_hand, source="web")
    sequences.pause(user, sequence)
    sequences.resume(user, sequence)
    by_hand.refresh_from_db()
    assert by_hand.status == HabitStatus.PAUSED
    others = sequences.habits_of(sequence).exclude(pk=by_hand.pk)
    assert not others.filter(status=HabitStatus.PAUSED).exists()


def test_a_habit_rested_by_hand_while_the_plan_rests_is_the_persons_own_rest(user, proposal):
    sequence = sequences.accept(user, proposal)
    sequences.pause(user, sequence)
    pauses.pause(user, live(sequence, "run-walk"), source="web")
    sequences.resume(user, sequence)
    assert live(sequence, "run-walk").status == HabitStatus.PAUSED


def test_letting_go_puts_the_habits_away_or_keeps_them(user, proposal):
    sequence = sequences.accept(user, proposal)
    sequences.abandon(user, sequence)
    assert sequences.state_of(HabitSequence.objects.get()) == "abandoned"
    assert live(sequence, "run-walk").status == HabitStatus.ARCHIVED


def test_letting_go_can_keep_what_runs(user, proposal):
    sequence = sequences.accept(user, proposal)
    sequences.abandon(user, sequence, keep_habits=True)
    assert live(sequence, "run-walk").status == HabitStatus.ACTIVE
    assert live(sequence, "easy-run").status == HabitStatus.ARCHIVED


def test_an_unanswered_proposal_expires(user, proposal):
    HabitSequence.objects.update(expires_at=timezone.now() - timedelta(hours=1))
    proposal.refresh_from_db()
    assert sequences.state_of(proposal) == "expired"
    with pytest.raises(SequenceRefused, match="expired"):
        sequences.accept(user, proposal)
    assert tasks.expire_plan_drafts() == 1
    assert tasks.expire_plan_drafts() == 0
    proposal.refresh_from_db()
    assert sequences.state_of(proposal) == "expired"


# --- Phases ---------------------------------------------------------------------------------------
@pytest.fixture
def running(user):
    """A running plan as if accepted on a Monday in spring, in the person's own days."""
    draft = plan(
        "run a 5K in 3 months, 45 minutes a day", user=user, today=MONDAY, starts_on=MONDAY
    )
    return sequences.accept(user, sequences.save_draft(user, draft), today=MONDAY)


def test_habits_start_on_their_day(user, running):
    phases.open_due_phases(user, MONDAY + timedelta(days=13))
    assert live(running, "runner-strength").status == HabitStatus.PLANNED
    phases.open_due_phases(user, MONDAY + timedelta(days=14))
    habit = live(running, "runner-strength")
    assert habit.status == HabitStatus.ACTIVE
    assert habit.starts_on == MONDAY + timedelta(days=14)
    assert told(user, "plan.habit_introduced") == 1
    phases.open_due_phases(user, MONDAY + timedelta(days=14))
    assert told(user, "plan.habit_introduced") == 1


def test_a_firm_habit_opens_the_next_phase_and_grows(user, running):
    first, second = running.phases.all()[:2]
    do(live(running, "run-walk"), MONDAY, 35, {0, 2, 5})
    day = MONDAY + timedelta(days=34)
    assert [phase.pk for phase in phases.open_due_phases(user, day)] == [second.pk]
    first.refresh_from_db()
    second.refresh_from_db()
    assert first.completed_at
    assert second.start_date == day + timedelta(days=1)
    assert phases.open_due_phases(user, day) == []
    phases.open_due_phases(user, second.start_date)
    assert live(running, "long-run").status == HabitStatus.ACTIVE
    assert len(live(running, "run-walk").weekdays) == 2
    assert told(user, "plan.phase_opened") == 1


def test_a_growing_plan_leaves_the_persons_own_changes_alone(user, running):
    habit = live(running, "run-walk")
    Habit.objects.filter(pk=habit.pk).update(name="Jog by the river", weekdays=[1, 3, 6])
    do(habit, MONDAY, 35, {1, 3, 6})
    opened = phases.open_due_phases(user, MONDAY + timedelta(days=34))
    phases.open_due_phases(user, opened[0].start_date)
    habit.refresh_from_db()
    assert habit.name == "Jog by the river"
    assert habit.weekdays == [1, 3, 6]
    assert habit.duration_minutes == 38


def test_a_shaky_habit_holds_the_phase_kindly(user, running):
    first, second = running.phases.all()[:2]
    do(live(running, "run-walk"), MONDAY, 10, {0, 2, 5})
    day = first.end_date + timedelta(days=1)
    planned = second.start_date
    assert phases.open_due_phases(user, day) == []
    first.refresh_from_db()
    second.refresh_from_db()
    assert first.weeks_added == 1
    assert first.end_date >= day
    assert second.start_date == planned + timedelta(weeks=1)
    assert second.opened_at is None
    phases.open_due_phases(user, day)
    first.refresh_from_db()
    assert first.weeks_added == 1
    gate = phases.gate_of(first, day)
    assert not gate.is_open
    assert "Holding here another week" in gate.hold_in_words()
    assert "of 60%" in gate.in_words()
    assert told(user, "plan.phase_held") == 1


def test_a_phase_does_not_open_before_its_least_weeks(user, running):
    habit = live(running, "run-walk")
    do(habit, MONDAY - timedelta(days=60), 80)
    Habit.objects.filter(pk=habit.pk).update(starts_on=MONDAY - timedelta(days=60))
    assert phases.open_due_phases(user, MONDAY + timedelta(days=14)) == []


def test_the_last_gate_completes_the_plan(user, running):
    day = MONDAY
    for _ in range(40):
        day += timedelta(days=7)
        for habit in sequences.habits_of(running).filter(status=HabitStatus.ACTIVE):
            do(habit, day - timedelta(days=6), 7)
        phases.open_due_phases(user, day)
        running.refresh_from_db()
        if running.status == "completed":
            break
    assert running.status == "completed"
    assert running.goal.percent_complete == 100
    assert told(user, "plan.completed") == 1
    assert live(running, "easy-run").status == HabitStatus.ACTIVE
    assert live(running, "run-walk").status == HabitStatus.ARCHIVED


def test_a_habit_put_away_by_the_person_holds_nothing_up(user, running):
    Habit.objects.filter(user=user).update(status=HabitStatus.ARCHIVED)
    gate = phases.gate_of(running.phases.first(), MONDAY + timedelta(days=40))
    assert gate.is_open


def test_small_habits_grow_after_two_weeks(user):
    draft = plan("get fit, 30 minutes a day", user=user, today=MONDAY, starts_on=MONDAY)
    running = sequences.accept(user, sequences.save_draft(user, draft), today=MONDAY)
    habit = live(running, "brisk-walk")
    assert habit.size == "two_minute"
    do(habit, MONDAY, 14)
    phases.open_due_phases(user, MONDAY + timedelta(days=14))
    habit.refresh_from_db()
    assert habit.size == "regular"
    assert habit.duration_minutes > 5


def test_the_hourly_task_serves_everybody(user, running):
    tasks.open_due_phases()
    assert told(user, "plan.phase_held") == 1 or running.phases.first().weeks_added == 0


def test_one_persons_trouble_keeps_nobody_else_waiting(today):
    people = [UserFactory.create() for _ in range(2)]
    start = today - timedelta(days=40)
    plans = []
    for somebody in people:
        draft = plan("drink more water", user=somebody, today=start, starts_on=start)
        proposal = sequences.save_draft(somebody, draft)
        plans.append(sequences.accept(somebody, proposal, today=start))
    User.objects.filter(pk=people[0].pk).update(timezone="Mars/Crater")
    tasks.open_due_phases()
    assert plans[1].phases.get(phase_number=1).weeks_added


def test_a_paused_plan_is_left_alone(user, running):
    sequences.pause(user, running)
    assert phases.open_due_phases(user, MONDAY + timedelta(days=100)) == []
    assert running.phases.first().weeks_added == 0


def test_a_tick_opens_what_was_waiting_for_it(user, today, django_capture_on_commit_callbacks):
    start = today - timedelta(days=40)
    draft = plan("drink more water", user=user, today=start, starts_on=start)
    running = sequences.accept(user, sequences.save_draft(user, draft), today=start)
    habit = live(running, "water-glass")
    do(habit, start, 40)
    with django_capture_on_commit_callbacks(execute=True):
        complete(user, habit, today, source="web", value=Decimal(6))
    assert running.phases.get(phase_number=2).opened_at
