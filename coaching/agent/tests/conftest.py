"""What every test of runs needs: an orderly end of its event loop."""

from collections.abc import AsyncIterator

import pytest_asyncio

from coaching.agent import live
from coaching.llm.gateway import settle


@pytest_asyncio.fixture(autouse=True)
async def _orderly_end() -> AsyncIterator[None]:
    yield
    await live.settle()
    await settle()
