"""How good the coach's guesses about a habit were, over REST."""

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.current import person
from habits.guesses import record_of
from habits.models import Habit


class BinSerializer(serializers.Serializer[Any]):
    said = serializers.FloatField(help_text="The mean of the odds that were said, 0 to 1")
    count = serializers.IntegerField()
    kept = serializers.IntegerField()


class GuessSerializer(serializers.Serializer[Any]):
    day = serializers.DateField()
    percent = serializers.IntegerField()
    outcome = serializers.BooleanField(
        allow_null=True, help_text="null: still to come, or the day did not count"
    )
    is_settled = serializers.BooleanField()


class RecordSerializer(serializers.Serializer[Any]):
    words = serializers.CharField(source="track.words")
    settled = serializers.IntegerField(source="track.settled")
    bins = BinSerializer(many=True, source="track.bins")
    recent = GuessSerializer(many=True)


class GuessesView(APIView):
    """What was guessed about a habit before its days began, and what became of it."""

    @extend_schema(responses=RecordSerializer)
    def get(self, request: Request, habit_id: UUID) -> Response:
        """The record in words, by what was said, and the last two weeks day by day."""
        user = person(request)
        habit = get_object_or_404(Habit.objects.for_user(user), pk=habit_id)
        return Response(RecordSerializer(record_of(user, habit)).data)
