"""When and how a person is usually reached, learned every night from what they did.

Only of people who agreed to behavioural tracking; whoever takes that back is forgotten at the next run.
Everything here is derived from the ledger and the outbox, and can be worked out anew at any time. The hours
are "your usual active hours": they say when somebody does things, not which type of person they are.

Calls (`average_call_duration_seconds`, `prefers_scheduled_calls`, `best_call_times`) stay empty until
there are calls to learn from.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import atan2, ceil, cos, hypot, sin, tau
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from accounts.models import Consent, ConsentKind, User
from coaching.models import InteractionPattern, MasterySpeed, MessageChannel

from .clock import local_clocks

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
BATCH = 500


@dataclass(frozen=True, slots=True)
class PatternConstants:
    """What is needed before something is said of a person (the days and R from the page "Usual hours" of
    circular statistics, Mardia & Jupp 2000; the rest ours).

    Attributes:
        look_back_days: how far back activity and messages count.
        enough_active_days: days with activity before hours and weekdays are named; also the days at which
            confidence is one half.
        varied_below: resultant length R under which hours are "varied".
        hour_prior: (day, hour) pairs of uniform activity mixed into a person's own, against chance.
        hour_stands_out: an hour is named from this many times the uniform share on.
        most_hours: at most so many hours are named.
        weekday_prior: days of average activity mixed into each weekday.
        weekday_stands_out: how much likelier than on average a weekday must be active to be named.
        enough_messages: messages of a channel or a kind before it is judged.
        engagement_prior: (followed, not followed) messages mixed into each rate.
        engagement_stands_out: difference in the rate that is worth naming.
        time_to_answer: messages younger than this are not judged yet.
        most_kinds: at most so many kinds of message are named on either side.
        enough_subjects: things that were explained before anything is said of repetition.
        repetition_look_back_days: how far back explanations count: there are few of them.
        fast_until, medium_until: explanations needed for fast and for medium mastery.
    """

    look_back_days: int = 60
    enough_active_days: int = 14
    varied_below: float = 0.3
    hour_prior: float = 12.0
    hour_stands_out: float = 2.0
    most_hours: int = 6
    weekday_prior: float = 2.0
    weekday_stands_out: float = 0.15
    enough_messages: int = 5
    engagement_prior: tuple[float, float] = (1.0, 3.0)
    engagement_stands_out: float = 0.1
    time_to_answer: timedelta = timedelta(days=1)
    most_kinds: int = 3
    enough_subjects: int = 3
    repetition_look_back_days: int = 180
    fast_until: int = 1
    medium_until: int = 3


CONSTANTS = PatternConstants()
# Kinds of templates that tell how to do something, rather than that it is time.
HOW_TO_KINDS = ("tiny_step", "plan_ahead", "how_to")
# Rows that no hand of the person made say nothing about their hours.
NOT_BY_HAND = ("system", "import", "device")
_NEVER = 1_000_000


# --- Hours and days -------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Rhythm:
    """When somebody was active, each hour of a day counted once.

    `hours` and `weekdays` (0 = Monday) count those (day, hour) pairs and those days; `x` and `y` are the
    sums of the cosines and sines of their clock times on the circle of 24 hours.
    """

    hours: tuple[int, ...] = (0,) * 24
    weekdays: tuple[int, ...] = (0,) * 7
    days: int = 0
    first_day: date | None = None
    x: float = 0.0
    y: float = 0.0

    @property
    def pairs(self) -> int:
        return sum(self.hours)

    @property
    def is_enough(self) -> bool:
        return self.days >= CONSTANTS.enough_active_days

    @property
    def concentration(self) -> float | None:
        """The resultant length R in [0, 1]: 1 when every clock time is the same, 0 when none stands out."""
        return min(1.0, hypot(self.x, self.y) / self.pairs) if self.pairs else None

    @property
    def mean_hour(self) -> float | None:
        """The circular mean clock time in hours, [0, 24): 23:30 and 00:30 agree on midnight."""
        concentration = self.concentration
        if concentration is None or concentration < 1e-9:
            return None
        return (atan2(self.y, self.x) % tau) / tau * 24 % 24

    def share_at(self, hour: int) -> float:
        """The share of activity in one hour (0-23), shrunk towards the uniform 1/24."""
        prior = CONSTANTS.hour_prior
        return (self.hours[hour % 24] + prior / 24) / (self.pairs + prior)

    def share_near(self, hour: int) -> float:
        """The same for the hour with the ones before and after it; 1/8 for somebody without a rhythm."""
        return sum(self.share_at(hour + offset) for offset in (-1, 0, 1))

    def busiest_hours(self) -> list[int]:
        """The hours that stand out, by the clock."""
        named = [h for h in range(24) if self.share_at(h) * 24 >= CONSTANTS.hour_stands_out]
        named.sort(key=lambda hour: (-self.hours[hour], hour))
        return sorted(named[: CONSTANTS.most_hours])

    def busiest_weekdays(self, today: date) -> list[str]:
        """The weekdays that are active more often than the others, since the first active day."""
        if self.first_day is None or self.first_day > today:
            return []
        seen = [0] * 7
        for ordinal in range(self.first_day.toordinal(), today.toordinal() + 1):
            seen[date.fromordinal(ordinal).weekday()] += 1
        usual = min(1.0, self.days / sum(seen))
        prior = CONSTANTS.weekday_prior
        rates = [
            (active + prior * usual) / (days + prior)
            for active, days in zip(self.weekdays, seen, strict=True)
        ]
        return [
            WEEKDAYS[day]
            for day, rate in enumerate(rates)
            if rate - usual >= CONSTANTS.weekday_stands_out
        ]


def rhythm_of(moments: Iterable[datetime], day_start_hour: int = 0) -> Rhythm:
    """The rhythm of moments in local time; what `rhythms` computes in the database."""
    minutes: dict[tuple[date, int], list[int]] = {}
    for moment in moments:
        day = (moment.replace(tzinfo=None) - timedelta(hours=day_start_hour)).date()
        minutes.setdefault((day, moment.hour), []).append(moment.minute)
    days = {day for day, _ in minutes}
    angles = [(h + sum(m) / len(m) / 60) / 24 * tau for (_, h), m in minutes.items()]
    return Rhythm(
        hours=tuple(sum(1 for _, h in minutes if h == hour) for hour in range(24)),
        weekdays=tuple(sum(1 for day in days if day.weekday() == w) for w in range(7)),
        days=len(days),
        first_day=min(days, default=None),
        x=sum(map(cos, angles)),
        y=sum(map(sin, angles)),
    )


_RHYTHMS = """
WITH moments AS (
    SELECT log.user_id, log.occurred_at AT TIME ZONE person.zone AS at, person.day_start
    FROM coaching_rawbehaviorallog log
    JOIN unnest(%(people)s::uuid[], %(zones)s::text[], %(starts)s::int[])
         AS person (user_id, zone, day_start) ON person.user_id = log.user_id
    WHERE log.occurred_at >= %(since)s AND log.occurred_at < %(now)s
      AND log.source <> ALL (%(not_by_hand)s)
      AND log.raw_data ->> 'time_known' IS DISTINCT FROM 'false'
), pairs AS (
    SELECT user_id,
           (at - day_start * interval '1 hour')::date AS day,
           extract(hour FROM at)::int AS hour,
           2 * pi() * (extract(hour FROM at) + avg(extract(minute FROM at)) / 60) / 24 AS angle
    FROM moments
    GROUP BY user_id, (at - day_start * interval '1 hour')::date, extract(hour FROM at)
)
SELECT user_id, hour, extract(isodow FROM day)::int - 1 AS weekday,
       count(*), count(DISTINCT day), min(day), sum(cos(angle)), sum(sin(angle))
FROM pairs
GROUP BY GROUPING SETS ((user_id, hour), (user_id, extract(isodow FROM day)), (user_id))
"""


def rhythms(people: Sequence[User], *, now: datetime) -> dict[UUID, Rhythm]:
    """When each of `people` was active in the last `look_back_days` days, in their present zone.

    Two queries for all of them. People without consent have no rows in the ledger that they still agree
    to being used: ask for those who agree only (`who_agree`).
    """
    if not people:
        return {}
    known = _zones_known({person.timezone for person in people})
    found: dict[UUID, Rhythm] = {}
    hours: dict[UUID, list[int]] = {}
    weekdays: dict[UUID, list[int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            _RHYTHMS,
            {
                "people": [person.pk for person in people],
                "zones": [p.timezone if p.timezone in known else "UTC" for p in people],
                "starts": [person.day_start_hour for person in people],
                "since": now - timedelta(days=CONSTANTS.look_back_days),
                "now": now,
                "not_by_hand": list(NOT_BY_HAND),
            },
        )
        for user_id, hour, weekday, pairs, days, first_day, x, y in cursor.fetchall():
            if hour is not None:
                hours.setdefault(user_id, [0] * 24)[hour] = pairs
            elif weekday is not None:
                weekdays.setdefault(user_id, [0] * 7)[weekday] = days
            else:
                found[user_id] = Rhythm(days=days, first_day=first_day, x=float(x), y=float(y))
    return {
        user_id: Rhythm(
            tuple(hours[user_id]), tuple(weekdays[user_id]), r.days, r.first_day, r.x, r.y
        )
        for user_id, r in found.items()
    }


def _zones_known(zones: set[str]) -> set[str]:
    """Those of `zones` that the database knows too: its list may be older than Python's."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_timezone_names WHERE name = ANY (%s)", [list(zones)])
        return {name for (name,) in cursor.fetchall()}


# --- Answers to messages --------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Engagement:
    """Messages that went out, and how many of them were followed or found helpful."""

    sent: int
    followed: int

    @property
    def rate(self) -> float:
        """The share followed, smoothed: a few messages are no proof."""
        yes, no = CONSTANTS.engagement_prior
        return (self.followed + yes) / (self.sent + yes + no)

    @property
    def is_enough(self) -> bool:
        return self.sent >= CONSTANTS.enough_messages


def preferred_channel(by_channel: Mapping[str, Engagement]) -> str:
    """The channel whose messages are followed most, or nothing.

    A preference is a comparison: it takes enough messages on two channels, and a difference worth naming.
    """
    rated = sorted(
        ((found.rate, channel) for channel, found in by_channel.items() if found.is_enough),
        reverse=True,
    )
    if len(rated) < 2 or rated[0][0] - rated[1][0] < CONSTANTS.engagement_stands_out:
        return ""
    best = rated[0][1]
    return best if by_channel[best].followed else ""


def telling_kinds(by_kind: Mapping[str, Engagement]) -> tuple[list[str], list[str]]:
    """The kinds of message that are followed more than the rest, and less than the rest."""
    everything = Engagement(
        sum(found.sent for found in by_kind.values()),
        sum(found.followed for found in by_kind.values()),
    )
    rated = sorted(
        (found.rate - everything.rate, kind) for kind, found in by_kind.items() if found.is_enough
    )
    margin, most = CONSTANTS.engagement_stands_out, CONSTANTS.most_kinds
    if len(rated) < 2:
        return [], []
    return (
        [kind for gain, kind in reversed(rated) if gain >= margin][:most],
        [kind for gain, kind in rated if gain <= -margin][:most],
    )


_ENGAGEMENT = """
SELECT message.user_id, message.channel, coalesce(nullif(template.kind, ''), message.cause) AS kind,
       count(*),
       count(*) FILTER (
           WHERE message.engaged_at <= %(now)s
              OR (message.helpfulness_rating >= 4 AND message.read_at <= %(now)s)
       )
FROM coaching_coachmessage message
LEFT JOIN coaching_messagetemplate template ON template.id = message.template_id
WHERE message.user_id = ANY (%(people)s)
  AND message.sent_at >= %(since)s AND message.sent_at < %(settled)s
  AND message.state IN ('sent', 'delivered')
GROUP BY GROUPING SETS (
    (message.user_id, message.channel),
    (message.user_id, coalesce(nullif(template.kind, ''), message.cause))
)
"""

_ANSWER_TIMES = """
SELECT user_id, percentile_cont(0.5) WITHIN GROUP (
    ORDER BY extract(epoch FROM least(read_at, engaged_at) - sent_at) / 60
)
FROM coaching_coachmessage
WHERE user_id = ANY (%(people)s)
  AND sent_at >= %(since)s AND sent_at < %(now)s
  AND least(read_at, engaged_at) >= sent_at AND least(read_at, engaged_at) <= %(now)s
GROUP BY user_id
HAVING count(*) >= %(enough)s
"""

# For each thing that was explained: how often, until it was done; one that was never done counts as endless.
_REPETITIONS = """
WITH said AS (
    SELECT decision.user_id, decision.subject_id, decision.action_done,
           row_number() OVER (
               PARTITION BY decision.user_id, decision.subject_type, decision.subject_id
               ORDER BY decision.at, decision.id
           ) AS times
    FROM coaching_nudgedecision decision
    JOIN coaching_messagetemplate template ON template.id = decision.template_id
    WHERE decision.user_id = ANY (%(people)s)
      AND decision.at >= %(long_ago)s AND decision.at < %(now)s
      AND decision.sent AND decision.resolved_at <= %(now)s
      AND decision.subject_id IS NOT NULL AND template.kind = ANY (%(how_to)s)
), subjects AS (
    SELECT user_id, subject_id,
           coalesce(min(times) FILTER (WHERE action_done), %(never)s) AS times
    FROM said
    GROUP BY user_id, subject_id
)
SELECT user_id, percentile_disc(0.5) WITHIN GROUP (ORDER BY times)
FROM subjects
GROUP BY user_id
HAVING count(*) >= %(enough_subjects)s
"""


@dataclass(frozen=True, slots=True)
class _Answers:
    """What the messages to some people tell, by person."""

    channels: dict[UUID, dict[str, Engagement]]
    kinds: dict[UUID, dict[str, Engagement]]
    minutes: dict[UUID, float]
    repetitions: dict[UUID, int]


def _answers(people: Sequence[User], now: datetime) -> _Answers:
    """Three queries for all of `people`."""
    found = _Answers({}, {}, {}, {})
    with connection.cursor() as cursor:
        facts: dict[str, Any] = {
            "people": [person.pk for person in people],
            "since": now - timedelta(days=CONSTANTS.look_back_days),
            "settled": now - CONSTANTS.time_to_answer,
            "now": now,
            "enough": CONSTANTS.enough_messages,
            "long_ago": now - timedelta(days=CONSTANTS.repetition_look_back_days),
            "how_to": list(HOW_TO_KINDS),
            "enough_subjects": CONSTANTS.enough_subjects,
            "never": _NEVER,
        }
        cursor.execute(_ENGAGEMENT, facts)
        for user_id, channel, kind, sent, followed in cursor.fetchall():
            side, key = (found.channels, channel) if channel else (found.kinds, kind)
            side.setdefault(user_id, {})[key] = Engagement(sent, followed)
        cursor.execute(_ANSWER_TIMES, facts)
        found.minutes.update(cursor.fetchall())
        cursor.execute(_REPETITIONS, facts)
        found.repetitions.update((u, int(n)) for u, n in cursor.fetchall() if n < _NEVER)
    return found


# --- The rows -------------------------------------------------------------------------------------
_LEARNED = [
    "most_active_hours",
    "most_active_days",
    "usual_hour",
    "hours_concentration",
    "average_response_time_minutes",
    "preferred_communication_channel",
    "most_engaging_message_types",
    "least_engaging_message_types",
    "concept_mastery_speed",
    "needs_repetition_count",
    "active_days_seen",
    "confidence_score",
    "last_analyzed_at",
]


def who_agree(people: QuerySet[User]) -> QuerySet[User]:
    """Those of `people` who agree to behavioural tracking now."""
    agreed = Consent.objects.decision_of("pk", ConsentKind.BEHAVIORAL_TRACKING)
    return people.alias(agreed=agreed).filter(agreed=True)


def analyze(people: QuerySet[User], *, now: datetime) -> int:
    """Works out the pattern of each of `people` who agrees, as of `now`; returns how many were written.

    Six queries per 500 people. Running it again, or twice at once, writes the same rows.
    """
    written = 0
    agreeing = list(who_agree(people).only("pk", "timezone", "day_start_hour").order_by("pk"))
    for start in range(0, len(agreeing), BATCH):
        batch = agreeing[start : start + BATCH]
        seen = rhythms(batch, now=now)
        answers = _answers(batch, now)
        rows = [_pattern(person, seen.get(person.pk, Rhythm()), answers, now) for person in batch]
        InteractionPattern.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["user"], update_fields=_LEARNED
        )
        written += len(rows)
    return written


def _pattern(person: User, rhythm: Rhythm, answers: _Answers, now: datetime) -> InteractionPattern:
    today = (now.astimezone(person.tz) - timedelta(hours=person.day_start_hour)).date()
    most, least = telling_kinds(answers.kinds.get(person.pk, {}))
    times = answers.repetitions.get(person.pk)
    minutes = answers.minutes.get(person.pk)
    pattern = InteractionPattern(
        user=person,
        average_response_time_minutes=None if minutes is None else ceil(minutes),
        preferred_communication_channel=preferred_channel(answers.channels.get(person.pk, {})),
        most_engaging_message_types=most,
        least_engaging_message_types=least,
        concept_mastery_speed="" if times is None else mastery_speed(times),
        needs_repetition_count=times,
        active_days_seen=rhythm.days,
        confidence_score=rhythm.days / (rhythm.days + CONSTANTS.enough_active_days),
        last_analyzed_at=now,
    )
    if rhythm.is_enough:
        pattern.most_active_hours = rhythm.busiest_hours()
        pattern.most_active_days = rhythm.busiest_weekdays(today)
        pattern.usual_hour = rhythm.mean_hour
        pattern.hours_concentration = rhythm.concentration
    return pattern


def mastery_speed(times: int) -> MasterySpeed:
    """How fast something is taken up that has to be said `times` times."""
    if times <= CONSTANTS.fast_until:
        return MasterySpeed.FAST
    return MasterySpeed.MEDIUM if times <= CONSTANTS.medium_until else MasterySpeed.SLOW


def forget_those_who_withdrew() -> int:
    """Deletes the patterns of people who do not agree to behavioural tracking any more."""
    agreed = Consent.objects.decision_of("user", ConsentKind.BEHAVIORAL_TRACKING)
    withdrew = InteractionPattern.objects.alias(agreed=agreed).exclude(agreed=True)
    return withdrew.delete()[0]


# A person's night: their clock shows one of these hours. More than one, so that a worker that was down
# for an hour does not cost the day.
NIGHT_HOURS = (4, 5, 6)
LEARN_EVERY = timedelta(hours=20)


def due_for_learning(*, now: datetime) -> QuerySet[User]:
    """People for whom it is night now and whose pattern is not of this night."""
    zones = [zone for zone, local in local_clocks(now=now).items() if local.hour in NIGHT_HOURS]
    due = User.objects.filter(timezone__in=zones, deleted_at__isnull=True, is_active=True)
    fresh = Q(interaction_pattern__last_analyzed_at__gt=now - LEARN_EVERY)
    return who_agree(due.exclude(fresh))


# --- For the person -------------------------------------------------------------------------------
def pattern_of(user: User) -> InteractionPattern | None:
    """What was learned about `user`, if they still agree to it."""
    agreed = Consent.objects.decision_of("user", ConsentKind.BEHAVIORAL_TRACKING)
    return InteractionPattern.objects.alias(agreed=agreed).filter(user=user, agreed=True).first()


@dataclass(frozen=True, slots=True)
class PatternInWords:
    """What was learned, as the person reads it; `is_learned` is false without their consent.

    `days` is the number of active days it rests on, `needed` how many it takes; `also` are further
    sentences.
    """

    is_learned: bool
    usual: str = "too early to say"
    days: int = 0
    needed: int = CONSTANTS.enough_active_days
    also: tuple[str, ...] = ()


def in_words(pattern: InteractionPattern | None) -> PatternInWords:
    """The pattern for the page of its person."""
    if pattern is None:
        return PatternInWords(is_learned=False)
    return PatternInWords(
        is_learned=True,
        usual=usual_hours_in_words(pattern),
        days=pattern.active_days_seen,
        also=tuple(_also(pattern)),
    )


def usual_hours_in_words(pattern: InteractionPattern) -> str:
    """ "around 07:30", "varied" or "too early to say"."""
    if (
        pattern.active_days_seen < CONSTANTS.enough_active_days
        or pattern.hours_concentration is None
    ):
        return "too early to say"
    if pattern.hours_concentration < CONSTANTS.varied_below or pattern.usual_hour is None:
        return "varied"
    minutes = round(pattern.usual_hour * 60 / 15) * 15 % 1440
    return f"around {minutes // 60:02d}:{minutes % 60:02d}"


def _also(pattern: InteractionPattern) -> Iterable[str]:
    if pattern.most_active_hours:
        hours = _listed([f"{hour:02d}:00" for hour in pattern.most_active_hours])
        yield f"Most often in the hour from {hours}."
    if pattern.most_active_days:
        yield f"More often on {_listed([day.capitalize() for day in pattern.most_active_days])}."
    if pattern.average_response_time_minutes is not None:
        yield f"You usually look at a message {_span(pattern.average_response_time_minutes)}."
    if pattern.preferred_communication_channel:
        label = MessageChannel(pattern.preferred_communication_channel).label
        yield f"What comes by this way helps you most: {label.lower()}."


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _span(minutes: int) -> str:
    if minutes < 2:
        return "at once"
    if minutes < 90:
        return f"within about {minutes} minutes"
    hours = round(minutes / 60)
    return f"within about {hours} hours" if hours < 48 else f"after about {hours // 24} days"
