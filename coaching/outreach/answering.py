"""How people answer what is sent to them: on which channel, to which kind of message, how fast, how often.

What counts is that a message was followed or found helpful, never that it was opened.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from accounts.models import User
from coaching.models import MasterySpeed


@dataclass(frozen=True, slots=True)
class AnswerConstants:
    """What is needed before something is said of somebody's answers (ours).

    Attributes:
        look_back_days: how far back messages count.
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
    enough_messages: int = 5
    engagement_prior: tuple[float, float] = (1.0, 3.0)
    engagement_stands_out: float = 0.1
    time_to_answer: timedelta = timedelta(days=1)
    most_kinds: int = 3
    enough_subjects: int = 3
    repetition_look_back_days: int = 180
    fast_until: int = 1
    medium_until: int = 3


CONSTANTS = AnswerConstants()
# Kinds of templates that tell how to do something, rather than that it is time.
HOW_TO_KINDS = ("tiny_step", "plan_ahead", "how_to")
_NEVER = 1_000_000


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
class Answers:
    """What the messages to some people tell, by person."""

    channels: dict[UUID, dict[str, Engagement]]
    kinds: dict[UUID, dict[str, Engagement]]
    minutes: dict[UUID, float]
    repetitions: dict[UUID, int]


def answers_of(people: Sequence[User], *, now: datetime) -> Answers:
    """Three queries for all of `people`."""
    found = Answers({}, {}, {}, {})
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


def mastery_speed(times: int) -> MasterySpeed:
    """How fast something is taken up that has to be said `times` times."""
    if times <= CONSTANTS.fast_until:
        return MasterySpeed.FAST
    return MasterySpeed.MEDIUM if times <= CONSTANTS.medium_until else MasterySpeed.SLOW
