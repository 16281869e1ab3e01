"""What clients that were offline told, so that telling it again has no second effect."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import TimeOrderedModel


class SyncedChange(TimeOrderedModel):
    """One change of an offline client, and what it was answered."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="synced_changes"
    )
    client = models.CharField(max_length=64, help_text="The device's own name for itself")
    change_id = models.CharField(max_length=100, help_text="The client's name for the change")
    digest = models.CharField(max_length=64, help_text="SHA-256 of what was told")
    batch = models.UUIDField(help_text="The batch of the events it made, if any")
    answer = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "client", "change_id"], name="synced_change_once"
            )
        ]
        indexes = [
            models.Index(fields=["user", "client", "batch"], name="synced_change_batch"),
            models.Index(fields=["created_at"], name="synced_change_age"),
        ]

    def __str__(self) -> str:
        return f"{self.client} {self.change_id}"
