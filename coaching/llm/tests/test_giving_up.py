"""An answer may be given up at any moment, also while its request is being prepared."""

import asyncio
import gc
import warnings

import pytest

from coaching.llm.events import ChatRequest
from coaching.llm.streaming import Meter, attempt
from coaching.llm.targets import ladder

from .model_server import ModelServer, Wait

QUESTION = [{"role": "user", "content": "Hello"}]
STEPS = 12


@pytest.mark.django_db(transaction=True)
async def test_giving_up_at_once_or_a_little_later_leaves_nothing_unfinished(
    model_server: ModelServer,
) -> None:
    model_server.will(*[[Wait(30)] for _ in range(STEPS)])

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for steps in range(STEPS):
            meter = Meter(ladder("")[0], ChatRequest(QUESTION))
            asking = asyncio.ensure_future(anext(attempt(meter)))
            for _ in range(steps):
                await asyncio.sleep(0)
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking
        await asyncio.sleep(0.1)
        gc.collect()
