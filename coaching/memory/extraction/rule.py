"""A rule of reading: its pattern, what it means where it matches, and the words that rules are made of."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from coaching.models import MemoryType

from .found import Lasting

HOW = r"(?:really |absolutely |just |totally |always |truly |also |honestly |still |actually |quite |very much |do |simply |never |often |usually |normally |generally |typically |tend to |almost always |now |currently |recently )*"
VAGUE_OBJECT = (
    r"(?:it|that|this|these|those|you|your|u|them|him|her|how|when|what|why|where|who|everything|nothing|anything|something|one|"
    r"to (?:see|know|hear|ask|talk|say|admit|be honest|bother|think)|(?:the|that|this|your) (?:idea|plan|way|one|first|second|third|last|suggestion|"
    r"sound|app|answer|question|look|tip|advice|reminder|message|coach)|when|where|ideas?|plans?|suggestions?)\b"
)
RELATION = (
    r"(?:(?:step|grand)?(?:mother|father|mum|mom|dad|brother|sister|son|daughter)(?:-in-law)?|wife|husband|partner|girlfriend|boyfriend|fianc[eé]e?|spouse|ex|"
    r"kid|kids|child|children|baby|toddler|twins|grandma|grandpa|granny|aunt|uncle|cousin|niece|nephew|(?:best |good |old )?friends?|flatmate|"
    r"roommate|neighbou?r|boss|manager|colleagues?|co-?worker|team ?mate|team|(?:running |gym |training )?buddy|(?:running )?mate|doctor|physio|therapist|"
    r"trainer|nanny|landlord|dog|cat|puppy|parents|in-laws|family)"
)
# What somebody does: a verb of the third person; what they say or think is hearsay and not theirs to tell.
RELATION_VERB = (
    r"(?!(?:says?|said|thinks?|thought|told|tells?|asks?|asked|suggests?|suggested|recommends?|recommended|claims?|claimed|believes?|warns?|"
    r"warned|advis\w+|expects?|insists?|hopes?|wants me|wanted me|name is|birthday|always says|always tells|house|place|advice|words|plans?|"
    r"meetings?|classes|things)\b)"
    r"(?:is|are|was|were|has|have|had|got|died|started|will|can not|can|does not|do not|goes|broke|lost|left|ate|gave|went|came|took|ran|won|"
    r"bought|made|found|began|became|wants?|lives?|works?|likes?|loves?|hates?|helps?|supports?|joins?|comes?|cooks?|needs?|runs?|keeps?|"
    r"moved|[a-z]{3,}(?<!s)s|[a-z]{2,}ed)"
)
JOB = (
    r"(?:nurse|teacher|doctor|developer|programmer|engineer|designer|manager|accountant|lawyer|student|chef|cook|driver|police officer|firefighter|"
    r"freelancer|consultant|writer|journalist|researcher|scientist|professor|electrician|plumber|carpenter|mechanic|waiter|waitress|"
    r"bartender|salesperson|sales rep|shop assistant|cashier|paramedic|midwife|dentist|physiotherapist|therapist|psychologist|architect|"
    r"photographer|musician|artist|actor|pilot|flight attendant|farmer|gardener|hairdresser|soldier|social worker|stay-at-home (?:mum|mom|dad|parent)|"
    r"housewife|carer|caregiver|secretary|librarian|analyst|marketer|entrepreneur|founder|ceo|intern|apprentice|phd student|pensioner)"
)
BODY = r"(?:knees?|back|shoulders?|ankles?|foot|feet|hips?|wrists?|elbow|neck|hamstring|calf|achilles|heel|hand|leg|arm|toe)"
GOOD_MOOD = r"(?:happy|excited|motivated|energi[sz]ed|relaxed|calm|proud|hopeful|optimistic|grateful|content|confident)"
BAD_MOOD = (
    r"(?:tired|exhausted|stressed(?: out)?|anxious|sad|overwhelmed|lonely|burn(?:ed|t) out|frustrated|discouraged|worried|nervous|"
    r"depressed|down|drained|demotivated|unmotivated|angry|irritable|guilty|ashamed|insecure|restless|scared|afraid)"
)
CLOCK = r"(?:\d{1,2}(?:[:.]\d\d)?(?: ?[ap]\.?m\.?)?|noon|midnight|(?:half past |quarter (?:to|past) )?(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)(?: (?:thirty|fifteen))?(?: o'clock)?)"
EVENT = (
    r"(?:race|exam|exams|interview|job interview|wedding|surgery|operation|marathon|half marathon|half-marathon|triathlon|5k|10k|deadline|"
    r"presentation|test|competition|tournament|match|trip|holiday|vacation|appointment|check-?up|conference|due date|driving test|thesis defen[cs]e)"
)
DATE = (
    r"(?:today|tonight|tomorrow|(?:on |next |this )?(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday)\b|next (?:week|month|year)|"
    r"in (?:\d+|two|three|four|five|six|a few) (?:days|weeks|months)|in (?:january|february|march|april|may|june|july|august|september|october|november|december)|"
    r"on (?:the )?\d{1,2}(?:st|nd|rd|th)?(?: of)?|\d{1,2}(?:st|nd|rd|th)? (?:of )?(?:january|february|march|april|may|june|july|august|september|october|november|december))"
)

Slot = str | Callable[[re.Match[str]], tuple[str, str]]


@dataclass(frozen=True)
class Rule:
    """A pattern over a clause, and what it means where it matches.

    `slot` is a name whose value is the group `value`, or a function that gives both.
    """

    pattern: re.Pattern[str]
    memory_type: MemoryType
    tags: tuple[str, ...] = ()
    slot: Slot = ""
    valence: float | None = 0.0
    lasting: Lasting = Lasting.USUAL
    happens: bool = False


def rule(
    pattern: str,
    memory_type: MemoryType,
    *tags: str,
    slot: Slot = "",
    valence: float | None = 0.0,
    lasting: Lasting = Lasting.USUAL,
    happens: bool = False,
) -> Rule:
    return Rule(re.compile(pattern), memory_type, tags, slot, valence, lasting, happens)


_SMALL = re.compile(
    r"(?:the|a|an|my|our|in|on|at|of|to|and|or|for|with|going|doing|go|do|having|eating|some|any|all|every|"
    r"really|very|so|too|much|lot|lots|most|that|is|are|being|it|i|you|when|first)"
)


def stems(text: str) -> list[str]:
    """The meaningful words of a few words, cut to a stem, so that "Mondays" and "Monday" are the same."""
    words = re.findall(r"[a-z0-9]+", text.lower())
    return [
        re.sub(r"(?:ings?|ies|es|s|e)$", "", word) or word
        for word in words
        if not _SMALL.fullmatch(word)
    ]


CONTEXT, PREFERENCE, STRUGGLE = MemoryType.CONTEXT, MemoryType.PREFERENCE, MemoryType.STRUGGLE
VICTORY, INSIGHT, RELATIONSHIP = MemoryType.VICTORY, MemoryType.INSIGHT, MemoryType.RELATIONSHIP
LIKE = r"(?P<verb>(?:love|adore|enjoy|like|prefer|hate|despise|detest|loathe|dislike|do not (?:really |particularly |actually )?(?:like|enjoy|love)|can not stand|am a (?:big |huge )?fan of|am not (?:a )?(?:big |huge |much of a )?(?:fan of|into)|am (?:really )?into))"
