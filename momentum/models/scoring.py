"""Scores: the events they are made of, the scores of each day, and the versions of how it is done."""

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import TimeOrderedModel, between, one_of


class PillarName(models.TextChoices):
    COGNITIVE = "cognitive", "Mind"
    BEHAVIORAL = "behavioral", "Action"
    RELATIONAL = "relational", "Connection"
    BIOMETRIC = "biometric", "Body"


class VersionStatus(models.TextChoices):
    DRAFT = "draft", "Draft"
    BACKFILLING = "backfilling", "Being backfilled"
    READY = "ready", "Ready beside the published one"
    PUBLISHED = "published", "Published"
    RETIRED = "retired", "Retired"


class ScoringVersion(TimeOrderedModel):
    """How events become scores. Once it has scored a day it is never edited: a change is a new version."""

    name = models.CharField(max_length=32, unique=True)
    parameters = models.JSONField(help_text="Weights, half-lives and normalizers")
    status = models.CharField(max_length=12, choices=VersionStatus, default=VersionStatus.DRAFT)
    is_active = models.BooleanField(default=False, help_text="The version that people see")
    notes = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            one_of("status", VersionStatus, "scoring_version_status_known"),
            models.UniqueConstraint(
                fields=["is_active"], condition=Q(is_active=True), name="scoring_version_one_active"
            ),
            models.CheckConstraint(
                condition=Q(is_active=False) | Q(status="published"),
                name="scoring_version_active_is_published",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class MomentumEvent(TimeOrderedModel):
    """One thing that counts, made comparable. Derived from the ledger: it can be thrown away and rebuilt.

    Of all that is told of one `subject` on one day there is one row. Partitioned by month of `local_date`.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="momentum_events",
        db_index=False,  # the unique constraint's index begins with it
    )
    event_type = models.CharField(max_length=64)
    raw_value = models.FloatField()
    normalized_score = models.FloatField(help_text="0 to 1")
    units = models.FloatField(default=1.0, help_text="How many occasions it speaks for")
    is_summary = models.BooleanField(
        default=False, help_text="Stands for the day's others of its tag"
    )
    source = models.CharField(max_length=16)
    tag = models.CharField(max_length=24, help_text="The kind of signal")
    pillar = models.CharField(max_length=12, choices=PillarName)
    subject = models.CharField(max_length=160)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    local_date = models.DateField(help_text="The person's own day")
    created_at = models.DateTimeField(default=timezone.now)
    log_id = models.UUIDField(null=True, blank=True, help_text="The row of the ledger behind it")
    normalizer_version = models.CharField(max_length=32)

    class Meta:
        constraints = [
            one_of("pillar", PillarName, "momentum_event_pillar_known"),
            between("normalized_score", 0, 1, "momentum_event_score_0_1"),
            models.CheckConstraint(
                condition=Q(units__gte=0), name="momentum_event_units_not_below_0"
            ),
            models.UniqueConstraint(
                fields=["user", "local_date", "subject"], name="momentum_event_subject_unique"
            ),
        ]
        indexes = [
            # For a day of everybody; it costs next to nothing, as rows come day by day.
            BrinIndex(
                fields=["local_date"],
                name="momentum_event_day",
                pages_per_range=32,
                autosummarize=True,
            )
        ]

    def __str__(self) -> str:
        return f"{self.event_type} on {self.local_date}"


class Direction(models.TextChoices):
    CALIBRATING = "calibrating", "Calibrating"
    RISING = "rising", "Rising"
    STEADY = "steady", "Steady"
    EASING = "easing", "Easing"


_SCORES = ("cognitive_score", "behavioral_score", "relational_score", "biometric_score")


class MomentumPillar(TimeOrderedModel):
    """The scores (0-100) of one of a person's days under one version.

    A pillar without any evidence so far has no score. `…_evidence_on` is the day of its last evidence, which
    the next day builds on; `average_7` and `average_42` are exponentially weighted means of the overall score.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="momentum_pillars"
    )
    date = models.DateField(help_text="The person's own day")
    version = models.CharField(max_length=32, default="v1", help_text="Name of the scoring version")
    cognitive_score = models.FloatField(null=True, blank=True)
    behavioral_score = models.FloatField(null=True, blank=True)
    relational_score = models.FloatField(null=True, blank=True)
    biometric_score = models.FloatField(null=True, blank=True)
    overall_score = models.FloatField(null=True, blank=True)
    coverage = models.FloatField(default=0, help_text="0 to 1: how fresh the evidence is")
    cognitive_evidence_on = models.DateField(null=True, blank=True)
    behavioral_evidence_on = models.DateField(null=True, blank=True)
    relational_evidence_on = models.DateField(null=True, blank=True)
    biometric_evidence_on = models.DateField(null=True, blank=True)
    average_7 = models.FloatField(null=True, blank=True)
    average_42 = models.FloatField(null=True, blank=True)
    evidence_days = models.PositiveIntegerField(default=0, help_text="Days with evidence so far")
    direction = models.CharField(max_length=12, choices=Direction, default=Direction.CALIBRATING)
    scored_at = models.DateTimeField(default=timezone.now)
    finalized_at = models.DateTimeField(null=True, blank=True, help_text="Empty: provisional")
    revised_at = models.DateTimeField(null=True, blank=True)
    revision_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "date", "version"], name="momentum_pillar_day_unique"
            ),
            one_of("direction", Direction, "momentum_pillar_direction_known"),
            between("coverage", 0, 1, "momentum_pillar_coverage_0_1"),
            between("overall_score", 0, 100, "momentum_pillar_overall_0_100"),
            *[between(name, 0, 100, f"momentum_pillar_{name[:4]}_0_100") for name in _SCORES],
        ]
        indexes = [models.Index(fields=["version", "date"], name="momentum_pillar_version_day")]

    def __str__(self) -> str:
        return f"{self.date} ({self.version})"


class PendingScore(TimeOrderedModel):
    """A person's days from `since` on are to be scored again: claimed by deleting, swept when nobody came.

    Never updated and not unique, so that two changes at once wait for nobody.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="pending_scores"
    )
    since = models.DateField()
    reason = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["user", "since"], name="pending_score_user")]

    def __str__(self) -> str:
        return f"since {self.since}"


class BackfillStatus(models.TextChoices):
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    STOPPED = "stopped", "Stopped"


class Backfill(TimeOrderedModel):
    """One scoring of past days under a version: how far it is, so that it can be watched and resumed."""

    version = models.CharField(max_length=32)
    first_day = models.DateField()
    last_day = models.DateField()
    only = models.JSONField(default=list, blank=True, help_text="Ids of people; empty: everybody")
    status = models.CharField(max_length=8, choices=BackfillStatus, default=BackfillStatus.RUNNING)
    reached = models.UUIDField(null=True, blank=True, help_text="People up to this id are done")
    people_done = models.PositiveIntegerField(default=0)
    people_total = models.PositiveIntegerField(default=0)
    events_read = models.PositiveBigIntegerField(default=0)
    started_at = models.DateTimeField(default=timezone.now)
    heartbeat_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)

    class Meta:
        constraints = [one_of("status", BackfillStatus, "backfill_status_known")]
        indexes = [models.Index(fields=["version", "-started_at"], name="backfill_version_newest")]

    def __str__(self) -> str:
        return f"{self.version}: {self.first_day} to {self.last_day}"
