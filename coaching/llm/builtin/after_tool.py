"""The answer after a tool came back: an opening that fits the tone, the summary, one next step."""

import re
from collections.abc import Iterator

from coaching.language import Emotion, tone

from .dialogue import Dialogue
from .offers import Offer, Slot
from .phrases import openings, questions
from .replies import Reply, Text, ToolCall
from .transcript import Result
from .variation import Variation


def answer_results(
    dialogue: Dialogue, results: list[Result], variation: Variation
) -> Iterator[Reply]:
    """Answers what came back since the person's last message."""
    result = results[-1]
    offer = next((entry for entry in dialogue.offers if entry.name == result.name), None)
    if result.error:
        yield from _mend(dialogue, results, offer, variation)
        return
    parts = [
        _opening(dialogue, offer, result.summary, variation),
        result.summary.strip() or "That is done.",
    ]
    parts.append(_next_step(result, offer, variation))
    if back := _back_to_question(dialogue, result, variation):
        parts.append(back)
    yield Text("\n\n".join(part for part in parts if part))


PROPOSES = re.compile(r"\bproposal\b|\baccept\b|\bdraft\b|\bshall i\b", re.I)


def _opening(dialogue: Dialogue, offer: Offer | None, summary: str, variation: Variation) -> str:
    context = dialogue.context
    said = tone(dialogue.text)
    is_plan = offer is not None and offer.slot("goal") is not None
    # A wish for a plan that tells of tiredness in passing is a wish for a plan.
    least = 0.6 if is_plan else 0.4
    strong = said.emotion is not Emotion.NEUTRAL and abs(said.score) >= least
    if strong and (context.style != "concise" or said.score < -0.6):
        opening = variation.of(openings.BY_EMOTION[said.emotion])
        if said.emotion is Emotion.PROUD and context.likes_emoji:
            opening += " 🎉"
        return opening
    if context.style in ("concise", "direct") or offer is None:
        return ""
    if offer.slot("goal") and offer.effect != "read":
        before = [result.arguments.get("goal") for result in dialogue.transcript.standing_results]
        made = [result.arguments.get("goal") for result in dialogue.transcript.fresh_results]
        is_changed = bool(before) and before[-1:] == made[-1:] and before[-1] is not None
        return variation.of(openings.PLAN_CHANGED if is_changed else openings.PLAN_READY)
    if offer.effect != "read" and PROPOSES.search(summary):
        return variation.of(openings.PROPOSAL_READY)
    return ""  # a summary says by itself what was seen or done


def _next_step(result: Result, offer: Offer | None, variation: Variation) -> str:
    """What a draft waits for; further steps are offered as chips, not in words."""
    is_plan = offer is not None and offer.slot("goal") is not None and offer.effect != "read"
    if is_plan and "accept" not in result.summary.lower():
        return variation.of(openings.PLAN_NEXT)
    return ""


def _back_to_question(dialogue: Dialogue, result: Result, variation: Variation) -> str:
    question = dialogue.open_question()
    if question is None or question.offer.name == result.name or not question.is_fresh:
        return ""
    return variation.of(questions.BACK_TO_PLAN).format(question=question.slot.question)


# --- Errors ---------------------------------------------------------------------------------
_TECHNICAL = re.compile(
    r"\b(?:traceback|exception|validation errors?|input should|field required|type=|value_error|none|null|json|str_|int_|\w+_\w+)\b|[{}\[\]]",
    re.I,
)


def _named(error: str, offer: Offer) -> Slot | None:
    """The argument an error is about."""
    for slot in offer.slots:
        if re.search(rf"\b{re.escape(slot.name)}\b", error):
            return slot
    return None


def _mend(
    dialogue: Dialogue, results: list[Result], offer: Offer | None, variation: Variation
) -> Iterator[Reply]:
    """Mends a call that failed by leaving out what was wrong, asks for it, or explains kindly."""
    result = results[-1]
    why = _in_plain_words(result.error)
    if offer is not None and (slot := _named(result.error, offer)):
        tries = sum(other.name == result.name and bool(other.error) for other in results)
        if not slot.is_needed and slot.name in result.arguments and tries == 1:
            kept = {name: value for name, value in result.arguments.items() if name != slot.name}
            yield ToolCall(offer.name, kept)
            return
        if slot.is_needed:
            opening = variation.of(openings.COULD_NOT_USE).format(why=why) if why else ""
            yield Text(f"{opening}\n\n{slot.question}".strip())
            return
    if (
        why
        and offer is not None
        and (moment := offer.slot("moment"))
        and re.search(r"\b(?:moment|time|past|when)\b", why)
    ):
        yield Text(f"{variation.of(openings.COULD_NOT_USE).format(why=why)}\n\n{moment.question}")
        return
    source = offer.slot("data_source") if offer is not None else None
    if offer is not None and source and result.arguments.get(source.name) and len(results) == 1:
        kept = {name: value for name, value in result.arguments.items() if name != source.name}
        yield Text(f"{openings.OTHER_SERIES}\n\n")
        yield ToolCall(offer.name, kept)
        return
    habit = offer.slot("habit") if offer is not None else None
    if habit is not None and habit.is_needed and "which habit" in why.lower():
        yield Text(f"{why} {habit.question}")
        return
    if why:
        yield Text(variation.of(openings.FAILED).format(why=why))
    else:
        yield Text(variation.of(openings.FAILED_WITHOUT_REASON))


def _in_plain_words(error: str) -> str:
    """The error where it is a sentence for people, else nothing."""
    error = error.replace("Nothing was changed.", "").strip()
    if not error or len(error) > 300 or "\n" in error or _TECHNICAL.search(error):
        return ""
    return error if error.endswith((".", "!", "?")) else f"{error}."
