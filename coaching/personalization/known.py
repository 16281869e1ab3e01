"""What the coach itself knows of a person: what they set, what they said, and how they answer.

Facts from words carry the words. Stress, sleep, support and fitness are said by the person or stay
unknown; nothing is concluded about anybody's health.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from accounts.models import User
from coaching.language import parse_minutes_per_day
from coaching.models import (
    Commitment,
    CommitmentStatus,
    CommunicationStyle,
    Consultation,
    ConsultationStatus,
    DetailLevel,
    EpisodicMemory,
    InteractionPattern,
    LearnedPreference,
    MemoryStatus,
    Message,
    MessageRole,
    Preferences,
)
from coaching.outreach.patterns import usual_hours_in_words
from coaching.toolkit import Known, known_field, read_once

from . import said_of


@dataclass(frozen=True, slots=True)
class SaidConstants:
    """How much is read and when it is enough (all ours).

    Attributes:
        memories: at most so many of a person's newest memories are searched.
        quotes: at most so many quotes are given as evidence of one fact.
        quote_length: characters of a quote that are shown.
        one_said, some_said, often_said: confidence with one, two to four, five and more sources.
        fresh_days: days for which what somebody said of their stress or sleep holds.
        tone_days, tone_messages: days looked back over for tone, and messages needed.
        tone_share: share of messages with strain in them from which it is worth a word.
        remarks: remarks about reasons before a style of motivation is named.
        promises: promises that came to an end before they are counted.
    """

    memories: int = 300
    quotes: int = 3
    quote_length: int = 160
    one_said: float = 0.5
    some_said: float = 0.7
    often_said: float = 0.9
    fresh_days: int = 30
    tone_days: int = 14
    tone_messages: int = 8
    tone_share: float = 0.35
    remarks: int = 5
    promises: int = 3


CONSTANTS = SaidConstants()


@dataclass(frozen=True, slots=True)
class Said:
    """Something the person told: their own words, or the sentence that was made of them."""

    words: str
    at: datetime

    def quoted(self, user: User) -> str:
        words = " ".join(self.words.split())
        if len(words) > CONSTANTS.quote_length:
            words = words[: CONSTANTS.quote_length].rsplit(" ", 1)[0] + "…"
        local = self.at.astimezone(user.tz)
        return f"“{words}” ({local.day} {local:%b %Y})"


# --- Set by the person ------------------------------------------------------------------------------
def _preferences(user: User) -> Preferences | None:
    preferences: Preferences | None = getattr(user, "preferences", None)
    return preferences


def _setting(preferences: Preferences, name: str, label: str) -> Known:
    is_chosen = name in preferences.chosen
    value: str = getattr(preferences, name)
    how = "your choice in Settings" if is_chosen else "the setting as it came"
    return Known(value, f"{label}.", (f"{label}: {how}",), 1.0 if is_chosen else 0.4)


@known_field("coaching.communication_style", title="How they like to be talked to", is_said=True)
def communication_style(user: User, now: datetime) -> Known | None:
    """The style in Settings, and what was learned of the tone they like."""
    preferences = _preferences(user)
    if preferences is None:
        return None
    style = CommunicationStyle(preferences.communication_style)
    return _setting(preferences, "communication_style", style.label)


@known_field("coaching.detail_preference", title="How much detail they like", is_said=True)
def detail_preference(user: User, now: datetime) -> Known | None:
    """The level of detail in Settings."""
    preferences = _preferences(user)
    if preferences is None:
        return None
    level = DetailLevel(preferences.detail_level)
    return _setting(preferences, "detail_level", level.label)


@known_field("coaching.work_schedule", title="Working hours", is_said=True)
def work_schedule(user: User, now: datetime) -> Known | None:
    """The working hours they set."""
    spans = {
        day: span
        for day, span in (user.work_hours or {}).items()
        if isinstance(span, list) and len(span) == 2
    }
    if not spans:
        return None
    common, days = Counter(f"{span[0]}–{span[1]}" for span in spans.values()).most_common(1)[0]
    words = f"{common} on {days} days" if days > 1 else common
    if days < len(spans):
        words += f", otherwise on {len(spans) - days}"
    return Known(
        spans,
        f"{words}.",
        tuple(f"{day.capitalize()} {a}–{b}" for day, (a, b) in spans.items()),
        1.0,
    )


# --- Said by the person -----------------------------------------------------------------------------
@read_once
def said_by(user: User, now: datetime) -> tuple[Said, ...]:
    """What the person told in their own words, newest first: kept memories and the consultation. Two queries."""
    rows = (
        EpisodicMemory.objects.filter(
            Q(state__expires_at__isnull=True) | Q(state__expires_at__gt=now),
            user=user,
            is_inferred=False,
            state__status=MemoryStatus.KEPT,
            state__valid_until__isnull=True,
            state__archived_at__isnull=True,
        )
        .order_by("-original_timestamp")
        .values_list("quote", "memory_description", "original_timestamp", "state__expires_at")
    )
    found = [
        (Said(quote or text, at), expires)
        for quote, text, at, expires in rows[: CONSTANTS.memories]
    ]
    said = [each for each, expires in found if expires is None or expires > each.at]
    latest = (
        Consultation.objects.filter(user=user, status=ConsultationStatus.COMPLETED)
        .order_by("-completed_at")
        .first()
    )
    if latest is not None:
        at = latest.completed_at or latest.started_at
        said += [Said(words, at) for words in _quotes_in(latest.extracted)]
    # The consultation is read into memories, too: the same words count once.
    once = {_bare(each.words): each for each in said}
    return tuple(sorted(once.values(), key=lambda each: each.at, reverse=True))


def _bare(words: str) -> str:
    return " ".join(re.findall(r"\w+", words.lower()))


def _quotes_in(extracted: Any) -> Iterable[str]:
    """Every quote in what a consultation understood, in whatever shape its topics have."""
    if isinstance(extracted, dict):
        quote = extracted.get("quote")
        if isinstance(quote, str) and quote.strip():
            yield quote
            return
        for value in extracted.values():
            yield from _quotes_in(value)
    elif isinstance(extracted, list):
        for value in extracted:
            yield from _quotes_in(value)


@read_once
def _learned(user: User) -> tuple[LearnedPreference, ...]:
    """Learned preferences the person did not decline."""
    return tuple(
        LearnedPreference.objects.filter(user=user, declined_at__isnull=True).order_by(
            "-confidence", "preference_key"
        )
    )


def _confidence(sources: int) -> float:
    if sources >= 5:
        return CONSTANTS.often_said
    return CONSTANTS.some_said if sources >= 2 else CONSTANTS.one_said


def _from_words(
    user: User,
    now: datetime,
    pattern: re.Pattern[str],
    *,
    within_days: int | None = None,
    but: re.Pattern[str] | None = None,
) -> Known | None:
    """What the person said about something, newest first, quoted and not judged; nothing that `but` matches."""
    since = None if within_days is None else now - timedelta(days=within_days)
    told = [
        each
        for each in said_by(user, now)
        if (since is None or each.at >= since)
        and pattern.search(each.words)
        and not (but is not None and but.search(each.words))
    ]
    if not told:
        return None
    shown = told[: CONSTANTS.quotes]
    quotes = tuple(each.quoted(user) for each in shown)
    return Known(
        [each.words for each in shown], f"Said {quotes[0]}.", quotes, _confidence(len(told))
    )


@known_field("coaching.stress_level", title="Stress", is_said=True)
def stress_said(user: User, now: datetime) -> Known | None:
    """What they said of their stress lately."""
    return _from_words(user, now, said_of.STRESS, within_days=CONSTANTS.fresh_days)


@known_field("coaching.sleep_quality", title="Sleep", is_said=True)
def sleep_said(user: User, now: datetime) -> Known | None:
    """What they said of their sleep lately."""
    return _from_words(user, now, said_of.SLEEP, within_days=CONSTANTS.fresh_days)


@known_field("coaching.social_support", title="Who is with them", is_said=True)
def support_said(user: User, now: datetime) -> Known | None:
    """Whom they named as being with them, or that nobody is."""
    return _from_words(user, now, said_of.SUPPORT)


@known_field("coaching.fitness_level", title="Fitness", is_said=True)
def fitness_said(user: User, now: datetime) -> Known | None:
    """What they said of their training."""
    return _from_words(user, now, said_of.FITNESS, but=said_of.AHEAD)


@known_field("coaching.financial_habits", title="Money habits", is_said=True)
def money_said(user: User, now: datetime) -> Known | None:
    """What they said of saving and spending."""
    return _from_words(user, now, said_of.MONEY)


@known_field("coaching_words.work_schedule", title="Working hours", is_said=True)
def work_said(user: User, now: datetime) -> Known | None:
    """What they said of their working hours."""
    return _from_words(user, now, said_of.WORK)


@known_field("coaching.available_time", title="Time they have", is_said=True)
def available_time(user: User, now: datetime) -> Known | None:
    """The minutes a day they said they have; the newest words count."""
    for each in said_by(user, now):
        minutes = None
        if said_of.TIME.search(each.words) and said_of.FREE.search(each.words):
            minutes = parse_minutes_per_day(each.words)
        if minutes:
            return Known(
                {"minutes_per_day": minutes},
                f"About {minutes} minutes a day, as told.",
                (each.quoted(user),),
                CONSTANTS.some_said,
            )
    return None


@known_field("coaching.chronotype", title="Morning or evening", is_said=True)
def chronotype_said(user: User, now: datetime) -> Known | None:
    """Which they say they are; the newest words count. Nobody's hours are taken for it."""
    for each in said_by(user, now):
        for kind, pattern in (("morning", said_of.MORNING), ("evening", said_of.EVENING)):
            found = pattern.search(each.words)
            if found and not said_of.NOT.search(each.words[: found.start()]):
                words = (
                    f"A {kind} person, as told."
                    if kind == "morning"
                    else ("An evening person, as told.")
                )
                return Known({"said": kind}, words, (each.quoted(user),), CONSTANTS.often_said)
    return None


@known_field("coaching_rhythm.chronotype", title="Morning or evening")
def usual_active_hours(user: User, now: datetime) -> Known | None:
    """Their usual active hours: a figure of what is done, not a type."""
    pattern: InteractionPattern | None = getattr(user, "interaction_pattern", None)
    if pattern is None:
        return None
    usual = usual_hours_in_words(pattern)
    if usual == "too early to say":
        return None
    agreement = pattern.hours_concentration or 0.0
    return Known(
        {"usual_active_hours": usual},
        "Active at varied hours." if usual == "varied" else f"Usually active {usual}.",
        (f"{pattern.active_days_seen} active days, agreement {agreement:.2f} of 1",),
        round(min(0.85, pattern.confidence_score), 2),
    )


@known_field("coaching_answers.learning_pace", title="Pace of learning")
def mastery(user: User, now: datetime) -> Known | None:
    """How often the same thing had to be said before it was done."""
    pattern: InteractionPattern | None = getattr(user, "interaction_pattern", None)
    if pattern is None or not pattern.concept_mastery_speed:
        return None
    times = pattern.needs_repetition_count
    said = f" after about {times} reminders" if times else ""
    return Known(
        {"speed": pattern.concept_mastery_speed, "repetitions": times},
        f"Takes things up {pattern.get_concept_mastery_speed_display().lower()}{said}.",
        (f"Answers to the same kind of message on {pattern.active_days_seen} active days",),
        round(pattern.confidence_score, 2),
    )


# --- Why they do it ---------------------------------------------------------------------------------
_OWN_REASONS = re.compile(
    r"\b(?:i (?:want|love|enjoy|like|look forward)|matters to me|important to me|because i (?:want|love|enjoy|like|care)|for myself|makes me (?:feel|happy)|i(?:'m| am) (?:curious|excited)|who i (?:am|want to be)|fun)\b",
    re.I,
)
_OTHERS_REASONS = re.compile(
    r"\b(?:i (?:should|ought|have to|must|need to)|supposed to|my (?:doctor|boss|wife|husband|partner|mother|mum|mom|father|dad) (?:wants|says|told|expects)|feel guilty|ashamed|let (?:\w+ )?down|for my (?:boss|doctor)|otherwise they)\b",
    re.I,
)


@known_field("coaching.motivation_style", title="What moves them", is_said=True)
def motivation_style(user: User, now: datetime) -> Known | None:
    """Whether they speak more of wanting or of having to (self-determination theory); abstains when unsure.

    The score is `50 + 50 * (autonomous - controlled) / total`.
    """
    own = [each for each in said_by(user, now) if _OWN_REASONS.search(each.words)]
    others = [each for each in said_by(user, now) if _OTHERS_REASONS.search(each.words)]
    total = len(own) + len(others)
    if total < CONSTANTS.remarks:
        return None
    score = round(50 + 50 * (len(own) - len(others)) / total)
    style = "own reasons" if score >= 65 else "outer reasons" if score <= 35 else "both"
    words = {
        "own reasons": "Mostly speaks of wanting to",
        "outer reasons": "Mostly speaks of having to",
        "both": "Speaks of wanting to and of having to",
    }[style]
    shown = (own if len(own) >= len(others) else others)[: CONSTANTS.quotes]
    return Known(
        {"style": style, "score": score, "own": len(own), "outer": len(others)},
        f"{words} ({len(own)} remarks to {len(others)}).",
        tuple(each.quoted(user) for each in shown),
        round(total / (total + 10), 2),
    )


@known_field("coaching_promises.commitment_level", title="Commitment", is_said=True)
def promises_kept(user: User, now: datetime) -> Known | None:
    """How many of their promises they kept, as they told."""
    ended = Counter(
        Commitment.objects.filter(
            user=user, status__in=(CommitmentStatus.KEPT, CommitmentStatus.MISSED)
        ).values_list("status", flat=True)
    )
    total = ended.total()
    if total < CONSTANTS.promises:
        return None
    kept = ended[CommitmentStatus.KEPT]
    return Known(
        {"promises_kept": kept, "promises": total},
        f"Kept {kept} of {total} promises.",
        (f"{kept} of {total} promises kept",),
        round(total / (total + 5), 2),
    )


# --- How they sound ---------------------------------------------------------------------------------
@known_field("coaching_tone.stress_level", title="Stress")
def strain_in_words(user: User, now: datetime) -> Known | None:
    """How often their last messages sounded strained: a tone of words, no judgement of health."""
    rows = list(
        Message.objects.filter(
            user=user,
            role=MessageRole.USER,
            is_crisis=False,
            conversation__is_temporary=False,
            sentiment_score__isnull=False,
            created_at__gte=now - timedelta(days=CONSTANTS.tone_days),
            created_at__lte=now,
        ).values_list("entities__emotion", flat=True)
    )
    if len(rows) < CONSTANTS.tone_messages:
        return None
    strained = sum(1 for emotion in rows if emotion in ("anxious", "frustrated", "discouraged"))
    share = strained / len(rows)
    words = (
        "Often sounds strained lately."
        if share >= CONSTANTS.tone_share
        else "Seldom sounds strained lately."
    )
    return Known(
        {"strained": strained, "messages": len(rows)},
        words,
        (f"{strained} of {len(rows)} messages in {CONSTANTS.tone_days} days sounded strained",),
        round(min(0.6, len(rows) / (len(rows) + 20)), 2),
    )


# --- Learned preferences ----------------------------------------------------------------------------
_OF_FIELD: dict[str, tuple[str, ...]] = {
    "communication_style": ("communication_style", "coaching_tone"),
    "chronotype": ("chronotype",),
    "motivation_style": ("motivation",),
    "challenge_appetite": ("challenge",),
}


def learned_preferences(user: User, categories: Sequence[str], *, is_said: bool) -> Known | None:
    """What was learned in some categories: said in so many words, or gathered."""
    rows = [
        row
        for row in _learned(user)
        if row.preference_category in categories and row.is_explicit == is_said
    ]
    if not rows:
        return None
    shown = rows[: CONSTANTS.quotes]
    lines = tuple(
        f"{row.preference_key.replace('_', ' ')}: {_in_words(row.preference_value)} "
        f"({row.evidence_count} {'sign' if row.evidence_count == 1 else 'signs'})"
        for row in shown
    )
    return Known(
        {row.preference_key: row.preference_value for row in shown},
        f"{'Said' if is_said else 'Seems to be'}: {'; '.join(lines)}.",
        lines,
        round(shown[0].confidence, 2),
    )


def _in_words(value: Any) -> str:
    if value is True:
        return "yes"
    if value is False:
        return "no"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)


def _declare(name: str, categories: tuple[str, ...]) -> None:
    for is_said, app in ((True, "coaching_said"), (False, "coaching_learned")):

        def read(user: User, now: datetime, is_said: bool = is_said) -> Known | None:
            return learned_preferences(user, categories, is_said=is_said)

        known_field(f"{app}.{name}", title=name.replace("_", " ").capitalize(), is_said=is_said)(
            read
        )


for _name, _categories in _OF_FIELD.items():
    _declare(_name, _categories)
