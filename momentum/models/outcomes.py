"""What really came of it: progress to goals, visits kept, and the weekly outcomes that scores are held against."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import TimeOrderedModel, between, one_of


class GoalProgressLog(TimeOrderedModel):
    """How far a goal was at a moment. The goal lives in another room, so only its id and words are kept."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="goal_progress"
    )
    goal_id = models.UUIDField()
    goal_text = models.CharField(max_length=300)
    percent_complete = models.FloatField()
    value = models.FloatField(null=True, blank=True, help_text="In the goal's own unit")
    unit = models.CharField(max_length=16, blank=True)
    at = models.DateTimeField()
    log_id = models.UUIDField(unique=True, help_text="The row of the ledger behind it")

    class Meta:
        constraints = [between("percent_complete", 0, 100, "goal_progress_percent_0_100")]
        indexes = [models.Index(fields=["user", "goal_id", "-at"], name="goal_progress_newest")]

    def __str__(self) -> str:
        return f"{self.goal_text}: {self.percent_complete:g} %"


class VisitKind(models.TextChoices):
    COACH_VISIT = "coach_visit", "Visit with the coach"
    AI_CALL = "ai_call", "Call by the AI coach"


class VisitStatus(models.TextChoices):
    SCHEDULED = "scheduled", "Scheduled"
    ATTENDED = "attended", "Attended"
    LATE = "late", "Late"
    MISSED = "missed", "Missed"
    CANCELLED = "cancelled", "Cancelled"


class VisitAdherenceLog(TimeOrderedModel):
    """An appointment and what became of it."""

    visit_id = models.UUIDField(unique=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="visits"
    )
    kind = models.CharField(max_length=12, choices=VisitKind, default=VisitKind.COACH_VISIT)
    scheduled_time = models.DateTimeField()
    actual_time = models.DateTimeField(null=True, blank=True)
    status = models.CharField(max_length=10, choices=VisitStatus, default=VisitStatus.SCHEDULED)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            one_of("kind", VisitKind, "visit_kind_known"),
            one_of("status", VisitStatus, "visit_status_known"),
            models.CheckConstraint(
                condition=~Q(status__in=["attended", "late"]) | Q(actual_time__isnull=False),
                name="visit_attended_has_time",
            ),
        ]
        indexes = [models.Index(fields=["user", "-scheduled_time"], name="visit_newest")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.scheduled_time:%d %b %H:%M}"


class OutcomeMetric(TimeOrderedModel):
    """A person's week (from Monday): whether they stayed, how far goals moved, how the body changed."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="outcome_metrics"
    )
    week = models.DateField(help_text="Monday of the week, the person's own")
    was_active = models.BooleanField(help_text="Did anything that week")
    active_days = models.PositiveSmallIntegerField()
    is_retained = models.BooleanField(
        null=True, help_text="Active in the four weeks after; empty: not over"
    )
    goal_attainment = models.FloatField(null=True, blank=True, help_text="Percentage points gained")
    biometric_change = models.JSONField(
        default=dict, blank=True, help_text="Metric: change of the mean"
    )
    mean_score = models.FloatField(null=True, blank=True, help_text="Overall momentum, 0-100")
    computed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "week"], name="outcome_metric_week_unique"),
            between("active_days", 0, 7, "outcome_metric_days_0_7"),
            between("mean_score", 0, 100, "outcome_metric_score_0_100"),
        ]

    def __str__(self) -> str:
        return f"week of {self.week}"
