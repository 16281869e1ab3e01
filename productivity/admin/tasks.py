"""People's tasks and their history, to look at: the services own these rows."""

import json
from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display

from accounts.staff import AuditedReading, OwnPeopleOnly, ReadOnly
from productivity.models import CalendarFeed, Task, TaskEvent, TaskSeries, TaskStatus
from productivity.recurrence import in_words

from .metrics import TaskMetrics

STATUS_COLORS = {
    TaskStatus.PENDING.label: "info",
    TaskStatus.COMPLETED.label: "success",
    TaskStatus.SNOOZED.label: "warning",
}


def said(event: TaskEvent) -> str:
    """What a change changed: "title: Call mum → Ring mum"."""
    before = event.event_payload.get("before", {})
    after = event.event_payload.get("after", {})
    return "; ".join(
        f"{name.removesuffix('_id')}: {_plain(before[name])} → {_plain(value)}"
        if name in before
        else f"{name.removesuffix('_id')}: {_plain(value)}"
        for name, value in after.items()
    )


def _plain(value: object) -> str:
    text = value if isinstance(value, str) else "–" if value is None else json.dumps(value)
    return text if len(text) <= 80 else f"{text[:79]}…"


class NotDeleted:
    """What a person deleted is not read by staff. `task_path` leads from the row to the task."""

    task_path = ""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)  # type: ignore[misc]
        return rows.filter(**{f"{self.task_path}deleted_at": None})


class StepInline(NotDeleted, ReadOnly, TabularInline):
    model = Task
    fk_name = "parent"
    extra = 0
    fields = ("title", "status", "due_at", "completed_at")
    verbose_name_plural = "steps"
    ordering = ("position", "id")


class EventInline(ReadOnly, TabularInline):
    model = TaskEvent
    extra = 0
    fields = ("created_at", "event_type", "changes", "source", "undoes")
    readonly_fields = ("changes",)
    verbose_name_plural = "history"
    ordering = ("-id",)

    @admin.display(description="What changed")
    def changes(self, event: TaskEvent) -> str:
        return said(event)


@admin.register(Task)
class TaskAdmin(NotDeleted, TaskMetrics, OwnPeopleOnly, AuditedReading, ReadOnly, ModelAdmin):
    list_display = (
        "title",
        "user",
        "state",
        "due_at",
        "category",
        "priority",
        "snooze_count",
        "completed_at",
    )
    list_filter = ("status", "priority", "due_at")
    list_select_related = ("user",)
    search_fields = ("title", "user__email", "user__name")
    ordering = ("-id",)
    inlines = (StepInline, EventInline)

    @display(description="Status", ordering="status", label=STATUS_COLORS)
    def state(self, task: Task) -> str:
        return task.get_status_display()


@admin.register(TaskEvent)
class TaskEventAdmin(NotDeleted, OwnPeopleOnly, AuditedReading, ReadOnly, ModelAdmin):
    """The words stand on the page of a change, where reading them leaves a trail, and in no list."""

    task_path = "task__"
    list_display = ("created_at", "user", "task", "event_type", "fields_changed", "source")
    fields = ("created_at", "user", "task", "event_type", "changes", "source", "batch", "undoes")
    readonly_fields = ("changes",)
    list_filter = ("event_type", "source")
    list_select_related = ("user", "task")
    search_fields = ("task__title", "user__email")
    date_hierarchy = "created_at"
    ordering = ("-created_at", "-id")

    @admin.display(description="What of it")
    def fields_changed(self, event: TaskEvent) -> str:
        return ", ".join(
            name.removesuffix("_id").replace("_", " ")
            for name in event.event_payload.get("after", {})
        )

    @admin.display(description="What changed")
    def changes(self, event: TaskEvent) -> str:
        return said(event)


@admin.register(TaskSeries)
class TaskSeriesAdmin(OwnPeopleOnly, AuditedReading, ReadOnly, ModelAdmin):
    list_display = ("comes", "user", "starts_on", "local_time", "repeat_from", "made", "ended_at")
    list_filter = ("repeat_from", ("ended_at", admin.EmptyFieldListFilter))
    list_select_related = ("user",)
    search_fields = ("user__email", "occurrences__title")
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[TaskSeries]:
        return super().get_queryset(request).annotate(occurrences_made=Count("occurrences"))

    @admin.display(description="Comes")
    def comes(self, series: TaskSeries) -> str:
        try:
            return in_words(series.rule)
        except ValueError:
            return series.rule

    @admin.display(description="Occurrences")
    def made(self, series: TaskSeries) -> int:
        count: int = getattr(series, "occurrences_made", 0)
        return count


@admin.register(CalendarFeed)
class CalendarFeedAdmin(OwnPeopleOnly, AuditedReading, ReadOnly, ModelAdmin):
    """Who has a calendar address. The address itself is known to nobody but the person."""

    list_display = ("user", "created_at", "last_read_at")
    list_select_related = ("user",)
    search_fields = ("user__email", "user__name")
    exclude = ("token_digest",)
    ordering = ("-id",)
