"""Reminders that people set for themselves.

A reminder keeps its clock time in the person's zone over daylight-saving changes. One that comes late
says so, and one that comes much too late is dropped, not sent.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from coaching.models import (
    CoachMessage,
    MessageCause,
    MessageChannel,
    Reminder,
    ReminderStatus,
)

from .live import announce_unread

logger = logging.getLogger(__name__)
SNOOZE_LIMIT = timedelta(days=7)


class ReminderRefused(ValueError):
    """The reminder cannot be set; the text says why, in words for the person."""


def next_occurrence(
    after: datetime, local_time: time, weekdays: Sequence[int], zone: ZoneInfo
) -> datetime:
    """The first moment after `after` at `local_time` on one of `weekdays` (0 = Monday) in `zone`.

    A clock time that a daylight-saving change skips is moved forward by the length of the gap.
    """
    day = after.astimezone(zone).date()
    for ahead in range(9):
        candidate_day = day + timedelta(days=ahead)
        if candidate_day.weekday() in weekdays:
            moment = datetime.combine(candidate_day, local_time, tzinfo=zone)
            # Going to UTC and back moves a skipped clock time out of the gap.
            moment = moment.astimezone(ZoneInfo("UTC"))
            if moment > after:
                return moment
    raise ReminderRefused("Choose at least one weekday.")


def set_reminder(
    user: User,
    text: str,
    *,
    at: datetime,
    weekdays: Sequence[int] = (),
    idempotency_key: str,
) -> Reminder:
    """Sets a reminder for the moment `at` (aware), or for its clock time on `weekdays`.

    The same `idempotency_key` gives the reminder that is already there. Raises `ReminderRefused` for a
    moment in the past or without anything to be reminded of.
    """
    text = text.strip()
    if not text:
        raise ReminderRefused("Tell me what to remind you of.")
    local_time = None
    if weekdays:
        local_time = at.astimezone(user.tz).time().replace(second=0, microsecond=0)
        at = next_occurrence(timezone.now(), local_time, weekdays, user.tz)
    elif at <= timezone.now():
        raise ReminderRefused("That moment has already passed.")
    reminder, _ = Reminder.objects.get_or_create(
        user=user,
        idempotency_key=idempotency_key,
        defaults={
            "text": text[:200],
            "remind_at": at,
            "weekdays": sorted(set(weekdays)),
            "local_time": local_time,
        },
    )
    return reminder


def cancel(reminder: Reminder) -> None:
    """Cancels a waiting reminder; one that is not waiting stays as it is."""
    Reminder.objects.filter(pk=reminder.pk, status=ReminderStatus.WAITING).update(
        status=ReminderStatus.CANCELLED
    )


def snooze(reminder: Reminder, until: datetime) -> Reminder:
    """Lets a waiting or just sent reminder speak again at `until` (aware, at most a week ahead).

    Raises `ReminderRefused` for a moment that has passed or lies too far away, or when the reminder was
    cancelled.
    """
    now = timezone.now()
    if not now < until <= now + SNOOZE_LIMIT:
        raise ReminderRefused("A reminder can rest for up to a week.")
    changed = Reminder.objects.filter(
        pk=reminder.pk, status__in=[ReminderStatus.WAITING, ReminderStatus.SENT]
    ).update(status=ReminderStatus.WAITING, remind_at=until)
    if not changed:
        raise ReminderRefused("This reminder was cancelled.")
    reminder.refresh_from_db()
    return reminder


def deliver_due(limit: int = 200) -> int:
    """Delivers the reminders that are due, and returns how many messages went out.

    Safe to run twice at once: each row is claimed with `SKIP LOCKED`, and the message carries the
    reminder and its moment as a unique key, so that one occurrence speaks once. One that fails is
    logged and tried again next time; it holds nobody else up.
    """
    sent = 0
    failed: list[UUID] = []
    for _ in range(limit):
        pk: UUID | None = None
        try:
            with transaction.atomic():
                reminder = _next_due(failed)
                if reminder is None:
                    break
                pk = reminder.pk
                sent += _deliver(reminder)
        except Exception:
            if pk is None:
                raise
            logger.exception("reminder_failed id=%s", pk)
            failed.append(pk)
    return sent


def _next_due(failed: Sequence[UUID]) -> Reminder | None:
    """The longest due reminder that nobody else works on, locked."""
    return (
        Reminder.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(
            status=ReminderStatus.WAITING,
            remind_at__lte=timezone.now(),
            user__deleted_at__isnull=True,
            user__automation_paused_at__isnull=True,
        )
        .exclude(pk__in=failed)
        .select_related("user")
        .order_by("remind_at")
        .first()
    )


def _deliver(reminder: Reminder) -> bool:
    now = timezone.now()
    due = reminder.remind_at
    late = now - due
    too_late = late > timedelta(minutes=settings.REMINDER_DROP_MINUTES)
    if reminder.weekdays and reminder.local_time:
        reminder.remind_at = next_occurrence(
            now, reminder.local_time, reminder.weekdays, reminder.user.tz
        )
    else:
        reminder.status = ReminderStatus.DROPPED if too_late else ReminderStatus.SENT
    reminder.save(update_fields=["remind_at", "status"])
    if too_late:
        return False
    body = f"Reminder: {reminder.text}"
    if late > timedelta(minutes=settings.REMINDER_LATE_MINUTES):
        planned = due.astimezone(reminder.user.tz).strftime("%H:%M")
        body += f" (planned for {planned}; sorry, this is late)"
    _, created = CoachMessage.objects.get_or_create(
        user=reminder.user,
        channel=MessageChannel.IN_APP,
        cause_key=f"reminder:{reminder.pk}:{due.isoformat()}",
        defaults={
            "cause": MessageCause.REMINDER,
            "body": body,
            "cta_text": "Open Today",
            "cta_action": "/",
            "sent_at": now,
            "delivered_at": now,
        },
    )
    transaction.on_commit(lambda: announce_unread(reminder.user_id))
    return created
