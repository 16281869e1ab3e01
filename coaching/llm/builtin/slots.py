"""Filling a tool's arguments from what a person said, one kind of thing at a time."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from coaching.language import (
    Obstacle,
    mended,
    parse_constraints,
    parse_difficulty,
    parse_goal,
    parse_minutes_per_day,
    parse_moment,
    parse_obstacle,
    parse_period,
    parse_time_of_day,
    parse_timeframe,
    tidy,
)

from .context import Context
from .offers import Slot
from .phrases.questions import DEFAULTS

LONGEST_TEXT = 200


@dataclass(frozen=True)
class Said:
    """Something a person said; `answering` when it replied to the question for the very slot,
    `revising` when it changes what was just made."""

    text: str
    answering: bool = False
    revising: bool = False


_YES = re.compile(
    r"(?:yes|yeah|yep|sure|ok(?:ay)?|that(?: one)?|the same|exactly|please)\b[^a-z]*(?:please|that one|let us do (?:it|that)|that)?[ .!]*$"
)


def _goal(said: Said, slot: Slot, context: Context) -> Any:
    if said.answering and context.goals and _YES.match(mended(said.text)):
        return context.goals[0]
    goal = parse_goal(said.text, answering=said.answering)
    if goal is None or (goal.confidence < 0.5 and not said.answering):
        return None
    return goal.words[:1].upper() + goal.words[1:]


_BARE_TIME = re.compile(
    r"^(?:maybe |about |around |say |the )?(?P<words>(?:end of |early |late |mid[- ])?\w+(?: \d{1,4})?)[.! ]*$"
)


def _timeframe(said: Said, slot: Slot, context: Context) -> Any:
    found = parse_timeframe(
        said.text, context.now.date(), southern=context.southern, locale=context.locale
    )
    if found is None and said.answering and (bare := _BARE_TIME.match(said.text.strip().lower())):
        found = parse_timeframe(
            f"by {bare['words']}",
            context.now.date(),
            southern=context.southern,
            locale=context.locale,
        )
    if found is None:
        return None
    return found.deadline.isoformat() if slot.format == "date" else found.words


def _minutes(said: Said, slot: Slot, context: Context) -> Any:
    minutes = parse_minutes_per_day(said.text, answering=said.answering)
    if minutes is None and said.answering and (bare := _BARE_MINUTES.match(said.text.lower())):
        minutes = int(bare[1])
    if minutes is None and said.answering and _LITTLE_TIME.search(mended(said.text)):
        minutes = 10
    return minutes


# "20 in the mornings": a number that is no time of day and counts nothing else.
_BARE_MINUTES = re.compile(
    r"^(?:[a-z]+[ ,]+){0,3}(\d{1,3})(?![:.\d]| ?(?:am|pm|a\.m|p\.m|o'clock|days?|weeks?|months?|times|years?|h\b|hours?|%|[a-z]*k\b))"
)
_LITTLE_TIME = re.compile(
    r"\b(?:not (?:have |got )?(?:very )?(?:much|a lot)|very little|hardly any|barely any|almost no(?:ne|thing)?|a little|as little as possible)\b"
)


def _constraints(said: Said, slot: Slot, context: Context) -> Any:
    found = [constraint.words for constraint in parse_constraints(said.text)]
    if not found and said.answering and not _NOTHING.match(mended(said.text)):
        found = [said.text.strip()[:LONGEST_TEXT]]
    return found or None


_NOTHING = re.compile(r"^(?:no|none|nothing|nope|not really|nah)\b")


def _period(said: Said, slot: Slot, context: Context) -> Any:
    period = parse_period(said.text)
    return None if period is None else period.code


def habit_named(text: str, context: Context) -> str | None:
    """The person's habit that a text names, by most of the words of its name."""
    best = _best(text, context.habits)
    return best[1] if best else None


def kind_named(text: str, context: Context) -> str:
    """Which of the person's things a text names more of: "habit", "task" or neither; a habit where both fit as well."""
    habit, task = _best(text, context.habits), _best(text, context.tasks)
    if habit and (task is None or habit[0] >= task[0]):
        return "habit"
    return "task" if task else ""


def _best(text: str, names: list[str]) -> tuple[float, str] | None:
    """The name of which a text has most, and how much of it; none of which it has less than half."""
    words = {_stem(word) for word in re.findall(r"[a-z]{3,}", mended(text))}
    best: tuple[float, str] | None = None
    for name in names:
        parts = [
            _stem(word) for word in re.findall(r"[a-z]{3,}", name.lower()) if word not in _SMALL
        ]
        if not parts:
            continue
        share = sum(part in words for part in parts) / len(parts)
        if share >= 0.5 and (best is None or share > best[0]):
            best = share, name
    return best


_TOLD = re.compile(
    r"^(?:(?:yes|yeah|ok|so|and|well|i|have|just|also|finally|already|today)[, ]+)*(?P<verb>[a-z]+)\b"
)


def is_told_as_done(text: str, context: Context) -> bool:
    """Whether a text begins with the past of a verb that one of the person's habits is named by."""
    plain = mended(text)
    found, habit = _TOLD.match(plain), habit_named(text, context)
    if found is None or habit is None or plain.endswith("?"):
        return False
    verb = found["verb"]
    is_past = verb in _IRREGULAR or verb == "read" or verb.endswith("ed")
    return is_past and _stem(verb) in {_stem(word) for word in re.findall(r"[a-z]+", habit.lower())}


_PHRASES = [
    re.compile(
        r"\bwhen (?:should|shall|can|could|do|would) i (?:best )?(?P<what>[a-z][\w -]{2,40})[?.! ]*$"
    ),
    re.compile(
        r"\b(?:time|moment|slot) (?:to|for) (?:my |the |a )?(?P<what>[a-z][\w -]{2,40}?)(?:[,?.!].*)?$"
    ),
    re.compile(
        r"\b(?:my|the) (?!habits?\b|plan\b|goal|progress|day\b|life\b|time\b|best\b|week\b|chances|odds|schedule|problem|motivation|streak)(?P<what>[a-z][\w-]*(?: [a-z][\w-]*){0,2}?)(?= (?:again|because|every|since|for|is|are|was|today|yesterday|this|any ?more|and|but|at|in|on|as|easier|smaller|shorter|done|off|feels?|seems?)\b|[.,!?]|$)"
    ),
    re.compile(
        r"\b(?:how likely am i|am i likely|will i be able|will i manage) to (?P<what>[a-z][\w -]{2,40})[?.! ]*$"
    ),
    re.compile(r"\b(?:chances|odds|probability) of (?:me )?(?P<what>[a-z][\w -]{2,40})[?.! ]*$"),
]


def _habit_phrase(text: str) -> str | None:
    """The words for a habit that is not among the person's own."""
    plain = mended(text)
    for pattern in _PHRASES:
        if found := pattern.search(plain):
            what = found["what"].strip()
            return None if _NO_NAME.match(what) else what
    return None


_NO_NAME = re.compile(
    r"(?:it|this|that|them|habits?|my habits?|everything|do (?:it|this|that|my habits?))$"
)


_SMALL = {
    "the",
    "and",
    "for",
    "with",
    "your",
    "day",
    "minutes",
    "minute",
    "daily",
    "habit",
    "after",
    "before",
    "version",
}


_IRREGULAR = {
    "ran": "run",
    "swam": "swim",
    "wrote": "write",
    "slept": "sleep",
    "drank": "drink",
    "ate": "eat",
    "rode": "ride",
    "went": "go",
    "did": "do",
}


def _stem(word: str) -> str:
    word = _IRREGULAR.get(word, word)
    for ending in ("ning", "ting", "ing", "tion", "ation", "ed", "es", "e", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


def _task(said: Said, slot: Slot, context: Context) -> Any:
    """All that was said: the tool knows every task, the prompt only the nearest."""
    return said.text.strip()[:LONGEST_TEXT] or None


def _habit(said: Said, slot: Slot, context: Context) -> Any:
    if name := habit_named(said.text, context):
        return name
    if (
        slot.type != "array"
        and not _TO_BE_TOLD.search(mended(said.text))
        and (phrase := _habit_phrase(said.text))
    ):
        return phrase
    if slot.is_needed and slot.type != "array" and len(context.habits) == 1 and not said.answering:
        return context.habits[0]
    return said.text.strip()[:LONGEST_TEXT] if said.answering and slot.type != "array" else None


_CHARTS = {
    "heatmap": r"\bheat ?maps?\b|\bcalendar\b|\bgrid\b",
    "bar": r"\bbars?\b|\bhistogram\b|\bcolumns?\b",
    "streak": r"\bstreaks?\b",
    "line": r"\blines?\b|\bcurve\b|\btrends?\b|\bover time\b|\bgraph\b|\bplot\b",
}


def _chart_kind(said: Said, slot: Slot, context: Context) -> Any:
    text = mended(said.text)
    return next((kind for kind, pattern in _CHARTS.items() if re.search(pattern, text)), None)


_SERIES = re.compile(
    r"\b(?:streaks?|strength|momentum|pillars?|score|sleep|mood|steps|weight|tasks|energy|calls|habits?|completions?|consistency|progress)\b"
)


def _data_source(said: Said, slot: Slot, context: Context) -> Any:
    text = mended(said.text)
    words = {_stem(word) for word in re.findall(r"[a-z]{3,}", text)}
    for choice in slot.choices:
        parts = {
            _stem(part) for part in re.findall(r"[a-z]{3,}", choice.lower().rsplit(".", 1)[-1])
        }
        if parts & words:
            return choice
    if slot.choices:
        return None
    found = _SERIES.findall(text)
    # "habit strength" asks for strength: the general word only says whose.
    return next((word for word in found if not _GENERAL.match(word)), "habits" if found else None)


_GENERAL = re.compile(r"(?:habits?|progress|completions?|consistency)$")


def _moment(said: Said, slot: Slot, context: Context) -> Any:
    moment = parse_moment(said.text, context.now)
    if (
        moment is None
        and said.answering
        and (bare := re.match(r"^\D{0,12}(\d{1,2}(?:[:.]\d\d)?)\D{0,3}$", said.text.strip()))
    ):
        moment = parse_moment(f"at {bare[1]}", context.now)
    if moment is None:
        return None
    if slot.format == "date-time" and not moment.weekdays:
        return moment.at.isoformat(timespec="seconds")
    return moment.in_words()


_TO_BE_TOLD = re.compile(
    r"\b(?:remind(?:er)?s?(?: me| us)?|forget|alarm|alert|nudge(?: me)?|ping me|notif(?:y me|ication)|text me|message me|wake me(?: up)?)\b(?P<rest>.*)$"
)
_ABOUT = re.compile(r"\b(?P<joint>to|about|for|that|of|:)\s*(?P<what>.+)$")
_WHEN_PARTS = re.compile(
    r"\b(?:(?:on |at |by |in |this |next |every |each |around |from |for )?(?:the )?(?:tomorrow|today|tonight|noon|midnight|midday|morning|afternoon|evening|night|lunch ?time|weekends?|weekdays?|week|day|daily|(?:mon|tues|wednes|thurs|fri|satur|sun)days?)s?|(?:and|to|through) (?:mon|tues|wednes|thurs|fri|satur|sun)days?"
    r"|(?:at|around|by|@) (?:about )?(?:half past |quarter (?:past|to) )?(?:\d{1,2}(?:[:.]\d\d)?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)(?: ?o'?clock| ?[ap]\.?m\b\.?)?|\d{1,2}(?:[:.]\d\d)? ?[ap]\.?m\b\.?|\d{1,2}:\d\d"
    r"|in (?:about )?(?:\d+|an?|half an?|one|two|three|four|five|ten|fifteen|twenty|thirty|a couple of|a few) (?:minutes?|mins?|hours?|hrs?|days?|weeks?)|(?:on )?(?:the )?\d{1,2}(?:st|nd|rd|th)? (?:of )?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\w*|20\d\d-\d\d-\d\d)\b",
)
_POLITE = re.compile(r"\b(?:please|thanks|thank you|can you|could you|would you)\b|[?!.]+$")


def _text(said: Said, slot: Slot, context: Context) -> Any:
    text = tidy(said.text)
    if not _TO_BE_TOLD.search(text.lower()) and _TO_BE_TOLD.search(mended(said.text)):
        text = mended(said.text)  # a slip stands in the very word that asks
    is_wish = _TO_BE_TOLD.search(text.lower()) and parse_moment(text, context.now) is not None
    if said.answering and not is_wish:
        words = re.sub(
            r"^(?:please )?(?:remind me )?(?:to|about|that) ", "", text, flags=re.I
        ).strip(" .!")
        is_only_a_wish = re.match(
            r"(?:please )?(?:remind me|set (?:a|another) reminder)\b", words, re.I
        )
        return None if is_only_a_wish else words[:LONGEST_TEXT] or None
    found = re.search(_TO_BE_TOLD.pattern, text, re.I)
    if not found:
        return None
    rest = re.sub(_WHEN_PARTS.pattern, " ", found["rest"], flags=re.I)
    rest = re.sub(_POLITE.pattern, " ", rest, flags=re.I)
    rest = re.sub(r"\s+", " ", rest).strip(" ,.;-")
    about = re.search(_ABOUT.pattern, rest, re.I)
    words = (about["what"] if about else rest.lstrip(": ")).strip(" ,.;:-")
    words = re.sub(
        r"^(?:to|my|for|about|that i (?:have|need) to|i (?:have|need) to)\s+(?=\w)",
        "",
        words,
        flags=re.I,
    )
    words = re.sub(
        r"[\s,]+(?:on|at|by|in|every|each|and|the|from|to|for|around|about)+$",
        "",
        words,
        flags=re.I,
    )
    if len(words) < 2 and re.search(r"\bwake me\b", text, re.I):
        return "Wake up"
    if len(words) < 2 or re.fullmatch(r"(?:later|soon|again|please|sometime|then)", words, re.I):
        return None
    return words[:LONGEST_TEXT]


_PART = re.compile(
    r"\b(?:drop|remove|leave out|take out|get rid of|ditch|scrap|without|skip|cut out|no more) (?:the |any |that |all (?:the )?)?(?P<what>[a-z][\w -]{2,40}?)(?: (?:part|bit|habit|session|stuff|thing|work|one)s?)?(?:,? please)?[.! ]*$"
)


def _part(said: Said, slot: Slot, context: Context) -> Any:
    # Only of something that is there: "stop smoking without pills" leaves nothing out of a plan.
    found = _PART.search(mended(said.text)) if said.revising else None
    return found["what"].strip() if found else None


_REASON = re.compile(
    r"\b(?:because|since|as) (?:of |i (?:was|am|had|felt|got) )?(?P<why>[^.!?]{2,60})|\b(?P<state>ill|sick|injured|travell?ing|on holiday|rest day)\b"
)


def _reason(said: Said, slot: Slot, context: Context) -> Any:
    found = _REASON.search(mended(said.text))
    return (found["why"] or found["state"]).strip() if found else None


def _issue(said: Said, slot: Slot, context: Context) -> Any:
    obstacle = obstacle_in(said.text, answering=said.answering)
    return obstacle.value if obstacle else None


_ALL_OF_IT = re.compile(
    r"\b(?:everything|all of (?:it|them|that|the above)|a bit of (?:each|all|everything)|both)\b"
)


def obstacle_in(text: str, *, answering: bool = False) -> Obstacle | None:
    """What stands in the way; "everything" in answer to the question is best met by less of it."""
    if (obstacle := parse_obstacle(text)) is not None:
        return obstacle
    return Obstacle.TOO_HARD if answering and _ALL_OF_IT.search(mended(text)) else None


_READERS: dict[str, Callable[[Said, Slot, Context], Any]] = {
    "goal": _goal,
    "timeframe": _timeframe,
    "minutes_per_day": _minutes,
    "difficulty": lambda said, slot, context: _value(parse_difficulty(said.text)),
    "time_of_day": lambda said, slot, context: _value(parse_time_of_day(said.text)),
    "constraints": _constraints,
    "period": _period,
    "habit": _habit,
    "task": _task,
    "chart_kind": _chart_kind,
    "data_source": _data_source,
    "moment": _moment,
    "text": _text,
    "issue": _issue,
    "part": _part,
    "reason": _reason,
    "words": lambda said, slot, context: said.text.strip()[:LONGEST_TEXT] or None,
}


def _value(member: Any) -> Any:
    return None if member is None else str(member.value)


def fill(slot: Slot, said: Said, context: Context) -> Any:
    """What a text says about a slot, in the shape its schema asks for; none when it says nothing."""
    if not slot.kind:
        return _choice_named(said.text, slot)
    reader = _READERS.get(slot.kind)
    value = reader(said, slot, context) if reader else None
    return None if value is None else fitted(slot, value)


def _choice_named(text: str, slot: Slot) -> str | None:
    """A choice that a text names in so many words, for arguments that come without a hint."""
    words = {_stem(word) for word in re.findall(r"[a-z]{3,}", mended(text))}
    words |= {_stem(_ALSO_NAMED[word]) for word in words if word in _ALSO_NAMED}
    return next((choice for choice in slot.choices if _stem(choice.lower()) in words), None)


_ALSO_NAMED = {"half": "partial", "partly": "partial", "partially": "partial", "skip": "skipped"}


def default_for(slot: Slot) -> tuple[Any, str] | None:
    """What to take when the person leaves it open, and the sentence that says so."""
    if slot.kind not in DEFAULTS:
        return None
    value, sentence = DEFAULTS[slot.kind]
    shaped = fitted(slot, value)
    return None if shaped is None else (shaped, sentence)


_SYNONYMS = {
    "midday": ("afternoon", "noon", "lunch"),
    "moderate": ("medium", "normal"),
    "challenging": ("hard", "difficult"),
    "any": ("anytime", "flexible"),
}


def _choice(slot: Slot, value: str) -> str | None:
    """The choice of the schema that a value stands for."""
    lowered = {choice.lower(): choice for choice in slot.choices}
    for wanted in (value.lower(), *_SYNONYMS.get(value.lower(), ())):
        if wanted in lowered:
            return lowered[wanted]
    days = {choice: int(choice[:-1]) for choice in slot.choices if re.fullmatch(r"\d+d", choice)}
    if days and re.fullmatch(r"\d+d", value):
        asked = int(value[:-1])
        return min(days, key=lambda choice: (abs(days[choice] - asked), days[choice]))
    return None


def fitted(slot: Slot, value: Any) -> Any:
    """A value in the type and among the choices of its schema; none when it cannot be."""
    if slot.type == "array":
        values = value if isinstance(value, list) else [value] if value not in ("", None) else []
        if slot.choices:
            values = [choice for one in values if (choice := _choice(slot, str(one)))]
        return values
    if isinstance(value, list):
        value = ", ".join(str(one) for one in value)
    if slot.type in ("integer", "number"):
        if not isinstance(value, int | float):
            return None
        if slot.low is not None:
            value = max(value, slot.low)
        if slot.high is not None:
            value = min(value, slot.high)
        return int(value) if slot.type == "integer" else value
    return _choice(slot, str(value)) if slot.choices else str(value)
