"""What the interviewer can ask, and which question is the next."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from coaching.llm.builtin.variation import Variation

from . import phrases
from .extraction import Asked
from .topics import Interview, Kind, Topic, TopicState, Understood, standing

_BECAUSE = re.compile(
    r"\b(?:because|cause|since|when (?:my|the|i|we)|it (?:got|made)|got (?:injured|ill|bor))", re.I
)


@dataclass(frozen=True)
class Question:
    """What the interviewer can ask. `on_no` is what a bare "no" says; empty when it says nothing."""

    key: str
    topic: Topic
    kind: Kind
    on_no: str = ""

    @property
    def asked(self) -> Asked:
        return Asked(self.topic, self.kind)


_ALL = [
    Question("goals.still", Topic.GOALS, Kind.GOAL),
    Question("goals.instead", Topic.GOALS, Kind.GOAL),
    Question("goals.what", Topic.GOALS, Kind.GOAL),
    Question("goals.why", Topic.GOALS, Kind.REASON),
    Question("training.now", Topic.TRAINING, Kind.ACTIVITY, "no regular training at the moment"),
    Question("training.often", Topic.TRAINING, Kind.FREQUENCY),
    Question("meals.day", Topic.MEALS, Kind.PATTERN),
    Question(
        "challenges.what", Topic.CHALLENGES, Kind.OBSTACLE, "nothing in particular gets in the way"
    ),
    Question("challenges.when", Topic.CHALLENGES, Kind.MOMENT),
    Question("past_failures.tried", Topic.PAST_FAILURES, Kind.ATTEMPT, "has not tried this before"),
    Question("past_failures.why", Topic.PAST_FAILURES, Kind.CAUSE),
    Question("preferences.how", Topic.PREFERENCES, Kind.STYLE),
    Question("preferences.more", Topic.PREFERENCES, Kind.AVOID, "nothing to avoid in particular"),
    Question("preferences.when", Topic.PREFERENCES, Kind.TIME_OF_DAY),
]
QUESTIONS = {question.key: question for question in _ALL}
FOLLOW_UPS = {
    "goals.why",
    "training.often",
    "challenges.when",
    "past_failures.why",
    "preferences.when",
}
# A question that brings nothing is asked once more, and then its topic is left.
MOST_TRIES = 2


def next_question(understood: Understood, interview: Interview) -> Question | None:
    """The first thing that is neither known nor settled, topic by topic; each follow-up once."""
    states = standing(understood, interview).topics
    for topic in Topic:
        if states[topic] in {TopicState.DECLINED, TopicState.PASSED}:
            continue
        if states[topic] == TopicState.OPEN:
            return QUESTIONS[_first(topic, understood, interview)]
        follow_up = _follow_up(topic, understood)
        if follow_up and follow_up not in interview.asked:
            return QUESTIONS[follow_up]
    return None


def _first(topic: Topic, understood: Understood, interview: Interview) -> str:
    match topic:
        case Topic.GOALS:
            if understood.of(topic):
                return "goals.still"
            return "goals.instead" if "goals.still" in interview.asked else "goals.what"
        case Topic.TRAINING:
            return "training.now"
        case Topic.MEALS:
            return "meals.day"
        case Topic.CHALLENGES:
            return "challenges.what"
        case Topic.PAST_FAILURES:
            return "past_failures.tried"
        case Topic.PREFERENCES:
            knows_style = understood.first(topic, Kind.STYLE)
            return "preferences.more" if knows_style else "preferences.how"


def _follow_up(topic: Topic, understood: Understood) -> str:
    """What is still worth asking of a topic of which something was told."""
    first = understood.first
    match topic:
        case Topic.GOALS:
            return "" if first(topic, Kind.REASON) or not first(topic, Kind.GOAL) else "goals.why"
        case Topic.TRAINING:
            done = [item.value for item in understood.of(topic) if item.kind == Kind.ACTIVITY]
            is_known = first(topic, Kind.FREQUENCY) or any("," in value for value in done)
            return "" if is_known or not done else "training.often"
        case Topic.CHALLENGES:
            return (
                ""
                if first(topic, Kind.MOMENT, Kind.SCHEDULE) or not first(topic, Kind.OBSTACLE)
                else "challenges.when"
            )
        case Topic.PAST_FAILURES:
            attempt = first(topic, Kind.ATTEMPT)
            is_explained = attempt is None or bool(_BECAUSE.search(attempt.quote))
            return "" if is_explained or first(topic, Kind.CAUSE) else "past_failures.why"
        case Topic.PREFERENCES:
            return "" if first(topic, Kind.TIME_OF_DAY) else "preferences.when"
        case Topic.MEALS:
            return ""


def worded(question: Question, understood: Understood, variation: Variation) -> str:
    """The question in words, with what was said filled in."""
    wording = variation.of(phrases.QUESTIONS[question.key])
    return wording.format(**said_so_far(understood))


def said_so_far(understood: Understood) -> dict[str, str]:
    """The values that wordings may refer to, as they stand in the middle and at the start of a sentence."""
    goals = [item for item in understood.of(Topic.GOALS) if item.kind == Kind.GOAL]
    obstacle = understood.first(Topic.CHALLENGES, Kind.OBSTACLE)
    activity = understood.first(Topic.TRAINING, Kind.ACTIVITY)
    style = understood.first(Topic.PREFERENCES, Kind.STYLE)
    known = {
        "goal": goals[-1].value if goals else "",
        "obstacle": obstacle.value if obstacle else "",
        "activity": activity.value if activity else "",
        "style": style.value if style else "",
    }
    return known | {name.capitalize(): capitalized(value) for name, value in known.items()}


def capitalized(text: str) -> str:
    return text[:1].upper() + text[1:]


def joined(words: Sequence[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    return " and ".join(part for part in (", ".join(words[:-1]), *words[-1:]) if part)
