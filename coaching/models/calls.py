"""What calling language models cost and how they behaved."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import TimeOrderedModel, one_of


class CallOutcome(models.TextChoices):
    OK = "ok", "OK"
    TIMEOUT = "timeout", "Timed out"
    ERROR = "error", "Error"
    FALLBACK = "fallback", "Answered by a fallback"


class ModelCall(TimeOrderedModel):
    """One call of a model, with its price in millionths of a dollar and its latency."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="model_calls",
    )
    purpose = models.CharField(max_length=32)
    model = models.CharField(max_length=100)
    outcome = models.CharField(max_length=16, choices=CallOutcome)
    error = models.CharField(max_length=300, blank=True)
    first_token_ms = models.PositiveIntegerField(null=True, blank=True)
    total_ms = models.PositiveIntegerField()
    input_tokens = models.PositiveIntegerField(default=0)
    output_tokens = models.PositiveIntegerField(default=0)
    cost_microdollars = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            models.Index(fields=["user", "-created_at"], name="model_call_user_newest"),
            models.Index(fields=["-created_at"], name="model_call_newest"),
        ]
        constraints = [one_of("outcome", CallOutcome, "model_call_outcome_known")]

    def __str__(self) -> str:
        return f"{self.model} ({self.outcome})"
