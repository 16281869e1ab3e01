"""From a habit that is due to a message, a tick, a reward, and what is learned from it."""

from datetime import timedelta

import pytest
from django.core.management import call_command

from coaching.models import (
    CoachMessage,
    DeliveryState,
    MessageCause,
    NudgeDecision,
    NudgePosterior,
    Reason,
)
from coaching.outreach import outbox
from coaching.outreach.nudging import decide_round, resolve_rewards, update_posteriors
from coaching.outreach.tests.nudge_world import SPEAK, TODAY, a_person, moment_of, steadily_active
from habits.models import Habit, HabitCompletion

from .factories import HabitFactory


@pytest.fixture
def habit(db: None) -> Habit:
    call_command("load_message_templates", verbosity=0)
    person = a_person()
    steadily_active(person, moment_of(person))
    found: Habit = HabitFactory(user=person, name="Evening {habit} walk", tiny_version="Shoes on")
    return found


def ticked(habit: Habit, at) -> None:
    HabitCompletion.objects.create(
        habit=habit,
        user=habit.user,
        local_date=TODAY.date(),
        status="done",
        source="web",
        completed_at=at,
    )


def test_a_nudge_that_helped_is_delivered_rewarded_and_learned_from(habit):
    now = moment_of(habit.user)
    assert decide_round(now=now, rng=SPEAK) == 1
    message = CoachMessage.objects.get()
    assert "{tiny}" not in message.body
    assert message.cta_action == f"/habits/{habit.pk}/"
    outbox.deliver(message.pk, now=now)
    message.refresh_from_db()
    assert message.state in {DeliveryState.SENT, DeliveryState.DELIVERED}
    ticked(habit, now + timedelta(hours=1))
    assert resolve_rewards(now=now + timedelta(hours=4)) == 1
    decision = NudgeDecision.objects.get()
    assert (decision.action_done, decision.reward) == (True, 1.0)
    assert update_posteriors(now=now + timedelta(hours=12)) == 1
    assert NudgePosterior.objects.get().observations == 1


def test_a_habit_that_was_ticked_before_the_message_left_needs_none(habit):
    now = moment_of(habit.user)
    decide_round(now=now, rng=SPEAK)
    message = CoachMessage.objects.get()
    ticked(habit, now + timedelta(seconds=20))
    outbox.deliver(message.pk, now=now + timedelta(minutes=1))
    message.refresh_from_db()
    assert (message.state, message.reason) == (DeliveryState.SUPPRESSED, Reason.NO_LONGER_NEEDED)


def test_three_nudges_without_an_answer_end_in_a_check_in_and_silence(habit):
    causes = []
    for day in range(12):
        now = moment_of(habit.user, days=day)
        steadily_active(habit.user, now, days=2)
        resolve_rewards(now=now)
        decide_round(now=now, rng=SPEAK)
        for message in CoachMessage.objects.filter(state=DeliveryState.QUEUED):
            outbox.deliver(message.pk, now=now)
            causes.append(message.cause)
    assert causes == [MessageCause.NUDGE] * 3 + [MessageCause.CHECK_IN]
    assert NudgeDecision.objects.latest("at").unavailable_reason == "digest_only"
