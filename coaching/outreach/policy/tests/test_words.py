"""Which words: filling them safely, and the odds of each template."""

from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coaching.outreach.policy.config import NUMBERS
from coaching.outreach.policy.words import (
    Record,
    drawn,
    effects,
    filled,
    leftover,
    names_in,
    odds,
    recency_penalty,
)

KEYS = st.lists(st.text("abcdef", min_size=1, max_size=4), min_size=1, max_size=8, unique=True)


@pytest.mark.parametrize(
    "name",
    ["{tiny}", "{0.__class__}", "{habit}", "{{x}}", "%s %(a)s", "{", "}", r"\1 \g<0>"],
)
def test_what_a_person_wrote_is_never_read_as_a_template(name):
    assert filled("{habit}: {tiny}", {"habit": name, "tiny": "one page"}) == f"{name}: one page"


def test_facts_are_one_line_of_bounded_length():
    said = filled("Now: {habit}", {"habit": "Run\n\nfar\x00\x1b" + "x" * 500})
    assert "\n" not in said
    assert "\x00" not in said
    assert len(said) <= 125
    assert said.endswith("…")


def test_a_missing_fact_is_an_error():
    with pytest.raises(KeyError):
        filled("{habit} and {tiny}", {"habit": "Walk"})
    assert names_in("{habit} and {tiny}, {Not} {this one}") == {"habit", "tiny"}


def test_what_was_just_seen_loses_the_penalty_and_gets_it_back():
    assert recency_penalty(0) == 0.017
    assert isclose(recency_penalty(15), 0.017 / 2)
    assert isclose(recency_penalty(30), 0.017 / 4)
    assert recency_penalty(None) == 0


@given(KEYS, st.data())
def test_the_odds_add_up_and_the_hold_out_keeps_every_template_possible(keys, data):
    numbers = st.floats(-1, 1)
    effect = {key: data.draw(numbers) for key in keys}
    seen = {key: data.draw(st.floats(0, 100)) for key in keys[::2]}
    found = odds(keys, effect, seen)
    assert isclose(sum(found.values()), 1)
    assert all(chance >= NUMBERS.hold_out / len(keys) - 1e-12 for chance in found.values())
    best = max(keys, key=lambda key: effect[key] - recency_penalty(seen.get(key)))
    assert found[best] == max(found.values())


def test_of_equal_templates_the_one_not_seen_lately_is_likelier():
    found = odds(["a", "b"], {}, {"a": 1.0})
    assert found["b"] > 0.8 > found["a"] > 0.1


@given(KEYS, st.floats(0, 1, exclude_max=True))
def test_a_number_falls_on_one_template_and_always_the_same(keys, number):
    chances = odds(keys, {}, {})
    assert drawn(chances, number) in keys
    assert drawn(chances, number) == drawn(dict(reversed(chances.items())), number)


@given(KEYS)
def test_even_numbers_fall_on_templates_as_their_odds_say(keys):
    chances = odds(keys, {keys[0]: 0.01}, {})
    hits = [drawn(chances, (step + 0.5) / 1000) for step in range(1000)]
    for key in keys:
        assert abs(hits.count(key) / 1000 - chances[key]) < 0.003


@given(st.floats(0.2, 0.8), st.floats(0, 1, exclude_max=True))
def test_what_is_left_of_the_number_that_spoke_is_even_again(probability, even):
    assert isclose(leftover(even * probability, probability), even, abs_tol=1e-12)


def test_effects_are_differences_that_are_believed_the_more_they_rest_on():
    often = {"a": Record(200, 400, 120), "b": Record(200, 400, 80)}
    rarely = {"a": Record(4, 8, 2.4), "b": Record(4, 8, 1.6)}
    assert isclose(effects(often)["a"], 0.1 * 100 / 150)
    assert isclose(effects(often)["b"], -0.1 * 100 / 150)
    assert 0 < effects(rarely)["a"] < 0.01
    assert effects({}) == {}
    assert effects({"a": Record(0, 0, 0)}) == {"a": 0.0}
