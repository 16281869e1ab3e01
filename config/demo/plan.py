"""The demo person's plan: proposed and accepted through the planner, as if on the first day of the story."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone

from accounts.day import local_day, local_moment
from accounts.models import User
from coaching.models import Conversation, RawBehavioralLog
from config.demo import story
from habits import sequences
from habits.editing import PROGRESSED
from habits.models import Goal, Habit, HabitSequence, PhaseHabit, SequencePhase
from habits.phases import open_due_phases
from habits.planning import plan

_DAWN = time(6)


def accept_in_the_past(user: User, conversation: Conversation, first_day: date) -> HabitSequence:
    """Drafts the plan for the goal in `conversation` and accepts it so that it begins on `first_day`."""
    draft = plan(
        story.GOAL_IN_WORDS,
        user=user,
        today=first_day - timedelta(days=1),
        preferred_time="morning",
        starts_on=first_day,
    )
    proposal = sequences.save_draft(user, draft, conversation_id=conversation.pk)
    accepted = sequences.accept(user, proposal, today=first_day)
    moment = conversation.last_message_at
    habits = sequences.habits_of(accepted)
    HabitSequence.objects.filter(pk=accepted.pk).update(
        created_at=moment, decided_at=moment, started_at=moment
    )
    Goal.objects.filter(sequences=accepted).update(created_at=moment)
    Habit.objects.filter(pk__in=[habit.pk for habit in habits]).update(created_at=moment)
    _happened_at(user, moment)
    return accepted


def open_phases(user: User, day: date) -> None:
    """Opens the phases that were ready on `day`, and what they introduce on that day."""
    open_due_phases(user, day)
    _happened_at(user, local_moment(user, day, _DAWN))


def _happened_at(user: User, moment: datetime) -> None:
    """What was just written as happening now happened at `moment`: the gates count weeks from it."""
    just_now = timezone.now() - timedelta(minutes=30)
    phases = SequencePhase.objects.filter(sequence__user=user)
    phases.filter(opened_at__gte=just_now).update(opened_at=moment)
    phases.filter(completed_at__gte=just_now).update(completed_at=moment)
    PhaseHabit.objects.filter(phase__sequence__user=user, introduced_at__gte=just_now).update(
        introduced_at=moment
    )
    told = RawBehavioralLog.objects.filter(user=user, occurred_at__gte=just_now)
    told.filter(interaction_type__startswith="plan.").update(occurred_at=moment)
    for row in told.filter(interaction_type=PROGRESSED):
        row.occurred_at = moment
        row.raw_data["local_date"] = local_day(user, moment).isoformat()
        row.save()
