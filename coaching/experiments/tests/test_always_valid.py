"""Looking as often as one likes raises few false alarms, and real harm is found."""

import random

from coaching.experiments.always_valid import always_valid_difference
from coaching.experiments.intervals import Sample, difference_of_means, difference_of_proportions
from coaching.experiments.monitoring import is_harmful
from coaching.toolkit import MetricKind, OutcomeMetric

BAD = OutcomeMetric("test.bad", "Bad", MetricKind.PROPORTION, False, lambda windows: [])
GOOD = OutcomeMetric("test.good", "Good", MetricKind.MEAN, True, lambda windows: [])
LOOKS = range(20, 1001, 20)  # people per group at each look


class Group:
    """Values that arrive one by one."""

    def __init__(self) -> None:
        self.n, self.total, self.squares = 0, 0.0, 0.0

    def add(self, value: float) -> None:
        self.n += 1
        self.total += value
        self.squares += value * value

    @property
    def sample(self) -> Sample:
        mean = self.total / self.n
        return Sample(self.n, mean, max(0.0, (self.squares - self.n * mean * mean) / (self.n - 1)))


def first_alarm(metric, draw, tolerated: float) -> int | None:
    """The number of people per group at the first look that stops; `draw(is_variant)` gives a value."""
    variant, control = Group(), Group()
    for look in LOOKS:
        while variant.n < look:
            variant.add(draw(True))
            control.add(draw(False))
        if is_harmful(metric, variant.sample, control.sample, tolerated, 0.95):
            return look
    return None


def test_no_harm_seldom_stops_an_experiment_however_often_one_looks() -> None:
    rng = random.Random(7)
    runs = 200
    for rate in (0.03, 0.3):
        alarms = sum(
            first_alarm(BAD, lambda is_variant, rate=rate: float(rng.random() < rate), 0.0)
            is not None
            for _ in range(runs)
        )
        assert alarms / runs <= 0.05
    skewed = sum(
        first_alarm(GOOD, lambda is_variant: rng.expovariate(0.5), 0.0) is not None
        for _ in range(runs)
    )
    assert skewed / runs <= 0.05


def test_a_difference_that_is_tolerated_does_not_stop_it() -> None:
    rng = random.Random(8)
    alarms = sum(
        first_alarm(BAD, lambda is_variant: float(rng.random() < 0.1 + 0.05 * is_variant), 0.05)
        is not None
        for _ in range(100)
    )
    assert alarms <= 5


def test_harm_is_found_and_large_harm_early() -> None:
    rng = random.Random(9)
    found = [
        first_alarm(
            BAD, lambda is_variant: float(rng.random() < (0.3 if is_variant else 0.05)), 0.02
        )
        for _ in range(50)
    ]
    assert None not in found
    assert sorted(look or 0 for look in found)[25] <= 100
    worse = [
        first_alarm(GOOD, lambda is_variant: rng.gauss(2.0 if is_variant else 3.0, 1.5), 0.1)
        for _ in range(50)
    ]
    assert None not in worse


def test_a_handful_of_people_never_stops_it() -> None:
    assert not is_harmful(BAD, Sample(29, 1.0, 0.0), Sample(29, 0.0, 0.0), 0.0, 0.95)


def test_it_is_wider_than_an_interval_for_one_look() -> None:
    variant, control = Sample(300, 0.4, 0.24), Sample(300, 0.3, 0.21)
    once = difference_of_proportions(variant, control, 0.95)
    always = always_valid_difference(variant, control, 0.95, are_proportions=True)
    assert always.low < once.low < once.high < always.high
    means = always_valid_difference(variant, control, 0.95, are_proportions=False)
    assert means.low < difference_of_means(variant, control, 0.95).low


def test_a_group_in_which_nothing_happened_yet_is_not_a_certainty() -> None:
    found = always_valid_difference(
        Sample(30, 0.0, 0.0), Sample(30, 0.0, 0.0), 0.95, are_proportions=True
    )
    assert found.low < 0 < found.high
