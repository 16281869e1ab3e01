"""Tokens have a price, or none that anybody knows."""

from typing import Any

import pytest
from pytest_django import Settings

from coaching.llm.pricing import cost_microdollars, estimated_tokens_of
from coaching.llm.targets import ladder


def test_the_built_in_coach_is_free() -> None:
    assert cost_microdollars("builtin/coach", 10**6, 10**6) == 0


def test_a_model_of_the_public_list_has_its_price() -> None:
    assert cost_microdollars("gpt-4o-mini", 1_000_000, 0) == 150_000
    assert cost_microdollars("openai/gpt-4o-mini", 0, 1_000_000) == 600_000


def test_a_price_of_ones_own_comes_first_and_is_rounded_up(settings: Settings) -> None:
    settings.COACH_MODEL_PRICES = {"gpt-4o-mini": {"input": 0.1, "output": 0.4}}
    assert cost_microdollars("gpt-4o-mini", 101, 0) == 11


def test_an_unknown_model_costs_nothing() -> None:
    assert cost_microdollars("openai/of-my-own", 1000, 1000) == 0


def test_words_pictures_and_calls_are_counted_roughly() -> None:
    messages: list[dict[str, Any]] = [
        {"role": "user", "content": [{"type": "text", "text": "x" * 40}, {"type": "image_url"}]},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"function": {"arguments": "y" * 40}}],
        },
        {"role": "tool", "content": "z" * 40},
    ]
    assert estimated_tokens_of(messages) == 30


@pytest.mark.parametrize(
    ("asked", "model", "fallback", "expected"),
    [
        ("", "builtin/coach", "openai/b", ["builtin/coach"]),
        ("", "openai/a", "builtin/coach", ["openai/a", "builtin/coach"]),
        ("", "openai/a", "openai/b", ["openai/a", "openai/b", "builtin/coach"]),
        ("", "openai/a", "", ["openai/a", "builtin/coach"]),
        ("", "openai/a", "openai/a", ["openai/a", "builtin/coach"]),
        ("openai/c", "openai/a", "openai/b", ["openai/c", "openai/b", "builtin/coach"]),
    ],
)
def test_the_ladder_ends_at_the_built_in_coach(
    settings: Settings, asked: str, model: str, fallback: str, expected: list[str]
) -> None:
    settings.COACH_MODEL, settings.COACH_FALLBACK_MODEL = model, fallback
    assert [target.model for target in ladder(asked)] == expected


def test_each_model_has_its_own_address_and_key(settings: Settings) -> None:
    settings.COACH_MODEL, settings.COACH_FALLBACK_MODEL = "openai/a", "openai/b"
    settings.COACH_MODEL_API_BASE, settings.COACH_MODEL_API_KEY = "http://a/v1", "key-a"
    settings.COACH_FALLBACK_API_BASE, settings.COACH_FALLBACK_API_KEY = "http://b/v1", "key-b"

    first, second, builtin = ladder()

    assert (first.api_base, first.api_key) == ("http://a/v1", "key-a")
    assert (second.api_base, second.api_key) == ("http://b/v1", "key-b")
    assert (builtin.api_base, builtin.api_key) == ("", "")
    assert "key-a" not in repr(first)
