"""What the coach answers by itself: useful and honest, from the context and nothing else."""

import re
from collections.abc import Callable

from coaching.language import (
    Emotion,
    Intent,
    Obstacle,
    parse_goal,
    parse_obstacle,
    parse_time_of_day,
    tone,
)

from .context import Context
from .dialogue import Dialogue
from .offers import Offer, serves
from .phrases import obstacles, openings, own
from .recollection import asks_what_was_said, brought_up, what_was_said
from .slots import habit_named
from .variation import Variation

MOST_LINES = 10

_URGENT = re.compile(
    r"\bchest\b|\bfaint\w*|\bpass(?:ed|ing) out\b|\bblack(?:ed|ing) out\b|\bbreath\w*|\bblood\b|\bnumb\w*|\bslurred\b|\bstroke\b|\bheart attack\b|\bsuddenly (?:dizzy|weak|confused)\b|\bpalpitations\b"
)
_ASKS_TIME = re.compile(
    r"\bwhat (?:time|day|date) is\b|\bwhat is (?:the time|today's date|the date)\b"
)
_ASKS_WHO = re.compile(
    r"\b(?:are you (?!able)|who (?:exactly )?are you|what (?:exactly )?are you\b(?! (?:able|capable|good))|what model|chat ?gpt|language model)"
)
_ASKS_REMINDERS = re.compile(r"\breminders?\b")
_UNWELL = re.compile(r"\b(?:ill|sick|flu|covid|fever|injur\w+|hurt|hospital|a cold)\b")
_FOOD = re.compile(
    r"\b(?:eat|eating|foods?|diets?|meals?|calories|nutrition|drink|protein|carbs|keto|fasting)\b"
)
_STOP_CONTACT = re.compile(
    r"\b(?:text|messag|call|remind|notif|contact|bother|nagg|ping|email|send|unsubscribe)\w*"
)


def _name(context: Context) -> str:
    return f", {context.name}" if context.name else ""


def _feeling(dialogue: Dialogue, variation: Variation) -> str:
    said = tone(dialogue.text)
    if said.emotion in (Emotion.NEUTRAL, Emotion.EXCITED) or dialogue.context.style == "concise":
        return ""
    return f"{variation.of(openings.BY_EMOTION[said.emotion])} "


# --- One function per intent ------------------------------------------------------------------
def _capabilities(dialogue: Dialogue, variation: Variation) -> str:
    if _ASKS_WHO.search(dialogue.plain):
        return variation.of(own.IDENTITY)
    able = []
    for name, line in own.CAPABILITY_OF_INTENT.items():
        intent = Intent(name)
        if name in own.ALWAYS_ABLE or any(serves(offer, intent) for offer in dialogue.offers):
            able.append(f"- {line}")
    known = {offer.name for offer in dialogue.offers if _is_known(offer)}
    able += [
        f"- {_told_to_you(offer.description)}"
        for offer in dialogue.offers
        if offer.name not in known and offer.description and not offer.name.startswith("accept")
    ]
    return variation.of(own.CAPABILITIES).format(list="\n".join(able[:MOST_LINES]))


def _told_to_you(description: str) -> str:
    """A tool's own line, which speaks of "the person", as said to that person."""
    line = description.split(".")[0].replace("the person's", "your").replace("the person", "you")
    return line[:1].lower() + line[1:]


def _is_known(offer: Offer) -> bool:
    return any(serves(offer, Intent(name)) for name in own.CAPABILITY_OF_INTENT)


def _about_me(dialogue: Dialogue, variation: Variation) -> str:
    context = dialogue.context
    name = f"{context.name}, " if context.name else ""
    lines = [f"- {line}" for line in context.known[:MOST_LINES]]
    wordings = own.ABOUT_ME if lines else own.ABOUT_ME_EMPTY
    text = variation.of(wordings).format(name=name, list="\n".join(lines))
    return (
        text
        if not name
        else text.replace(f"{name}T", f"{name}t", 1)
        .replace(f"{name}W", f"{name}w", 1)
        .replace(f"{name}S", f"{name}s", 1)
    )


def _motivation(dialogue: Dialogue, variation: Variation) -> str:
    context = dialogue.context
    habit = habit_named(dialogue.text, context) or next(iter(context.habits), "")
    told = ""
    if habit:
        told = own.MOTIVATION_HABIT.format(habit=habit)
    elif context.goals:
        told = own.MOTIVATION_GOAL.format(goal=context.goals[0])
    wordings = own.MOTIVATION_CONCISE if context.style in ("concise", "direct") else own.MOTIVATION
    return _feeling(dialogue, variation) + variation.of(wordings).format(
        habit=told, small=variation.of(own.MOTIVATION_SMALL)
    )


def struggling(dialogue: Dialogue, variation: Variation, obstacle: Obstacle | None) -> str:
    """A concrete change where the obstacle is known, else the one question that finds it."""
    if obstacle is None:
        asked = variation.of(obstacles.ASK).format(question=obstacles.QUESTION)
        return _feeling(dialogue, variation) + asked
    said = [turn.text for turn in dialogue.transcript.turns if turn.role == "user"]
    habit = next(
        (name for text in reversed(said[-3:]) if (name := habit_named(text, dialogue.context))), ""
    )
    named = f"“{habit}”" if habit else "it"
    return _feeling(dialogue, variation) + variation.of(obstacles.BY_OBSTACLE[obstacle]).format(
        habit=named
    )


def _struggling(dialogue: Dialogue, variation: Variation) -> str:
    obstacle = parse_obstacle(dialogue.text)
    if dialogue.intent.confidence < 0.6 and obstacle is None and _is_low(dialogue):
        return _feeling(dialogue, variation) + variation.of(own.LOW_DAY)
    return struggling(dialogue, variation, obstacle)


def _is_low(dialogue: Dialogue) -> bool:
    """Whether a message tells how the person is, and not how a habit of theirs goes."""
    is_down = tone(dialogue.text).emotion in (Emotion.DISCOURAGED, Emotion.ANXIOUS)
    return is_down and not habit_named(dialogue.text, dialogue.context)


def _find_time(dialogue: Dialogue, variation: Variation) -> str:
    habit = next(iter(dialogue.context.habits), "")
    usual = own.FIND_TIME_USUAL.format(habit=f"“{habit}”") if habit else ""
    time = parse_time_of_day(dialogue.text)
    told = (
        own.FIND_TIME_TOLD.format(time=f"the {time.value}") if time and time.value != "any" else ""
    )
    return variation.of(own.FIND_TIME).format(usual=usual, told=told)


def _predict(dialogue: Dialogue, variation: Variation) -> str:
    habit = habit_named(dialogue.text, dialogue.context)
    lines = dialogue.context.lines_about("habit", "progress", "strength")
    seen = next((line for line in lines if habit and habit in line), "")
    return variation.of(own.PREDICT).format(
        what=f" about “{habit}”" if habit else "",
        seen=own.PREDICT_SEEN.format(line=seen.rstrip(".")) if seen else "",
    )


def _analyze(dialogue: Dialogue, variation: Variation) -> str:
    lines = dialogue.context.lines_about("habit", "progress", "today", "goal", "momentum", "streak")
    if not lines:
        return variation.of(own.ANALYZE_NOTHING)
    listed = "\n".join(f"- {line}" for line in lines[:MOST_LINES])
    return variation.of(own.ANALYZE_WITHOUT_TOOL).format(list=listed)


def _greeting(dialogue: Dialogue, variation: Variation) -> str:
    context = dialogue.context
    hello = "Hello"
    if context.is_time_known:
        hour = context.now.hour
        hello = (
            "Good morning"
            if 4 <= hour < 12
            else "Good afternoon"
            if 12 <= hour < 18
            else "Good evening"
        )
    if context.style == "concise":
        return f"{hello}{_name(context)}. What can I do for you?"
    return variation.of(own.GREETINGS).format(hello=f"{hello}{_name(context)}.")


def _small_talk(dialogue: Dialogue, variation: Variation) -> str:
    if _ASKS_TIME.search(dialogue.plain) and dialogue.context.is_time_known:
        now = dialogue.context.now
        return variation.of(own.TIME).format(time=f"{now:%H:%M} on {now:%A}")
    wordings = (
        own.JOKES if "joke" in dialogue.plain or "funny" in dialogue.plain else own.SMALL_TALK
    )
    return variation.of(wordings)


def _goodbye(dialogue: Dialogue, variation: Variation) -> str:
    hour = dialogue.context.now.hour
    late = "night" in dialogue.plain or "bed" in dialogue.plain or hour >= 20
    wordings = own.GOODBYES if late else own.GOODBYES_BY_DAY
    return variation.of(wordings).format(name=_name(dialogue.context))


def _medical(dialogue: Dialogue, variation: Variation) -> str:
    if _URGENT.search(dialogue.plain):
        return own.MEDICAL_URGENT
    if _FOOD.search(dialogue.plain):
        return variation.of(own.FOOD)
    return variation.of(own.MEDICAL)


def _undo(dialogue: Dialogue, variation: Variation) -> str:
    wrote = {offer.name for offer in dialogue.offers if offer.effect != "read"}
    results = [turn.result for turn in dialogue.transcript.turns if turn.result]
    is_there = any(result.name in wrote and not result.error for result in results)
    return variation.of(own.UNDO if is_there else own.UNDO_NOTHING)


def _manage(dialogue: Dialogue, variation: Variation) -> str:
    if _ASKS_REMINDERS.search(dialogue.plain):
        return variation.of(own.MANAGE_REMINDERS)
    habit = habit_named(dialogue.text, dialogue.context)
    answer = variation.of(own.MANAGE).format(habit=f"“{habit}”" if habit else "the habit")
    return f"{own.GET_WELL} {answer}" if _UNWELL.search(dialogue.plain) else answer


def _today(dialogue: Dialogue, variation: Variation) -> str:
    lines = [line for line in dialogue.context.lines_about("habit") if not line.startswith("Goal")]
    if not dialogue.context.habits:
        return variation.of(own.ANALYZE_NOTHING)
    return variation.of(own.TODAY).format(
        list="\n".join(f"- {line}" for line in lines[:MOST_LINES])
    )


def _stop(dialogue: Dialogue, variation: Variation) -> str:
    wordings = own.STOP_MESSAGES if _STOP_CONTACT.search(dialogue.plain) else own.STOPPED
    return variation.of(wordings)


def _goal(dialogue: Dialogue, variation: Variation) -> str:
    # Only reached where no tool makes plans.
    return variation.of(own.NO_TOOL_FOR_IT)


def _unknown(dialogue: Dialogue, variation: Variation) -> str:
    goal = parse_goal(dialogue.text)
    can_plan = any(serves(offer, Intent.HABIT_SEQUENCE) for offer in dialogue.offers)
    if can_plan and goal and goal.confidence >= 0.6:
        return variation.of(own.GOAL_HEARD).format(goal=goal.words[:1].lower() + goal.words[1:])
    if not re.search(r"\w", dialogue.plain):
        return variation.of(own.NO_WORDS)
    said = tone(dialogue.text)
    if _is_low(dialogue) and not parse_obstacle(dialogue.text):
        return _feeling(dialogue, variation) + variation.of(own.LOW_DAY)
    if said.emotion in (Emotion.FRUSTRATED, Emotion.DISCOURAGED, Emotion.ANXIOUS):
        return struggling(dialogue, variation, parse_obstacle(dialogue.text))
    if said.emotion is Emotion.PROUD:
        return variation.of(openings.BY_EMOTION[Emotion.PROUD])
    concise = dialogue.context.style in ("concise", "direct")
    if _TELLS.match(dialogue.plain) and "?" not in dialogue.text:
        return variation.of(own.TOLD_CONCISE if concise else own.TOLD)
    return variation.of(own.UNKNOWN_CONCISE if concise else own.UNKNOWN)


# Somebody tells about themselves and asks for nothing.
_TELLS = re.compile(
    r"^(?:(?:and|also|well|so|oh|hi|hey|by the way)[, ]+)*(?:my \w+(?: \w+)? (?:is|are|has|have|was|lives?|works?|likes?|loves?|hates?)"
    r"|(?:i|we) (?:am|work|live|have|moved|hate|love|like|prefer|enjoy|got|used|usually|always|never|sleep|wake))\b.{4,}"
)


def _said(wordings: list[str]) -> Callable[[Dialogue, Variation], str]:
    return lambda dialogue, variation: variation.of(wordings)


def _reported_done(dialogue: Dialogue, variation: Variation) -> str:
    return variation.of(own.REPORTED_DONE)


_ANSWERS: dict[Intent, Callable[[Dialogue, Variation], str]] = {
    Intent.CAPABILITIES: _capabilities,
    Intent.ABOUT_ME: _about_me,
    Intent.MOTIVATION: _motivation,
    Intent.STRUGGLING: _struggling,
    Intent.FIND_TIME: _find_time,
    Intent.PREDICT_SUCCESS: _predict,
    Intent.ANALYZE_PROGRESS: _analyze,
    Intent.SHOW_CHART: _analyze,
    Intent.GREETING: _greeting,
    Intent.SMALL_TALK: _small_talk,
    Intent.THANKS: _said(own.THANKS),
    Intent.GOODBYE: _goodbye,
    Intent.DECLINE_MEDICAL: _medical,
    Intent.DECLINE_FINANCIAL: _said(own.FINANCIAL),
    Intent.COMPLETE_HABIT: _reported_done,
    Intent.FORGET: _said(own.FORGET),
    Intent.STOP: _stop,
    Intent.YES: _said(own.YES_TO_NOTHING),
    Intent.NO: _said(own.NO_TO_NOTHING),
    Intent.CREATE_GOAL: _goal,
    Intent.HABIT_SEQUENCE: _goal,
    Intent.SET_REMINDER: _said(own.NO_TOOL_FOR_IT),
    Intent.UNDO: _undo,
    Intent.MANAGE: _manage,
    Intent.TODAY: _today,
    Intent.INSULT: _said(own.INSULT),
    Intent.INSTRUCTIONS: _said(own.INSTRUCTIONS),
    Intent.UNKNOWN: _unknown,
}


_RECALLS = {Intent.MOTIVATION, Intent.STRUGGLING, Intent.FIND_TIME}


def own_answer(dialogue: Dialogue, variation: Variation) -> str:
    """The coach's own answer to the last message; where it helps, with what was told before."""
    if asks_what_was_said(dialogue.plain):
        return what_was_said(dialogue.context, variation)
    before = ""
    if dialogue.intent.intent in _RECALLS:
        before = brought_up(dialogue.context, dialogue.text, variation)
    return before + _ANSWERS[dialogue.intent.intent](dialogue, variation)
