"""What a plan must respect: the time of day, what stands in the way, how hard it may be."""

import re
from dataclasses import dataclass
from enum import StrEnum

from .wording import plain


class TimeOfDay(StrEnum):
    MORNING = "morning"
    MIDDAY = "midday"
    EVENING = "evening"
    ANY = "any"


_NOT = r"(?:not|never|no|hate|avoid|can not do|bad at|rather not)\s+(?:a |an |in the |the |do |really |)*"
_TIMES = [
    (
        TimeOfDay.ANY,
        r"\bany ?time\b|\bwhenever\b|\bno preference\b|\bdo(?:es)? not (?:matter|mind|care)\b|\bflexible\b|\beither(?: is fine)?\b",
    ),
    (
        TimeOfDay.MORNING,
        r"\bmornings?\b|\bbefore work\b|\bearly (?:bird|riser)\b|\bfirst thing\b|\bwhen i wake(?: up)?\b|\bafter waking(?: up)?\b|\bbefore breakfast\b|\bat dawn\b|\bbefore the kids (?:wake|get) up\b|\b(?:[5-9]|10|11)(?::\d\d)? ?a\.?m\b",
    ),
    (
        TimeOfDay.MIDDAY,
        r"\bmidday\b|\bnoon\b|\blunch(?: ?time| ?break| hour)?s?\b|\bafternoons?\b|\b(?:12|1|2|3|4)(?::\d\d)? ?p\.?m\b",
    ),
    (
        TimeOfDay.EVENING,
        r"\bevenings?\b|\bafter work\b|\bat night\b|\bnight owl\b|\bnights\b|\btonight\b|\bbefore bed\b|\bbedtime\b|\bafter dinner\b|\blate(?:r)? in the day\b|\bonce the kids are (?:asleep|in bed)\b|\b(?:5|6|7|8|9|10|11)(?::\d\d)? ?p\.?m\b",
    ),
]
_EACH_TIME = [
    (time, re.compile(pattern), re.compile(_NOT + r"(?:person|" + pattern + ")"))
    for time, pattern in _TIMES
]
_NOT_MORNING = re.compile(r"\bnot (?:a |an |much of a )?(?:morning person|early (?:bird|riser))\b")
_GREETING = re.compile(
    r"\bgood (?:morning|afternoon|evening)\b|\bnight shifts?\b|\b(?:work|working) nights\b"
)


def parse_time_of_day(text: str) -> TimeOfDay | None:
    """The time of day a person prefers; none when the text does not say.

    "Not a morning person" says evening; a refused time without another leaves the choice open.
    """
    text = _GREETING.sub(" ", plain(text))
    if _NOT_MORNING.search(text):
        return TimeOfDay.EVENING
    found = []
    refused = False
    for time, pattern, negated in _EACH_TIME:
        kept = negated.sub(" ", text) if time is not TimeOfDay.ANY else text
        refused = refused or kept != text
        if match := pattern.search(kept):
            found.append((match.start(), time))
    if found:
        return min(found)[1]
    return TimeOfDay.ANY if refused else None


@dataclass(frozen=True)
class Constraint:
    """Something a plan must respect: a tag that planners know, and the words that said it."""

    tag: str
    words: str


_PAIN = r"(?:bad|sore|hurt(?:ing|s)?|injured|weak|painful|dodgy|broken|torn|achy|aching|problem|stiff|dicky)"
_TROUBLE = r"(?:pain|hurts?|injury|problems?|trouble|issues?|surgery|operation|ache|replacement|is (?:bad|sore|injured|weak|hurting)|are (?:bad|sore|injured|weak|hurting)|acts up|gives me trouble)"


def _body(part: str) -> str:
    return rf"\b{_PAIN}\s+(?:\w+\s+)?{part}\b|\b{part}\s+{_TROUBLE}\b|\b{_PAIN}\b[^.!?,]{{0,12}}\b{part}\b"


_CONSTRAINTS: list[tuple[str, str]] = [
    ("knee", _body(r"knees?") + r"|\bmeniscus\b|\bacl\b"),
    (
        "back",
        _body(r"(?:lower )?back") + r"|\bsciatica\b|\bslipped disc\b|\bherniated\b|\bbackache\b",
    ),
    ("shoulder", _body(r"shoulders?") + r"|\brotator cuff\b"),
    (
        "foot",
        _body(r"(?:foot|feet|ankles?|heel)")
        + r"|\bplantar fasciitis\b|\bachilles\b|\bsprained ankle\b|\bflat feet\b",
    ),
    ("hip", _body(r"hips?")),
    ("wrist", _body(r"(?:wrists?|hands?|elbow)") + r"|\bcarpal tunnel\b|\brsi\b|\btennis elbow\b"),
    (
        "heart",
        r"\bheart (?:condition|disease|problems?|attack|failure|surgery|trouble)\b|\bpacemaker\b|\bhigh blood pressure\b|\bhypertension\b|\barrhythmia\b",
    ),
    ("pregnant", r"\bpregnan(?:t|cy)\b|\bexpecting a baby\b|\bpostpartum\b"),
    ("asthma", r"\basthma(?:tic)?\b"),
    ("diabetes", r"\bdiabet(?:es|ic)\b"),
    ("eating_disorder", r"\b(?:eating disorder|anorexi[ac]|bulimi[ac]|binge[- ]eating)\b"),
    (
        "no_gym",
        r"\b(?:no|without(?: a| the)?|do not have(?: access to)? a|not? have (?:access to )?a|hate(?: the| going to the)?|not join a|can not (?:afford|get to) (?:a|the)|no access to a)\s+gyms?\b|\b(?:no|without a?) gym membership\b|\b(?:at|from) home\b(?= (?:only|workouts?))|\bonly at home\b",
    ),
    (
        "no_equipment",
        r"\b(?:no|without(?: any)?|do not have(?: any)?|not have any|zero)\s+(?:gym |exercise |sports? |special )?(?:equipment|weights|dumbbells|gear)\b|\bbodyweight only\b",
    ),
    (
        "no_running",
        r"\b(?:can not|not able to|do not want to|hate|no|not allowed to|avoid)\s+(?:go |to |do |any )?(?:run|running|jog|jogging)\b",
    ),
    (
        "no_floor",
        r"\b(?:can not|not able to|hard to) (?:get|lie|sit|kneel) (?:down )?on the (?:floor|ground)\b",
    ),
    (
        "shift_work",
        r"\b(?:night|rotating|late|early|changing|irregular) shifts?\b|\bshift work(?:er)?\b|\b(?:i )?work(?:ing)? (?:shifts|nights)\b|\bon call\b",
    ),
    (
        "small_children",
        r"\b(?:kids?|children|toddlers?|newborn|baby|babies|twins|(?:young|small|little) ones?|single (?:mum|mom|dad|parent)|new (?:mum|mom|dad|parent))\b",
    ),
    (
        "no_money",
        r"\b(?:tight|small|limited|low|no|zero|shoestring) (?:budget|money)\b|\bon a budget\b|\b(?:can not|do not want to) (?:spend|pay|afford)\b|\bfor free\b|\bno money\b|\bbroke\b(?! my| a)|\bcheap(?:ly)?\b|\bwithout spending\b",
    ),
    (
        "travel",
        r"\b(?:travel(?:l?ing|s)?|on the road|business trips?|abroad a lot)\b(?! fund| to | around| the world)",
    ),
    (
        "busy",
        r"\b(?:very|really|super|so|too|extremely|quite|pretty) busy\b|\b(?:two|2|three|3) jobs\b|\blong hours\b|\bno free time\b|\bbusy (?:job|schedule|life)\b|\boverworked\b",
    ),
    (
        "alone",
        r"\blive alone\b|\bno (?:one|body) to (?:practi[cs]e|train|run|talk) with\b|\bon my own\b",
    ),
    (
        "beginner",
        r"\b(?:complete |total |absolute |a )?(?:beginner|newbie|novice)\b|\bfrom scratch\b|\bnever (?:run|ran|done|tried|meditated|exercised|learned|lifted)\b|\bout of shape\b|\bunfit\b|\bcouch potato\b",
    ),
    (
        "older",
        r"\b(?:i am |at )(?:6\d|7\d|8\d)\b|\bin my (?:60|70|80|sixties|seventies)s?\b|\bretired\b",
    ),
]
_EACH_CONSTRAINT = [(tag, re.compile(pattern)) for tag, pattern in _CONSTRAINTS]
_GOAL_NOT_CONSTRAINT = re.compile(
    r"\b(?:with|for|teach|play with|time with) (?:my |the )?(?:kids?|children)\b(?=[^.!?]{0,20}(?:more|quality|$))"
)


def parse_constraints(text: str) -> list[Constraint]:
    """What a plan must respect, each tag once, in the order of the tags."""
    text = plain(text)
    found = []
    for tag, pattern in _EACH_CONSTRAINT:
        if match := pattern.search(text):
            if tag == "small_children" and _GOAL_NOT_CONSTRAINT.search(text):
                continue
            found.append(Constraint(tag, match[0].strip()))
    return found


class Difficulty(StrEnum):
    EASY = "easy"
    MODERATE = "moderate"
    CHALLENGING = "challenging"


_DIFFICULTIES = [
    (
        Difficulty.EASY,
        re.compile(
            r"\b(?:eas(?:y|ier|ily)|gentle|gently|small(?:er)?|tiny|light(?:er)?|simple|slow(?:ly)?|baby steps|relaxed|low[- ]key|not too (?:hard|much|difficult|intense)|beginner|out of shape|from scratch|take it slow|laid[- ]back)\b"
        ),
    ),
    (
        Difficulty.CHALLENGING,
        re.compile(
            r"\b(?:challeng(?:e|ing)|hard(?:er|core)?|intens(?:e|ive)|ambitious|tough(?:er)?|push me|aggressive|demanding|strict|advanced|all[- ]in|difficult)\b"
        ),
    ),
    (
        Difficulty.MODERATE,
        re.compile(
            r"\b(?:moderate|medium|normal|regular|average|balanced|in between|middle|steady|realistic|not too (?:easy))\b"
        ),
    ),
]
_NOT_HARD = re.compile(
    r"\b(?:not|nothing|too)\s+(?:too |so |very |that )?(?:hard|intense|tough|demanding|difficult|challenging|ambitious)\b"
)


def parse_difficulty(text: str) -> Difficulty | None:
    """How hard a person wants it; none when the text does not say."""
    text = plain(text)
    if _NOT_HARD.search(text):
        return Difficulty.EASY
    found = [
        (match.start(), level)
        for level, pattern in _DIFFICULTIES
        if (match := pattern.search(text))
    ]
    return min(found)[1] if found else None
