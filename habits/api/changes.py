"""Answering a change to a habit that the coach proposed, over REST."""

from uuid import UUID

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.current import person
from accounts.rest.idempotency import IdempotentWrites
from accounts.rest.problems import Problem
from habits import modification
from habits.models import CompletionSource, HabitChange


class ChangeSerializer(serializers.ModelSerializer[HabitChange]):
    """A proposed change and what became of it."""

    class Meta:
        model = HabitChange
        fields = ["id", "habit", "issue", "words", "reason", "status", "expires_at", "decided_at"]
        read_only_fields = fields


class ChangeView(IdempotentWrites, APIView):
    """Accepting applies the change once; declining leaves the habit as it is."""

    accepts = True

    @extend_schema(request=None, responses=ChangeSerializer)
    def post(self, request: Request, change_id: UUID) -> Response:
        change = get_object_or_404(HabitChange.objects.filter(user=person(request)), pk=change_id)
        decide = modification.accept if self.accepts else modification.decline
        try:
            change = decide(person(request), change, source=CompletionSource.API)
        except modification.ChangeRefused as refusal:
            raise Problem(409, str(refusal), code="change_refused") from None
        return Response(ChangeSerializer(change).data)
