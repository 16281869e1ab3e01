"""When and how a person is usually reached, learned every night from what they did.

Only of people who agreed to behavioural tracking; whoever takes that back is forgotten at the next run.
Everything here is derived from the ledger and the outbox, and can be worked out anew at any time.

Calls (`average_call_duration_seconds`, `prefers_scheduled_calls`, `best_call_times`) stay empty until
there are calls to learn from.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from django.db.models import Q, QuerySet

from accounts.models import Consent, ConsentKind, User
from coaching.models import InteractionPattern, MessageChannel

from .answering import Answers, answers_of, mastery_speed, preferred_channel, telling_kinds
from .clock import BATCH, local_clocks
from .rhythm import CONSTANTS, Rhythm, rhythms

# A person's night: their clock shows one of these hours. More than one, so that a worker that was down
# for an hour does not cost the day.
NIGHT_HOURS = (4, 5, 6)
LEARN_EVERY = timedelta(hours=20)
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

    Five queries per 500 people. Running it again, or twice at once, writes the same rows.
    """
    written = 0
    agreeing = list(who_agree(people).only("pk", "timezone", "day_start_hour").order_by("pk"))
    for start in range(0, len(agreeing), BATCH):
        batch = agreeing[start : start + BATCH]
        seen = rhythms(batch, now=now)
        answers = answers_of(batch, now=now)
        rows = [_pattern(person, seen.get(person.pk, Rhythm()), answers, now) for person in batch]
        InteractionPattern.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["user"], update_fields=_LEARNED
        )
        written += len(rows)
    return written


def _pattern(person: User, rhythm: Rhythm, answers: Answers, now: datetime) -> InteractionPattern:
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


def forget_those_who_withdrew() -> int:
    """Deletes the patterns of people who do not agree to behavioural tracking any more."""
    agreed = Consent.objects.decision_of("user", ConsentKind.BEHAVIORAL_TRACKING)
    withdrew = InteractionPattern.objects.alias(agreed=agreed).exclude(agreed=True)
    return withdrew.delete()[0]


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
