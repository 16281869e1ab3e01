"""What a nudge may say, whoever wrote it: every template is held to it, and so is every text of the model.

The title of the task is the person's own and is taken out first: "pay the rent" may be named, rent may not
be teased.
"""

import re
from collections.abc import Iterable

from coaching.language.tone import tone
from coaching.safety.output import check_output
from coaching.safety.screen import screen
from productivity.models import NudgeMode

LONGEST = 280
SENTENCES = 2
# No tone may sound worse than this (`coaching.language.tone`, -1 to 1); a roast may grumble a little.
LEAST_TONE = {NudgeMode.ROAST: -0.8}
USUAL_LEAST_TONE = -0.6
THE_TASK = "the task"

_BODY = (
    r"fat(?:ty|so)?|obes\w*|skinny|chubby|overweight|underweight|belly|tummy|thighs?|muscles?|"
    r"bald|wrinkl\w*|ugly|pretty|handsome|sexy|diet\w*|calori\w*|kilos?|sweat\w*|smell\w*|stink\w*|"
    r"(?:your|you|youre|you are) (?:\w+ )?(?:body|weight|face|hair|skin|looks?|age|aged|old|young|grey|gray|"
    r"short|tall|thin|slow|breath|nose|teeth|figure|shape)"
)
_MONEY = (
    r"money|cash|poor|rich|broke|debts?|salary|salaries|wages?|income|bank\w*|rent|loan|afford\w*|cheap|"
    r"wallet|purse|paycheck|unemploy\w*|jobless|pension|tax\w*|fine[ds]|bill|bills|price\w*|dollars?|euros?|pounds?"
)
_IDENTITY = (
    r"gender|man|men|wom[ae]n|girls?|boys?|male|female|trans\w*|gay|lesbian|queer|racial|"
    r"asian|jew\w*|muslim\w*|christian\w*|hindu\w*|religio\w*|nationalit\w*|immigrant\w*|"
    r"foreign\w*|disab\w*|autis\w*|adhd|bipolar|schizo\w*|depress\w*|anxi\w*|disorder|mental\w*|"
    r"crazy|insane|psycho\w*|mother|father|mum|mom|dad|parents?|wife|husband|kids?|child\w*|divorce\w*"
)
_INSULT = (
    r"lazy|laziness|stupid|idiot\w*|dumb|moron\w*|loser\w*|pathetic|useless|worthless|hopeless|failure\w*|"
    r"fail|fails|failed|failing|incompetent|disgrac\w*|disgust\w*|coward\w*|weak|weakling|clown|fool\w*|"
    r"procrastinator|slacker\w*|slob\w*|couch potato|mess|joke|embarrass\w*|ridiculous|sad|terrible|awful|"
    r"shut up|hate|hates|trash|garbage|scum|brainless|clueless|immature|childish|baby|wimp|whin\w*|quitter"
)
_GUILT = (
    r"should have|shouldve|disappoint\w*|asham\w*|shame\w*|guilt\w*|let (?:me|us|everyone|them|yourself) down|"
    r"last chance|never (?:finish|manage|change|learn)|always (?:do|put|find|avoid)|you forgot|"
    r"crush(?:ing)? it|amazing|awesome|unstoppable|smash it|hurry|or else|lose your|streak"
)
_SWEARING = (
    r"damn\w*|hell|crap\w*|shit\w*|fuck\w*|ass|arse|bastard\w*|bitch\w*|piss\w*|bloody|wtf|ffs"
)
_REASONS = (
    ("swearing", re.compile(rf"\b(?:{_SWEARING})\b")),
    ("guilt", re.compile(rf"\b(?:{_GUILT})\b")),
    ("body", re.compile(rf"\b(?:{_BODY})\b")),
    ("money", re.compile(rf"\b(?:{_MONEY})\b")),
    ("identity", re.compile(rf"\b(?:{_IDENTITY})\b")),
)
# An insult is one about whoever is spoken to; the excuse may be called ridiculous.
_INSULTED = re.compile(
    rf"\b(?:you|your|youre|yourself|u|ur|someone|somebody|people|guy|dude|person)\b[^.!?]*\b(?:{_INSULT})\b"
    rf"|\b(?:{_INSULT})\b[^.!?]*\b(?:you|your|youre|yourself)\b"
    r"|\b(?:lazy|stupid|idiot\w*|moron\w*|loser\w*|pathetic|worthless|brainless|procrastinator|slacker\w*)\b"
)
_STRANGE = re.compile(r"[<>{}\[\]\\|`*_#]|https?:|www\.|\S+@\S+\.\S+|[\n\r\t]")
_NUMBER = re.compile(r"\d+(?:[.:,]\d+)*")
_SENTENCE_ENDS = re.compile(r"(?:[.!?…]+[\"”’)]*)(?=\s|$)")


def problem_with(text: str, *, mode: NudgeMode, title: str = "", facts: Iterable[str] = ()) -> str:
    """Why `text` may not be said in this tone, as a short code; empty when it may.

    `title` is the task's, `facts` what is known: a number that stands in none of them is made up.
    """
    if not text.strip():
        return "empty"
    if len(text) > LONGEST:
        return "too_long"
    said = _without(text, title)
    if _STRANGE.search(said):
        return "form"
    if _sentences(said) > SENTENCES:
        return "too_many_sentences"
    if check_output(said) is not None or screen(said) is not None:
        return "unsafe"
    plain = _plain(said)
    for reason, pattern in _REASONS:
        if pattern.search(plain):
            return reason
    if _INSULTED.search(plain):
        return "insult"
    known = set(_NUMBER.findall(" ".join((title, *facts))))
    if not known.issuperset(_NUMBER.findall(said)):
        return "made_up_number"
    if tone(said).score < LEAST_TONE.get(mode, USUAL_LEAST_TONE):
        return "tone"
    return ""


def sentiment_of(text: str, title: str = "") -> float:
    """How the words sound, -1 to 1, without the title of the task."""
    return tone(_without(text, title)).score


def _without(text: str, title: str) -> str:
    title = title.strip()
    if not title:
        return text
    return re.sub(rf"(?<!\w){re.escape(title)}(?!\w)", THE_TASK, text, flags=re.IGNORECASE)


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"['’]", "", text.casefold())).strip()


def _sentences(text: str) -> int:
    """How many sentences; quotes and brackets at an end belong to it, a rest without one counts."""
    pieces = [piece for piece in _SENTENCE_ENDS.split(text.strip()) if re.search(r"\w", piece)]
    return len(pieces)
