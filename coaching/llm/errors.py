"""What can go wrong with a model, told apart by what should follow."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from .events import Reason


class GatewayError(Exception):
    """The gateway has no answer."""


class ModelUnavailable(GatewayError):
    """Every model of the ladder failed, the built-in coach included, or none can do what was asked."""


class BudgetSpent(ModelUnavailable):
    """No model is asked for this person today; it says nothing about the models."""


class StructuredOutputInvalid(GatewayError):
    """The model's object does not fit the schema, even after it was told what was wrong."""

    def __init__(self, raw: str, errors: str) -> None:
        super().__init__(f"The model's answer does not fit the schema: {errors}")
        self.raw = raw
        self.errors = errors


@dataclass(frozen=True)
class Failure:
    """Why an attempt failed. `retry`: the same model may be asked once more; `blame`: the breaker counts it."""

    reason: Reason
    detail: str
    retry: bool = False
    blame: bool = True
    retry_after: float | None = None


class AttemptFailed(Exception):
    """One attempt at one model ended without a whole answer."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.detail)
        self.failure = failure


def failure_of(error: Exception, *, started: bool) -> Failure:
    """Reads an exception of LiteLLM, of a provider's client or of a timer.

    `started`: some of the answer had come already. Nothing is retried then, for the next model is the
    better bet than one that has just dropped a sentence.
    """
    cause = getattr(error, "original_exception", None) or error
    detail = f"{type(cause).__name__}: {cause}"[:300]
    if isinstance(cause, TimeoutError) or "Timeout" in type(cause).__name__:
        return Failure("stalled" if started else "timeout", detail, retry=not started)
    status = _status_of(cause)
    if started:
        return Failure("cut", detail)
    if status == 429:
        return Failure("rate_limited", detail, retry=True, retry_after=_retry_after_of(cause))
    if status in (400, 413, 422):
        return Failure("rejected", detail, blame=False)
    if status is not None and 400 <= status < 500:
        return Failure("rejected", detail)
    return Failure("unavailable", detail, retry=status is not None or _is_transport(cause))


def _status_of(error: BaseException) -> int | None:
    status = getattr(error, "status_code", None)
    try:
        return int(status) if status is not None else None
    except (TypeError, ValueError):
        return None


def _is_transport(error: BaseException) -> bool:
    return isinstance(error, OSError) or "Connect" in type(error).__name__


def _retry_after_of(error: BaseException) -> float | None:
    """Seconds to wait according to a `Retry-After` header (RFC 9110, 10.2.3), if there is one."""
    headers: list[Any] = [
        getattr(error, "litellm_response_headers", None),
        getattr(error, "headers", None),
        getattr(getattr(error, "response", None), "headers", None),
    ]
    for found in headers:
        value = found.get("retry-after") if found else None
        if not value:
            continue
        try:
            seconds = float(value)
        except ValueError:
            seconds = _seconds_until(value)
        if math.isfinite(seconds):
            return max(0.0, seconds)
    return None


def _seconds_until(date: str) -> float:
    try:
        at = parsedate_to_datetime(date)
    except ValueError:
        return math.nan
    return (at.replace(tzinfo=at.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
