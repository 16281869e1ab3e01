"""The built-in coach: deterministic, offline, no key. It says plainly what it is.

It keeps no state: where a conversation stands is read anew from its messages each time. It takes
instructions from nobody's data: text is read for what a person wants, never followed.
"""

from collections.abc import Iterator
from typing import Any

from coaching.language import Intent, guesses, intent_of, mended, parse_obstacle

from . import answers, context, offers, transcript
from .after_tool import answer_results
from .dialogue import Dialogue, Question
from .offers import Offer, asked_for
from .phrases import obstacles, own, questions
from .planning import begin
from .replies import Reply, Text, ToolCall
from .slots import Said, fill
from .variation import Variation, variation_of

# Intents that come before any tool, and ones that a question of the coach turns into its answer.
_DECLINED = {Intent.DECLINE_MEDICAL, Intent.DECLINE_FINANCIAL}
_DIGRESSIONS = {
    Intent.CAPABILITIES,
    Intent.ABOUT_ME,
    Intent.SMALL_TALK,
    Intent.THANKS,
    Intent.GREETING,
    Intent.FORGET,
    Intent.MOTIVATION,
    Intent.STRUGGLING,
    Intent.FIND_TIME,
    Intent.PREDICT_SUCCESS,
    Intent.ANALYZE_PROGRESS,
    Intent.SHOW_CHART,
    Intent.SET_REMINDER,
    Intent.COMPLETE_HABIT,
}
_SURE = 0.6


def answer(messages: list[dict[str, Any]], tools: list[dict[str, Any]]) -> Iterator[Reply]:
    """Answers the last message of a conversation in the chat-completions format."""
    said = transcript.read(messages)
    dialogue = Dialogue(said, offers.read(tools), context.read(said.system))
    variation = variation_of(said)
    if results := said.fresh_results:
        yield from answer_results(dialogue, results, variation)
    else:
        yield from _answer_message(dialogue, variation)


def _answer_message(dialogue: Dialogue, variation: Variation) -> Iterator[Reply]:
    intent = dialogue.intent
    if intent.intent in _DECLINED:
        yield Text(answers.own_answer(dialogue, variation))
        return
    question = dialogue.open_question()
    if intent.intent is Intent.STOP:
        dropped = question is not None
        yield Text(
            variation.of(questions.DROPPED) if dropped else answers.own_answer(dialogue, variation)
        )
        return
    if question and question.is_fresh:
        yield from _answer_to(question, dialogue, variation)
        return
    asked = asked_for(dialogue.plain, dialogue.offers, dialogue.intents)
    if asked:
        yield from begin(asked[0], dialogue, variation)
        return
    if question and _fills_later(question, dialogue):
        yield from begin(question.offer, dialogue, variation)
        return
    if revised := dialogue.revision():
        yield ToolCall(revised[0].name, revised[1])
        return
    if accepted := _accepted(dialogue):
        yield from begin(accepted, dialogue, variation)
        return
    if obstacles.QUESTION in dialogue.transcript.last_answer and (
        obstacle := parse_obstacle(dialogue.text)
    ):
        yield Text(answers.struggling(dialogue, variation, obstacle))
        return
    yield Text(answers.own_answer(dialogue, variation))


def _answer_to(question: Question, dialogue: Dialogue, variation: Variation) -> Iterator[Reply]:
    """The reply to a message that follows a question: its answer, or a change of subject."""
    other = asked_for(dialogue.plain, dialogue.offers, dialogue.intents)
    plainly = fill(question.slot, Said(dialogue.text), dialogue.context)
    if other and other[0] is not question.offer and other[1] >= _SURE and plainly is None:
        yield from begin(other[0], dialogue, variation)
        return
    intent = dialogue.intent
    is_digression = intent.intent in _DIGRESSIONS and intent.confidence >= _SURE
    if (
        is_digression
        and plainly is None
        and not (other and other[0] is question.offer)
        and not dialogue.has_no_idea()
    ):
        back = variation.of(questions.BACK_TO_PLAN).format(question=question.slot.question)
        yield Text(f"{answers.own_answer(dialogue, variation)}\n\n{back}")
        return
    if intent.intent is Intent.GOODBYE and plainly is None:
        yield Text(answers.own_answer(dialogue, variation))
        return
    if intent.intent is Intent.NO and question.slot.kind not in ("constraints", "text"):
        if not dialogue.has_no_idea() and len(dialogue.plain.split()) <= 4:
            yield Text(variation.of(questions.DROPPED))
            return
    answering = fill(question.slot, Said(dialogue.text, answering=True), dialogue.context)
    if answering is None or (intent.intent is Intent.YES and plainly is None):
        yield from _ask_again(question, dialogue, variation)
        return
    if dialogue.has_no_idea() and plainly is None and question.slot.kind in ("goal", "text"):
        yield from _ask_again(question, dialogue, variation)
        return
    yield from begin(question.offer, dialogue, variation)


def _ask_again(question: Question, dialogue: Dialogue, variation: Variation) -> Iterator[Reply]:
    """No answer was read: take a sensible default where that was asked for, else ask once more."""
    slot = question.slot
    if dialogue.has_no_idea():
        if slot.kind == "goal":
            yield Text(f"{questions.NEED_A_GOAL} {slot.question}")
        elif slot.kind in questions.DEFAULTS:
            yield from begin(question.offer, dialogue, variation)
        else:
            yield Text(questions.CANNOT_GUESS)
        return
    example = questions.EXAMPLES.get(slot.kind, "")
    yield Text(f"{variation.of(questions.ASK_AGAIN)} {slot.question} {example}".strip())


def _fills_later(question: Question, dialogue: Dialogue) -> bool:
    """Whether a message answers a question that was left behind by a change of subject."""
    if dialogue.intent.intent in _DIGRESSIONS and dialogue.intent.confidence >= _SURE:
        return False
    return fill(question.slot, Said(dialogue.text), dialogue.context) is not None


def _accepted(dialogue: Dialogue) -> Offer | None:
    """The tool that a "yes" stands for, after the coach proposed something."""
    if intent_of(dialogue.text).intent is not Intent.YES:
        return None
    for proposal, request in own.PROPOSALS.items():
        if proposal in dialogue.transcript.last_answer:
            asked = asked_for(mended(request), dialogue.offers, guesses(request))
            return asked[0] if asked else None
    return None
