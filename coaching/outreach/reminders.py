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
from django.db.models import QuerySet
from django.utils import timezone

from accounts.consent import has_consent
from accounts.models import User
from coaching.models import MessageCause, MessageChannel, Reminder, ReminderStatus
from coaching.toolkit import channel_for

from . import outbox
from .lateness import reminder_key

logger = logging.getLogger(__name__)
SNOOZE_LIMIT = timedelta(days=7)
# Nobody waits longer, and at the end of calendars the clocks of some zones have no time to show.
FURTHEST_AHEAD = timedelta(days=3660)
# What a reminder is about that was not set for anything else: itself, so that it can be muted.
SUBJECT = "coaching.reminder"


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
    moment in the past or beyond ten years, or without anything to be reminded of.
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
    elif at > timezone.now() + FURTHEST_AHEAD:
        raise ReminderRefused("A reminder can be set up to ten years ahead.")
    reminder, _ = Reminder.objects.get_or_create(
        user=user,
        idempotency_key=idempotency_key,
        defaults={
            "text": text[:200],
            "remind_at": at,
            "weekdays": sorted(set(weekdays)),
            "local_time": local_time,
            "zone": user.timezone,
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


def keep_clock_times(user: User, *, now: datetime) -> int:
    """Works the waiting repeating reminders out anew for the zone `user` lives in; returns how many moved."""
    moved = 0
    with transaction.atomic():
        elsewhere = Reminder.objects.filter(
            user=user, status=ReminderStatus.WAITING, local_time__isnull=False
        ).exclude(zone=user.timezone)
        for reminder in elsewhere.select_for_update():
            if reminder.local_time is not None and reminder.weekdays:
                reminder.remind_at = next_occurrence(
                    now, reminder.local_time, reminder.weekdays, user.tz
                )
            reminder.zone = user.timezone
            reminder.save(update_fields=["remind_at", "zone"])
            moved += 1
    return moved


def deliver_due(*, now: datetime, limit: int = 200) -> int:
    """Turns the reminders that are due into messages, and returns how many may go out.

    The outbox delivers them. Safe to run twice at once: each row is claimed with `SKIP LOCKED`, and the
    message carries the reminder and its moment as a unique key, so that one occurrence speaks once. One
    that fails is logged and tried again next time; it holds nobody else up.
    """
    spoken = 0
    failed: list[UUID] = []
    for _ in range(limit):
        pk: UUID | None = None
        try:
            with transaction.atomic():
                reminder = _next_due(now, failed)
                if reminder is None:
                    break
                pk = reminder.pk
                spoken += _speak(reminder, now)
        except Exception:
            if pk is None:
                raise
            logger.exception("reminder_failed id=%s", pk)
            failed.append(pk)
    return spoken


def are_due(*, now: datetime) -> bool:
    """Whether reminders wait whose moment has come."""
    return _due(now).exists()


def _due(now: datetime) -> QuerySet[Reminder]:
    return Reminder.objects.filter(
        status=ReminderStatus.WAITING,
        remind_at__lte=now,
        user__deleted_at__isnull=True,
        user__automation_paused_at__isnull=True,
    )


def _next_due(now: datetime, failed: Sequence[UUID]) -> Reminder | None:
    """The longest due reminder that nobody else works on, locked."""
    return (
        _due(now)
        .select_for_update(skip_locked=True, of=("self",))
        .exclude(pk__in=failed)
        .select_related("user")
        .order_by("remind_at")
        .first()
    )


def _speak(reminder: Reminder, now: datetime) -> bool:
    """Writes the messages of one occurrence and moves the reminder on; whether they may go out."""
    due = reminder.remind_at
    expires_at = due + timedelta(minutes=settings.REMINDER_DROP_MINUTES)
    too_late = now >= expires_at
    if reminder.weekdays and reminder.local_time:
        reminder.remind_at = next_occurrence(
            now, reminder.local_time, reminder.weekdays, reminder.user.tz
        )
    else:
        reminder.status = ReminderStatus.DROPPED if too_late else ReminderStatus.SENT
    reminder.zone = reminder.user.timezone
    reminder.save(update_fields=["remind_at", "status", "zone"])
    channels = [MessageChannel.IN_APP]
    if not too_late and _push_reaches(reminder.user):
        channels.append(MessageChannel.PUSH)
    for channel in channels:
        outbox.compose(
            reminder.user,
            channel=channel,
            cause=MessageCause.REMINDER,
            cause_key=reminder_key(reminder.pk, due),
            body=f"Reminder: {reminder.text}",
            cta_text="Open Today",
            cta_action="/",
            subject_type=reminder.subject_type or SUBJECT,
            subject_id=reminder.subject_id or reminder.pk,
            expires_at=expires_at,
            now=now,
        )
    return not too_late


def _push_reaches(user: User) -> bool:
    """Whether a reminder also knocks on the person's phone or browser."""
    push = channel_for(MessageChannel.PUSH)
    if push is None or (push.consent is not None and not has_consent(user, push.consent)):
        return False
    return push.reaches(user)
