"""The tools that were offered, as the coach sees them: when each is asked for and what it needs to know.

Everything is read from the tool's own schema, so a tool of a new domain is understood with no change here.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from coaching.language import Guess, Intent, mended, parse_goal
from coaching.language.wording import LONGEST

from .phrases.questions import QUESTIONS


@dataclass(frozen=True)
class Slot:
    """An argument of a tool. `kind` says what fills it, `question` asks for it."""

    name: str
    kind: str
    type: str
    choices: tuple[str, ...]
    format: str
    is_essential: bool
    is_required: bool
    question: str
    description: str
    low: float | None = None
    high: float | None = None

    @property
    def is_needed(self) -> bool:
        return self.is_essential or self.is_required


@dataclass(frozen=True)
class Offer:
    """A tool on offer."""

    name: str
    description: str
    effect: str
    cues: tuple[re.Pattern[str], ...]
    slots: tuple[Slot, ...]

    def slot(self, kind: str) -> Slot | None:
        return next((slot for slot in self.slots if slot.kind == kind), None)

    def cue_strength(self, text: str) -> float:
        """How strongly a text asks for this tool, 0 to 1."""
        longest = 0
        for form in (mended(text), text[:LONGEST].lower().replace("’", "'")):
            for cue in self.cues:
                if found := cue.search(form):
                    longest = max(longest, len(found[0]))
        return 0.75 + min(0.2, longest / 100) if longest else 0.0


# A property without a hint is understood by a telling name.
_BY_NAME = [
    (re.compile(r"^goal"), "goal"),
    (re.compile(r"timeline|deadline|until"), "timeframe"),
    (re.compile(r"minutes|time_available|duration"), "minutes_per_day"),
    (re.compile(r"difficulty"), "difficulty"),
    (re.compile(r"preferred_time|time_of_day"), "time_of_day"),
    (re.compile(r"constraints?"), "constraints"),
    (re.compile(r"period|time_range"), "period"),
    (re.compile(r"habit"), "habit"),
    (re.compile(r"visualization_type|chart"), "chart_kind"),
    (re.compile(r"data_source|metric"), "data_source"),
    (re.compile(r"^(?:time|at|when|remind_at)$"), "moment"),
    (re.compile(r"issue|obstacle|problem"), "issue"),
]


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str] | None:
    try:
        return re.compile(pattern, re.I)
    except re.error:
        return None  # a broken cue costs its tool that cue, not the conversation


def _resolved(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """A property's schema with references and "or null" taken away; its own keys win."""
    merged: dict[str, Any] = {}
    if reference := schema.get("$ref"):
        merged |= _resolved(definitions.get(str(reference).rsplit("/", 1)[-1], {}), definitions)
    for key in ("allOf", "anyOf", "oneOf"):
        for option in schema.get(key) or ():
            if isinstance(option, dict) and option.get("type") != "null":
                merged = _resolved(option, definitions) | merged
    return merged | {
        key: value
        for key, value in schema.items()
        if key not in ("$ref", "anyOf", "allOf", "oneOf")
    }


def _slot(name: str, schema: dict[str, Any], required: bool) -> Slot:
    hint = schema.get("x-slot") or {}
    kind = str(hint.get("kind") or "")
    if not kind:
        kind = next(
            (kind for pattern, kind in _BY_NAME if pattern.search(name)), "text" if required else ""
        )
    choices = schema.get("enum") or ([schema["const"]] if "const" in schema else [])
    items = schema.get("items")
    if not choices and isinstance(items, dict):
        choices = items.get("enum") or []
    return Slot(
        name=name,
        kind=kind,
        type=str(schema.get("type") or "string"),
        choices=tuple(str(choice) for choice in choices),
        format=str(schema.get("format") or ""),
        is_essential=bool(hint.get("essential")),
        is_required=required,
        question=str(hint.get("question") or "")
        or QUESTIONS.get(kind, f"What should I take for “{name.replace('_', ' ')}”?"),
        description=str(schema.get("description") or ""),
        low=schema.get("minimum", schema.get("exclusiveMinimum")),
        high=schema.get("maximum", schema.get("exclusiveMaximum")),
    )


def read(tools: list[dict[str, Any]]) -> list[Offer]:
    """Reads tools in the chat-completions format."""
    return list(_read(json.dumps(tools, default=str)))


@lru_cache(maxsize=32)
def _read(raw: str) -> tuple[Offer, ...]:
    offers = []
    tools = json.loads(raw)
    for tool in tools:
        function = tool.get("function") or {}
        parameters = function.get("parameters") or {}
        definitions = parameters.get("$defs") or {}
        required = parameters.get("required") or []
        slots = [
            _slot(name, _resolved(schema, definitions), name in required)
            for name, schema in (parameters.get("properties") or {}).items()
            if isinstance(schema, dict)
        ]
        cues = [_compiled(str(pattern)) for pattern in parameters.get("x-cues") or ()]
        offers.append(
            Offer(
                name=str(function.get("name") or ""),
                description=str(function.get("description") or ""),
                effect=str(parameters.get("x-effect") or "read"),
                cues=tuple(cue for cue in cues if cue),
                slots=tuple(slots),
            )
        )
    return tuple(offer for offer in offers if offer.name)


# --- Which tool serves which intent -------------------------------------------------------------
# By the kind of thing a tool needs to know, or by words of its name.
_SERVED: dict[Intent, tuple[frozenset[str], re.Pattern[str]]] = {
    Intent.CREATE_GOAL: (frozenset({"goal"}), re.compile(r"sequence|create_goal|make_plan")),
    Intent.HABIT_SEQUENCE: (frozenset({"goal"}), re.compile(r"sequence|make_plan")),
    Intent.ANALYZE_PROGRESS: (frozenset(), re.compile(r"progress|analy[sz]e|insights?$|explain_")),
    Intent.STRUGGLING: (frozenset({"issue"}), re.compile(r"modif|troubleshoot|obstacle")),
    Intent.FIND_TIME: (frozenset(), re.compile(r"(?:find|optimal|suggest|best).*(?:time|slot)")),
    Intent.PREDICT_SUCCESS: (frozenset(), re.compile(r"predict|forecast|chance")),
    Intent.SHOW_CHART: (frozenset({"chart_kind"}), re.compile(r"visuali[sz]|chart|graph")),
    Intent.SET_REMINDER: (frozenset(), re.compile(r"remind")),
    Intent.ABOUT_ME: (frozenset(), re.compile(r"about_me|profile|what_.*know|memories")),
    Intent.COMPLETE_HABIT: (frozenset(), re.compile(r"complete|tick|check_off|log_habit|mark_")),
    Intent.FORGET: (frozenset(), re.compile(r"forget|erase")),
    Intent.MOTIVATION: (frozenset(), re.compile(r"motivat")),
}
_NEEDS_A_WRITE = {Intent.COMPLETE_HABIT, Intent.FORGET, Intent.SET_REMINDER}


def serves(offer: Offer, intent: Intent) -> bool:
    """Whether a tool is the one for an intent of the product."""
    if intent not in _SERVED or (intent in _NEEDS_A_WRITE and offer.effect == "read"):
        return False
    kinds, name = _SERVED[intent]
    return bool(name.search(offer.name)) or any(slot.kind in kinds for slot in offer.slots)


def _nearness(offer: Offer, text: str, about: str) -> float:
    """What speaks for or against a tool by the things it is for: habits are ticked, and so are tasks."""
    if offer.slot("task"):
        if about == "task":
            return 0.1
        if about == "habit":
            return -0.5
        return 0.0 if _OF_TASKS.search(text) else -0.2
    return -0.3 if about == "task" and offer.slot("habit") else 0.0


# Small talk around a wish does not speak against the tool that the wish asks for.
_LIGHT = {Intent.GREETING, Intent.THANKS, Intent.SMALL_TALK, Intent.YES, Intent.NO, Intent.GOODBYE}


_OF_TASKS = re.compile(r"\b(?:tasks?|to-?dos?|list)\b", re.I)


def asked_for(
    text: str, offers: list[Offer], intents: Sequence[Guess], about: str = ""
) -> tuple[Offer, float] | None:
    """The tool that a message asks for, with how sure that is; none when it asks for none.

    `about` says which of the person's things the message names: "habit", "task" or neither. A message that speaks much more clearly
    for an intent no tool serves is left to the coach's own answer.
    """
    best: tuple[float, Offer] | None = None
    for offer in offers:
        cue = offer.cue_strength(text)
        is_of_tasks = offer.slot("task") is not None
        own = max(
            (
                guess.confidence
                for guess in intents
                if serves(offer, guess.intent) and (about == "task" or not is_of_tasks)
            ),
            default=0.0,
        )
        if cue and offer.slot("goal") and not own and parse_goal(text) is None:
            cue -= 0.4  # "I want to see …" has the form of a goal, and is none
        score = min(1.0, max(cue, own) + 0.1 * min(cue, own))
        score += _nearness(offer, text, about) if score else 0.0
        if score >= 0.5 and (best is None or score > best[0]):
            best = score, offer
    if best is None:
        return None
    score, offer = best
    rival = next((guess for guess in intents if guess.intent not in _LIGHT), None)
    if rival and not serves(offer, rival.intent) and rival.confidence > score + 0.05:
        return None
    return offer, score
