"""What the other tests stand on."""

from datetime import date

import pytest

from accounts.consent import has_consent
from accounts.models import ConsentKind
from momentum.models import MomentumEvent
from momentum.tests.factories import KINDS, TrackedUserFactory, add_events, an_event

pytestmark = pytest.mark.django_db


def test_events_of_every_kind_can_be_kept_for_somebody_who_agreed() -> None:
    person = TrackedUserFactory()
    assert has_consent(person, ConsentKind.BEHAVIORAL_TRACKING)
    add_events(an_event(person, date(2026, 3, 1), kind, 0.5) for kind in KINDS)
    assert MomentumEvent.objects.filter(user=person).count() == len(KINDS)
