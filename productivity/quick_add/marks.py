"""Categories, priorities and lengths of time in what a person typed."""

import re

from coaching.language.quantities import LENGTH, minutes_of
from productivity.models import LONGEST_TASK_MINUTES, Priority

from .typed import Kind, Typed

LONGEST_CATEGORY = 40
_CATEGORY = re.compile(r"(?<![^\s(,;])[#@]([^\W\d_][\w-]*)(?![\w@]|[.:/]\w)")
_SIGN = re.compile(
    r"(?<![^\s(,;])(?:!(?P<name>highest|high|hi|h|important|urgent|medium|med|m|low|l|none|no|[1-4])|"
    r"p(?P<number>[1-4])|(?P<bangs>!!!?))(?=[\s,;.)]|$)"
)
_NAMES = {
    Priority.HIGH: ("highest", "high", "hi", "h", "important", "urgent", "1", "!!", "!!!"),
    Priority.MEDIUM: ("medium", "med", "m", "2"),
    Priority.LOW: ("low", "l", "3"),
    Priority.NONE: ("none", "no", "4"),
}
_BY_NAME = {name: priority for priority, names in _NAMES.items() for name in names}
_WORDS = re.compile(
    r"(?<![\w'-])(?:(?P<high>urgent(?:ly)?|asap|(?:high|top) priority)|(?P<medium>medium priority)|"
    r"(?P<low>low priority|not urgent|no rush|no hurry))(?![\w'-])(?P<after>\s*[:!]+)?"
)
# Behind these a number is a name: "Meeting room 6", "platform 2".
_NAMED_BY_NUMBER = frozenset(
    [
        "room",
        "level",
        "floor",
        "gate",
        "platform",
        "chapter",
        "unit",
        "step",
        "part",
        "section",
        "building",
        "parking",
        "number",
        "terminal",
        "track",
    ]
)
_BEFORE_LENGTH = re.compile(
    r"(?:(?:(?:it )?(?:takes?|lasts?|needs?)|estimated?(?: at)?|est\.?|duration)\s*:?\s*)?(?:for\s+)?"
    r"(?:(?:about|around|approx\.?|ca\.?|roughly|max\.?|at most|up to)\s+)?(?:~\s*)?$"
)
_NO_LENGTH_BEFORE = re.compile(
    r"(?:\b(?:in|within|under|sub|below|less than|after|every|each|last|past|next|by|than)\s+"
    r"|\b(?:swim|swims|sprint|dive|row)\s+|[$£€\d.,:/+-])$"
)
_NO_LENGTH_AFTER = re.compile(
    r"\s*(?:ago|from now|later|before|early|late|away|old|after|a day|per)\b|\s*/"
)
_SHORTEST_NAMED = re.compile(r"\d\s?m")


def take_category(typed: Typed) -> str:
    """The first #word or @word; "" without one. Those after it stay where they are."""
    for found in _CATEGORY.finditer(typed.open):
        if len(found[1]) <= LONGEST_CATEGORY:
            typed.claim(found.start(), found.end(), Kind.CATEGORY)
            return found[1]
    return ""


def take_priority(typed: Typed) -> Priority:
    """What a sign ("!high", "p1", "!!") or a word that stands by itself ("urgent:", "… asap") says."""
    for found in _SIGN.finditer(typed.open):
        if found["number"] and typed.word_before(found.start()) in _NAMED_BY_NUMBER:
            continue
        typed.claim(found.start(), found.end(), Kind.PRIORITY)
        return _BY_NAME[found["name"] or found["number"] or found["bangs"]]
    for found in _WORDS.finditer(typed.open):
        leads = typed.is_first(found.start()) and found["after"]
        # "the urgent" is somebody's noun; the word by itself at the end is a mark.
        if leads or (typed.is_last(found.end()) and not typed.is_first(found.start())):
            typed.claim(found.start(), found.end(), Kind.PRIORITY)
            if found["low"]:
                return Priority.LOW
            return Priority.HIGH if found["high"] else Priority.MEDIUM
    return Priority.NONE


def take_estimate(typed: Typed) -> int | None:
    """How long it takes, in minutes. A length that describes a thing ("5 minute timer") also stays in the title."""
    for found in LENGTH.finditer(typed.open):
        before = typed.open[: found.start()]
        lead = _BEFORE_LENGTH.search(before)
        start = lead.start() if lead else found.start()
        try:
            minutes = round(minutes_of(found))
        except (ValueError, OverflowError):
            continue
        if not 1 <= minutes <= LONGEST_TASK_MINUTES or _NO_LENGTH_AFTER.match(
            typed.open, found.end()
        ):
            continue
        if start == found.start() and _NO_LENGTH_BEFORE.search(before):
            continue
        said = start < found.start() and before[start:].strip() != ""
        inside = not typed.is_first(found.start()) and not typed.is_last(found.end())
        if inside and not said and _SHORTEST_NAMED.fullmatch(found[0]):
            continue  # "buy 5m cable" is a length of another kind
        word, leads = typed.next_word(found.end()), typed.is_first(start)
        kept = bool(re.match(r"\s+of\b", typed.open[found.end() :])) or (
            bool(word) and not said and (not leads or not found[0].endswith(("s", "min", "h", "m")))
        )
        typed.claim(start, found.end(), Kind.ESTIMATE, kept=kept)
        return minutes
    return None
