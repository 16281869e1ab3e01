"""Two calls at once for one person: no sample is left out of its day."""

import threading
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection

from accounts.models import User
from momentum.biometrics import changes, pushes
from momentum.biometrics.ingesting import ingest
from momentum.models import (
    BiometricChange,
    BiometricStream,
    DeviceConnection,
    MomentumEvent,
    ProviderPush,
)
from momentum.tests.factories import TrackedUserFactory

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
CALLERS = 4


def at_once(work: Any) -> list[Any]:
    """Runs `work(number)` on connections of their own, all let go at the same moment."""
    gate, results = threading.Barrier(CALLERS), [None] * CALLERS

    def run(number: int) -> None:
        try:
            gate.wait()
            results[number] = work(number)
        except Exception as error:
            results[number] = error  # type: ignore[call-overload]
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(CALLERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_calls_at_once_add_up() -> None:
    user = TrackedUserFactory(timezone="UTC", day_start_hour=0)

    def call(number: int) -> int:
        mine = User.objects.get(pk=user.pk)
        items = [
            {
                "metric": "steps",
                "start": f"2026-03-10T{hour:02}:{15 * number:02}:00Z",
                "end": f"2026-03-10T{hour:02}:{15 * number + 10:02}:00Z",
                "value": 10,
                "source": "healthkit",
            }
            for hour in range(20)
        ]
        return ingest(mine, items, now=NOW).accepted

    assert at_once(call) == [20] * CALLERS
    row = BiometricStream.objects.get(user=user)
    assert (row.date, row.value) == (date(2026, 3, 10), 10 * 20 * CALLERS)
    event = MomentumEvent.objects.get(user=user, tag="steps")
    assert event.raw_value == row.value


def test_a_push_is_stored_and_processed_once() -> None:
    user = TrackedUserFactory()
    DeviceConnection.objects.create(user=user, provider="garmin", provider_user_id="g-1")
    summary = {"userId": "g-1", "calendarDate": "2026-03-10", "startTimeInSeconds": 1_773_097_200}

    def call(_: int) -> int:
        pushes.receive("dailies", [summary | {"steps": 500}], now=NOW)
        return pushes.process(user.pk, now=NOW)

    done = at_once(call)
    assert not [each for each in done if isinstance(each, Exception)]
    pushes.process(user.pk, now=NOW)
    assert ProviderPush.objects.filter(status="processed").count() == 1
    assert BiometricStream.objects.get(user=user).value == 500


def test_a_change_confirmed_twice_at_once_counts_once() -> None:
    user = TrackedUserFactory()
    change = BiometricChange.objects.create(
        user=user,
        metric="steps",
        since=date(2026, 2, 1),
        until=date(2026, 2, 28),
        before=5000,
        after=8000,
    )

    def call(_: int) -> str:
        mine = User.objects.get(pk=user.pk)
        return changes.confirm(mine, change.pk, via="web", now=NOW).status

    assert at_once(call) == ["confirmed"] * CALLERS
    assert MomentumEvent.objects.filter(user=user, tag="biometric_change").count() == 1
