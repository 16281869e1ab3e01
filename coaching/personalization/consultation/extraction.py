"""Understanding a message of the consultation by rules: which topic each clause speaks of, and what it says."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
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

from .boundaries import is_urgent
from .clauses import Clause, between, clauses, in_few_words
from .topics import RULES, Item, Kind, Topic

_ACTIVITY = r"(?:run(?:s|ning)?|jog(?:s|ging)?|walk(?:s|ing)?|hik(?:e|es|ing)|swim(?:s|ming)?|cycl(?:e|es|ing)|bik(?:e|es|ing)|gym|lift(?:s|ing)?|weights|weightlifting|yoga|pilates|stretch(?:es|ing)?|football|soccer|basketball|volleyball|tennis|badminton|squash|climb(?:s|ing)?|bouldering|boxing|martial arts|judo|karate|row(?:s|ing)?|danc(?:e|es|ing)|zumba|aerobics|spinning|crossfit|cardio|push[- ]?ups|squats|planks|gymnastics|skiing|ski|skating|surf(?:ing)?|golf|triathlons?|marathons?|steps)"
_EACH_ACTIVITY = re.compile(rf"\b{_ACTIVITY}\b")
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
_CUES: dict[Topic, list[tuple[float, re.Pattern[str]]]] = {
    Topic.GOALS: [
        (
            3.0,
            re.compile(
                r"\b(?:i|we) (?:really |just |also |mainly |mostly |would |finally |do )*(?:want|would like|would love|wish|hope|aim|plan|am trying|dream)(?: of| to| for)?\b|\bmy (?:\w+ )?(?:goal|aim|dream|target|hope|wish) (?:is|would)|\b(?:be able to|become|get (?:back )?(?:in|into) shape)\b|\bgoal\b"
            ),
        ),
        (1.5, re.compile(r"\b(?:lose|gain|improve|feel (?:better|fitter|stronger))\b")),
    ],
    Topic.TRAINING: [
        (2.0, _EACH_ACTIVITY),
        (
            2.0,
            re.compile(
                r"\b(?:train(?:ing)?|work ?outs?|work(?:ing)? out|exercis\w*|sports?|sporty|active|sedentary|personal trainer|sit (?:all day|at a desk)|desk job|on my feet|(?:bad|sore|weak) (?:knee|back|hip|shoulder|ankle)s?)\b"
            ),
        ),
    ],
    Topic.MEALS: [
        (
            2.2,
            re.compile(
                r"\b(?:eat|eats|eating|ate|meals?|breakfasts?|lunch(?:es)?|dinners?|supper|snack\w*|cook(?:s|ing|ed)?|food|take-?\s?(?:away|out)s?|order in|deliver(?:y|oo)|vegetarian|vegan|pescatarian|halal|kosher|gluten|lactose|sweets?|sugar|chocolate|crisps|chips|coffee|soda|coke|alcohol|wine|beer|fruit|veg(?:etables|gies)?|salads?|protein|portions?|diet|hungry|crav\w+|canteen|cafeteria|kitchen|groceries|meal prep|pizza|bread|sandwich(?:es)?|pasta|rice|meat|fish|eggs|oats|porridge|cereal)\b"
            ),
        ),
    ],
    Topic.CHALLENGES: [
        (
            2.4,
            re.compile(
                r"\b(?:gets? in (?:the|my) way|struggl\w+|difficult\w*|hard(?:est)? (?:for me|part|to|when)|problem|obstacle|no time|not (?:have )?(?:enough |the |much )?time|not enough time|too (?:busy|tired|late|much)|exhaust\w+|stress\w*|overwhelm\w*|procrastinat\w+|lazy|laziness|distract\w*|forget|motivation|unmotivated|willpower|discipline|(?:night|late|rotating) shifts?|shift work|overtime|kids?|children|baby|commut\w+|travel\w*|scroll\w*|tempt\w*|excuses?|perfectionis\w*|all or nothing|can not (?:stick|keep|stay|find|get myself)|never (?:stick|manage|find)|lose (?:interest|focus|motivation)|bored|deadlines?|weather|winter|dark)\b"
            ),
        ),
    ],
    Topic.PAST_FAILURES: [
        (
            3.2,
            re.compile(
                r"\b(?:(?:have |already |once |also |did )?tried|used to|gave (?:it )?up|given up|quit|fell off|fallen off|failed|never lasted|it lasted|lasted|did not (?:last|work|stick|help)|stopped (?:after|when|because|going|doing|it)|dropped (?:it|out)|last (?:year|time|month|winter|summer|spring|january)|years? ago|months? ago|in the past|every (?:january|monday|new year)|new year'?s? resolution|signed up|yo-?yo|(?:for|after) (?:like |about |only |maybe )?(?:a few|two|three|four|\d+|a couple of|a) (?:days?|weeks?|months?)(?:,| and| then| until| before))\b"
            ),
        ),
    ],
    Topic.PREFERENCES: [
        (
            3.4,
            re.compile(
                r"\b(?:(?:tell|talk to|push|remind|text|message|ask|challenge|call|treat|coach|encourage|motivate) me\b|be (?:gentle|honest|direct|strict|kind|blunt|tough|nice|brief|straight|patient|firm)|do not (?:nag|push|shout|lecture|judge|sugar-?coat|baby|guilt|send|be|make me)|no (?:nagging|lectures?|emojis?|judg\w+|guilt|pressure|bullshit|fluff|jokes)|(?:i|would) (?:like|prefer|hate|love|respond|need|do better|appreciate)\b[^.!?]{0,30}\b(?:when (?:you|people|someone)|being told|short|straight|facts|numbers|details?|gentle|honest\w*|direct\w*|strict|humou?r|jokes|praise|encourag\w+|reminders?|pressure|structure|options|plans?)|straight(?:forward| to the point)|tough love|morning person|night owl|early bird|short (?:messages|answers|texts)|gentl[ey]|encouraging|encouragement|blunt(?:ly)?|just the facts|facts only|humou?r|kindly|bluntness|accountability)\b"
            ),
        ),
        (
            1.2,
            re.compile(
                r"\b(?:in the (?:mornings?|evenings?|afternoons?)|mornings|evenings|after work|before work|lunch break|at lunch|before bed)\b"
            ),
        ),
    ],
}
# From this weight on a clause speaks for a topic whatever was asked.
_CLEAR = 1.4
# What the question adds to a topic that something speaks for anyway; less than what tells two topics apart.
_ASKED = 0.9
_REASON = re.compile(
    r"^(?:because|cause|since|so that|so i can|so (?:that )?i|which is why|to be there|for my)\b|\bso (?:that )?i (?:can|could|do not)\b|\bmatters? (?:because|to me)\b|\bi (?:am tired of|am sick of|do not want to end up)\b"
)
_TELLS = re.compile(
    r"^(?:and |but )?(?:i|i(?:'|’)(?:m|ve|d|ll)|my|we|our|the|mostly|usually|no|it|it(?:'|’)s|he|she|they|there|this|that|every(?:thing|one|body)|nobody|life|people|too)\b",
    re.I,
)
# What is an answer to nothing: a bare yes or no, not knowing, or no word at all.
_EMPTY = re.compile(
    r"^(?:(?:yes|no|nope|nah|yeah|yep|well|hm+|um+|ok(?:ay)?|sure|please|thanks|thank you|so|and|but|i|really|honestly|just)\b[\s,.!]*)*(?:do not (?:really |quite )?know|not (?:really |so )?sure|no idea|dunno|whatever)?[\s.!…]*$"
)
_A_WORD = re.compile(r"[a-z]{2,}|\d")
_OF_SOMEBODY_ELSE = re.compile(r"^(?:she|he|they|it) (?:is|are|was)\b")
_BARE_TIMES = re.compile(
    r"^(?:about |around |maybe |like |roughly )*(\d{1,2})(?:\s*(?:x|times))?[ .!]*$"
)
_WHEN = re.compile(
    r"\b(?:when|whenever|while|after|before|during|at|on|in the|morning|noon|lunch\w*|evening|night|week\w*|day|days|monday|tuesday|wednesday|thursday|friday|saturday|sunday|always|winter|summer|late|stress\w*|alone)s?\b"
)
_NO_TRAINING = re.compile(
    r"\b(?:no|not any|hardly any|zero|barely any|little|not much) (?:sports?|exercise|training|movement|workouts?)\b|\b(?:do|does|did) not (?:really |currently |do (?:any|much) )?(?:exercise|train|work out|move|any sports?|sports?)\b|\bnot (?:active|sporty|exercising|training)\b|\bnothing (?:at the moment|right now|really|at all|currently)\b|\b(?:have|has|had) not (?:really |ever |actually )?(?:done|been doing|exercised|trained|worked out|moved|played)\b|\bcouch potato\b|\bsedentary\b|\bsit all day\b|\bdo nothing\b"
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
            r"\b(?:gentl[ey]|kind(?:ly)?|encourag\w+|supportive|friendly|warm|patient|soft|praise|positive|nice|nicely|cheer\w*)\b"
        ),
    ),
    (
        "short, just the facts",
        re.compile(r"\b(?:short|brief|concise|facts|numbers|to the point|quick)\b"),
    ),
    (
        "with the reasons why",
        re.compile(
            r"\b(?:reasons?|explain\w*|the why|details?|detailed|background|science|evidence|understand why)\b"
        ),
    ),
    ("with some humour", re.compile(r"\b(?:humou?r|funny|jokes?|laugh|tease|playful)\b")),
]
_AVOIDS = re.compile(
    r"\b(?:do not (?:nag|push|shout|lecture|judge|baby|guilt|send|be|make me|tell|call|text|remind|want (?:to be )?(?:nagg\w+|pushed|lectured|judged))|no (?:nagging|lectures?|emojis?|judg\w+|guilt|pressure|jokes|calls)|hate (?:it when|being|when|emojis|nagging|lectures)|please (?:do not|never)|never (?:shout|judge|nag|call))\b"
)
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


def extract(
    message: str, *, asked: Asked | None, today: date, southern: bool = False, locale: str = "en"
) -> list[Found]:
    """What a message says, by topic, each with a quote that stands in it word for word.

    Questions and urgent symptoms say nothing; a clause that speaks of no topic answers what was asked.
    """
    found: list[Found] = []
    for topic, quote in _stretches(message, asked):
        answers = asked if asked is not None and asked.topic == topic else None
        for each in _read(topic, quote, answers, today, southern=southern, locale=locale):
            if each not in found:
                found.append(each)
    return found


def topic_of(clause: str, asked: Topic | None) -> Topic | None:
    """The topic that a clause speaks of most; none when nothing speaks for any."""
    text = mended(clause)
    scores = {
        topic: sum(weight for weight, cue in cues if cue.search(text))
        for topic, cues in _CUES.items()
    }
    if asked is not None:
        scores[asked] += _ASKED if scores[asked] else _CLEAR if max(scores.values()) < _CLEAR else 0
    best = max(scores, key=lambda topic: scores[topic])
    return best if scores[best] > 0 else None


def _stretches(message: str, asked: Asked | None) -> Iterator[tuple[Topic, str]]:
    """Neighbouring clauses of one topic within a sentence, as one quote."""
    told: list[tuple[Clause, Topic]] = []
    for clause in clauses(message):
        if clause.is_question or is_urgent(clause.text) or _says_nothing(clause.text):
            continue
        topic = _own_topic(clause, asked, told)
        if topic is not None:
            told.append((clause, topic))
    for (topic, _), group in groupby(told, key=lambda each: (each[1], each[0].sentence)):
        members = [clause for clause, _ in group]
        yield topic, between(message, members[0], members[-1])


def _says_nothing(clause: str) -> bool:
    text = mended(clause)
    return bool(_EMPTY.search(text)) or not _A_WORD.search(text)


def _own_topic(
    clause: Clause, asked: Asked | None, told: list[tuple[Clause, Topic]]
) -> Topic | None:
    before = told[-1][1] if told and told[-1][0].sentence == clause.sentence else None
    if before is not None and _REASON.search(mended(clause.text)):
        return before
    clear = topic_of(clause.text, before or (asked.topic if asked else None))
    speaks = topic_of(clause.text, None) is not None
    if not speaks and asked is not None and asked.kind == Kind.GOAL and _TELLS.search(clause.text):
        return before  # how somebody feels is no goal yet
    is_training = asked is not None and asked.topic == Topic.TRAINING
    if not speaks and is_training and _OF_SOMEBODY_ELSE.search(mended(clause.text)):
        return before
    if asked is not None and clear is not asked.topic and _answers(clause.text, asked, clear):
        return asked.topic
    return clear


def _answers(clause: str, asked: Asked, clear: Topic | None) -> bool:
    """Whether a clause that sounds like another topic still answers what was asked.

    Why one wants something, what stood in the way and what was tried may be about anything.
    """
    if clear is None:
        return True
    strong = {Topic.PREFERENCES, Topic.PAST_FAILURES, Topic.GOALS}
    if asked.topic == Topic.GOALS and asked.kind == Kind.GOAL:
        # "Run a 10k" says what is wanted, "I run" what is done.
        return clear not in strong and not _TELLS.search(clause)
    if asked.topic == Topic.GOALS and asked.kind == Kind.REASON:
        return clear not in {Topic.PREFERENCES, Topic.PAST_FAILURES}
    if asked.kind == Kind.MOMENT:
        return clear not in strong and bool(_WHEN.search(mended(clause)))
    if asked.topic in {Topic.CHALLENGES, Topic.PAST_FAILURES}:
        return clear not in strong
    return (
        asked.topic == Topic.PREFERENCES
        and asked.kind == Kind.TIME_OF_DAY
        and (parse_time_of_day(clause) is not None and clear not in strong)
    )


def _read(
    topic: Topic,
    quote: str,
    asked: Asked | None,
    today: date,
    *,
    southern: bool,
    locale: str,
) -> Iterator[Found]:
    match topic:
        case Topic.GOALS:
            yield from _goals(quote, asked, today, southern=southern, locale=locale)
        case Topic.TRAINING:
            yield from _training(quote, asked)
        case Topic.MEALS:
            yield from _meals(quote)
        case Topic.PREFERENCES:
            yield from _preferences(quote, asked)
        case Topic.CHALLENGES:
            kind = asked.kind if asked else Kind.OBSTACLE
            yield Found(topic, kind, _short(quote), quote)
        case Topic.PAST_FAILURES:
            is_cause = asked is not None and asked.kind == Kind.CAUSE
            yield Found(topic, Kind.CAUSE if is_cause else Kind.ATTEMPT, _short(quote), quote)


def _short(quote: str) -> str:
    return in_few_words(quote, RULES.longest_value)


def _goals(
    quote: str, asked: Asked | None, today: date, *, southern: bool, locale: str
) -> Iterator[Found]:
    wants_reason = asked is not None and asked.kind == Kind.REASON
    goal = parse_goal(quote, answering=asked is not None and not wants_reason)
    is_goal = goal is not None and (goal.confidence >= _LEAST_CONFIDENT or asked is not None)
    if wants_reason and (goal is None or goal.confidence < 0.85):
        yield Found(Topic.GOALS, Kind.REASON, _short(quote), quote)
    elif goal is not None and is_goal:
        yield Found(Topic.GOALS, Kind.GOAL, goal.words[: RULES.longest_value], quote)
        for clause in clauses(quote):
            if _REASON.search(mended(clause.text)):
                yield Found(Topic.GOALS, Kind.REASON, _short(clause.text), clause.text)
    elif _REASON.search(mended(quote)):
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
    activities = list(dict.fromkeys(_activity(each[0]) for each in _EACH_ACTIVITY.finditer(text)))
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
    if _AVOIDS.search(text):
        yield Kind.AVOID, _short(clause)
        return
    styles = [value for value, cue in _STYLES if cue.search(text)]
    for value in styles:
        yield Kind.STYLE, value
    time = parse_time_of_day(clause)
    if time is not None and (time is not TimeOfDay.ANY or is_asked):
        yield Kind.TIME_OF_DAY, _TIMES[time]
    difficulty = parse_difficulty(clause)
    if difficulty is not None and not styles and time is None:
        yield Kind.DIFFICULTY, _DIFFICULTIES[difficulty]
