"""Experiments: which variant of a declared variation point works better, and whether it does harm."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import TimeOrderedModel, between, one_of


class ExperimentStatus(models.TextChoices):
    DRAFT = "draft", "Draft"
    RUNNING = "running", "Running"
    STOPPED = "stopped", "Stopped"
    COMPLETED = "completed", "Completed"


class ExperimentUnit(models.TextChoices):
    PERSON = "person", "Person"


class Experiment(TimeOrderedModel):
    """A comparison of the variants of one variation point.

    `variants` is a list of {"key", "weight"}; the first is the control. `guardrails` is a list of
    {"metric", "worst_difference"}: a variant that is surely worse than control by more than that stops
    the experiment by itself.
    """

    key = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=120)
    hypothesis = models.TextField(blank=True)
    variation = models.CharField(max_length=80, help_text="The key of a declared variation point")
    variants = models.JSONField(default=list)
    unit = models.CharField(max_length=12, choices=ExperimentUnit, default=ExperimentUnit.PERSON)
    segment = models.CharField(
        max_length=80, blank=True, help_text="Who takes part; empty: everybody"
    )
    primary_metric = models.CharField(max_length=80)
    guardrails = models.JSONField(default=list, blank=True)
    outcome_days = models.PositiveSmallIntegerField(
        default=14, help_text="How long after the first exposure a person's outcome counts"
    )
    status = models.CharField(
        max_length=12, choices=ExperimentStatus, default=ExperimentStatus.DRAFT
    )
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            one_of("status", ExperimentStatus, "experiment_status_known"),
            one_of("unit", ExperimentUnit, "experiment_unit_known"),
            between("outcome_days", 1, 365, "experiment_outcome_days_1_365"),
            models.CheckConstraint(
                condition=models.Q(status="draft", started_at__isnull=True, ended_at__isnull=True)
                | models.Q(status="running", started_at__isnull=False, ended_at__isnull=True)
                | models.Q(
                    status__in=["stopped", "completed"],
                    started_at__isnull=False,
                    ended_at__isnull=False,
                    ended_at__gte=models.F("started_at"),
                ),
                name="experiment_times_follow_status",
            ),
            # Two experiments on one point would disturb each other.
            models.UniqueConstraint(
                fields=["variation"],
                condition=models.Q(status="running"),
                name="experiment_one_running_per_variation",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ExperimentAssignment(TimeOrderedModel):
    """A person's variant: drawn once, kept for good; exposure and outcomes follow."""

    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="assignments")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="experiment_assignments"
    )
    variant = models.CharField(max_length=80)
    assigned_at = models.DateTimeField(default=timezone.now)
    exposed_at = models.DateTimeField(null=True, blank=True)
    outcomes = models.JSONField(
        default=dict, blank=True, help_text="Value per metric, once the outcome window is over"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["experiment", "user"], name="experiment_assignment_sticky"
            )
        ]
        indexes = [
            models.Index(fields=["experiment", "variant", "exposed_at"], name="experiment_exposed")
        ]

    def __str__(self) -> str:
        return self.variant
