"""Groups and their names, kept over trainings; models that speak of nobody before somebody says so."""

from dataclasses import replace
from io import StringIO
from uuid import uuid4

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from productivity.features import delay, evaluation, finding, groups, training
from productivity.features.deriving import derive
from productivity.features.measuring import Counts
from productivity.features.numbers import GROUPS
from productivity.features.population import generate
from productivity.models import BehaviorModel, FeatureSnapshot, ModelKind, Task
from productivity.tests.test_features_keeping import somebody

pytestmark = pytest.mark.django_db
PEOPLE = 90


def table(seed: int = 0, shift: float = 0.0, many: int = 60) -> np.ndarray:
    """Three clear kinds of people: ahead, late, and moving things around."""
    chance = np.random.default_rng(seed)
    centers = np.array(
        [
            [0.05, 0.02, 0.05, 2.0, 0.1, 0.1, 0.05],
            [0.60, 0.10, 0.40, 4.5, 0.1, 0.1, 0.05],
            [0.25, 0.60, 0.10, 3.5, 0.1, 0.6, 0.05],
        ]
    )
    spread = np.array([0.04, 0.04, 0.04, 0.3, 0.05, 0.05, 0.01])
    rows = [center + shift * spread + chance.normal(0, 1, (many, 7)) * spread for center in centers]
    return np.concatenate(rows)


def kept(found: finding.Found, **fields: object) -> BehaviorModel:
    values = {
        "kind": ModelKind.CLUSTERS,
        "version": 1,
        "parameters": found.parameters,
        "labels": found.labels,
        "trained_on": 180,
    }
    return BehaviorModel.objects.create(**(values | fields))


def test_groups_are_found_and_named_after_what_they_lean_to() -> None:
    found = finding.find(table())
    assert found is not None
    assigned = groups.assign(table(), found.parameters)
    names = [found.labels[str(assigned[at])] for at in (0, 60, 120)]
    assert names == ["plans ahead", "starts late", "moves things around"]
    assert len(set(found.labels.values())) == len(found.labels) == 3


def test_numbers_and_names_stay_with_their_group_over_trainings() -> None:
    first = finding.find(table(seed=0))
    assert first is not None
    earlier = kept(first)
    mixed = np.random.default_rng(5).permutation(table(seed=1, shift=0.3))
    again = finding.find(mixed, earlier)
    assert again is not None
    assert again.labels == first.labels
    probe = table(seed=2)
    assert groups.assign(probe, again.parameters) == groups.assign(probe, first.parameters)


def test_a_group_that_is_new_gets_a_new_number_and_takes_nobodys_name() -> None:
    two = finding.find(table()[:120])
    assert two is not None
    again = finding.find(table(seed=3), kept(two))
    assert again is not None
    assert set(two.labels.items()) < set(again.labels.items())
    assert len(set(again.labels.values())) == len(again.labels)


def test_too_few_people_or_people_all_alike_make_no_groups() -> None:
    assert finding.find(table()[: GROUPS.fewest_people - 1]) is None
    assert finding.find(np.ones((200, 7))) is None


def test_what_is_not_known_of_a_person_counts_as_the_mean() -> None:
    rows = table()
    rows[3, 4] = np.nan
    found = finding.find(rows)
    assert found is not None
    assert all(np.isfinite(found.parameters["means"]))


def test_drift_is_told_against_the_model_before() -> None:
    first = finding.find(table())
    assert first is not None
    earlier = kept(first)
    same = training.drift_of(table(seed=7), first.parameters, earlier)
    moved = training.drift_of(table(seed=7, shift=8.0), first.parameters, earlier)
    assert same["agreement"] == 1
    assert same["changed"] == 0
    assert max(same["psi"].values()) < GROUPS.psi_strong < max(moved["psi"].values())
    assert training.drift_of(table(), first.parameters, None) == {}


def test_people_are_placed_only_by_an_active_model_and_only_when_enough_is_known() -> None:
    found = finding.find(table())
    assert found is not None
    model = kept(found)
    known = derive(
        Counts(uuid4(), tasks=40, waiting_days=(0.0,) * 6, done_before_due=(0.0,) * 6),
        delay.prior_of({}),
    )
    few = replace(known, user_id=uuid4(), tasks_seen=GROUPS.fewest_tasks - 1)
    assert groups.place([known, few]) == {}
    assert training.activate(model)
    assert not training.activate(model)
    placed = groups.place([known, few])
    assert set(placed) == {known.user_id}
    assert placed[known.user_id].label in found.labels.values()
    assert training.deactivate(model)
    assert groups.place([known]) == {}


def test_one_model_of_a_kind_is_active_and_made_up_ones_never() -> None:
    found = finding.find(table())
    assert found is not None
    first, second = kept(found), kept(found, version=2)
    training.activate(first)
    training.activate(second)
    active = BehaviorModel.objects.filter(is_active=True)
    assert [model.version for model in active] == [2]
    unreal = kept(found, version=3, metrics={"generated": True})
    with pytest.raises(training.NotActivatable):
        training.activate(unreal)
    assert training.predecessor(ModelKind.CLUSTERS) == second


# --- Made-up people and the commands ------------------------------------------------------------
def test_made_up_people_are_measured_and_leave_no_trace() -> None:
    mine = Task.objects.create(user=somebody(), title="Real")
    population = generate(PEOPLE, seed=4, weeks=8)
    found = evaluation.measures_of(population.people, population.ends_at)
    assert len(found) == PEOPLE
    assert evaluation.trait_agreement(population, found).low > 0.35
    assert evaluation.impulsiveness_agreement(population, found).low > 0.4
    assert list(Task.objects.all()) == [mine]
    assert not FeatureSnapshot.objects.exists()


def told(command: str, *arguments: str) -> str:
    out = StringIO()
    call_command(command, *arguments, stdout=out)
    return out.getvalue()


def test_training_keeps_versions_and_says_their_drift() -> None:
    said = told("train_productivity", "--generated", str(PEOPLE), "--dry-run")
    assert "Groups of alike people" in said
    assert not BehaviorModel.objects.exists()
    told("train_productivity", "--generated", str(PEOPLE))
    told("train_productivity", "--generated", str(PEOPLE), "--seed", "2")
    versions = BehaviorModel.objects.filter(kind=ModelKind.CLUSTERS).order_by("version")
    assert [model.version for model in versions] == [1, 2]
    assert not BehaviorModel.objects.filter(is_active=True).exists()
    assert all(model.metrics["generated"] for model in versions)


def test_training_on_real_people_activates_when_told_to() -> None:
    population = generate(PEOPLE, seed=4, weeks=8)
    found = evaluation.measures_of(population.people, population.ends_at)
    for measures in found.values():
        FeatureSnapshot.objects.create(
            user=somebody(), date=population.ends_at.date(), **measures.fields()
        )
    assert "in use from now on" in told("train_productivity", "--activate")
    again = told("train_productivity")
    assert "drift, agreement: 1.0" in again
    assert BehaviorModel.objects.filter(is_active=True).count() == 2


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--generated", "5", "--dry-run"),
    ],
)
def test_too_few_people_have_an_exit_code_of_their_own(arguments: tuple[str, ...]) -> None:
    with pytest.raises(CommandError) as refused:
        told("train_productivity", *arguments)
    assert refused.value.returncode == 2


def test_made_up_people_are_never_activated() -> None:
    with pytest.raises(CommandError) as refused:
        told("train_productivity", "--generated", "90", "--activate")
    assert refused.value.returncode == 1


def test_evaluation_tells_every_figure_of_made_up_people() -> None:
    said = told("evaluate_productivity", "--generated", str(PEOPLE), "--weeks", "6")
    for figure in ("true trait", "odd and of even", "hold the long run", "adjusted Rand", "AUC"):
        assert figure in said
    with pytest.raises(CommandError) as refused:
        told("evaluate_productivity")
    assert refused.value.returncode == 2
