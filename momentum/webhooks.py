"""Where makers of devices send what is new. Answered at once; the work is done by the queue."""

import json
import logging
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts.rest.problems import problem_response
from momentum.biometrics import garmin, pushes

logger = logging.getLogger(__name__)
MOST_SUMMARIES = 5_000


@csrf_exempt
@require_POST
def garmin_push(request: HttpRequest, kind: str) -> HttpResponse:
    """Takes a push of one kind of summaries: `{"<kind>": [{"userId": …, …}]}`.

    Signed with HMAC-SHA256 over "<timestamp>.<raw body>" (`X-Webhook-Timestamp` in Unix seconds,
    `X-Webhook-Signature`). People we do not know are no error: the sender cannot help it.
    """
    secret = settings.GARMIN_WEBHOOK_SECRET
    if not secret:
        return problem_response(
            503, "Pushes are not set up on this installation.", "webhook_not_configured"
        )
    if kind not in garmin.KINDS and kind != garmin.DEREGISTRATIONS:
        return problem_response(404, "Summaries of that kind are not taken.", "kind_unknown")
    try:
        body = request.body
    except RequestDataTooBig:
        return problem_response(413, "Send fewer summaries at once.", "too_large")
    timestamp = request.headers.get("X-Webhook-Timestamp", "")
    signature = request.headers.get("X-Webhook-Signature", "")
    now = timezone.now()
    if not pushes.is_authentic(secret, timestamp, signature, body, now=now):
        return problem_response(401, "The signature is not right.", "signature_invalid")
    summaries = _summaries(body, kind)
    if summaries is None:
        return problem_response(400, f"Send an object with a list “{kind}”.", "invalid")
    if len(summaries) > MOST_SUMMARIES:
        return problem_response(413, "Send fewer summaries at once.", "too_large")
    received = pushes.receive(kind, summaries, now=now)
    if received.dropped:
        logger.info("pushes_dropped provider=garmin kind=%s count=%d", kind, received.dropped)
    return JsonResponse(
        {
            "stored": received.stored,
            "repeated": received.repeated,
            "dropped": received.dropped,
        }
    )


def _summaries(body: bytes, kind: str) -> list[Any] | None:
    """The list in the body; `None` when it is none that can be stored."""
    try:
        sent = json.loads(body, parse_constant=_no_constant)
        # Halves of characters and zero bytes cannot be stored.
        json.dumps(sent, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return None
    found = sent.get(kind) if isinstance(sent, dict) else None
    return found if isinstance(found, list) and b"\\u0000" not in body else None


def _no_constant(name: str) -> float:
    raise ValueError(name)
