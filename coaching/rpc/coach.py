"""Talking with the coach over gRPC: the same runs as over WebSocket and server-sent events."""

import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from time import monotonic
from typing import Any
from uuid import UUID, uuid4

from django.core.serializers.json import DjangoJSONEncoder
from google.protobuf.struct_pb2 import Struct
from rest_framework.exceptions import AuthenticationFailed

from accounts.rest.problems import Problem
from accounts.rpc.calls import Call, streaming, unary
from accounts.rpc.refusing import Invalid
from accounts.rpc.stubs import load
from accounts.rpc.threads import in_thread
from coaching.agent import runs, stopping
from coaching.agent.database import at_once
from coaching.agent.events import Event, ListenerDropped
from coaching.agent.following import follow
from coaching.agent.live import launch
from coaching.agent.runs import MAX_ATTACHMENTS, Refused
from coaching.chat import conversing
from coaching.chat.handshake import is_signed_in
from coaching.models import ConversationChannel, Run

messages, services = load("coaching/rpc/coach.proto")
SESSION_CHECK_SECONDS = 30


class Coach(services.CoachServicer):  # type: ignore[misc, name-defined, unused-ignore]
    """The conversation with the coach."""

    @streaming
    async def Send(self, call: Call, request: Any) -> AsyncGenerator[Any, None]:
        client_id = request.client_id or uuid4().hex
        if len(request.attachments) > MAX_ATTACHMENTS:
            raise Invalid(attachments=f"At most {MAX_ATTACHMENTS} files a message.")
        try:
            started, job = await at_once(
                conversing.send,
                call.user,
                request.text,
                client_id=client_id,
                conversation=_id(request.conversation, "conversation")
                if request.conversation
                else None,
                attachments=[_id(each, "attachments") for each in request.attachments],
                channel=ConversationChannel.API,
            )
        except Refused as refused:
            raise _problem(refused) from None
        if job is not None:
            launch(job)  # in the loop of the server, so that its events are heard directly
        ack = conversing.acknowledgement(started, client_id)
        yield messages.Event(
            run=str(started.run.pk),
            ack=messages.Acknowledged(
                client_id=client_id,
                conversation=ack["conversation"],
                message=ack["message"],
                reply=ack["reply"],
                duplicate=ack["duplicate"],
            ),
        )
        async with aclosing(_events(call, started.run.pk, 0)) as events:
            async for event in events:
                yield event

    @streaming
    async def Resume(self, call: Call, request: Any) -> AsyncGenerator[Any, None]:
        run_id = _id(request.run, "run")
        if not await in_thread(Run.objects.filter(pk=run_id, user=call.user).exists):
            raise _problem(runs.not_found())
        async with aclosing(_events(call, run_id, request.after)) as events:
            async for event in events:
                yield event

    @unary
    def Stop(self, call: Call, request: Any) -> Any:
        try:
            run = stopping.stop(call.user, _id(request.run, "run"))
        except Refused as refused:
            raise _problem(refused) from None
        return messages.Run(
            id=str(run.pk),
            conversation=str(run.conversation_id),
            request=str(run.request_id),
            reply=str(run.reply_id),
            status=run.status,
            error=run.error,
        )


async def _events(call: Call, run_id: UUID, after: int) -> AsyncGenerator[Any, None]:
    """The events of a run with a number above `after`, as long as the session stands.

    Raises `Problem`: 404, 503 for a reader that is too slow, who comes back with the last number.
    """
    checked_at = monotonic()
    try:
        async with aclosing(follow(call.user, run_id)) as events:
            async for event in events:
                if monotonic() - checked_at > SESSION_CHECK_SECONDS:
                    checked_at = monotonic()
                    if not await in_thread(is_signed_in, call.user.pk, call.session_key):
                        raise AuthenticationFailed("This session is over; sign in again.")
                if event["seq"] > after:
                    yield message_of(event)
    except ListenerDropped:
        raise Problem(503, "That was too slow; resume where you are.", code="too_slow") from None
    except Refused as refused:
        raise _problem(refused) from None


def message_of(event: Event) -> Any:
    """An event of a run as a message; what this version has no shape for keeps its members."""
    what: dict[str, Any]
    match event["type"]:
        case "run.started":
            what = {
                "began": messages.Began(**_some(event, "conversation", "user_message", "reply"))
            }
        case "status":
            what = {"state": messages.State(**_some(event, "state", "label"))}
        case "text":
            what = {"text": messages.Text(**_some(event, "delta", "reset"))}
        case "card":
            members = _some(event, "call", "name", "label", "state", "error")
            if event.get("card"):
                members["card"] = _struct(event["card"])
            what = {"card": messages.Card(**members)}
        case "notice":
            what = {"notice": messages.Notice(**_some(event, "kind", "text"))}
        case "run.finished":
            said = event["message"]
            what = {
                "finished": messages.Finished(
                    **_some(event, "status", "retry", "error"),
                    text=said.get("text", ""),
                    message=said["id"],
                    sources=[_struct(source) for source in said.get("sources", [])],
                )
            }
        case _:
            rest = {name: value for name, value in event.items() if name not in {"seq", "run"}}
            what = {"other": messages.Other(type=event["type"], members=_struct(rest))}
    return messages.Event(seq=event["seq"], run=event["run"], **what)


def _some(event: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: event[name] for name in names if event.get(name) is not None}


def _struct(members: Mapping[str, Any]) -> Struct:
    struct = Struct()
    # By way of JSON: cards hold dates and ids.
    struct.update(json.loads(json.dumps(dict(members), cls=DjangoJSONEncoder)))
    return struct


def _id(text: str, field: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Invalid(**{field: "An id looks like 018f4c1e-8c5a-7a51-b1b4-2f7f3c9e0a11."}) from None


def _problem(refused: Refused) -> Problem:
    return Problem(refused.status, refused.detail, code=refused.code)
