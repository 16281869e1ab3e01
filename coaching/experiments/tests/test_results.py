"""Results are counts and intervals; what surely does harm stops by itself."""

from datetime import timedelta

import pytest

from coaching.experiments.lifecycle import stop
from coaching.experiments.monitoring import watch_guardrails
from coaching.experiments.results import Finding, results_of
from coaching.experiments.words import verdict
from coaching.models import Experiment, ExperimentAssignment
from coaching.toolkit import variant_of

from .factories import NOON, POINT, agreeing_person, decide, draft, filled, running

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(days=20)


def people(n: int, kept: float, spread: float = 1.0, muted: int = 0) -> list[dict[str, float]]:
    """`n` people around `kept`, of whom `muted` muted the coach."""
    return [
        {"test.kept": kept + (spread if at % 2 else -spread), "test.muted": float(at < muted)}
        for at in range(n)
    ]


def found(experiment: Experiment, variant: int = 1) -> Finding:
    primary = results_of(experiment).primary
    assert primary is not None
    comparison = primary.arms[variant].comparison
    assert comparison is not None
    return comparison.finding


def test_a_new_experiment_has_nothing_to_say() -> None:
    results = results_of(running())
    assert results.exposed == 0
    assert not results.is_mismatched
    assert results.primary is not None
    assert "Too early" in verdict(results.primary, results.primary.arms[1])


def test_it_counts_averages_and_compares(django_assert_num_queries) -> None:
    experiment = running()
    filled(experiment, {"plain": people(40, 4.0, muted=4), "warm": people(40, 5.0, muted=10)})
    with django_assert_num_queries(2):
        results = results_of(experiment)
    assert [(group.drawn, group.exposed) for group in results.groups] == [(40, 40), (40, 40)]
    assert results.primary is not None
    control, warm = results.primary.arms
    assert control.is_control
    assert (control.sample.n, control.sample.mean) == (40, 4.0)
    assert control.sample.variance == pytest.approx(40 / 39)
    assert warm.comparison is not None
    assert warm.comparison.difference == pytest.approx(1.0)
    assert warm.comparison.interval.low == pytest.approx(0.549, abs=2e-3)
    guardrail = results.guardrails[0]
    assert (guardrail.days, guardrail.worst) == (7, 0.02)
    assert guardrail.arms[1].sample.mean == 0.25


@pytest.mark.parametrize(
    ("n", "kept", "status", "finding"),
    [
        (20, 9.0, "running", Finding.EARLY),
        (200, 5.0, "running", Finding.BETTER),
        (200, 3.0, "running", Finding.WORSE),
        (200, 4.25, "running", Finding.SEEMS_BETTER),
        (200, 3.75, "stopped", Finding.SEEMS_WORSE),
        (200, 4.25, "completed", Finding.BETTER),
        (200, 4.02, "completed", Finding.UNSURE),
    ],
)
def test_only_what_is_sure_is_said_as_sure(n, kept, status, finding) -> None:
    experiment = running(status=status)
    filled(experiment, {"plain": people(n, 4.0), "warm": people(n, kept)})
    assert found(experiment) == finding


def test_less_is_better_where_the_metric_says_so() -> None:
    experiment = running(primary_metric="test.muted", guardrails=[])
    filled(experiment, {"plain": people(200, 4, muted=100), "warm": people(200, 4, muted=20)})
    assert found(experiment) == Finding.BETTER


def test_an_unsure_result_says_how_many_people_it_would_take() -> None:
    experiment = running()
    filled(experiment, {"plain": people(60, 4.0), "warm": people(60, 4.1)})
    primary = results_of(experiment).primary
    assert primary is not None
    said = verdict(primary, primary.arms[1])
    assert "No sure difference." in said
    assert "people per variant" in said


def test_people_who_withdrew_or_have_no_value_do_not_count() -> None:
    experiment = running()
    filled(experiment, {"plain": people(3, 4.0), "warm": [*people(3, 5.0), {}]})
    first = ExperimentAssignment.objects.filter(variant="plain").order_by("id")[0]
    decide(first.user, False, LATER)
    results = results_of(experiment)
    assert [(g.drawn, g.exposed, g.withdrawn) for g in results.groups] == [(3, 2, 1), (4, 4, 0)]
    assert [group.waiting for group in results.groups] == [0, 1]
    assert results.primary is not None
    assert [arm.sample.n for arm in results.primary.arms] == [2, 3]


def test_groups_of_the_wrong_size_are_told() -> None:
    experiment = running()
    filled(experiment, {"plain": [{}] * 130, "warm": [{}] * 60})
    assert results_of(experiment).is_mismatched


def test_harm_stops_the_experiment_with_its_reason_and_everybody_gets_the_usual_option() -> None:
    experiment = running()
    filled(experiment, {"plain": people(100, 4, muted=4), "warm": people(100, 4, muted=45)})
    user = agreeing_person()
    drawn = ExperimentAssignment.objects.create(experiment=experiment, user=user, variant="warm")
    assert variant_of(user, POINT.key, now=LATER) == "warm"
    assert watch_guardrails(now=LATER) == [experiment]
    experiment.refresh_from_db()
    assert (experiment.status, experiment.ended_at) == ("stopped", LATER)
    assert "“warm”" in experiment.end_reason
    assert "surely worse" in experiment.end_reason
    assert variant_of(user, POINT.key, now=LATER) == "plain"
    assert watch_guardrails(now=LATER) == []
    assert drawn.variant == "warm"


def test_no_harm_lets_it_run() -> None:
    experiment = running()
    filled(experiment, {"plain": people(100, 4, muted=6), "warm": people(100, 4, muted=9)})
    assert watch_guardrails(now=LATER) == []
    assert watch_guardrails(now=LATER) == []
    experiment.refresh_from_db()
    assert experiment.status == "running"


def test_one_without_guardrails_and_a_draft_are_left_alone() -> None:
    running(guardrails=[])
    filled(draft(), {"plain": people(100, 4), "warm": people(100, 4, muted=90)})
    assert watch_guardrails(now=LATER) == []


def test_somebody_else_s_stop_in_the_same_moment_stands(monkeypatch) -> None:
    experiment = running()
    filled(experiment, {"plain": people(100, 4), "warm": people(100, 4, muted=90)})
    real = watch_guardrails.__globals__["harm_of"]

    def slow(row: Experiment):
        harm = real(row)
        stop(row, reason="by hand", now=LATER)
        return harm

    monkeypatch.setattr("coaching.experiments.monitoring.harm_of", slow)
    assert watch_guardrails(now=LATER) == []
    assert Experiment.objects.get().end_reason == "by hand"
