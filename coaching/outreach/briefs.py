"""The morning brief and the weekly digest: put together from parts, and sent only when they are worth it.

Each domain declares its parts (`coaching.toolkit.brief_part`); each part says what it has to tell and how
much that is worth. What reaches the threshold goes out once a day, or once a week, through the outbox like
everything else.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Case, Exists, IntegerField, OuterRef, Q, QuerySet, Value, When

from accounts.day import local_day
from accounts.models import Consent, ConsentKind, User
from coaching.models import (
    CoachMessage,
    InteractionPattern,
    MessageCause,
)
from coaching.toolkit import (
    BriefLines,
    BriefPart,
    Occasion,
    brief_parts,
    one_answer,
    variant_of,
    variation,
)

from . import outbox
from .activity import contacts_of
from .backoff import NUMBERS as BACK_OFF
from .bodies import listed
from .clock import has_just_come, local_clocks
from .routing import channel_of_choice

logger = logging.getLogger(__name__)
WEEKLY_DAY = "coaching.weekly_digest_day"
variation(
    WEEKLY_DAY,
    title="When the weekly digest comes",
    options=("sunday_evening", "monday_morning"),
)


@dataclass(frozen=True, slots=True)
class BriefConfig:
    """When briefs go out, and what makes them worth it (ours).

    Attributes:
        morning_at: local time of the morning brief of people whose usual hours are not known.
        latest_hour: a usual active hour after this one is no morning any more.
        sunday_at, monday_at: local times of the weekly digest.
        window_minutes: how long after its moment a brief may still be made; later there is none.
        morning_worth: sum of worths from which a morning brief goes out.
        next_day_worth: the same on the day after one: more than an ordinary day has to tell, so that the week
            keeps room for other messages.
        weekly_worth: the same for the digest.
        ignored_in_a_row, rest_after_ignored: so many briefs nobody looked at let them rest so long.
        morning_good_for, weekly_good_for: a brief held back longer than that is dropped.
    """

    morning_at: time = time(8, 15)
    latest_hour: int = 10
    sunday_at: time = time(18)
    monday_at: time = time(8, 15)
    window_minutes: int = 20
    morning_worth: float = 0.5
    next_day_worth: float = 1.0
    weekly_worth: float = 0.4
    ignored_in_a_row: int = 3
    rest_after_ignored: timedelta = timedelta(days=7)
    morning_good_for: timedelta = timedelta(hours=4)
    weekly_good_for: timedelta = timedelta(hours=20)


CONFIG = BriefConfig()
TITLES = {Occasion.MORNING: "Your morning brief", Occasion.WEEKLY: "Your week"}


@dataclass(frozen=True, slots=True)
class Section:
    """What one part has to tell."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Brief:
    """A brief for one person as of one moment. `worth` is the sum of what its parts are worth."""

    occasion: Occasion
    sections: tuple[Section, ...]
    worth: float

    @property
    def title(self) -> str:
        return TITLES[self.occasion]

    def is_worth(self, needed: float) -> bool:
        """Whether there is something to tell, and enough of it; worths are hundredths."""
        return bool(self.sections) and round(self.worth, 2) >= needed

    @property
    def body(self) -> str:
        """Plain text: the title of each part on a line of its own, its lines as a list."""
        return "\n".join(
            line for section in self.sections for line in [section.title, *listed(section.lines)]
        )


def brief_for(user: User, occasion: Occasion, *, now: datetime) -> Brief:
    """What `occasion` has to tell `user` as of `now`, worth it or not.

    A part that fails is left out and logged: one domain's trouble must not take the others' words away.
    """
    sections = []
    worth = 0.0
    with one_answer():
        for part in sorted(brief_parts, key=lambda part: (part.order, part.key)):
            told = _told(part, user, now) if part.occasion == occasion else None
            if told is not None and told.lines:
                sections.append(Section(part.title, tuple(told.lines)))
                worth += told.worth
    return Brief(occasion, tuple(sections), worth)


def _told(part: BriefPart, user: User, now: datetime) -> BriefLines | None:
    try:
        return part.lines(user, now)
    except Exception:
        logger.exception("brief_part_failed key=%s", part.key)
        return None


def week_told(today: date) -> date:
    """The Monday of the week that a digest on `today` tells of: from Thursday on, the present one."""
    day = today - timedelta(days=3)
    return day - timedelta(days=day.weekday())


# --- Who is due -----------------------------------------------------------------------------------
Ids = tuple[UUID, UUID]


def due_for_morning_brief(*, now: datetime) -> QuerySet[User]:
    """People whose morning has just come: their usual active hour, else the usual time for briefs."""
    usual: dict[int, list[str]] = defaultdict(list)
    otherwise: list[str] = []
    for zone, local in local_clocks(now=now).items():
        for hour in _morning_hours():
            if has_just_come(local, time(hour), CONFIG.window_minutes):
                usual[hour].append(zone)
        if has_just_come(local, CONFIG.morning_at, CONFIG.window_minutes):
            otherwise.append(zone)
    moments = Q(timezone__in=otherwise, morning_hour__isnull=True)
    for hour, zones in usual.items():
        moments |= Q(timezone__in=zones, morning_hour=hour)
    if not (otherwise or usual):
        return User.objects.none()
    return (
        _reachable()
        .annotate(morning_hour=_usual_morning_hour())
        .filter(moments)
        .exclude(preferences__morning_brief_enabled=False)
    )


def _morning_hours() -> range:
    return range(settings.OUTREACH_QUIET_UNTIL_HOUR, CONFIG.latest_hour + 1)


def _usual_morning_hour() -> Case:
    """The first of a person's usual active hours that is an open hour of a morning, if it is known."""
    agreed = Consent.objects.decision_of("user", ConsentKind.BEHAVIORAL_TRACKING)
    patterns = InteractionPattern.objects.alias(agreed=agreed).filter(
        user=OuterRef("pk"), agreed=True
    )
    return Case(
        *(
            When(Exists(patterns.filter(most_active_hours__contains=hour)), then=Value(hour))
            for hour in _morning_hours()
        ),
        default=None,
        output_field=IntegerField(),
    )


def due_for_weekly_digest(*, now: datetime) -> QuerySet[User]:
    """People for whom one of the moments of the weekly digest has just come; which is theirs is asked later."""
    zones = [zone for zone, local in local_clocks(now=now).items() if _digest_moment(local)]
    if not zones:
        return User.objects.none()
    return _reachable().filter(timezone__in=zones).exclude(preferences__weekly_digest_enabled=False)


def _digest_moment(local: datetime) -> str:
    """The option of the variation whose moment has just come on the clock `local`, or nothing."""
    if local.weekday() == 6 and has_just_come(local, CONFIG.sunday_at, CONFIG.window_minutes):
        return "sunday_evening"
    if local.weekday() == 0 and has_just_come(local, CONFIG.monday_at, CONFIG.window_minutes):
        return "monday_morning"
    return ""


def _reachable() -> QuerySet[User]:
    return User.objects.filter(
        is_active=True, deleted_at__isnull=True, automation_paused_at__isnull=True
    )


def _within(people: QuerySet[User], ids: Ids | None) -> Sequence[User]:
    if ids is not None:
        people = people.filter(pk__range=ids)
    return list(people.order_by("pk"))


# --- Sending --------------------------------------------------------------------------------------
def send_morning_briefs(*, now: datetime, ids: Ids | None = None) -> int:
    """Makes the morning briefs whose moment has come, and returns how many were handed to the outbox.

    `ids` limits it to a range of people. Twice at once is once: the day is part of the message's key.
    """
    people = _within(due_for_morning_brief(now=now), ids)
    keys = {person.pk: f"brief:{local_day(person, now).isoformat()}" for person in people}
    told = _already_told(keys, MessageCause.BRIEF)
    past = _past_briefs(people, now)
    resting = _with_digest_only(people, now)

    def make(person: User) -> bool:
        needed = _worth_needed(past.get(person.pk, []), now)
        if needed is None or person.pk in resting:
            return False
        brief = brief_for(person, Occasion.MORNING, now=now)
        return brief.is_worth(needed) and _send(person, brief, keys[person.pk], now)

    return sum(_made(make, person) for person in people if person.pk not in told)


def send_weekly_digests(*, now: datetime, ids: Ids | None = None) -> int:
    """The same for the weekly digests: on Sunday evening, or on Monday morning where that is tried."""
    people = _within(due_for_weekly_digest(now=now), ids)
    keys = {p.pk: f"digest:{week_told(local_day(p, now)).isoformat()}" for p in people}
    told = _already_told(keys, MessageCause.DIGEST)

    def make(person: User) -> bool:
        brief = brief_for(person, Occasion.WEEKLY, now=now)
        if not brief.is_worth(CONFIG.weekly_worth):
            return False
        # Whoever would get one is asked on Sunday, in either arm: being asked counts as being exposed.
        variant = variant_of(person, WEEKLY_DAY, now=now)
        if variant != _digest_moment(now.astimezone(person.tz)):
            return False
        return _send(person, brief, keys[person.pk], now)

    return sum(_made(make, person) for person in people if person.pk not in told)


def _made(make: Callable[[User], bool], person: User) -> bool:
    """Makes one brief; what fails for one person holds nobody else up."""
    try:
        return make(person)
    except Exception:
        logger.exception("brief_failed user=%s", person.pk)
        return False


def _already_told(keys: dict[UUID, str], cause: MessageCause) -> set[UUID]:
    """Those whose brief of today, or digest of this week, was made already, on whatever channel."""
    found = CoachMessage.objects.filter(
        user__in=list(keys), cause=cause, cause_key__in=set(keys.values())
    ).values_list("user_id", "cause_key")
    return {user_id for user_id, key in found if keys[user_id] == key}


def _with_digest_only(people: Sequence[User], now: datetime) -> set[UUID]:
    """Those who ignored so many nudges in a row that only the weekly digest is left to them. One query."""
    found = set()
    for user_id, contacts in contacts_of(people, now=now).items():
        ignored, last = contacts.ignored_in_a_row(now)
        rests_until = last and last + timedelta(days=BACK_OFF.ignored_rest)
        if ignored >= BACK_OFF.ignored_limit and rests_until and now < rests_until:
            found.add(user_id)
    return found


@dataclass(frozen=True, slots=True)
class PastBrief:
    """A morning brief that went out."""

    at: datetime
    was_looked_at: bool


def _past_briefs(people: Sequence[User], now: datetime) -> dict[UUID, list[PastBrief]]:
    """The morning briefs of the last weeks, the newest first. One query."""
    since = now - CONFIG.rest_after_ignored - timedelta(days=14)
    found: dict[UUID, list[PastBrief]] = defaultdict(list)
    rows = CoachMessage.objects.filter(
        user__in=people, cause=MessageCause.BRIEF, sent_at__range=(since, now)
    )
    for user_id, at, read, engaged, rating in rows.order_by("-sent_at").values_list(
        "user_id", "sent_at", "read_at", "engaged_at", "helpfulness_rating"
    ):
        looked = read is not None or engaged is not None or rating is not None
        if at is not None:
            found[user_id].append(PastBrief(at, looked))
    return found


def _worth_needed(past: Sequence[PastBrief], now: datetime) -> float | None:
    """From which worth a brief goes out now; `None` while they rest because nobody looks at them."""
    if not past:
        return CONFIG.morning_worth
    newest = list(past[: CONFIG.ignored_in_a_row])
    is_ignored = len(newest) == CONFIG.ignored_in_a_row and not any(
        brief.was_looked_at for brief in newest
    )
    since_last = now - newest[0].at
    if is_ignored and since_last < CONFIG.rest_after_ignored:
        return None
    return CONFIG.next_day_worth if since_last < timedelta(hours=36) else CONFIG.morning_worth


def _send(person: User, brief: Brief, key: str, now: datetime) -> bool:
    is_morning = brief.occasion is Occasion.MORNING
    cause = MessageCause.BRIEF if is_morning else MessageCause.DIGEST
    outbox.compose(
        person,
        channel=channel_of_choice(person, cause, now=now),
        cause=cause,
        cause_key=key,
        title=brief.title,
        body=brief.body,
        cta_text="Open Today" if is_morning else "Open your habits",
        cta_action="/" if is_morning else "/habits/",
        expires_at=now + (CONFIG.morning_good_for if is_morning else CONFIG.weekly_good_for),
        now=now,
    )
    return True


def lines_of(brief: Brief) -> Iterator[str]:
    """Every line of a brief without marks, for a voice or a card."""
    for section in brief.sections:
        yield from section.lines
