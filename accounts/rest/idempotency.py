"""Writes that may arrive twice: `Idempotency-Key` makes the second one a repeat of the answer.

A key is claimed by inserting a row (unique per person and key), which is committed at once so that a
twin on another connection sees it. The handler then runs in one transaction with the storing of its
answer: either both are there or neither. A refused write (4xx, 5xx) changed nothing and gives its key
back. A claim whose process died is taken over after `IDEMPOTENCY_TAKEOVER_SECONDS`; should the first
owner still be alive, only one of the two can store an answer, and the other rolls back.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from rest_framework.permissions import SAFE_METHODS
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.current import person
from accounts.models import IdempotencyKey

from .problems import Problem

HEADER = "Idempotency-Key"
REPLAY_HEADER = "Idempotent-Replay"
MAX_KEY_LENGTH = 200
KEPT_HEADERS = ("ETag", "Location")
Handler = Callable[..., Response]


class IdempotentWrites(APIView):
    """Mix-in for API views: honours `Idempotency-Key` on every write of a signed-in person."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        key = request.headers.get(HEADER)
        if key is None or request.method in SAFE_METHODS or not request.user.is_authenticated:
            return
        method = str(request.method).lower()
        handler = getattr(self, method, None)
        if handler is None:
            return
        if not 1 <= len(key) <= MAX_KEY_LENGTH or not key.isprintable():
            raise Problem(400, "An idempotency key has 1 to 200 characters.", code="key_invalid")

        def once(request: Request, *args: Any, **kwargs: Any) -> Response:
            return answer_once(key, handler, request, *args, **kwargs)

        # `dispatch` looks the handler up on the instance after `initial`.
        setattr(self, method, once)


def answer_once(
    key: str, handler: Handler, request: Request, *args: Any, **kwargs: Any
) -> Response:
    """Runs `handler` unless `key` already has an answer, which is then given again.

    Raises `Problem` 422 when the key came with another request, 409 while its first use still runs.
    """
    digest = _digest(request)
    claim, is_mine = _claim(key, digest, request)
    if not is_mine:
        if claim.request_digest != digest:
            raise Problem(
                422,
                "This idempotency key was used for another request.",
                code="idempotency_key_reused",
            )
        if claim.status_code is None:
            raise _in_flight()
        headers = {**claim.headers, REPLAY_HEADER: "true"}
        return Response(claim.response, status=claim.status_code, headers=headers)
    try:
        with transaction.atomic():
            response = handler(request, *args, **kwargs)
            if response.status_code < 400:
                _store(claim, response)
    except BaseException:
        _release(claim)
        raise
    if response.status_code >= 400:
        _release(claim)
    return response


def prune(before: datetime) -> int:
    """Deletes keys made before the moment `before`; returns how many."""
    return IdempotencyKey.objects.filter(created_at__lt=before).delete()[0]


def _digest(request: Request) -> str:
    """What makes two requests the same: method, address and body.

    A form with files gets a new boundary each time it is sent, so of it only the address counts. Of octets that
    are a file, or a piece of one, the length counts too: the view reads them, and reads them only once.
    """
    kind = str(request.content_type)
    parts = [str(request.method).encode(), request.get_full_path().encode()]
    if kind.startswith("application/octet-stream"):
        parts.append(request.headers.get("Content-Length", "").encode())
    elif not kind.startswith("multipart/"):
        parts.append(request._request.body)
    return hashlib.sha256(b"\n".join(parts)).hexdigest()


def _claim(key: str, digest: str, request: Request) -> tuple[IdempotencyKey, bool]:
    """The row of the key, and whether this request now owns it."""
    now = timezone.now()
    claim, is_new = IdempotencyKey.objects.get_or_create(
        user=person(request),
        key=key,
        defaults={
            "method": str(request.method),
            "path": request.path[:500],
            "request_digest": digest,
            "created_at": now,
        },
    )
    if is_new:
        return claim, True
    abandoned = now - timedelta(seconds=settings.IDEMPOTENCY_TAKEOVER_SECONDS)
    if claim.status_code is None and claim.request_digest == digest:
        taken = IdempotencyKey.objects.filter(
            pk=claim.pk, status_code=None, created_at=claim.created_at, created_at__lt=abandoned
        ).update(created_at=now)
        if taken:
            claim.created_at = now
            return claim, True
    return claim, False


def _store(claim: IdempotencyKey, response: Response) -> None:
    """Keeps the answer beside the change it describes; fails if somebody else took the claim over."""
    body = None if response.data is None else json.loads(JSONRenderer().render(response.data))
    headers = {name: response[name] for name in KEPT_HEADERS if name in response}
    stored = IdempotencyKey.objects.filter(
        pk=claim.pk, status_code=None, created_at=claim.created_at
    ).update(status_code=response.status_code, response=body, headers=headers)
    if not stored:
        raise _in_flight()


def _release(claim: IdempotencyKey) -> None:
    IdempotencyKey.objects.filter(
        pk=claim.pk, status_code=None, created_at=claim.created_at
    ).delete()


def _in_flight() -> Problem:
    return Problem(
        409,
        "The first request with this idempotency key is still being answered.",
        code="idempotency_key_in_flight",
        headers={"Retry-After": "1"},
    )
