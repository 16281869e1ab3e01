"""Telling open pages that something new is waiting: rare events, through the channel layer."""

import logging
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
    try:
        async_to_sync(get_channel_layer().group_send)(
            group_of(user_id), {"type": "badge", "user": str(user_id), "unread": waiting}
        )
    except (RedisError, OSError) as error:
        logger.warning("badge_not_sent user=%s reason=%s", user_id, error)
