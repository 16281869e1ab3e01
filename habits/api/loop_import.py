"""Bringing habits from Loop Habit Tracker, over REST."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.current import person
from accounts.rest.idempotency import IdempotentWrites
from accounts.rest.problems import Problem
from habits import loop_import


class LoopUploadSerializer(serializers.Serializer[Any]):
    """The zip file. With `dry_run` the answer says what would be made, and nothing is."""

    file = serializers.FileField(max_length=200)
    dry_run = serializers.BooleanField(default=False)


class LoopOutcomeSerializer(serializers.Serializer[Any]):
    """What one habit of the export becomes."""

    name = serializers.CharField()
    cadence = serializers.CharField()
    is_new = serializers.BooleanField()
    is_archived = serializers.BooleanField()
    new_days = serializers.IntegerField()
    known_days = serializers.IntegerField()
    first = serializers.DateField(allow_null=True)
    last = serializers.DateField(allow_null=True)
    refused = serializers.CharField(allow_blank=True)


class LoopReportSerializer(serializers.Serializer[Any]):
    """What an import makes, or made."""

    new_habits = serializers.IntegerField()
    new_days = serializers.IntegerField()
    habits = LoopOutcomeSerializer(many=True)


class LoopImportView(IdempotentWrites, APIView):
    """The CSV export of Loop Habit Tracker, as its zip file."""

    parser_classes = [MultiPartParser]

    @extend_schema(
        request={"multipart/form-data": LoopUploadSerializer}, responses=LoopReportSerializer
    )
    def post(self, request: Request) -> Response:
        """Makes the habits that are not here and adds the days they do not have; again: nothing."""
        wish = LoopUploadSerializer(data=request.data)
        wish.is_valid(raise_exception=True)
        upload = wish.validated_data["file"]
        try:
            export = loop_import.read_upload(upload, upload.size)
        except loop_import.LoopUnreadable as problem:
            raise Problem(400, str(problem), code="unreadable") from None
        act = loop_import.preview if wish.validated_data["dry_run"] else loop_import.bring_in
        return Response(LoopReportSerializer(act(person(request), export)).data)
