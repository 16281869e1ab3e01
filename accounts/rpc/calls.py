"""A call: who makes it, how long it may take, and what runs it."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from time import monotonic
from typing import Any
from uuid import UUID

import grpc
from allauth.headless.internal.sessionkit import authenticate_by_x_session_token
from django.conf import settings
from django.utils import timezone
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated

from accounts.models import User
from accounts.rest.problems import Problem

from .refusing import refuse
from .threads import in_thread

HEADER = "x-session-token"
BEARER = "bearer "
LONGEST_TOKEN = 200
# Health and the description of the services are asked by machines that are nobody.
OPEN_TO_ALL = ("/grpc.health.v1.", "/grpc.reflection.")
_current: ContextVar["Call"] = ContextVar("call")
_streams: Counter[UUID] = Counter()


@dataclass(frozen=True)
class Call:
    """One call of a signed-in person."""

    user: User
    session_key: str


Unary = Callable[[Any, Any, Any], Awaitable[Any]]
Streaming = Callable[[Any, Any, Any], AsyncIterator[Any]]


class Authenticated(grpc.aio.ServerInterceptor):  # type: ignore[misc, unused-ignore]
    """Lets calls through to the services only with the token of a session that stands."""

    async def intercept_service(self, continuation: Any, details: Any) -> Any:
        handler = await continuation(details)
        if handler is None or details.method.startswith(OPEN_TO_ALL):
            return handler
        if handler.request_streaming:
            raise NotImplementedError("Streams of requests are not served.")
        if handler.response_streaming:
            return _with_behaviour(
                grpc.unary_stream_rpc_method_handler, handler, _known_stream(handler.unary_stream)
            )
        return _with_behaviour(
            grpc.unary_unary_rpc_method_handler, handler, _known(handler.unary_unary)
        )


def unary(work: Callable[[Any, Call, Any], Any]) -> Unary:
    """Makes a method of a service of a synchronous function `(self, call, request) -> message`.

    It runs in a thread, in the person's time zone, within the time the client gives (at most GRPC_DEADLINE_SECONDS).
    Work that has not begun when the time is over does not begin.
    """

    @wraps(work)
    async def method(self: Any, request: Any, context: Any) -> Any:
        call, seconds = _current.get(), _seconds_left(context)
        try:
            async with asyncio.timeout(seconds):
                return await in_thread(_answer, work, self, call, request, monotonic() + seconds)
        except TimeoutError:
            await refuse(context, _too_late())
        except Exception as error:
            await refuse(context, error)

    return method


def streaming(work: Callable[[Any, Call, Any], AsyncGenerator[Any, None]]) -> Streaming:
    """Makes a method that streams of an asynchronous generator `(self, call, request)`.

    A person may have GRPC_STREAMS_PER_PERSON open at once.
    """

    @wraps(work)
    async def method(self: Any, request: Any, context: Any) -> AsyncIterator[Any]:
        call = _current.get()
        if _streams[call.user.pk] >= settings.GRPC_STREAMS_PER_PERSON:
            await refuse(context, Problem(429, "Too many streams at once.", code="too_many"))
        _streams[call.user.pk] += 1
        try:
            async with aclosing(work(self, call, request)) as messages:
                async for message in messages:
                    yield message
        except Exception as error:
            await refuse(context, error)
        finally:
            _streams[call.user.pk] -= 1
            if not _streams[call.user.pk]:
                del _streams[call.user.pk]

    return method


def _answer(
    work: Callable[[Any, Call, Any], Any], self: Any, call: Call, request: Any, until: float
) -> Any:
    if monotonic() >= until:
        raise _too_late()
    with timezone.override(call.user.tz):
        return work(self, call, request)


def _too_late() -> Problem:
    return Problem(504, "It took too long.", code="deadline")


def _seconds_left(context: Any) -> float:
    longest = float(settings.GRPC_DEADLINE_SECONDS)
    left = context.time_remaining()
    return longest if left is None else max(0.0, min(longest, left))


def _with_behaviour(make: Any, handler: Any, behaviour: Any) -> Any:
    return make(
        behaviour,
        request_deserializer=handler.request_deserializer,
        response_serializer=handler.response_serializer,
    )


def _known(behaviour: Any) -> Any:
    async def answer(request: Any, context: Any) -> Any:
        await _identify(context)
        return await behaviour(request, context)

    return answer


def _known_stream(behaviour: Any) -> Any:
    async def answer(request: Any, context: Any) -> AsyncIterator[Any]:
        await _identify(context)
        async with aclosing(behaviour(request, context)) as messages:
            async for message in messages:
                yield message

    return answer


async def _identify(context: Any) -> None:
    """Notes who calls; ends the call when nobody does."""
    try:
        token = token_of(context.invocation_metadata())
        if token is None:
            raise NotAuthenticated("Send the session token as x-session-token.")
        _current.set(await in_thread(_call_of, token))
    except Exception as error:
        await refuse(context, error)


def token_of(metadata: Any) -> str | None:
    """The session token among the metadata: `x-session-token`, or `authorization: Bearer …`."""
    given = {name: value for name, value in metadata or () if isinstance(value, str)}
    token = given.get(HEADER)
    if token is None and given.get("authorization", "")[: len(BEARER)].lower() == BEARER:
        token = given["authorization"][len(BEARER) :]
    return token.strip() if token else None


def _call_of(token: str) -> Call:
    found = None
    if len(token) <= LONGEST_TOKEN and token.isprintable():
        found = authenticate_by_x_session_token(token)
    if found is None:
        raise AuthenticationFailed("This session is over; sign in again.")
    user, session = found
    return Call(user, session.session_key)
