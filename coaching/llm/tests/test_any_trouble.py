"""Whatever two model servers do, in any order: one whole answer, never a lost or a doubled one."""

from collections import Counter
from itertools import pairwise

import hypothesis
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from pytest_django import Settings

from coaching.llm.gateway import ChatRequest, Degraded, Finished, Restarted, TextDelta

from .fixtures import FALLBACK, MODEL
from .model_server import Cut, Done, End, Finish, ModelServer, Page, Say, Status, Step, Wait
from .test_gateway import BUILTIN, QUESTION, builtin_says, events_of, shown

__all__ = ["builtin_says"]
GOOD: list[Step] = [Finish(), Done()]
ENDINGS: list[list[Step]] = [GOOD, GOOD, [Finish(), Cut()], [Cut()], [End()], [Wait(30)]]
REFUSALS: list[Step] = [Status(429, {"retry-after": "0"}), Status(500), Status(401), Page(b"<p>")]
pieces = st.lists(st.sampled_from(["one ", "two", "\n", " three", ""]), max_size=4)
scripts = st.builds(
    lambda text, end: [Say(*text), *end], pieces, st.sampled_from(ENDINGS)
) | st.sampled_from(REFUSALS).map(lambda step: [step])


def whole_text(script: list[Step]) -> str | None:
    """The text of a script that tells a whole answer with something in it."""
    if not isinstance(script[0], Say) or Finish() not in script:
        return None
    return "".join(script[0].pieces) if "".join(script[0].pieces).strip() else None


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@hypothesis.settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(first=st.lists(scripts, max_size=2), second=st.lists(scripts, max_size=2))
async def test_an_answer_is_whole_and_given_once(
    model_server: ModelServer,
    fallback_server: ModelServer,
    settings: Settings,
    builtin_says: str,
    first: list[list[Step]],
    second: list[list[Step]],
) -> None:
    settings.COACH_FIRST_TOKEN_TIMEOUT_SECONDS = settings.COACH_STALL_TIMEOUT_SECONDS = 0.3
    for server, planned in ((model_server, first), (fallback_server, second)):
        server.forget()
        server.will(*planned)

    events = await events_of(ChatRequest(QUESTION))

    last = events[-1]
    assert isinstance(last, Finished)
    assert Counter(map(type, events))[Finished] == 1
    asked = {MODEL: model_server, FALLBACK: fallback_server}
    if last.model == BUILTIN:
        possible: set[str | None] = {builtin_says}
    else:
        planned = first if last.model == MODEL else second
        possible = {whole_text(planned[len(asked[last.model].received) - 1])}
    assert shown(events) in possible
    rungs = [MODEL, *(event.to_model for event in events if isinstance(event, Degraded))]
    assert rungs == [MODEL, FALLBACK, BUILTIN][: len(rungs)]
    assert rungs[-1] == last.model
    for event, after in pairwise(events):
        if isinstance(event, TextDelta) and isinstance(after, Degraded):
            assert Restarted() in events
    assert all(len(server.received) <= 2 for server in asked.values())
