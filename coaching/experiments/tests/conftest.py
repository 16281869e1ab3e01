"""What every test of experiments may use."""

from collections.abc import Iterator

import pytest

from coaching.experiments.tests.factories import Measured, declared


@pytest.fixture(autouse=True)
def metrics() -> Iterator[tuple[Measured, Measured]]:
    """The test's own variation point and its two metrics: `(kept, muted)`."""
    with declared() as both:
        yield both
