"""Understanding a message of the consultation by rules: which topic each clause speaks of, and what it says."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby

from coaching.language import mended, parse_time_of_day

from . import fitting
from .boundaries import is_urgent
from .clauses import Clause, between, clauses
from .items import EACH_ACTIVITY, PURPOSE, REASON, Asked, Found, Place, read
from .topics import Kind, Topic

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
        (2.0, EACH_ACTIVITY),
        (
            2.0,
            re.compile(
                r"\b(?:train(?:ing)?|work ?outs?|work(?:ing)? out|exercis\w*|sports?|sporty|active|sedentary|personal trainer|sit (?:all day|at a desk)|sitting|desk job|on my feet|(?:bad|sore|weak) (?:knee|back|hip|shoulder|ankle)s?)\b"
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
                r"\b(?:gets? in (?:the|my) way|never have time|nothing sticks|struggl\w+|difficult\w*|hard(?:est)? (?:for me|part|to|when)|problem|obstacle|no time|not (?:have )?(?:enough |the |much )?time|not enough time|too (?:busy|tired|late|much)|exhaust\w+|stress\w*|overwhelm\w*|procrastinat\w+|lazy|laziness|distract\w*|forget|tired|no tiem|motivation|unmotivated|willpower|discipline|(?:night|late|rotating) shifts?|shift work|overtime|kids?|children|baby|commut\w+|travel\w*|scroll\w*|tempt\w*|excuses?|perfectionis\w*|all or nothing|can not (?:stick|keep|stay|find|get myself)|never (?:stick|manage|find)|lose (?:interest|focus|motivation)|bored|deadlines?|weather|winter|dark)\b"
            ),
        ),
    ],
    Topic.PAST_FAILURES: [
        (
            3.2,
            re.compile(
                r"\b(?:(?:have |already |once |also |did )?tried|gave (?:it )?up|given up|quit|fell off|fallen off|failed|never lasted|it lasted|lasted|did not (?:last|work|stick|help)|stopped (?:after|when|because|going|doing|it)|dropped (?:it|out)|every (?:january|new year)|new year'?s? resolution|signed up|yo-?yo|(?:for|after) (?:like |about |only |maybe )?(?:a few|two|three|four|\d+|a couple of|a) (?:days?|weeks?|months?)(?:,| and| then| until| before))\b"
            ),
        ),
    ],
    Topic.PREFERENCES: [
        (
            3.4,
            re.compile(
                r"\b(?:(?:tell|talk to|push|remind|text|message|ask|challenge|call|treat|coach|encourage|motivate) me\b|be (?:gentle|honest|direct|strict|kind|blunt|tough|nice|brief|straight|patient|firm)|do not (?:nag|push|shout|lecture|judge|sugar-?coat|baby|guilt|send|be|make me)|no (?:nagging|lectures?|emojis?|judg\w+|guilt|pressure|bullshit|fluff|jokes)|(?:i|would) (?:like|prefer|hate|love|respond|need|do better|appreciate)\b[^.!?]{0,30}\b(?:when (?:you|people|someone)|being told|short|straight|facts|numbers|details?|gentle|honest\w*|direct\w*|strict|humou?r|jokes|praise|encourag\w+|reminders?|pressure|structure|options|plans?)|straight(?:forward| to the point)|tough love|morning person|night owl|early bird|short (?:messages|answers|texts)|(?:short|direct),? (?:direct|short)|gent(?:le|ly|el)|encouraging|encouragement|blunt(?:ly)?|just the facts|facts only|humou?r|kindly|bluntness|accountability)\b"
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
_WHEN_IT_HAPPENS = re.compile(
    r"\b(?:when|whenever|as soon as|until|till|instead|too|never|always|forget|lose|scroll\w*|watch\w*|snooze|not)\b"
)
_WHEN = re.compile(
    r"\b(?:when|whenever|while|after|before|during|at|on|in the|morning|noon|lunch\w*|evening|night|week\w*|day|days|monday|tuesday|wednesday|thursday|friday|saturday|sunday|always|winter|summer|late|stress\w*|alone)s?\b"
)


def extract(
    message: str, *, asked: Asked | None, today: date, southern: bool = False, locale: str = "en"
) -> list[Found]:
    """What a message says, by topic, each with a quote that stands in it word for word.

    Questions and urgent symptoms say nothing; a clause that speaks of no topic answers what was asked.
    """
    found: list[Found] = []
    for topic, kind, quote in _stretches(message, asked):
        answers = asked if asked is not None and asked.topic == topic and kind is None else None
        place = Place(topic, kind, is_part=len(quote) < len(message.strip(" .!,")))
        for each in read(place, quote, answers, today, southern=southern, locale=locale):
            if each not in found:
                found.append(each)
    return _in_the_light_of_each_other(found)


def _in_the_light_of_each_other(found: list[Found]) -> list[Found]:
    """What a later sentence of the same message makes of an earlier one.

    After an attempt comes how it ended; what is taken back is not kept, and of two times of day the last.
    """
    times = [each for each in found if each.kind == Kind.TIME_OF_DAY]
    is_denied = any(fitting.takes_back(each.quote) for each in found)
    kept: list[Found] = []
    for each in found:
        if each.kind == Kind.TIME_OF_DAY and each is not times[-1]:
            continue
        if (
            is_denied
            and each.kind in {Kind.ACTIVITY, Kind.FREQUENCY}
            and each.topic == Topic.TRAINING
        ):
            continue
        is_ending = any(old.kind == Kind.ATTEMPT for old in kept) and fitting.is_an_ending(
            each.quote
        )
        if each.kind == Kind.ATTEMPT and is_ending:
            each = replace(each, kind=Kind.CAUSE)
        kept.append(each)
    return kept


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


@dataclass(frozen=True)
class _Told:
    """A clause with the topic it was filed under; `kind` is set where the words themselves say it."""

    clause: Clause
    topic: Topic
    kind: Kind | None

    @property
    def group(self) -> tuple[Topic, Kind | None, int]:
        # What gets in the way is told with what is around it: "I come home at 8 and I'm exhausted".
        is_whole = self.topic == Topic.CHALLENGES or self.kind == Kind.ATTEMPT
        return self.topic, None if is_whole else self.kind, self.clause.sentence


def _stretches(message: str, asked: Asked | None) -> Iterator[tuple[Topic, Kind | None, str]]:
    """Neighbouring clauses of one topic within a sentence, as one quote."""
    told: list[_Told] = []
    for clause in clauses(message):
        if clause.is_question or is_urgent(clause.text) or _says_nothing(clause.text):
            continue
        if filed := _filed(clause, asked, told):
            told.append(filed)
    for (topic, _, _), group in groupby(told, key=lambda each: each.group):
        members = list(group)
        kinds = {each.kind for each in members}
        kind = kinds.pop() if len(kinds) == 1 else None
        yield topic, kind, between(message, members[0].clause, members[-1].clause)


def _says_nothing(clause: str) -> bool:
    text = mended(clause)
    return (
        bool(_EMPTY.search(text))
        or not _A_WORD.search(text)
        or fitting.is_about_oneself_only(clause)
    )


def _filed(clause: Clause, asked: Asked | None, told: list[_Told]) -> _Told | None:
    """Where a clause belongs: by what it plainly says, then as an answer, then by what it speaks of."""
    before = told[-1] if told and told[-1].clause.sentence == clause.sentence else None
    if before is not None and REASON.search(mended(clause.text)):
        return _Told(clause, before.topic, before.kind)
    if before is not None and before.topic == Topic.GOALS and PURPOSE.search(mended(clause.text)):
        return _Told(clause, Topic.GOALS, before.kind)
    home = fitting.plain_home(clause.text)
    if home is not None and home[1] in _YIELDING:
        stronger = topic_of(clause.text, None)
        home = None if stronger in {Topic.GOALS, Topic.MEALS} and stronger != home[0] else home
    if home is not None and not _answers_all_the_same(clause.text, asked, home[1]):
        return _Told(clause, *home)
    topic = _own_topic(clause, asked, before.topic if before else None)
    return None if topic is None else _Told(clause, topic, None)


# Said in passing, these do not decide: "I order pizza when I work late" is about pizza.
_YIELDING = {Kind.SCHEDULE, Kind.LIMIT, Kind.GOOD}


def _answers_all_the_same(clause: str, asked: Asked | None, kind: Kind) -> bool:
    """Whether what plainly says something of its own is still the reason, or the cause, that was asked for."""
    if asked is None or kind in {Kind.AVOID, Kind.ROOM}:
        return False
    if asked.kind == Kind.REASON:
        return kind not in {Kind.SCHEDULE, Kind.ATTEMPT} and fitting.gives_a_motive(clause)
    if asked.kind == Kind.CAUSE:
        return kind != Kind.EXPERIENCE and fitting.says_what_went_wrong(clause)
    return (
        asked.kind == Kind.GOAL and kind == Kind.LIMIT and REASON.search(mended(clause)) is not None
    )


def _own_topic(clause: Clause, asked: Asked | None, before: Topic | None) -> Topic | None:
    clear = topic_of(clause.text, before or (asked.topic if asked else None))
    speaks = topic_of(clause.text, None) is not None
    if not speaks and before is not None and before is not (asked.topic if asked else None):
        return before  # it goes on with what was just said: "I train, six times a week"
    if not speaks and asked is not None and asked.kind == Kind.GOAL and _TELLS.search(clause.text):
        return before  # how somebody feels is no goal yet
    if asked is not None and clear is not asked.topic and _answers(clause.text, asked, clear):
        return asked.topic
    if asked is None or clear is not asked.topic or before is clear:
        return clear
    if asked.kind == Kind.REASON and topic_of(clause.text, None) is not Topic.GOALS:
        return clear if fitting.answers(clause.text, asked.topic, asked.kind) else None
    # Where little or nothing but the question speaks for the topic, it must have the form of an answer.
    own = topic_of(clause.text, None)
    speaks_for_it = any(cue.search(mended(clause.text)) for _, cue in _CUES[asked.topic])
    is_answer = speaks_for_it or fitting.answers(clause.text, asked.topic, asked.kind)
    return clear if is_answer else own or before


def _answers(clause: str, asked: Asked, clear: Topic | None) -> bool:
    """Whether a clause that sounds like another topic still answers what was asked.

    Why one wants something, what stood in the way and what was tried may be about anything, so long as it is
    not told as something else: what one does these days is no reason, and no cause.
    """
    if clear is None:
        return fitting.answers(clause, asked.topic, asked.kind)
    strong = {Topic.PREFERENCES, Topic.PAST_FAILURES, Topic.GOALS}
    if asked.topic == Topic.GOALS and asked.kind == Kind.GOAL:
        # "Run a 10k" says what is wanted, "I run" what is done.
        return clear not in strong and not _TELLS.search(clause)
    if asked.topic == Topic.GOALS and asked.kind == Kind.REASON:
        told = {Topic.PREFERENCES, Topic.PAST_FAILURES}
        if clear in {Topic.MEALS, Topic.TRAINING} and not fitting.gives_a_motive(clause):
            return False
        return clear not in told and fitting.answers(clause, asked.topic, asked.kind)
    if asked.kind == Kind.MOMENT:
        is_habit = fitting.is_habit(clause)
        return clear not in strong and not is_habit and bool(_WHEN.search(mended(clause)))
    if asked.topic == Topic.CHALLENGES:
        is_habit = fitting.is_habit(clause) and not _WHEN_IT_HAPPENS.search(mended(clause))
        return clear not in strong and not is_habit
    if asked.topic == Topic.PAST_FAILURES:
        return clear not in strong and fitting.answers(clause, asked.topic, asked.kind)
    return (
        asked.topic == Topic.PREFERENCES
        and asked.kind == Kind.TIME_OF_DAY
        and (parse_time_of_day(clause) is not None and clear not in strong)
        and not fitting.is_habit(clause)
    )
