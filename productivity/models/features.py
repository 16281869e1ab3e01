"""How a person goes about tasks: measures of a day, groups of alike people, and the models behind them."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import TimeOrderedModel, between, one_of


class ModelKind(models.TextChoices):
    CLUSTERS = "clusters", "Groups of alike people"
    DELAY = "delay", "How much a far due date costs each person"


class BehaviorModel(TimeOrderedModel):
    """A trained model: its numbers as JSON (never code), what it was trained on, and how it fared."""

    kind = models.CharField(max_length=12, choices=ModelKind)
    version = models.PositiveIntegerField()
    parameters = models.JSONField(help_text="Everything that is needed to use it")
    labels = models.JSONField(
        default=dict, help_text="Names of the groups; kept over trainings as well as they fit"
    )
    metrics = models.JSONField(default=dict)
    drift = models.JSONField(default=dict, help_text="Against the model before")
    trained_on = models.PositiveIntegerField(help_text="People")
    is_active = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            one_of("kind", ModelKind, "behavior_model_kind_known"),
            models.UniqueConstraint(fields=["kind", "version"], name="behavior_model_version_once"),
            models.UniqueConstraint(
                fields=["kind"],
                condition=models.Q(is_active=True),
                name="behavior_model_one_active",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.version}"


class FeatureSnapshot(TimeOrderedModel):
    """How a person went about tasks, as of one of their days. Derived from task events; rebuilt at will."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="feature_snapshots"
    )
    date = models.DateField(help_text="The person's own day")
    procrastination_score = models.FloatField(null=True, blank=True, help_text="0-100")
    score_low = models.FloatField(null=True, blank=True)
    score_high = models.FloatField(null=True, blank=True)
    score_parts = models.JSONField(default=dict, help_text="What the score is made of")
    tasks_seen = models.PositiveIntegerField(default=0, help_text="Tasks it rests on")
    snooze_rate = models.FloatField(null=True, blank=True, help_text="0-1, smoothed")
    edit_rate = models.FloatField(null=True, blank=True, help_text="0-1, smoothed")
    overdue_rate = models.FloatField(null=True, blank=True, help_text="0-1, smoothed")
    completion_rate = models.FloatField(null=True, blank=True, help_text="0-1, smoothed")
    completion_latency_avg = models.FloatField(
        null=True, blank=True, help_text="log1p of hours from making to doing, winsorized mean"
    )
    completion_vs_due_hours = models.FloatField(
        null=True, blank=True, help_text="Median hours after (before: negative) the due moment"
    )
    deadline_tension = models.FloatField(
        null=True, blank=True, help_text="0-1: the share of work done in the last tenth of its time"
    )
    inactivity_days = models.FloatField(
        null=True, blank=True, help_text="The longest stretch without a change, in days"
    )
    burstiness_index = models.FloatField(null=True, blank=True, help_text="-1 to 1")
    rhythm = models.JSONField(default=list, help_text="Completions by weekday (7) and hour (24)")
    category_clusters = models.JSONField(default=dict, help_text="Per category, how it goes")
    mode_cluster = models.PositiveSmallIntegerField(null=True, blank=True)
    cluster_label = models.CharField(max_length=40, blank=True)
    model = models.ForeignKey(
        BehaviorModel, null=True, blank=True, on_delete=models.SET_NULL, related_name="snapshots"
    )
    feature_version = models.PositiveSmallIntegerField(default=1)
    is_provisional = models.BooleanField(default=True, help_text="Its day still runs")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "date"], name="feature_snapshot_day_once"),
            between("procrastination_score", 0, 100, "feature_snapshot_score_0_100"),
            between("score_low", 0, 100, "feature_snapshot_low_0_100"),
            between("score_high", 0, 100, "feature_snapshot_high_0_100"),
            between("snooze_rate", 0, 1, "feature_snapshot_snooze_0_1"),
            between("edit_rate", 0, 1, "feature_snapshot_edit_0_1"),
            between("overdue_rate", 0, 1, "feature_snapshot_overdue_0_1"),
            between("completion_rate", 0, 1, "feature_snapshot_completion_0_1"),
            between("deadline_tension", 0, 1, "feature_snapshot_tension_0_1"),
            between("burstiness_index", -1, 1, "feature_snapshot_burstiness_pm1"),
        ]
        indexes = [models.Index(fields=["date"], name="feature_snapshot_of_day")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.date}"
