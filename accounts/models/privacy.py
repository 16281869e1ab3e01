"""Devices that may be reached, requests for one's data, and who looked at what."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from .base import TimeOrderedModel, one_of


class DevicePlatform(models.TextChoices):
    WEB = "web", "Web browser"
    IOS = "ios", "iOS"
    ANDROID = "android", "Android"


class Device(TimeOrderedModel):
    """A browser or phone that accepts push messages; it belongs to whoever used it last, and to nobody else."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="devices"
    )
    platform = models.CharField(max_length=8, choices=DevicePlatform)
    token = models.CharField(max_length=1024, help_text="Push endpoint or device token")
    keys = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["token"], name="device_unique_token"),
            one_of("platform", DevicePlatform, "device_platform_known"),
        ]

    def __str__(self) -> str:
        return f"{self.platform} device"


class DataRequestKind(models.TextChoices):
    EXPORT = "export", "Export"
    ERASURE = "erasure", "Erasure"


class DataRequestState(models.TextChoices):
    ASKED = "asked", "Asked for"
    RUNNING = "running", "Being prepared"
    READY = "ready", "Ready"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"
    EXPIRED = "expired", "Expired"


class DataRequest(TimeOrderedModel):
    """A person's wish to take their data along or to be erased."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="data_requests"
    )
    kind = models.CharField(max_length=8, choices=DataRequestKind)
    state = models.CharField(
        max_length=12, choices=DataRequestState, default=DataRequestState.ASKED
    )
    file = models.FileField(upload_to="exports/%Y/%m/", blank=True)
    error = models.TextField(blank=True)
    asked_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind"],
                condition=models.Q(state__in=["asked", "running"]),
                name="data_request_one_open",
            ),
            one_of("kind", DataRequestKind, "data_request_kind_known"),
            one_of("state", DataRequestState, "data_request_state_known"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} ({self.state})"


class AuditEntry(TimeOrderedModel):
    """Who, among the staff, saw or changed what of whom."""

    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="audited_acts"
    )
    subject = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="audit_trail"
    )
    action = models.CharField(max_length=64)
    target = models.CharField(max_length=200, blank=True)
    detail = models.JSONField(default=dict, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "audit entries"
        indexes = [models.Index(fields=["subject", "-at"], name="audit_subject_newest")]

    def __str__(self) -> str:
        return self.action


class IdempotencyKey(TimeOrderedModel):
    """The stored answer to a write that a client may send twice."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="idempotency_keys"
    )
    key = models.CharField(max_length=200)
    method = models.CharField(max_length=8)
    path = models.CharField(max_length=500)
    request_digest = models.CharField(max_length=64)
    status_code = models.PositiveSmallIntegerField(null=True)
    response = models.JSONField(null=True)
    headers = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="idempotency_key_unique")
        ]

    def __str__(self) -> str:
        return self.key
