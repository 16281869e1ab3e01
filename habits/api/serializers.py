"""Shapes of the REST face of goals and habits."""

import json
from datetime import date, time
from typing import Any, cast

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.fields import empty

from accounts.models import User
from habits.cadence import in_words
from habits.editing import MAX_STACKS
from habits.models import (
    CompletionStatus,
    CueKind,
    Goal,
    Habit,
    HabitStack,
    HabitStatus,
)
from habits.overview import DayState
from habits.standing import Standing, joined

SHARE = {"min_value": 0, "max_value": 1}


GOAL_PARTS = {
    "target_metrics",
    "sub_goals",
    "dependencies",
    "obstacles",
    "success_indicators",
}
MOST_PART_CHARACTERS = 20_000


class GoalSerializer(serializers.ModelSerializer[Goal]):
    """A goal in the person's own words."""

    class Meta:
        model = Goal
        fields = [
            "id",
            "text",
            "category",
            "primary_objective",
            "target_metrics",
            "deadline",
            "difficulty",
            "sub_goals",
            "dependencies",
            "obstacles",
            "success_indicators",
            "percent_complete",
            "status",
            "created_at",
            "updated_at",
        ]
        read_only_fields = ["created_at", "updated_at"]
        extra_kwargs = {
            "primary_objective": {"required": False},
            "difficulty": SHARE,
            "percent_complete": {"min_value": 0, "max_value": 100},
        }

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        for name in GOAL_PARTS & attrs.keys():
            if len(json.dumps(attrs[name])) > MOST_PART_CHARACTERS:
                raise serializers.ValidationError({name: ["This is too long to keep."]})
        if self.instance is None:
            attrs.setdefault("primary_objective", attrs["text"][:200])
        return attrs


class StackSerializer(serializers.ModelSerializer[HabitStack]):
    """An implementation intention: after this, I will do it."""

    cue_kind = serializers.ChoiceField(choices=CueKind.choices, default=CueKind.ROUTINE)
    sentence = serializers.CharField(max_length=240, required=False, allow_blank=True)

    class Meta:
        model = HabitStack
        fields = ["cue_kind", "cue", "sentence"]


class StandingSerializer(serializers.Serializer[Standing]):
    """Where a habit stands today."""

    strength = serializers.FloatField(help_text="0 (new) to 1 (second nature)")
    streak = serializers.IntegerField(help_text="Kept occasions in a row")
    longest_streak = serializers.IntegerField()
    streak_unit = serializers.ChoiceField(choices=["day", "week", "time"])
    freezes_left = serializers.IntegerField()
    total_done = serializers.IntegerField()
    last_date = serializers.DateField(allow_null=True)


def standing_data(standing: Standing) -> dict[str, Any]:
    """A standing as it is sent."""
    return {
        "strength": round(standing.strength, 4),
        "streak": standing.current,
        "longest_streak": standing.longest,
        "streak_unit": standing.unit,
        "freezes_left": standing.freezes_left,
        "total_done": standing.total_done,
        "last_date": standing.last_date.isoformat() if standing.last_date else None,
    }


class HabitListSerializer(serializers.ListSerializer[Habit]):
    """Looks up where all habits of the page stand at once."""

    def to_representation(self, data: Any) -> list[Any]:
        habits = list(data.all() if hasattr(data, "all") else data)
        child = cast("HabitSerializer", self.child)
        child.look_up(habits)
        return [child.to_representation(habit) for habit in habits]


class HabitSerializer(serializers.ModelSerializer[Habit]):
    """A habit. Which cadence field counts follows from `cadence`."""

    goal = serializers.PrimaryKeyRelatedField(
        queryset=Goal.objects.none(), allow_null=True, required=False
    )
    weekdays = serializers.ListField(
        child=serializers.IntegerField(min_value=0, max_value=6),
        max_length=7,
        required=False,
        help_text="0 (Monday) to 6 (Sunday)",
    )
    stacks = StackSerializer(many=True, required=False)
    cadence_words = serializers.SerializerMethodField()
    standing = serializers.SerializerMethodField()

    class Meta:
        model = Habit
        list_serializer_class = HabitListSerializer
        fields = [
            "id",
            "goal",
            "name",
            "category",
            "rationale",
            "tiny_version",
            "size",
            "cadence",
            "times_per_week",
            "weekdays",
            "interval_days",
            "cadence_words",
            "starts_on",
            "ends_on",
            "measure",
            "target_value",
            "unit",
            "duration_minutes",
            "scheduled_time",
            "time_of_day",
            "difficulty",
            "enjoyment",
            "is_outdoor",
            "is_keystone",
            "status",
            "order",
            "stacks",
            "standing",
            "created_at",
            "updated_at",
        ]
        read_only_fields = ["status", "created_at", "updated_at"]
        extra_kwargs = {
            "starts_on": {"required": False},
            "times_per_week": {"min_value": 1, "max_value": 7},
            "interval_days": {"min_value": 2, "max_value": 90},
            "difficulty": SHARE,
            "enjoyment": SHARE,
        }

    def __init__(self, instance: Any = None, data: Any = empty, **kwargs: Any) -> None:
        super().__init__(instance, data, **kwargs)
        self._standings: dict[Any, Standing] = {}
        user = self._user()
        if user is not None and data is not empty:
            cast(Any, self.fields["goal"]).queryset = Goal.objects.for_user(user)

    def look_up(self, habits: list[Habit]) -> None:
        """Reads where `habits` stand today: from their joined copies where those are of today."""
        today = self.context.get("today")
        if not isinstance(today, date):
            return
        self._standings = joined(habits, today)

    def validate_weekdays(self, value: list[int]) -> list[int]:
        return sorted(set(value))

    def validate_scheduled_time(self, value: time | None) -> time | None:
        """Nobody means a part of a second."""
        return value and value.replace(microsecond=0)

    def validate_stacks(self, value: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if len(value) > MAX_STACKS:
            raise serializers.ValidationError(f"A habit has at most {MAX_STACKS} cues.")
        return value

    def to_representation(self, instance: Habit) -> dict[str, Any]:
        """The declared fields, written out: a list of habits is the most read answer of all."""
        habit = instance
        target = habit.target_value
        return {
            "id": str(habit.pk),
            "goal": habit.goal_id,
            "name": habit.name,
            "category": habit.category,
            "rationale": habit.rationale,
            "tiny_version": habit.tiny_version,
            "size": habit.size,
            "cadence": habit.cadence,
            "times_per_week": habit.times_per_week,
            "weekdays": habit.weekdays,
            "interval_days": habit.interval_days,
            "cadence_words": in_words(habit),
            "starts_on": habit.starts_on,
            "ends_on": habit.ends_on,
            "measure": habit.measure,
            "target_value": None if target is None else f"{target:.2f}",
            "unit": habit.unit,
            "duration_minutes": habit.duration_minutes,
            "scheduled_time": habit.scheduled_time,
            "time_of_day": habit.time_of_day,
            "difficulty": habit.difficulty,
            "enjoyment": habit.enjoyment,
            "is_outdoor": habit.is_outdoor,
            "is_keystone": habit.is_keystone,
            "status": habit.status,
            "order": habit.order,
            "stacks": [
                {"cue_kind": stack.cue_kind, "cue": stack.cue, "sentence": stack.sentence}
                for stack in habit.stacks.all()
            ],
            "standing": self.get_standing(habit),
            "created_at": habit.created_at,
            "updated_at": habit.updated_at,
        }

    @extend_schema_field(serializers.CharField())
    def get_cadence_words(self, habit: Habit) -> str:
        return in_words(habit)

    @extend_schema_field(StandingSerializer(allow_null=True))
    def get_standing(self, habit: Habit) -> dict[str, Any] | None:
        if habit.pk not in self._standings:
            self.look_up([habit])
        standing = self._standings.get(habit.pk)
        return standing_data(standing) if standing else None

    def _user(self) -> User | None:
        request = self.context.get("request")
        return request.user if request and request.user.is_authenticated else None


class CompletionSerializer(serializers.Serializer[Any]):
    """What was told of one day and, for habits done more than once a day, one ordinal of it."""

    day = serializers.DateField()
    ordinal = serializers.IntegerField()
    status = serializers.ChoiceField(choices=CompletionStatus.choices)
    value = serializers.DecimalField(max_digits=10, decimal_places=2, allow_null=True)
    reason = serializers.CharField()
    note = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    completed_at = serializers.DateTimeField(allow_null=True)
    updated_at = serializers.DateTimeField()


class TellSerializer(serializers.Serializer[Any]):
    """Telling what happened on a day. With a `value` the status follows from the habit's target."""

    status = serializers.ChoiceField(choices=CompletionStatus.choices, default="done")
    value = serializers.DecimalField(
        max_digits=10, decimal_places=2, allow_null=True, required=False, min_value=0
    )
    reason = serializers.CharField(max_length=60, required=False, allow_blank=True, default="")
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")
    ordinal = serializers.IntegerField(min_value=1, max_value=20, default=1)
    at = serializers.DateTimeField(
        required=False, allow_null=True, help_text="When it was done, if that is known"
    )


class ToldSerializer(serializers.Serializer[Any]):
    """The answer to telling a day: the row, and where the habit stands now."""

    completion = CompletionSerializer()
    standing = StandingSerializer()


class CompletionsSerializer(serializers.Serializer[Any]):
    """The days of a range that something was told of, oldest first."""

    results = CompletionSerializer(many=True)


class DayCellSerializer(serializers.Serializer[Any]):
    """One day of a heatmap."""

    day = serializers.DateField()
    state = serializers.ChoiceField(choices=[state.value for state in DayState])
    credit = serializers.FloatField(help_text="Fulfilment, 0 to 1")
    label = serializers.CharField()  # type: ignore[assignment]


class HeatmapSerializer(serializers.Serializer[Any]):
    """Weeks of one habit, from a Monday to today."""

    results = DayCellSerializer(many=True)


class DueHabitSerializer(serializers.Serializer[Any]):
    """A habit on the day asked for."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    category = serializers.CharField()
    cadence_words = serializers.CharField()
    tiny_version = serializers.CharField()
    scheduled_time = serializers.TimeField(allow_null=True)
    duration_minutes = serializers.IntegerField(allow_null=True)
    measure = serializers.CharField()
    target_value = serializers.DecimalField(max_digits=10, decimal_places=2, allow_null=True)
    unit = serializers.CharField()
    cue = serializers.CharField()
    status = serializers.ChoiceField(choices=CompletionStatus.choices, allow_null=True)
    value = serializers.DecimalField(max_digits=10, decimal_places=2, allow_null=True)
    week = serializers.CharField(allow_null=True, help_text='For example "2 of 3 this week"')
    standing = StandingSerializer()
    days = DayCellSerializer(many=True)


class TodaySerializer(serializers.Serializer[Any]):
    """The habits of one of the person's days."""

    day = serializers.DateField()
    done = serializers.IntegerField()
    asked = serializers.IntegerField()
    due = DueHabitSerializer(many=True)
    others = DueHabitSerializer(many=True)


class TallySerializer(serializers.Serializer[Any]):
    """Done of asked."""

    done = serializers.IntegerField()
    asked = serializers.IntegerField()


class StatsSerializer(serializers.Serializer[Any]):
    """How a habit does over a period."""

    period = serializers.CharField()
    done = serializers.IntegerField()
    asked = serializers.IntegerField()
    share = serializers.FloatField(allow_null=True)
    trend = serializers.FloatField(allow_null=True, help_text="Change against the period before")
    is_early = serializers.BooleanField(help_text="Too few occasions to say anything yet")
    usual_time = serializers.CharField()
    summary = serializers.CharField()
    automaticity = serializers.CharField()
    standing = StandingSerializer()


class PauseSerializer(serializers.Serializer[Any]):
    """Until when a habit rests; without it, until it is resumed."""

    until = serializers.DateField(required=False, allow_null=True)


class StatusFilterSerializer(serializers.Serializer[Any]):
    """Query parameters of the list of habits."""

    status = serializers.ChoiceField(choices=HabitStatus.choices, required=False)
    goal = serializers.UUIDField(required=False)
