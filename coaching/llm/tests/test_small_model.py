"""A real model, small and on this machine, behind the same door as any other."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from pydantic import BaseModel
from pytest_django import Settings

from coaching.llm.gateway import (
    ChatRequest,
    Finished,
    TextDelta,
    complete_structured,
)
from coaching.models import CallOutcome, ModelCall

from .small_model import KEY
from .test_gateway import events_of, shown

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    program = Path(__file__).with_name("small_model.py")
    with subprocess.Popen(
        [sys.executable, str(program)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert url, f"the server of the small model ended with {process.wait()}"
        yield url
        process.kill()


@pytest.fixture(autouse=True)
def _use_it(address: str, settings: Settings) -> None:
    settings.COACH_MODEL = "openai/smollm2"
    settings.COACH_MODEL_API_BASE = f"{address}/v1"
    settings.COACH_MODEL_API_KEY = KEY
    settings.COACH_FIRST_TOKEN_TIMEOUT_SECONDS = 60.0
    settings.COACH_STALL_TIMEOUT_SECONDS = 60.0
    settings.COACH_MODEL_PRICES = {"openai/smollm2": {"input": 1.0, "output": 2.0}}


async def test_it_streams_token_by_token_and_counts() -> None:
    question = [{"role": "user", "content": "Name three fruits."}]

    events = await events_of(ChatRequest(question, temperature=0.0, max_output_tokens=24))

    assert sum(isinstance(event, TextDelta) for event in events) > 5
    assert len(shown(events)) > 10
    last = events[-1]
    assert isinstance(last, Finished)
    assert last.model == "openai/smollm2"
    assert last.usage.input_tokens > 5
    assert 5 < last.usage.output_tokens <= 24
    call = await ModelCall.objects.aget()
    assert call.outcome == CallOutcome.OK
    assert call.cost_microdollars == last.usage.input_tokens + 2 * last.usage.output_tokens


class Fruit(BaseModel):
    colour: Literal["red", "yellow", "green"]
    sweet: bool


async def test_it_fills_a_schema() -> None:
    question = [{"role": "user", "content": "Describe a banana as JSON."}]

    fruit = await complete_structured(Fruit, question, purpose="test", max_output_tokens=40)

    assert isinstance(fruit, Fruit)
