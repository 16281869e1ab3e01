"""Tasks that work on ranges of people."""

from datetime import UTC, datetime

import pytest

from accounts.consent import set_consent
from accounts.models import ConsentKind, ConsentSource
from accounts.tests.factories import UserFactory
from coaching import tasks
from coaching.models import InteractionPattern


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
