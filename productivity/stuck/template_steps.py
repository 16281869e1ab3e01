"""Steps of a task by what kind of doing it is, without a model; their minutes add up to the task's."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from productivity.models import Task

# (ours) No draft has more steps; more are a plan of their own.
MOST_STEPS = 8
# (ours) The first step is to be so short that it is begun: minutes.
FIRST_STEP_MINUTES = 10
LONGEST_TITLE = 200


@dataclass(frozen=True)
class Step:
    """One step of a draft."""

    title: str
    minutes: int


@dataclass(frozen=True)
class _Kind:
    """A kind of doing: what its titles begin with, the categories it is usual in, and its steps with their weights."""

    verbs: re.Pattern[str]
    categories: frozenset[str]
    steps: tuple[tuple[str, float], ...]


def _kind(verbs: str, categories: str, *steps: tuple[str, float]) -> _Kind:
    return _Kind(
        re.compile(rf"(?<![\w'-])(?:{verbs})(?![\w'-])"), frozenset(categories.split()), steps
    )


_KINDS = [
    _kind(
        r"e-?mail|reply|respond|answer|message|text|write back|write to|send (?:an? )?(?:e-?mail|message)",
        "",
        ("Note in three words what {what} is to say", 1),
        ("Write it without rereading", 3),
        ("Read it once and send it", 1),
    ),
    _kind(
        r"call|phone|ring|telephone",
        "",
        ("Find the number and write down what to ask: {what}", 1),
        ("Call; ask the first question on the list", 3),
        ("Note what was said and what follows", 1),
    ),
    _kind(
        r"present(?:ation)?|slides|talk|speech|pitch",
        "",
        ("Write the one sentence people should remember: {what}", 1),
        ("List three to five points in order", 2),
        ("Make a rough slide or note for each point", 4),
        ("Say it aloud once and cut what is too long", 3),
    ),
    _kind(
        r"write|draft|report|essay|paper|thesis|article|blog|chapter|proposal|documentation|cv|résumé|letter",
        "writing",
        ("Open a page and list what {what} has to say", 1.5),
        ("Put the list in order", 1),
        ("Write a rough first version, badly is fine", 4),
        ("Go over it once: cut, correct, fill the gaps", 2.5),
        ("Hand it in", 0.5),
    ),
    _kind(
        r"study|learn|revise|revision|exam|test|course|homework|read|lecture|practi[sc]e",
        "study school university learning",
        ("Choose the one part of {what} to begin with", 1),
        ("Go through that part with the book open", 4),
        ("Close the book and write down what stayed", 2),
        ("Look up what was missing", 2),
    ),
    _kind(
        r"clean|tidy|declutter|sort|organi[sz]e|clear (?:out|up)|empty|pack|unpack|laundry|wash|vacuum|garage|attic|cellar|wardrobe|kitchen",
        "home house household chores",
        ("Take one bag and one corner of {what}", 1),
        ("Take out what is rubbish", 2),
        ("Give what is left a place", 4),
        ("Take away the bag and what belongs elsewhere", 1),
    ),
    _kind(
        r"tax|taxes|form|forms|application|apply|register|registration|insurance|visa|passport|claim|pay|invoice|bill|bank|budget|renew|cancel",
        "finance money admin paperwork taxes",
        ("Find the letter or page that says what {what} needs", 1),
        ("Put the papers and numbers in one place", 3),
        ("Fill it in; leave open what you don't know", 4),
        ("Look up what is open", 2),
        ("Send it and keep a copy", 0.5),
    ),
    _kind(
        r"fix|repair|debug|bug|solve|troubleshoot|mend|replace",
        "",
        ("Make it go wrong once and write down when: {what}", 2),
        ("Name the likeliest cause", 1),
        ("Try the smallest change that could help", 4),
        ("See whether it holds", 1),
    ),
    _kind(
        r"build|make|create|develop|implement|code|program|design|set up|install|prototype|website|app",
        "code coding development",
        ("Write one sentence: when is {what} done?", 1),
        ("Make the smallest version that does something", 4),
        ("Try it and list what is missing", 1.5),
        ("Do the most important thing on that list", 3),
    ),
    _kind(
        r"buy|order|shop|shopping|get|purchase|find a|choose|pick|compare",
        "shopping errands",
        ("Write down what {what} has to be and may cost", 1),
        ("Look at three offers, no more", 3),
        ("Take the one that fits", 1),
    ),
    _kind(
        r"plan|prepare|arrange|book|trip|travel|holiday|party|wedding|event|move|moving|visit|host",
        "travel",
        ("List what {what} needs, in any order", 2),
        ("Settle the date and who is in", 1),
        ("Book or ask for what takes longest", 3),
        ("Tell everyone concerned", 1),
        ("Note what is left, each with a day", 1.5),
    ),
]
_ANY = (
    ("Write down what {what} looks like when it is done", 1),
    ("Get out what it needs", 1),
    ("Do the first part that comes to mind", 4),
    ("Do the rest", 3),
    ("Look it over and put it away", 1),
)
_ARTICLE = re.compile(r"^(?:the|a|an|my|our|your|some)\s", re.I)
_BEGINNING = re.compile(
    r"^(?:please\s+)?(?:finish(?:ing)?|start(?:ing)?|continue|begin|do|complete|work on|go on with|"
    r"write(?: back to| to)?|draft|email|e-mail|reply to|respond to|answer|call|phone|ring|study(?: for)?|learn|revise(?: for)?|"
    r"read|practi[sc]e|clean(?: up| out)?|tidy(?: up)?|declutter|sort(?: out)?|organi[sz]e|clear (?:out|up)|pack(?: for)?|wash|fix|repair|"
    r"debug|solve|build|make|create|develop|implement|code|design|set up|install|buy|order|get|plan|prepare(?: for)?|arrange|book|"
    r"pay|file|fill in|apply for|register for|renew|cancel|present|replace|mend|choose|find)\s+(?=\S)",
    re.I,
)


def steps_for(task: Task, minutes: int) -> list[Step]:
    """A draft of steps for `task` whose minutes add up to `minutes`; fewer steps where there are few minutes."""
    chosen = list(_steps_of(task))
    shares = [share for _, share in chosen]
    if minutes < len(chosen):
        heaviest = sorted(range(len(chosen)), key=lambda place: (-shares[place], place))
        kept = sorted(heaviest[: max(1, minutes)])
        chosen, shares = [chosen[place] for place in kept], [shares[place] for place in kept]
    what = _what(task.title)
    return [
        Step(title.format(what=what)[:LONGEST_TITLE], length)
        for (title, _), length in zip(chosen, shared(minutes, shares), strict=True)
    ]


def first_step(task: Task) -> Step:
    """The step that begins the task, short enough to be begun now."""
    title = _steps_of(task)[0][0].format(what=_what(task.title))[:LONGEST_TITLE]
    return Step(title, min(FIRST_STEP_MINUTES, task.estimated_minutes or FIRST_STEP_MINUTES))


def rough_draft(task: Task, minutes: int) -> list[Step]:
    """Steps against perfection: bad first, good enough after."""
    what = _what(task.title)
    titles = [
        (f"Make a bad first version of {what}; it is for nobody's eyes", 3.0),
        ("Leave it for a while, then mark the three worst places", 1.0),
        ("Better those three, and call it done", 2.0),
    ]
    kept = titles[: max(1, min(3, minutes))]
    lengths = shared(minutes, [share for _, share in kept])
    return [
        Step(title[:LONGEST_TITLE], length)
        for (title, _), length in zip(kept, lengths, strict=True)
    ]


def begun(task: Task, minutes: int) -> list[Step]:
    """The first step by itself, and everything else."""
    first = first_step(task)
    if minutes <= first.minutes:
        return [first]
    rest = Step(f"Go on with {_what(task.title)}"[:LONGEST_TITLE], minutes - first.minutes)
    return [first, rest]


def shared(minutes: int, shares: Sequence[float]) -> list[int]:
    """`minutes` in parts near to `shares`, at least one each, in fives where they are enough. They add up.

    Needs at least as many minutes as parts.
    """
    count, whole = len(shares), sum(shares)
    unit = 5 if minutes >= 5 * count else 1
    units = minutes // unit - count
    ideal = [units * share / whole for share in shares]
    parts = [1 + int(part) for part in ideal]
    left = minutes // unit - sum(parts)
    by_rest = sorted(range(count), key=lambda place: (int(ideal[place]) - ideal[place], place))
    for place in by_rest[:left]:
        parts[place] += 1
    lengths = [part * unit for part in parts]
    lengths[lengths.index(max(lengths))] += minutes % unit
    return lengths


def _steps_of(task: Task) -> tuple[tuple[str, float], ...]:
    """By the earliest word of the title that says what is done, else by the category."""
    title = task.title.lower()
    found = [(at.start(), kind) for kind in _KINDS if (at := kind.verbs.search(title))]
    if found:
        return min(found, key=lambda each: each[0])[1].steps
    by_category = (kind for kind in _KINDS if task.category in kind.categories)
    kind = next(by_category, None)
    return kind.steps if kind else _ANY


def _what(title: str) -> str:
    """What the task is about: "Write the report" is about "the report"."""
    short = title.strip().rstrip(".!")
    rest = _BEGINNING.sub("", short)
    if rest == short:
        return f"“{short}”"
    if _ARTICLE.match(rest):
        return rest[0].lower() + rest[1:]
    return f"“{rest}”"
