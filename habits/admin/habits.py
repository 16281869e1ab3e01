"""People's goals, habits and days, to look at: the services own these rows."""

from typing import Any

from django.contrib import admin
from unfold.admin import ModelAdmin, TabularInline

from accounts.staff import AuditedReading, OwnPeopleOnly, ReadOnly
from habits.cadence import in_words
from habits.models import Goal, Habit, HabitChange, HabitCompletion, HabitPause, HabitStack


class StackInline(ReadOnly, TabularInline):
    model = HabitStack
    extra = 0


class PauseInline(ReadOnly, TabularInline):
    model = HabitPause
    extra = 0


@admin.register(Goal)
class GoalAdmin(OwnPeopleOnly, AuditedReading, ReadOnly, ModelAdmin):
    list_display = ("text", "user", "category", "deadline", "percent_complete", "status")
    list_filter = ("category", "status")
    list_select_related = ("user",)
    search_fields = ("text", "user__email", "user__name")
    ordering = ("-id",)


@admin.register(Habit)
class HabitAdmin(OwnPeopleOnly, AuditedReading, ReadOnly, ModelAdmin):
    list_display = ("name", "user", "category", "cadence_in_words", "strength", "run", "status")
    list_filter = ("category", "status", "size", "cadence", "is_keystone")
    list_select_related = ("user", "streak")
    search_fields = ("name", "user__email", "user__name")
    ordering = ("-id",)
    inlines = (StackInline, PauseInline)

    @admin.display(description="Asked for")
    def cadence_in_words(self, habit: Habit) -> str:
        return in_words(habit)

    @admin.display(description="Strength")
    def strength(self, habit: Habit) -> str:
        return f"{habit.streak.strength:.0%}" if hasattr(habit, "streak") else "–"

    @admin.display(description="In a row")
    def run(self, habit: Habit) -> Any:
        return habit.streak.current if hasattr(habit, "streak") else "–"


@admin.register(HabitCompletion)
class HabitCompletionAdmin(OwnPeopleOnly, AuditedReading, ReadOnly, ModelAdmin):
    list_display = ("local_date", "user", "habit", "status", "value", "reason", "source")
    list_filter = ("status", "source", "local_date")
    list_select_related = ("user", "habit")
    search_fields = ("habit__name", "user__email")
    date_hierarchy = "local_date"
    ordering = ("-local_date", "-id")


@admin.register(HabitChange)
class HabitChangeAdmin(OwnPeopleOnly, AuditedReading, ReadOnly, ModelAdmin):
    list_display = ("created_at", "user", "habit", "issue", "words", "status")
    list_filter = ("issue", "status")
    list_select_related = ("user", "habit")
    ordering = ("-id",)
