"""The built-in interviewer: one question at a time, by rules, from what was said so far.

It reads the message, hands back what it understood, and says the next thing. It never asks about what is
known, declined or left out, and whatever it says goes back to the one open question.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID
from zlib import crc32

from coaching.language import foreign_language
from coaching.llm.builtin.variation import Variation
from coaching.personalization.writing.facts import FOOD_LEFT_OUT

from . import boundaries, phrases
from .boundaries import Advice
from .cues import (
    Move,
    declined_topic,
    is_chat,
    is_question,
    move_of,
    says_something,
    wants_to_go_on,
)
from .extraction import Found, extract
from .questions import (
    FOLLOW_UPS,
    MOST_TRIES,
    QUESTIONS,
    Question,
    capitalized,
    joined,
    next_question,
    said_so_far,
    worded,
)
from .topics import TITLES, Interview, Item, Kind, Topic, TopicState, Understood, standing

# Marks in `asked` that it was said that there is enough.
ENOUGH_SAID = "enough"
# Characters of a value up to which it is said back.
SAID_BACK = 80
WORDS_OF_A_SENTENCE = 3


@dataclass
class Talk:
    """The state that a message meets; `understood` and `interview` are changed by answering it."""

    understood: Understood
    interview: Interview
    today: date
    name: str = ""
    locale: str = "en"
    southern: bool = False
    avoid: str = ""
    turns: int = 0
    added: list[tuple[Topic, Item]] = field(default_factory=list)

    @property
    def question(self) -> Question | None:
        return QUESTIONS.get(self.interview.question)

    def vary(self, text: str) -> Variation:
        return Variation(crc32(f"{self.turns}\x1e{text}".encode()), self.avoid)


def opening(talk: Talk) -> str:
    """The first words, which say what this is and who asks, with the first question."""
    hello = phrases.HELLO.format(name=f" {talk.name}" if talk.name else "")
    return f"{hello}\n\n{_next(talk, talk.vary(talk.name))}"


def understand(talk: Talk, text: str, *, message_id: UUID, at: datetime) -> None:
    """Takes in what a message says: items, what is declined, what a guardrail closes. Says nothing."""
    if boundaries.closes_food(text):
        boundaries.leave_food_out(talk.understood, talk.interview)
    move = move_of(text)
    declined = declined_topic(text, _topic(talk)) if move == Move.DECLINE else None
    if declined is not None and declined not in talk.interview.declined:
        talk.interview.declined.append(declined)
    found = [] if move in _SAYS_NOTHING else _found(talk, text)
    if talk.interview.question == "goals.still" and found and _NOT_ANY_MORE.search(text):
        talk.understood.items.pop(Topic.GOALS, None)
    take_in(talk, [(each.topic, each.item(message_id, at)) for each in found])
    if boundaries.closes_food(text):
        quote = text.strip()[:300]
        boundary = Item(Kind.BOUNDARY, FOOD_LEFT_OUT, quote, message_id, at)
        talk.understood.add(Topic.PREFERENCES, [boundary])


_NOT_ANY_MORE = re.compile(r"^\W*(?:no|nope|nah|not (?:really|any ?more))\b", re.I)
_SAYS_NOTHING = {*Move} - {Move.WHO, Move.WHY, Move.PRIVACY, Move.PAUSE, Move.FINISH}


def take_in(talk: Talk, items: list[tuple[Topic, Item]]) -> None:
    """Adds items that may be kept, and that the person did not take out before."""
    for topic, item in items:
        if boundaries.may_be_kept(topic, item, talk.interview) and not _was_removed(talk, item):
            talk.added += [(topic, each) for each in talk.understood.add(topic, [item])]
            if topic in talk.interview.passed:
                talk.interview.passed.remove(topic)


def after_a_rest(talk: Talk, text: str) -> str:
    """What is said to somebody whose questions rest since a crisis: they go on when the person says so."""
    if not wants_to_go_on(text):
        return phrases.STILL_HERE
    talk.interview.is_resting = False
    variation = talk.vary(text)
    return variation.of(phrases.AFTER_A_REST).format(again=_Again(talk, variation))


def replace_by_model(
    talk: Talk,
    items: list[tuple[Topic, Item]],
    *,
    settled: Sequence[str],
    declined: Sequence[str],
    message_id: UUID,
) -> None:
    """Puts what a model understood of a message in the place of what the rules understood of it.

    What a guardrail closed stays closed, and a boundary stays. Where the model found nothing, the rules stand.
    """
    for name in declined:
        if Topic(name) not in talk.interview.declined:
            talk.interview.declined.append(Topic(name))
    if items:
        for topic, kept in talk.understood.items.items():
            kept[:] = [
                item
                for item in kept
                if item.message_id != message_id
                or item.kind == Kind.BOUNDARY
                or topic not in {each for each, _ in items}
            ]
        take_in(talk, items)
    states = standing(talk.understood, talk.interview).topics
    for name in settled:
        if states[Topic(name)] == TopicState.OPEN:
            talk.interview.passed.append(Topic(name))


def _was_removed(talk: Talk, item: Item) -> bool:
    return f"{item.message_id}:{item.value.casefold()}" in talk.interview.removed


def reply(talk: Talk, text: str, *, message_id: UUID, at: datetime) -> str:
    """What the interviewer says to a message that was taken in by `understand`."""
    variation = talk.vary(text)
    move = move_of(text)
    again = _Again(talk, variation)
    if (language := foreign_language(text)) is not None and not talk.added:
        line = phrases.FOREIGN.get(language, "")
        return f"{line} {phrases.ENGLISH_BEST.format(again=again)}".strip()
    if boundaries.is_urgent(text):
        return f"{phrases.URGENT}\n\n{_next(talk, variation) or again}"
    if boundaries.closes_food(text):
        words = phrases.UNDER_AGE if boundaries.says_under_age(text) else phrases.FOOD_LEFT_OUT
        return f"{words} {_go_on(talk, variation)}"
    advice = boundaries.advice_wanted(text)
    if advice is not None and (is_question(text) or not talk.added):
        wordings = phrases.MEDICAL if advice == Advice.MEDICAL else phrases.FINANCIAL
        return variation.of(wordings).format(again=again)
    if move in _BACK_TO_THE_QUESTION:
        return variation.of(_BACK_TO_THE_QUESTION[move]).format(again=again)
    match move:
        case Move.WHY if talk.question is not None:
            return f"{phrases.WHY_WE_ASK[talk.question.topic]} {again}"
        case Move.SUMMARY:
            return _summary(talk, variation, again)
        case Move.ABANDON:
            return variation.of(phrases.HOW_TO_ABANDON).format(question=again)
        case Move.SKIP:
            return _leave(talk, variation, phrases.PASSED)
        case Move.DECLINE:
            return f"{variation.of(phrases.DECLINED)} {_go_on(talk, variation)}"
        case Move.UNSURE if not talk.added:
            return _try_again(talk, variation, phrases.UNSURE)
        case Move.YES if not talk.added:
            return _yes(talk, variation, message_id, at)
        case Move.NO if not talk.added:
            return _no(talk, text, variation, message_id, at)
        case Move.PAUSE if not talk.added:
            talk.interview.is_paused = True
            return variation.of(phrases.PAUSED)
        case Move.FINISH if not talk.added:
            return _finish(talk, variation)
    if talk.added:
        return _heard(talk, variation)
    if is_question(text):
        return variation.of(phrases.DIGRESSION).format(again=again)
    if is_chat(text):
        return variation.of(phrases.SMALL_TALK).format(again=again)
    if talk.question is None:
        return variation.of(phrases.NOTHING_ADDED)
    is_sentence = len(text.split()) >= WORDS_OF_A_SENTENCE
    return _try_again(talk, variation, phrases.HEARD_YOU if is_sentence else phrases.NOT_GOT)


_BACK_TO_THE_QUESTION = {
    Move.INSTRUCTIONS: phrases.INSTRUCTIONS,
    Move.WHO: phrases.WHO,
    Move.PRIVACY: phrases.PRIVACY,
    Move.INSULT: phrases.INSULT,
}


class _Again:
    """The open question once more, worded only where it is used."""

    def __init__(self, talk: Talk, variation: Variation) -> None:
        self._talk, self._variation = talk, variation

    def __format__(self, _: str) -> str:
        return str(self)

    def __str__(self) -> str:
        talk = self._talk
        closed = {TopicState.DECLINED, TopicState.PASSED}
        question = talk.question
        if question and standing(talk.understood, talk.interview).topics[question.topic] in closed:
            question = None
        if question is None:
            return _next(talk, self._variation) or self._variation.of(phrases.ALL_ASKED)
        words = worded(question, talk.understood, self._variation)
        return self._variation.of(phrases.AGAIN).format(question=words)


def _topic(talk: Talk) -> Topic | None:
    return talk.question.topic if talk.question else None


def _found(talk: Talk, text: str) -> list[Found]:
    if not says_something(text) or foreign_language(text) is not None or is_chat(text):
        return []
    asked = talk.question.asked if talk.question else None
    if move_of(text) is not None or boundaries.closes_food(text):
        asked = None  # what is said answers something else than the question
    return extract(text, asked=asked, today=talk.today, southern=talk.southern, locale=talk.locale)


# --- What comes next ----------------------------------------------------------------------------
def _next(talk: Talk, variation: Variation) -> str:
    """The next question, which becomes the open one; empty when everything was asked."""
    question = next_question(talk.understood, talk.interview)
    talk.interview.question = question.key if question else ""
    if question is None:
        return ""
    talk.interview.asked.append(question.key)
    return worded(question, talk.understood, variation)


def _go_on(talk: Talk, variation: Variation) -> str:
    """The next question, or that all was asked; says once that there is enough already."""
    question = _next(talk, variation)
    if not question:
        return variation.of(phrases.ALL_ASKED)
    is_enough = standing(talk.understood, talk.interview).is_enough
    if is_enough and ENOUGH_SAID not in talk.interview.asked:
        talk.interview.asked.append(ENOUGH_SAID)
        return variation.of(phrases.ENOUGH).format(question=question)
    return variation.of(phrases.NEXT).format(question=question)


def _leave(talk: Talk, variation: Variation, wordings: list[str]) -> str:
    """Leaves the open question; a topic of which nothing was told is passed over."""
    question = talk.question
    is_first = question is not None and question.key not in FOLLOW_UPS
    if question and is_first and question.topic not in talk.interview.passed:
        talk.interview.passed.append(question.topic)
    return f"{variation.of(wordings)} {_go_on(talk, variation)}"


def _try_again(talk: Talk, variation: Variation, wordings: list[str]) -> str:
    """Helps with examples once; the second time the question is left."""
    question = talk.question
    if question is None:
        return variation.of(phrases.ALL_ASKED)
    if question.key in FOLLOW_UPS or talk.interview.asked.count(question.key) >= MOST_TRIES:
        return _leave(talk, variation, phrases.PASSED)
    talk.interview.asked.append(question.key)
    examples = phrases.EXAMPLES[question.key]
    return variation.of(wordings).format(examples=examples)


def _yes(talk: Talk, variation: Variation, message_id: UUID, at: datetime) -> str:
    question = talk.question
    if question is not None and question.key == "goals.still":
        talk.interview.passed.append(Topic.GOALS)  # what was known before the talk stands
        return _go_on(talk, variation)
    return _try_again(talk, variation, phrases.TELL_MORE)


def _no(talk: Talk, text: str, variation: Variation, message_id: UUID, at: datetime) -> str:
    question = talk.question
    if question is None:
        return variation.of(phrases.READY_TO_FINISH)
    if question.key == "goals.still":
        talk.understood.items.pop(Topic.GOALS, None)
        return _go_on(talk, variation)
    if not question.on_no:
        return _leave(talk, variation, phrases.PASSED)
    nothing = Item(Kind.NOTHING, question.on_no, text.strip(), message_id, at)
    take_in(talk, [(question.topic, nothing)])
    return _heard(talk, variation) if talk.added else _leave(talk, variation, phrases.PASSED)


def _summary(talk: Talk, variation: Variation, again: "_Again") -> str:
    items = [item for topic in Topic for item in talk.understood.of(topic)]
    if not items:
        return variation.of(phrases.NOTHING_YET).format(again=again)
    values = "; ".join(_said_back(item) for item in items)
    return variation.of(phrases.SUMMARY).format(values=values, again=again)


def _finish(talk: Talk, variation: Variation) -> str:
    missing = standing(talk.understood, talk.interview).missing
    if not missing:
        return variation.of(phrases.READY_TO_FINISH)
    named = ", ".join(TITLES[topic].lower() for topic in missing[:3])
    question = _next(talk, variation)
    if not question and missing[0] in talk.interview.passed:
        talk.interview.passed.remove(
            missing[0]
        )  # it was passed over; without it there is too little
        question = _next(talk, variation)
    return variation.of(phrases.NOT_ENOUGH).format(missing=named, question=question).strip()


def _heard(talk: Talk, variation: Variation) -> str:
    """Says back what was understood, in the person's words, and goes on."""
    if talk.interview.question == "" and next_question(talk.understood, talk.interview) is None:
        return variation.of(phrases.MORE_TAKEN)
    topics = {topic for topic, _ in talk.added}
    kinds = [item for _, item in talk.added if item.kind != Kind.TIMEFRAME]
    follow_up = next_question(talk.understood, talk.interview)
    if len(topics) > 1:
        told = [phrases.ABOUT[topic] for topic in Topic if topic in topics]
        return _and_on(talk, variation.of(phrases.HEARD_MANY).format(about=joined(told)), variation)
    wordings = phrases.FOLLOWS.get(follow_up.key) if follow_up else None
    if wordings and follow_up is not None and follow_up.topic in topics:
        known = said_so_far(talk.understood)
        if all(len(value) <= SAID_BACK for value in known.values()):
            question = _go_on(talk, variation)
            return variation.of(wordings).format(question=question, **known)
    item = kinds[0] if kinds else talk.added[0][1]
    value = _said_back(item)
    words = variation.of(phrases.HEARD[item.kind]).format(value=value, Value=capitalized(value))
    return _and_on(talk, words, variation)


def _and_on(talk: Talk, heard: str, variation: Variation) -> str:
    """Goes on after `heard`. A question that was answered with something else is asked once more, then left."""
    open_one = talk.question
    if open_one is None or open_one.topic in {topic for topic, _ in talk.added}:
        return f"{heard} {_go_on(talk, variation)}"
    if talk.interview.asked.count(open_one.key) >= MOST_TRIES:
        if open_one.key not in FOLLOW_UPS and open_one.topic not in talk.interview.passed:
            talk.interview.passed.append(open_one.topic)
        return f"{heard} {_go_on(talk, variation)}"
    question = _next(talk, variation)
    if talk.interview.question != open_one.key:
        return f"{heard} {question or variation.of(phrases.ALL_ASKED)}"
    return variation.of(phrases.BACK_TO).format(heard=heard, question=question)


def _said_back(item: Item) -> str:
    value = item.value.rstrip(".")
    return value if len(value) <= SAID_BACK else f"{value[:SAID_BACK].rsplit(' ', 1)[0]}…"
