"""What the coach told a person unasked: reading it, and what became of it."""

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from coaching.models import CoachMessage, MessageChannel


def messages_for(user: User) -> QuerySet[CoachMessage]:
    """Everything sent to `user` in the app, newest first."""
    return CoachMessage.objects.filter(
        user=user, channel=MessageChannel.IN_APP, sent_at__isnull=False
    ).order_by("-id")


def unread(user: User) -> QuerySet[CoachMessage]:
    return messages_for(user).filter(read_at__isnull=True)


def mark_read(user: User, message: CoachMessage, *, engaged: bool = False) -> None:
    """Marks `message` read, and followed when the person used its link; the first time counts."""
    now = timezone.now()
    rows = CoachMessage.objects.filter(pk=message.pk, user=user)
    rows.filter(read_at__isnull=True).update(read_at=now)
    if engaged:
        rows.filter(engaged_at__isnull=True).update(engaged_at=now)
