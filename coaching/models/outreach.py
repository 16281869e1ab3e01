"""Messages the coach sends unasked, and the reminders people set for themselves."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import TimeOrderedModel, between, one_of


class MessageChannel(models.TextChoices):
    IN_APP = "in_app", "In the app"
    SMS = "sms", "SMS"
    CALL = "call", "Phone call"
    PUSH = "push", "Push"
    EMAIL = "email", "E-mail"


class MessageCause(models.TextChoices):
    NUDGE = "nudge", "Nudge"
    HOOK = "hook", "Hook"
    CAMPAIGN = "campaign", "Campaign"
    REMINDER = "reminder", "Reminder"


class CoachMessage(TimeOrderedModel):
    """One message to one person on one channel. `cause_key` makes a cause speak once."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="coach_messages"
    )
    channel = models.CharField(max_length=8, choices=MessageChannel, default=MessageChannel.IN_APP)
    cause = models.CharField(max_length=16, choices=MessageCause)
    cause_key = models.CharField(max_length=200)
    body = models.TextField()
    cta_text = models.CharField(max_length=60, blank=True)
    cta_action = models.CharField(max_length=300, blank=True, help_text="A path of this site")
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)
    engaged_at = models.DateTimeField(null=True, blank=True)
    helpfulness_rating = models.PositiveSmallIntegerField(null=True, blank=True, help_text="1 to 5")
    feedback_text = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["user", "-created_at"], name="coach_message_newest")]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "channel", "cause_key"], name="coach_message_cause_once"
            ),
            one_of("channel", MessageChannel, "coach_message_channel_known"),
            one_of("cause", MessageCause, "coach_message_cause_known"),
            between("helpfulness_rating", 1, 5, "coach_message_rating_range"),
        ]

    def __str__(self) -> str:
        return self.body[:60]


class ReminderStatus(models.TextChoices):
    WAITING = "waiting", "Waiting"
    SENT = "sent", "Sent"
    CANCELLED = "cancelled", "Cancelled"
    DROPPED = "dropped", "Dropped as too late"


class Reminder(TimeOrderedModel):
    """Something a person asked to be reminded of, once or on chosen weekdays.

    `remind_at` is the next moment; for a repeating one it is worked out anew from `local_time` in the
    person's zone after each, so that it keeps its clock time over daylight-saving changes.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reminders"
    )
    text = models.CharField(max_length=200)
    subject_type = models.CharField(max_length=64, blank=True, help_text="For example habits.habit")
    subject_id = models.UUIDField(null=True, blank=True)
    remind_at = models.DateTimeField()
    weekdays = models.JSONField(default=list, blank=True, help_text="0 = Monday; empty: once")
    local_time = models.TimeField(null=True, blank=True)
    status = models.CharField(max_length=12, choices=ReminderStatus, default=ReminderStatus.WAITING)
    idempotency_key = models.CharField(max_length=200)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            models.Index(
                fields=["remind_at"], condition=models.Q(status="waiting"), name="reminder_due"
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "idempotency_key"], name="reminder_idempotency_unique"
            ),
            one_of("status", ReminderStatus, "reminder_status_known"),
        ]

    def __str__(self) -> str:
        return self.text
