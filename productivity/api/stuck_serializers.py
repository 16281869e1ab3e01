"""What is said of stuck tasks over REST."""

from typing import Any

from rest_framework import serializers

from productivity.models import (
    LONGEST_TASK_MINUTES,
    Breakdown,
    Strategy,
    StuckReason,
    Task,
)
from productivity.scheduling.negotiating import What
from productivity.stuck.template_steps import LONGEST_TITLE, MOST_STEPS


class TaskStuckAskSerializer(serializers.Serializer[Any]):
    """The tap."""

    reason = serializers.ChoiceField(choices=StuckReason.choices)


class TaskStuckReportSerializer(serializers.Serializer[Any]):
    """A reason, the strategy that fits it, and that strategy in words for this task."""

    id = serializers.UUIDField()
    task = serializers.UUIDField()
    reason = serializers.ChoiceField(choices=StuckReason.choices)
    strategy = serializers.ChoiceField(choices=Strategy.choices)
    title = serializers.CharField()
    words = serializers.CharField()
    action = serializers.CharField(help_text="What a button that takes it up says")
    taken_up_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()


class TaskStuckReasonSerializer(serializers.Serializer[Any]):
    """One reason to choose."""

    reason = serializers.ChoiceField(choices=StuckReason.choices)
    words = serializers.CharField()


class TaskStuckSerializer(serializers.Serializer[Any]):
    """What can be told, and what was told last."""

    reasons = TaskStuckReasonSerializer(many=True)
    report = TaskStuckReportSerializer(allow_null=True)


class TaskBreakdownStepSerializer(serializers.Serializer[Any]):
    """One step of a draft."""

    title = serializers.CharField(max_length=LONGEST_TITLE)
    minutes = serializers.IntegerField(min_value=1, max_value=LONGEST_TASK_MINUTES)


class TaskBreakdownSerializer(serializers.ModelSerializer[Breakdown]):
    """A draft of steps and where it stands. While it is `writing`, a model may still better them."""

    steps = TaskBreakdownStepSerializer(many=True)

    class Meta:
        model = Breakdown
        fields = ["id", "task", "steps", "source", "status", "created_at", "answered_at"]
        read_only_fields = fields


class TaskBreakdownAcceptSerializer(serializers.Serializer[Any]):
    """The steps as the person wants them; left out: as drafted."""

    steps = serializers.ListField(
        child=TaskBreakdownStepSerializer(), required=False, min_length=1, max_length=MOST_STEPS
    )


class TaskBreakdownMadeSerializer(serializers.ModelSerializer[Task]):
    """A step that was made."""

    class Meta:
        model = Task
        fields = ["id", "parent", "title", "estimated_minutes", "position", "status"]
        read_only_fields = fields


class TaskBreakdownAcceptedSerializer(serializers.Serializer[Any]):
    """The draft, the steps that were made of it, and what takes them back."""

    breakdown = TaskBreakdownSerializer()
    steps = TaskBreakdownMadeSerializer(many=True)
    change_id = serializers.UUIDField()


class TaskStuckProposalSerializer(serializers.Serializer[Any]):
    """One thing that could change about the task."""

    what = serializers.ChoiceField(choices=[each.value for each in What])
    words = serializers.CharField()
    minutes = serializers.IntegerField()


class TaskStuckTakenUpSerializer(serializers.Serializer[Any]):
    """What came of a strategy."""

    words = serializers.CharField()
    planned_start = serializers.DateTimeField(allow_null=True)
    planned_end = serializers.DateTimeField(allow_null=True)
    breakdown = TaskBreakdownSerializer(allow_null=True)
    proposals = TaskStuckProposalSerializer(many=True)
    change_id = serializers.UUIDField(allow_null=True, help_text="What takes the change back")
