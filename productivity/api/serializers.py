"""Shapes of the REST face of tasks."""

from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from rest_framework import serializers

from productivity.changing import LONGEST_ORIGIN
from productivity.models import (
    LONGEST_TASK_MINUTES,
    ChangeSource,
    Priority,
    RepeatFrom,
    Task,
    TaskEvent,
    TaskEventType,
    TaskSeries,
    TaskStatus,
)
from productivity.recurrence import LONGEST_RULE, Repeat, check_rule, in_words
from productivity.searching import LONGEST_SEARCH, OPEN_STATES
from productivity.syncing import CLIENT, MOST_CHANGES, Operation, Outcome
from productivity.task_fields import (
    EARLIEST,
    LATEST,
    LONGEST_CATEGORY,
    LONGEST_DESCRIPTION,
    LONGEST_TITLE,
    clean_category,
)

from .tasks_pages import CHOICES, NEWEST

MOST_AT_ONCE = 200
LONGEST_TEXT = 1000


class TaskRepeatSerializer(serializers.Serializer[Any]):
    """How a task comes again. Its clock time is the person's own."""

    rule = serializers.CharField(
        max_length=LONGEST_RULE, help_text="RFC 5545, for example FREQ=WEEKLY;BYDAY=MO"
    )
    starts_on = serializers.DateField(help_text="The person's own day of the first one")
    local_time = serializers.TimeField(
        allow_null=True, default=None, format="%H:%M:%S", help_text="Empty: due on the whole day"
    )
    repeat_from = serializers.ChoiceField(
        choices=RepeatFrom.choices, default=RepeatFrom.SCHEDULE.value
    )
    words = serializers.CharField(read_only=True, help_text='For example "every Monday"')
    ended = serializers.BooleanField(read_only=True)

    def validate_rule(self, value: str) -> str:
        try:
            return check_rule(value)
        except ValueError as fault:
            raise serializers.ValidationError(str(fault)) from None

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        # A change of a task need not say all of it; a rule is said whole.
        missing = [name for name in ("rule", "starts_on") if name not in attrs]
        if missing:
            raise serializers.ValidationError(
                {name: ["This field is required."] for name in missing}
            )
        return attrs


def repeat_of(values: dict[str, Any] | None) -> Repeat | None:
    """What the serializer read, as the verbs take it."""
    return None if values is None else Repeat(**values)


class TaskFieldsSerializer(serializers.Serializer[Any]):
    """The fields of a task that are edited."""

    title = serializers.CharField(max_length=LONGEST_TITLE, required=False)
    description = serializers.CharField(
        max_length=LONGEST_DESCRIPTION, required=False, allow_blank=True
    )
    due_at = serializers.DateTimeField(
        required=False, allow_null=True, help_text="With `due_on`: the end of that day"
    )
    due_on = serializers.DateField(
        required=False, allow_null=True, help_text="Due on a whole day of the person"
    )
    category = serializers.CharField(max_length=LONGEST_CATEGORY, required=False, allow_blank=True)
    priority = serializers.ChoiceField(choices=Priority.choices, required=False)
    estimated_minutes = serializers.IntegerField(
        min_value=1, max_value=LONGEST_TASK_MINUTES, required=False, allow_null=True
    )
    parent = serializers.UUIDField(  # type: ignore[assignment]
        required=False, allow_null=True, help_text="The task this is a step of"
    )
    position = serializers.IntegerField(
        min_value=0, max_value=100_000, required=False, help_text="Among the steps of one task"
    )
    planned_start = serializers.DateTimeField(required=False, allow_null=True)
    planned_end = serializers.DateTimeField(required=False, allow_null=True)
    repeat = TaskRepeatSerializer(required=False, allow_null=True)

    def validate_category(self, value: str) -> str:
        return clean_category(value)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "repeat" in attrs:
            attrs["repeat"] = repeat_of(attrs["repeat"])
        return attrs


class TaskSerializer(TaskFieldsSerializer):
    """A task. `client_id` is the name a client gave it before the server knew of it: sent twice, made once."""

    id = serializers.UUIDField(read_only=True)
    client_id = serializers.CharField(max_length=LONGEST_ORIGIN, required=False)
    status = serializers.ChoiceField(choices=TaskStatus.choices, read_only=True)
    occurrence_on = serializers.DateField(read_only=True, allow_null=True)
    snoozed_until = serializers.DateTimeField(read_only=True, allow_null=True)
    started_at = serializers.DateTimeField(read_only=True, allow_null=True)
    completed_at = serializers.DateTimeField(read_only=True, allow_null=True)
    deleted_at = serializers.DateTimeField(read_only=True, allow_null=True)
    snooze_count = serializers.IntegerField(read_only=True)
    edit_count = serializers.IntegerField(read_only=True)
    created_at = serializers.DateTimeField(read_only=True)
    updated_at = serializers.DateTimeField(read_only=True)
    change_id = serializers.UUIDField(
        read_only=True, allow_null=True, help_text="After a change: what `undo` takes"
    )

    def to_representation(self, instance: Task) -> dict[str, Any]:
        """The declared fields, written out: a list of tasks is read more than anything else."""
        return task_data(instance)


class NewTaskSerializer(TaskSerializer):
    """A task that is to be made."""

    title = serializers.CharField(max_length=LONGEST_TITLE)


def task_data(task: Task) -> dict[str, Any]:
    """A task as it is sent; `series` is read with it."""
    return {
        "id": str(task.pk),
        "client_id": task.origin_id if task.origin == CLIENT else "",
        "parent": task.parent_id,
        "repeat": None if task.series_id is None else repeat_data(task.series),
        "occurrence_on": task.occurrence_on,
        "title": task.title,
        "description": task.description,
        "status": task.status,
        "due_at": task.due_at,
        "due_on": task.due_on,
        "category": task.category,
        "priority": task.priority,
        "estimated_minutes": task.estimated_minutes,
        "position": task.position,
        "planned_start": task.planned_start,
        "planned_end": task.planned_end,
        "snoozed_until": task.snoozed_until,
        "started_at": task.started_at,
        "completed_at": task.completed_at,
        "deleted_at": task.deleted_at,
        "snooze_count": task.snooze_count,
        "edit_count": task.edit_count,
        "created_at": task.created_at,
        "updated_at": task.updated_at,
        "change_id": str(task.change_id) if task.change_id else None,
    }


def repeat_data(series: TaskSeries | Repeat | None) -> dict[str, Any] | None:
    """A series, or what is to become one, as it is sent."""
    if series is None:
        return None
    return {
        "rule": series.rule,
        "starts_on": series.starts_on,
        "local_time": series.local_time,
        "repeat_from": series.repeat_from,
        "words": in_words(series.rule),
        "ended": getattr(series, "ended_at", None) is not None,
    }


class TaskFilterSerializer(serializers.Serializer[Any]):
    """Query parameters of the list of tasks."""

    q = serializers.CharField(
        max_length=LONGEST_SEARCH,
        required=False,
        allow_blank=True,
        help_text="Every word is found in title, description or category; case and accents do not count",
    )
    status = serializers.ChoiceField(
        choices=[(OPEN_STATES, "To do or snoozed"), *TaskStatus.choices], required=False
    )
    category = serializers.CharField(
        max_length=LONGEST_CATEGORY, required=False, allow_blank=True, help_text="Empty: none"
    )
    priority = serializers.ChoiceField(choices=Priority.choices, required=False)
    due_from = serializers.DateTimeField(required=False)
    due_to = serializers.DateTimeField(required=False, help_text="Not included")
    parent = serializers.UUIDField(  # type: ignore[assignment]
        required=False, help_text="The steps of this task"
    )
    top = serializers.BooleanField(
        required=False, help_text="True: only what is no step of another task"
    )
    ordering = serializers.ChoiceField(choices=CHOICES, required=False, default=NEWEST)

    def validate_due_from(self, value: datetime) -> datetime:
        return min(max(value, EARLIEST), LATEST)

    def validate_due_to(self, value: datetime) -> datetime:
        return min(max(value, EARLIEST), LATEST)

    def validate_category(self, value: str) -> str:
        return clean_category(value)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs.pop("top", False):
            attrs.setdefault("parent", None)
        del attrs["ordering"]
        return attrs


class TaskDoneSerializer(serializers.Serializer[Any]):
    """When it was done; without it: now."""

    at = serializers.DateTimeField(required=False, allow_null=True)


class TaskSnoozeSerializer(serializers.Serializer[Any]):
    """Until when a task rests."""

    until = serializers.DateTimeField()


class TaskPlanSerializer(serializers.Serializer[Any]):
    """The slot of a task. Without an end it is as long as estimated; without a start the slot is given up."""

    start = serializers.DateTimeField(allow_null=True)
    end = serializers.DateTimeField(required=False, allow_null=True)


class TaskEventSerializer(serializers.ModelSerializer[TaskEvent]):
    """One change of a task, and whether it was taken back."""

    event_type = serializers.ChoiceField(choices=TaskEventType.choices)
    source = serializers.ChoiceField(choices=ChangeSource.choices)  # type: ignore[assignment]
    before = serializers.DictField()
    after = serializers.DictField()
    change_id = serializers.UUIDField(help_text="What `undo` takes")
    is_undone = serializers.BooleanField()
    undoes = serializers.UUIDField(allow_null=True)

    class Meta:
        model = TaskEvent
        fields = [
            *("id", "event_type", "source", "before", "after", "change_id", "is_undone"),
            *("undoes", "created_at"),
        ]

    def to_representation(self, instance: TaskEvent) -> dict[str, Any]:
        event = instance
        return {
            "id": str(event.pk),
            "event_type": event.event_type,
            "source": event.source,
            "before": event.event_payload.get("before", {}),
            "after": event.event_payload.get("after", {}),
            "change_id": str(event.pk),
            "is_undone": getattr(event, "undone_by", None) is not None,
            "undoes": event.undoes_id,
            "created_at": event.created_at,
        }


class TaskUndoSerializer(serializers.Serializer[Any]):
    """Which change is taken back: the `change_id` of a task after a change, or of its history."""

    change_id = serializers.UUIDField()


class TasksSerializer(serializers.Serializer[Any]):
    """The tasks that changed."""

    results = TaskSerializer(many=True)


class TaskCategorySerializer(serializers.Serializer[Any]):
    """A category, and what is in it."""

    category = serializers.CharField()
    open = serializers.IntegerField(help_text="Tasks to do or snoozed")
    done = serializers.IntegerField()


class TaskCategoriesSerializer(serializers.Serializer[Any]):
    """The person's categories, the fullest first."""

    results = TaskCategorySerializer(many=True)


class TaskCategoryRenameSerializer(serializers.Serializer[Any]):
    """A new name for a category. One that exists already takes the tasks of the other in."""

    category = serializers.CharField(max_length=LONGEST_CATEGORY)
    to = serializers.CharField(max_length=LONGEST_CATEGORY, allow_blank=True)

    def validate_category(self, value: str) -> str:
        return clean_category(value)

    def validate_to(self, value: str) -> str:
        return clean_category(value)


class TaskCategoryRenamedSerializer(serializers.Serializer[Any]):
    """How many tasks moved, and what takes it back."""

    changed = serializers.IntegerField()
    change_id = serializers.UUIDField(allow_null=True)


class TaskQuickAddSerializer(serializers.Serializer[Any]):
    """A task in plain words, as in "call mum tomorrow 6pm 15 min !high #family"."""

    text = serializers.CharField(max_length=LONGEST_TEXT)
    preview = serializers.BooleanField(
        default=False, help_text="Only says what was understood; makes nothing"
    )
    client_id = serializers.CharField(max_length=LONGEST_ORIGIN, required=False)


class TaskQuickSpanSerializer(serializers.Serializer[Any]):
    """A piece of the text, and how it was understood."""

    start = serializers.IntegerField()
    end = serializers.IntegerField()
    kind = serializers.CharField()
    words = serializers.CharField()


class TaskQuickPreviewSerializer(serializers.Serializer[Any]):
    """What was understood of a text."""

    title = serializers.CharField()
    due_at = serializers.DateTimeField(allow_null=True)
    due_on = serializers.DateField(allow_null=True)
    description = serializers.CharField()
    repeat = TaskRepeatSerializer(allow_null=True)
    estimated_minutes = serializers.IntegerField(allow_null=True)
    priority = serializers.IntegerField()
    category = serializers.CharField()
    understood = TaskQuickSpanSerializer(many=True)


class TaskBulkSerializer(serializers.Serializer[Any]):
    """One thing for many tasks. Those that refuse it stay as they are, and say why."""

    ids = serializers.ListField(
        child=serializers.UUIDField(), min_length=1, max_length=MOST_AT_ONCE
    )
    action = serializers.ChoiceField(choices=["complete", "snooze", "delete", "edit"])
    at = serializers.DateTimeField(required=False, allow_null=True, help_text="For complete")
    until = serializers.DateTimeField(required=False, help_text="For snooze")
    changes = TaskFieldsSerializer(required=False, help_text="For edit")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["action"] == "snooze" and "until" not in attrs:
            raise serializers.ValidationError({"until": ["Say until when."]})
        if attrs["action"] == "edit" and not attrs.get("changes"):
            raise serializers.ValidationError({"changes": ["Say what is to change."]})
        return attrs


class TaskRefusalSerializer(serializers.Serializer[Any]):
    """A task that stays as it is, and why."""

    id = serializers.UUIDField()
    why = serializers.CharField()


class TaskBulkDoneSerializer(serializers.Serializer[Any]):
    """The tasks as they are now. One `change_id` takes it all back."""

    results = TaskSerializer(many=True)
    refused = TaskRefusalSerializer(many=True)
    change_id = serializers.UUIDField(allow_null=True)


class TaskChangeSerializer(serializers.Serializer[Any]):
    """One change of a client that was offline.

    The task is named by `task`, or by the `client_id` under which this person's clients made it. `base` is the
    `updated_at` or the `ETag` of the version it was made on; only what this client made itself has none.
    """

    change_id = serializers.CharField(max_length=100, help_text="Told again, done once")
    action = serializers.ChoiceField(choices=[(each.value, each.value) for each in Operation])
    task = serializers.UUIDField(required=False)
    client_id = serializers.CharField(max_length=LONGEST_ORIGIN, required=False)
    base = serializers.CharField(max_length=64, required=False, allow_null=True)
    fields_ = TaskFieldsSerializer(required=False)
    parent_client_id = serializers.CharField(
        max_length=LONGEST_ORIGIN, required=False, help_text="Of a step's task that is new, too"
    )
    until = serializers.DateTimeField(required=False, help_text="For snooze")
    at = serializers.DateTimeField(
        required=False, help_text="When it was done on the device; the future counts as now"
    )

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """`fields` is a name that serializers need for themselves."""
        declared = super().get_fields()
        return {name.rstrip("_"): field for name, field in declared.items()}

    def validate_base(self, value: str | None) -> str | None:
        if value is None:
            return None
        try:
            tag = value.strip('"')
            int(tag, 16)
        except ValueError:
            try:
                moment = parse_datetime(value)
                if moment is None or moment.tzinfo is None:
                    raise ValueError
                tag = f"{int(moment.timestamp() * 1_000_000):x}"
            except (ValueError, OverflowError):
                raise serializers.ValidationError(
                    "Send the updated_at or the ETag of the version it was made on."
                ) from None
        return tag

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        action = attrs["action"]
        if action == Operation.CREATE:
            if not attrs.get("client_id"):
                raise serializers.ValidationError({"client_id": ["Give it a name of your own."]})
            if not attrs.get("fields", {}).get("title"):
                raise serializers.ValidationError({"fields": ["A task needs a title."]})
        elif not (attrs.get("task") or attrs.get("client_id")):
            raise serializers.ValidationError({"task": ["Say which task."]})
        if action == Operation.EDIT and not attrs.get("fields"):
            raise serializers.ValidationError({"fields": ["Say what changed."]})
        if action == Operation.SNOOZE and "until" not in attrs:
            raise serializers.ValidationError({"until": ["Say until when."]})
        return attrs


class TaskSyncSerializer(serializers.Serializer[Any]):
    """What a client did while it was offline, in the order in which it did it."""

    client = serializers.CharField(max_length=64, help_text="The device's lasting name for itself")
    changes = serializers.ListField(
        child=TaskChangeSerializer(), min_length=1, max_length=MOST_CHANGES
    )


class TaskSyncedSerializer(serializers.Serializer[Any]):
    """What became of one change."""

    change_id = serializers.CharField()
    outcome = serializers.ChoiceField(choices=[(each.value, each.value) for each in Outcome])
    code = serializers.CharField(help_text="A stable word for programs; empty when applied")
    why = serializers.CharField(help_text="In words for the person")
    fields_ = serializers.ListField(
        child=serializers.CharField(), help_text="What is in conflict; the rest was merged"
    )
    task = TaskSerializer(allow_null=True, help_text="As it is now")
    yours = TaskSerializer(allow_null=True, help_text="For a conflict: as the client wanted it")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """`fields` is a name that serializers need for themselves."""
        declared = super().get_fields()
        return {name.rstrip("_"): field for name, field in declared.items()}


class TaskSyncAnswerSerializer(serializers.Serializer[Any]):
    """What became of every change, in their order."""

    results = TaskSyncedSerializer(many=True)
