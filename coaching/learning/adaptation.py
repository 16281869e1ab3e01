"""How the coach comes to talk the way a person likes: from ratings, from what they write with them, never over a setting.

What is learned is a `LearnedPreference` with its evidence, which the person sees and may decline. It colours
the answers softly. A setting that the person chose wins over it, and so does a decline. Ratings change it at
most once a week; words ("shorter please") at once.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import comb
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.models import User
from coaching import context_cache
from coaching.learning_permission import learners, who_withdrew
from coaching.models import (
    CommunicationStyle,
    DetailLevel,
    EmojiPreference,
    InteractionPattern,
    LearnedPreference,
    Preferences,
    ResponseFeedback,
)

from .wishes import DETAILED, SHORT, Manner, wishes_in

CATEGORY = "communication_style"
TIMING_CATEGORY = "timing"
TIMING_KEY = "usual_hour"


@dataclass(frozen=True, slots=True)
class AdaptationConstants:
    """The numbers of the adaptation (ours).

    `look_back`: whose ratings count. `short_words`: up to so many words an answer is short. `least_ratings`,
    `least_a_side`: rated answers that it takes in all, and of each length. `odds`: how seldom chance alone may
    make ratings differ as much; it is looked at every week, so it is far below one in twenty. `least_gap`:
    by how much the share of liked answers must differ. `rest`: between two changes. `quotes`: kept as evidence.
    """

    look_back: timedelta = timedelta(days=60)
    short_words: int = 60
    least_ratings: int = 8
    least_a_side: int = 3
    odds: float = 0.01
    least_gap: float = 0.3
    rest: timedelta = timedelta(days=7)
    quotes: int = 5


CONSTANTS = AdaptationConstants()


@dataclass(frozen=True, slots=True)
class Rated:
    """A rated answer: how many words it had, and whether it was liked."""

    words: int
    is_liked: bool

    @property
    def is_short(self) -> bool:
        return self.words <= CONSTANTS.short_words


@dataclass(frozen=True, slots=True)
class Leaning:
    """What ratings say of the length of answers, with the counts they rest on."""

    value: str
    confidence: float
    words: str


# --- Ratings --------------------------------------------------------------------------------------
def leaning(ratings: Sequence[Rated]) -> Leaning | None:
    """Which length of answers somebody likes better; `None` while chance may be all there is to it."""
    short = [each for each in ratings if each.is_short]
    long = [each for each in ratings if not each.is_short]
    if len(ratings) < CONSTANTS.least_ratings:
        return None
    if min(len(short), len(long)) < CONSTANTS.least_a_side:
        return None
    liked_short = sum(each.is_liked for each in short)
    liked_long = sum(each.is_liked for each in long)
    gap = liked_short / len(short) - liked_long / len(long)
    odds = chance_of(liked_short, len(short), liked_long, len(long))
    if abs(gap) < CONSTANTS.least_gap or odds > CONSTANTS.odds:
        return None
    value = SHORT if gap > 0 else DETAILED
    words = (
        f"You liked {liked_short} of {len(short)} short answers "
        f"and {liked_long} of {len(long)} longer ones."
    )
    return Leaning(value, min(0.9, 1 - odds * 10), words)


def chance_of(a: int, n: int, b: int, m: int) -> float:
    """The odds that chance alone parts `a` of `n` from `b` of `m` at least so far (Fisher 1935, two-sided)."""
    total = comb(n + m, a + b)
    seen = comb(n, a) * comb(m, b)
    low, high = max(0, a + b - m), min(n, a + b)
    counts = (comb(n, k) * comb(m, a + b - k) for k in range(low, high + 1))
    return sum(count for count in counts if count <= seen) / total


# --- What is in force -----------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Voice:
    """How to talk to somebody: values of the settings of these names, and why where it was learned."""

    style: str
    detail: str
    emoji: str
    because: tuple[str, ...] = ()


def voice_of(user: User) -> Voice:
    """The settings of `user`, softly coloured by what was learned where they chose nothing. Two queries."""
    row = Preferences.objects.filter(user=user).first() or Preferences(user=user)
    learned = {
        each.preference_key: each
        for each in LearnedPreference.objects.filter(
            user=user, preference_category=CATEGORY, declined_at__isnull=True
        )
    }
    style, detail, emoji = row.communication_style, row.detail_level, row.emoji_preference
    because: list[str] = []
    length = learned.get(Manner.LENGTH)
    if length and length.preference_value in _LENGTHS and not is_chosen(row, "detail_level"):
        detail, usual_style = _LENGTHS[length.preference_value]
        because.append(_reason(length))
        if not is_chosen(row, "communication_style"):
            style = usual_style
    smileys = learned.get(Manner.EMOJI)
    if (
        smileys
        and smileys.preference_value in EmojiPreference.values
        and not is_chosen(row, "emoji_preference")
    ):
        emoji = smileys.preference_value
        because.append(_reason(smileys))
    return Voice(style, detail, emoji, tuple(reason for reason in because if reason))


# What a learned length of answers means for the settings: how much is explained, and the style with it.
_LENGTHS: dict[Any, tuple[str, str]] = {
    SHORT: (DetailLevel.MINIMAL, CommunicationStyle.CONCISE),
    DETAILED: (DetailLevel.COMPREHENSIVE, CommunicationStyle.DETAILED),
}
_USUAL = Preferences()
SETTINGS = ("communication_style", "detail_level", "emoji_preference")


def choose(row: Preferences, names: Iterable[str]) -> None:
    """Marks settings as chosen by the person, on a row that is still to be saved."""
    row.chosen = sorted({*row.chosen, *(name for name in names if name in SETTINGS)})


def is_chosen(row: Preferences, name: str) -> bool:
    """Whether the person chose this setting; one that is not the usual one was chosen too."""
    return name in row.chosen or getattr(row, name) != getattr(_USUAL, name)


def _reason(learned: LearnedPreference) -> str:
    newest = learned.evidence[-1] if learned.evidence else {}
    return str(newest.get("words") or newest.get("quote") or "") if isinstance(newest, dict) else ""


# --- Learning it ----------------------------------------------------------------------------------
def adapt(first: UUID, last: UUID, *, now: datetime) -> int:
    """Works out the manner of the learners in a range of ids who rated answers lately; returns changes.

    What is said in a conversation is read where conversations are read, and kept under the same keys.
    """
    people = learners().filter(pk__range=(first, last))
    since = now - CONSTANTS.look_back
    ratings: dict[UUID, list[Rated]] = {}
    said: dict[UUID, list[tuple[datetime, str]]] = {}
    feedback = (
        ResponseFeedback.objects.filter(user__in=people, created_at__range=(since, now))
        .filter(message__is_crisis=False, message__conversation__is_temporary=False)
        .order_by("created_at", "id")
        .values_list("user_id", "rating", "text", "created_at", "message__content")
    )
    for user_id, rating, text, at, content in feedback:
        if rating:
            rated = Rated(len(content.split()), rating > 0)
            ratings.setdefault(user_id, []).append(rated)
        if text:
            said.setdefault(user_id, []).append((at, text))
    changes = 0
    for user_id in sorted(ratings.keys() | said.keys()):
        changes += _adapt_one(
            user_id, ratings.get(user_id, []), sorted(said.get(user_id, [])), now=now
        )
    return changes + _adapt_timing(first, last, now=now)


def _adapt_one(
    user_id: UUID,
    ratings: Sequence[Rated],
    said: Iterable[tuple[datetime, str]],
    *,
    now: datetime,
) -> int:
    """Words first: what ratings seem to say does not contradict what somebody said."""
    changes = 0
    spoken: dict[Manner, tuple[str, datetime, str]] = {}
    for at, text in said:
        for wish in wishes_in(text):
            spoken[wish.manner] = (wish.value, at, text)
    for manner, (value, at, text) in spoken.items():
        evidence = {"quote": text[:200], "at": at.isoformat()}
        changes += learn(
            user_id, manner, value, confidence=0.9, evidence=evidence, is_explicit=True, now=now
        )
    found = None if Manner.LENGTH in spoken else leaning(ratings)
    if found is not None:
        evidence = {"words": found.words, "at": now.isoformat()}
        changes += learn(
            user_id,
            Manner.LENGTH,
            found.value,
            confidence=found.confidence,
            evidence=evidence,
            count=len(ratings),
            now=now,
        )
    return changes


def _adapt_timing(first: UUID, last: UUID, *, now: datetime) -> int:
    """The usual hour as a preference that can be seen and declined, where there is a clear one.

    Most people's stays what it was: theirs are brought up to date together.
    """
    people = learners().filter(pk__range=(first, last))
    patterns = InteractionPattern.objects.filter(
        user__in=people, usual_hour__isnull=False, hours_concentration__gte=0.3
    )
    known = {
        row.user_id: row
        for row in LearnedPreference.objects.filter(
            user__in=people, preference_category=TIMING_CATEGORY, preference_key=TIMING_KEY
        )
    }
    same: list[LearnedPreference] = []
    changes = 0
    for pattern in patterns:
        hour = round(pattern.usual_hour or 0) % 24
        row = known.get(pattern.user_id)
        if row is not None and (row.is_explicit or row.declined_at is not None):
            continue
        if row is not None and row.preference_value == _around(hour):
            row.confidence = pattern.confidence_score or 0.0
            row.evidence_count = pattern.active_days_seen
            same.append(row)
            continue
        words = (
            f"You were active on {pattern.active_days_seen} days, most often around {hour:02d}:00."
        )
        changes += learn(
            pattern.user_id,
            TIMING_KEY,
            _around(hour),
            category=TIMING_CATEGORY,
            confidence=pattern.confidence_score or 0.0,
            evidence={"words": words, "at": now.isoformat()},
            count=pattern.active_days_seen,
            learned_from="behavior_pattern",
            now=now,
        )
    LearnedPreference.objects.bulk_update(same, ["confidence", "evidence_count"], batch_size=500)
    return changes


def _around(hour: int) -> str:
    return f"around {hour:02d}:00"


def learn(
    user_id: UUID,
    key: str,
    value: Any,
    *,
    confidence: float,
    evidence: dict[str, str],
    now: datetime,
    category: str = CATEGORY,
    count: int = 1,
    is_explicit: bool = False,
    learned_from: str = "feedback",
) -> int:
    """Keeps a preference unless the person declined it, said otherwise, or it changed less than a week ago.

    Returns 1 when its value is new, else 0.
    """
    with transaction.atomic():
        row, is_new = LearnedPreference.objects.select_for_update().get_or_create(
            user_id=user_id,
            preference_category=category,
            preference_key=str(key),
            defaults={
                "preference_value": value,
                "confidence": confidence,
                "evidence_count": count,
                "evidence": [evidence],
                "learned_from": [learned_from],
                "is_explicit": is_explicit,
                "created_at": now,
            },
        )
        if is_new:
            context_cache.invalidate(user_id)
            return 1
        if evidence in row.evidence or not _may_change(row, value, evidence, is_explicit, now):
            return 0
        changed = row.preference_value != value
        if not changed and not is_explicit:
            # The same again is not news: only how sure it is moves.
            row.confidence, row.evidence_count = confidence, count
            row.save(update_fields=["confidence", "evidence_count"])
            return 0
        row.preference_value, row.confidence = value, confidence
        row.evidence = [*row.evidence, evidence][-CONSTANTS.quotes :]
        row.evidence_count = row.evidence_count + 1 if is_explicit else count
        row.is_explicit = is_explicit
        row.declined_at = None
        if learned_from not in row.learned_from:
            row.learned_from = [*row.learned_from, learned_from]
        row.save()
        context_cache.invalidate(user_id)
        return int(changed)


def _may_change(
    row: LearnedPreference,
    value: Any,
    evidence: dict[str, str],
    is_explicit: bool,
    now: datetime,
) -> bool:
    changed_at = max([row.created_at, *_moments(row.evidence)])
    if is_explicit:
        # Newer words win over everything, also over an earlier decline; older ones do not come back.
        spoken_at = datetime.fromisoformat(evidence["at"])
        return spoken_at > max(row.declined_at or changed_at, changed_at)
    if row.declined_at is not None or row.is_explicit:
        return False
    return row.preference_value == value or now - changed_at >= CONSTANTS.rest


def _moments(evidence: Iterable[Any]) -> Iterable[datetime]:
    for entry in evidence:
        if isinstance(entry, dict) and isinstance(entry.get("at"), str):
            yield datetime.fromisoformat(entry["at"])


def forget_those_who_withdrew() -> int:
    """Deletes what was concluded, not said, about the manner of people who do not agree any more."""
    learned = LearnedPreference.objects.filter(
        user__in=who_withdrew(),
        preference_category__in=(CATEGORY, TIMING_CATEGORY),
        is_explicit=False,
    )
    return learned.delete()[0]
