"""What many people did of late and what became of their messages, in a bounded number of queries."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import DateTimeField, F, Func, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from accounts.day import local_day
from accounts.models import User
from coaching.ledger import TIME_KNOWN
from coaching.models import (
    CoachMessage,
    DeliveryState,
    MessageCause,
    RawBehavioralLog,
)

from .backoff import Activity
from .governor import counts_as
from .policy.config import NUMBERS
from .rhythm import NOT_BY_HAND

# Messages that reached the person, or may have, and those that may still.
ON_THE_WAY = (DeliveryState.QUEUED, DeliveryState.PENDING_APPROVAL)
ARRIVED = (
    DeliveryState.SENDING,
    DeliveryState.SENT,
    DeliveryState.DELIVERED,
    DeliveryState.UNKNOWN,
)
# What back-off counts: said unasked, to bring about an action.
NUDGES = (MessageCause.NUDGE, MessageCause.HOOK, MessageCause.CHECK_IN)
# A nudge of whose outcome nobody knows counts as ignored when nothing came of it for so long.
ANSWERED_WITHIN = timedelta(days=1)


@dataclass(frozen=True)
class Past:
    """A message a person got or is about to get (`is_waiting`), by itself or as `is_part` of a summary."""

    cause: str
    channel: str
    cause_key: str
    at: datetime
    was_answered: bool
    action_done: bool | None
    window_ends_at: datetime | None
    template_key: str | None
    is_part: bool = False
    is_waiting: bool = False

    @property
    def is_judged_from(self) -> datetime:
        """From when on its silence means that it was ignored.

        A decision is settled some while after its window: until then nobody knows whether the action was done.
        """
        if self.window_ends_at is not None and self.action_done is not None:
            return self.window_ends_at
        return (self.window_ends_at or self.at) + ANSWERED_WITHIN


@dataclass
class Contacts:
    """The messages of a person within the weeks looked back at, oldest first."""

    past: list[Past] = field(default_factory=list)

    def last_at(self, causes: Collection[str]) -> datetime | None:
        """When the newest message for one of `causes` came; one on its way counts as written."""
        return max((message.at for message in self.past if message.cause in causes), default=None)

    def times(self) -> dict[str, datetime]:
        """When each message came that counts on its own, as the governor counts."""
        return {
            counts_as(past.channel, past.cause_key): past.at
            for past in self.past
            if not past.is_part and not past.is_waiting
        }

    def last_seen(self) -> dict[str, datetime]:
        """When each template was last said, by its key."""
        return {
            past.template_key: past.at
            for past in self.past
            if past.template_key and not past.is_waiting
        }

    def ignored_in_a_row(self, now: datetime) -> tuple[int, datetime | None]:
        """How many of the newest nudges were ignored, up to the first that was not, and when the last was.

        One that still has time is passed over; an answer to any message ends the row. What came together,
        in one summary, was ignored once.
        """
        count = 0
        newest = counted_at = None
        for message in reversed(self.past):
            if message.was_answered or message.action_done:
                break
            if message.cause not in (MessageCause.NUDGE, MessageCause.HOOK) or message.is_waiting:
                continue
            if now < message.is_judged_from or message.at == counted_at:
                continue
            count += 1
            counted_at = message.at
            newest = newest or message.at
        return count, newest


def with_last_active(people: QuerySet[User], now: datetime) -> QuerySet[User]:
    """Adds `last_active_at`: the newest activity in the ledger before `now`, or empty."""
    newest = (
        RawBehavioralLog.objects.filter(user=OuterRef("pk"), occurred_at__lte=now)
        .exclude(source__in=NOT_BY_HAND)
        .order_by("-occurred_at")
        .values("occurred_at")[:1]
    )
    return people.annotate(last_active_at=Subquery(newest))


def contacts_of(people: Sequence[User], *, now: datetime) -> dict[UUID, Contacts]:
    """The messages that reached each of `people` or may yet; everybody has an entry. One query."""
    found: dict[UUID, Contacts] = {person.pk: Contacts() for person in people}
    since = now - timedelta(days=NUMBERS.message_look_back_days)
    rows = (
        CoachMessage.objects.filter(
            Q(state__in=(*ARRIVED, *ON_THE_WAY)) | Q(merged_into__state__in=ARRIVED),
            user__in=list(found),
            created_at__gt=since,
        )
        .annotate(at=Coalesce("merged_into__sent_at", "sent_at", "claimed_at", "created_at"))
        .order_by("at", "id")
        .values_list(
            "user_id",
            "cause",
            "channel",
            "cause_key",
            "at",
            "engaged_at",
            "helpfulness_rating",
            "nudge_decision__action_done",
            "nudge_decision__window_ends_at",
            "template__key",
            "merged_into_id",
            "state",
        )
    )
    for (
        user_id,
        cause,
        channel,
        cause_key,
        at,
        engaged_at,
        rating,
        done,
        ends_at,
        key,
        whole,
        state,
    ) in rows:
        found[user_id].past.append(
            Past(
                cause=cause,
                channel=channel,
                cause_key=cause_key,
                at=at,
                was_answered=engaged_at is not None or rating is not None,
                action_done=done,
                window_ends_at=ends_at,
                template_key=key,
                is_part=whole is not None,
                is_waiting=state in ON_THE_WAY,
            )
        )
    return found


def activity_of(
    people: Sequence[User], contacts: dict[UUID, Contacts], *, now: datetime
) -> dict[UUID, Activity]:
    """What each of `people` (read with `with_last_active`) did in the weeks looked back at. One query."""
    hours = _active_hours([person.pk for person in people], now)
    return {
        person.pk: _activity(person, hours.get(person.pk, ()), contacts[person.pk], now)
        for person in people
    }


def _active_hours(user_ids: list[UUID], now: datetime) -> dict[UUID, list[tuple[datetime, bool]]]:
    """The hours with activity on each person's own clock, and whether the hour is more than a guess."""
    own_clock = Func(F("user__timezone"), F("occurred_at"), function="timezone")
    hour = Func(Value("hour"), own_clock, function="date_trunc", output_field=DateTimeField())
    is_guess = Q(**{f"raw_data__{TIME_KNOWN}": False})
    rows = (
        RawBehavioralLog.objects.filter(
            user__in=user_ids,
            occurred_at__gt=now - timedelta(days=NUMBERS.look_back_days),
            occurred_at__lte=now,
        )
        .exclude(source__in=NOT_BY_HAND)
        .order_by()
        .values("user_id")
        .annotate(
            hours=ArrayAgg(hour, distinct=True),
            known=ArrayAgg(hour, distinct=True, filter=~is_guess),
        )
        .values_list("user_id", "hours", "known")
    )
    found = {}
    for user_id, all_hours, known_hours in rows:
        known = set(known_hours or ())
        found[user_id] = [(each, each in known) for each in all_hours]
    return found


def _activity(
    person: User, active: Iterable[tuple[datetime, bool]], contacts: Contacts, now: datetime
) -> Activity:
    days: set[date] = set()
    hours: dict[int, float] = defaultdict(float)
    for moment, is_known in active:
        early = moment.hour < person.day_start_hour
        days.add(moment.date() - timedelta(days=1) if early else moment.date())
        if is_known:
            hours[moment.hour] += 1
    ignored, last_ignored = contacts.ignored_in_a_row(now)
    last_active: datetime | None = getattr(person, "last_active_at", None)
    return Activity(
        today=local_day(person, now),
        last_active_at=last_active or person.created_at,
        active_days=tuple(sorted(days)),
        hours=tuple(hours[hour] for hour in range(24)),
        last_nudge_at=contacts.last_at(NUDGES),
        ignored_in_a_row=ignored,
        last_ignored_at=last_ignored,
        last_check_in_at=contacts.last_at([MessageCause.CHECK_IN]),
    )
