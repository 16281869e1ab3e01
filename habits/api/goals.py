"""Goals over REST."""

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ModelViewSet

from accounts.rest.etags import MatchedEdits
from accounts.rest.idempotency import IdempotentWrites
from accounts.rest.sync import SyncedList
from habits.models import Goal

from .serializers import GoalSerializer


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
        self._row = serializer.save(user=self.request.user)

    def perform_destroy(self, instance: Goal) -> None:
        instance.deleted_at = timezone.now()
        instance.save(update_fields=["deleted_at", "updated_at"])

    @extend_schema(request=None, responses=GoalSerializer)
    @action(detail=True, methods=["post"], filter_backends=[])
    def restore(self, request: Request, pk: str) -> Response:
        """Brings a deleted goal back."""
        goal = self.get_object()
        if goal.deleted_at is not None:
            goal.deleted_at = None
            goal.save(update_fields=["deleted_at", "updated_at"])
        return Response(self.get_serializer(goal).data)
