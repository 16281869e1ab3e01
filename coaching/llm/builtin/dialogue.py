"""Where a conversation stands, read anew from its messages: what was asked, what was said, what is still open."""

import re
from dataclasses import dataclass
from typing import Any

from coaching.language import Intent, guesses, intent_of, mended, parse_goal

from .context import Context
from .offers import Offer, Slot, asked_for
from .slots import Said, default_for, fill
from .transcript import Transcript

# How many turns an open question stays open.
PATIENCE = 10

_NO_IDEA = re.compile(
    r"\b(?:no (?:idea|clue|preference)|not sure|i do not (?:really )?(?:know|mind|care)|(?:you|coach) (?:choose|decide|pick|tell me)|your (?:choice|call)|whatever|up to you|surprise me|does not matter|any(?:thing)?(?: is fine| works| goes)?$|hard to say|dunno|skip|no rush|no deadline|open[- ]ended|whenever)\b"
)
_NEVER_MIND = {Intent.STOP}
_CHANGE = re.compile(
    r"\b(?:actually|instead|change|make it|make that|rather|shorter|longer|easier|harder|too (?:hard|easy|much|long|many)|less|more time|fewer|only have|can we|could we|adjust|what if|but i)\b"
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


class Dialogue:
    """The state of one conversation."""

    def __init__(self, transcript: Transcript, offers: list[Offer], context: Context) -> None:
        self.transcript = transcript
        self.offers = offers
        self.context = context
        self.text = transcript.last_said
        self.plain = mended(self.text)
        self.intents = guesses(self.text)
        self.intent = intent_of(self.text)

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
        return len(self.plain.split()) <= 9 and bool(_NO_IDEA.search(self.plain))

    # --- What was said for a tool ---------------------------------------------------------------
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
            text = turns[index].text
            if (
                has_goal
                and (goal := parse_goal(text))
                and goal.confidence >= 0.6
                and not _CHANGE.search(mended(text))
            ):
                return index
            if asked := asked_for(mended(text), self.offers, guesses(text)):
                if asked[0] is offer:
                    opening = index
                    if not has_goal:
                        return index
        return opening

    def said_for(self, offer: Offer) -> list[tuple[int, str, Slot | None, str]]:
        """The messages that count for a tool, newest first, each with the slot it replied to."""
        turns = self.transcript.turns
        opening = self._opening(offer, self._boundary(offer))
        found: list[tuple[int, str, Slot | None, str]] = []
        for index in range(self.transcript.last_user_index, opening - 1, -1):
            if turns[index].role != "user":
                continue
            slot = None
            question = ""
            if index > 0 and turns[index - 1].role == "assistant":
                asked = self._asked_in(index - 1)
                if asked and asked[0].name == offer.name:
                    slot, question = asked[1], asked[1].question
            found.append((index, turns[index].text, slot, question))
        return found

    def filling(self, offer: Offer, *, start: dict[str, Any] | None = None) -> Filling:
        """Fills a tool's arguments from everything said for it; newer words win."""
        values: dict[str, Any] = dict(start or {})
        remarks: list[str] = []
        said = self.said_for(offer) if start is None else [(0, self.text, None, "")]
        missing: Slot | None = None
        for slot in offer.slots:
            value = None
            for index, text, replied_to, _ in said:
                answering = replied_to is not None and replied_to.name == slot.name
                # An answer to another question is not searched for free text.
                if replied_to is not None and not answering and slot.kind in ("text", "goal"):
                    continue
                value = fill(slot, Said(text, answering), self.context)
                if (
                    answering
                    and value is None
                    and len(mended(text).split()) <= 9
                    and _NO_IDEA.search(mended(text))
                ):
                    if default := default_for(slot):
                        value, sentence = default
                        if index == self.transcript.last_user_index:
                            remarks.append(sentence)
                if value is not None:
                    break
            if value is not None and value != []:
                values[slot.name] = value
            elif slot.is_needed and slot.name not in values and missing is None:
                missing = slot
        return Filling(values, tuple(remarks), missing)

    # --- Changes of what was just made ----------------------------------------------------------
    def revision(self) -> tuple[Offer, dict[str, Any]] | None:
        """The last plan-like call made again with what this message changes, if it asks for that."""
        for turn in reversed(self.transcript.turns[: self.transcript.last_user_index]):
            if turn.result is None or turn.result.error:
                continue
            result = turn.result
            offer = next((entry for entry in self.offers if entry.name == result.name), None)
            if offer is None or offer.slot("goal") is None:
                return None
            changed = self._changes(offer, result.arguments)
            return (offer, changed) if changed and changed != result.arguments else None
        return None

    def _changes(self, offer: Offer, before: dict[str, Any]) -> dict[str, Any] | None:
        if not _CHANGE.search(self.plain) and len(self.plain.split()) > 8:
            return None
        changed = dict(before)
        touched = False
        for slot in offer.slots:
            if slot.kind in ("goal", "text", "constraints") and not _CHANGE.search(self.plain):
                continue
            if slot.kind == "goal":
                continue
            value = fill(slot, Said(self.text), self.context)
            if value not in (None, []):
                changed[slot.name], touched = value, True
        return changed if touched else None
