"""For whom it gets harder, and for whom it goes well."""

from datetime import UTC, date, timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.utils import timezone

from accounts.models import User
from coaching.models import Experiment
from coaching.toolkit import segments
from momentum.models import MomentumPillar
from momentum.scoring import versions
from momentum.tests.factories import TrackedUserFactory, agree

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def today() -> date:
    return timezone.now().astimezone(UTC).date()


def scored(quiet: int = 0, day: date | None = None, **fields: Any) -> User:
    """Somebody with a row of today, and evidence so many days ago."""
    user: User = fields.pop("user", None) or TrackedUserFactory.create()
    on = day or today()
    values = {
        "overall_score": 50.0,
        "behavioral_score": 50.0,
        "average_7": 50.0,
        "average_42": 50.0,
        "direction": "steady",
        "coverage": 0.8,
        "behavioral_evidence_on": on - quiet * DAY,
    }
    MomentumPillar.objects.create(user=user, date=on, version="v1", **(values | fields))
    return user


def found(key: str) -> set[User]:
    return set(segments.get(key)())


def test_at_risk_is_who_eases_well_below_their_usual_or_fell_silent() -> None:
    versions.active()
    eases = scored(direction="easing", average_7=40.0, average_42=60.0)
    scored(direction="easing", average_7=57.5, average_42=60.0)
    silent = scored(quiet=10)
    scored(quiet=2)
    scored(quiet=28, overall_score=None, behavioral_score=None)
    withdrew = scored(quiet=10)
    agree(withdrew, False)
    still_moves = scored(quiet=10, biometric_evidence_on=today() - DAY)
    assert found("momentum.at_risk") == {eases, silent}
    assert still_moves not in found("momentum.at_risk")


def test_the_newest_row_of_the_version_that_people_see_counts() -> None:
    versions.active()
    recovered = scored(day=today() - DAY, direction="easing", average_7=40.0, average_42=60.0)
    scored(user=recovered)
    other = scored()
    MomentumPillar.objects.create(
        user=other, date=today(), version="v2", direction="easing", average_7=1.0, average_42=90.0
    )
    assert found("momentum.at_risk") == set()


def test_high_performers_have_been_high_for_weeks_on_fresh_evidence() -> None:
    versions.active()
    high = scored(average_42=75.0)
    scored(average_42=75.0, coverage=0.3)
    scored(average_42=60.0)
    assert found("momentum.high_performers") == {high}


def test_experiments_keep_their_segments_under_the_new_names() -> None:
    migration = import_module("coaching.migrations.0018_segments_by_momentum")
    for old, new in migration.RENAMED.items():
        assert old not in segments
        assert new in segments
    row = Experiment.objects.create(
        key="old", name="Old", variation="test.point", segment="coaching.at_risk"
    )
    migration.forward(apps, None)
    row.refresh_from_db()
    assert row.segment == "momentum.at_risk"
    migration.backward(apps, None)
    row.refresh_from_db()
    assert row.segment == "coaching.at_risk"
