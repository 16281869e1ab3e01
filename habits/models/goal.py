"""Goals: what a person wants, taken apart into what can be acted on and measured."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import TimeOrderedModel, between, one_of
from habits.querysets import GoalQuerySet


class Category(models.TextChoices):
    FITNESS = "fitness", "Fitness"
    LEARNING = "learning", "Learning"
    FINANCIAL = "financial", "Financial"
    WELLNESS = "wellness", "Wellness"
    PRODUCTIVITY = "productivity", "Productivity"


class GoalStatus(models.TextChoices):
    DRAFT = "draft", "Draft"
    ACTIVE = "active", "Active"
    ACHIEVED = "achieved", "Achieved"
    PAUSED = "paused", "Paused"
    ABANDONED = "abandoned", "Let go"


class Goal(TimeOrderedModel):
    """A goal in the person's own words, with its parts."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="goals"
    )
    text = models.CharField(max_length=300)
    category = models.CharField(max_length=16, choices=Category)
    primary_objective = models.CharField(max_length=200)
    target_metrics = models.JSONField(default=dict, blank=True)
    deadline = models.DateField(null=True, blank=True)
    difficulty = models.FloatField(default=0.5, help_text="0 (easy) to 1 (hard)")
    sub_goals = models.JSONField(default=list, blank=True)
    dependencies = models.JSONField(default=list, blank=True)
    obstacles = models.JSONField(default=list, blank=True)
    success_indicators = models.JSONField(default=list, blank=True)
    percent_complete = models.PositiveSmallIntegerField(default=0)
    status = models.CharField(max_length=12, choices=GoalStatus, default=GoalStatus.ACTIVE)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = GoalQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["user", "status"], name="goal_user_status")]
        constraints = [
            one_of("category", Category, "goal_category_known"),
            one_of("status", GoalStatus, "goal_status_known"),
            between("difficulty", 0, 1, "goal_difficulty_0_1"),
            between("percent_complete", 0, 100, "goal_percent_0_100"),
        ]

    def __str__(self) -> str:
        return self.text
