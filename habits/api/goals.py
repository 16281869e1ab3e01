"""Goals over REST."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ModelViewSet

from accounts.current import person
from accounts.rest.etags import MatchedEdits
from accounts.rest.idempotency import IdempotentWrites
from accounts.rest.sync import SyncedList
from habits import editing
from habits.models import CompletionSource, Goal

from .serializers import GoalSerializer

SOURCE = CompletionSource.API.value


class GoalViewSet(IdempotentWrites, MatchedEdits, SyncedList, ModelViewSet[Goal]):
    """The person's goals. Deleting one hides it; `restore` brings it back."""

    serializer_class = GoalSerializer
    queryset = Goal.objects.none()
    lookup_value_converter = "uuid"

    def get_queryset(self) -> QuerySet[Goal]:
        if not self.request.user.is_authenticated:
            return Goal.objects.none()
        return Goal.objects.filter(user=self.request.user)

    def perform_create(self, serializer: serializers.BaseSerializer[Goal]) -> None:
        self._row = serializer.instance = editing.create_goal(
            person(self.request), serializer.validated_data, source=SOURCE
        )

    def perform_update(self, serializer: serializers.BaseSerializer[Goal]) -> None:
        assert serializer.instance is not None  # noqa: S101 - updates have a row
        editing.edit_goal(serializer.instance, serializer.validated_data, source=SOURCE)

    def perform_destroy(self, instance: Goal) -> None:
        editing.delete_goal(instance, source=SOURCE)

    @extend_schema(request=None, responses=GoalSerializer)
    @action(detail=True, methods=["post"], filter_backends=[])
    def restore(self, request: Request, pk: str) -> Response:
        """Brings a deleted goal back."""
        goal = self.get_object()
        if goal.deleted_at is not None:
            editing.restore_goal(goal, source=SOURCE)
        return Response(self.get_serializer(goal).data)
