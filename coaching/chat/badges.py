"""Rare news for open pages (unread messages, a tile that changed), through one channel per event loop."""

import asyncio
import logging
from typing import Any, Protocol
from uuid import UUID

from channels.layers import get_channel_layer
from redis.exceptions import RedisError

from coaching.llm.per_loop import PerLoop
from coaching.outreach.live import group_of

REST_SECONDS = 3.0
# How many messages wait, and which tile of Today has something new.
NEWS = ("badge", "tile")
logger = logging.getLogger(__name__)


class Page(Protocol):
    """An open page of a person."""

    async def say(self, message: dict[str, Any]) -> None: ...


class Badges:
    """All open pages of this event loop, by person."""

    def __init__(self) -> None:
        self._pages: dict[UUID, set[Page]] = {}
        self._task: asyncio.Task[None] | None = None
        self._joined = asyncio.Event()

    @staticmethod
    def here() -> "Badges":
        """The badges of the running event loop."""
        return _badges.get()

    def join(self, user_id: UUID, page: Page) -> None:
        self._pages.setdefault(user_id, set()).add(page)
        self._joined.set()
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._listen())

    def leave(self, user_id: UUID, page: Page) -> None:
        pages = self._pages.get(user_id, set())
        pages.discard(page)
        if not pages:
            self._pages.pop(user_id, None)
            self._joined.set()

    async def _listen(self) -> None:
        """Keeps the subscriptions in step with who is here; without Redis badges come later, nothing else."""
        while True:
            try:
                layer = get_channel_layer()
                channel = await layer.new_channel()
                keeper = asyncio.create_task(self._keep_in_step(layer, channel))
                try:
                    while True:
                        await self._tell(await layer.receive(channel))
                finally:
                    keeper.cancel()
            except (RedisError, OSError) as error:
                logger.info("badges_not_heard reason=%s", error)
            await asyncio.sleep(REST_SECONDS)

    async def _keep_in_step(self, layer: Any, channel: str) -> None:
        inside: set[UUID] = set()
        while True:
            try:
                wanted = set(self._pages)
                for user_id in wanted - inside:
                    await layer.group_add(group_of(user_id), channel)
                    inside.add(user_id)
                for user_id in inside - wanted:
                    await layer.group_discard(group_of(user_id), channel)
                inside &= wanted
                self._joined.clear()
                if set(self._pages) == inside:
                    await self._joined.wait()
                await asyncio.sleep(0.2)  # many who come at once are let in together
            except (RedisError, OSError):
                inside.clear()
                await asyncio.sleep(REST_SECONDS)

    async def _tell(self, message: dict[str, Any]) -> None:
        if message.get("type") not in NEWS or "user" not in message:
            return
        news = {name: value for name, value in message.items() if name != "user"}
        for page in list(self._pages.get(UUID(message["user"]), ())):
            await page.say(news)


_badges: PerLoop[Badges] = PerLoop(Badges)
