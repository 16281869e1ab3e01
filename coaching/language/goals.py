"""What a person wants: the words that name the goal, and which of the five categories it belongs to."""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise

from .number_words import EXPLICIT_NUMBER
from .spelling import Speller
from .timeframes import parse_timeframe
from .wording import plain, tidy


class GoalCategory(StrEnum):
    FITNESS = "fitness"
    LEARNING = "learning"
    FINANCIAL = "financial"
    WELLNESS = "wellness"
    PRODUCTIVITY = "productivity"


# Words that speak for a category, with how strongly (1 to 3). A trailing * stands for any ending.
_LEXICON: dict[GoalCategory, dict[int, str]] = {
    GoalCategory.FITNESS: {
        3: "run runs running runner marathon half-marathon triathlon 5k 10k jog jogging gym workout* exercise* exercising muscle* strength pushup* push-up* pull-up* pullup* squat* deadlift* bench cardio weightlifting lifting cycling cycle bike biking swim swimming swimmer hike hiking fitness fit pounds lbs kilos kg weight-loss abs plank* yoga pilates flexible flexibility stretch* steps walking climb climbing crossfit kettlebell* dance dancing tennis football soccer basketball boxing rowing couch-to-5k handstand splits athletic sport* marathons stamina endurance",
        2: "weight fat body shape lean stronger strong walk active toned belly training train lose slimmer slim",
        1: "healthy healthier health energy race km miles belly bulk",
    },
    GoalCategory.LEARNING: {
        3: "learn learning spanish french german italian japanese chinese mandarin korean portuguese arabic dutch russian hindi english language languages fluent fluency conversational vocabulary study studying exam exams guitar piano violin ukulele drums instrument coding programming python javascript course degree certification certificate skill skills chess math maths calculus algebra history drawing paint painting singing sing cooking cook toefl ielts gre gmat lsat mcat bilingual duolingo anki university school sign-language photography grammar",
        2: "read reading books book novel* practice knowledge lessons lesson class classes code draw pages b1 b2 c1 a2 a1 knit knitting music play science",
        1: "understand speak speaking master improve teach educat*",
    },
    GoalCategory.FINANCIAL: {
        3: "save saving savings money debt debts loan loans budget budgeting invest investing investment* retirement pension emergency-fund mortgage down-payment credit spend spending salary income dollars euros financial finances finance financially frugal expenses expense wealth net-worth payoff overdraft impulse-buying rent",
        2: "$ £ € fund bank bills bill afford cash shopping deposit house rich earn",
        1: "pay buy purchases buying",
    },
    GoalCategory.WELLNESS: {
        3: "sleep sleeping insomnia meditate meditation mindfulness mindful stress stressed anxiety relax relaxed relaxation calm calmer breathing gratitude grateful journaling journal smoking smoke vaping alcohol drink drinking sober sugar diet eat eating water hydration hydrated hydrate nutrition vegetables vegetarian vegan screen-time phone-use happier happiness wellbeing well-being self-care mental burnout mood lonely loneliness therapy rest posture nail-biting nails bedtime patience patient skincare floss flossing teeth mindfully junk caffeine coffee snacking unplug social-media",
        2: "healthy healthier health bed wake relationship* friends family food meals energy balance phone peace kind kinder outside outdoors nature instagram tiktok doomscroll*",
        1: "early feel feeling tired better habits screen",
    },
    GoalCategory.PRODUCTIVITY: {
        3: "productive productivity procrastinat* focus focused concentration concentrate organize organized organise organised organization declutter* clutter tidy clean cleaning inbox email* e-mail* deadline* project projects thesis dissertation schedule planner todo to-do tasks task time-management startup business deep-work distraction* distracted efficient efficiency blog writing write novel manuscript newsletter side-project portfolio promotion career punctual on-time planning organiser backlog prioritise prioritize",
        2: "work job plan finish launch book desk article time house room meetings meeting office early app website distracted routine",
        1: "done better start build morning",
    },
}
_EMPHATIC = [
    (
        re.compile(
            r"[$£€]\s?\d|\d\s?(?:dollars|bucks|euros|quid)\b|\bemergency fund\b|\bout of debt\b|\bdown payment\b"
        ),
        GoalCategory.FINANCIAL,
        4.0,
    ),
    (
        re.compile(
            r"\b(?:lose|drop|shed|gain)\b[^.!?]{0,20}\b(?:weight|pounds|lbs|kilos?|kg|stone|fat)\b"
        ),
        GoalCategory.FITNESS,
        3.0,
    ),
    (
        re.compile(
            r"\b(?:wake|get|waking|getting) up (?:early|earlier|at)\b|\bfall(?:ing)? asleep\b|\bgo(?:ing)? to bed\b|\bscreen time\b|\bsocial media\b|\bquit smoking\b"
        ),
        GoalCategory.WELLNESS,
        3.0,
    ),
    (
        re.compile(
            r"\b(?:write|finish|publish|writing)\b[^.!?]{0,14}\b(?:book|novel|thesis|dissertation|blog)\b|\btime management\b|\bside project\b|\bto[- ]do\b|\bget things done\b|\bstop procrastinating\b"
        ),
        GoalCategory.PRODUCTIVITY,
        4.0,
    ),
    (
        re.compile(
            r"\bread(?:ing)?\b[^.!?]{0,20}\b(?:books?|pages?|more)\b|\b[abc][12]\b|\bplay (?:the )?\w+\b|\blearn(?:ing)?\b"
        ),
        GoalCategory.LEARNING,
        3.0,
    ),
    (
        re.compile(r"\brun(?:ning)? (?:a |my )?(?:business|company|meeting)"),
        GoalCategory.PRODUCTIVITY,
        4.0,
    ),
    (
        re.compile(r"\b\d+\s?k\b(?! steps)|\bget (?:back )?(?:in|into) shape\b|\bget fit\b"),
        GoalCategory.FITNESS,
        1.5,
    ),
]


def _compiled() -> tuple[
    dict[str, list[tuple[GoalCategory, int]]], list[tuple[str, GoalCategory, int]]
]:
    whole: dict[str, list[tuple[GoalCategory, int]]] = {}
    stems: list[tuple[str, GoalCategory, int]] = []
    for category, by_weight in _LEXICON.items():
        for weight, words in by_weight.items():
            for word in words.split():
                if word.endswith("*"):
                    stems.append((word[:-1], category, weight))
                else:
                    whole.setdefault(word, []).append((category, weight))
    return whole, stems


_WHOLE, _STEMS = _compiled()
_TOKEN = re.compile(r"[a-z0-9$£€]+(?:-[a-z0-9]+)*")
_PAIRS = {word for word in _WHOLE if "-" in word}
_speller = Speller(
    [word for word in _WHOLE if word.isalpha()],
    [stem for stem, _, _ in _STEMS],
)


def category_scores(text: str) -> dict[GoalCategory, float]:
    """How much of a text speaks for each category; the scores add up to 1, or all are 0."""
    text = plain(text)
    mended = _speller.mend(text)
    scores = dict.fromkeys(GoalCategory, 0.0)
    tokens = _TOKEN.findall(mended)
    joined = [f"{a}-{b}" for a, b in pairwise(tokens)]
    for token in [*tokens, *(pair for pair in joined if pair in _PAIRS)]:
        hits = list(_WHOLE.get(token, ()))
        if not hits and len(token) > 4:
            hits = _WHOLE.get(token.removesuffix("s"), []) or [
                (category, weight) for stem, category, weight in _STEMS if token.startswith(stem)
            ]
        for category, weight in hits:
            scores[category] += weight
    for pattern, category, extra in _EMPHATIC:
        if pattern.search(mended):
            scores[category] += extra
    total = sum(scores.values())
    return {
        category: round(score / total, 4) if total else 0.0 for category, score in scores.items()
    }


def goal_category(text: str) -> GoalCategory | None:
    """The category a goal belongs to; none when nothing speaks for any."""
    scores = category_scores(text)
    best = max(GoalCategory, key=lambda category: scores[category])
    return best if scores[best] > 0 else None


# --- The goal itself ----------------------------------------------------------------------------
@dataclass(frozen=True)
class GoalPhrase:
    """The goal in the person's own words, without the frame around it, and how sure the reading is."""

    words: str
    category: GoalCategory | None
    confidence: float


_PLAN = r"(?:(?:new|good|simple|personal|personali[sz]ed|\d+[- ]\w+|weekly|daily|step[- ]by[- ]step|realistic|habit|training|study|savings?|workout|learning|fitness) )*(?:habits?|habit sequence|sequence|plan|program(?:me)?|routine|roadmap|schedule|habit stack)s?"
_MODAL = r"(?:can|could|would|will) you (?:please )?"
_FRAMES = [
    (0.85, r"^(?:want|need|would like|would love|trying|hoping|planning|looking|aiming) to"),
    (
        0.95,
        rf"(?:{_MODAL})?(?:create|make|build|design|generate|give|write|draw up|set up|start|plan|put together|suggest|need|want|would like|get)(?: me| us)?(?: up)?(?: with)? (?:a|an|some|the|my)? ?{_PLAN}(?: of habits)?(?: that (?:will |would |can )?helps?(?: me)?(?: to)?| to help me(?: to)?| to get me to| so (?:that )?i can| so i| for how to| in order to| to| for| on how to| about| around| where i)\b",
    ),
    (
        0.95,
        r"my (?:main |big |biggest |new |current |next |personal )?(?:goal|aim|dream|target|objective|resolution|plan|ambition)(?: for (?:this year|the year|\d+))? (?:is|would be|will be)(?: to| that i)?",
    ),
    (
        0.9,
        r"(?:i|we) (?:really |just |also |kind of |actually |finally |do |would |honestly |desperately |still )*(?:want|would like|would love|wish|hope|need|intend|plan|aim|like|have decided|am hoping|am planning|am aiming|am looking|am trying|am determined|am keen|have got|ought|have|am going|am training|have been (?:trying|meaning|wanting))(?: (?:for )?(?:you |your help |help |some help )?(?:to help me )?)? ?to(?: be able to)?\b",
    ),
    (0.85, rf"(?:{_MODAL})?(?:please )?help me(?: out)?(?: please)?(?: to)?(?: with)?\b"),
    (
        0.85,
        r"(?:how (?:can|do|could|should|would) i (?:best |finally |actually )?|what (?:can|could|should|would|must) i do (?:in order )?to)",
    ),
    (
        0.85,
        r"i (?:am|have been) (?:currently |now )?(?=(?:training|preparing|studying|saving|working|practi[cs]ing)(?: up)? (?:for|towards?|on)\b)",
    ),
    (
        0.9,
        r"(?:what|which) habits (?:should|can|could|would|do) i (?:\w+ )?(?:start |begin |need |build |do )?(?:with |in order )?(?:to|for)\b",
    ),
    (
        0.8,
        r"(?:i|we) (?:really |just |also |would |do |finally )*(?:want|need|like|would like|would love|wish for|aim for)\b",
    ),
    (0.9, r"(?:i|we) (?:would (?:much )?rather|prefer to)\b"),
    (
        0.85,
        r"(?:but|and|still) (?:i )?(?:really |just |still |also )*(?:want|would like|would love|need|wish|hope) to\b",
    ),
    (0.8, rf"{_MODAL}(?:get|teach|train|coach|support|guide) me(?: to| into| in| on| towards)?\b"),
    (0.8, r"(?:get|teach|train|coach) me (?:to|in|into|how to)\b"),
    (
        0.75,
        r"let us (?:work on|plan|try|start)\b|i (?:should|must|need to|have to|could) (?:really )?(?:start |stop )?",
    ),
    (0.7, r"(?:new goal|goal|i have a (?:new )?goal)\s*(?::|-|,|is)?\s*(?:to\b)?"),
    (0.7, r"(?:a|an|my|some)? ?(?:\w+ )?(?:plan|sequence|routine|program(?:me)?) (?:for|to)\b"),
]
_EACH_FRAME = [
    (sure, re.compile(rf"\b(?:{frame})(?:\s+|(?<=\s))", re.I)) for sure, frame in _FRAMES
]
_GERUND = re.compile(r"^(train|prepar|study|sav|work|practi[cs])ing\b", re.I)
_INFINITIVES = {"prepar": "prepare", "sav": "save", "practic": "practice", "practis": "practise"}
_BARE_VERB = re.compile(
    r"^(?:to )?(?:run|learn|save|lose|read|write|sleep|meditate|quit|stop|get|eat|drink|build|become|exercise|work out|walk|study|practi[cs]e|pay off|wake up|reduce|gain|play|finish|swim|cycle|speak|organi[sz]e|declutter|improve|start|master|cook|invest|budget|train|cut|start)\b",
    re.I,
)
_END = re.compile(
    r"\s*(?:[.!?;\n]|,?\s+(?:but|because|since i|so that|however|although|though|and i (?:have|can|am|would|want|do|only|prefer|could|like|hate|work)|i (?:have|can|am|only|prefer|could|work|do not|would)|what|how (?:should|do|can)|where do|with (?:about |around |only |just )?(?:\d+|half)[- ]|using (?:about |only )?\d+|spending|please|thanks|thank you|can you|could you|any (?:ideas|tips|advice)|for me\b(?! to))\b|,\s*(?:i|with|but|please|\d+ ?min|about|mostly|preferably|maybe|can|could|what|how|it|my|no|starting|ideally|morning|evening|only|not|just)\b)",
    re.I,
)
_MINUTES_TAIL = re.compile(
    rf"[\s,]+(?:(?:in|with|for|at|using|on)\s+)?(?:about |around |only |just )?(?:{EXPLICIT_NUMBER}|half an|an)[\s-]*(?:minutes?|mins?|hours?|hrs?)(?:\s+(?:a|per|each|every)\s+(?:day|morning|evening|night)|\s+daily|/day).*$",
    re.I,
)
_MINUTES_END = re.compile(
    rf",\s*(?:about |around |only |just |maybe )?{EXPLICIT_NUMBER}[\s-]*(?:minutes?|mins?|hours?|hrs?)\s*$",
    re.I,
)
_LOOSE_TAIL = re.compile(
    r"[\s,:;-]+(?:and|or|with|by|in|for|to|the|a|please|thanks|again|though|too|now|at|about|over|within|starting|before|until|on|from|tomorrow|next)?[\s,:;-]*$",
    re.I,
)
_NOT_A_GOAL = re.compile(
    r"^(?:(?:to|please|also|just|you|now)\s+)*(?:(?:make|create|build|give|design|suggest)(?: me)? (?:a |an |my |some )?(?:\w+ )?(?:plan|routine|habits?|sequence|program(?:me)?)$|see|show|view|check|look at|know|ask|talk|chat|speak (?:to|with) (?:you|a|some)|cancel|delete|remove|undo|edit|change (?:my|the|a|this|that)|adjust|set (?:a|an|up a|another|my) (?:reminder|goal)|be reminded|remind|thank|say|tell|give up|quit$|stop$|hear|find (?:a |the |some )?(?:time|out)|analy[sz]e|review my|understand (?:my|why|how)|start (?:again|over|a new habit|new habits?)$|(?:make|create|build|set|start|have|get|with|do|try|plan)? ?(?:a|an|some|my|new|the|this|that|it|with|better|good|something|set)*\s*(?:habits?|plans?|goals?|sequences?|routines?|progress|reminders?|program(?:me)?|charts?|help|support|motivation|advice|tips?|ideas?)$|(?:it|this|that|me|you|them|something|anything|more|one|out|here)$|(?:go|leave|get going|vent|rant|cry|scream|die|sleep now|mention|add that|complain|share)\b|talk|think|wait|rest a|sleep on|breathe|be left|know|progress|reminder|keep (?:going|up|missing)|stay motivated|get motivated|get back on track|be honest|have (?:to|no)|stick (?:to|with) (?:it|this|my|the)|decide|come back|pause|take a break|skip|buy (?:stocks?|bitcoin|crypto|shares)|(?:take|stop taking|change) (?:my )?(?:meds|medication|pills)|do$|be$|feel (?:bad|sad|good about)|a? ?(?:reminder|chart|graph)|forget|cope with (?:this|it)|figure|quit (?:this|the app)|predict|improve (?:my )?(?:consistency|streak))",
    re.I,
)
# "Conversational Spanish by summer": a goal without a frame is short and has its time.
MOST_BARE_WORDS = 6
_DAY_FOR_WORDS = date(2026, 1, 1)  # only the place of the words counts here, not the date they mean


_CHATTER = re.compile(
    r"(?:[\s,]+(?:lol|lmao|rofl|ha(?:ha)+|hehe|xd|tbh|ngl|omg|btw|imo|i guess|though|or something|or so|you know|right now|please|[:;]-?[)(dp]+))+[\s.!]*$",
    re.I,
)


def _trimmed(words: str) -> str:
    words = _CHATTER.sub("", words)
    if cut := _END.search(words):
        words = words[: cut.start()]
    words = _MINUTES_END.sub("", words)
    for _ in range(2):
        frame = parse_timeframe(words, _DAY_FOR_WORDS)
        if frame is None or len(frame.words) >= len(words.strip()) - 3:
            break
        at = words.lower().find(frame.words)
        if at < 0:
            break
        words = f"{words[:at].rstrip(' ,')} {words[at + len(frame.words) :].lstrip()}"
    words = _MINUTES_TAIL.sub("", words)
    for _ in range(3):
        words = _LOOSE_TAIL.sub("", words) if len(words.split()) > 1 else words
    return words.strip(" ,:;-\"'()")


@lru_cache(maxsize=512)
def parse_goal(text: str, *, answering: bool = False) -> GoalPhrase | None:
    """Takes the goal out of a sentence: "help me run a 5K in 3 months" gives "run a 5K".

    With `answering` the text replies to the question what the goal is, so a bare "conversational
    Spanish" counts too.
    """
    text = tidy(text)[:600]
    found: list[tuple[int, float, str]] = []
    for sure, frame in _EACH_FRAME:
        if match := frame.search(text):
            found.append((match.end(), sure, text[match.end() :]))
    if match := _BARE_VERB.match(text):
        found.append((0, 0.65, text[4:].lstrip() if text.lower().startswith("to ") else text[:]))
    # A goal often stands inside two frames ("I want you to make a plan to …"): the inner one is nearer to it.
    for _, sure, rest in sorted(found, key=lambda entry: (-entry[1], -entry[0])):
        words = rest
        for _, frame in _EACH_FRAME:
            if (match := frame.match(words)) and match.end() < len(words):
                words = words[match.end() :]
        words = _trimmed(words)
        if re.match(r"to\s+\w", words, re.I):
            words = words[3:]
        if len(words) < 3 or _NOT_A_GOAL.match(words):
            continue
        words = _GERUND.sub(lambda match: _INFINITIVES.get(match[1].lower(), match[1]), words)
        category = goal_category(words)
        confidence = sure if category is not None else sure * 0.75
        return GoalPhrase(words, category, round(confidence, 2))
    if not found and not answering:
        words = _trimmed(text)
        is_timed = (
            len(words) < len(text.rstrip(" .!")) - 2 and len(words.split()) <= MOST_BARE_WORDS
        )
        if is_timed and not _NOT_A_GOAL.match(words) and (category := goal_category(words)):
            return GoalPhrase(words, category, 0.6)
    if answering and not found:
        words = _trimmed(
            re.sub(
                r"^(?:(?:well|um+|uh|so|ok(?:ay)?|yes|sure|maybe|hmm+|i think|i guess|it is|to|probably)[\s,:.]+)+",
                "",
                text,
                flags=re.I,
            )
        )
        if len(words) >= 2 and not _NOT_A_GOAL.match(words) and re.search(r"[^\W\d_]{2,}", words):
            category = goal_category(words)
            return GoalPhrase(words, category, 0.6 if category else 0.4)
    return None
