"""What the coach told a person unasked, what it held back and why; and what the person did with it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.day import local_day, local_moment
from accounts.models import User
from coaching import ledger
from coaching.models import (
    CoachMessage,
    ContactDecision,
    DeliveryState,
    MessageChannel,
    Mute,
    Reason,
    Reminder,
    ReminderStatus,
    Verdict,
)

from . import muting, reminders
from .channels.wording import READ_IN_THE_APP, is_by_hand
from .lateness import reminder_behind
from .live import announce_unread
from .manners import manner_of

MORNING_HOUR = 8
SNOOZES = {"10m": "in 10 minutes", "hour": "in an hour", "tomorrow": "tomorrow morning"}


class Box(StrEnum):
    """Where a person finds a message."""

    SENT = "sent"
    WAITING = "waiting"
    HELD = "held"


# --- Which messages -----------------------------------------------------------------------------


def messages_for(user: User) -> QuerySet[CoachMessage]:
    """Everything sent to `user` in the app, newest first."""
    return CoachMessage.objects.filter(
        user=user, channel=MessageChannel.IN_APP, sent_at__isnull=False
    ).order_by("-id")


def unread(user: User) -> QuerySet[CoachMessage]:
    return messages_for(user).filter(read_at__isnull=True)


def messages_in(user: User, box: Box) -> QuerySet[CoachMessage]:
    """The messages of a box. Sent ones on all channels, a twin by push only where the app has none."""
    mine = CoachMessage.objects.of(user)
    if box == Box.HELD:
        return mine.held_back().order_by("-id")
    if box == Box.WAITING:
        on_the_way = Q(state__in=[DeliveryState.QUEUED, DeliveryState.SENDING])
        waiting = on_the_way | Q(state=DeliveryState.PENDING_APPROVAL)
        return mine.filter(waiting, sent_at__isnull=True).order_by("not_before", "id")
    in_app = CoachMessage.objects.filter(
        user=OuterRef("user"),
        cause_key=OuterRef("cause_key"),
        channel=MessageChannel.IN_APP,
        sent_at__isnull=False,
    )
    twin = Q(channel=MessageChannel.PUSH) & Exists(in_app)
    return (
        mine.sent()
        .exclude(state__in=[DeliveryState.FAILED, DeliveryState.UNKNOWN])
        .exclude(twin)
        .order_by("-id")
    )


def is_draft(message: CoachMessage) -> bool:
    """Whether its words are not for the person: staff has yet to look at them, or decided against them."""
    return (
        message.state == DeliveryState.PENDING_APPROVAL or message.reason == Reason.REJECTED.value
    )


# --- What a person does with one ----------------------------------------------------------------


def mark_read(
    user: User,
    message: CoachMessage,
    *,
    now: datetime,
    engaged: bool = False,
    source: str = "web",
) -> None:
    """Marks `message` and its twins on other channels read, and followed when the person used its link.

    The first time counts, and the ledger is told of it. Open pages learn how much is left.
    """
    rows = CoachMessage.objects.sent().filter(user=user, cause_key=message.cause_key)
    rows = rows.filter(
        Q(pk=message.pk) | Q(channel__in=[MessageChannel.IN_APP, MessageChannel.PUSH])
    )
    with transaction.atomic():
        changed = rows.filter(read_at__isnull=True).update(read_at=now)
        if engaged and rows.filter(engaged_at__isnull=True).update(engaged_at=now):
            _tell_engaged(user, message, "followed", source=source, now=now)
    if changed:
        transaction.on_commit(lambda: announce_unread(user.pk), robust=True)


def mark_seen(user: User, ids: Iterable[UUID], *, now: datetime) -> int:
    """Marks those messages read that stood before the person's eyes; returns how many were new to them."""
    keys = CoachMessage.objects.sent().filter(user=user, pk__in=list(ids)).values("cause_key")
    rows = CoachMessage.objects.sent().filter(user=user, read_at__isnull=True, cause_key__in=keys)
    seen = rows.update(read_at=now)
    if seen:
        transaction.on_commit(lambda: announce_unread(user.pk), robust=True)
    return seen


def rate(
    user: User, message: CoachMessage, rating: int, text: str = "", *, source: str = "web"
) -> None:
    """Keeps how helpful a message was, 1 to 5; the latest opinion counts, words once said stay."""
    changes: dict[str, object] = {"helpfulness_rating": rating}
    if text.strip():
        changes["feedback_text"] = text.strip()
    with transaction.atomic():
        if CoachMessage.objects.filter(pk=message.pk, user=user).update(**changes):
            now = timezone.now()
            manner = manner_of(message)
            if manner is not None:
                manner.rated(message, rating, now)
            _tell_engaged(user, message, "rated", source=source, now=now)


def _tell_engaged(
    user: User, message: CoachMessage, how: str, *, source: str, now: datetime
) -> None:
    """Tells the ledger that the person answered to a message with a deed: once per message and its twins."""
    cause = sha256(message.cause_key.encode()).hexdigest()
    ledger.record(
        user,
        "coach.message_engaged",
        raw_data={"message": str(message.pk), "cause": message.cause, "how": how},
        source=source,
        idempotency_key=f"message_engaged:{cause}",
        occurred_at=now,
    )


def snooze_until(user: User, choice: str, *, now: datetime) -> datetime:
    """The moment that a choice of `SNOOZES` means: tomorrow morning is eight on the person's clock."""
    if choice == "10m":
        return now + timedelta(minutes=10)
    if choice == "hour":
        return now + timedelta(hours=1)
    return local_moment(user, local_day(user, now) + timedelta(days=1), time(MORNING_HOUR))


def reminder_of(user: User, message: CoachMessage) -> Reminder | None:
    """The reminder that spoke, if a message is one's and it can speak again."""
    pk = reminder_behind(message.cause_key)
    if pk is None:
        return None
    alive = [ReminderStatus.WAITING, ReminderStatus.SENT]
    return Reminder.objects.filter(pk=pk, user=user, status__in=alive).first()


def snooze(user: User, message: CoachMessage, until: datetime) -> Reminder:
    """Lets the reminder behind a message speak again at `until`. Raises `ReminderRefused`."""
    reminder = reminder_of(user, message)
    if reminder is None:
        raise reminders.ReminderRefused("Only a reminder can come back later.")
    return reminders.snooze(reminder, until)


def leads_to(message: CoachMessage) -> str:
    """Where a message leads within this site; to its own words when the channel did not carry them."""
    is_teaser = message.channel == MessageChannel.PUSH and message.cause in READ_IN_THE_APP
    if is_teaser or not is_own_path(message.cta_action):
        return ""
    return message.cta_action


def is_own_path(target: str) -> bool:
    """Whether `target` is an address within this site, and of it alone."""
    return target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable()


# --- What is shown of them ----------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """One decision about a message, in words."""

    at: datetime
    said: str
    reasons: list[str]


@dataclass(frozen=True)
class Entry:
    """A message as its person reads it."""

    message: CoachMessage
    is_draft: bool
    state: str
    reasons: list[str]
    steps: list[Step]
    channels: list[str]
    parts: list[CoachMessage]
    subject: str = ""
    is_muted: bool = False
    is_new: bool = False
    can_snooze: bool = False
    by_hand: bool = False
    leads_on: bool = False


def entries(user: User, messages: Sequence[CoachMessage], *, now: datetime) -> list[Entry]:
    """What is shown of `messages`, in a number of queries that does not grow with theirs."""
    ids = [message.pk for message in messages]
    decisions: dict[UUID, list[ContactDecision]] = {}
    for decision in ContactDecision.objects.filter(message__in=ids).order_by("at", "id"):
        decisions.setdefault(decision.message_id, []).append(decision)
    parts: dict[UUID | None, list[CoachMessage]] = {}
    for part in CoachMessage.objects.filter(merged_into__in=ids).order_by("id"):
        parts.setdefault(part.merged_into_id, []).append(part)
    channels: dict[str, set[str]] = {}
    keys = {message.cause_key for message in messages}
    twins = CoachMessage.objects.sent().filter(user=user, cause_key__in=keys)
    for key, channel in twins.values_list("cause_key", "channel"):
        channels.setdefault(key, set()).add(channel)
    subjects = [(m.subject_type, m.subject_id) for m in messages if m.subject_id is not None]
    names = muting.names_of(user, [(kind, pk) for kind, pk in subjects if pk is not None])
    mutes = list(Mute.objects.lasting(now).filter(user=user))
    spoke = {m.pk: reminder_behind(m.cause_key) for m in messages}
    alive = set(
        Reminder.objects.filter(
            user=user,
            pk__in=[pk for pk in spoke.values() if pk],
            status__in=[ReminderStatus.WAITING, ReminderStatus.SENT],
        ).values_list("pk", flat=True)
    )
    shown = []
    for message in messages:
        known = decisions.get(message.pk, [])
        draft = is_draft(message)
        sent = message.sent_at is not None
        shown.append(
            Entry(
                message=message,
                is_draft=draft,
                state=state_in_words(message),
                reasons=reasons_in_words(message, known),
                steps=[_step(decision) for decision in known],
                channels=_channels(message, channels.get(message.cause_key, set())),
                parts=parts.get(message.pk, []),
                subject=names.get(message.subject_id, "") if message.subject_id else "",
                is_muted=any(_covers(mute, message) for mute in mutes),
                is_new=sent and message.read_at is None,
                can_snooze=sent and spoke[message.pk] in alive,
                by_hand=is_by_hand(message),
                leads_on=bool(message.cta_text and is_own_path(message.cta_action) and sent),
            )
        )
    return shown


def state_in_words(message: CoachMessage) -> str:
    """What became of a message, for its person."""
    if message.engaged_at is not None:
        return "You followed it"
    if message.read_at is not None:
        return "Read"
    state = DeliveryState(message.state)
    if state in (DeliveryState.QUEUED, DeliveryState.SENDING) and message.sent_at is not None:
        state = DeliveryState.SENT
    return _STATES[state]


_STATES = {
    DeliveryState.PENDING_APPROVAL: "Your coach has yet to look at it",
    DeliveryState.QUEUED: "Waits",
    DeliveryState.SENDING: "On its way",
    DeliveryState.SENT: "Sent",
    DeliveryState.DELIVERED: "Delivered",
    DeliveryState.FAILED: "Could not be delivered",
    DeliveryState.UNKNOWN: "Outcome unknown",
    DeliveryState.SUPPRESSED: "Not sent",
    DeliveryState.MERGED: "Part of another message",
}
_VERDICTS = {
    Verdict.SEND: "Free to go",
    Verdict.HOLD: "Held",
    Verdict.MERGE: "Put together with another",
    Verdict.DROP: "Not sent",
}


def reasons_in_words(message: CoachMessage, decisions: Sequence[ContactDecision]) -> list[str]:
    """Why a message is where it is: the reasons of the last decision that held it, in plain words."""
    codes: list[str] = []
    if message.sent_at is None:
        last = next((each for each in reversed(decisions) if each.reasons), None)
        codes = list(last.reasons) if last is not None else []
        if message.reason and message.reason not in codes:
            codes.insert(0, message.reason)
    told = _in_words(codes)
    if message.state == DeliveryState.UNKNOWN:
        told.append("Nobody can tell whether it arrived, so it is not sent again")
    return told


def _in_words(codes: Iterable[str]) -> list[str]:
    labels = dict(Reason.choices)
    return [labels[code] for code in codes if code in labels]


def _step(decision: ContactDecision) -> Step:
    said = f"{decision.get_stage_display()}: {_VERDICTS[Verdict(decision.verdict)].lower()}"
    return Step(decision.at, said, _in_words(decision.reasons))


def _channels(message: CoachMessage, others: set[str]) -> list[str]:
    """The channel of a message, then those of its twins that went out."""
    found = [message.channel, *sorted(others - {message.channel})] if message.sent_at else []
    return [str(MessageChannel(each).label) for each in found or [message.channel]]


def _covers(mute: Mute, message: CoachMessage) -> bool:
    if mute.cause:
        return mute.cause == message.cause
    return (mute.subject_type, mute.subject_id) == (message.subject_type, message.subject_id)
