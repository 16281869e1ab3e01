"""What an error says about what to do next."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from types import SimpleNamespace

import pytest

from coaching.llm.errors import failure_of


class Refusal(Exception):
    """An error of a provider's client, as far as it is looked at."""

    def __init__(self, status_code: object = None, **headers: str) -> None:
        super().__init__("scripted")
        self.status_code = status_code
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.response = SimpleNamespace(headers=named)


@pytest.mark.parametrize(
    ("error", "reason", "retry", "blame"),
    [
        (TimeoutError(), "timeout", True, True),
        (Refusal(429), "rate_limited", True, True),
        (Refusal(500), "unavailable", True, True),
        (Refusal("503"), "unavailable", True, True),
        (Refusal(400), "rejected", False, False),
        (Refusal(413), "rejected", False, False),
        (Refusal(401), "rejected", False, True),
        (Refusal(404), "rejected", False, True),
        (ConnectionRefusedError(), "unavailable", True, True),
        (Refusal("odd"), "unavailable", False, True),
        (ValueError("no JSON"), "unavailable", False, True),
    ],
)
def test_before_the_first_token(error: Exception, reason: str, retry: bool, blame: bool) -> None:
    failure = failure_of(error, started=False)

    assert (failure.reason, failure.retry, failure.blame) == (reason, retry, blame)


@pytest.mark.parametrize(
    ("error", "reason"),
    [(TimeoutError(), "stalled"), (ConnectionResetError(), "cut"), (Refusal(500), "cut")],
)
def test_after_it_nothing_is_retried(error: Exception, reason: str) -> None:
    failure = failure_of(error, started=True)

    assert (failure.reason, failure.retry, failure.blame) == (reason, False, True)


def test_an_error_wrapped_in_another_is_read() -> None:
    wrapped = RuntimeError("wrapped")
    wrapped.original_exception = Refusal(429, retry_after="2")  # type: ignore[attr-defined]

    failure = failure_of(wrapped, started=False)

    assert (failure.reason, failure.retry_after) == ("rate_limited", 2.0)


@pytest.mark.parametrize(("value", "seconds"), [("3", 3), ("0.5", 0.5), ("-7", 0)])
def test_retry_after_is_seconds(value: str, seconds: float) -> None:
    assert failure_of(Refusal(429, retry_after=value), started=False).retry_after == seconds


@pytest.mark.parametrize(("hours", "low", "high"), [(1, 3000, 3600), (-1, 0, 0)])
def test_or_a_date(hours: int, low: float, high: float) -> None:
    value = format_datetime(datetime.now(UTC) + timedelta(hours=hours), usegmt=True)

    wait = failure_of(Refusal(429, retry_after=value), started=False).retry_after

    assert wait is not None
    assert low <= wait <= high


@pytest.mark.parametrize("value", ["", "soon", "nan", "inf", "Sat, 99 Nov 2026 25:00:00 GMT"])
def test_a_retry_after_that_says_nothing_is_none(value: str) -> None:
    assert failure_of(Refusal(429, retry_after=value), started=False).retry_after is None
