"""Tasks, what repeats, every change of them, and where others may read them."""

from uuid import UUID

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import TimeOrderedModel, between, one_of
from productivity.querysets import TaskQuerySet

LONGEST_TASK_MINUTES = 6000


class TaskStatus(models.TextChoices):
    PENDING = "pending", "To do"
    COMPLETED = "completed", "Done"
    SNOOZED = "snoozed", "Snoozed"
    DELETED = "deleted", "Deleted"


class Priority(models.IntegerChoices):
    NONE = 0, "None"
    LOW = 1, "Low"
    MEDIUM = 2, "Medium"
    HIGH = 3, "High"


class ChangeSource(models.TextChoices):
    """Where a change was made."""

    WEB = "web", "Web"
    API = "api", "Phone app"
    CHAT = "chat", "Chat"
    SMS = "sms", "SMS"
    CALL = "call", "Call"
    IMPORT = "import", "Import"
    SYSTEM = "system", "Habyss"


class RepeatFrom(models.TextChoices):
    """What the next occurrence is counted from."""

    SCHEDULE = "schedule", "The days of the rule"
    COMPLETION = "completion", "The day it was done"


class TaskSeries(TimeOrderedModel):
    """A task that comes again. Its clock time is the person's own, wherever they are.

    `rule` is an RRULE (RFC 5545) without DTSTART; it runs from `starts_on`. One occurrence is open at a time: the
    next is made when that one is done, skipped or deleted.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="task_series"
    )
    rule = models.CharField(max_length=300, help_text="RFC 5545, for example FREQ=WEEKLY;BYDAY=MO")
    starts_on = models.DateField(help_text="The person's own day of the first occurrence")
    local_time = models.TimeField(null=True, blank=True, help_text="Empty: due on the whole day")
    repeat_from = models.CharField(max_length=12, choices=RepeatFrom, default=RepeatFrom.SCHEDULE)
    ended_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name_plural = "task series"
        constraints = [one_of("repeat_from", RepeatFrom, "task_series_repeat_from_known")]

    def __str__(self) -> str:
        return self.rule


class Task(TimeOrderedModel):
    """Something to be done once. Steps of a task are tasks of their own with a `parent`.

    `due_on` is set for what is due on a day without a clock time; `due_at` is then the end of that day of
    the person. `planned_start` and `planned_end` are the slot the person agreed to.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="tasks"
    )
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.CASCADE, related_name="steps"
    )
    series = models.ForeignKey(
        TaskSeries, null=True, blank=True, on_delete=models.SET_NULL, related_name="occurrences"
    )
    occurrence_on = models.DateField(
        null=True, blank=True, help_text="Which day of its series this is"
    )
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    status = models.CharField(max_length=12, choices=TaskStatus, default=TaskStatus.PENDING)
    due_at = models.DateTimeField(null=True, blank=True)
    due_on = models.DateField(null=True, blank=True)
    category = models.CharField(
        max_length=40, blank=True, help_text="Lower case, for example family"
    )
    priority = models.PositiveSmallIntegerField(choices=Priority, default=Priority.NONE)
    estimated_minutes = models.PositiveIntegerField(null=True, blank=True)
    position = models.PositiveIntegerField(default=0, help_text="Among the steps of one task")
    snoozed_until = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True, help_text="In progress since")
    planned_start = models.DateTimeField(null=True, blank=True)
    planned_end = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    snooze_count = models.PositiveIntegerField(default=0)
    edit_count = models.PositiveIntegerField(default=0)
    origin = models.CharField(
        max_length=24, blank=True, help_text="Where it was made: client, todoist, ics …"
    )
    origin_id = models.CharField(max_length=255, blank=True, help_text="Its name there")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = TaskQuerySet.as_manager()
    # What takes back the change that this row comes from (`history.undo`); not kept.
    change_id: UUID | None = None

    class Meta:
        constraints = [
            one_of("status", TaskStatus, "task_status_known"),
            between("priority", 0, 3, "task_priority_0_3"),
            between("estimated_minutes", 1, LONGEST_TASK_MINUTES, "task_estimate_plausible"),
            models.CheckConstraint(
                condition=models.Q(due_on__isnull=True) | models.Q(due_at__isnull=False),
                name="task_day_has_moment",
            ),
            models.CheckConstraint(
                condition=models.Q(planned_start__isnull=True, planned_end__isnull=True)
                | models.Q(planned_end__gt=models.F("planned_start")),
                name="task_plan_in_order",
            ),
            models.CheckConstraint(
                condition=models.Q(status="completed", completed_at__isnull=False)
                | (~models.Q(status="completed") & models.Q(completed_at__isnull=True))
                | models.Q(status="deleted"),
                name="task_completed_has_time",
            ),
            models.CheckConstraint(
                condition=models.Q(status="snoozed", snoozed_until__isnull=False)
                | ~models.Q(status="snoozed"),
                name="task_snoozed_has_end",
            ),
            models.CheckConstraint(
                condition=models.Q(status="deleted", deleted_at__isnull=False)
                | (~models.Q(status="deleted") & models.Q(deleted_at__isnull=True)),
                name="task_deleted_has_time",
            ),
            models.CheckConstraint(condition=~models.Q(title=""), name="task_has_title"),
            models.CheckConstraint(
                condition=models.Q(parent__isnull=True) | models.Q(series__isnull=True),
                name="task_step_does_not_repeat",
            ),
            models.UniqueConstraint(
                fields=["series", "occurrence_on"], name="task_occurrence_once"
            ),
            models.UniqueConstraint(
                fields=["user", "origin", "origin_id"],
                condition=~models.Q(origin_id=""),
                name="task_origin_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["user", "due_at"],
                condition=models.Q(status__in=["pending", "snoozed"]),
                name="task_open_by_due",
            ),
            models.Index(fields=["user", "updated_at"], name="task_changed"),
            models.Index(
                fields=["user", "-completed_at"],
                condition=models.Q(completed_at__isnull=False),
                name="task_done_newest",
            ),
            models.Index(
                fields=["user", "planned_start"],
                condition=models.Q(planned_start__isnull=False),
                name="task_planned",
            ),
            models.Index(
                fields=["snoozed_until"],
                condition=models.Q(status="snoozed"),
                name="task_snooze_ends",
            ),
            models.Index(
                fields=["parent"],
                condition=models.Q(parent__isnull=False, status__in=["pending", "snoozed"]),
                name="task_open_steps",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        return self.status in (TaskStatus.PENDING, TaskStatus.SNOOZED)


class TaskEventType(models.TextChoices):
    CREATE = "create", "Created"
    MODIFY = "modify", "Changed"
    SNOOZE = "snooze", "Snoozed"
    COMPLETE = "complete", "Done"
    DELETE = "delete", "Deleted"
    RESTORE = "restore", "Brought back"


class TaskEvent(TimeOrderedModel):
    """One change of a task, in the transaction of the change. Rows are added, never changed.

    `event_payload` holds {"before": {field: value}, "after": {field: value}} of the fields that changed.
    """

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="events")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="task_events"
    )
    event_type = models.CharField(max_length=8, choices=TaskEventType)
    event_payload = models.JSONField(default=dict)
    source = models.CharField(max_length=8, choices=ChangeSource)
    batch = models.UUIDField(
        null=True, blank=True, help_text="Changes that were made, and are undone, at once"
    )
    undoes = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.CASCADE, related_name="undone_by"
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            one_of("event_type", TaskEventType, "task_event_type_known"),
            one_of("source", ChangeSource, "task_event_source_known"),
        ]
        indexes = [
            models.Index(fields=["task", "created_at"], name="task_event_order"),
            models.Index(fields=["user", "created_at"], name="task_event_of_person"),
            models.Index(
                fields=["user", "batch"],
                condition=models.Q(batch__isnull=False),
                name="task_event_batch",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event_type} {self.task_id}"


class CalendarFeed(TimeOrderedModel):
    """The secret address at which a person's calendar reads their tasks. A new one replaces the old."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="task_feed"
    )
    token_digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the address")
    created_at = models.DateTimeField(default=timezone.now)
    last_read_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"Feed of {self.user}"
