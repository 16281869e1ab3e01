"""What a message is about: the intents of the product, each with a confidence.

Every intent has patterns with a weight; the weights that match combine like independent evidence. Slips of
the keyboard are mended first. A few precedences settle sentences that speak for two intents.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from .intent_patterns import PATTERNS
from .spelling import Speller
from .vocabulary import VOCABULARY
from .wording import plain


class Intent(StrEnum):
    CREATE_GOAL = "create_goal"
    HABIT_SEQUENCE = "habit_sequence"
    ANALYZE_PROGRESS = "analyze_progress"
    STRUGGLING = "struggling"
    FIND_TIME = "find_time"
    PREDICT_SUCCESS = "predict_success"
    SHOW_CHART = "show_chart"
    SET_REMINDER = "set_reminder"
    ABOUT_ME = "about_me"
    SMALL_TALK = "small_talk"
    MOTIVATION = "motivation"
    CAPABILITIES = "capabilities"
    GREETING = "greeting"
    THANKS = "thanks"
    GOODBYE = "goodbye"
    DECLINE_MEDICAL = "decline_medical"
    DECLINE_FINANCIAL = "decline_financial"
    YES = "yes"
    NO = "no"
    COMPLETE_HABIT = "complete_habit"
    FORGET = "forget"
    STOP = "stop"
    UNDO = "undo"
    MANAGE = "manage"
    TODAY = "today"
    INSULT = "insult"
    INSTRUCTIONS = "instructions"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Guess:
    """An intent and how sure the reading is, from 0 to 1."""

    intent: Intent
    confidence: float


THRESHOLD = 0.4
_EACH = {
    Intent(name): [(weight, re.compile(pattern)) for weight, pattern in patterns]
    for name, patterns in PATTERNS.items()
}
_speller = Speller(VOCABULARY)
# A greeting or thanks before a wish is only its wrapping.
# Where both of a pair are likely, the first is meant.
_PRECEDENCE = [
    (Intent.DECLINE_MEDICAL, Intent.STRUGGLING),
    (Intent.DECLINE_MEDICAL, Intent.CREATE_GOAL),
    (Intent.DECLINE_FINANCIAL, Intent.FIND_TIME),
    (Intent.DECLINE_FINANCIAL, Intent.CREATE_GOAL),
    (Intent.DECLINE_FINANCIAL, Intent.HABIT_SEQUENCE),
    (Intent.DECLINE_MEDICAL, Intent.HABIT_SEQUENCE),
    (Intent.DECLINE_MEDICAL, Intent.ANALYZE_PROGRESS),
    (Intent.INSTRUCTIONS, Intent.FORGET),
    (Intent.INSTRUCTIONS, Intent.CAPABILITIES),
    (Intent.MANAGE, Intent.SET_REMINDER),
    (Intent.MANAGE, Intent.STRUGGLING),
    (Intent.MANAGE, Intent.FORGET),
    (Intent.MANAGE, Intent.FIND_TIME),
    (Intent.TODAY, Intent.ABOUT_ME),
    (Intent.TODAY, Intent.ANALYZE_PROGRESS),
    (Intent.INSULT, Intent.STRUGGLING),
    (Intent.FORGET, Intent.ABOUT_ME),
    (Intent.SET_REMINDER, Intent.COMPLETE_HABIT),
    (Intent.SET_REMINDER, Intent.CREATE_GOAL),
    (Intent.SHOW_CHART, Intent.ANALYZE_PROGRESS),
    (Intent.HABIT_SEQUENCE, Intent.CREATE_GOAL),
    (Intent.STOP, Intent.SET_REMINDER),
    (Intent.MOTIVATION, Intent.STRUGGLING),
]
_WRAPPING = {
    Intent.GREETING,
    Intent.THANKS,
    Intent.YES,
    Intent.NO,
    Intent.GOODBYE,
    Intent.SMALL_TALK,
}


@lru_cache(maxsize=512)
def mended(text: str) -> str:
    """The text in lower case with contractions written out and slips mended, for matching cues."""
    return _speller.mend(plain(text))


@lru_cache(maxsize=512)
def guesses(text: str) -> tuple[Guess, ...]:
    """Every intent that something speaks for, the likeliest first."""
    text = mended(text)
    scores: dict[Intent, float] = {}
    for intent, patterns in _EACH.items():
        doubt = 1.0
        for weight, pattern in patterns:
            if pattern.search(text):
                doubt *= 1 - weight
        if doubt < 1:
            scores[intent] = 1 - doubt
    if any(score >= 0.5 for intent, score in scores.items() if intent not in _WRAPPING):
        for intent in _WRAPPING & scores.keys():
            scores[intent] *= 0.45
    for stronger, weaker in _PRECEDENCE:
        if scores.get(stronger, 0.0) >= 0.6 and weaker in scores:
            scores[weaker] *= 0.5
    ranked = sorted(scores.items(), key=lambda item: (-item[1], list(Intent).index(item[0])))
    return tuple(Guess(intent, round(score, 3)) for intent, score in ranked)


def intent_of(text: str) -> Guess:
    """The likeliest intent, or `unknown` when nothing speaks clearly for one."""
    ranked = guesses(text)
    if ranked and ranked[0].confidence >= THRESHOLD:
        return ranked[0]
    return Guess(Intent.UNKNOWN, round(1 - (ranked[0].confidence if ranked else 0.0), 3))
