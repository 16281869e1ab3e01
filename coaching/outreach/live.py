"""Telling open pages that something new is waiting: rare events, through the channel layer."""

import logging
from typing import Any
from uuid import UUID

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from redis.exceptions import RedisError

from coaching.models import CoachMessage, MessageChannel

logger = logging.getLogger(__name__)


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
    try:
        async_to_sync(get_channel_layer().group_send)(
            group_of(user_id), {**news, "user": str(user_id)}
        )
    except (RedisError, OSError) as error:
        logger.warning("news_not_sent type=%s user=%s reason=%s", news["type"], user_id, error)
