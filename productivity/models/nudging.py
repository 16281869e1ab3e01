"""Nudges about tasks: in which tone, by whom written, and what came of them."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import TimeOrderedModel, between, one_of
from coaching.models import CoachMessage, MessageChannel

from .stuck import WrittenBy
from .task import Task


class NudgeMode(models.TextChoices):
    """The tone of one nudge."""

    ROAST = "roast", "A friendly roast"
    ENCOURAGEMENT = "encouragement", "Encouragement"
    NEUTRAL = "neutral", "Plain"
    MINIMALIST = "minimalist", "As short as it gets"


class PersonaType(models.TextChoices):
    """How the coach is about tasks."""

    ROAST = "roast", "The roaster"
    CHILL = "chill", "The easy one"
    COACH = "coach", "The coach"
    NEUTRAL = "neutral", "The matter-of-fact one"


class NudgeTrigger(models.TextChoices):
    """What called for a nudge."""

    DUE_SOON = "due_soon", "Due soon"
    OVERDUE = "overdue", "Overdue"
    SNOOZED_OFTEN = "snoozed_often", "Snoozed again and again"
    INACTIVE = "inactive", "Nothing has moved"
    OVERLOADED = "overloaded", "More than fits"
    SLOT_BEGINS = "slot_begins", "Its slot begins"
    ASKED = "asked", "Asked for"


class PersonaProfile(TimeOrderedModel):
    """One per person: the persona they chose, and what was learned about tones that help."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="persona_profile"
    )
    persona_type = models.CharField(max_length=8, choices=PersonaType, default=PersonaType.COACH)
    adaptation_enabled = models.BooleanField(default=True)
    learned_weights = models.JSONField(
        default=dict, help_text="Per mode: {tried, helped}, weighted"
    )
    eased_until = models.DateTimeField(
        null=True, blank=True, help_text="No roast before: the person said to ease up"
    )
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [one_of("persona_type", PersonaType, "persona_type_known")]

    def __str__(self) -> str:
        return f"{self.persona_type} for {self.user}"


class CoachingNudge(TimeOrderedModel):
    """One nudge about tasks."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="task_nudges"
    )
    task = models.ForeignKey(
        Task, null=True, blank=True, on_delete=models.SET_NULL, related_name="nudges"
    )
    message = models.OneToOneField(
        CoachMessage, null=True, blank=True, on_delete=models.SET_NULL, related_name="task_nudge"
    )
    trigger = models.CharField(max_length=16, choices=NudgeTrigger)
    mode = models.CharField(max_length=16, choices=NudgeMode)
    persona_type = models.CharField(max_length=8, choices=PersonaType)
    humor_intensity = models.PositiveSmallIntegerField(default=0)
    generated_text = models.TextField()
    source = models.CharField(max_length=8, choices=WrittenBy)
    fallback_reason = models.CharField(
        max_length=24, blank=True, help_text="Why a template spoke instead of the model"
    )
    template_key = models.CharField(max_length=80, blank=True)
    sentiment_score = models.FloatField(null=True, blank=True, help_text="-1 to 1")
    delivered = models.BooleanField(default=False)
    delivery_channel = models.CharField(max_length=8, choices=MessageChannel, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    usefulness_rating = models.SmallIntegerField(
        null=True, blank=True, help_text="-1 not useful, 0 so so, 1 useful"
    )
    rated_at = models.DateTimeField(null=True, blank=True)
    misfire = models.CharField(
        max_length=24, blank=True, help_text="Why it should not have been sent, if so"
    )
    helped = models.BooleanField(
        null=True, blank=True, help_text="Whether its task moved in time; empty: not known yet"
    )
    request_key = models.CharField(
        max_length=200, blank=True, help_text="Makes a request speak once"
    )
    facts = models.JSONField(default=dict, blank=True, help_text="What its words rest on")
    settled_at = models.DateTimeField(
        null=True, blank=True, help_text="When it was worked out what came of it"
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            one_of("trigger", NudgeTrigger, "task_nudge_trigger_known"),
            one_of("mode", NudgeMode, "task_nudge_mode_known"),
            one_of("persona_type", PersonaType, "task_nudge_persona_known"),
            one_of("source", WrittenBy, "task_nudge_source_known"),
            between("humor_intensity", 0, 3, "task_nudge_humor_0_3"),
            between("sentiment_score", -1, 1, "task_nudge_sentiment_pm1"),
            between("usefulness_rating", -1, 1, "task_nudge_rating_pm1"),
            models.CheckConstraint(
                condition=models.Q(delivery_channel__in=["", *MessageChannel.values]),
                name="task_nudge_channel_known",
            ),
            models.UniqueConstraint(
                fields=["user", "request_key"],
                condition=~models.Q(request_key=""),
                name="task_nudge_request_once",
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-created_at"], name="task_nudge_newest"),
            models.Index(
                fields=["delivered_at"],
                condition=models.Q(settled_at__isnull=True),
                name="task_nudge_unsettled",
            ),
        ]

    def __str__(self) -> str:
        return self.generated_text[:60]
