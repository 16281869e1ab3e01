"""The command that rebuilds events: what it says is what it does, and a trial does nothing."""

import threading
from datetime import UTC, date, datetime
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from accounts.models import User
from coaching.ledger import record
from momentum.models import MomentumEvent
from momentum.scoring import versions
from momentum.tests.factories import TrackedUserFactory

pytestmark = pytest.mark.django_db


def run(*arguments: str, **options: Any) -> str:
    out = StringIO()
    call_command("replay_momentum_events", *arguments, stdout=out, **options)
    return out.getvalue()


def sleeper() -> User:
    """Somebody with sleep of three days."""
    person = TrackedUserFactory()
    for day in ("08", "09", "10"):
        record(
            person,
            "biometrics.sleep",
            raw_data={"metric": "m", "value": 480, "local_date": f"2026-03-{day}"},
            source="api",
            idempotency_key=str(uuid4()),
            occurred_at=datetime(2026, 3, 10, 12, tzinfo=UTC),
        )
    return person


def test_everything_is_rebuilt_and_said() -> None:
    people = [sleeper() for _ in range(3)]
    MomentumEvent.objects.all().delete()
    said = run("--batch-size", "2")
    assert "2 of 3 people, 6 events" in said
    assert said.endswith("9 events of 3 people changed.\n")
    assert MomentumEvent.objects.filter(user__in=people).count() == 9
    assert run(verbosity=0) == "0 events of 3 people changed.\n"


def test_a_trial_changes_nothing() -> None:
    sleeper()
    MomentumEvent.objects.all().delete()
    assert "3 events of 1 people would change." in run("--dry-run")
    assert not MomentumEvent.objects.exists()


def test_people_and_days_can_be_named() -> None:
    first, second, third = (sleeper() for _ in range(3))
    MomentumEvent.objects.all().delete()
    run("--users", str(first.pk), third.email.upper(), "--from", "2026-03-09", "--to", "2026-03-09")
    rows = MomentumEvent.objects.values_list("user_id", "local_date")
    assert set(rows) == {(first.pk, date(2026, 3, 9)), (third.pk, date(2026, 3, 9))}
    assert not MomentumEvent.objects.filter(user=second).exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["--from", "2026-03-09", "--to", "2026-03-08"],
        ["--from", "yesterday"],
        ["--from", "0001-01-01"],
        ["--to", "9999-12-31"],
        ["--users", "nobody@example.org"],
        ["--users", str(uuid4())],
        ["--batch-size", "0"],
    ],
)
def test_what_makes_no_sense_is_refused(arguments: list[str]) -> None:
    with pytest.raises(CommandError):
        run(*arguments)


@pytest.mark.django_db(transaction=True)
def test_it_gives_way_to_somebody_who_is_writing_and_comes_back() -> None:
    versions.active()
    person = sleeper()
    MomentumEvent.objects.update(raw_value=-1)
    is_held, may_go = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                MomentumEvent.objects.filter(user=person).update(source="held")
                is_held.set()
                may_go.wait(1.2)
        finally:
            connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    is_held.wait(10)
    said = run()
    thread.join()
    assert said.endswith("3 events of 1 people changed.\n")
    assert set(MomentumEvent.objects.values_list("raw_value", "source")) == {(480.0, "api")}
