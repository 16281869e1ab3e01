"""Experiments for tests, on a point and metrics that only the test declares."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from accounts.models import Consent, ConsentKind, ConsentSource, User
from accounts.tests.factories import UserFactory
from coaching.models import Experiment, ExperimentAssignment
from coaching.toolkit import (
    MetricKind,
    OutcomeMetric,
    OutcomeWindow,
    Variation,
    outcome_metrics,
    variations,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
POINT = Variation("test.point", "How it greets", ("plain", "warm", "loud"))


class Measured(list[OutcomeWindow]):
    """A metric that notes what it was asked, and answers with what `values` says of a person."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[Any, float | None] = {}

    def __call__(self, windows: Sequence[OutcomeWindow]) -> list[float | None]:
        self.extend(windows)
        return [self.values.get(window.user_id, 1.0) for window in windows]


@contextmanager
def declared() -> Iterator[tuple[Measured, Measured]]:
    """The point `test.point` and the metrics `test.kept` and `test.muted`, until the block ends."""
    kept, muted = Measured(), Measured()
    with (
        variations.temporarily(test__point=POINT),
        outcome_metrics.temporarily(
            test__kept=OutcomeMetric("test.kept", "Days kept", MetricKind.MEAN, True, kept),
            test__muted=OutcomeMetric(
                "test.muted", "People who muted", MetricKind.PROPORTION, False, muted
            ),
        ),
    ):
        yield kept, muted


TIMES: dict[str, dict[str, datetime]] = {
    "draft": {},
    "running": {"started_at": NOON},
    "stopped": {"started_at": NOON, "ended_at": NOON + timedelta(days=20)},
    "completed": {"started_at": NOON, "ended_at": NOON + timedelta(days=20)},
}


def draft(**fields: Any) -> Experiment:
    """A draft that could start; with another `status`, one that got there."""
    return Experiment.objects.create(
        **{
            "key": f"greeting-{Experiment.objects.count()}",
            "name": "A warmer greeting",
            "variation": POINT.key,
            "variants": [{"key": "plain", "weight": 1}, {"key": "warm", "weight": 1}],
            "primary_metric": "test.kept",
            "guardrails": [{"metric": "test.muted", "worst_difference": 0.02}],
            **TIMES[fields.get("status", "draft")],
            **fields,
        }
    )


def running(**fields: Any) -> Experiment:
    """One that runs since `NOON`, or ended later."""
    return draft(**{"status": "running", **fields})


def agreeing_person(**fields: Any) -> User:
    """Somebody who agreed to behavioural tracking long ago."""
    user = UserFactory(**fields)
    decide(user, True, NOON - timedelta(days=90))
    return user


def decide(user: User, granted: bool, at: datetime) -> Consent:
    return Consent.objects.create(
        user=user,
        kind=ConsentKind.BEHAVIORAL_TRACKING,
        granted=granted,
        at=at,
        source=ConsentSource.WEB,
    )


def filled(experiment: Experiment, outcomes: dict[str, list[dict[str, float]]]) -> None:
    """Exposed people with outcomes, per variant; rows are made in bulk."""
    everybody = [(variant, values) for variant, group in outcomes.items() for values in group]
    start = User.objects.count()
    people = User.objects.bulk_create(
        User(email=f"crowd{start + at}@example.org", name="Crowd") for at in range(len(everybody))
    )
    Consent.objects.bulk_create(
        Consent(
            user=user, kind=ConsentKind.BEHAVIORAL_TRACKING, granted=True, source="web", at=NOON
        )
        for user in people
    )
    ExperimentAssignment.objects.bulk_create(
        ExperimentAssignment(
            experiment=experiment,
            user=user,
            variant=variant,
            assigned_at=NOON,
            exposed_at=NOON,
            outcomes=values,
        )
        for user, (variant, values) in zip(people, everybody, strict=True)
    )
