"""Habits: what is done, how often, and after which cue."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from accounts.models import TimeOrderedModel, between, one_of
from habits.querysets import HabitQuerySet

from .goal import Category, Goal


class CadenceKind(models.TextChoices):
    DAILY = "daily", "Every day"
    TIMES_PER_WEEK = "times_per_week", "Some times a week"
    WEEKDAYS = "weekdays", "On chosen weekdays"
    INTERVAL = "interval", "Every few days"


class MeasureKind(models.TextChoices):
    YES_NO = "yes_no", "Done or not"
    AT_LEAST = "at_least", "At least an amount"
    AT_MOST = "at_most", "At most an amount"


class HabitSize(models.TextChoices):
    TWO_MINUTE = "two_minute", "Two minutes"
    REGULAR = "regular", "Regular"
    STRETCH = "stretch", "Stretch"


class HabitStatus(models.TextChoices):
    PLANNED = "planned", "Planned"
    ACTIVE = "active", "Active"
    PAUSED = "paused", "Paused"
    ARCHIVED = "archived", "Archived"


class TimeOfDay(models.TextChoices):
    MORNING = "morning", "Morning"
    MIDDAY = "midday", "Midday"
    EVENING = "evening", "Evening"
    ANY = "any", "Any time"


def validate_weekdays(value: object) -> None:
    """Raises `ValidationError` unless `value` is a list of distinct weekdays, 0 (Monday) to 6."""
    if not (
        isinstance(value, list)
        and all(isinstance(day, int) and 0 <= day <= 6 for day in value)
        and len(set(value)) == len(value)
    ):
        raise ValidationError("Weekdays are a list of numbers from 0 (Monday) to 6 (Sunday).")


class Habit(TimeOrderedModel):
    """Something a person wants to do regularly.

    Which of the cadence fields counts follows from `cadence`: `times_per_week`, `weekdays` or
    `interval_days`. A day is asked for only from `starts_on` to `ends_on` (the person's own dates).
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="habits"
    )
    goal = models.ForeignKey(
        Goal, null=True, blank=True, on_delete=models.SET_NULL, related_name="habits"
    )
    name = models.CharField(max_length=120)
    category = models.CharField(max_length=16, choices=Category)
    catalogue_slug = models.CharField(max_length=80, blank=True)
    rationale = models.TextField(blank=True)
    tiny_version = models.CharField(
        max_length=160, blank=True, help_text="The two-minute version for a hard day"
    )
    size = models.CharField(max_length=12, choices=HabitSize, default=HabitSize.REGULAR)
    cadence = models.CharField(max_length=16, choices=CadenceKind, default=CadenceKind.DAILY)
    times_per_week = models.PositiveSmallIntegerField(null=True, blank=True)
    weekdays = models.JSONField(default=list, blank=True, validators=[validate_weekdays])
    interval_days = models.PositiveSmallIntegerField(null=True, blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    measure = models.CharField(max_length=12, choices=MeasureKind, default=MeasureKind.YES_NO)
    target_value = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    unit = models.CharField(max_length=24, blank=True)
    duration_minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    scheduled_time = models.TimeField(null=True, blank=True)
    time_of_day = models.CharField(max_length=8, choices=TimeOfDay, default=TimeOfDay.ANY)
    difficulty = models.FloatField(default=0.5, help_text="0 (easy) to 1 (hard)")
    enjoyment = models.FloatField(default=0.5, help_text="0 (a chore) to 1 (a pleasure)")
    is_outdoor = models.BooleanField(default=False)
    is_keystone = models.BooleanField(default=False)
    status = models.CharField(max_length=8, choices=HabitStatus, default=HabitStatus.ACTIVE)
    automaticity = models.JSONField(
        default=dict, blank=True, help_text="The fitted curve (Lally 2010), when there is one"
    )
    order = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = HabitQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["user", "status"], name="habit_user_status"),
            models.Index(fields=["user", "updated_at"], name="habit_user_changed"),
        ]
        constraints = [
            one_of("category", Category, "habit_category_known"),
            one_of("cadence", CadenceKind, "habit_cadence_known"),
            one_of("measure", MeasureKind, "habit_measure_known"),
            one_of("size", HabitSize, "habit_size_known"),
            one_of("status", HabitStatus, "habit_status_known"),
            one_of("time_of_day", TimeOfDay, "habit_time_of_day_known"),
            between("difficulty", 0, 1, "habit_difficulty_0_1"),
            between("enjoyment", 0, 1, "habit_enjoyment_0_1"),
            between("times_per_week", 1, 7, "habit_times_per_week_1_7"),
            between("interval_days", 2, 90, "habit_interval_2_90"),
            models.CheckConstraint(
                condition=(
                    models.Q(cadence=CadenceKind.DAILY)
                    | models.Q(cadence=CadenceKind.TIMES_PER_WEEK, times_per_week__isnull=False)
                    | (models.Q(cadence=CadenceKind.WEEKDAYS) & ~models.Q(weekdays=[]))
                    | models.Q(cadence=CadenceKind.INTERVAL, interval_days__isnull=False)
                ),
                name="habit_cadence_complete",
            ),
            models.CheckConstraint(
                condition=models.Q(measure=MeasureKind.YES_NO)
                | models.Q(target_value__isnull=False),
                name="habit_measure_has_target",
            ),
            models.CheckConstraint(
                condition=models.Q(ends_on__isnull=True)
                | models.Q(ends_on__gte=models.F("starts_on")),
                name="habit_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class HabitPause(TimeOrderedModel):
    """Days on which a habit rests: they neither strengthen nor weaken it."""

    habit = models.ForeignKey(Habit, on_delete=models.CASCADE, related_name="pauses")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    sequence = models.ForeignKey(
        "habits.HabitSequence",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="The plan that rested and took the habit along; empty: the person's own wish",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["habit"], condition=models.Q(ends_on__isnull=True), name="pause_one_open"
            ),
            models.CheckConstraint(
                condition=models.Q(ends_on__isnull=True)
                | models.Q(ends_on__gte=models.F("starts_on")),
                name="pause_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"Paused from {self.starts_on}"


class CueKind(models.TextChoices):
    ROUTINE = "routine", "After a routine"
    TIME = "time", "At a time"
    PLACE = "place", "At a place"


class HabitStack(TimeOrderedModel):
    """An implementation intention: after `cue`, I will do the habit."""

    habit = models.ForeignKey(Habit, on_delete=models.CASCADE, related_name="stacks")
    cue_kind = models.CharField(max_length=8, choices=CueKind, default=CueKind.ROUTINE)
    cue = models.CharField(max_length=120)
    sentence = models.CharField(max_length=240, help_text="After X, I will Y")
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "id"]
        constraints = [one_of("cue_kind", CueKind, "stack_cue_known")]

    def __str__(self) -> str:
        return self.sentence


class CompletionStatus(models.TextChoices):
    DONE = "done", "Done"
    PARTIAL = "partial", "Partly done"
    SKIPPED = "skipped", "Skipped"
    MISSED = "missed", "Missed"


class CompletionSource(models.TextChoices):
    WEB = "web", "Web"
    API = "api", "API"
    CHAT = "chat", "Chat"
    SMS = "sms", "SMS"
    CALL = "call", "Phone call"
    IMPORT = "import", "Import"


class HabitCompletion(TimeOrderedModel):
    """What happened with a habit on one of the person's days. One row per day and `ordinal`.

    Written by `habits.completions` only. `completed_at` is the moment it was done, and stays empty when
    a day was filled in later and nobody knows; usual hours are learned from known moments alone.
    """

    habit = models.ForeignKey(Habit, on_delete=models.CASCADE, related_name="completions")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="habit_completions"
    )
    local_date = models.DateField()
    ordinal = models.PositiveSmallIntegerField(default=1)
    status = models.CharField(max_length=8, choices=CompletionStatus)
    value = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    reason = models.CharField(max_length=60, blank=True, help_text="Why it was skipped")
    note = models.TextField(blank=True)
    source = models.CharField(max_length=8, choices=CompletionSource)
    completed_at = models.DateTimeField(null=True, blank=True)
    revision = models.PositiveSmallIntegerField(
        default=1, help_text="How often this row was told anew; part of its key in the ledger"
    )
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["habit", "local_date", "ordinal"], name="completion_once_a_day"
            ),
            one_of("status", CompletionStatus, "completion_status_known"),
            one_of("source", CompletionSource, "completion_source_known"),
            between("ordinal", 1, 20, "completion_ordinal_1_20"),
            models.CheckConstraint(
                condition=models.Q(value__isnull=True) | models.Q(value__gte=0),
                name="completion_value_not_negative",
            ),
        ]
        indexes = [models.Index(fields=["user", "local_date"], name="completion_user_day")]

    def __str__(self) -> str:
        return f"{self.status} on {self.local_date}"


class UserStreak(TimeOrderedModel):
    """Where a habit stands on the person's day `as_of`: its streak, freezes and strength.

    A copy for fast reading, always computed anew from the completions (`habits.standing`). Counted in
    the habit's own occasions: days, or weeks for one that is asked for some times a week.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="streaks"
    )
    habit = models.OneToOneField(Habit, on_delete=models.CASCADE, related_name="streak")
    current = models.PositiveIntegerField(default=0)
    longest = models.PositiveIntegerField(default=0)
    freezes_left = models.PositiveSmallIntegerField(default=0)
    last_date = models.DateField(null=True, blank=True)
    total_done = models.PositiveIntegerField(default=0)
    strength = models.FloatField(default=0.0, help_text="0 (new) to 1 (second nature)")
    as_of = models.DateField(null=True, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [between("strength", 0, 1, "streak_strength_0_1")]

    def __str__(self) -> str:
        return f"{self.current} (longest {self.longest})"


class Issue(models.TextChoices):
    TOO_HARD = "too_hard", "Too hard"
    NO_TIME = "no_time", "No time"
    FORGOT = "forgot", "Forgot"
    UNMOTIVATED = "unmotivated", "Not motivated"


class ChangeStatus(models.TextChoices):
    OPEN = "open", "Waiting for an answer"
    ACCEPTED = "accepted", "Accepted"
    DECLINED = "declined", "Declined"


class HabitChange(TimeOrderedModel):
    """A change to a habit that the coach proposed; it takes effect when the person accepts it.

    `changes` holds new field values, and under `stack` the cue of an implementation intention.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="habit_changes"
    )
    habit = models.ForeignKey(Habit, on_delete=models.CASCADE, related_name="proposed_changes")
    issue = models.CharField(max_length=12, choices=Issue)
    changes = models.JSONField()
    words = models.CharField(max_length=300, help_text="The change as one sentence")
    reason = models.CharField(max_length=400, help_text="Why it may help")
    status = models.CharField(max_length=8, choices=ChangeStatus, default=ChangeStatus.OPEN)
    call_id = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            one_of("issue", Issue, "habit_change_issue_known"),
            one_of("status", ChangeStatus, "habit_change_status_known"),
            models.UniqueConstraint(
                fields=["user", "call_id"],
                condition=~models.Q(call_id=""),
                name="habit_change_once_per_call",
            ),
        ]

    def __str__(self) -> str:
        return self.words

    @property
    def is_expired(self) -> bool:
        return self.status == ChangeStatus.OPEN and self.expires_at <= timezone.now()
