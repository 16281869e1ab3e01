"""What a person agreed to: an append-only ledger whose newest row per kind is the current state."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.querysets import ConsentQuerySet

from .base import TimeOrderedModel, one_of


class ConsentKind(models.TextChoices):
    BEHAVIORAL_TRACKING = "behavioral_tracking", "Behavioural tracking"
    SMS = "sms", "Text messages"
    CALLS = "calls", "Phone calls"
    CALL_RECORDING = "call_recording", "Recording of calls"
    PUSH = "push", "Push notifications"
    EMAIL = "email", "E-mail"


class ConsentSource(models.TextChoices):
    WEB = "web", "Web"
    SMS_KEYWORD = "sms_keyword", "SMS keyword"
    ADMIN = "admin", "Admin"
    API = "api", "API"


class Consent(TimeOrderedModel):
    """One decision of a person; rows are added, never changed."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="consents"
    )
    kind = models.CharField(max_length=32, choices=ConsentKind)
    granted = models.BooleanField()
    at = models.DateTimeField(default=timezone.now)
    source = models.CharField(max_length=16, choices=ConsentSource)
    evidence = models.TextField(blank=True, help_text="The words the person agreed to or wrote")

    objects = ConsentQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["user", "kind", "-at", "-id"], name="consent_current")]
        constraints = [
            one_of("kind", ConsentKind, "consent_kind_known"),
            one_of("source", ConsentSource, "consent_source_known"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {'granted' if self.granted else 'withdrawn'}"
