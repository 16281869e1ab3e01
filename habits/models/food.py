"""Meals a person logs, and the range they aim at."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import TimeOrderedModel
from coaching.models import Embedded


class FoodEntry(TimeOrderedModel, Embedded):
    """One meal or snack as the person told it. Figures are theirs, never guessed."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="food_entries"
    )
    text = models.CharField(max_length=300)
    calories = models.PositiveIntegerField(null=True, blank=True, help_text="kcal")
    protein_g = models.DecimalField(max_digits=6, decimal_places=1, null=True, blank=True)
    carbs_g = models.DecimalField(max_digits=6, decimal_places=1, null=True, blank=True)
    fat_g = models.DecimalField(max_digits=6, decimal_places=1, null=True, blank=True)
    eaten_at = models.DateTimeField()
    local_date = models.DateField(help_text="The person's own day of eating")
    client_id = models.CharField(max_length=64, null=True, blank=True)
    source = models.CharField(max_length=16, help_text="web, api, chat, sms, call or import")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "food entries"
        indexes = [
            models.Index(fields=["user", "-eaten_at"], name="food_entry_newest"),
            models.Index(fields=["user", "updated_at"], name="food_entry_changed"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "client_id"],
                condition=models.Q(client_id__isnull=False),
                name="food_entry_client_id_unique",
            ),
            models.CheckConstraint(
                condition=models.Q(calories__isnull=True) | models.Q(calories__lte=10000),
                name="food_entry_calories_plausible",
            ),
        ]

    def __str__(self) -> str:
        return self.text


class NutritionTarget(TimeOrderedModel):
    """The daily range a person aims at, if any, and whether figures are shown at all.

    The floors of a safe target are held by the schema.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="nutrition_target"
    )
    calories_low = models.PositiveIntegerField(null=True, blank=True, help_text="kcal a day")
    calories_high = models.PositiveIntegerField(null=True, blank=True, help_text="kcal a day")
    numbers_hidden = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(calories_low__gte=1200), name="nutrition_target_not_too_low"
            ),
            models.CheckConstraint(
                condition=models.Q(calories_high__gte=models.F("calories_low")),
                name="nutrition_target_in_order",
            ),
            models.CheckConstraint(
                condition=models.Q(calories_low__isnull=True, calories_high__isnull=True)
                | models.Q(calories_low__isnull=False, calories_high__gte=1500),
                name="nutrition_target_whole",
            ),
        ]

    def __str__(self) -> str:
        return (
            f"{self.calories_low}–{self.calories_high} kcal" if self.calories_low else "No target"
        )
