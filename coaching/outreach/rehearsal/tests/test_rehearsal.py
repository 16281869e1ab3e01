"""A small rehearsal keeps every promise, comes out the same again, and leaves nothing behind."""

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from accounts.models import User
from accounts.tests.factories import UserFactory
from coaching.models import CoachMessage, NudgeDecision, RawBehavioralLog
from coaching.outreach.rehearsal.breaches import Rule
from coaching.outreach.rehearsal.groups import rehearse
from coaching.toolkit import channels

pytestmark = pytest.mark.django_db
# Summer time ends in Europe in the night before the second day.
START = datetime(2026, 10, 24, tzinfo=UTC)


def days_of(people: int, days: int, **options: Any) -> dict[str, Any]:
    report = rehearse(people, days, **{"seed": 1, "start": START, **options}).as_json()
    del report["seconds"]
    return report


@pytest.mark.slow
def test_days_with_a_long_night_keep_every_promise() -> None:
    report = days_of(12, 2)
    assert report["examples"] == []
    assert set(report["breaches"]) == {str(rule) for rule in Rule}
    assert sum(report["breaches"].values()) == 0
    assert report["by_cause"].keys() >= {"nudge", "brief", "reminder"}
    assert report["decisions"] > 50
    assert report["held"]
    assert report["dropped"]
    assert report["attempts"]["told as sent that did not come"] == 0


@pytest.mark.slow
def test_the_same_seed_gives_the_same_day_and_another_one_another() -> None:
    first = days_of(12, 1)
    assert days_of(12, 1) == first
    assert days_of(2, 1, seed=2)["by_cause"] != days_of(2, 1)["by_cause"]


def test_nothing_is_left_behind_and_real_people_are_not_in_it(tmp_path: Path) -> None:
    real = UserFactory.create()
    declared = channels.keys()
    file, out = tmp_path / "numbers.json", io.StringIO()
    call_command(
        "rehearse",
        people=2,
        days=1,
        start=START.date(),
        file=file,
        stdout=out,
        stderr=io.StringIO(),
    )
    assert json.loads(file.read_text())["people"] == 2
    assert "Breaches: 0" in out.getvalue()
    assert list(User.objects.all()) == [real]
    assert not CoachMessage.objects.exists()
    assert not NudgeDecision.objects.exists()
    assert not RawBehavioralLog.objects.exists()
    assert channels.keys() == declared


@pytest.mark.slow
def test_a_product_that_keeps_no_distance_is_found_out(settings: Settings) -> None:
    settings.OUTREACH_MINUTES_APART = 0
    settings.OUTREACH_QUIET_UNTIL_HOUR = 1
    settings.OUTREACH_QUIET_FROM_HOUR = 23
    out = io.StringIO()
    with pytest.raises(CommandError, match="promises were broken"):
        call_command(
            "rehearse", people=12, days=2, start=START.date(), stdout=out, stderr=io.StringIO()
        )
    assert "for example" in out.getvalue()


@pytest.mark.parametrize(("people", "days"), [(0, 1), (1, 0)])
def test_a_rehearsal_of_nobody_or_no_time_is_refused(people: int, days: int) -> None:
    with pytest.raises(CommandError, match="at least one"):
        call_command("rehearse", people=people, days=days)
