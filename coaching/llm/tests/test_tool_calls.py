"""However a tool call is cut into fragments, the same call comes out."""

from itertools import pairwise
from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from coaching.llm.events import ToolCallReady
from coaching.llm.tool_calls import ToolCallFragments, ids_in

names = st.from_regex(r"[a-z][a-z_]{0,20}", fullmatch=True)
arguments = st.text(min_size=1, max_size=60).filter(lambda text: text == text.strip())


def delta(
    index: int | None, identifier: str | None = None, name: str | None = None, part: str | None = ""
) -> Any:
    function = SimpleNamespace(name=name, arguments=part)
    return SimpleNamespace(index=index, id=identifier, function=function)


@st.composite
def cut(draw: st.DrawFn, text: str) -> list[str]:
    """`text` in any number of pieces, empty ones among them."""
    places = sorted(draw(st.lists(st.integers(0, len(text)), max_size=8)))
    bounds = [0, *places, len(text)]
    return [text[begin:end] for begin, end in pairwise(bounds)]


@given(st.data(), st.lists(st.tuples(names, arguments), min_size=1, max_size=4))
def test_any_fragmentation_gives_the_same_calls(
    data: st.DataObject, calls: list[tuple[str, str]]
) -> None:
    """Calls one after the other or interleaved; id and name in the first fragment or in every one."""
    repeats = data.draw(st.booleans())
    queues = []
    for index, (name, raw) in enumerate(calls):
        queue = []
        for position, part in enumerate(data.draw(cut(raw))):
            tells = repeats or position == 0
            queue.append(
                delta(index, f"id{index}" if tells else None, name if tells else None, part)
            )
        queues.append(queue)
    order = [index for index, queue in enumerate(queues) for _ in queue]
    if data.draw(st.booleans()):
        heads = list(range(len(queues)))
        rest = [index for index, queue in enumerate(queues) for _ in queue[1:]]
        order = heads + data.draw(st.permutations(rest))
    fragments = ToolCallFragments()
    pending = [queues[index].pop(0) for index in order]
    while pending:
        size = data.draw(st.integers(1, len(pending)))
        fragments.add(pending[:size])
        pending = pending[size:]

    assert fragments.ready() == [
        ToolCallReady(f"id{index}", name, raw) for index, (name, raw) in enumerate(calls)
    ]


@given(st.lists(st.tuples(names, arguments), min_size=1, max_size=4), st.sampled_from([0, None]))
def test_calls_that_share_a_number_are_told_apart_by_their_ids(
    calls: list[tuple[str, str]], number: int | None
) -> None:
    fragments = ToolCallFragments()
    for index, (name, raw) in enumerate(calls):
        fragments.add([delta(number, f"id{index}", name, raw[:3])])
        fragments.add([delta(number, None, None, raw[3:])])

    assert [(call.name, call.arguments_json) for call in fragments.ready()] == calls


def test_a_call_without_arguments_has_an_empty_object() -> None:
    fragments = ToolCallFragments()
    fragments.add([delta(0, "a", "look", None)])

    assert fragments.ready() == [ToolCallReady("a", "look", "{}")]


@given(st.lists(st.sampled_from(["", "a", "b", "used"]), min_size=1, max_size=6))
def test_ids_are_present_and_never_used_twice(ids: list[str]) -> None:
    fragments = ToolCallFragments(taken={"used"})
    for index, identifier in enumerate(ids):
        fragments.add([delta(index, identifier, "look", "{}")])

    given_out = [call.id for call in fragments.ready()]

    assert all(given_out)
    assert "used" not in given_out
    assert len(set(given_out)) == len(ids)


def test_ids_of_a_conversation_are_those_of_its_calls() -> None:
    messages: list[dict[str, Any]] = [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": None, "tool_calls": [{"id": "a"}, {"id": "b"}]},
        {"role": "assistant", "content": "Hello", "tool_calls": None},
    ]
    assert ids_in(messages) == {"a", "b"}
