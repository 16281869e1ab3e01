"""REST: saying something to the coach and hearing the answer as server-sent events."""

import json
from typing import Any
from uuid import UUID, uuid4

from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from rest_framework import serializers
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.current import person
from accounts.rest.problems import Problem
from coaching.agent import runs, stopping
from coaching.agent.background import launch_for
from coaching.agent.live import Job, make_job
from coaching.agent.runs import MAX_ATTACHMENTS, MAX_TEXT, Refused, Started
from coaching.agent.tool_calls import ArgumentsInvalid, Call, checked, execute
from coaching.chat import conversing
from coaching.chat.sse import last_seen, stream_response
from coaching.models import ConversationChannel, Run
from coaching.toolkit import Tool, tool_named


class EventStream(BaseRenderer):
    """Lets clients ask for `text/event-stream`; answers that are not streams are problem documents."""

    media_type = "text/event-stream"
    format = "event-stream"
    charset = None
    render_style = "binary"

    def render(self, data: Any, *args: Any, **kwargs: Any) -> bytes:
        return bytes(JSONRenderer().render(data))


class StreamOrJson(DefaultContentNegotiation):
    """Whatever a client accepts, a stream is what these routes answer."""

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> Any:
        accepts = request.headers.get("Accept", "")
        for renderer in renderers:
            if renderer.media_type in accepts:
                return renderer, renderer.media_type
        return renderers[0], renderers[0].media_type


class CoachView(APIView):
    """A view of the conversation: a refusal becomes a problem document."""

    content_negotiation_class = StreamOrJson
    renderer_classes = [JSONRenderer, EventStream]

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, Refused):
            exc = Problem(exc.status, exc.detail, code=exc.code)
        return super().handle_exception(exc)


class SaySerializer(serializers.Serializer[Any]):
    conversation = serializers.UUIDField(
        required=False, allow_null=True, help_text="None begins a new conversation"
    )
    text = serializers.CharField(max_length=MAX_TEXT, allow_blank=True, trim_whitespace=False)
    client_id = serializers.CharField(
        max_length=64, required=False, help_text="Your own id of the message: sent twice, said once"
    )
    attachments = serializers.ListField(
        child=serializers.UUIDField(), required=False, max_length=MAX_ATTACHMENTS
    )


class EditSerializer(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=MAX_TEXT)
    client_id = serializers.CharField(max_length=64, required=False)


class AgainSerializer(serializers.Serializer[Any]):
    client_id = serializers.CharField(max_length=64, required=False)


class RunSerializer(serializers.ModelSerializer[Run]):
    class Meta:
        model = Run
        fields = ["id", "conversation", "request", "reply", "status", "error", "started_at"]
        read_only_fields = fields


KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="Serves as `client_id` when the body has none",
)
HTML = OpenApiParameter("render", str, description="`html` adds the HTML that the web shows")
EVENTS = {
    (200, "text/event-stream"): OpenApiResponse(
        OpenApiTypes.STR,
        description="First `ack`, then run.started, status, text, card, notice and at last run.finished; "
        "`id` is `<run>:<seq>`. Resume at /coach/runs/{id}/events with Last-Event-ID.",
    )
}


def client_id_of(request: Request, data: dict[str, Any]) -> str:
    """The sender's id of a request: from the body, else the idempotency key, else a new one."""
    said = data.get("client_id") or request.headers.get("Idempotency-Key") or uuid4().hex
    return str(said)


def _stream(
    request: Request, found: tuple[Started, Job | None], client_id: str
) -> HttpResponseBase:
    started, job = found
    if job is not None:
        launch_for(request._request, job)
    return stream_response(
        request._request,
        person(request),
        started.run.pk,
        first=conversing.acknowledgement(started, client_id),
    )


class Say(CoachView):
    """The person says something; the answer streams back."""

    @extend_schema(request=SaySerializer, responses=EVENTS, parameters=[KEY, HTML])
    def post(self, request: Request) -> HttpResponseBase:
        wish = SaySerializer(data=request.data)
        wish.is_valid(raise_exception=True)
        data = wish.validated_data
        client_id = client_id_of(request, data)
        found = conversing.send(
            person(request),
            data["text"],
            client_id=client_id,
            conversation=data.get("conversation"),
            attachments=data.get("attachments", []),
            channel=ConversationChannel.API,
        )
        return _stream(request, found, client_id)


class Regenerate(CoachView):
    """Another answer beside an answer."""

    @extend_schema(request=AgainSerializer, responses=EVENTS, parameters=[KEY, HTML])
    def post(self, request: Request, message_id: UUID) -> HttpResponseBase:
        wish = AgainSerializer(data=request.data)
        wish.is_valid(raise_exception=True)
        client_id = client_id_of(request, wish.validated_data)
        found = conversing.regenerate(person(request), message_id, client_id=client_id)
        return _stream(request, found, client_id)


class Edit(CoachView):
    """Another version of one's own message, with an answer to it."""

    @extend_schema(request=EditSerializer, responses=EVENTS, parameters=[KEY, HTML])
    def post(self, request: Request, message_id: UUID) -> HttpResponseBase:
        wish = EditSerializer(data=request.data)
        wish.is_valid(raise_exception=True)
        client_id = client_id_of(request, wish.validated_data)
        text = wish.validated_data["text"]
        found = conversing.edit(person(request), message_id, text, client_id=client_id)
        return _stream(request, found, client_id)


class Retry(CoachView):
    """A new answer in place of one that failed; asked twice, it begins once."""

    @extend_schema(request=None, responses=EVENTS, parameters=[HTML])
    def post(self, request: Request, run_id: UUID) -> HttpResponseBase:
        found = conversing.retry(person(request), run_id)
        return _stream(request, found, f"retry:{run_id}")


class Events(CoachView):
    """The events of a run after those one has, while it runs and afterwards."""

    @extend_schema(
        responses=EVENTS,
        parameters=[
            OpenApiParameter("after", int, description="Number of the last event one has"),
            OpenApiParameter(
                "Last-Event-ID",
                str,
                OpenApiParameter.HEADER,
                description="The same, as browsers say it",
            ),
            HTML,
        ],
    )
    def get(self, request: Request, run_id: UUID) -> HttpResponseBase:
        user = person(request)
        if not Run.objects.filter(pk=run_id, user=user).exists():
            raise runs.not_found()
        after = last_seen(request._request)
        return stream_response(request._request, user, run_id, after=after)


class Stop(CoachView):
    """Ends an answer where it is; what was said is kept."""

    @extend_schema(request=None, responses=RunSerializer)
    def post(self, request: Request, run_id: UUID) -> Response:
        return Response(RunSerializer(stopping.stop(person(request), run_id)).data)


# --- One thing asked for by name ------------------------------------------------------------------
class SequenceWishSerializer(serializers.Serializer[Any]):
    """What `create_habit_sequence` takes; members beyond `goal` are optional."""

    goal = serializers.CharField(max_length=500)
    conversation = serializers.UUIDField(required=False, allow_null=True)
    client_id = serializers.CharField(max_length=64, required=False)

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        checked_data = dict(super().to_internal_value(data))
        rest = {key: value for key, value in data.items() if key not in self.fields}
        return {**checked_data, "rest": rest}


class CreateSequence(CoachView):
    """A habit plan for a goal, as a draft to accept or decline; the coach says it while it is made."""

    @extend_schema(request=SequenceWishSerializer, responses=EVENTS, parameters=[KEY, HTML])
    def post(self, request: Request) -> HttpResponseBase:
        _registered("create_habit_sequence")
        wish = SequenceWishSerializer(data=request.data)
        wish.is_valid(raise_exception=True)
        data = wish.validated_data
        arguments = _fitting("create_habit_sequence", {"goal": data["goal"], **data["rest"]})
        client_id = client_id_of(request, data)
        user = person(request)
        started, job = conversing.send(
            user,
            f"Make me a habit plan: {data['goal']}",
            client_id=client_id,
            conversation=data.get("conversation"),
            attachments=[],
            channel=ConversationChannel.API,
        )
        if job is not None and job.hit is None:
            job = make_job(user, started, forced_call=("create_habit_sequence", arguments))
        return _stream(request, (started, job), client_id)


class InsightsSerializer(serializers.Serializer[Any]):
    title = serializers.CharField()
    summary = serializers.CharField()
    suggestions = serializers.ListField(child=serializers.CharField())

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        # The class has an attribute `data` of its own.
        return {**super().get_fields(), "data": serializers.JSONField()}


class Insights(CoachView):
    """How the person is doing: as a stream when asked for one, else as JSON without the coach's words."""

    @extend_schema(
        responses={(200, "application/json"): InsightsSerializer, **EVENTS},
        parameters=[OpenApiParameter("period", str, description="For example `last 30 days`")],
    )
    def get(self, request: Request) -> HttpResponseBase:
        _registered("analyze_progress")
        user = person(request)
        period = request.query_params.get("period")
        arguments = _fitting("analyze_progress", {"period": period} if period else {})
        if "text/event-stream" in request.headers.get("Accept", ""):
            client_id = client_id_of(request, {})
            started, job = conversing.send(
                user,
                "How am I doing?",
                client_id=client_id,
                conversation=None,
                attachments=[],
                channel=ConversationChannel.API,
            )
            if job is not None:
                job = make_job(user, started, forced_call=("analyze_progress", arguments))
            return _stream(request, (started, job), client_id)
        tool, args = _checked("analyze_progress", arguments)
        call = Call(f"insights-{uuid4().hex}", tool.name, tool.label)
        execute(tool, args, call, user, None, None)
        if call.card is None:
            raise Refused(422, "refused", call.error)
        return Response(InsightsSerializer(call.card).data)


def _registered(name: str) -> None:
    try:
        tool_named(name)
    except KeyError:
        raise Refused(503, "not_available", "The coach cannot do this here.") from None


def _fitting(name: str, given: dict[str, Any]) -> dict[str, Any]:
    """The given arguments, under the tool's own name for its goal; raises `Refused` 400 when they do not fit."""
    fields = tool_named(name).args.model_fields
    if "goal" in given and "goal" not in fields:
        given |= {key: given["goal"] for key, info in fields.items() if _is_goal(info)}
    arguments = {key: value for key, value in given.items() if key in fields}
    _checked(name, arguments)
    return arguments


def _is_goal(info: FieldInfo) -> bool:
    extra = info.json_schema_extra
    hint = extra.get("x-slot") if isinstance(extra, dict) else None
    return isinstance(hint, dict) and hint.get("kind") == "goal"


def _checked(name: str, arguments: dict[str, Any]) -> tuple[Tool, BaseModel]:
    try:
        return checked(name, json.dumps(arguments, default=str))
    except ArgumentsInvalid as problem:
        raise Refused(400, "invalid", str(problem)) from None
