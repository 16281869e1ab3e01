"""The built-in way to sum up: by rules, from intents, tones, promises and what was done. Invents nothing."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from coaching.language import (
    Emotion,
    Intent,
    goal_category,
    intent_of,
    parse_goal,
    parse_obstacle,
    tone,
)
from coaching.models import MemoryType

from .extraction.clauses import statements
from .extraction.rules import kind_of


@dataclass(frozen=True, slots=True)
class Numbers:
    """How much is kept (ours): items of a list, words of a quote, and tones needed for a level of motivation.

    `alone` is how clear a single remark must be to be the tone of a day.
    `clear` is the mean tone, -1 to 1, from which a day is called positive or negative.
    """

    topics: int = 6
    items: int = 5
    quote: int = 160
    toned_messages: int = 3
    clear: float = 0.15
    alone: float = 0.75
    whole: int = 600


NUMBERS = Numbers()
_SENTENCE_ENDS = re.compile(r"(?<=[.!?…])\s+|\n+")
_TOPICS = {
    Intent.HABIT_SEQUENCE: "a plan",
    Intent.ANALYZE_PROGRESS: "how it is going",
    Intent.SHOW_CHART: "how it is going",
    Intent.STRUGGLING: "what is hard",
    Intent.FIND_TIME: "finding time",
    Intent.PREDICT_SUCCESS: "chances",
    Intent.SET_REMINDER: "reminders",
    Intent.MOTIVATION: "motivation",
    Intent.COMPLETE_HABIT: "what got done",
    Intent.TODAY: "the day's habits",
    Intent.MANAGE: "changing a habit",
}
_GOALS = (Intent.CREATE_GOAL, Intent.HABIT_SEQUENCE)
# A goal reads "run 5 km"; a sentence about somebody is none.
_SENTENCE = re.compile(r"(?:i|my|it|we|you)\b|.*\b(?:is|are|was|am)\b", re.I)
_LOW = (Emotion.FRUSTRATED, Emotion.DISCOURAGED, Emotion.ANXIOUS)


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn: what was said, and the sentences of what the coach did in it."""

    is_person: bool
    text: str
    done: tuple[str, ...] = ()


@dataclass
class Digest:
    """The content of a summary; a field is empty when nothing was said about it."""

    key_topics: list[str] = field(default_factory=list)
    main_insights: str = ""
    user_progress: str = ""
    challenges_discussed: list[str] = field(default_factory=list)
    commitments_made: list[str] = field(default_factory=list)
    overall_sentiment: str = ""
    user_motivation_level: int | None = None
    ai_summary: str = ""


def of_turns(
    turns: Sequence[Turn], *, insights: Sequence[str] = (), promises: Sequence[str] = ()
) -> Digest:
    """What a day's turns come to."""
    said = [turn.text for turn in turns if turn.is_person and turn.text.strip()]
    digest = Digest(
        key_topics=_topics(said),
        main_insights=_joined(insights),
        user_progress=_joined([*_done(turns), *_proud(said)]),
        challenges_discussed=_unique(
            _quote(part) for text in said for part in _sentences_of(text) if _is_hard(part)
        ),
        commitments_made=_unique(promises),
    )
    digest.overall_sentiment, digest.user_motivation_level = _mood(said)
    digest.ai_summary = _sentences(digest, len(said))
    return digest


def of_days(parts: Sequence[Digest]) -> Digest:
    """What several summaries come to together: a week from its days, a month from its weeks."""
    topics = Counter(topic for part in parts for topic in part.key_topics)
    levels = [part.user_motivation_level for part in parts if part.user_motivation_level]
    digest = Digest(
        key_topics=[topic for topic, _ in topics.most_common(NUMBERS.topics)],
        main_insights=_joined([part.main_insights for part in parts]),
        user_progress=_joined([part.user_progress for part in parts]),
        challenges_discussed=_unique(text for part in parts for text in part.challenges_discussed),
        commitments_made=_unique(text for part in parts for text in part.commitments_made),
        overall_sentiment=_together([part.overall_sentiment for part in parts]),
        user_motivation_level=round(sum(levels) / len(levels)) if levels else None,
    )
    digest.ai_summary = _sentences(digest)
    return digest


def _topics(said: Sequence[str]) -> list[str]:
    found: Counter[str] = Counter()
    for text in said:
        goal = parse_goal(text)
        intent = intent_of(text).intent
        if goal is not None and intent in _GOALS and not _SENTENCE.match(goal.words):
            found[_short(goal.words, 60)] += 2
        if topic := _TOPICS.get(intent):
            found[topic] += 1
        elif category := goal_category(text):
            found[str(category)] += 1
    return [topic for topic, _ in found.most_common(NUMBERS.topics)]


def _done(turns: Sequence[Turn]) -> list[str]:
    return [sentence for turn in turns for sentence in turn.done if sentence]


def _proud(said: Sequence[str]) -> list[str]:
    return [
        _quote(part)
        for text in said
        for part in _sentences_of(text)
        if tone(part).emotion is Emotion.PROUD
        or MemoryType.VICTORY in {kind_of(clause) for clause in statements(part)}
    ]


def _sentences_of(text: str) -> list[str]:
    """The sentences of a message, so that only the one that says it is quoted."""
    return [part.strip() for part in _SENTENCE_ENDS.split(text) if part.strip()]


def _is_hard(text: str) -> bool:
    """Whether a sentence tells of a difficulty; what somebody merely dislikes is none."""
    kinds = {kind_of(clause) for clause in statements(text)}
    if MemoryType.STRUGGLE in kinds:
        return True
    if kinds & {MemoryType.PREFERENCE, MemoryType.VICTORY}:
        return False
    heard = tone(text)
    return (
        intent_of(text).intent is Intent.STRUGGLING
        or (parse_obstacle(text) is not None and heard.score < 0)
        or heard.emotion in _LOW
    )


def _mood(said: Sequence[str]) -> tuple[str, int | None]:
    tones = [tone(text) for text in said]
    if not tones:
        return "", None
    toned = [heard.score for heard in tones if heard.emotion is not Emotion.NEUTRAL]
    # One remark that sounds a little annoyed is not the tone of a day.
    if not toned or (len(toned) == 1 and abs(toned[0]) < NUMBERS.alone):
        return "neutral", None
    mean = sum(toned) / len(toned)
    if min(toned) < -NUMBERS.clear and max(toned) > NUMBERS.clear:
        words = "mixed"
    elif mean >= NUMBERS.clear:
        words = "positive"
    else:
        words = "negative" if mean <= -NUMBERS.clear else "neutral"
    if len(toned) < NUMBERS.toned_messages:
        return words, None
    return words, max(1, min(10, round(5.5 + 4.5 * mean)))


def _together(sentiments: Iterable[str]) -> str:
    known = {sentiment for sentiment in sentiments if sentiment}
    if not known or len(known) == 1:
        return next(iter(known), "")
    known.discard("neutral")
    return next(iter(known)) if len(known) == 1 else "mixed"


def _sentences(digest: Digest, messages: int | None = None) -> str:
    said = []
    if digest.key_topics:
        said.append(f"About: {_listed(digest.key_topics)}.")
    elif messages is not None:
        said.append(f"A short talk of {messages} {'message' if messages == 1 else 'messages'}.")
    else:
        said.append("Talked without a clear topic.")
    if digest.user_progress:
        said.append(f"Progress: {_short(digest.user_progress, NUMBERS.whole // 2)}")
    if digest.challenges_discussed:
        said.append(_stopped(f"Hard: {'; '.join(digest.challenges_discussed[:2])}"))
    if digest.commitments_made:
        said.append(_stopped(f"Promised: {'; '.join(digest.commitments_made[:3])}"))
    if digest.main_insights:
        said.append(f"Insight: {_short(digest.main_insights, NUMBERS.whole // 2)}")
    if digest.overall_sentiment in ("positive", "negative", "mixed"):
        words = {"positive": "hopeful", "negative": "low", "mixed": "mixed"}
        said.append(f"The tone was {words[digest.overall_sentiment]}.")
    return " ".join(said)


def _quote(text: str) -> str:
    words = " ".join(text.split())
    return f"“{_short(words.rstrip('.') if not words.endswith('...') else words, NUMBERS.quote)}”"


def _stopped(text: str) -> str:
    """A sentence with one full stop at its end, also behind a quotation that has its own."""
    return text if text.rstrip('”"').endswith((".", "!", "?", "…")) else f"{text}."


def _short(text: str, longest: int) -> str:
    if len(text) <= longest:
        return text
    return text[: longest - 1].rsplit(" ", 1)[0].rstrip(" ,;") + "…"


def _unique(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(text for text in texts if text))[: NUMBERS.items]


def _joined(texts: Iterable[str]) -> str:
    sentences = [text.strip() for text in _unique(texts)]
    ended = [text if text[-1] in ".!?”…" else f"{text}." for text in sentences]
    return _short(" ".join(ended), NUMBERS.whole)


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
