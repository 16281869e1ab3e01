"""What the tests of outreach share."""

from collections.abc import Iterator

import pytest

from .nudge_world import Needs, needs_of_the_trial


@pytest.fixture
def needs() -> Iterator[Needs]:
    """The needs of a trial, the only ones there are."""
    with needs_of_the_trial() as found:
        yield found
