"""The contact governor: whether a message may go out now, must wait, or must not go at all.

It is one for every channel. What it rests on (`Facts`) is read from the database in a few queries; the
judgement itself (`judge`) is a pure function of the facts, the message and the moment. A message is judged
when it is written and again when it is to go out.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from accounts.consent import consent_states
from accounts.day import day_bounds, local_day
from accounts.models import ConsentKind, User
from coaching.models import (
    CoachMessage,
    ContactDecision,
    CrisisAlert,
    DecisionStage,
    DeliveryState,
    MessageCause,
    MessageChannel,
    Mute,
    NotificationFrequency,
    Preferences,
    Reason,
    Verdict,
)
from coaching.toolkit import channel_for

from .open_hours import OpenHours

WEEK = timedelta(days=7)
# A digest of messages that had been held, as against the weekly digest of what happened.
DIGEST_OF_HELD = "held:"
# What a person turns off with "nudges" or "suggestions".
SUGGESTIONS = {MessageCause.NUDGE, MessageCause.HOOK, MessageCause.CHECK_IN}
# These count once when they say the same thing: the badge in the app and the knock that points to it.
TWINS = {MessageChannel.IN_APP, MessageChannel.PUSH}
# Messages per own day and per seven days for those who asked for fewer than the ceiling (ours).
FEWER = {NotificationFrequency.MINIMAL: (1, 3), NotificationFrequency.MODERATE: (2, 7)}
# Texts and calls come between 8:00 and 21:00, whatever anybody sets. What is judged in time must also be
# handed over in time, so nothing is begun in the last minutes.
CARRIER_HOURS = OpenHours(time(8), time(20, 55))
# In how many steps the next open moment is looked for; every step is a closed hour, day or week.
STEPS = 100


@dataclass(frozen=True)
class Limits:
    """How much may be asked of a person's attention, by the settings.

    `per_day` (own local day) and `per_week` (any seven days) count messages on all channels; `burden` is
    the sum of the channels' weights in any seven days.
    """

    per_day: int
    per_week: int
    spacing: timedelta
    burden: int
    open_hours: OpenHours
    carrier_hours: OpenHours

    @classmethod
    def for_frequency(cls, frequency: str) -> "Limits":
        """The limits of a person who asked for messages that often; the settings are the ceiling."""
        ceiling = (settings.OUTREACH_MAX_PER_DAY, settings.OUTREACH_MAX_PER_WEEK)
        per_day, per_week = FEWER.get(NotificationFrequency(frequency), ceiling)
        return cls(
            per_day=min(per_day, ceiling[0]),
            per_week=min(per_week, ceiling[1]),
            spacing=timedelta(minutes=settings.OUTREACH_MINUTES_APART),
            burden=settings.OUTREACH_WEEKLY_BURDEN,
            open_hours=OpenHours(
                time(settings.OUTREACH_QUIET_UNTIL_HOUR % 24),
                time(settings.OUTREACH_QUIET_FROM_HOUR % 24),
            ),
            carrier_hours=CARRIER_HOURS,
        )


@dataclass(frozen=True)
class Contact:
    """A message that went out, or may have gone out. Those with one `key` count as one."""

    at: datetime
    key: str
    burden: int


@dataclass(frozen=True)
class Way:
    """A channel as it stands for one person."""

    burden: int = 0
    carrier_hours: bool = False
    consented: bool = True
    reaches: bool = True


@dataclass(frozen=True)
class Silence:
    """Something a person muted: a subject, or a kind of message."""

    cause: str = ""
    subject_type: str = ""
    subject_id: UUID | None = None
    until: datetime | None = None

    def covers(self, message: CoachMessage, at: datetime) -> bool:
        if self.until is not None and self.until <= at:
            return False
        if self.cause:
            return self.cause == message.cause
        return (self.subject_type, self.subject_id) == (message.subject_type, message.subject_id)


@dataclass(frozen=True)
class Facts:
    """Everything a decision about a message to `user` rests on."""

    user: User
    limits: Limits
    ways: Mapping[str, Way]
    contacts: tuple[Contact, ...] = ()
    silences: tuple[Silence, ...] = ()
    crisis_until: datetime | None = None
    away_from: date | None = None
    away_until: date | None = None
    window: OpenHours | None = None
    suggestions: bool = True
    morning_brief: bool = True
    weekly_digest: bool = True
    no_longer_needed: bool = False

    @property
    def open_hours(self) -> OpenHours:
        return self.window or self.limits.open_hours

    def is_away(self, at: datetime) -> bool:
        if self.away_from is None or self.away_until is None:
            return False
        return self.away_from <= local_day(self.user, at) <= self.away_until

    def on_day(self, at: datetime) -> set[str]:
        """What counts on the person's own day that contains `at`."""
        day = local_day(self.user, at)
        return {c.key for c in self.contacts if local_day(self.user, c.at) == day}

    def in_week(self, at: datetime) -> set[str]:
        """What counts in the seven days before `at`."""
        return {contact.key for contact in self.contacts if contact.at > at - WEEK}

    def burden_at(self, at: datetime) -> int:
        return sum(contact.burden for contact in self.contacts if contact.at > at - WEEK)

    def stored(self, at: datetime) -> dict[str, Any]:
        """The counts and settings as they are kept with a decision."""
        kept: dict[str, Any] = {
            "zone": self.user.timezone,
            "day": len(self.on_day(at)),
            "per_day": self.limits.per_day,
            "week": len(self.in_week(at)),
            "per_week": self.limits.per_week,
            "burden": self.burden_at(at),
            "burden_budget": self.limits.burden,
            "open": [f"{clock:%H:%M}" for clock in (self.open_hours.opens, self.open_hours.closes)],
        }
        if self.contacts:
            kept["last"] = max(contact.at for contact in self.contacts).isoformat()
        if self.away_until is not None:
            kept["away_until"] = self.away_until.isoformat()
        if self.crisis_until is not None:
            kept["crisis_until"] = self.crisis_until.isoformat()
        return kept


@dataclass(frozen=True)
class Decision:
    """What becomes of a message, and why.

    `not_before` is the first open moment of a held message. A message that is sent for the reason `AWAY`
    is put in its place in silence.
    """

    verdict: Verdict
    reasons: tuple[Reason, ...] = ()
    not_before: datetime | None = None
    facts: dict[str, Any] = field(default_factory=dict, compare=False)


def is_written_by_hand(message: CoachMessage) -> bool:
    """Whether somebody of the staff wrote `message` themselves: what pauses automation is not for it."""
    return message.cause == MessageCause.COACH and message.author_id is not None


def counts_as(channel: str, cause_key: str) -> str:
    """The key under which a message counts: the same for twins in the app and by push."""
    return f"{'app' if channel in TWINS else channel}:{cause_key}"


def facts_about(user: User, *, now: datetime, channels: Iterable[str] | None = None) -> Facts:
    """Reads what a decision about `user` rests on, for the given `channels` (default: all there are).

    The person is read anew as well: two questions, one more for consents where a channel needs one, one
    for what was muted, and what the channels ask themselves.
    """
    alerts = CrisisAlert.objects.filter(user=OuterRef("pk"), paused_until__gt=now)
    mutes = Mute.objects.lasting(now)
    fresh = (
        User.objects.select_related("preferences")
        .annotate(
            crisis_until=Subquery(alerts.order_by("-paused_until").values("paused_until")[:1]),
            has_muted=Exists(mutes.filter(user=OuterRef("pk"))),
        )
        .get(pk=user.pk)
    )
    try:
        preferences = fresh.preferences
    except Preferences.DoesNotExist:
        preferences = Preferences(user=fresh)
    limits = Limits.for_frequency(preferences.notification_frequency)
    window = preferences.notification_window
    return Facts(
        user=fresh,
        limits=limits,
        ways=_ways(fresh, MessageChannel.values if channels is None else channels),
        contacts=_contacts(fresh, now),
        silences=_silences(mutes.filter(user=fresh)) if fresh.has_muted else (),
        crisis_until=fresh.crisis_until,
        away_from=preferences.away_from,
        away_until=preferences.away_until,
        window=OpenHours.wished(window, limits.open_hours) if window else None,
        suggestions=preferences.nudges_enabled and preferences.proactive_suggestions,
        morning_brief=preferences.morning_brief_enabled,
        weekly_digest=preferences.weekly_digest_enabled,
    )


def _silences(mutes: QuerySet[Mute]) -> tuple[Silence, ...]:
    rows = mutes.order_by("id").values_list("cause", "subject_type", "subject_id", "until")
    return tuple(Silence(*row) for row in rows)


def _ways(user: User, values: Iterable[str]) -> dict[str, Way]:
    declared = {str(value): channel for value in values if (channel := channel_for(value))}
    granted: set[ConsentKind] = set()
    if any(channel.consent for channel in declared.values()):
        granted = {state.kind for state in consent_states(user) if state.granted}
    ways = {}
    for value, channel in declared.items():
        consented = channel.consent is None or channel.consent in granted
        ways[value] = Way(
            burden=channel.burden,
            carrier_hours=channel.carrier_hours,
            consented=consented,
            reaches=consented and channel.reaches(user),
        )
    return ways


def _contacts(user: User, now: datetime) -> tuple[Contact, ...]:
    """What went out in the last seven days, or may have: also what is on its way or of unknown outcome."""
    since = now - WEEK - timedelta(days=1)  # the local day of the oldest counts as a whole
    on_the_way = Q(state__in=[DeliveryState.SENDING, DeliveryState.UNKNOWN], claimed_at__gt=since)
    rows = CoachMessage.objects.filter(Q(sent_at__gt=since) | on_the_way, user=user).values_list(
        "channel", "cause_key", "sent_at", "claimed_at"
    )
    burdens = {
        value: declared.burden
        for value in MessageChannel.values
        if (declared := channel_for(value)) is not None
    }
    return tuple(
        Contact(at, counts_as(channel, cause_key), burdens.get(channel, 0))
        for channel, cause_key, sent_at, claimed_at in rows
        if (at := sent_at or claimed_at) is not None
    )


def judge(facts: Facts, message: CoachMessage, *, now: datetime) -> Decision:
    """Decides about `message` as of `now`: send, hold until the first open moment, or drop.

    Reads nothing but its arguments. A message that would have to wait until it is too old is dropped.
    """
    start = max(now, message.not_before)
    kept = facts.stored(start)
    drops = _reasons_to_drop(facts, message, start)
    if drops:
        return Decision(Verdict.DROP, tuple(drops), facts=kept)
    if start >= message.expires_at:
        return Decision(Verdict.DROP, (Reason.EXPIRED,), facts=kept)
    closed = _closed(facts, message)
    reasons = tuple(reason for reason, opens in closed if opens(start) > start)
    moment: datetime | None = start
    for _ in range(STEPS):
        if moment is None or moment >= message.expires_at:
            moment = None
            break
        later = max((opens(moment) for _, opens in closed), default=moment)
        if later == moment:
            break
        moment = later
    else:
        moment = None
    if moment is None:
        return Decision(Verdict.DROP, (Reason.EXPIRED, *reasons), facts=kept)
    if moment > now:
        return Decision(Verdict.HOLD, reasons, moment.astimezone(UTC), kept)
    silent = message.was_asked_for and facts.is_away(now)
    return Decision(Verdict.SEND, (Reason.AWAY,) if silent else (), facts=kept)


def _reasons_to_drop(facts: Facts, message: CoachMessage, at: datetime) -> list[Reason]:
    """Every reason why the message must not go out at all, the weightiest first."""
    user, cause = facts.user, message.cause
    by_hand = is_written_by_hand(message)
    way = facts.ways.get(message.channel, Way(reaches=False))
    crisis = facts.crisis_until is not None and facts.crisis_until > at
    asked_for = message.was_asked_for
    may_be_silent = asked_for and message.channel == MessageChannel.IN_APP
    rules = (
        (Reason.ACCOUNT_CLOSED, user.deleted_at is not None or not user.is_active),
        (Reason.AUTOMATION_PAUSED, user.automation_paused_at is not None and not by_hand),
        (Reason.CRISIS_PAUSE, crisis and not asked_for and not by_hand),
        (Reason.NO_CONSENT, not way.consented),
        (Reason.UNREACHABLE, way.consented and not way.reaches),
        (Reason.NUDGES_OFF, not _is_wanted(facts, message)),
        (Reason.MUTED, any(silence.covers(message, at) for silence in facts.silences)),
        (
            Reason.AWAY,
            cause != MessageCause.COACH and not may_be_silent and facts.is_away(at),
        ),
        (Reason.NO_LONGER_NEEDED, facts.no_longer_needed),
    )
    return [reason for reason, holds in rules if holds]


def _is_wanted(facts: Facts, message: CoachMessage) -> bool:
    """Whether the person left this kind of message on."""
    if message.cause in SUGGESTIONS:
        return facts.suggestions
    if message.cause == MessageCause.BRIEF:
        return facts.morning_brief
    if message.cause == MessageCause.DIGEST:
        return facts.weekly_digest or message.cause_key.startswith(DIGEST_OF_HELD)
    return True


Opens = Callable[[datetime], datetime]


def _closed(facts: Facts, message: CoachMessage) -> list[tuple[Reason, Opens]]:
    """What can hold this message, each with the first moment from a given one when it no longer does."""
    zone = facts.user.tz
    way = facts.ways[message.channel]
    found: list[tuple[Reason, Opens]] = []
    if way.carrier_hours:
        carrier = facts.limits.carrier_hours
        found.append((Reason.CARRIER_HOURS, lambda at: carrier.first_from(at, zone)))
    if message.was_asked_for:
        return found
    key = counts_as(message.channel, message.cause_key)
    return [
        (Reason.AWAY, lambda at: _back_from(facts, at)),
        (Reason.QUIET_HOURS, lambda at: facts.open_hours.first_from(at, zone)),
        *found,
        (Reason.DAY_CAP, lambda at: _next_day_with_room(facts, key, at)),
        (Reason.WEEK_CAP, lambda at: _week_with_room(facts, key, at)),
        (Reason.TOO_SOON, lambda at: _spaced(facts, key, at)),
        (Reason.BURDEN, lambda at: _within_burden(facts, way.burden, at)),
    ]


def _back_from(facts: Facts, at: datetime) -> datetime:
    if facts.away_until is None or not facts.is_away(at):
        return at
    return day_bounds(facts.user, facts.away_until)[1]


def _next_day_with_room(facts: Facts, key: str, at: datetime) -> datetime:
    counted = facts.on_day(at) - {key}
    if len(counted) < facts.limits.per_day:
        return at
    return day_bounds(facts.user, local_day(facts.user, at))[1]


def _week_with_room(facts: Facts, key: str, at: datetime) -> datetime:
    def has_room(moment: datetime) -> bool:
        return len(facts.in_week(moment) - {key}) < facts.limits.per_week

    return _as_contacts_pass(facts, at, has_room)


def _within_burden(facts: Facts, burden: int, at: datetime) -> datetime:
    if burden == 0:
        return at
    return _as_contacts_pass(
        facts, at, lambda moment: facts.burden_at(moment) + burden <= facts.limits.burden
    )


def _as_contacts_pass(facts: Facts, at: datetime, fits: Callable[[datetime], bool]) -> datetime:
    """The first moment from `at` that `fits` as, one by one, contacts get a week old."""
    if fits(at):
        return at
    passing = sorted(c.at + WEEK for c in facts.contacts if c.at + WEEK > at)
    never = at + timedelta(days=366)
    return next((moment for moment in passing if fits(moment)), never)


def _spaced(facts: Facts, key: str, at: datetime) -> datetime:
    last = max((c.at for c in facts.contacts if c.key != key), default=None)
    return at if last is None else max(at, last + facts.limits.spacing)


def note(message: CoachMessage, decision: Decision, stage: DecisionStage, *, now: datetime) -> None:
    """Keeps what was decided about `message`, for the person and for staff to read."""
    ContactDecision.objects.create(
        message=message,
        at=now,
        stage=stage,
        verdict=decision.verdict,
        reasons=[str(reason) for reason in decision.reasons],
        not_before=decision.not_before,
        facts=decision.facts,
    )
