"""Bringing tasks from elsewhere, taking them elsewhere, and the calendar's address, over REST."""

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.current import person
from accounts.rest.idempotency import IdempotentWrites
from accounts.rest.problems import Problem
from productivity.transfer import bringing, calendar_file, feed
from productivity.transfer.reading import MAX_BYTES, Unreadable, read


class TaskImportSerializer(serializers.Serializer[Any]):
    """A Todoist CSV or a calendar file, as a `file` or as `text`. With `dry_run` nothing is written."""

    file = serializers.FileField(max_length=200, required=False)
    text = serializers.CharField(required=False, max_length=MAX_BYTES, trim_whitespace=False)
    dry_run = serializers.BooleanField(default=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("file" in attrs) == ("text" in attrs):
            raise serializers.ValidationError("Send a file or a text.")
        return attrs


class TaskImportLineSerializer(serializers.Serializer[Any]):
    """What one task of the file becomes; `notes` say what of it is kept in the description, or left out."""

    line = serializers.IntegerField()
    title = serializers.CharField()
    outcome = serializers.ChoiceField([bringing.NEW, bringing.KNOWN, bringing.REFUSED])
    notes = serializers.ListField(child=serializers.CharField())


class TaskImportReportSerializer(serializers.Serializer[Any]):
    """What an import makes, or made. `batch` is what undoes all of it at once."""

    new = serializers.IntegerField()
    known = serializers.IntegerField()
    refused = serializers.IntegerField()
    lines = TaskImportLineSerializer(many=True)
    left_out = serializers.ListField(child=serializers.CharField())
    batch = serializers.UUIDField(allow_null=True)


class TaskFeedSerializer(serializers.Serializer[Any]):
    """Whether there is an address for calendars. The address itself is told once, when it is made."""

    is_on = serializers.BooleanField()
    created_at = serializers.DateTimeField(allow_null=True)
    last_read_at = serializers.DateTimeField(allow_null=True)
    address = serializers.CharField(allow_null=True)


class TaskImportView(IdempotentWrites, APIView):
    """Tasks out of a Todoist CSV or a calendar file."""

    parser_classes = [MultiPartParser, JSONParser]

    @extend_schema(request=TaskImportSerializer, responses=TaskImportReportSerializer)
    def post(self, request: Request) -> Response:
        """Makes the tasks that are not here yet; the same file again makes nothing."""
        wish = TaskImportSerializer(data=request.data)
        wish.is_valid(raise_exception=True)
        given = wish.validated_data
        user, now = person(request), timezone.now()
        if "file" in given:
            data = given["file"].read(MAX_BYTES + 1)
        else:
            data = given["text"].encode("utf-8", "ignore")
        try:
            file = read(user, data, now=now)
        except Unreadable as problem:
            raise Problem(400, str(problem), code="unreadable") from None
        if given["dry_run"]:
            report = bringing.preview(user, file)
        else:
            report = bringing.bring_in(user, file, now=now)
        return Response(TaskImportReportSerializer(report).data)


class CalendarRenderer(BaseRenderer):
    """A calendar file. The view writes the file itself; what comes here are refusals."""

    media_type = "text/calendar"
    format = "ics"
    charset = "utf-8"

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None
    ) -> bytes:
        refusal: bytes = JSONRenderer().render(data)
        return refusal


class TaskExportView(APIView):
    """All tasks as a calendar file."""

    renderer_classes = [CalendarRenderer, JSONRenderer]

    @extend_schema(responses={(200, "text/calendar"): OpenApiTypes.BINARY})
    def get(self, request: Request) -> HttpResponse:
        """Every task that is not deleted, as VTODO; brought back it makes the same tasks."""
        body = calendar_file.export(person(request))
        response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="habyss-tasks.ics"'
        response["Cache-Control"] = "private, no-store"
        return response


class TaskFeedView(APIView):
    """The secret address at which a calendar reads the tasks."""

    @extend_schema(responses=TaskFeedSerializer)
    def get(self, request: Request) -> Response:
        """Whether there is one, since when, and when it was last read."""
        return Response(self._state(request))

    @extend_schema(request=None, responses={201: TaskFeedSerializer})
    def post(self, request: Request) -> Response:
        """Makes an address and tells it, this once; an older one stops."""
        token = feed.new_address(person(request), now=timezone.now())
        address = request.build_absolute_uri(reverse("tasks_feed", args=[token]))
        response = Response(self._state(request, address), status=status.HTTP_201_CREATED)
        response["Cache-Control"] = "private, no-store"
        return response

    @extend_schema(responses={204: OpenApiResponse(description="There is none any more.")})
    def delete(self, request: Request) -> Response:
        """Ends the address."""
        feed.revoke(person(request))
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _state(self, request: Request, address: str | None = None) -> dict[str, Any]:
        found = feed.feed_of(person(request))
        state = {
            "is_on": found is not None,
            "created_at": found.created_at if found else None,
            "last_read_at": found.last_read_at if found else None,
            "address": address,
        }
        return dict(TaskFeedSerializer(state).data)
