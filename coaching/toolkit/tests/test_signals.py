"""What apps declare of momentum: a kind counts in one way, a row is projected by everybody who asked."""

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from coaching.toolkit import (
    Gathering,
    Normalizer,
    Pillar,
    SignalKind,
    projection,
    projections,
    retraction,
    retractions,
    signal,
    signals,
)

STEPS: dict[str, Any] = {"kind": SignalKind.STEPS, "pillar": Pillar.BIOMETRIC, "weight": 1.0}


def test_several_signals_of_a_kind_count_in_the_same_way() -> None:
    with signals.temporarily():
        signal("test.walked", **STEPS, normalizer=Normalizer.RATIO, parameters={"target": 5.0})
        assert signals.get("test.walked").parameters == {"target": 5.0}
    assert "test.walked" not in signals


@pytest.mark.parametrize(
    "other",
    [
        {"pillar": Pillar.BEHAVIORAL},
        {"weight": 2.0},
        {"saturation": 5},
        {"gathering": Gathering.COUNT},
    ],
)
def test_a_signal_that_counts_its_kind_differently_is_refused(other: dict[str, Any]) -> None:
    with signals.temporarily():
        signal("test.walked", **STEPS)
        with pytest.raises(ImproperlyConfigured, match="differ"):
            signal("test.ran", **(STEPS | other))
        assert "test.ran" not in signals


def test_a_type_is_declared_once() -> None:
    with signals.temporarily(), retractions.temporarily():
        signal("test.walked", **STEPS)
        with pytest.raises(ImproperlyConfigured, match="twice"):
            signal("test.walked", **STEPS)
        retraction("test.unwalked", kind=SignalKind.STEPS, subject=("walk",))
        with pytest.raises(ImproperlyConfigured, match="twice"):
            retraction("test.unwalked", kind=SignalKind.STEPS, subject=("walk",))


def test_a_projection_is_declared_by_name() -> None:
    with projections.temporarily():

        @projection("test.keep")
        def keep(happening: object) -> None:
            """Keeps nothing."""

        assert projections.get("test.keep") is keep
        with pytest.raises(ImproperlyConfigured, match="twice"):
            projection("test.keep")(keep)


def test_everything_declared_can_be_taken_back_only_where_something_counts() -> None:
    kinds = {one.kind for one in signals}
    assert all(back.kind in kinds for back in retractions)
    assert all(back.subject for back in retractions)


def test_no_type_both_counts_and_takes_back() -> None:
    assert not set(signals.keys()) & set(retractions.keys())


def test_all_subjects_of_a_kind_that_can_be_taken_back_are_named_alike() -> None:
    for back in retractions:
        thing = back.key.split(".")[0]
        of_kind = [one for one in signals if one.kind == back.kind]
        mine = [one for one in of_kind if one.is_summary or one.key.split(".")[0] == thing]
        assert back.subject in {one.subject for one in mine}
        assert {one.subject for one in mine if not one.is_summary} <= {back.subject}
