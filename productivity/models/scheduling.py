"""Slots that were recommended, and what a person's hours are worth for what."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from accounts.models import TimeOrderedModel, between, one_of

from .task import Task


def work_categories() -> list[str]:
    """What is done in working hours unless a person says otherwise."""
    return ["work", "job", "office", "clients", "meetings"]


def private_categories() -> list[str]:
    """What is done outside of working hours unless a person says otherwise."""
    return ["family", "friends", "home", "household", "hobby"]


class PlanningHours(TimeOrderedModel):
    """When a person wants tasks to be planned, beside their working hours. Without a row: the defaults.

    Categories in neither list may lie in and out of working hours. The lists count once working hours are set.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="planning_hours"
    )
    opens = models.TimeField(
        null=True, blank=True, help_text="Empty: the hours in which messages may come"
    )
    closes = models.TimeField(null=True, blank=True, help_text="Earlier than `opens`: at night")
    buffer_minutes = models.PositiveSmallIntegerField(
        default=10, help_text="Kept free before and after everything that is planned"
    )
    work_categories = ArrayField(
        models.CharField(max_length=40), default=work_categories, blank=True
    )
    private_categories = ArrayField(
        models.CharField(max_length=40), default=private_categories, blank=True
    )
    left_alone = models.JSONField(
        default=dict, blank=True, help_text="Tasks not to be renegotiated, until when"
    )
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name_plural = "planning hours"
        constraints = [
            between("buffer_minutes", 0, 120, "planning_hours_buffer_0_120"),
            models.CheckConstraint(
                condition=models.Q(opens__isnull=True, closes__isnull=True)
                | (
                    models.Q(opens__isnull=False, closes__isnull=False)
                    & ~models.Q(opens=models.F("closes"))
                ),
                name="planning_hours_open_and_close",
            ),
        ]

    def __str__(self) -> str:
        return f"Hours of {self.user}"


class RefusalReason(models.TextChoices):
    """Why a slot does not fit, in one tap."""

    WRONG_TIME = "wrong_time", "Not at that hour"
    WRONG_DAY = "wrong_day", "Not on that day"
    TOO_LONG = "too_long", "It takes longer"
    TOO_SHORT = "too_short", "It takes less"
    NOT_NOW = "not_now", "The task can wait"
    OTHER = "other", "Something else"


class ScheduleRecommendation(TimeOrderedModel):
    """A slot that was suggested for a task, why, how sure, and the answer."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="schedule_recommendations"
    )
    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="recommendations")
    recommended_due = models.DateTimeField(help_text="When to begin")
    recommended_end = models.DateTimeField()
    confidence_score = models.FloatField(help_text="0-1")
    score = models.FloatField(help_text="0-1, compares the slots of one answer")
    odds = models.FloatField(help_text="Of getting it done in this slot, 0-1")
    parts = models.JSONField(default=dict, help_text="Each term of the score, 0-1")
    reasons = models.JSONField(default=list, help_text="Sentences for the person")
    accepted = models.BooleanField(default=False)
    rejected = models.BooleanField(default=False)
    refusal_reason = models.CharField(max_length=12, choices=RefusalReason, blank=True)
    refusal_text = models.CharField(max_length=200, blank=True)
    was_done = models.BooleanField(
        null=True, blank=True, help_text="Whether it was done in its slot; empty: not known yet"
    )
    created_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [
            between("confidence_score", 0, 1, "recommendation_confidence_0_1"),
            between("score", 0, 1, "recommendation_score_0_1"),
            between("odds", 0, 1, "recommendation_odds_0_1"),
            models.CheckConstraint(
                condition=models.Q(recommended_end__gt=models.F("recommended_due")),
                name="recommendation_in_order",
            ),
            models.CheckConstraint(
                condition=~models.Q(accepted=True, rejected=True),
                name="recommendation_one_answer",
            ),
            models.CheckConstraint(
                condition=models.Q(refusal_reason__in=["", *RefusalReason.values]),
                name="recommendation_refusal_known",
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-created_at"], name="recommendation_newest"),
            models.Index(
                fields=["user", "task"],
                condition=models.Q(accepted=False, rejected=False),
                name="recommendation_open",
            ),
            models.Index(
                fields=["recommended_end"],
                condition=models.Q(accepted=True, was_done__isnull=True),
                name="recommendation_to_settle",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.task} at {self.recommended_due:%Y-%m-%d %H:%M}"


class SlotOdds(TimeOrderedModel):
    """What came of slots at one hour of one weekday, for one category: weighted trials and those that worked.

    Derived from recommendations and plans, and rebuilt from them; nobody writes here by hand.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="slot_odds"
    )
    weekday = models.PositiveSmallIntegerField(help_text="0 = Monday")
    hour = models.PositiveSmallIntegerField(help_text="0-23, the person's clock")
    category = models.CharField(max_length=40, blank=True)
    tried = models.FloatField(default=0)
    worked = models.FloatField(default=0)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name_plural = "slot odds"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "weekday", "hour", "category"], name="slot_odds_once"
            ),
            between("weekday", 0, 6, "slot_odds_weekday_0_6"),
            between("hour", 0, 23, "slot_odds_hour_0_23"),
            models.CheckConstraint(
                condition=models.Q(worked__gte=0, tried__gte=models.F("worked")),
                name="slot_odds_worked_of_tried",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.weekday}/{self.hour} {self.category}"


class TrialKind(models.TextChoices):
    PLAN = "plan", "A planned slot that is over"
    ANSWER = "answer", "An answer to a suggestion"


class SlotTrial(TimeOrderedModel):
    """One piece of evidence for the odds of an hour: a planned slot that is over, or an answer."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="slot_trials"
    )
    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="slot_trials")
    recommendation = models.ForeignKey(
        ScheduleRecommendation,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="trials",
    )
    kind = models.CharField(max_length=8, choices=TrialKind)
    starts_at = models.DateTimeField()
    weekday = models.PositiveSmallIntegerField()
    hour = models.PositiveSmallIntegerField()
    category = models.CharField(max_length=40, blank=True)
    weight = models.FloatField(default=1.0)
    worked = models.BooleanField()
    predicted = models.FloatField(null=True, blank=True, help_text="The odds that had been told")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            one_of("kind", TrialKind, "slot_trial_kind_known"),
            models.UniqueConstraint(fields=["task", "kind", "starts_at"], name="slot_trial_once"),
            between("weekday", 0, 6, "slot_trial_weekday_0_6"),
            between("hour", 0, 23, "slot_trial_hour_0_23"),
        ]
        indexes = [models.Index(fields=["user", "created_at"], name="slot_trial_of_person")]

    def __str__(self) -> str:
        return f"{self.kind} {self.starts_at:%Y-%m-%d %H:%M}"
