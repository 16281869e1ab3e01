"""What the coach was given, what it predicted, and what it learned from what people did with it."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import TimeOrderedModel, between

from .conversation import Message


class AnswerContext(TimeOrderedModel):
    """Exactly what a model was given for an answer, so that its person can see it. Kept for a while only.

    `sources` lists the memories and passages in it: kind, id, number, text, whether the answer used them.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="context")
    system = models.TextField()
    history = models.JSONField(
        default=list, blank=True, help_text="The earlier turns that were shown"
    )
    sources = models.JSONField(default=list, blank=True)
    tokens = models.PositiveIntegerField(help_text="Estimated")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["created_at"], name="answer_context_age")]

    def __str__(self) -> str:
        return f"Context of {self.message_id}"


class ContextCache(TimeOrderedModel):
    """The ready-made context of a person, with the versions of what it was made from."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="context_cache"
    )
    context = models.JSONField(default=dict, help_text="Name of the field: value, words, evidence")
    source_versions = models.JSONField(default=dict, blank=True)
    tokens = models.PositiveIntegerField(default=0)
    is_stale = models.BooleanField(default=False)
    built_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(
                fields=["built_at"], condition=models.Q(is_stale=True), name="context_cache_stale"
            )
        ]

    def __str__(self) -> str:
        return f"Context of {self.user_id}"


class LearningEvent(TimeOrderedModel):
    """Something that shows whether the coach was of use: accepted, done, abandoned, liked, disliked."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="learning_events"
    )
    event_type = models.CharField(
        max_length=100, help_text="recommendation_accepted, habit_completed, sequence_abandoned, …"
    )
    event_data = models.JSONField(default=dict, blank=True)
    feedback_score = models.SmallIntegerField(default=0, help_text="-1, 0 or 1")
    idempotency_key = models.CharField(max_length=200)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "idempotency_key"], name="learning_event_unique"
            ),
            between("feedback_score", -1, 1, "learning_event_score_range"),
        ]
        indexes = [models.Index(fields=["user", "event_type", "-at"], name="learning_event_newest")]

    def __str__(self) -> str:
        return self.event_type


class Prediction(TimeOrderedModel):
    """A probability the coach stated about one of the person's days, and what then happened."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="predictions"
    )
    kind = models.CharField(max_length=64, help_text="<app>.<what>, for example habits.kept")
    subject_type = models.CharField(max_length=64)
    subject_id = models.UUIDField()
    for_date = models.DateField(help_text="The person's own day it is about")
    probability = models.FloatField()
    confidence = models.FloatField()
    features = models.JSONField(default=dict, blank=True)
    explanation = models.JSONField(default=list, blank=True)
    model_version = models.CharField(max_length=32)
    outcome = models.BooleanField(null=True, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    resolved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind", "subject_id", "for_date"], name="prediction_unique"
            ),
            between("probability", 0, 1, "prediction_probability_0_1"),
            between("confidence", 0, 1, "prediction_confidence_0_1"),
        ]
        indexes = [
            models.Index(
                fields=["kind", "for_date"],
                condition=models.Q(resolved_at__isnull=True),
                name="prediction_unresolved",
            ),
            models.Index(fields=["user", "kind", "-for_date"], name="prediction_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.probability:.2f}"


class PredictionCalibration(TimeOrderedModel):
    """How stated odds of a kind are corrected, fitted from what became of earlier ones.

    The logit of a raw probability is multiplied by `slope` (positive: the order of odds stays) and moved by
    `intercept`. Rows are kept: a prediction names the version it was made with.
    """

    kind = models.CharField(max_length=64)
    version = models.PositiveIntegerField()
    slope = models.FloatField()
    intercept = models.FloatField()
    outcomes = models.PositiveIntegerField(help_text="How many outcomes it rests on")
    brier_before = models.FloatField(help_text="On the newest fifth, as stated")
    brier_after = models.FloatField(help_text="On the newest fifth, as corrected")
    is_adopted = models.BooleanField(help_text="False: it was no better, and is not used")
    fitted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "version"], name="calibration_unique"),
            models.CheckConstraint(
                condition=models.Q(slope__gt=0), name="calibration_keeps_the_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.version}"
