"""The food log over REST."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import ModelViewSet

from accounts.current import person
from accounts.rest.etags import MatchedEdits, etag_of
from accounts.rest.idempotency import IdempotentWrites
from accounts.rest.problems import Problem
from accounts.rest.sync import SyncedList
from coaching.llm.embeddings import active_model
from coaching.llm.embeddings.registry import is_local
from habits.models import CompletionSource, FoodEntry
from habits.nutrition import meals, targets
from habits.nutrition.reading import LONGEST, MOST_CALORIES, MOST_GRAMS, read_moment
from habits.nutrition.similar import match_similar_foods

SOURCE = CompletionSource.API.value


def _grams() -> serializers.DecimalField:
    return serializers.DecimalField(
        max_digits=6,
        decimal_places=1,
        min_value=0,
        max_value=MOST_GRAMS,
        required=False,
        allow_null=True,
    )


class FoodEntrySerializer(serializers.ModelSerializer[FoodEntry]):
    calories = serializers.IntegerField(
        min_value=0, max_value=MOST_CALORIES, required=False, allow_null=True
    )
    protein_g = _grams()
    carbs_g = _grams()
    fat_g = _grams()
    eaten_at = serializers.DateTimeField(required=False)
    eaten = serializers.CharField(
        write_only=True,
        required=False,
        max_length=80,
        help_text='In words instead of `eaten_at`: "for lunch", "yesterday at 13:00"',
    )

    class Meta:
        model = FoodEntry
        fields = [
            *("id", "text", "calories", "protein_g", "carbs_g", "fat_g", "eaten_at", "eaten"),
            *("local_date", "client_id", "source", "created_at", "updated_at", "deleted_at"),
        ]
        read_only_fields = [
            *("local_date", "source", "created_at", "updated_at", "deleted_at"),
        ]
        # The client's own id may come again: then it is the same meal, not an error.
        validators: list[Any] = []

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        words = attrs.pop("eaten", "")
        if words and "eaten_at" not in attrs:
            user = person(self.context["request"])
            attrs["eaten_at"] = read_moment(words, now=timezone.now().astimezone(user.tz))
        if self.instance is not None:
            attrs.pop("client_id", None)
        return attrs


class SimilarFoodSerializer(serializers.Serializer[Any]):
    similarity = serializers.FloatField()
    entry = FoodEntrySerializer()


class FoodViewSet(IdempotentWrites, MatchedEdits, SyncedList, ModelViewSet[FoodEntry]):
    """The person's meals. Deleting one takes it back; `restore` brings it back."""

    serializer_class = FoodEntrySerializer
    queryset = FoodEntry.objects.none()
    lookup_value_converter = "uuid"
    http_method_names = ["get", "post", "patch", "delete", "head", "options"]

    def get_queryset(self) -> QuerySet[FoodEntry]:
        if not self.request.user.is_authenticated:
            return FoodEntry.objects.none()
        return FoodEntry.objects.filter(user=self.request.user)

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Logs a meal; the same `client_id` gives the meal that is there already."""
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        try:
            row = meals.log_food(
                person(request), **serializer.validated_data, source=SOURCE, now=timezone.now()
            )
        except meals.MealRefused as refusal:
            raise _refused(refusal) from None
        return Response(
            self.get_serializer(row).data,
            status=status.HTTP_201_CREATED,
            headers={"ETag": etag_of(row)},
        )

    def perform_update(self, serializer: serializers.BaseSerializer[FoodEntry]) -> None:
        assert serializer.instance is not None  # noqa: S101 - updates have a row
        try:
            row = meals.edit(
                serializer.instance, serializer.validated_data, source=SOURCE, now=timezone.now()
            )
        except meals.MealRefused as refusal:
            raise _refused(refusal) from None
        self._row = serializer.instance = row

    def perform_destroy(self, instance: FoodEntry) -> None:
        meals.remove(instance, source=SOURCE, now=timezone.now())

    @extend_schema(request=None, responses=FoodEntrySerializer)
    @action(detail=True, methods=["post"], filter_backends=[])
    def restore(self, request: Request, pk: str) -> Response:
        """Brings a meal back that was taken back."""
        row = meals.restore(self.get_object(), source=SOURCE, now=timezone.now())
        self._row = row
        return Response(self.get_serializer(row).data)

    @extend_schema(
        parameters=[OpenApiParameter("text", str, required=True, description="A meal in words")],
        responses=SimilarFoodSerializer(many=True),
        filters=False,
    )
    @action(detail=False, pagination_class=None, filter_backends=[])
    def similar(self, request: Request) -> Response:
        """Meals of one's own that are like a text, the most alike first."""
        text = serializers.CharField(max_length=LONGEST).run_validation(
            request.query_params.get("text", "")
        )
        found = match_similar_foods(person(request), text, by_meaning=is_local(active_model().name))
        shown = [{"similarity": round(each.similarity, 3), "entry": each.entry} for each in found]
        context = self.get_serializer_context()
        return Response(SimilarFoodSerializer(shown, many=True, context=context).data)


class NumbersSerializer(serializers.Serializer[Any]):
    calories_low = serializers.IntegerField(
        min_value=1, max_value=targets.LIMITS.most, allow_null=True, required=False
    )
    calories_high = serializers.IntegerField(
        min_value=1, max_value=targets.LIMITS.most, allow_null=True, required=False
    )
    numbers_hidden = serializers.BooleanField(required=False)
    why_not = serializers.CharField(
        read_only=True, help_text="Why there can be no range for this person; empty when there can"
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("calories_low" in attrs) != ("calories_high" in attrs):
            raise serializers.ValidationError(
                {"calories_high": ["Send both ends of the range, or null for both."]}
            )
        if "calories_low" in attrs:
            ends = (attrs["calories_low"], attrs["calories_high"])
            if (ends[0] is None) != (ends[1] is None):
                raise serializers.ValidationError(
                    {"calories_high": ["Send both ends of the range, or null for both."]}
                )
        return attrs


class NumbersView(IdempotentWrites, APIView):
    """Whether figures are shown in the food log, and the range aimed at, where it is safe to have one."""

    @extend_schema(responses=NumbersSerializer)
    def get(self, request: Request) -> Response:
        """What holds now."""
        return self._answer(request)

    @extend_schema(request=NumbersSerializer, responses=NumbersSerializer)
    def patch(self, request: Request) -> Response:
        """Changes it; a range that is not safe is refused with a kind reason."""
        wish = NumbersSerializer(data=request.data)
        wish.is_valid(raise_exception=True)
        user, wanted = person(request), wish.validated_data
        if wanted.get("calories_low") is not None:
            try:
                targets.set_target(
                    user, wanted["calories_low"], wanted["calories_high"], now=timezone.now()
                )
            except targets.TargetRefused as refusal:
                raise Problem(409, str(refusal), code="target_refused") from None
        elif "calories_low" in wanted:
            targets.remove_target(user)
        if "numbers_hidden" in wanted:
            targets.hide_numbers(user, wanted["numbers_hidden"])
        return self._answer(request)

    def _answer(self, request: Request) -> Response:
        user, now = person(request), timezone.now()
        held = targets.numbers_of(user, now=now)
        body = {
            "calories_low": held.low,
            "calories_high": held.high,
            "numbers_hidden": held.are_hidden,
            "why_not": targets.why_not(user, now=now),
        }
        return Response(NumbersSerializer(body).data)


def _refused(refusal: meals.MealRefused) -> Problem:
    return Problem(422, str(refusal), code="meal_refused")
