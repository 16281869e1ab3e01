"""How a person sounds: an emotion, a score from -1 to 1, and the words that show it."""

import re
from dataclasses import dataclass
from enum import StrEnum

from .wording import plain


class Emotion(StrEnum):
    FRUSTRATED = "frustrated"
    DISCOURAGED = "discouraged"
    ANXIOUS = "anxious"
    PROUD = "proud"
    EXCITED = "excited"
    NEUTRAL = "neutral"


@dataclass(frozen=True)
class Tone:
    emotion: Emotion
    score: float
    words: tuple[str, ...] = ()


# Patterns per emotion with their weight (0 to 1). Frustration, discouragement and worry pull the score down.
_LEXICON: dict[Emotion, list[tuple[float, str]]] = {
    Emotion.FRUSTRATED: [
        (
            0.9,
            r"frustrat\w+|fed up|sick (?:and tired )?of|infuriat\w+|furious|pissed(?: off)?|had enough|ticked off",
        ),
        (
            0.7,
            r"annoy\w*|angry|irritat\w+|ugh+|argh+|aarg+h|damn(?: it)?|wtf|ffs|hate (?:this|that|it)|stupid (?:app|plan|habit|streak)|ridiculous|useless|bullshit|crap|does not work|not working|is not helping|keeps (?:failing|breaking|messing)",
        ),
        (
            0.5,
            r"stuck|again and again|why (?:can i not|can not i)|impossible|waste of time|tired of",
        ),
    ],
    Emotion.DISCOURAGED: [
        (
            0.9,
            r"giv(?:e|ing) up|hopeless|worthless|failure|losers?|keep failing|i keep (?:missing|quitting)|pathetic|what is the point|no point|pointless|want to quit(?! \w)|might as well quit",
        ),
        (
            0.7,
            r"fail(?:ed|ing)?|discouraged|disappointed|demotivated|unmotivated|no motivation|lost (?:my |all )?(?:motivation|momentum|streak|the will)|can not (?:do this|keep (?:up|doing)|stick)|let (?:myself|everyone) down|ashamed|guilty|embarrassed|terrible at|never (?:be able|manage|going to)|not good enough|broke my streak|fell off|fallen off|depress(?:ed|ing)|ruined|blew it|screwed up|messed up",
        ),
        (
            0.5,
            r"sad|down|unhappy|struggling|struggle|hard (?:time|week|day)|rough (?:week|day|time)|bad (?:day|week)|exhausted|drained|burn(?:ed|t) out|tired|lazy|slipp(?:ed|ing)|behind|missed|meh|miserable|awful|terrible|lonely",
        ),
    ],
    Emotion.ANXIOUS: [
        (0.9, r"anxious|anxiety|panick\w*|panic|terrified|freaking out"),
        (
            0.7,
            r"worried|worry|worrying|nervous|stressed(?: out)?|stressful|stress|overwhelm\w*|scared|afraid|dread\w*|too much on my plate|can not cope",
        ),
        (0.4, r"unsure|uneasy|tense|pressure|on edge"),
    ],
    Emotion.PROUD: [
        (
            0.9,
            r"proud|nailed it|crushed it|smashed it|i did it|did it|achiev\w+|accomplish\w+|personal best|new pb|new record|best (?:week|month|day) (?:yet|ever)|finally (?:did|managed|finished|made|got|ran|hit)",
        ),
        (
            0.6,
            r"managed to|hit my (?:goal|target)|reached my|finished (?:my|the|all|a)|completed (?:my|the|all)|(?:kept|keeping) (?:it|my streak) (?:up|going)|\d+ days? (?:streak|in a row)|without missing|got through|all done|stuck (?:to|with) it",
        ),
    ],
    Emotion.EXCITED: [
        (
            0.8,
            r"excited|can not wait|pumped|stoked|thrilled|psyched|woo+ ?hoo+|yay+|awesome|amazing|fantastic|so ready|let us (?:go|do (?:this|it))|love (?:this|it)",
        ),
        (
            0.5,
            r"great|happy|motivated|glad|looking forward|wonderful|excellent|fired up|ready to (?:start|go)|nice|cool|good (?:day|week|mood)|feeling good|energi[sz]ed",
        ),
    ],
}
_NEGATIVE = {Emotion.FRUSTRATED, Emotion.DISCOURAGED, Emotion.ANXIOUS}
_EACH = [
    (emotion, weight, re.compile(rf"(?<!\w)(?:{pattern})(?!\w)"))
    for emotion, entries in _LEXICON.items()
    for weight, pattern in entries
]
_NEGATION = re.compile(
    r"\b(?:not|never|no|hardly|barely|nothing|without|less|nor)\s+(?:\w+\s+){0,2}$"
)
_STRONGER = re.compile(
    r"\b(?:so|very|really|extremely|super|totally|absolutely|incredibly|completely|such a)\s+$"
)
_WEAKER = re.compile(r"\b(?:a bit|a little|slightly|somewhat|kind of|kinda|sort of)\s+$")
_NOT_ALWAYS_SELF = re.compile(r"\b(?:reduce|manage|less|lower|deal with|handle|beat|with|my)\s+$")
_WIND_DOWN = re.compile(
    r"\b(?:wind|slow|write|cut|sit|calm|lie|break|note|track|put|go|set|get|come|lay|jot|settle|shut|turn) (?:\w+ )?$"
)
_EMOTICONS = [
    (re.compile(r"[:;]-?\)|[😀😃😄😁😊🙂🎉💪🥳❤]"), Emotion.EXCITED, 0.4),
    (re.compile(r":'?-?\(|[😞😢😭😔🙁☹]"), Emotion.DISCOURAGED, 0.5),
    (re.compile(r"[😠😡🤬😤]"), Emotion.FRUSTRATED, 0.7),
]


def tone(text: str) -> Tone:
    """The emotion with the most weight in a text, with the words that carry it.

    A negated joy ("not happy") counts as discouragement, a negated trouble ("not stressed") hardly at all.
    """
    original, text = text, plain(text)
    weights = dict.fromkeys(Emotion, 0.0)
    shown: dict[Emotion, list[str]] = {emotion: [] for emotion in Emotion}
    for emotion, usual_weight, pattern in _EACH:
        for found in pattern.finditer(text):
            before, words, weight = text[: found.start()], found[0], usual_weight
            if words in ("down", "behind") and _WIND_DOWN.search(before):
                continue
            if emotion is Emotion.ANXIOUS and _NOT_ALWAYS_SELF.search(before) and weight < 0.9:
                weight *= 0.4
            if _STRONGER.search(before):
                weight = min(1.0, weight * 1.3)
            elif _WEAKER.search(before):
                weight *= 0.6
            if negated := _NEGATION.search(before):
                if emotion in _NEGATIVE:
                    continue
                weights[Emotion.DISCOURAGED] += weight * 0.8
                shown[Emotion.DISCOURAGED].append(f"{negated[0].strip()} {words}")
                continue
            weights[emotion] += weight
            shown[emotion].append(words)
    for pattern, emotion, weight in _EMOTICONS:
        if sign := pattern.search(original):
            weights[emotion] += weight
            shown[emotion].append(sign[0])
    strongest = max(Emotion, key=lambda emotion: weights[emotion])
    if weights[strongest] < 0.35:
        return Tone(Emotion.NEUTRAL, 0.0)
    good = weights[Emotion.PROUD] + weights[Emotion.EXCITED]
    bad = sum(weights[emotion] for emotion in _NEGATIVE)
    # An exclamation mark makes what is said stronger, it does not change what is said.
    louder = 1.15 if original.rstrip().endswith("!") else 1.0
    score = max(-1.0, min(1.0, (good - bad) * louder))
    return Tone(strongest, round(score, 2), tuple(shown[strongest]))
