"""Messages the coach sends unasked, and the reminders people set for themselves."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils import timezone

from accounts.models import TimeOrderedModel, between, one_of
from coaching.querysets import CoachMessageQuerySet, MuteQuerySet

from .embedding import Embedded


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
    BRIEF = "brief", "Morning brief"
    DIGEST = "digest", "Summary"
    CHECK_IN = "check_in", "Check-in"
    COACH = "coach", "From your coach"


class DeliveryState(models.TextChoices):
    """Where a message is on its way. Reading and following it are moments of their own, not states."""

    PENDING_APPROVAL = "pending_approval", "Waits for approval"
    QUEUED = "queued", "Queued"
    SENDING = "sending", "Being sent"
    SENT = "sent", "Sent"
    DELIVERED = "delivered", "Delivered"
    FAILED = "failed", "Failed"
    UNKNOWN = "unknown", "Outcome unknown"
    SUPPRESSED = "suppressed", "Not sent"
    MERGED = "merged", "Part of another message"


class Reason(models.TextChoices):
    """Why the governor held, merged or dropped a message; the label is what the person reads."""

    ACCOUNT_CLOSED = "account_closed", "The account is being closed"
    AUTOMATION_PAUSED = "automation_paused", "Your coach paused automatic messages"
    CRISIS_PAUSE = "crisis_pause", "Everything unasked rests after a hard moment"
    NO_CONSENT = "no_consent", "You have not agreed to this channel"
    UNREACHABLE = "unreachable", "This channel does not reach you yet"
    NUDGES_OFF = "nudges_off", "You turned this kind of message off"
    MUTED = "muted", "You muted this"
    AWAY = "away", "You are away"
    QUIET_HOURS = "quiet_hours", "It was in your quiet hours"
    CARRIER_HOURS = "carrier_hours", "Texts and calls come between 8:00 and 21:00 only"
    DAY_CAP = "day_cap", "You already had today's messages"
    WEEK_CAP = "week_cap", "You already had this week's messages"
    TOO_SOON = "too_soon", "Another message had just gone out"
    BURDEN = "burden", "It would have asked too much of your attention this week"
    DUPLICATE = "duplicate", "It said nearly the same as another message"
    DIGESTED = "digested", "It was put together with others"
    NO_LONGER_NEEDED = "no_longer_needed", "You had done it already"
    NO_LONGER_FITS = "no_longer_fits", "Its tone no longer suited you"
    EXPIRED = "expired", "Its moment had passed"
    REJECTED = "rejected", "Your coach decided against it"
    PROVIDER_REFUSED = "provider_refused", "The service that carries it refused it"
    GAVE_UP = "gave_up", "It could not be delivered"


def a_day_from_now() -> datetime:
    """Until when a message without a moment of its own may go out."""
    return timezone.now() + timedelta(days=1)


class CoachMessage(TimeOrderedModel, Embedded):
    """One message to one person on one channel, and its place in the outbox.

    `cause_key` makes a cause speak once per channel. A message goes out between `not_before` and
    `expires_at`; after that it is dropped, not sent late. What it is about (`subject_type`, `subject_id`)
    lets a person mute it and lets near-duplicates meet.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="coach_messages"
    )
    channel = models.CharField(max_length=8, choices=MessageChannel, default=MessageChannel.IN_APP)
    cause = models.CharField(max_length=16, choices=MessageCause)
    cause_key = models.CharField(max_length=200)
    subject_type = models.CharField(max_length=64, blank=True, help_text="For example habits.habit")
    subject_id = models.UUIDField(null=True, blank=True)
    title = models.CharField(max_length=120, blank=True, help_text="Subject line or heading")
    body = models.TextField()
    cta_text = models.CharField(max_length=60, blank=True)
    cta_action = models.CharField(max_length=300, blank=True, help_text="A path of this site")
    template = models.ForeignKey(
        "coaching.MessageTemplate",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="messages",
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="The member of staff who wrote or approved it",
    )
    state = models.CharField(max_length=20, choices=DeliveryState, default=DeliveryState.QUEUED)
    reason = models.CharField(max_length=24, choices=Reason, blank=True)
    not_before = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(default=a_day_from_now)
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="parts"
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)
    engaged_at = models.DateTimeField(null=True, blank=True)
    helpfulness_rating = models.PositiveSmallIntegerField(null=True, blank=True, help_text="1 to 5")
    feedback_text = models.TextField(blank=True)

    objects = CoachMessageQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["user", "-created_at"], name="coach_message_newest"),
            models.Index(
                fields=["user", "sent_at"],
                condition=models.Q(sent_at__isnull=False),
                name="coach_message_sent",
            ),
            models.Index(
                fields=["not_before"],
                condition=models.Q(state="queued"),
                name="coach_message_due",
            ),
            models.Index(
                fields=["claimed_at"],
                condition=models.Q(state="sending"),
                name="coach_message_sending",
            ),
            models.Index(
                fields=["state"],
                condition=models.Q(state__in=["pending_approval", "unknown"]),
                name="coach_message_for_staff",
            ),
            # Rows come in the order of time, so that the blocks of a day are found without a tree of all.
            BrinIndex(fields=["created_at"], name="coach_message_written_when"),
            BrinIndex(fields=["sent_at"], name="coach_message_sent_when"),
            models.Index(
                fields=["claimed_at"],
                condition=models.Q(state="unknown"),
                name="coach_message_unknown",
            ),
            models.Index(
                fields=["expires_at"],
                condition=models.Q(state="pending_approval"),
                name="coach_message_to_approve",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "channel", "cause_key"], name="coach_message_cause_once"
            ),
            one_of("channel", MessageChannel, "coach_message_channel_known"),
            one_of("cause", MessageCause, "coach_message_cause_known"),
            one_of("state", DeliveryState, "coach_message_state_known"),
            between("helpfulness_rating", 1, 5, "coach_message_rating_range"),
            models.CheckConstraint(
                condition=~models.Q(state__in=["sent", "delivered"])
                | models.Q(sent_at__isnull=False),
                name="coach_message_sent_has_time",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["suppressed", "merged"]) | ~models.Q(reason=""),
                name="coach_message_held_back_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.body[:60]

    @property
    def was_asked_for(self) -> bool:
        """Whether the person ordered this message for its moment: caps and quiet hours are not for it."""
        return self.cause == MessageCause.REMINDER


class NotificationStatus(models.TextChoices):
    QUEUED = "queued", "Queued"
    SENT = "sent", "Sent"
    DELIVERED = "delivered", "Delivered"
    FAILED = "failed", "Failed"
    SUPPRESSED = "suppressed", "Not sent"
    UNKNOWN = "unknown", "Outcome unknown"


class Notification(TimeOrderedModel):
    """One attempt to deliver a message. A second attempt follows only where the first surely failed."""

    message = models.ForeignKey(
        CoachMessage, on_delete=models.CASCADE, related_name="notifications"
    )
    attempt = models.PositiveSmallIntegerField(default=1)
    channel = models.CharField(max_length=8, choices=MessageChannel)
    status = models.CharField(
        max_length=12, choices=NotificationStatus, default=NotificationStatus.QUEUED
    )
    reason = models.CharField(max_length=300, blank=True)
    provider_id = models.CharField(max_length=200, blank=True)
    queued_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["message", "attempt"], name="notification_attempt_once"
            ),
            one_of("channel", MessageChannel, "notification_channel_known"),
            one_of("status", NotificationStatus, "notification_status_known"),
        ]
        indexes = [
            models.Index(
                fields=["channel", "provider_id"],
                condition=~models.Q(provider_id=""),
                name="notification_provider_id",
            )
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.status}"


class DecisionStage(models.TextChoices):
    CREATION = "creation", "When it was written"
    SENDING = "sending", "When it was to go out"


class Verdict(models.TextChoices):
    SEND = "send", "Send"
    HOLD = "hold", "Hold"
    MERGE = "merge", "Merge"
    DROP = "drop", "Drop"


class ContactDecision(TimeOrderedModel):
    """What the governor decided about a message, when, and why. Rows are added, never changed."""

    message = models.ForeignKey(CoachMessage, on_delete=models.CASCADE, related_name="decisions")
    at = models.DateTimeField(default=timezone.now)
    stage = models.CharField(max_length=8, choices=DecisionStage)
    verdict = models.CharField(max_length=8, choices=Verdict)
    reasons = models.JSONField(default=list, blank=True, help_text="Codes of `Reason`")
    not_before = models.DateTimeField(null=True, blank=True)
    facts = models.JSONField(
        default=dict, blank=True, help_text="The counts and settings the decision rests on"
    )

    class Meta:
        indexes = [models.Index(fields=["message", "at"], name="contact_decision_order")]
        constraints = [
            one_of("stage", DecisionStage, "contact_decision_stage_known"),
            one_of("verdict", Verdict, "contact_decision_verdict_known"),
        ]

    def __str__(self) -> str:
        return f"{self.verdict} ({', '.join(self.reasons)})"


class Mute(TimeOrderedModel):
    """Something a person does not want to hear of, for ever or until a moment.

    Either a subject (`subject_type` and `subject_id`) or a whole kind of message (`cause`).
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="mutes"
    )
    subject_type = models.CharField(max_length=64, blank=True)
    subject_id = models.UUIDField(null=True, blank=True)
    cause = models.CharField(max_length=16, choices=MessageCause, blank=True)
    label = models.CharField(max_length=120, blank=True, help_text="What it is, for the person")
    until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = MuteQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "subject_type", "subject_id", "cause"],
                nulls_distinct=False,
                name="mute_once",
            ),
            models.CheckConstraint(
                condition=models.Q(cause="", subject_id__isnull=False)
                | (~models.Q(cause="") & models.Q(subject_id__isnull=True)),
                name="mute_of_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return self.label or self.cause or self.subject_type


class ReminderStatus(models.TextChoices):
    WAITING = "waiting", "Waiting"
    SENT = "sent", "Sent"
    CANCELLED = "cancelled", "Cancelled"
    DROPPED = "dropped", "Dropped as too late"


class Reminder(TimeOrderedModel):
    """Something a person asked to be reminded of, once or on chosen weekdays.

    `remind_at` is the next moment; for a repeating one it is worked out anew from `local_time` in the
    person's zone after each and whenever they move to another zone, so that it keeps its clock time.
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
    zone = models.CharField(
        max_length=64, blank=True, help_text="The zone in which the next moment was worked out"
    )
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
