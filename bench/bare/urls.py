"""Bare endpoints of the same shape: the same tables and columns, sign-in and pages, and nothing else."""

from typing import Any

from django.db.models import QuerySet
from rest_framework import filters, serializers
from rest_framework.routers import SimpleRouter
from rest_framework.viewsets import ModelViewSet

from config.urls import urlpatterns as house
from habits.models import Goal, Habit, HabitCompletion
from productivity.models import Task


class BareHabitSerializer(serializers.ModelSerializer[Habit]):
    class Meta:
        model = Habit
        exclude = ["user", "automaticity", "catalogue_slug", "deleted_at"]


class BareGoalSerializer(serializers.ModelSerializer[Goal]):
    class Meta:
        model = Goal
        exclude = ["user", "deleted_at"]


class BareCompletionSerializer(serializers.ModelSerializer[HabitCompletion]):
    class Meta:
        model = HabitCompletion
        exclude = ["user"]
        validators: list[Any] = []


class BareHabits(ModelViewSet[Habit]):
    serializer_class = BareHabitSerializer

    def get_queryset(self) -> QuerySet[Habit]:
        return Habit.objects.filter(user=self.request.user.pk)


class BareGoals(ModelViewSet[Goal]):
    serializer_class = BareGoalSerializer

    def get_queryset(self) -> QuerySet[Goal]:
        return Goal.objects.filter(user=self.request.user.pk)

    def perform_create(self, serializer: serializers.BaseSerializer[Goal]) -> None:
        serializer.save(user=self.request.user)


class BareCompletions(ModelViewSet[HabitCompletion]):
    serializer_class = BareCompletionSerializer

    def get_queryset(self) -> QuerySet[HabitCompletion]:
        return HabitCompletion.objects.filter(user=self.request.user.pk)

    def perform_create(self, serializer: serializers.BaseSerializer[HabitCompletion]) -> None:
        serializer.save(user=self.request.user)


class BareTaskSerializer(serializers.ModelSerializer[Task]):
    class Meta:
        model = Task
        exclude = ["user", "deleted_at"]
        validators: list[Any] = []


class BareTasks(ModelViewSet[Task]):
    serializer_class = BareTaskSerializer
    filter_backends = [filters.SearchFilter]
    search_fields = ["title", "description", "category"]

    def get_queryset(self) -> QuerySet[Task]:
        return Task.objects.filter(user=self.request.user.pk)

    def perform_create(self, serializer: serializers.BaseSerializer[Task]) -> None:
        serializer.save(user=self.request.user)


router = SimpleRouter()
router.register("bare/tasks", BareTasks, basename="bare-task")
router.register("bare/habits", BareHabits, basename="bare-habit")
router.register("bare/goals", BareGoals, basename="bare-goal")
router.register("bare/completions", BareCompletions, basename="bare-completion")

urlpatterns = [*router.urls, *house]
