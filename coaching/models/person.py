"""What the coach keeps about how to treat a person."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from accounts.models import TimeOrderedModel, User, between, one_of

from .outreach import MessageChannel


class PromptStatus(models.TextChoices):
    NONE = "none", "None"
    GENERATING = "generating", "Being written"
    READY = "ready", "Ready"
    FAILED = "failed", "Failed"


class UserType(models.TextChoices):
    BEGINNER = "beginner", "Beginner"
    ADVANCED = "advanced", "Advanced"
    ATHLETE = "athlete", "Athlete"


class CoachingProfile(TimeOrderedModel):
    """One per person: the personal prompt and the gate to the consultation that makes it."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="coaching_profile"
    )
    conversational_profile = models.TextField(blank=True)
    coaching_system_prompt = models.TextField(blank=True)
    behavioral_data = models.JSONField(default=dict, blank=True, help_text="As measured last")
    baseline_data = models.JSONField(
        default=dict, blank=True, help_text="As measured when the prompt was last written"
    )
    user_type = models.CharField(max_length=16, choices=UserType, default=UserType.BEGINNER)
    system_prompt_version = models.PositiveIntegerField(default=0)
    last_prompt_update = models.DateTimeField(null=True, blank=True)
    consultation_enabled = models.BooleanField(default=False)
    prompt_status = models.CharField(max_length=16, choices=PromptStatus, default=PromptStatus.NONE)
    prompt_progress = models.CharField(
        max_length=16, blank=True, help_text="Which step is being made"
    )
    prompt_error = models.CharField(max_length=300, blank=True)
    prompt_attempts = models.PositiveSmallIntegerField(default=0)
    prompt_asked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            one_of("prompt_status", PromptStatus, "profile_prompt_status_known"),
            one_of("user_type", UserType, "profile_user_type_known"),
        ]

    def __str__(self) -> str:
        return f"Profile of {self.user}"


class CommunicationStyle(models.TextChoices):
    CONCISE = "concise", "Concise"
    DETAILED = "detailed", "Detailed"
    ENCOURAGING = "encouraging", "Encouraging"
    DIRECT = "direct", "Direct"


class DetailLevel(models.TextChoices):
    MINIMAL = "minimal", "Minimal"
    MODERATE = "moderate", "Moderate"
    COMPREHENSIVE = "comprehensive", "Comprehensive"


class EmojiPreference(models.TextChoices):
    NEVER = "never", "Never"
    RARELY = "rarely", "Rarely"
    SOMETIMES = "sometimes", "Sometimes"
    OFTEN = "often", "Often"


class NotificationFrequency(models.TextChoices):
    MINIMAL = "minimal", "Minimal"
    MODERATE = "moderate", "Moderate"
    ACTIVE = "active", "Active"


class Preferences(TimeOrderedModel):
    """One per person: how the coach talks and how often it may speak unasked."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="preferences"
    )
    communication_style = models.CharField(
        max_length=16, choices=CommunicationStyle, default=CommunicationStyle.ENCOURAGING
    )
    detail_level = models.CharField(
        max_length=16, choices=DetailLevel, default=DetailLevel.MODERATE
    )
    emoji_preference = models.CharField(
        max_length=16, choices=EmojiPreference, default=EmojiPreference.RARELY
    )
    notification_frequency = models.CharField(
        max_length=16, choices=NotificationFrequency, default=NotificationFrequency.MODERATE
    )
    proactive_suggestions = models.BooleanField(default=True)
    humor_intensity = models.PositiveSmallIntegerField(default=0)
    notification_window = models.JSONField(
        default=dict, blank=True, help_text='For example {"from": "08:00", "to": "21:00"}'
    )
    preferred_channel = models.CharField(
        max_length=8,
        choices=MessageChannel,
        blank=True,
        help_text="Empty: the coach takes the one that works best",
    )
    away_from = models.DateField(null=True, blank=True, help_text="First own day of being away")
    away_until = models.DateField(null=True, blank=True, help_text="Last own day of being away")
    morning_brief_enabled = models.BooleanField(default=True)
    weekly_digest_enabled = models.BooleanField(default=True)
    nudges_enabled = models.BooleanField(default=True)
    rewards_enabled = models.BooleanField(default=True)
    social_comparison_enabled = models.BooleanField(default=False)
    assistant_hidden = models.BooleanField(default=False)
    learning_enabled = models.BooleanField(
        default=True, help_text="The coach may learn from what is said and done"
    )
    chosen = ArrayField(
        models.CharField(max_length=32),
        default=list,
        blank=True,
        help_text="Names of the settings that the person chose: nothing learned overrides them",
    )
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name_plural = "preferences"
        constraints = [
            one_of("communication_style", CommunicationStyle, "preferences_style_known"),
            one_of("detail_level", DetailLevel, "preferences_detail_known"),
            one_of("emoji_preference", EmojiPreference, "preferences_emoji_known"),
            one_of("notification_frequency", NotificationFrequency, "preferences_frequency_known"),
            between("humor_intensity", 0, 3, "preferences_humor_0_3"),
            models.CheckConstraint(
                condition=models.Q(away_from__isnull=True, away_until__isnull=True)
                | models.Q(
                    away_from__isnull=False,
                    away_until__isnull=False,
                    away_until__gte=models.F("away_from"),
                ),
                name="preferences_away_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"Preferences of {self.user}"


class PersonAtGate(User):
    """A person as the gate to the consultation sees them: everybody, with or without a profile yet."""

    class Meta:
        proxy = True
        verbose_name = "person at the consultation gate"
        verbose_name_plural = "consultation gate"
