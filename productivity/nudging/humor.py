"""When a nudge may tease: the one place of that rule.

Teasing is opt-in (intensity 1 to 3; 0 unless the person chose otherwise). It is left out once a roast was said today,
after three misses in a row, in the first week, in quiet hours, in distress or after a crisis, for minors,
and for 14 days after "ease up" or a thumbs-down. What a roast may say is checked in `checking`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest

from accounts.age import is_minor
from accounts.day import local_day
from accounts.models import User
from coaching.models import CrisisAlert, DeliveryState, Message, MessageRole, Preferences
from coaching.outreach.governor import Limits
from coaching.outreach.open_hours import OpenHours
from productivity.models import CoachingNudge, NudgeMode, PersonaProfile, Task
from productivity.querysets import OPEN

from .numbers import NUMBERS, NudgeNumbers

DAY = timedelta(days=1, hours=2)  # the longest day of a clock that changes, and a little


class NoRoast(StrEnum):
    """Why nothing may be teased now."""

    NOT_OPTED_IN = "not_opted_in"
    EASED_UP = "eased_up"
    FIRST_WEEK = "first_week"
    ONE_A_DAY = "one_a_day"
    MISSES_IN_A_ROW = "misses_in_a_row"
    QUIET_HOURS = "quiet_hours"
    CRISIS_PAUSE = "crisis_pause"
    DISTRESS = "distress"
    MINOR = "minor"


IN_WORDS: Mapping[NoRoast, str] = {
    NoRoast.NOT_OPTED_IN: "teasing is off in your settings",
    NoRoast.EASED_UP: "you asked me to ease up",
    NoRoast.FIRST_WEEK: "it is your first week here",
    NoRoast.ONE_A_DAY: "there was one today already",
    NoRoast.MISSES_IN_A_ROW: "a few dates slipped in a row, and then nothing is teased",
    NoRoast.QUIET_HOURS: "these are quiet hours",
    NoRoast.CRISIS_PAUSE: "jokes rest after a hard moment",
    NoRoast.DISTRESS: "you sounded as if things were hard",
    NoRoast.MINOR: "it is for adults",
}


@dataclass(frozen=True)
class Standing:
    """What the rule rests on, for one person."""

    user: User
    intensity: int = 0
    eased_until: datetime | None = None
    roasted_today: bool = False
    misses_in_a_row: int = 0
    in_crisis_pause: bool = False
    in_distress: bool = False
    window: OpenHours | None = None


def reasons_against(
    standing: Standing, *, now: datetime, numbers: NudgeNumbers = NUMBERS
) -> tuple[NoRoast, ...]:
    """Every reason why nothing may be teased at `now`; none of them: it may be."""
    user = standing.user
    rules = (
        (NoRoast.NOT_OPTED_IN, standing.intensity <= 0),
        (NoRoast.CRISIS_PAUSE, standing.in_crisis_pause),
        (NoRoast.EASED_UP, standing.eased_until is not None and now < standing.eased_until),
        (NoRoast.DISTRESS, standing.in_distress),
        (NoRoast.MISSES_IN_A_ROW, standing.misses_in_a_row >= numbers.misses),
        (NoRoast.FIRST_WEEK, now - user.created_at < numbers.first_days),
        (NoRoast.QUIET_HOURS, _is_quiet(standing, now)),
        (NoRoast.ONE_A_DAY, standing.roasted_today),
        (NoRoast.MINOR, is_minor(user, local_day(user, now))),
    )
    return tuple(reason for reason, holds in rules if holds)


def intensity_allowed(standing: Standing, *, now: datetime, numbers: NudgeNumbers = NUMBERS) -> int:
    """How strong a roast may be at `now`, 0 to 3; 0: there is none."""
    return 0 if reasons_against(standing, now=now, numbers=numbers) else standing.intensity


def _is_quiet(standing: Standing, now: datetime) -> bool:
    """In the person's own quiet hours or in those of the house, whichever are longer."""
    house = OpenHours(
        time(settings.OUTREACH_QUIET_UNTIL_HOUR % 24), time(settings.OUTREACH_QUIET_FROM_HOUR % 24)
    )
    windows = [house, *([standing.window] if standing.window else [])]
    return not all(window.hold(now, standing.user.tz) for window in windows)


# --- Reading it from the tables --------------------------------------------------------------------


def standing_of(
    user: User, *, now: datetime, besides: UUID | None = None, numbers: NudgeNumbers = NUMBERS
) -> Standing:
    """The standing of one person, read anew; a roast with the id `besides` is not counted."""
    return standings([user.pk], now=now, besides=besides, numbers=numbers)[user.pk]


def standings(
    ids: Iterable[UUID],
    *,
    now: datetime,
    besides: UUID | None = None,
    numbers: NudgeNumbers = NUMBERS,
) -> dict[UUID, Standing]:
    """The standings of many people: three queries, however many they are."""
    people = list(_with_signs(User.objects.filter(pk__in=list(ids)), now, numbers))
    teased = _said_today(people, now, besides)
    misses = _misses([person.pk for person in people], now, numbers)
    return {
        person.pk: _standing(person, person.pk in teased, misses.get(person.pk, 0))
        for person in people
    }


def _standing(person: User, roasted_today: bool, misses: int) -> Standing:
    try:
        preferences = person.preferences
    except Preferences.DoesNotExist:
        preferences = Preferences(user=person)
    limits = Limits.for_frequency(preferences.notification_frequency)
    window = preferences.notification_window
    return Standing(
        user=person,
        intensity=preferences.humor_intensity,
        eased_until=getattr(person, "eased_until", None),
        roasted_today=roasted_today,
        misses_in_a_row=misses,
        in_crisis_pause=getattr(person, "in_crisis_pause", False),
        in_distress=getattr(person, "in_distress", False),
        window=OpenHours.wished(window, limits.open_hours) if window else None,
    )


def _with_signs(people: QuerySet[User], now: datetime, numbers: NudgeNumbers) -> QuerySet[User]:
    alerts = CrisisAlert.objects.filter(user=OuterRef("pk"), paused_until__gt=now)
    said = Message.objects.filter(
        Q(sentiment_score__lte=numbers.distress) | Q(is_crisis=True),
        user=OuterRef("pk"),
        role=MessageRole.USER,
        created_at__gt=now - numbers.distress_lasts,
        created_at__lte=now,
        conversation__is_temporary=False,
    )
    eased = PersonaProfile.objects.filter(user=OuterRef("pk")).values("eased_until")
    return people.select_related("preferences").annotate(
        in_crisis_pause=Exists(alerts),
        in_distress=Exists(said),
        eased_until=Subquery(eased[:1]),
    )


def _said_today(people: Sequence[User], now: datetime, besides: UUID | None) -> set[UUID]:
    """Who was teased today, or has a roast on its way: on their own day."""
    rows = (
        CoachingNudge.objects.filter(
            user__in=[person.pk for person in people], mode=NudgeMode.ROAST
        )
        .exclude(message__state__in=[DeliveryState.SUPPRESSED, DeliveryState.FAILED])
        .annotate(
            said_at=Greatest("created_at", "delivered_at", "message__claimed_at"),
        )
        .filter(said_at__gt=now - DAY)
        .values_list("pk", "user_id", "said_at")
    )
    zones = {person.pk: person for person in people}
    return {
        user_id
        for pk, user_id, said_at in rows
        if pk != besides and local_day(zones[user_id], said_at) == local_day(zones[user_id], now)
    }


def _misses(ids: Sequence[UUID], now: datetime, numbers: NudgeNumbers) -> dict[UUID, int]:
    """How many dates passed since a person last got something done: their misses in a row."""
    since = now - numbers.miss_look_back
    last_done = (
        Task.objects.filter(user=OuterRef("user"), completed_at__gt=since, completed_at__lte=now)
        .order_by()
        .values("user")
        .annotate(at=Max("completed_at"))
        .values("at")
    )
    rows = (
        Task.objects.filter(
            user__in=ids, parent=None, status__in=OPEN, due_at__gt=since, due_at__lte=now
        )
        .annotate(last_done=Coalesce(Subquery(last_done), since))
        .filter(due_at__gt=F("last_done"))
        .order_by()
        .values("user")
        .annotate(count=Count("pk"))
        .values_list("user", "count")
    )
    return dict(rows)
