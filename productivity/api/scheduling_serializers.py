"""What scheduling takes and gives over REST."""

from datetime import datetime
from typing import Any

from rest_framework import serializers

from productivity.models import RefusalReason, ScheduleRecommendation
from productivity.scheduling.hours import WEEKDAY_KEYS
from productivity.scheduling.negotiating import What
from productivity.scheduling.recommending import LONGEST_REFUSAL
from productivity.task_fields import TaskRefused, moment_within

MOST_SUGGESTIONS = 10
MOST_ITEMS = 60
MOST_CATEGORIES = 30


class PlannableMoment(serializers.DateTimeField):
    """A moment that can be planned for."""

    def to_internal_value(self, value: Any) -> datetime:
        try:
            found: datetime = moment_within(super().to_internal_value(value))
        except (TaskRefused, OverflowError) as refusal:
            raise serializers.ValidationError(str(refusal)) from None
        return found


class SlotSuggestionSerializer(serializers.ModelSerializer[ScheduleRecommendation]):
    """A slot suggested for a task. `odds`: of getting it done then; `parts`: the terms of `score`, each 0 to 1."""

    task = serializers.UUIDField(source="task_id")
    starts_at = serializers.DateTimeField(source="recommended_due")
    ends_at = serializers.DateTimeField(source="recommended_end")
    confidence = serializers.FloatField(source="confidence_score")
    refusal_reason = serializers.ChoiceField(choices=RefusalReason.choices, allow_blank=True)
    parts = serializers.DictField(child=serializers.FloatField())
    reasons = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = ScheduleRecommendation
        fields = [
            *("id", "task", "starts_at", "ends_at", "score", "odds", "confidence", "parts"),
            *("reasons", "accepted", "rejected", "refusal_reason", "was_done", "created_at"),
            "expires_at",
        ]
        read_only_fields = fields


class SlotSuggestionsSerializer(serializers.Serializer[Any]):
    """Open suggestions, the best first. `words` says why there are none."""

    suggestions = SlotSuggestionSerializer(many=True)
    words = serializers.CharField(allow_blank=True)


class SlotQuestionSerializer(serializers.Serializer[Any]):
    task = serializers.UUIDField()
    count = serializers.IntegerField(min_value=1, max_value=MOST_SUGGESTIONS, default=3)


class SlotRefusalSerializer(serializers.Serializer[Any]):
    reason = serializers.ChoiceField(choices=RefusalReason.choices, default=RefusalReason.OTHER)
    text = serializers.CharField(max_length=LONGEST_REFUSAL, allow_blank=True, default="")


class SlotWhyNotQuestionSerializer(serializers.Serializer[Any]):
    task = serializers.UUIDField()
    at = PlannableMoment(help_text="When the task would begin")


class SlotWhyNotSerializer(serializers.Serializer[Any]):
    """Why a moment was not suggested. `filter` is a stable word, empty when the moment is possible."""

    words = serializers.CharField()
    filter = serializers.CharField(allow_blank=True)
    parts = serializers.DictField(child=serializers.FloatField())
    best_parts = serializers.DictField(child=serializers.FloatField())
    best_at = serializers.DateTimeField(allow_null=True)


class TaskSnoozeOfferSerializer(serializers.Serializer[Any]):
    """A moment to snooze to, as the body of the task's `snooze` takes it."""

    name = serializers.CharField(help_text="A stable word: later_today, this_evening, tomorrow …")
    until = serializers.DateTimeField()
    words = serializers.CharField()
    is_free = serializers.BooleanField(help_text="The task fits into the person's free time then")
    is_after_due = serializers.BooleanField()


class TaskOfInterestSerializer(serializers.Serializer[Any]):
    task = serializers.UUIDField()


class WeekCapacitySerializer(serializers.Serializer[Any]):
    """What the coming seven days ask for, beside what is free in them."""

    first_day = serializers.DateField()
    last_day = serializers.DateField()
    free_minutes = serializers.IntegerField()
    asked_minutes = serializers.IntegerField()
    tasks = serializers.IntegerField()
    unestimated = serializers.IntegerField(help_text="Tasks counted with the usual minutes")
    fits = serializers.BooleanField()
    words = serializers.CharField()


class DayPlanQuestionSerializer(serializers.Serializer[Any]):
    day = serializers.DateField(required=False, help_text="The person's own day; default: today")


class DayPlanItemSerializer(serializers.Serializer[Any]):
    task = serializers.UUIDField(source="task.pk")
    title = serializers.CharField(source="task.title")
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    odds = serializers.FloatField()
    confidence = serializers.FloatField()
    reasons = serializers.ListField(child=serializers.CharField())
    is_kept = serializers.BooleanField(help_text="Planned before, and left where it is")


class DayPlanLeftOverSerializer(serializers.Serializer[Any]):
    task = serializers.UUIDField(source="task.pk")
    title = serializers.CharField(source="task.title")
    words = serializers.CharField()


class DayPlanSerializer(serializers.Serializer[Any]):
    """A day that can be done; nothing is changed before it is accepted."""

    day = serializers.DateField()
    items = DayPlanItemSerializer(many=True)
    left_over = DayPlanLeftOverSerializer(many=True)
    free_minutes = serializers.IntegerField()
    planned_minutes = serializers.IntegerField()
    words = serializers.CharField()


class DayPlanSlotSerializer(serializers.Serializer[Any]):
    task = serializers.UUIDField()
    starts_at = PlannableMoment()
    ends_at = PlannableMoment()


class DayPlanAnswerSerializer(serializers.Serializer[Any]):
    items = serializers.ListField(
        child=DayPlanSlotSerializer(), allow_empty=False, max_length=MOST_ITEMS
    )


class DayPlanAcceptedSerializer(serializers.Serializer[Any]):
    """`batch` undoes the whole plan at once."""

    batch = serializers.UUIDField()
    tasks = serializers.ListField(child=serializers.UUIDField())


class WeekProposalSerializer(serializers.Serializer[Any]):
    """One way to make the week fit."""

    task = serializers.UUIDField(source="task.pk")
    title = serializers.CharField(source="task.title")
    what = serializers.ChoiceField(choices=What.choices)
    words = serializers.CharField()
    minutes = serializers.IntegerField(help_text="That get free")
    value_lost = serializers.FloatField(help_text="Compares the proposals of one answer")


class WeekProposalsSerializer(serializers.Serializer[Any]):
    capacity = WeekCapacitySerializer()
    proposals = WeekProposalSerializer(many=True)


class WeekProposalAnswerSerializer(serializers.Serializer[Any]):
    task = serializers.UUIDField()
    what = serializers.ChoiceField(choices=What.choices)
    answer = serializers.ChoiceField(choices=[("accept", "Do it"), ("leave", "Leave it")])


class PlanningSpanSerializer(serializers.Serializer[Any]):
    opens = serializers.TimeField(format="%H:%M")
    closes = serializers.TimeField(format="%H:%M", help_text="Earlier than `opens`: past midnight")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["opens"] == attrs["closes"]:
            raise serializers.ValidationError("Hours end at another time than they begin.")
        return attrs


class PlanningHoursSerializer(serializers.Serializer[Any]):
    """When tasks may be planned. Without `window`: in the hours in which messages may come."""

    work_hours = serializers.DictField(
        child=PlanningSpanSerializer(), help_text=f"Per weekday: {', '.join(WEEKDAY_KEYS)}"
    )
    window = PlanningSpanSerializer(allow_null=True)
    buffer_minutes = serializers.IntegerField(min_value=0, max_value=120)
    work_categories = serializers.ListField(
        child=serializers.CharField(max_length=40),
        max_length=MOST_CATEGORIES,
        help_text="Only in working hours",
    )
    private_categories = serializers.ListField(
        child=serializers.CharField(max_length=40),
        max_length=MOST_CATEGORIES,
        help_text="Only outside of working hours",
    )

    def validate_work_hours(self, value: dict[str, Any]) -> dict[str, Any]:
        unknown = sorted(set(value) - set(WEEKDAY_KEYS))
        if unknown:
            raise serializers.ValidationError(
                f"{unknown[0]!r} is not one of {', '.join(WEEKDAY_KEYS)}."
            )
        return value
