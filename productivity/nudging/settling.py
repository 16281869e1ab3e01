"""What came of nudges: whether they arrived, whether they helped, and which should not have been sent.

The definition of a misfire stands here and nowhere else: something that was said although its task was
done, let go of or put off by then, outside of its window, or that the person rejected.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from accounts.models import Consent, ConsentKind
from coaching.models import CoachMessage, DeliveryState, Mute
from productivity.models import CoachingNudge, NudgeTrigger, TaskEvent, TaskEventType

from .easing import EASED_UP
from .numbers import NUMBERS, NudgeNumbers
from .personas import relearn
from .rating import NOT_USEFUL
from .triggers import Stretch, moved

BATCH = 500
MUTED_WITHIN = timedelta(hours=1)
# After so long nobody looks whether a nudge arrived any more.
GIVES_UP = timedelta(days=3)


class Misfire(StrEnum):
    """Why a nudge should not have been sent."""

    ALREADY_DONE = "already_done"
    LET_GO = "let_go"
    PUT_OFF = "put_off"
    TOO_LATE = "too_late"
    EASED_UP = EASED_UP
    NOT_USEFUL = NOT_USEFUL
    MUTED = "muted"


IN_WORDS: Mapping[str, str] = {
    Misfire.ALREADY_DONE: "the task was done already",
    Misfire.LET_GO: "the task had been deleted",
    Misfire.PUT_OFF: "the task had just been snoozed",
    Misfire.TOO_LATE: "it came after its window",
    Misfire.EASED_UP: "they asked to ease up",
    Misfire.NOT_USEFUL: "they found it not useful",
    Misfire.MUTED: "they muted it within an hour",
}


@dataclass(frozen=True)
class Circumstances:
    """What stood when a nudge arrived, and what the person said about it."""

    delivered_at: datetime
    window_ends_at: datetime | None = None
    done_at: datetime | None = None
    deleted_at: datetime | None = None
    snoozed_at: datetime | None = None
    snoozed_until: datetime | None = None
    eased_up: bool = False
    rating: int | None = None
    muted_at: datetime | None = None


def misfire_of(seen: Circumstances) -> Misfire | None:
    """Why a nudge should not have been sent; the plainest reason first, `None` when there is none."""
    at = seen.delivered_at
    put_off = (
        seen.snoozed_at is not None
        and seen.snoozed_at <= at
        and (seen.snoozed_until is None or seen.snoozed_until > at)
    )
    rules = (
        (Misfire.ALREADY_DONE, seen.done_at is not None and seen.done_at <= at),
        (Misfire.LET_GO, seen.deleted_at is not None and seen.deleted_at <= at),
        (Misfire.PUT_OFF, put_off),
        (Misfire.TOO_LATE, seen.window_ends_at is not None and at > seen.window_ends_at),
        (Misfire.EASED_UP, seen.eased_up),
        (Misfire.NOT_USEFUL, seen.rating is not None and seen.rating < 0),
        (
            Misfire.MUTED,
            seen.muted_at is not None and at <= seen.muted_at <= at + MUTED_WITHIN,
        ),
    )
    return next((reason for reason, holds in rules if holds), None)


def settle(*, now: datetime) -> int:
    """Everything that can be told of nudges by now; returns how many changed. Safe to run twice at once."""
    return note_deliveries(now=now) + settle_outcomes(now=now)


# --- Whether they arrived ----------------------------------------------------------------------------


def note_deliveries(*, now: datetime) -> int:
    """Writes beside each nudge whether its message came, when and where; also as a part of another one."""
    rows = (
        CoachingNudge.objects.filter(delivered=False, created_at__gt=now - GIVES_UP)
        .filter(
            Q(message__state__in=_CAME, message__sent_at__isnull=False)
            | Q(message__merged_into__state__in=_CAME, message__merged_into__sent_at__isnull=False)
        )
        .select_related("message__merged_into")
        .order_by("pk")
    )
    changed = 0
    while True:
        with transaction.atomic():
            batch = list(rows.select_for_update(of=("self",), skip_locked=True)[:BATCH])
            for nudge in batch:
                came = _came_in(nudge)
                nudge.delivered = True
                nudge.delivered_at = came.sent_at
                nudge.delivery_channel = came.channel
            fields = ["delivered", "delivered_at", "delivery_channel"]
            CoachingNudge.objects.bulk_update(batch, fields)
        changed += len(batch)
        if len(batch) < BATCH:
            return changed


_CAME = (DeliveryState.SENT, DeliveryState.DELIVERED)


def _came_in(nudge: CoachingNudge) -> CoachMessage:
    message = nudge.message
    if message is None:
        raise ValueError("A nudge without a message cannot have come in one.")
    return message if message.merged_into is None else message.merged_into


# --- What came of them -----------------------------------------------------------------------------


def settle_outcomes(*, now: datetime, numbers: NudgeNumbers = NUMBERS) -> int:
    """Settles the nudges whose time for an answer is over: whether the task moved, and whether it misfired.

    Whether it moved is worked out only for people who agree to behavioural tracking, and learned from.
    """
    over = now - numbers.answer_within
    changed = 0
    while True:
        with transaction.atomic():
            rows = list(
                CoachingNudge.objects.filter(
                    settled_at__isnull=True, delivered=True, delivered_at__lte=over
                )
                .select_related("task", "message")
                .annotate(
                    agrees=Consent.objects.decision_of("user", ConsentKind.BEHAVIORAL_TRACKING)
                )
                .select_for_update(of=("self",), skip_locked=True)
                .order_by("delivered_at", "pk")[:BATCH]
            )
            if not rows:
                return changed
            _settle(rows, now, numbers)
            changed += len(rows)
        relearn({row.user_id for row in rows if row.helped is not None}, now=now)


def _settle(rows: Sequence[CoachingNudge], now: datetime, numbers: NudgeNumbers) -> None:
    watched = [row for row in rows if getattr(row, "agrees", False)]
    answers = moved(
        [
            Stretch(
                row.user_id,
                None if row.trigger == NudgeTrigger.OVERLOADED else row.task_id,
                row.delivered_at or row.created_at,
                (row.delivered_at or row.created_at) + numbers.answer_within,
            )
            for row in watched
        ]
    )
    for row, answer in zip(watched, answers, strict=True):
        row.helped = answer
    for row, seen in _circumstances(rows).items():
        found = misfire_of(seen)
        row.misfire = str(found) if found else ""
    for row in rows:
        row.settled_at = now
    CoachingNudge.objects.bulk_update(rows, ["helped", "misfire", "settled_at"])


def _circumstances(rows: Iterable[CoachingNudge]) -> dict[CoachingNudge, Circumstances]:
    """What stood around each nudge: two queries for many."""
    listed = [row for row in rows if row.delivered_at is not None]
    snoozes = _snoozes(listed)
    mutes = _mutes(listed)
    found = {}
    for row in listed:
        at = row.delivered_at or row.created_at
        put_off = [s for s in snoozes.get(row.task_id, []) if row.created_at < s[0] <= at]
        muted = [m for m in mutes.get(row.user_id, []) if _is_about(m, row) and m.created_at >= at]
        found[row] = Circumstances(
            delivered_at=at,
            window_ends_at=row.message.expires_at if row.message else None,
            done_at=row.task.completed_at if row.task else None,
            deleted_at=row.task.deleted_at if row.task else None,
            snoozed_at=put_off[-1][0] if put_off else None,
            snoozed_until=put_off[-1][1] if put_off else None,
            eased_up=row.misfire == EASED_UP,
            rating=row.usefulness_rating,
            muted_at=min((m.created_at for m in muted), default=None),
        )
    return found


def _snoozes(
    rows: list[CoachingNudge],
) -> dict[UUID | None, list[tuple[datetime, datetime | None]]]:
    tasks = {row.task_id for row in rows if row.task_id}
    found: dict[UUID | None, list[tuple[datetime, datetime | None]]] = {}
    events = TaskEvent.objects.filter(task__in=tasks, event_type=TaskEventType.SNOOZE)
    if rows:
        events = events.filter(created_at__gte=min(row.created_at for row in rows))
    for task_id, at, payload in events.order_by("created_at").values_list(
        "task_id", "created_at", "event_payload"
    ):
        found.setdefault(task_id, []).append((at, _until(payload)))
    return found


def _until(payload: object) -> datetime | None:
    after = payload.get("after") if isinstance(payload, dict) else None
    until = after.get("snoozed_until") if isinstance(after, dict) else None
    try:
        return datetime.fromisoformat(until) if isinstance(until, str) else None
    except ValueError:
        return None


def _mutes(rows: list[CoachingNudge]) -> dict[UUID, list[Mute]]:
    found: dict[UUID, list[Mute]] = {}
    if rows:
        since = min(row.delivered_at or row.created_at for row in rows)
        people = {row.user_id for row in rows}
        for mute in Mute.objects.filter(user__in=people, created_at__gte=since):
            found.setdefault(mute.user_id, []).append(mute)
    return found


def _is_about(mute: Mute, row: CoachingNudge) -> bool:
    if row.message is None:
        return False
    if mute.cause:
        return mute.cause == row.message.cause
    return (mute.subject_type, mute.subject_id) == (
        row.message.subject_type,
        row.message.subject_id,
    )
