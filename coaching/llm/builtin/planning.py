"""From a wish to a call: everything said is gathered, and one question asked while something is missing."""

from collections.abc import Iterator

from coaching.language import Emotion, tone

from .dialogue import Dialogue, Filling
from .offers import Offer
from .phrases import openings, questions
from .replies import Reply, Text, ToolCall
from .variation import Variation


def begin(offer: Offer, dialogue: Dialogue, variation: Variation) -> Iterator[Reply]:
    """Calls the tool, or asks for the first thing it cannot do without."""
    filling = dialogue.filling(offer)
    if filling.missing is None:
        if filling.remarks:
            yield Text(" ".join(filling.remarks) + "\n\n")
        yield ToolCall(offer.name, filling.values)
        return
    lead = _lead_in(offer, filling, dialogue, variation)
    if filling.missing.kind == "goal" and dialogue.context.goals:
        lead = questions.GOAL_ON_RECORD.format(goal=dialogue.context.goals[0])
    parts = [*filling.remarks, lead, filling.missing.question]
    yield Text(" ".join(part for part in parts if part))


def _lead_in(offer: Offer, filling: Filling, dialogue: Dialogue, variation: Variation) -> str:
    said = tone(dialogue.text)
    feeling = ""
    if said.emotion in (Emotion.FRUSTRATED, Emotion.DISCOURAGED, Emotion.ANXIOUS):
        feeling = f"{variation.of(openings.BY_EMOTION[said.emotion])} "
    if dialogue.context.style == "concise":
        return ""
    question = dialogue.open_question()
    if question is not None and question.offer is offer:
        return feeling + variation.of(questions.LEAD_INS_AFTER_ANSWER)
    goal_slot, until_slot = offer.slot("goal"), offer.slot("timeframe")
    goal = str(filling.values.get(goal_slot.name, "")) if goal_slot else ""
    if not goal:
        return feeling.strip() or variation.of(questions.LEAD_INS)
    until = filling.values.get(until_slot.name, "") if until_slot else ""
    constraints_slot = offer.slot("constraints")
    constraints = filling.values.get(constraints_slot.name) if constraints_slot else None
    wordings = questions.LEAD_INS_FOR_GOAL
    if constraints:
        wordings = questions.LEAD_INS_FOR_GOAL_WITH_NOTE
    listed = ", ".join(constraints) if isinstance(constraints, list) else str(constraints or "")
    text = variation.of(wordings).format(
        goal="{goal}", until=f" {_until(str(until))}" if until else "", constraints=listed
    )
    # Inside a sentence the goal begins small, at its start it begins tall.
    small = goal[:1].lower() + goal[1:]
    return feeling + text.replace("{goal}", goal if text.startswith("{goal}") else small)


def _until(words: str) -> str:
    """Words such as "3 months" as they stand after a goal: "in 3 months"."""
    return f"in {words}" if words[:1].isdigit() and "-" not in words else words
