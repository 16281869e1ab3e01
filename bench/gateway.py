# ruff: noqa: E402 - Django must be set up before its models are imported
"""What the gateway adds to a model: time to the first piece, and processor time per piece.

Prints, from one run: the built-in coach alone, through LiteLLM alone, and through the gateway; then a
scripted model server over plain HTTP and through the gateway. "loop" is the processor time of the event
loop's thread. A row per call is written to the database in another thread, as in production.

    make bench, or: python -m config.runtime exec .venv/bin/python bench/gateway.py
"""

import asyncio
import json
import os
import statistics
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

import httpx
from django.conf import settings

from coaching.llm.builtin import coach
from coaching.llm.builtin.replies import Reply, Text
from coaching.llm.engine import engine
from coaching.llm.gateway import ChatRequest, TextDelta, settle, stream_chat
from coaching.llm.provider import pieces, sizes
from coaching.llm.tests.model_server import Count, ModelServer, whole

ROUNDS = 60
WORDS = [f"word{number} " for number in range(300)]
MESSAGES = [{"role": "user", "content": "I want to run a 5K in 3 months."}] * 10
Source = Callable[[], AsyncIterator[str]]


def fixed_answer(messages: object, tools: object) -> Iterator[Reply]:
    yield Text("".join(WORDS))


async def builtin_alone() -> AsyncIterator[str]:
    for reply in coach.answer(MESSAGES, []):
        if isinstance(reply, Text):
            for piece in pieces(reply.text, sizes(settings.BUILTIN_CHUNK_WORDS)):
                yield piece
                await asyncio.sleep(0)


async def through_litellm() -> AsyncIterator[str]:
    address = {"api_base": settings.COACH_MODEL_API_BASE, "api_key": "none"}
    stream = await engine().acompletion(
        model=settings.COACH_MODEL, messages=MESSAGES, stream=True, **address
    )
    async for chunk in stream:
        if chunk.choices[0].delta.content:
            yield chunk.choices[0].delta.content


async def through_the_gateway() -> AsyncIterator[str]:
    async with aclosing(stream_chat(ChatRequest(MESSAGES))) as events:
        async for event in events:
            if isinstance(event, TextDelta):
                yield event.text


async def plain_http() -> AsyncIterator[str]:
    body = {"model": "scripted", "messages": MESSAGES, "stream": True}
    async with (
        httpx.AsyncClient() as client,
        client.stream(
            "POST", f"{settings.COACH_MODEL_API_BASE}/chat/completions", json=body
        ) as answer,
    ):
        async for line in answer.aiter_lines():
            if line.startswith("data: {"):
                choices = json.loads(line[6:])["choices"]
                if choices and choices[0]["delta"].get("content"):
                    yield choices[0]["delta"]["content"]


async def measure(name: str, source: Source, prepare: Callable[[], None] = lambda: None) -> None:
    """Prints one line for `ROUNDS` answers, one after the other."""
    firsts: list[float] = []
    count = 0
    processor = 0.0
    for turn in range(ROUNDS + 5):
        prepare()
        began, used, first = time.perf_counter(), time.thread_time(), 0.0
        async for _ in source():
            first = first or time.perf_counter() - began
            count += turn >= 5
        await settle()
        if turn >= 5:  # the first rounds warm up
            firsts.append(first * 1000)
            processor += time.thread_time() - used
    deciles = statistics.quantiles(firsts, n=20)
    print(
        f"{name:34} first piece p50 {statistics.median(firsts):6.2f} ms  p95 {deciles[18]:6.2f} ms"
        f"   loop {processor / ROUNDS * 1000:6.2f} ms an answer,"
        f" {processor / count * 1e6:6.1f} µs a piece ({count // ROUNDS} pieces)"
    )


async def main() -> None:
    coach.answer = fixed_answer
    engine()
    settings.COACH_MODEL = "builtin/coach"
    await measure("built-in coach alone", builtin_alone)
    await measure("  through LiteLLM", through_litellm)
    await measure("  through the gateway", through_the_gateway)

    server = ModelServer()
    settings.COACH_MODEL = "openai/scripted"
    settings.COACH_MODEL_API_BASE = server.url

    def prepare() -> None:
        server.will(whole(*WORDS, usage=Count(100, 300)))

    await measure("model server over plain HTTP", plain_http, prepare)
    await measure("  through LiteLLM", through_litellm, prepare)
    await measure("  through the gateway", through_the_gateway, prepare)
    server.close()


if __name__ == "__main__":
    asyncio.run(main())
