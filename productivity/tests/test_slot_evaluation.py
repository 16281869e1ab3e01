"""The evaluation of odds on generated people: repeatable, bounded by the truth, and better than knowing nothing."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from productivity.features.population import generate
from productivity.scheduling.evaluating import evaluate, over_people


@pytest.mark.slow
def test_odds_lie_between_the_prior_and_the_truth_and_learn_week_by_week() -> None:
    found = evaluate(generate(30, 3, 16))
    brier = {way: one.mean for way, one in found.brier.items()}
    assert brier["truth"] < brier["odds"] < brier["prior"]
    assert found.error["odds"] < 0.06
    first, last = found.checkpoints[0], found.checkpoints[-1]
    assert last.error.mean < first.error.mean
    assert last.regret["best"].mean == 0
    assert last.regret["score"].mean < 0.7 * last.regret["chance"].mean
    assert last.ndcg["score"].mean > last.ndcg["chance"].mean + 0.1
    assert last.covered.mean > 0.85


def test_the_same_people_give_the_same_figures() -> None:
    population = generate(3, 1, 2)
    assert evaluate(population) == evaluate(population)


def test_an_interval_holds_its_mean() -> None:
    found = over_people([0.1, 0.2, 0.6])
    assert found.low <= found.mean <= found.high


def test_the_command_prints_the_distance_to_the_best_possible() -> None:
    said = StringIO()
    call_command("evaluate_scheduling", people=3, weeks=2, stdout=said, stderr=StringIO())
    assert "Of the way from the prior to the truth" in said.getvalue()
    with pytest.raises(CommandError):
        call_command("evaluate_scheduling", people=1)
