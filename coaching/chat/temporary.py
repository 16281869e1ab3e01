"""Temporary chats: nothing of them is learned or kept, and they are deleted soon after their last word."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from accounts.models import User
from coaching.models import Conversation, ConversationChannel

from .deleting import remove_conversation

BATCH = 500


def begin(user: User, *, now: datetime, channel: str = ConversationChannel.WEB) -> Conversation:
    """An empty temporary conversation; one that is still empty is taken again."""
    with transaction.atomic():
        list(User.objects.select_for_update(no_key=True).only("pk").filter(pk=user.pk))
        empty = Conversation.objects.filter(
            user=user, is_temporary=True, head__isnull=True, channel=channel
        ).first()
        if empty is not None:
            Conversation.objects.filter(pk=empty.pk).update(last_message_at=now)
            return empty
        return Conversation.objects.create(
            user=user,
            channel=channel,
            is_temporary=True,
            title="Temporary chat",
            started_at=now,
            last_message_at=now,
        )


def sweep(*, now: datetime) -> int:
    """Deletes the temporary conversations whose time is over, with their files; returns how many."""
    before = now - timedelta(hours=settings.TEMPORARY_CHAT_HOURS)
    over = Conversation.objects.filter(is_temporary=True, last_message_at__lte=before)
    removed = 0
    for conversation in over.select_related("user").order_by("last_message_at")[:BATCH]:
        remove_conversation(conversation.user, conversation.pk)
        removed += 1
    return removed
