"""How the person wants the coach to be, and what they like: preferences in the categories the coach acts on."""

import re

from .clauses import Clause
from .found import FoundMemory, FoundPreference

COMMUNICATION, TONE = "communication_style", "coaching_tone"
MEALS, EXERCISE, TIMING, OTHER = "meal_types", "exercise", "timing", "interests"
TITLES = {
    COMMUNICATION: "How I write",
    TONE: "How I coach",
    MEALS: "Food",
    EXERCISE: "Movement",
    TIMING: "Times",
    OTHER: "Likes",
}

_ASKED_OF_COACH = [
    (
        COMMUNICATION,
        "length",
        "short",
        r"\b(?:keep (?:it|things|your (?:answers|messages|replies)|messages|answers) (?:short|brief|concise)|(?:be|more) (?:brief|concise)\b|"
        r"(?:i (?:really |much )?(?:like|prefer|want)|give me) (?:short|brief|shorter|concise)(?:, (?:direct|clear|simple))? (?:answers|messages|replies)|"
        r"(?:your|the) (?:answers|messages|replies) are too long|(?:too much|less) text|no long (?:answers|messages|texts)|get to the point)",
    ),
    (
        COMMUNICATION,
        "length",
        "detailed",
        r"\b(?:(?:i (?:like|prefer|want)|give me) (?:long|longer|detailed|more detailed) (?:answers|messages|replies|explanations)|"
        r"explain (?:things )?(?:in (?:more )?detail|more)|more detail|(?:your|the) answers are too short)",
    ),
    (
        COMMUNICATION,
        "emoji",
        "never",
        r"\b(?:no|without|stop (?:using|with)(?: the)?|do not use|do not like|hate|skip the) (?:any |more |so many |those |all the )*(?:emojis?|smileys?)\b",
    ),
    (
        COMMUNICATION,
        "emoji",
        "often",
        r"\b(?:use|i (?:like|love)|more)(?: more)? (?:emojis?|smileys?)\b",
    ),
    (
        TONE,
        "directness",
        "direct",
        r"\b(?:be (?:more )?(?:direct|blunt|honest|strict|stricter|tough|tougher|firm|hard on me)|tough love|do not sugar ?coat|"
        r"push me (?:harder|more)|i (?:like|prefer|need|want) (?:a )?(?:direct|blunt|tough|strict|honest) (?:feedback|coach(?:ing)?|love))",
    ),
    (
        TONE,
        "directness",
        "gentle",
        r"\b(?:be (?:more )?(?:gentle|gentler|kind|kinder|soft|softer|patient|easy on me|nice|nicer)(?: (?:to|with) me)?|go easy on me|"
        r"do not (?:push|pressure) me|i (?:like|prefer|need|want) (?:a )?(?:gentle|kind|soft|patient) (?:feedback|coach(?:ing)?|approach|reminders?))",
    ),
]
_EACH = [(category, key, value, re.compile(p)) for category, key, value, p in _ASKED_OF_COACH]
_MOVEMENT = re.compile(
    r"\b(?:gyms?|runs?|run|running|jog\w*|walk\w*|hik\w*|swim\w*|cycl\w*|bik\w*|yoga|pilates|weights?|lift\w*|strength|cardio|hiit|danc\w*|"
    r"climb\w*|tennis|football|soccer|basketball|row\w*|stretch\w*|exercis\w*|work ?outs?|working out|sports?|training|classes)\b"
)
_FOOD = re.compile(
    r"\b(?:cook\w*|eat\w*|breakfasts?|lunch\w*|dinners?|snack\w*|meals?|food|vegetables?|veggies|fruits?|salads?|meat|fish|chicken|"
    r"porridge|oats?|rice|pasta|bread|coffee|tea|chocolate|sweets|sugar|cheese|yogh?urt|soups?|smoothies?|eggs?|pizza|spicy|vegan|"
    r"vegetarian|pescatarian|keto|halal|kosher|alcohol|milk|dairy|gluten|pork|nuts|avocados?|baking|meal prep\w*|broccoli|curry)\b"
)
_TIME = re.compile(
    r"\b(?:mornings?|evenings?|afternoons?|nights?|early|late|lunch ?breaks?|weekends?|weekdays?|\w+days?)\b"
)


def wishes_in(text: str) -> list[FoundPreference]:
    """What the person asked of the coach's own way, in clear words; `text` in lower case, written out."""
    found: list[FoundPreference] = []
    for category, key, value, pattern in _EACH:
        match = pattern.search(text)
        if any((each.category, each.key) == (category, key) for each in found):
            continue  # "no more emojis" is not "more emojis"
        if match and not re.search(r"\b(?:if|should|why|not saying)\b", text[: match.start()]):
            found.append(FoundPreference(category, key, value, match[0]))
    return found


def preference_of(memory: FoundMemory, clause: Clause) -> FoundPreference | None:
    """The preference a remembered liking stands for, if it is one the coach can act on."""
    text = clause.plain
    if wishes_in(text):
        return None  # it is about the coach's way, and kept as that
    if memory.slot.startswith("likes ") and memory.value in ("yes", "no"):
        word = "likes" if memory.value == "yes" else "dislikes"
        return FoundPreference(_category(text), memory.slot[6:86], word, memory.quote)
    if memory.slot == "diet":
        return FoundPreference(MEALS, "diet", memory.value, memory.quote)
    if memory.slot.startswith("favourite "):
        return FoundPreference(_category(text), memory.slot[:80], memory.value, memory.quote)
    if memory.slot == "best time":
        return FoundPreference(TIMING, "best time", memory.value, memory.quote)
    if memory.slot == "kind of person" and re.search(r"morning|night|early|evening", memory.value):
        return FoundPreference(TIMING, "kind of person", memory.value, memory.quote)
    return None


def _category(text: str) -> str:
    if _FOOD.search(text):
        return MEALS
    if _MOVEMENT.search(text):
        return EXERCISE
    return TIMING if _TIME.search(text) else OTHER
