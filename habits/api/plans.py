"""Plans over REST: proposals and running plans, the answers to them, and a look at a goal beforehand."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from pydantic import ValidationError as SchemaError
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from accounts.current import person
from accounts.day import local_day
from accounts.rest.etags import etag_of, require_match
from accounts.rest.idempotency import IdempotentWrites
from accounts.rest.problems import Problem
from habits import goals, phases, sequences
from habits.catalogue.schema import readable
from habits.models import HabitSequence, SequenceStatus
from habits.plan_view import plan_view
from habits.planning import CONFIG, PlanRefused, plan

SOURCE = "api"
TIMES = ("morning", "midday", "evening", "any")
DIFFICULTIES = ("easy", "moderate", "challenging")


class SequenceSerializer(serializers.ModelSerializer[HabitSequence]):
    """A plan in a list: what it is and how it stands."""

    state = serializers.SerializerMethodField(
        help_text="draft, expired, declined, active, paused, completed or abandoned"
    )

    class Meta:
        model = HabitSequence
        fields = [
            "id", "name", "description", "status", "state", "total_phases", "goal", "conversation",
            "created_at", "updated_at", "expires_at", "decided_at", "started_at", "completed_at",
        ]  # fmt: skip
        read_only_fields = fields

    def get_state(self, row: HabitSequence) -> str:
        return sequences.state_of(row)


class ConditionSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField()
    habit = serializers.CharField(source="name")
    words = serializers.CharField()
    have = serializers.FloatField()
    need = serializers.FloatField()
    is_met = serializers.BooleanField()
    standing = serializers.CharField()


class GateSerializer(serializers.Serializer[Any]):
    """What the next phase waits for, in numbers."""

    phase = serializers.IntegerField(source="phase.phase_number")
    is_open = serializers.BooleanField()
    percent = serializers.IntegerField()
    words = serializers.CharField(source="in_words")
    conditions = ConditionSerializer(many=True)


class PhaseSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    name = serializers.CharField()
    focus = serializers.CharField()
    done = serializers.CharField()
    state = serializers.CharField(help_text="planned, open or done")
    weeks = serializers.IntegerField()
    weeks_added = serializers.IntegerField()
    start_date = serializers.DateField()
    end_date = serializers.DateField()
    goes_on = serializers.ListField(child=serializers.CharField())
    criteria = serializers.ListField(child=serializers.CharField())
    habits = serializers.SerializerMethodField()

    @extend_schema_field(serializers.ListField(child=serializers.DictField()))
    def get_habits(self, line: Any) -> list[dict[str, Any]]:
        return [
            {**habit.part.model_dump(mode="json"), "state": habit.state, "this_week": habit.week}
            for habit in line.habits
        ]


class SequenceDetailSerializer(SequenceSerializer):
    """A plan with its phases, habits, notes and the gate it stands before."""

    phases = serializers.SerializerMethodField()
    notes = serializers.SerializerMethodField()
    gate = serializers.SerializerMethodField()
    inputs = serializers.SerializerMethodField()
    feasibility = serializers.SerializerMethodField()
    can_take_back = serializers.SerializerMethodField()

    class Meta(SequenceSerializer.Meta):
        fields = [
            *SequenceSerializer.Meta.fields,
            "feasibility", "inputs", "phases", "notes", "gate", "can_take_back",
        ]  # fmt: skip
        read_only_fields = fields

    def to_representation(self, instance: HabitSequence) -> Any:
        self._view = plan_view(instance.user, instance)
        return super().to_representation(instance)

    @extend_schema_field(PhaseSerializer(many=True))
    def get_phases(self, row: HabitSequence) -> Any:
        return PhaseSerializer(self._view.phases, many=True).data

    @extend_schema_field(serializers.ListField(child=serializers.DictField()))
    def get_notes(self, row: HabitSequence) -> list[dict[str, str]]:
        return [note.model_dump() for note in self._view.notes]

    @extend_schema_field(GateSerializer(allow_null=True))
    def get_gate(self, row: HabitSequence) -> Any:
        return GateSerializer(self._view.gate).data if self._view.gate else None

    @extend_schema_field(OpenApiTypes.OBJECT)
    def get_inputs(self, row: HabitSequence) -> dict[str, Any]:
        return self._view.draft.inputs.model_dump(mode="json")

    def get_feasibility(self, row: HabitSequence) -> str:
        return self._view.draft.feasibility

    def get_can_take_back(self, row: HabitSequence) -> bool:
        return self._view.can_take_back


class MakeSerializer(serializers.Serializer[Any]):
    """What a plan is made from."""

    goal = serializers.CharField(min_length=2, max_length=300)
    timeline = serializers.CharField(max_length=80, required=False, default="", allow_blank=True)
    difficulty = serializers.ChoiceField(choices=DIFFICULTIES, required=False, default="moderate")
    time_available = serializers.IntegerField(
        min_value=CONFIG.minutes_low, max_value=CONFIG.minutes_high, required=False, default=None,
        allow_null=True, help_text="Minutes a day",
    )  # fmt: skip
    preferred_time = serializers.ChoiceField(choices=TIMES, required=False, default="any")
    constraints = serializers.CharField(
        max_length=300, required=False, default="", allow_blank=True
    )


class ReviseSerializer(serializers.Serializer[Any]):
    """What to change about a proposal; left out means as it is."""

    drop = serializers.ListField(
        child=serializers.SlugField(max_length=80), required=False, max_length=20
    )
    keep = serializers.ListField(
        child=serializers.SlugField(max_length=80), required=False, max_length=20
    )
    swap = serializers.DictField(child=serializers.SlugField(max_length=80), required=False)
    minutes_per_day = serializers.IntegerField(
        min_value=CONFIG.minutes_low, max_value=CONFIG.minutes_high, required=False
    )
    preferred_time = serializers.ChoiceField(choices=TIMES, required=False)
    difficulty = serializers.ChoiceField(choices=DIFFICULTIES, required=False)
    timeline = serializers.CharField(max_length=80, required=False, allow_blank=True)
    starts_on = serializers.DateField(required=False)


class DeclineSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)


class AbandonSerializer(serializers.Serializer[Any]):
    keep_habits = serializers.BooleanField(required=False, default=False)


class StateFilterSerializer(serializers.Serializer[Any]):
    status = serializers.ChoiceField(choices=SequenceStatus.choices, required=False)


class SequenceViewSet(
    IdempotentWrites, ListModelMixin, RetrieveModelMixin, GenericViewSet[HabitSequence]
):
    """The person's plans. Every answer to one is idempotent; `If-Match` guards against a stale look."""

    serializer_class = SequenceDetailSerializer
    queryset = HabitSequence.objects.none()
    lookup_value_converter = "uuid"

    def get_queryset(self) -> QuerySet[HabitSequence]:
        if not self.request.user.is_authenticated:
            return HabitSequence.objects.none()
        rows = HabitSequence.objects.filter(user=self.request.user).select_related("user")
        if getattr(self, "action", None) == "list":
            wanted = StateFilterSerializer(data=self.request.query_params)
            wanted.is_valid(raise_exception=True)
            rows = rows.filter(**wanted.validated_data)
        return rows

    def get_serializer_class(self) -> type[serializers.BaseSerializer[HabitSequence]]:
        return (
            SequenceSerializer
            if getattr(self, "action", None) == "list"
            else SequenceDetailSerializer
        )

    @extend_schema(parameters=[StateFilterSerializer])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().list(request, *args, **kwargs)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self._answer(self.get_object())

    def _answer(self, row: HabitSequence, code: int = status.HTTP_200_OK) -> Response:
        row.refresh_from_db()
        return Response(
            SequenceDetailSerializer(row).data, status=code, headers={"ETag": etag_of(row)}
        )

    def _do(self, verb: Callable[[HabitSequence], HabitSequence]) -> Response:
        row = self.get_object()
        require_match(self.request, row, lambda: SequenceDetailSerializer(row).data)
        try:
            return self._answer(verb(row))
        except sequences.SequenceRefused as refusal:
            raise Problem(409, str(refusal), code="plan_state") from None
        except PlanRefused as refusal:
            raise Problem(422, str(refusal), code="plan_refused") from None
        except SchemaError as problem:
            raise serializers.ValidationError({"changes": readable(problem)}) from None

    def _body(self, kind: type[serializers.Serializer[Any]]) -> dict[str, Any]:
        body = kind(data=self.request.data)
        body.is_valid(raise_exception=True)
        return dict(body.validated_data)

    @extend_schema(request=MakeSerializer, responses={201: SequenceDetailSerializer})
    def create(self, request: Request) -> Response:
        """Proposes a plan and keeps it as a draft."""
        user = person(request)
        fields = self._body(MakeSerializer)
        try:
            draft = plan(
                fields["goal"],
                user=user,
                timeline=fields["timeline"],
                difficulty=fields["difficulty"],
                minutes_per_day=fields["time_available"],
                preferred_time=fields["preferred_time"],
                constraints=fields["constraints"],
            )
        except (PlanRefused, ValueError) as refusal:
            raise Problem(422, str(refusal), code="plan_refused") from None
        return self._answer(sequences.save_draft(user, draft), status.HTTP_201_CREATED)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: str) -> Response:
        """Starts the plan: its goal, habits, cues and phases are made, once."""
        return self._do(lambda row: sequences.accept(person(request), row, source=SOURCE))

    @extend_schema(request=DeclineSerializer)
    @action(detail=True, methods=["post"])
    def decline(self, request: Request, pk: str) -> Response:
        """Puts the proposal away."""
        reason = self._body(DeclineSerializer)["reason"]
        return self._do(lambda row: sequences.decline(person(request), row, reason, source=SOURCE))

    @extend_schema(request=ReviseSerializer)
    @action(detail=True, methods=["post"])
    def revise(self, request: Request, pk: str) -> Response:
        """Makes the proposal again with changes."""
        changes = self._body(ReviseSerializer)
        return self._do(lambda row: sequences.revise(person(request), row, changes))

    @extend_schema(request=None)
    @action(detail=True, methods=["post"], url_path="take-back")
    def take_back(self, request: Request, pk: str) -> Response:
        """Undoes an acceptance of the last minutes."""
        return self._do(lambda row: sequences.take_back(person(request), row, source=SOURCE))

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, pk: str) -> Response:
        """Rests the plan and its habits."""
        return self._do(lambda row: sequences.pause(person(request), row, source=SOURCE))

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: str) -> Response:
        """Brings the plan back."""

        def verb(row: HabitSequence) -> HabitSequence:
            row = sequences.resume(person(request), row, source=SOURCE)
            phases.open_due_phases(person(request))
            return row

        return self._do(verb)

    @extend_schema(request=AbandonSerializer)
    @action(detail=True, methods=["post"])
    def abandon(self, request: Request, pk: str) -> Response:
        """Lets the plan go."""
        keep = self._body(AbandonSerializer)["keep_habits"]
        return self._do(
            lambda row: sequences.abandon(person(request), row, keep_habits=keep, source=SOURCE)
        )


class GoalWordsSerializer(serializers.Serializer[Any]):
    goal = serializers.CharField(min_length=2, max_length=300)
    timeline = serializers.CharField(max_length=80, required=False, default="", allow_blank=True)


class GoalAnalysisView(APIView):
    """A goal taken apart, before any plan: nothing is kept."""

    @extend_schema(request=GoalWordsSerializer, responses={200: OpenApiTypes.OBJECT})
    def post(self, request: Request) -> Response:
        body = GoalWordsSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        user = person(request)
        analysis = goals.analyze_goal(
            body.validated_data["goal"],
            local_day(user),
            timeline=body.validated_data["timeline"],
            locale=user.locale,
        )
        return Response(analysis.model_dump(mode="json", exclude={"words"}))


router = SimpleRouter(use_regex_path=False)
router.register("sequences", SequenceViewSet, basename="sequence")
