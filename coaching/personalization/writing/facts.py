"""What may be said of a person: facts with their evidence, from what they told and what was measured.

What the person called wrong, what is too old, what reads like an order to a machine and what belongs to a
crisis is left out here, so that no writer ever sees it.
"""

import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.text import slugify

from accounts.models import User
from coaching import safety
from coaching.learning_permission import may_learn
from coaching.models import (
    CoachingProfile,
    CommunicationStyle,
    Consultation,
    ConsultationStatus,
    DetailLevel,
    DisputedFact,
    EmojiPreference,
    Preferences,
    UserType,
)
from coaching.personalization import injection
from coaching.personalization.behavior import BehavioralTracker
from coaching.personalization.behavior.metrics import NUMBERS, BehavioralMetrics
from coaching.personalization.sentences import Evidence, EvidenceKind, expiry_of
from coaching.toolkit import known_fields

from . import wording
from .likeness import meaning, say_the_same
from .user_types import decide
from .wording import cleaned, safe_name

logger = logging.getLogger(__name__)
# Figures measured so many days ago are still the person's figures.
FIGURES_HOLD_DAYS = 7
TOPICS = ("goals", "training", "meals", "challenges", "past_failures", "preferences")
# What plausibly changes within six months, by the kind of item.
OBSERVATIONS = {
    *("timeframe", "frequency", "duration", "limit", "pattern", "activity", "obstacle", "moment"),
    *("schedule", "room", "time_of_day", "difficulty", "metric", "known"),
}
# Of the picture of a person, what a prompt tells: the other fields stand in the context anyway.
TOLD_FIELDS = ("best_performing_habits", "struggle_patterns", "peak_productivity_times")
KEY_LENGTH = 120
SAME_FACT = 0.6  # share of common words from which two keys of a topic name the same fact


@dataclass(frozen=True)
class Fact:
    """One thing known. `kind` says what it is about within its topic; `value` is it in short."""

    key: str
    topic: str
    kind: str
    value: str
    evidence: tuple[Evidence, ...]

    @property
    def is_observation(self) -> bool:
        return self.kind in OBSERVATIONS

    @property
    def quote(self) -> str:
        """The newest words of the person that show it, or ""."""
        said = [each.text for each in self.evidence if each.kind == EvidenceKind.QUOTE]
        return said[-1] if said else ""


@dataclass(frozen=True)
class OwnWords:
    """What the person says instead of something the coach had said."""

    key: str
    text: str
    at: datetime


@dataclass(frozen=True)
class Material:
    """All that a writer is given. `name` is empty when there is none to be used."""

    seed: str
    name: str
    user_type: UserType
    type_evidence: tuple[Evidence, ...]
    facts: tuple[Fact, ...]
    own_words: tuple[OwnWords, ...] = ()
    disputed: frozenset[str] = frozenset()
    behavioral_data: dict[str, Any] = field(default_factory=dict)

    def of(self, *topics: str) -> list[Fact]:
        return [fact for fact in self.facts if fact.topic in topics]


def gather(user: User, *, now: datetime) -> Material | None:
    """What is known of `user`, or `None` for somebody who has had no consultation."""
    consultation = (
        Consultation.objects.filter(user=user, status=ConsultationStatus.COMPLETED)
        .order_by("-completed_at", "-pk")
        .first()
    )
    if consultation is None:
        return None
    disputes = list(DisputedFact.objects.filter(user=user).order_by("pk"))
    disputed = frozenset(row.fact_key for row in disputes)
    facts = [*_said(consultation, now), *_at_sign_up(user), *_chosen(user)]
    behavioral_data: dict[str, Any] = {}
    if may_learn(user):
        behavioral_data = _figures(user, now)
        facts += [*_measured(behavioral_data, now), *_known(user, now)]
    usable = tuple(fact for fact in _merged(facts) if _is_usable(fact, disputed, now))
    training = [fact for fact in usable if fact.topic == "training"]
    user_type, type_evidence = decide(
        [each for fact in training for each in fact.evidence if each.kind == EvidenceKind.QUOTE]
    )
    return Material(
        seed=str(user.pk),
        name=safe_name(user.name),
        user_type=user_type,
        type_evidence=type_evidence,
        facts=usable,
        own_words=own_words(disputes),
        disputed=disputed,
        behavioral_data=behavioral_data,
    )


def _figures(user: User, now: datetime) -> dict[str, Any]:
    """The person's figures as measured within the last days, or measured now."""
    profile = CoachingProfile.objects.filter(user=user).first()
    stored = dict(profile.behavioral_data) if profile else {}
    known = BehavioralMetrics.from_json(stored)
    if known is not None and (now.date() - known.until).days <= FIGURES_HOLD_DAYS:
        return stored
    measured = BehavioralTracker().metrics_of(user, now=now)
    return stored if measured is None or measured.is_empty else measured.to_json()


def own_words(disputes: Iterable[DisputedFact]) -> tuple[OwnWords, ...]:
    """The person's own sentences, one for each edit, though an edit may have replaced several facts."""
    found: dict[str, OwnWords] = {}
    for row in disputes:
        if row.own_words:
            found.setdefault(row.own_words, OwnWords(row.fact_key, row.own_words, row.created_at))
    return tuple(found.values())


def is_disputed(key: str, disputed: Iterable[str]) -> bool:
    """Whether `key` names a fact that was called wrong, also in slightly other words."""
    topic, _, words = key.partition(":")
    mine = set(words.split("-"))
    for other in disputed:
        other_topic, _, other_words = other.partition(":")
        if key == other:
            return True
        if topic != other_topic or topic not in TOPICS:
            continue
        theirs = set(other_words.split("-"))
        if len(mine & theirs) / len(mine | theirs) >= SAME_FACT:
            return True
    return False


def _said(consultation: Consultation, now: datetime) -> Iterator[Fact]:
    for topic in TOPICS:
        items = consultation.extracted.get(topic)
        for item in items if isinstance(items, list) else []:
            if isinstance(item, Mapping) and (fact := _of_item(topic, item, consultation)):
                yield fact


_EMPTY = re.compile(
    r"^(?:h+m+,? |well,? |i )*(?:(?:i'm |im )?(?:not|un) ?(?:really )?(?:so )?sure\b.*|(?:can't|cant|cannot) think of\b.*|"
    r"(?:do not|don't|dont|wouldn't) (?:really )?know\b.*|whatever|no idea|idk|nothing(?: really| special| much)?|none|"
    r"never tried(?: anything)?|n/?a|no|nope|not much|maybe|dunno)[.!?…]*$",
    re.IGNORECASE,
)
_NOT_TO_BE_TALKED_ABOUT = re.compile(
    r"(?:\b(?:not|dont|never|rather not|no)|n't) (?:want to |like to |wish to )?(?:talk|speak|discuss|be asked)\b",
    re.IGNORECASE,
)


def _of_item(topic: str, item: Mapping[str, Any], consultation: Consultation) -> Fact | None:
    value, quote = cleaned(str(item.get("value") or "")), cleaned(str(item.get("quote") or ""))
    kind = str(item.get("kind") or "")
    if not (value or quote) or kind == "nothing":
        return None
    if topic == "preferences" and not item.get("message_id"):
        return None  # a choice in Settings, which is told as such
    if wording.has_link(str(item.get("quote") or "")) or _EMPTY.match(quote or value):
        return None
    if _NOT_TO_BE_TALKED_ABOUT.search(quote):
        topic, kind, value = "preferences", "boundary", quote
    at = parse_datetime(str(item.get("at") or "")) or consultation.completed_at
    if at is not None and at.tzinfo is None:
        at = None
    key = _key(topic, value or quote)
    evidence = Evidence(
        EvidenceKind.QUOTE,
        quote or value,
        at or consultation.started_at,
        str(item.get("message_id") or ""),
        key,
    )
    return Fact(key, topic, kind, value or quote, (evidence,))


_AND_TIME = re.compile(
    r"[,;.]\s+(?:and )?(?:i|i've) (?:only |also |just )?(?:have|got|can)\b.*$", re.I | re.S
)


def bare_goal(stated: str) -> str:
    """A goal written at sign-up, without how much time there is for it: "Run a 5K, I have 45 minutes a day"."""
    return _AND_TIME.sub("", stated.strip()).rstrip(".")


def _at_sign_up(user: User) -> Iterator[Fact]:
    if goal := cleaned(bare_goal(user.stated_goal)):
        key = _key("goals", goal)
        said = Evidence(EvidenceKind.QUOTE, goal, user.created_at, "sign_up", key)
        yield Fact(key, "goals", "goal", goal, (said,))


_CHOSEN: dict[str, dict[str, str]] = {
    "communication_style": {
        CommunicationStyle.CONCISE: "to the point",
        CommunicationStyle.DETAILED: "thorough",
        CommunicationStyle.DIRECT: "direct, without padding",
    },
    "detail_level": {
        DetailLevel.MINIMAL: "only the essentials",
        DetailLevel.COMPREHENSIVE: "the whole picture",
    },
    "emoji_preference": {
        EmojiPreference.NEVER: "no emoji",
        EmojiPreference.OFTEN: "emoji are welcome",
    },
}


def _chosen(user: User) -> Iterator[Fact]:
    """What the person chose in Settings; what is as it came says nothing."""
    preferences = Preferences.objects.filter(user=user).first()
    for name, words in _CHOSEN.items():
        value = words.get(getattr(preferences, name, ""))
        if preferences is None or value is None:
            continue
        key = f"settings:{name}"
        evidence = Evidence(
            EvidenceKind.QUOTE, f"Chosen in Settings: {value}", preferences.updated_at, key, key
        )
        yield Fact(key, "preferences", name, value, (evidence,))


def _measured(data: Mapping[str, Any], now: datetime) -> Iterator[Fact]:
    metrics = BehavioralMetrics.from_json(data) if data else None
    if metrics is None:
        return

    def fact(name: str, value: str, words: str, sources: int) -> Fact:
        key = f"metric:{name}"
        evidence = Evidence(EvidenceKind.METRIC, words, now, name, key, sources)
        return Fact(key, "behavior", "metric", value, (evidence,))

    if metrics.days >= NUMBERS.enough_days:
        share = f"{metrics.days_logged} of {metrics.days} days"
        yield fact("logging", share, f"Logged something on {share}", metrics.days)
    if metrics.days_asked >= NUMBERS.enough_days:
        share = f"{metrics.days_in_target} of {metrics.days_asked} days"
        yield fact("adherence", share, f"In target on {share}", metrics.days_asked)
    if metrics.longest_streak >= NUMBERS.enough_days:
        run = f"{metrics.longest_streak} days"
        yield fact("streak", run, f"Longest run: {run} in a row", metrics.longest_streak)
    for pattern in metrics.failure_patterns:
        seen = f"{pattern.times} of {pattern.of} times"
        yield fact(pattern.key, pattern.name, f"{pattern.name}: {seen}", pattern.times)


def _known(user: User, now: datetime) -> Iterator[Fact]:
    """Of what the domains know by watching, what changes how one coaches."""
    for known_field in known_fields:
        if known_field.name not in TOLD_FIELDS:
            continue
        try:
            known = known_field.read(user, now)
        except Exception:
            # One domain's mistake must not leave the person without a prompt.
            logger.exception("known_field_failed key=%s", known_field.key)
            continue
        if known is None:
            continue
        key = f"known:{known_field.name}"
        words = cleaned(known.words)
        shown = "; ".join(cleaned(each) for each in known.evidence)
        evidence = Evidence(
            EvidenceKind.METRIC, shown, now, known_field.key, key, len(known.evidence)
        )
        yield Fact(key, "behavior", "known", f"{known_field.name}|{words}", (evidence,))


def _key(topic: str, words: str) -> str:
    slug = slugify(words, allow_unicode=True) or "said"
    return f"{topic}:{slug}"[:KEY_LENGTH].rstrip("-")


def _merged(facts: Iterable[Fact]) -> list[Fact]:
    """The same thing said several times is one fact with several sources."""
    merged: dict[str, Fact] = {}
    for fact in facts:
        twin = next((key for key, other in merged.items() if _is_twin(fact, other)), None)
        if twin is None:
            merged[fact.key] = fact
            continue
        before = merged[twin]
        if meaning(fact.value) > meaning(before.value):  # told again, and more fully
            merged = {key: fact if key == twin else other for key, other in merged.items()}
            merged = {other.key: other for other in merged.values()}
            earlier = [replace(each, fact=fact.key) for each in before.evidence]
            merged[fact.key] = replace(fact, evidence=(*earlier, *fact.evidence))
            continue
        known = {(each.ref, each.text) for each in before.evidence}
        new = [
            replace(each, fact=twin) for each in fact.evidence if (each.ref, each.text) not in known
        ]
        # The words to quote come last: those that say more.
        says_less = meaning(fact.value) < meaning(before.value)
        both = (*new, *before.evidence) if says_less else (*before.evidence, *new)
        merged[twin] = replace(before, evidence=both)
    return list(merged.values())


def _is_twin(fact: Fact, other: Fact) -> bool:
    """Whether both say the same: in nearly the same words, or the one within what the other says."""
    if fact.topic != other.topic:
        return False
    if fact.key == other.key or is_disputed(fact.key, [other.key]):
        return True
    return fact.kind == other.kind and say_the_same(fact.value, other.value)


def _is_usable(fact: Fact, disputed: frozenset[str], now: datetime) -> bool:
    if is_disputed(fact.key, disputed):
        return False
    until = expiry_of(fact.evidence, is_observation=fact.is_observation)
    if until is not None and until <= now:
        return False
    words = " ".join([fact.value, *(each.text for each in fact.evidence)])
    if fact.topic == "preferences" and injection.targets_somebody(words):
        return False
    if injection.is_injection(words):
        logger.warning("prompt_fact_left_out key_topic=%s reason=injection", fact.topic)
        return False
    return safety.screen(words) is None


_WEIGHT = re.compile(
    r"(?<!lift )(?<!lifting )\b(?:weigh(?:t|s|ing|ed)?(?![ -]?(?:lift|train|room))|calori\w*|kcal|kilos?|kg|pounds?|lbs?|bmi|body fat|diet pills?|lose \d+|slimm?\w*)\b",
    re.IGNORECASE,
)


# What the consultation notes when food and weight had better be left alone.
FOOD_LEFT_OUT = "leave food and weight out of the coaching"


def closes_food(fact: Fact) -> bool:
    """Whether food and weight are to be left out of the coaching altogether."""
    return fact.kind == "boundary" and fact.value == FOOD_LEFT_OUT


def is_about_weight(fact: Fact) -> bool:
    """Whether it speaks of weight or calories, which a prompt names without any figure."""
    if closes_food(fact):
        return False
    return bool(_WEIGHT.search(" ".join([fact.value, *(each.text for each in fact.evidence)])))
