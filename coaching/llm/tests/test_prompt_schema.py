"""Providers see plain JSON Schema; hints for the built-in coach stay at home."""

import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from coaching.llm.prompt_schema import without_hints
from coaching.toolkit import slot

keys = st.sampled_from(
    ["type", "title", "x-slot", "x-", "items", "properties", "$defs", "anyOf", "enum", "default"]
) | st.text(max_size=5)
schemas = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=20,
)


class Inner(BaseModel):
    minutes: int = Field(json_schema_extra=slot("minutes_per_day"))


class Plan(BaseModel):
    goal: str = Field(description="What for", json_schema_extra=slot("goal", essential=True))
    steps: list[Inner] = Field(default_factory=list)
    kind: str = Field(default="x-large", json_schema_extra={"enum": ["x-large", "small"]})


class Bare(BaseModel):
    goal: str = Field(description="What for")


def keywords(schema: Any, *, named: bool = False) -> list[str]:
    """All keys that are keywords of the schema language: not names of properties, not data."""
    if isinstance(schema, list):
        return [key for part in schema for key in keywords(part)]
    if not isinstance(schema, dict):
        return []
    found = [] if named else list(schema)
    for key, value in schema.items():
        if not named and key in ("enum", "default"):
            continue
        names = not named and key in ("properties", "$defs") and isinstance(value, dict)
        found += keywords(value, named=names)
    return found


def test_slots_go_and_everything_else_stays() -> None:
    schema = Plan.model_json_schema()
    schema["x-cues"] = ["plan"]

    plain = without_hints(schema)

    assert not [key for key in keywords(plain) if key.startswith("x-")]
    assert plain["properties"]["goal"] == Bare.model_json_schema()["properties"]["goal"]
    assert plain["properties"]["kind"]["enum"] == ["x-large", "small"]
    assert plain["$defs"]["Inner"]["properties"]["minutes"] == {
        "title": "Minutes",
        "type": "integer",
    }


def test_a_property_may_be_called_like_a_hint() -> None:
    schema = {"type": "object", "properties": {"x-ray": {"type": "string", "x-slot": {}}}}

    assert without_hints(schema)["properties"] == {"x-ray": {"type": "string"}}


@given(schemas)
def test_no_hint_is_left_anywhere_and_the_original_is_untouched(schema: Any) -> None:
    before = copy.deepcopy(schema)

    plain = without_hints(schema)

    assert not [key for key in keywords(plain) if key.startswith("x-")]
    assert schema == before
    assert without_hints(plain) == plain
