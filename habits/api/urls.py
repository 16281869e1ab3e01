"""Addresses below /api/v1/habits/."""

from datetime import date

from django.urls import path, register_converter
from rest_framework.routers import SimpleRouter

from .changes import ChangeView
from .goals import GoalViewSet
from .guesses import GuessesView
from .habits import CompletionDayView, CompletionsView, HabitViewSet
from .loop_import import LoopImportView
from .plans import GoalAnalysisView
from .plans import router as plans


class DayConverter:
    """A calendar date, 2026-03-01."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(value)  # a ValueError here is a 404

    def to_url(self, value: date) -> str:
        return value.isoformat()


register_converter(DayConverter, "day")
goals = SimpleRouter(use_regex_path=False)
goals.register("goals", GoalViewSet, basename="goal")
habits = SimpleRouter(use_regex_path=False)
habits.register("", HabitViewSet, basename="habit")

urlpatterns = [
    path("<uuid:habit_id>/completions/", CompletionsView.as_view(), name="habit-completions"),
    path(
        "<uuid:habit_id>/completions/<day:day>/",
        CompletionDayView.as_view(),
        name="habit-completion-day",
    ),
    path("<uuid:habit_id>/guesses/", GuessesView.as_view(), name="habit-guesses"),
    path(
        "changes/<uuid:change_id>/accept/", ChangeView.as_view(accepts=True), name="change-accept"
    ),
    path(
        "changes/<uuid:change_id>/decline/",
        ChangeView.as_view(accepts=False),
        name="change-decline",
    ),
    path("import/loop/", LoopImportView.as_view(), name="habit-loop-import"),
    path("goals/analysis/", GoalAnalysisView.as_view(), name="goal-analysis"),
    *plans.urls,
    *goals.urls,
    *habits.urls,
]
