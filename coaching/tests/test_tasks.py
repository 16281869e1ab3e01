"""Tasks that work on ranges of people."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from accounts.consent import set_consent
from accounts.models import ConsentKind, ConsentSource
from accounts.tests.factories import UserFactory
from coaching import tasks
from coaching.models import InteractionPattern, NudgeDecision
from coaching.outreach.policy.config import NUMBERS
from coaching.outreach.policy.features import FEATURES
from coaching.outreach.tests.nudge_world import a_person


def where_it_is_night() -> str:
    """A zone whose clock shows five now, in the middle of the hours that count as night."""
    ahead = (5 - datetime.now(UTC).hour + 12) % 24 - 12
    return f"Etc/GMT{-ahead:+d}"  # the names of these zones have the sign the other way round


@pytest.mark.django_db
def test_a_range_learns_those_whose_night_it_is_once() -> None:
    person = UserFactory(timezone=where_it_is_night())
    set_consent(person, ConsentKind.BEHAVIORAL_TRACKING, True, ConsentSource.WEB)
    ids = str(person.pk), str(person.pk)
    assert tasks.learn_patterns_between(*ids) == 1
    assert tasks.learn_patterns_between(*ids) == 0
    assert InteractionPattern.objects.get().user == person


@pytest.mark.django_db
def test_what_came_of_nudges_is_learned_in_ranges_of_people(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ranges: list[tuple[str, str]] = []
    monkeypatch.setattr(
        tasks.update_nudge_posteriors_between, "delay", lambda *ids: ranges.append(ids)
    )
    person = a_person()
    now = timezone.now()
    NudgeDecision.objects.create(
        user=person,
        at=now - timedelta(hours=5),
        local_date=now.date(),
        point="midday",
        policy_version=NUMBERS.version,
        is_available=True,
        features=dict.fromkeys(FEATURES, 0.5),
        probability=0.25,
        random_number=0.1,
        sent=True,
        window_ends_at=now - timedelta(hours=1),
        reward=1.0,
        resolved_at=now,
    )
    tasks.update_nudge_posteriors()
    assert ranges == [(str(person.pk), str(person.pk))]
    assert tasks.update_nudge_posteriors_between(*ranges[0]) == 1
    assert tasks.update_nudge_posteriors_between(*ranges[0]) == 0
