"""What devices measure: samples as they come, one value a day and source, and what the person confirmed."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import TimeOrderedModel, between, one_of


class Metric(models.TextChoices):
    SLEEP_MINUTES = "sleep_minutes", "Sleep"
    STEPS = "steps", "Steps"
    RESTING_HEART_RATE = "resting_heart_rate", "Resting heart rate"
    HRV = "hrv", "Heart rate variability"
    WEIGHT_KG = "weight_kg", "Weight"
    ACTIVE_MINUTES = "active_minutes", "Active minutes"
    ACTIVE_ENERGY_KCAL = "active_energy_kcal", "Active energy"
    DISTANCE_KM = "distance_km", "Distance"


class BiometricSource(models.TextChoices):
    MANUAL = "manual", "Entered by hand"
    HEALTHKIT = "healthkit", "Apple Health"
    GARMIN = "garmin", "Garmin"
    FITBIT = "fitbit", "Fitbit"
    FIT_FILE = "fit_file", "FIT file"
    HEALTH_CONNECT = "health_connect", "Health Connect"


class BiometricSample(TimeOrderedModel):
    """One measurement of a span of time, as a device told it. The day's value is made of these."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="biometric_samples"
    )
    metric = models.CharField(max_length=24, choices=Metric)
    source = models.CharField(max_length=16, choices=BiometricSource)
    device = models.CharField(max_length=80, blank=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    local_date = models.DateField(help_text="The person's own day; of sleep the day of waking")
    value = models.FloatField()
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            one_of("metric", Metric, "biometric_sample_metric_known"),
            one_of("source", BiometricSource, "biometric_sample_source_known"),
            models.CheckConstraint(
                condition=Q(ended_at__gte=F("started_at")), name="biometric_sample_in_order"
            ),
            models.UniqueConstraint(
                fields=["user", "metric", "started_at", "ended_at", "source", "device"],
                name="biometric_sample_unique",
            ),
        ]
        indexes = [
            models.Index(fields=["user", "metric", "local_date"], name="biometric_sample_day"),
        ]

    def __str__(self) -> str:
        return f"{self.metric} {self.started_at}"


class BiometricStream(TimeOrderedModel):
    """The value of one metric on one of a person's days, by source.

    `measured_until` says up to when the source had measured: a later state of the same day replaces an
    earlier one, in whatever order they arrive. `is_preferred` marks the source that counts for the day.

    `value` is made of two things that are kept apart, so that neither is lost to the other: what the source
    told of the whole day (`told_…`) and what its samples add up to (`counted_…`).
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="biometric_streams"
    )
    metric = models.CharField(max_length=24, choices=Metric)
    date = models.DateField(help_text="The person's own day")
    value = models.FloatField()
    unit = models.CharField(max_length=8)
    source = models.CharField(max_length=16, choices=BiometricSource)
    is_preferred = models.BooleanField(default=True)
    measured_until = models.DateTimeField()
    told_value = models.FloatField(null=True, blank=True, help_text="Of the whole day, as told")
    told_until = models.DateTimeField(null=True, blank=True)
    counted_value = models.FloatField(null=True, blank=True, help_text="Of the day's samples")
    counted_until = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField(default=timezone.now)
    validated_at = models.DateTimeField(
        null=True, blank=True, help_text="When the person confirmed it"
    )

    class Meta:
        constraints = [
            one_of("metric", Metric, "biometric_stream_metric_known"),
            one_of("source", BiometricSource, "biometric_stream_source_known"),
            models.UniqueConstraint(
                fields=["user", "metric", "date", "source"], name="biometric_stream_day_unique"
            ),
            models.UniqueConstraint(
                fields=["user", "metric", "date"],
                condition=Q(is_preferred=True),
                name="biometric_stream_one_preferred",
            ),
        ]
        indexes = [models.Index(fields=["user", "-date"], name="biometric_stream_newest")]

    def __str__(self) -> str:
        return f"{self.metric} {self.date}: {self.value:g} {self.unit}"


class ChangeStatus(models.TextChoices):
    ASKED = "asked", "Asked"
    CONFIRMED = "confirmed", "Confirmed"
    DENIED = "denied", "Not right"
    EXPIRED = "expired", "Not answered"


class BiometricChange(TimeOrderedModel):
    """A change in what devices measure that the person is asked to confirm; it counts once they do."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="biometric_changes"
    )
    metric = models.CharField(max_length=24, choices=Metric)
    since = models.DateField()
    until = models.DateField()
    before = models.FloatField()
    after = models.FloatField()
    status = models.CharField(max_length=10, choices=ChangeStatus, default=ChangeStatus.ASKED)
    created_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            one_of("metric", Metric, "biometric_change_metric_known"),
            one_of("status", ChangeStatus, "biometric_change_status_known"),
            models.CheckConstraint(condition=Q(until__gt=F("since")), name="biometric_change_span"),
            models.UniqueConstraint(
                fields=["user", "metric", "until"], name="biometric_change_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.metric}: {self.before:g} to {self.after:g}"


class DeviceConnection(TimeOrderedModel):
    """A person's account with a maker of devices that sends us their data."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="device_connections"
    )
    provider = models.CharField(max_length=16, choices=BiometricSource)
    provider_user_id = models.CharField(max_length=120)
    connected_at = models.DateTimeField(default=timezone.now)
    last_data_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            one_of("provider", BiometricSource, "device_connection_provider_known"),
            models.UniqueConstraint(
                fields=["provider", "provider_user_id"], name="device_connection_account_unique"
            ),
            models.UniqueConstraint(
                fields=["user", "provider"], name="device_connection_one_per_provider"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.provider_user_id}"


class PushStatus(models.TextChoices):
    RECEIVED = "received", "Received"
    PROCESSED = "processed", "Processed"
    FAILED = "failed", "Failed"


class ProviderPush(TimeOrderedModel):
    """What a maker of devices sent, as it came, for one person; processed once."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="provider_pushes"
    )
    provider = models.CharField(max_length=16, choices=BiometricSource)
    kind = models.CharField(max_length=24)
    digest = models.CharField(max_length=64)
    body = models.JSONField()
    status = models.CharField(max_length=10, choices=PushStatus, default=PushStatus.RECEIVED)
    received_at = models.DateTimeField(default=timezone.now)
    processed_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name_plural = "provider pushes"
        constraints = [
            one_of("provider", BiometricSource, "provider_push_provider_known"),
            one_of("status", PushStatus, "provider_push_status_known"),
            models.UniqueConstraint(
                fields=["user", "provider", "digest"], name="provider_push_unique"
            ),
        ]
        indexes = [
            models.Index(
                fields=["received_at"], condition=Q(status="received"), name="provider_push_open"
            )
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.kind}"


class ImportKind(models.TextChoices):
    APPLE_HEALTH = "apple_health", "Apple Health export"
    GARMIN_CSV = "garmin_csv", "Garmin CSV"
    FITBIT_CSV = "fitbit_csv", "Fitbit CSV"
    FIT = "fit", "FIT activity"


class ImportStatus(models.TextChoices):
    RECEIVING = "receiving", "On its way"
    WAITING = "waiting", "Waiting"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"


class HealthImport(TimeOrderedModel):
    """A file of health data that a person brought: read once, in the background, with its progress."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="health_imports"
    )
    kind = models.CharField(max_length=16, choices=ImportKind, blank=True)
    file = models.FileField(upload_to="health/%Y/%m/", blank=True)
    filename = models.CharField(max_length=200)
    size = models.PositiveBigIntegerField(help_text="Bytes")
    status = models.CharField(max_length=12, choices=ImportStatus, default=ImportStatus.WAITING)
    bytes_received = models.PositiveBigIntegerField(
        default=0, help_text="How much of the file is here: where its next piece begins"
    )
    bytes_read = models.PositiveBigIntegerField(default=0)
    records_read = models.PositiveBigIntegerField(default=0)
    days_changed = models.PositiveIntegerField(default=0)
    found = models.JSONField(
        default=dict,
        blank=True,
        help_text="By metric: how many days, the first and the last of them",
    )
    skipped = models.JSONField(default=dict, blank=True, help_text="What was passed over, by kind")
    stopped = models.CharField(
        max_length=300, blank=True, help_text="Where the file broke off; what came before was read"
    )
    attempts = models.PositiveSmallIntegerField(
        default=0, help_text="How often a worker began to read it"
    )
    error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            one_of("status", ImportStatus, "health_import_status_known"),
            between("size", 0, 16 * 1024**3, "health_import_size_bounded"),
            models.CheckConstraint(
                condition=Q(bytes_received__lte=models.F("size")),
                name="health_import_received_bounded",
            ),
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(status__in=["receiving", "waiting", "running"]),
                name="health_import_one_at_a_time",
            ),
        ]
        indexes = [models.Index(fields=["user", "-created_at"], name="health_import_newest")]

    def __str__(self) -> str:
        return self.filename
