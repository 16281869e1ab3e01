"""What a stretch of a message says of the topic it was filed under: the items, each in few words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from coaching.language import (
    Difficulty,
    TimeOfDay,
    mended,
    parse_constraints,
    parse_difficulty,
    parse_frequency,
    parse_goal,
    parse_minutes_per_day,
    parse_time_of_day,
    parse_timeframe,
)

from .clauses import clauses, in_few_words
from .fitting import AVOIDS
from .topics import RULES, Item, Kind, Topic

_ACTIVITY = r"(?:run(?:s|ning)?|jog(?:s|ging)?|walk(?:s|ing)?|hik(?:e|es|ing)|swim(?:s|ming)?|cycl(?:e|es|ing)|bik(?:e|es|ing)|gym|lift(?:s|ing)?|weights|weightlifting|yoga|pilates|stretch(?:es|ing)?|football|soccer|basketball|volleyball|tennis|badminton|squash|climb(?:s|ing)?|bouldering|boxing|martial arts|judo|karate|row(?:s|ing)?|danc(?:e|es|ing)|zumba|aerobics|spinning|crossfit|cardio|push[- ]?ups|squats|planks|gymnastics|skiing|ski|skating|surf(?:ing)?|golf|triathlons?|marathons?|steps)"
EACH_ACTIVITY = re.compile(rf"\b{_ACTIVITY}\b")
_NAMES = {
    "run": "running",
    "jog": "jogging",
    "walk": "walking",
    "hik": "hiking",
    "swim": "swimming",
    "cycl": "cycling",
    "bik": "cycling",
    "lift": "lifting",
    "weights": "lifting",
    "weightlifting": "lifting",
    "stretch": "stretching",
    "climb": "climbing",
    "row": "rowing",
    "danc": "dancing",
    "surf": "surfing",
    "ski": "skiing",
    "marathon": "marathons",
    "triathlon": "triathlons",
}
REASON = re.compile(
    r"^(?:because|becuase|cause|cuz|since|so that|so i can|so (?:that )?i|which is why|to be there|for my)\b|\bso (?:that )?i (?:can|could|do not)\b|\bmatters? (?:because|to me)\b|\bi (?:am tired of|am sick of|do not want to end up)\b"
)
# What a wish is for, told after it: "…, mostly to have more energy".
PURPOSE = re.compile(
    r"^(?:mostly |mainly |partly |also |just |really )*(?:in order )?to (?:have|be|feel|get|keep|stay|see|sleep|play|look|live|show|prove)\b"
)
_BARE_TIMES = re.compile(
    r"^(?:about |around |maybe |like |roughly )*(\d{1,2})(?:\s*(?:x|times))?[ .!]*$"
)
_NO_TRAINING = re.compile(
    r"\b(?:have|has) not (?:run|walked|swum|cycled|lifted|been (?:running|to the gym|active)) since\b|\b(?:no|not any|hardly any|zero|barely any|little|not much) (?:sports?|exercise|training|movement|workouts?)\b|\b(?:do|does|did) not (?:really |currently |do (?:any|much) )?(?:exercise|train|work out|move|any sports?|sports?)\b|\bnot (?:active|sporty|exercising|training)\b|\bnothing (?:at the moment|right now|really|at all|currently)\b|\b(?:have|has|had) not (?:really |ever |actually )?(?:done|been doing|exercised|trained|worked out|moved|played)\b|\bcouch potato\b|\bsedentary\b|\bsit all day\b|\bdo nothing\b"
)
_LIKES_NOT = re.compile(r"\b(?:hate|can not stand|do not (?:like|enjoy)|dislike|detest)\b")
_SITS = re.compile(r"\b(?:sit(?:ting)?|sits|desk)\b")
_DIET = re.compile(
    r"\b(?:vegetarian|vegan|pescatarian|halal|kosher|gluten[- ]free|lactose[- ]intolerant|dairy[- ]free|no (?:meat|pork|dairy|gluten|nuts)|(?:nut|peanut|shellfish|egg) allergy|allergic to [a-z]+)\b"
)
_STYLES: list[tuple[str, re.Pattern[str]]] = [
    (
        "straight to the point",
        re.compile(
            r"\b(?:straight(?:forward)?|direct(?:ly)?|blunt(?:ly)?|honest(?:ly)?|tough love|no (?:bullshit|fluff|sugar-?coating)|do not sugar-?coat|strict|firm|push me|challenge me|tough)\b"
        ),
    ),
    (
        "gentle and encouraging",
        re.compile(
            r"\b(?:gent(?:le|ly|el)|kind(?:ly)?|encourag\w+|supportive|friendly|warm|patient|soft|praise|positive|nice|nicely|cheer\w*)\b"
        ),
    ),
    ("short, just the facts", re.compile(r"\b(?:facts|numbers)\b")),
    ("short answers", re.compile(r"\b(?:short|brief|concise|to the point|quick)\b")),
    (
        "with the reasons why",
        re.compile(
            r"\b(?:reasons?|explain\w*|the why|details?|detailed|background|science|evidence|understand why)\b"
        ),
    ),
    ("with some humour", re.compile(r"\b(?:humou?r|funny|jokes?|laugh|tease|playful)\b")),
]
_TIMES = {
    TimeOfDay.MORNING: "mornings suit best",
    TimeOfDay.MIDDAY: "midday suits best",
    TimeOfDay.EVENING: "evenings suit best",
    TimeOfDay.ANY: "any time of day is fine",
}
_DIFFICULTIES = {
    Difficulty.EASY: "wants to start small",
    Difficulty.MODERATE: "a steady middle pace",
    Difficulty.CHALLENGING: "likes to be challenged",
}
_LEAST_CONFIDENT = 0.6
_NUMBERS = {1: "once", 2: "twice"}


@dataclass(frozen=True)
class Found:
    """What a stretch of a message says of a topic."""

    topic: Topic
    kind: Kind
    value: str
    quote: str

    def item(self, message_id: UUID, at: datetime) -> Item:
        return Item(self.kind, self.value, self.quote[: RULES.longest_quote], message_id, at)


@dataclass(frozen=True)
class Asked:
    """The question that a message answers: its topic and the kind of item it asks for."""

    topic: Topic
    kind: Kind


@dataclass(frozen=True)
class Place:
    """Where a stretch was filed: `kind` where its words say it; `is_part` when more was said around it."""

    topic: Topic
    kind: Kind | None = None
    is_part: bool = False


def read(
    place: Place,
    quote: str,
    asked: Asked | None,
    today: date,
    *,
    southern: bool,
    locale: str,
) -> Iterator[Found]:
    """The items of a stretch of a message."""
    topic, kind = place.topic, place.kind
    if kind in _AS_TOLD or (kind == Kind.LIMIT and not _has_body_limit(quote)):
        yield Found(topic, kind or Kind.PATTERN, _short(quote, is_part=place.is_part), quote)
        return
    match topic:
        case Topic.GOALS:
            yield from _goals(quote, kind, asked, today, southern=southern, locale=locale)
        case Topic.TRAINING:
            yield from _training(quote, asked)
        case Topic.MEALS:
            yield from _meals(quote)
        case Topic.PREFERENCES:
            yield from _preferences(quote, asked)
        case Topic.CHALLENGES:
            kind = kind or (asked.kind if asked else Kind.OBSTACLE)
            yield Found(topic, kind, _short(quote, is_part=place.is_part), quote)
        case Topic.PAST_FAILURES:
            is_cause = asked is not None and asked.kind == Kind.CAUSE
            kind = kind or (Kind.CAUSE if is_cause else Kind.ATTEMPT)
            if _NEVER_TRIED.search(mended(quote)):
                yield Found(topic, Kind.NOTHING, "has not tried this before", quote)
                return
            yield Found(topic, kind, _short(quote, is_part=place.is_part), quote)


# Kinds of items that stand as they were told, whole.
_AS_TOLD = {
    Kind.EXPERIENCE,
    Kind.SCHEDULE,
    Kind.ROOM,
    Kind.GOOD,
    Kind.PATTERN,
    Kind.BOUNDARY,
    Kind.MOMENT,
}
_NEVER_TRIED = re.compile(r"\b(?:never|not) (?:\w+ )?tried (?:anything|this|it|much)\b")
FEW_WORDS = 3


def _has_body_limit(quote: str) -> bool:
    return any(each.tag in _BODY for each in parse_constraints(quote))


def _short(quote: str, *, is_part: bool = False) -> str:
    """The quote in few words; a part of a message stays a whole clause: "I'm exhausted", not "exhausted"."""
    short = in_few_words(quote, RULES.longest_value)
    if is_part and len(short.split()) < FEW_WORDS < len(short.split()) + 2:
        return in_few_words(quote, RULES.longest_value, keeps_person=True)
    return short


def _goals(
    quote: str,
    kind: Kind | None,
    asked: Asked | None,
    today: date,
    *,
    southern: bool,
    locale: str,
) -> Iterator[Found]:
    if kind == Kind.REASON:
        yield Found(Topic.GOALS, kind, _short(quote), quote)
        return
    wants_reason = asked is not None and asked.kind == Kind.REASON
    goal = parse_goal(quote, answering=asked is not None and not wants_reason)
    is_goal = goal is not None and (goal.confidence >= _LEAST_CONFIDENT or asked is not None)
    if wants_reason and (goal is None or goal.confidence < 0.85):
        yield Found(Topic.GOALS, Kind.REASON, _short(quote), quote)
    elif goal is not None and is_goal:
        yield Found(Topic.GOALS, Kind.GOAL, goal.words[: RULES.longest_value], quote)
        for clause in clauses(quote):
            is_purpose = clause.text != quote and PURPOSE.search(mended(clause.text))
            if REASON.search(mended(clause.text)) or is_purpose:
                yield Found(
                    Topic.GOALS, Kind.REASON, _short(clause.text, is_part=True), clause.text
                )
    elif REASON.search(mended(quote)):
        yield Found(Topic.GOALS, Kind.REASON, _short(quote), quote)
    else:
        yield Found(Topic.GOALS, Kind.GOAL, _short(quote).removeprefix("to "), quote)
    frame = parse_timeframe(quote, today, southern=southern, locale=locale)
    if frame is not None:
        until = f"by {frame.deadline.day} {frame.deadline:%B %Y}"
        yield Found(Topic.GOALS, Kind.TIMEFRAME, until, quote)


def _training(quote: str, asked: Asked | None) -> Iterator[Found]:
    text = mended(quote)
    limits = [each for each in parse_constraints(quote) if each.tag in _BODY]
    for limit in limits:
        yield Found(Topic.TRAINING, Kind.LIMIT, limit.words, quote)
    if _LIKES_NOT.search(text):
        yield Found(Topic.TRAINING, Kind.AVOID, _short(quote), quote)
        return
    if _SITS.search(text):
        yield Found(Topic.TRAINING, Kind.PATTERN, _short(quote), quote)
        return
    if _NO_TRAINING.search(text):
        yield Found(Topic.TRAINING, Kind.NOTHING, "no regular training at the moment", quote)
        return
    if asked is not None and (bare := _BARE_TIMES.search(text)) and int(bare[1]) > 0:
        yield Found(Topic.TRAINING, Kind.FREQUENCY, _how_often(float(bare[1])), quote)
        return
    frequency, minutes = parse_frequency(quote), parse_minutes_per_day(quote)
    details = [
        *([_how_often(frequency.per_week)] if frequency else []),
        *([f"{minutes} minutes"] if minutes and re.search(r"min|hour|hr", text) else []),
    ]
    activities = list(dict.fromkeys(_activity(each[0]) for each in EACH_ACTIVITY.finditer(text)))
    if activities:
        yield Found(
            Topic.TRAINING, Kind.ACTIVITY, ", ".join([_joined(activities), *details]), quote
        )
    elif frequency:
        yield Found(Topic.TRAINING, Kind.FREQUENCY, ", ".join(details), quote)
    elif details:
        yield Found(Topic.TRAINING, Kind.DURATION, ", ".join(details), quote)
    elif not limits:
        is_what = asked is None or asked.kind == Kind.ACTIVITY
        kind = Kind.ACTIVITY if is_what else Kind.PATTERN
        yield Found(Topic.TRAINING, kind, _short(quote), quote)


_BODY = {"knee", "back", "shoulder", "foot", "hip", "wrist", "no_gym", "no_equipment"}


def _activity(word: str) -> str:
    stem = next((stem for stem in _NAMES if word.startswith(stem)), None)
    return _NAMES[stem] if stem else word


def _joined(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _how_often(per_week: float) -> str:
    if per_week >= 6.5:
        return "every day"
    if per_week < 0.9:
        return "a few times a month" if per_week >= 0.4 else "about once a month"
    times = round(per_week)
    return f"{_NUMBERS.get(times, f'{times} times')} a week"


def _meals(quote: str) -> Iterator[Found]:
    if found := _DIET.search(mended(quote)):
        yield Found(Topic.MEALS, Kind.DIET, found[0], quote)
        if len(mended(quote).split()) <= len(found[0].split()) + 4:
            return
    yield Found(Topic.MEALS, Kind.PATTERN, _short(quote), quote)


def _preferences(quote: str, asked: Asked | None) -> Iterator[Found]:
    said = False
    for clause in clauses(quote):
        for kind, value in _wishes(clause.text, is_asked=asked is not None):
            said = True
            yield Found(Topic.PREFERENCES, kind, value, clause.text)
    if not said:
        yield Found(Topic.PREFERENCES, Kind.PATTERN, _short(quote), quote)


def _wishes(clause: str, *, is_asked: bool) -> Iterator[tuple[Kind, str]]:
    text = mended(clause)
    if AVOIDS.search(text):
        yield Kind.AVOID, _short(clause)
        return
    styles = [value for value, cue in _STYLES if cue.search(text)]
    if len(styles) > 1 and styles[-2:] == [_STYLES[2][0], _STYLES[3][0]]:
        styles.pop()  # facts are short anyway
    for value in styles:
        yield Kind.STYLE, value
    time = parse_time_of_day(clause)
    if time is not None and (time is not TimeOfDay.ANY or is_asked):
        yield Kind.TIME_OF_DAY, _TIMES[time]
    difficulty = parse_difficulty(clause)
    if difficulty is not None and not styles and time is None:
        yield Kind.DIFFICULTY, _DIFFICULTIES[difficulty]
