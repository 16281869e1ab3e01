"""Telling open pages that something new is waiting: rare events, through the channel layer."""

import asyncio
import logging
import os
from concurrent.futures import Future
from functools import lru_cache
from threading import Thread
from typing import Any
from uuid import UUID

from channels.layers import get_channel_layer
from redis.exceptions import RedisError

from coaching.models import CoachMessage, MessageChannel

logger = logging.getLogger(__name__)
LONGEST_WAIT_SECONDS = 2


def group_of(user_id: UUID) -> str:
    """The channel-layer group of all of a person's open pages."""
    return f"user.{user_id.hex}"


def announce_unread(user_id: UUID) -> None:
    """Sends the number of unread messages to the person's open pages.

    The messages themselves are rows: with Redis down the badge is late, and nothing is lost.
    """
    waiting = CoachMessage.objects.filter(
        user_id=user_id,
        channel=MessageChannel.IN_APP,
        sent_at__isnull=False,
        read_at__isnull=True,
    ).count()
    _send(user_id, {"type": "badge", "unread": waiting})


def announce_tile(user_id: UUID, key: str) -> None:
    """Tells the person's open pages that the tile `key` of their Today page has something new to show.

    What it shows is asked for by the page: with Redis down a tile is late, and nothing is lost.
    """
    _send(user_id, {"type": "tile", "tile": key})


def _send(user_id: UUID, news: dict[str, Any]) -> None:
    sending = get_channel_layer().group_send(group_of(user_id), {**news, "user": str(user_id)})
    told: Future[None] = asyncio.run_coroutine_threadsafe(sending, _loop(os.getpid()))
    try:
        told.result(timeout=LONGEST_WAIT_SECONDS)
    except (RedisError, OSError) as error:
        # A time-out is an `OSError`, too.
        told.cancel()
        logger.warning("news_not_sent type=%s user=%s reason=%s", news["type"], user_id, error)


@lru_cache(maxsize=1)
def _loop(process: int) -> asyncio.AbstractEventLoop:
    """A loop of the process that news are sent from: one of its own for each would connect anew each time."""
    loop = asyncio.new_event_loop()
    Thread(target=loop.run_forever, name="news", daemon=True).start()
    return loop
