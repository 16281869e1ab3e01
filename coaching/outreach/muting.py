"""What a person does not want to hear of: a subject, or a whole kind of message, for a while or for good."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.apps import apps
from django.core.exceptions import FieldError
from django.db import models
from django.db.models import Q, QuerySet

from accounts.models import User
from coaching.models import CoachMessage, MessageCause, Mute, Reason

from . import outbox

# Rows of a kind of message with this label stand for one wish: nothing unasked at all.
STOPPED = "Everything unasked"
OF_A_STOP = Q(label=STOPPED, subject_id__isnull=True)
# What comes without having been asked for: everything but the reminders that people set.
UNASKED = tuple(cause for cause in MessageCause if cause != MessageCause.REMINDER)
# What nudging consists of, in the words of a person.
NUDGES = (MessageCause.NUDGE, MessageCause.HOOK, MessageCause.CHECK_IN)
LABEL_LENGTH = 120
# Who means longer means for good.
LONGEST = timedelta(days=3660)


def mutes_of(user: User, *, now: datetime) -> QuerySet[Mute]:
    """What is muted at the moment `now`, the newest first; not what a STOP silenced."""
    return Mute.objects.lasting(now).filter(user=user).exclude(OF_A_STOP).order_by("-id")


def mute_subject(
    user: User,
    subject_type: str,
    subject_id: UUID,
    *,
    now: datetime,
    label: str = "",
    until: datetime | None = None,
) -> Mute:
    """Silences everything about one thing, and takes back what waits; twice is once."""
    label = label or name_of(user, subject_type, subject_id) or "This"
    mute, _ = Mute.objects.update_or_create(
        user=user,
        subject_type=subject_type,
        subject_id=subject_id,
        cause="",
        defaults={"until": until, "label": label[:LABEL_LENGTH]},
        create_defaults={"until": until, "label": label[:LABEL_LENGTH], "created_at": now},
    )
    about = CoachMessage.objects.filter(subject_type=subject_type, subject_id=subject_id)
    _withdraw(about.filter(user=user), now)
    return mute


def mute_cause(
    user: User, cause: str, *, now: datetime, label: str = "", until: datetime | None = None
) -> Mute:
    """Silences a whole kind of message, and takes back what waits; twice is once."""
    label = (label or str(MessageCause(cause).label))[:LABEL_LENGTH]
    mute, _ = Mute.objects.update_or_create(
        user=user,
        subject_type="",
        subject_id=None,
        cause=cause,
        defaults={"until": until, "label": label},
        create_defaults={"until": until, "label": label, "created_at": now},
    )
    _withdraw(CoachMessage.objects.filter(user=user, cause=cause), now)
    return mute


def unmute(user: User, mute_id: UUID, *, now: datetime) -> bool:
    """Lets something be heard of again from `now` on; returns whether it was muted. Twice is once."""
    return Mute.objects.lasting(now).filter(pk=mute_id, user=user).update(until=now) > 0


def name_of(user: User, subject_type: str, subject_id: UUID | None) -> str:
    """What the person calls the thing a message is about; empty when it is gone or not theirs."""
    if subject_id is None:
        return ""
    return names_of(user, [(subject_type, subject_id)]).get(subject_id, "")


def names_of(user: User, subjects: Iterable[tuple[str, UUID]]) -> dict[UUID, str]:
    """The names of many things, in one query per kind of thing; what is gone or not theirs is left out."""
    by_type: dict[str, set[UUID]] = {}
    for subject_type, subject_id in subjects:
        by_type.setdefault(subject_type, set()).add(subject_id)
    names: dict[UUID, str] = {}
    for subject_type, ids in by_type.items():
        if subject_type.count(".") != 1:
            continue
        try:
            model: type[models.Model] = apps.get_model(subject_type)
            rows = list(model._default_manager.filter(pk__in=ids, user=user))
        except (LookupError, FieldError):
            continue
        names |= {row.pk: str(row) for row in rows}
    return names


def _withdraw(messages: QuerySet[CoachMessage], now: datetime) -> None:
    for message in messages.filter(state__in=["queued", "pending_approval"]):
        outbox.withdraw(message, now=now, reason=Reason.MUTED)
