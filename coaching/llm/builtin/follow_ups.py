"""Answers to what the coach asked or proposed itself, without a tool's question."""

import re

from coaching.language import Intent

from .after_tool import PROPOSES
from .answers import struggling
from .dialogue import Dialogue
from .offers import Offer, asked_for
from .phrases import follow_ups, obstacles, own
from .slots import obstacle_in
from .variation import Variation

LONGEST_QUOTE = 140

_WHY_ORDER = re.compile(
    r"^why (?:this|that|the) (?:order|sequence|plan)\b|\bwhy (?:do i|should i) start (?:with|so small)\b"
)
_ASKS_BACK = re.compile(r"(?:tell|do|can|could|are|is|what|who|how|another|know)\b")
_ANSWERS_AN_OPEN_QUESTION = {Intent.UNKNOWN, Intent.CREATE_GOAL, Intent.SMALL_TALK}


def accepted_tool(dialogue: Dialogue) -> Offer | None:
    """The tool that a plain "yes" stands for: accepting a proposal, or what the coach offered."""
    if dialogue.intent.intent is not Intent.YES:
        return None
    last = dialogue.transcript.last_answer
    for proposal, request in own.PROPOSALS.items():
        if proposal in last:
            asked = asked_for(request, dialogue.offers, dialogue.read(request))
            return asked[0] if asked else None
    if card := _proposed_card(dialogue):
        words = set(re.findall(r"[a-z]+", card))
        for offer in dialogue.offers:
            verb, _, what = offer.name.partition("_")
            if verb == "accept" and what in words:
                return offer
    return None


def _proposed_card(dialogue: Dialogue) -> str:
    """The kind of the card that was proposed just now, or before a little talk that asked nothing."""
    transcript = dialogue.transcript
    results = transcript.previous_results
    if not results and not transcript.last_answer.rstrip().endswith("?"):
        results = transcript.standing_results
    for result in reversed(results):
        proposes = PROPOSES.search(result.summary) or PROPOSES.search(transcript.last_answer)
        if not result.error and result.card and proposes:
            return result.card
    return ""


def follow_up(dialogue: Dialogue, variation: Variation) -> str:
    """The reply to an answer of the coach's own question; empty when the message is none."""
    intent = dialogue.intent.intent
    last = dialogue.transcript.last_answer
    if intent in (Intent.YES, Intent.NO) and _proposed_card(dialogue):
        wordings = follow_ups.PRESS_ACCEPT if intent is Intent.YES else follow_ups.PRESS_DECLINE
        return variation.of(wordings)
    if _WHY_ORDER.search(dialogue.plain):
        return variation.of(follow_ups.WHY_THIS_ORDER)
    is_asked_why = obstacles.QUESTION in last
    if is_asked_why and (obstacle := obstacle_in(dialogue.text, answering=True)):
        return struggling(dialogue, variation, obstacle)
    is_asked = asked_for(dialogue.text, dialogue.offers, [])
    if intent not in _ANSWERS_AN_OPEN_QUESTION or is_asked or _ASKS_BACK.match(dialogue.plain):
        return ""
    for question, wordings in follow_ups.ASKED.items():
        if question in last:
            if len(dialogue.plain.split()) <= 5 and (obstacle := obstacle_in(dialogue.text)):
                return struggling(dialogue, variation, obstacle)
            words = dialogue.text.strip().rstrip(".!")[:LONGEST_QUOTE]
            return variation.of(wordings).replace("{words}", words)
    return ""
