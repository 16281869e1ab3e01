"""The ledger: the durable, append-only stream of what people do."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import TimeOrderedModel


class RawBehavioralLog(TimeOrderedModel):
    """One thing a person did, as it was told to us. Written by `coaching.ledger` only.

    Divided by month of `occurred_at`, without which nothing can be unique there: that a person's key comes
    once in all months is kept by the function `coaching_ledger_key_free` for one row, and by a lock of the person
    for many.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="behavioral_logs",
        db_index=False,  # the indexes below begin with it
    )
    interaction_type = models.CharField(max_length=64)
    raw_data = models.JSONField(default=dict)
    source = models.CharField(max_length=16)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField(default=timezone.now)
    idempotency_key = models.CharField(max_length=200)
    message_id = models.UUIDField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "idempotency_key", "occurred_at"], name="ledger_idempotency_unique"
            )
        ]
        indexes = [
            models.Index(fields=["user", "occurred_at"], name="ledger_user_time"),
            models.Index(
                fields=["user", "interaction_type", "occurred_at"], name="ledger_user_type_time"
            ),
        ]

    def __str__(self) -> str:
        return self.interaction_type
