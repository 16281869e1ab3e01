"""When to reach out and with which words: what was decided, at which odds, and what came of it."""

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils import timezone

from accounts.models import TimeOrderedModel, between, one_of

from .outreach import CoachMessage, MessageCause, MessageChannel


class MessageTemplate(TimeOrderedModel):
    """A reviewed way to say something unasked; `{names}` in the text are filled from the need's facts."""

    key = models.CharField(max_length=80, unique=True)
    purpose = models.CharField(
        max_length=64, help_text="The key of the need it speaks to, for example habits.due"
    )
    kind = models.CharField(
        max_length=32, help_text="How it speaks: plain, tiny_step, why, plan_ahead, celebration, …"
    )
    cause = models.CharField(max_length=16, choices=MessageCause, default=MessageCause.NUDGE)
    text = models.TextField()
    is_active = models.BooleanField(default=True)
    measured = models.JSONField(
        default=dict,
        blank=True,
        editable=False,
        help_text="What came of its uses, weighted by their odds; worked out anew every night",
    )
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["purpose", "key"]
        constraints = [one_of("cause", MessageCause, "message_template_cause_known")]

    def __str__(self) -> str:
        return self.key


class NudgeDecision(TimeOrderedModel):
    """One decision point of one person: what was known, at which odds, and what was done.

    "Nothing" is an option and is stored as well, so that other policies can be judged by the same record.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="nudge_decisions"
    )
    at = models.DateTimeField(default=timezone.now)
    local_date = models.DateField()
    point = models.CharField(max_length=16, help_text="Which decision point of the day")
    policy_version = models.CharField(max_length=32)
    need = models.CharField(max_length=64, blank=True, help_text="The key of the need")
    subject_type = models.CharField(max_length=64, blank=True)
    subject_id = models.UUIDField(null=True, blank=True)
    is_available = models.BooleanField()
    unavailable_reason = models.CharField(max_length=32, blank=True)
    features = models.JSONField(default=dict, blank=True)
    raw_probability = models.FloatField(
        null=True, blank=True, help_text="The posterior's, before clipping"
    )
    probability = models.FloatField(help_text="The odds at which a message was drawn")
    random_number = models.FloatField(help_text="In [0, 1); a message is sent below the odds")
    sent = models.BooleanField()
    had_error = models.BooleanField(default=False)
    dosage = models.FloatField(default=0, help_text="Of earlier messages, before this decision")
    template = models.ForeignKey(
        MessageTemplate,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="nudge_decisions",
    )
    template_probability = models.FloatField(null=True, blank=True)
    template_odds = models.JSONField(
        default=dict, blank=True, help_text="The odds of every template that could have been drawn"
    )
    message = models.OneToOneField(
        CoachMessage,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="nudge_decision",
    )
    window_ends_at = models.DateTimeField(help_text="Until when the action counts")
    action_done = models.BooleanField(null=True, blank=True)
    reward = models.FloatField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["user", "-at"], name="nudge_decision_newest"),
            BrinIndex(fields=["at"], name="nudge_decision_when"),
            models.Index(
                fields=["window_ends_at"],
                condition=models.Q(resolved_at__isnull=True),
                name="nudge_decision_open",
            ),
            models.Index(
                fields=["resolved_at"],
                condition=models.Q(reward__isnull=False),
                name="nudge_decision_rewarded",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "local_date", "point"], name="nudge_decision_once"
            ),
            between("probability", 0, 1, "nudge_decision_probability_0_1"),
            between("raw_probability", 0, 1, "nudge_decision_raw_probability_0_1"),
            between("random_number", 0, 1, "nudge_decision_random_0_1"),
            models.CheckConstraint(
                condition=models.Q(is_available=True) | models.Q(sent=False),
                name="nudge_decision_unavailable_is_silent",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.point} {self.local_date}: {'message' if self.sent else 'nothing'}"


class NudgePosterior(TimeOrderedModel):
    """What a policy version believes about one person; derived from the decisions and their rewards."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="nudge_posteriors"
    )
    policy_version = models.CharField(max_length=32)
    mean = models.JSONField(help_text="One number per feature")
    covariance = models.JSONField(help_text="A row per feature")
    dosage = models.FloatField(default=0)
    observations = models.PositiveIntegerField(default=0)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "policy_version"], name="nudge_posterior_once")
        ]

    def __str__(self) -> str:
        return f"{self.policy_version}: {self.observations} observations"


class MasterySpeed(models.TextChoices):
    FAST = "fast", "Fast"
    MEDIUM = "medium", "Medium"
    SLOW = "slow", "Slow"


class InteractionPattern(TimeOrderedModel):
    """When and how a person is usually reached; worked out every night from the ledger."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="interaction_pattern"
    )
    most_active_hours = models.JSONField(default=list, blank=True, help_text="Hours 0-23, local")
    most_active_days = models.JSONField(
        default=list, blank=True, help_text='For example ["monday"]'
    )
    usual_hour = models.FloatField(null=True, blank=True, help_text="Circular mean, local clock")
    hours_concentration = models.FloatField(
        null=True, blank=True, help_text="Resultant length R in [0, 1]; below 0.3 is varied"
    )
    average_response_time_minutes = models.PositiveIntegerField(null=True, blank=True)
    preferred_communication_channel = models.CharField(
        max_length=8, choices=MessageChannel, blank=True
    )
    most_engaging_message_types = models.JSONField(default=list, blank=True)
    least_engaging_message_types = models.JSONField(default=list, blank=True)
    average_call_duration_seconds = models.PositiveIntegerField(null=True, blank=True)
    prefers_scheduled_calls = models.BooleanField(null=True, blank=True)
    best_call_times = models.JSONField(default=list, blank=True, help_text='For example ["18:30"]')
    concept_mastery_speed = models.CharField(max_length=8, choices=MasterySpeed, blank=True)
    needs_repetition_count = models.PositiveSmallIntegerField(null=True, blank=True)
    active_days_seen = models.PositiveSmallIntegerField(default=0)
    confidence_score = models.FloatField(default=0)
    last_analyzed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            between("usual_hour", 0, 24, "interaction_pattern_hour_0_24"),
            between("hours_concentration", 0, 1, "interaction_pattern_concentration_0_1"),
            between("confidence_score", 0, 1, "interaction_pattern_confidence_0_1"),
        ]

    def __str__(self) -> str:
        return f"Pattern of {self.user}"
