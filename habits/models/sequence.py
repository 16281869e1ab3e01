"""Habit plans: a sequence of phases, each with the habits it introduces and the gate that opens it."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import TimeOrderedModel, one_of
from habits.querysets import SequenceQuerySet

from .goal import Goal
from .habit import Habit


class SequenceStatus(models.TextChoices):
    DRAFT = "draft", "Draft"
    ACTIVE = "active", "Active"
    PAUSED = "paused", "Paused"
    COMPLETED = "completed", "Completed"
    ABANDONED = "abandoned", "Let go"


class HabitSequence(TimeOrderedModel):
    """A plan towards a goal. A draft holds the whole proposal in `proposal`; accepting it makes the rows.

    `conversation_id` says in which conversation it was proposed; `expires_at` ends an unanswered draft.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="habit_sequences"
    )
    conversation = models.ForeignKey(
        "coaching.Conversation",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="habit_sequences",
    )
    goal = models.ForeignKey(
        Goal, null=True, blank=True, on_delete=models.CASCADE, related_name="sequences"
    )
    name = models.CharField(max_length=255)
    description = models.TextField(blank=True)
    total_phases = models.PositiveSmallIntegerField()
    created_by_ai = models.BooleanField(default=True)
    proposal = models.JSONField(help_text="The draft as proposed or edited: a PlanDraft")
    call_id = models.CharField(
        max_length=100,
        blank=True,
        help_text="The coach's call that made it, so that it is made once",
    )
    status = models.CharField(max_length=12, choices=SequenceStatus, default=SequenceStatus.DRAFT)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decline_reason = models.CharField(max_length=200, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)

    objects = SequenceQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["user", "status"], name="sequence_user_status")]
        constraints = [
            one_of("status", SequenceStatus, "sequence_status_known"),
            models.UniqueConstraint(
                fields=["user", "call_id"],
                condition=~models.Q(call_id=""),
                name="sequence_once_per_call",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SequencePhase(TimeOrderedModel):
    """A stage of a plan. It opens when the habits before it are stable, not on a date.

    `success_criteria` is a list of {"kind": "strength"|"completions"|…, …}; `start_date` and `end_date`
    are the plan, `opened_at` is the fact.
    """

    sequence = models.ForeignKey(HabitSequence, on_delete=models.CASCADE, related_name="phases")
    phase_number = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=255)
    focus = models.CharField(max_length=300, blank=True)
    duration_weeks = models.PositiveSmallIntegerField()
    start_date = models.DateField()
    end_date = models.DateField()
    success_criteria = models.JSONField(default=list, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    weeks_added = models.PositiveSmallIntegerField(
        default=0, help_text="Weeks it was held open because its habits were not stable yet"
    )

    class Meta:
        ordering = ["phase_number"]
        constraints = [
            models.UniqueConstraint(
                fields=["sequence", "phase_number"], name="phase_number_unique"
            ),
            models.CheckConstraint(
                condition=models.Q(end_date__gte=models.F("start_date")), name="phase_dates_ordered"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.phase_number}. {self.name}"


class PhaseHabit(TimeOrderedModel):
    """A habit of a phase, and on which day of the phase (1 = the first) it is introduced."""

    phase = models.ForeignKey(SequencePhase, on_delete=models.CASCADE, related_name="phase_habits")
    habit = models.ForeignKey(Habit, on_delete=models.CASCADE, related_name="phase_places")
    introduction_day = models.PositiveSmallIntegerField(default=1)
    rationale = models.TextField(blank=True)
    ai_notes = models.TextField(blank=True)
    progression = models.CharField(max_length=200, blank=True)
    part = models.JSONField(
        default=dict, help_text="The habit's part in this phase: a PlanHabit of the accepted draft"
    )
    introduced_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["introduction_day", "id"]
        constraints = [
            models.UniqueConstraint(fields=["phase", "habit"], name="phase_habit_unique")
        ]

    def __str__(self) -> str:
        return str(self.habit)
