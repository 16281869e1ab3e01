"""The periodic work of experiments: outcomes are taken, and harm stops them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Consent, ConsentKind, ConsentSource
from accounts.tests.factories import UserFactory
from coaching import tasks
from coaching.experiments.numbers import NUMBERS
from coaching.models import Experiment, ExperimentAssignment

pytestmark = pytest.mark.django_db


def test_the_jobs_measure_and_stop_what_does_harm() -> None:
    long_ago = timezone.now() - timedelta(days=30)
    experiment = Experiment.objects.create(
        key="line",
        name="Question or statement",
        variation="coaching.opening_line",
        variants=[{"key": "question", "weight": 1}, {"key": "statement", "weight": 1}],
        primary_metric="coaching.active_days",
        guardrails=[{"metric": "coaching.consent_withdrawn", "worst_difference": 0.02}],
        status="running",
        started_at=long_ago,
    )
    for at in range(2 * NUMBERS.enough_people):
        user = UserFactory()
        is_harmed = at % 2 == 1
        for kind, granted, day in (
            (ConsentKind.BEHAVIORAL_TRACKING, True, -1),
            (ConsentKind.PUSH, True, -1),
            (ConsentKind.PUSH, not is_harmed, 2),
        ):
            Consent.objects.create(
                user=user,
                kind=kind,
                granted=granted,
                at=long_ago + timedelta(days=day),
                source=ConsentSource.WEB,
            )
        ExperimentAssignment.objects.create(
            experiment=experiment,
            user=user,
            variant="statement" if is_harmed else "question",
            exposed_at=long_ago,
        )
    assert tasks.measure_experiments() == 2 * 2 * NUMBERS.enough_people
    assert tasks.measure_experiments() == 0
    assert tasks.watch_experiment_guardrails() == 1
    assert tasks.watch_experiment_guardrails() == 0
    experiment.refresh_from_db()
    assert experiment.status == "stopped"
    assert "People who took a consent back" in experiment.end_reason
