"""Addresses of tasks below /api/v1/tasks/."""

from django.urls import URLPattern, URLResolver, path
from rest_framework.routers import SimpleRouter

from .tasks import TaskViewSet
from .tasks_changes import (
    BulkView,
    CategoriesView,
    QuickAddView,
    RenameCategoryView,
    SyncView,
    UndoView,
)

router = SimpleRouter(use_regex_path=False)
router.register("", TaskViewSet, basename="task")

urlpatterns: list[URLPattern | URLResolver] = [
    path("undo/", UndoView.as_view(), name="tasks-undo"),
    path("categories/", CategoriesView.as_view(), name="tasks-categories"),
    path("categories/rename/", RenameCategoryView.as_view(), name="tasks-categories-rename"),
    path("bulk/", BulkView.as_view(), name="tasks-bulk"),
    path("quick-add/", QuickAddView.as_view(), name="tasks-quick-add"),
    path("sync/", SyncView.as_view(), name="tasks-sync"),
    *router.urls,
]
