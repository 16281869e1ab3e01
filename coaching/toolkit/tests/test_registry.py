"""The registries reject what is wrong at start-up and can be filled for one test."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from pydantic import BaseModel, Field

from coaching.toolkit import Card, Effect, Registry, ToolContext, slot, tool, tool_named, tools


class NoArgs(BaseModel):
    """Nothing to say."""


def nothing(context: ToolContext, args: NoArgs) -> Card:
    return Card(title="Nothing", summary="Nothing happened.")


def test_a_key_is_declared_once() -> None:
    registry: Registry[int] = Registry("number")
    registry.register("app.one", 1)
    with pytest.raises(ImproperlyConfigured, match="declared twice"):
        registry.register("app.one", 2)


@pytest.mark.parametrize("key", ["one", "App.one", "app.", ".one", "app.one.two", "app one"])
def test_a_key_names_its_app(key: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"<app>\.<name>"):
        Registry[int]("number").register(key, 1)


def test_an_unknown_key_says_what_is_known() -> None:
    registry: Registry[int] = Registry("number")
    registry.register("app.one", 1)
    with pytest.raises(KeyError, match=r"app\.one"):
        registry.get("app.two")


def test_the_order_does_not_depend_on_who_came_first() -> None:
    registry: Registry[int] = Registry("number")
    registry.register("b.x", 2)
    registry.register("a.x", 1)
    assert list(registry) == [1, 2]


def test_what_a_test_adds_is_gone_afterwards() -> None:
    registry: Registry[int] = Registry("number")
    registry.register("app.one", 1)
    with pytest.raises(RuntimeError), registry.temporarily(app__two=2):
        assert "app.two" in registry
        raise RuntimeError
    assert registry.keys() == ["app.one"]


def test_a_test_can_put_others_in_the_place_of_what_is_there() -> None:
    registry: Registry[int] = Registry("number")
    registry.register("app.one", 1)
    registry.register("app.two", 2)
    with registry.instead(app__two=3):
        assert list(registry) == [3]
    assert list(registry) == [1, 2]


def test_two_tools_cannot_share_the_name_a_model_sees() -> None:
    with tools.temporarily():
        tool("one.wave", description="Wave", args=NoArgs, effect=Effect.READ)(nothing)
        with pytest.raises(ImproperlyConfigured, match="wave"):
            tool("two.wave", description="Wave", args=NoArgs, effect=Effect.READ)(nothing)


def test_the_schema_a_model_sees_comes_from_the_arguments() -> None:
    class PlanArgs(BaseModel):
        goal: str = Field(
            description="The goal",
            json_schema_extra=slot("goal", essential=True, question="What is the goal?"),
        )

    def make_plan(context: ToolContext, args: PlanArgs) -> Card:
        return Card(title="A plan", summary=args.goal)

    with tools.temporarily():
        tool(
            "test.make_plan", description="Plan", args=PlanArgs, effect=Effect.WRITE, cues=("plan",)
        )(make_plan)
        function = tool_named("make_plan").schema()["function"]
    assert function["name"] == "make_plan"
    assert function["parameters"]["required"] == ["goal"]
    assert function["parameters"]["x-cues"] == ["plan"]
    assert function["parameters"]["properties"]["goal"]["x-slot"] == {
        "kind": "goal",
        "essential": True,
        "question": "What is the goal?",
    }
