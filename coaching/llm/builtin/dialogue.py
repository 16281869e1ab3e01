"""Where a conversation stands, read anew from its messages: what was asked, what was said, what is still open."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from coaching.language import Guess, Intent, guesses, intent_of, mended, parse_goal

from .context import Context
from .offers import Offer, Slot, asked_for
from .phrases.own import PROPOSALS
from .slots import Said, default_for, fill, fitted, habit_named, kind_named
from .transcript import Transcript

# How many turns an open question stays open.
PATIENCE = 10

_NO_IDEA = re.compile(
    r"\b(?:no (?:idea|clue|preference)|not sure|(?:i )?do not (?:really )?(?:know|mind|care)|(?:you|coach) (?:choose|decide|pick|tell me)|your (?:choice|call)|whatever|up to you|surprise me|does not matter|any(?:thing)?(?: is fine| works| goes)?$|hard to say|dunno|skip|no rush|no deadline|open[- ]ended|whenever)\b"
)
_NEVER_MIND = {Intent.STOP}
LONGEST_CHANGE = 16
SHORT_CHANGE = 6
# From here on a goal is heard even where something else was asked.
SURE_OF_GOAL = 0.8
_SHORT_ANSWERS = {
    "timeframe",
    "difficulty",
    "time_of_day",
    "constraints",
    "minutes_per_day",
    "moment",
}
_LESS_TIME = re.compile(
    r"\b(?:less|fewer|not (?:so|that) much) (?:time|minutes)\b|\bshorter\b|\btoo (?:long|much time)\b"
)
_MORE_TIME = re.compile(r"\bmore (?:time|minutes)\b|\blonger\b")
_CHANGE = re.compile(
    r"\b(?:actually|instead|change|make it|make that|rather|shorter|longer|easier|harder|too (?:hard|easy|much|long|many)|less|more time|fewer|only have|can we|could we|adjust|what if|but i|drop|remove|leave out|take out|get rid of|ditch|scrap|without)\b"
)


@dataclass(frozen=True)
class Question:
    """A question of the coach for a slot. `turn` is where it was asked, `is_fresh` whether just now."""

    offer: Offer
    slot: Slot
    turn: int
    is_fresh: bool


@dataclass(frozen=True)
class Filling:
    """What is known for a tool: values by argument, the sentences about defaults, the next question."""

    values: dict[str, Any]
    remarks: tuple[str, ...]
    missing: Slot | None


@dataclass(frozen=True)
class _Reply:
    """Something the person said, and the slot it replied to, if it was a reply."""

    text: str
    to: Slot | None
    is_last: bool


def _names_goal(text: str, sure: float) -> bool:
    goal = parse_goal(text)
    return goal is not None and goal.confidence >= sure


def leaves_open(text: str) -> bool:
    """Whether a short message leaves the answer to the coach ("no idea", "you choose")."""
    plain = mended(text)
    return len(plain.split()) <= 9 and bool(_NO_IDEA.search(plain))


class Dialogue:
    """The state of one conversation."""

    def __init__(self, transcript: Transcript, offers: list[Offer], context: Context) -> None:
        self.transcript = transcript
        self.offers = offers
        self.context = context
        self.text = transcript.last_said
        self.plain = mended(self.text)
        self.intents = self.read(self.text)
        self.intent = intent_of(self.text)

    @staticmethod
    def read(text: str) -> Sequence[Guess]:
        """The intents that speak from a text."""
        return guesses(text)

    def asked(self, text: str) -> tuple[Offer, float] | None:
        """The tool that a text asks for, seen which of the person's things it names."""
        return asked_for(text, self.offers, guesses(text), kind_named(text, self.context))

    # --- Questions ------------------------------------------------------------------------------
    def _asked_in(self, index: int) -> tuple[Offer, Slot] | None:
        text = self.transcript.turns[index].text
        found = [
            (offer, slot)
            for offer in self.offers
            for slot in offer.slots
            if slot.kind and slot.question in text
        ]
        if len(found) > 1:
            # Two tools ask the same question: it belongs to the one that was asked for before.
            for turn in reversed(self.transcript.turns[:index]):
                if turn.role != "user":
                    continue
                asked = asked_for(
                    mended(turn.text), [offer for offer, _ in found], guesses(turn.text)
                )
                if asked:
                    return next(entry for entry in found if entry[0] is asked[0])
        return found[0] if found else None

    def open_question(self) -> Question | None:
        """The coach's last question that still waits for its answer."""
        turns = self.transcript.turns
        last_user = self.transcript.last_user_index
        user_turns_between = 0
        for index in range(last_user - 1, max(-1, last_user - 1 - PATIENCE), -1):
            turn = turns[index]
            if turn.role == "user":
                if intent_of(turn.text).intent in _NEVER_MIND:
                    return None
                user_turns_between += 1
            if turn.role == "assistant" and turn.text and (asked := self._asked_in(index)):
                offer, slot = asked
                if self._called_between(offer, index, last_user):
                    return None
                return Question(offer, slot, index, is_fresh=user_turns_between == 0)
        return None

    def _called_between(self, offer: Offer, start: int, end: int) -> bool:
        turns = self.transcript.turns[start:end]
        return any(call.name == offer.name for turn in turns for call in turn.calls)

    def has_no_idea(self) -> bool:
        """Whether the last message leaves the answer to the coach."""
        return leaves_open(self.text)

    # --- What was said for a tool ---------------------------------------------------------------
    def heard(self, index: int) -> str:
        """What the person's message at `index` says: a plain "yes" says what the coach had offered."""
        turns = self.transcript.turns
        text = turns[index].text
        if index and intent_of(text).intent is Intent.YES:
            offered = turns[index - 1].text
            return next((wish for words, wish in PROPOSALS.items() if words in offered), text)
        return text

    def _boundary(self, offer: Offer) -> int:
        """The turn after which what was said counts for the tool: its last call, or a "never mind"."""
        turns = self.transcript.turns[: self.transcript.last_user_index]
        for index in range(len(turns) - 1, -1, -1):
            turn = turns[index]
            if turn.result and turn.result.name == offer.name and not turn.result.error:
                return index + 1
            if turn.role == "user" and intent_of(turn.text).intent in _NEVER_MIND:
                return index + 1
        return 0

    def _opening(self, offer: Offer, boundary: int) -> int:
        """The turn where the person began to speak of what the tool is for."""
        turns = self.transcript.turns
        last_user = self.transcript.last_user_index
        has_goal = offer.slot("goal") is not None
        opening = last_user
        for index in range(last_user, boundary - 1, -1):
            if turns[index].role != "user":
                continue
            text = self.heard(index)
            if has_goal and (
                _names_goal(text, 0.6 if not _CHANGE.search(mended(text)) else SURE_OF_GOAL)
            ):
                return index
            asked = self.asked(text)
            if asked and asked[0] is offer:
                opening = index
                if not has_goal and not self._replies_to(offer, index):
                    break
        return opening

    def _replies_to(self, offer: Offer, index: int) -> bool:
        """Whether the message at `index` came right after a question for the tool."""
        if index == 0 or self.transcript.turns[index - 1].role != "assistant":
            return False
        asked = self._asked_in(index - 1)
        return asked is not None and asked[0] is offer

    def was_asked_twice(self, question: Question) -> bool:
        """Whether the coach's last two answers both asked the question."""
        said = [
            turn.text for turn in self.transcript.turns if turn.role == "assistant" and turn.text
        ]
        return len(said) >= 2 and all(question.slot.question in text for text in said[-2:])

    def _said_for(self, offer: Offer) -> list[_Reply]:
        """The messages that count for a tool, newest first, each with the slot it replied to."""
        turns = self.transcript.turns
        opening = self._opening(offer, self._boundary(offer))
        found: list[_Reply] = []
        for index in range(self.transcript.last_user_index, opening - 1, -1):
            if turns[index].role != "user":
                continue
            text, slot = self.heard(index), None
            if index > 0 and turns[index - 1].role == "assistant":
                asked = self._asked_in(index - 1)
                slot = asked[1] if asked and asked[0] is offer else None
            if index != opening and self._belongs_elsewhere(text, offer, slot):
                continue
            found.append(_Reply(text, slot, is_last=index == self.transcript.last_user_index))
        return found

    def _belongs_elsewhere(self, text: str, offer: Offer, slot: Slot | None) -> bool:
        """Whether a message in between asked for another tool, so that its words belong there."""
        if slot is not None and fill(slot, Said(text), self.context) is not None:
            return False
        other = self.asked(text)
        return other is not None and other[0] is not offer

    def filling(self, offer: Offer) -> Filling:
        """Fills a tool's arguments from everything said for it; newer words win."""
        values: dict[str, Any] = {}
        remarks: list[str] = []
        replies = self._said_for(offer)
        missing: Slot | None = None
        for slot in offer.slots:
            value, remark = self._value(slot, replies)
            if value is not None and value != []:
                values[slot.name] = value
            elif slot.is_needed and missing is None:
                missing = slot
            if remark:
                remarks.append(remark)
        return Filling(values, tuple(remarks), missing)

    def _value(self, slot: Slot, replies: list[_Reply]) -> tuple[Any, str]:
        """The newest value said for a slot, with the sentence to say when it is a default."""
        for reply in replies:
            answering = reply.to is not None and reply.to.name == slot.name
            # An answer to another question is not searched for free text.
            is_elsewhere = reply.to is not None and not answering
            if is_elsewhere and slot.kind == "goal" and not _names_goal(reply.text, SURE_OF_GOAL):
                continue
            value = fill(slot, Said(reply.text, answering), self.context)
            if value is None and answering and leaves_open(reply.text):
                default = default_for(slot)
                if default is not None:
                    return default[0], default[1] if reply.is_last else ""
            if value is not None:
                return value, ""
        return None, ""

    def also_said(self, question: Question) -> str:
        """What a message says for another argument than the one it was asked for, in its own form."""
        for slot in question.offer.slots:
            if slot.name != question.slot.name and slot.kind in _SHORT_ANSWERS:
                value = fill(slot, Said(self.text), self.context)
                if value not in (None, "", []):
                    return ", ".join(value) if isinstance(value, list) else str(value)
        return ""

    def names_new_goal(self) -> bool:
        """Whether the last message surely speaks of a goal of its own."""
        return _names_goal(self.text, SURE_OF_GOAL)

    # --- Changes of what was just made ----------------------------------------------------------
    def revision(self) -> tuple[str, dict[str, Any]] | None:
        """The plan just made, called for again with what this message changes in it."""
        fresh = self.transcript.previous_results
        results = fresh or self.transcript.standing_results
        if not results or results[-1].error:
            return None
        result = results[-1]
        offer = next((entry for entry in self.offers if entry.name == result.name), None)
        if offer is None or offer.slot("goal") is None or offer.effect == "read":
            return None
        words = len(self.plain.split())
        is_change = bool(_CHANGE.search(self.plain)) and words <= LONGEST_CHANGE
        is_about_it = is_change or (bool(fresh) and words <= SHORT_CHANGE)
        if habit_named(self.text, self.context) or not is_about_it:
            return None
        changed = {**result.arguments, **self._changes(offer, result.arguments, is_change)}
        return (offer.name, changed) if changed != result.arguments else None

    def _changes(self, offer: Offer, before: dict[str, Any], is_change: bool) -> dict[str, Any]:
        changes: dict[str, Any] = {}
        for slot in offer.slots:
            if slot.kind in ("goal", "text") or (slot.kind == "constraints" and not is_change):
                continue
            value = fill(slot, Said(self.text, revising=True), self.context)
            if slot.kind == "part" and value and isinstance(before.get(slot.name), list):
                value = list(dict.fromkeys([*before[slot.name], *value]))
            if value not in (None, []):
                changes[slot.name] = value
            elif slot.kind == "minutes_per_day" and (minutes := before.get(slot.name)):
                factor = (
                    0.5
                    if _LESS_TIME.search(self.plain)
                    else 1.5
                    if _MORE_TIME.search(self.plain)
                    else 1
                )
                changes[slot.name] = fitted(slot, max(5, round(minutes * factor)))
        if not is_change and self.intents and self.intents[0].confidence >= 0.6:
            return {}
        return changes
