"""The built-in coach: deterministic, offline, no key. It says plainly what it is.

It keeps no state: where a conversation stands is read anew from its messages each time. It takes
instructions from nobody's data: text is read for what a person wants, never followed.
"""

from collections.abc import Callable, Iterator
from typing import Any

from coaching.language import Intent, foreign_language, parse_goal, parse_timeframe

from . import answers, context, library, offers, transcript
from .after_tool import answer_results
from .dialogue import Dialogue, Question
from .follow_ups import accepted_tool, follow_up
from .offers import Offer, Slot, serves
from .phrases import follow_ups, languages, questions
from .planning import begin
from .recollection import brought_up
from .replies import Reply, Text, ToolCall
from .slots import Said, fill, is_told_as_done
from .variation import Variation, variation_of

# Intents that come before any tool, and ones that a question of the coach turns into its answer.
_DECLINED = {Intent.DECLINE_MEDICAL, Intent.DECLINE_FINANCIAL}
# What is answered by itself, whatever was asked before.
_ALWAYS_ANSWERED = {Intent.UNDO, Intent.INSULT, Intent.INSTRUCTIONS}
_DIGRESSIONS = {
    Intent.MANAGE,
    Intent.TODAY,
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
_VERY_SURE = 0.75


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
    if intent.intent in _ALWAYS_ANSWERED:
        yield Text(answers.own_answer(dialogue, variation))
        return
    if (language := foreign_language(dialogue.text)) is not None:
        english = variation.of(languages.ENGLISH_ONLY)
        yield Text(f"{languages.FIRST_LINE.get(language, '')} {english}".strip())
        return
    question = dialogue.open_question()
    asked = dialogue.asked(dialogue.text)
    # "Stop reminding me about running" is more than a stop: a tool is asked for.
    if intent.intent is Intent.STOP and asked is None:
        if question is not None:
            yield Text(variation.of(questions.DROPPED))
        else:
            yield Text(answers.own_answer(dialogue, variation))
        return
    if told := _from_library(dialogue, variation, library.asks_in_general):
        back = variation.of(questions.BACK_TO_PLAN)
        again = ""
        if question is not None and question.is_fresh:
            again = f"\n\n{back.format(question=question.slot.question)}"
        yield Text(f"{told}{again}")
        return
    if question and question.is_fresh:
        yield from _answer_to(question, dialogue, variation)
        return
    if revised := dialogue.revision():
        yield ToolCall(*revised)
        return
    if accepted := accepted_tool(dialogue):
        yield from begin(accepted, dialogue, variation)
        return
    if reply := follow_up(dialogue, variation):
        yield Text(reply)
        return
    if asked and not _has_nothing_to_work_on(asked[0], dialogue):
        yield from begin(asked[0], dialogue, variation)
        return
    if planner := _planner_for_bare_goal(dialogue):
        yield from begin(planner, dialogue, variation)
        return
    if report := _report_of_habit(dialogue):
        yield from begin(report, dialogue, variation)
        return
    if question and _fills_later(question, dialogue):
        yield from begin(question.offer, dialogue, variation)
        return
    told = _from_library(dialogue, variation, library.asks_for_advice)
    yield Text(told or answers.own_answer(dialogue, variation))


def _from_library(
    dialogue: Dialogue, variation: Variation, asks: Callable[[str, Intent, float], bool]
) -> str:
    """What the given passages say to a question, with its number; empty when they were not asked for."""
    intent = dialogue.intent
    if not dialogue.context.passages or not asks(dialogue.plain, intent.intent, intent.confidence):
        return ""
    told = library.answer(
        dialogue.context.passages,
        dialogue.text,
        variation.of(library.wordings()),
        concise=dialogue.context.style in ("concise", "direct"),
    )
    return brought_up(dialogue.context, dialogue.text, variation) + told if told else ""


def _report_of_habit(dialogue: Dialogue) -> Offer | None:
    """The tool that ticks, when a message tells in the past of a habit of the person ("called a friend")."""
    if not is_told_as_done(dialogue.text, dialogue.context):
        return None
    return next((offer for offer in dialogue.offers if serves(offer, Intent.COMPLETE_HABIT)), None)


def _planner_for_bare_goal(dialogue: Dialogue) -> Offer | None:
    """The tool that makes plans, when a message is only a goal with its time ("fluent Spanish by summer")."""
    if dialogue.intent.intent is not Intent.UNKNOWN or parse_goal(dialogue.text) is None:
        return None
    if parse_timeframe(dialogue.text, dialogue.context.now.date()) is None:
        return None
    return next((offer for offer in dialogue.offers if serves(offer, Intent.HABIT_SEQUENCE)), None)


def _has_nothing_to_work_on(offer: Offer, dialogue: Dialogue) -> bool:
    """Whether a tool would change one of the person's habits, and there are none yet."""
    habit = offer.slot("habit")
    return (
        habit is not None
        and habit.is_needed
        and offer.slot("issue") is not None
        and dialogue.context.has_no_habits
    )


def _answer_to(question: Question, dialogue: Dialogue, variation: Variation) -> Iterator[Reply]:
    """The reply to a message that follows a question: its answer, or a change of subject."""
    slot, intent = question.slot, dialogue.intent
    plainly = fill(slot, Said(dialogue.text), dialogue.context)
    other = dialogue.asked(dialogue.text)
    is_other = other is not None and other[0] is not question.offer
    # A wish can name a habit or a goal in passing; it cannot name minutes in passing.
    needed = _VERY_SURE if plainly is not None and slot.kind in ("habit", "text", "goal") else _SURE
    if other and is_other and other[1] >= needed and (plainly is None or needed == _VERY_SURE):
        yield from begin(other[0], dialogue, variation)
        return
    if plainly is None:
        is_digression = intent.intent in _DIGRESSIONS and intent.confidence >= _SURE
        if is_digression and (other is None or is_other) and not dialogue.has_no_idea():
            back = variation.of(questions.BACK_TO_PLAN).format(question=slot.question)
            yield Text(f"{answers.own_answer(dialogue, variation)}\n\n{back}")
            return
        if intent.intent is Intent.GOODBYE:
            yield Text(answers.own_answer(dialogue, variation))
            return
        if intent.intent is Intent.NO and _is_a_no_to(slot, dialogue):
            yield Text(variation.of(questions.DROPPED))
            return
    answered = fill(slot, Said(dialogue.text, answering=True), dialogue.context)
    is_goal_on_record = slot.kind == "goal" and bool(dialogue.context.goals)
    is_empty = (intent.intent is Intent.YES and not is_goal_on_record) or (
        dialogue.has_no_idea() and slot.kind in ("goal", "text")
    )
    if (
        answered is None
        and slot.kind != "goal"
        and question.offer.slot("goal")
        and dialogue.names_new_goal()
    ):
        yield from begin(question.offer, dialogue, variation)
        return
    if answered is None or (is_empty and plainly is None):
        yield from _ask_again(question, dialogue, variation)
        return
    yield from begin(question.offer, dialogue, variation)


def _is_a_no_to(slot: Slot, dialogue: Dialogue) -> bool:
    """Whether a short "no" refuses the question itself, and is not its answer."""
    is_short = len(dialogue.plain.split()) <= 4
    return is_short and slot.kind not in ("constraints", "text") and not dialogue.has_no_idea()


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
    if noted := dialogue.also_said(question):
        yield Text(f"{variation.of(follow_ups.ALSO_NOTED).format(words=noted)} {slot.question}")
        return
    if dialogue.was_asked_twice(question):
        # Asking a third time is nagging: the question is left, what was said is answered.
        own = answers.own_answer(dialogue, variation)
        is_known = dialogue.intent.intent not in (Intent.UNKNOWN, Intent.YES, Intent.NO)
        yield Text(own if is_known else variation.of(questions.LET_GO))
        return
    example = questions.EXAMPLES.get(slot.kind, "")
    yield Text(f"{variation.of(questions.ASK_AGAIN)} {slot.question} {example}".strip())


def _fills_later(question: Question, dialogue: Dialogue) -> bool:
    """Whether a message answers a question that was left behind by a change of subject."""
    if dialogue.intent.intent in _DIGRESSIONS and dialogue.intent.confidence >= _SURE:
        return False
    return fill(question.slot, Said(dialogue.text), dialogue.context) is not None
