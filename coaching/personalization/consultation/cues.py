"""What a person does with a message besides answering: skips, declines, asks back, pauses, wants to finish."""

import re
from enum import StrEnum

from coaching.language import Intent, guesses, mended, parse_time_of_day

from .topics import Topic


class Move(StrEnum):
    """In the order in which they are looked for."""

    INSTRUCTIONS = "instructions"
    WHO = "who"
    PRIVACY = "privacy"
    SUMMARY = "summary"
    WHY = "why"
    ABANDON = "abandon"
    SKIP = "skip"
    DECLINE = "decline"
    UNSURE = "unsure"
    YES = "yes"
    NO = "no"
    PAUSE = "pause"
    FINISH = "finish"
    INSULT = "insult"


_WHO = re.compile(
    r"\bare you (?:(?:a|an|really|even|actually|my|some|just) )*(?:real|human|person|people|robot|bot|ai|machine|computer|program|chat ?gpt|therapist|doctor)\b|\b(?:who|what) (?:exactly )?(?:are you|am i (?:talking|speaking|chatting) (?:to|with))\b|\bis (?:this|that|there) (?:a|an)? ?(?:real |actual )?(?:human|person|bot|ai|machine)\b"
)
_WHY = re.compile(
    r"\bwhy (?:do|would|are|should|must)? ?(?:you|i|we)? ?(?:ask|asking|need|want|care|tell)\b|\bwhy (?:that|this)(?: question)?\s*\?|^why\W*$|\bwhat (?:is this|do you need (?:this|that)|is that) for\b|\bwhat has (?:this|that) got to do\b|\b(?:what|how) do you mean\b"
)
_PRIVACY = re.compile(
    r"\bwho (?:can |will |gets to |else )?(?:see|read|know)s?\b|\b(?:is (?:this|it) (?:private|confidential|safe|anonymous)|privacy|what (?:do you|happens to) (?:do with|store|save|keep|my)|do you (?:store|save|share|sell|keep|remember))\b|\bmy data\b"
)
_SUMMARY = re.compile(
    r"\bwhat (?:did|do|have) you (?:understand|understood|know|note[d]?|got|get|learn(?:ed)?|remember)\b|\b(?:sum (?:it|that|this) up|summary|what do you (?:have|know) (?:so far|about me))\b"
)
_PAUSE = re.compile(
    r"^(?:(?:ok(?:ay)?|sorry|please|i|let us|can we|could we|we) )*(?:stop|pause|later|not now|enough(?: for (?:now|today))?|got to go|have to (?:go|run|leave|stop)|need to (?:go|stop)|must go|go on (?:later|tomorrow)|continue (?:later|tomorrow)|do this (?:later|tomorrow)|brb|be right back|take a break|bye|goodbye|good night|see you|tomorrow)(?: (?:please|now|here|for now|for today|later|then|a break|talk to you later|tomorrow))*\W*$|\b(?:got|have|need) to go\b|\bstop (?:here|for (?:now|today))\b|\blater,? please\b"
)
_FINISH = re.compile(
    r"^(?:(?:ok(?:ay)?|i think|i am|we are|let us|can we|i would like to|that is|it is|please|no,?|nope,?) )*(?:done|finished|finish|all|everything|it|complete|wrap (?:it )?up|enough now)(?: (?:now|please|then|from me|i have|for me))*\W*$|\bthat is (?:all|it|everything)\b|\bnothing (?:else|more)(?: to (?:add|say))?\b"
)
_ABANDON = re.compile(
    r"\b(?:cancel|abandon|delete|quit|forget) (?:all (?:of )?)?(?:this|it all|everything|the (?:consultation|conversation|talk))\b|\bstart (?:all )?over\b"
)
_DECLINE = re.compile(
    r"\b(?:do not|not|never|rather not|no|nothing|without|stop|prefer not)\b[^.!?]{0,24}\b(?:(?<!pep )(?<!small )talk(?:ing)?|discuss(?:ing)?|speak(?:ing)?|go(?:ing)? into|get(?:ting)? into|shar(?:e|ing)|answer(?:ing)?|ask(?:ing)?(?: me)?|questions|comfortable|mention)\b|\b(?:leave|keep) (?P<what>[\w ]{2,20}) out\b|\boff[- ]limits\b|\bnone of your business\b|\btoo (?:personal|private)\b|\bthat is private\b"
)
_TOPIC_WORDS = {
    Topic.MEALS: re.compile(r"\b(?:food|eat(?:ing)?|meals?|diets?|weight|nutrition|cooking)\b"),
    Topic.TRAINING: re.compile(
        r"\b(?:training|sports?|exercise|movement|moving|workouts?|fitness|body)\b"
    ),
    Topic.PAST_FAILURES: re.compile(
        r"\b(?:past|failures?|history|tried|before|earlier attempts?)\b"
    ),
    Topic.CHALLENGES: re.compile(r"\b(?:obstacles?|problems?|challenges?|difficulties)\b"),
    Topic.GOALS: re.compile(r"\b(?:goals?|aims?|reasons?|why)\b"),
    Topic.PREFERENCES: re.compile(r"\b(?:preferences?|style|how you (?:talk|coach))\b"),
}
_SKIP = re.compile(
    r"^(?:(?:can we|let us|please|i would|i will|i|just|could we|ok(?:ay)?) )*(?:skip|pass|next|move on|no comment|rather not(?: say)?|prefer not to(?: say)?|no answer|another (?:one|question)|n/?a)(?: (?:it|that|this|one|that one|this one|please|question|this question|the question|to the next(?: one)?))*\W*$"
)
_UNSURE = re.compile(
    r"^(?:(?:hm+|um+|uh|well|honestly|i|sorry|i am|good question|it is|that is|really|just|oh)[\s,.]+)*(?:do not (?:really )?know|not (?:so |really |quite |very )?sure|no (?:idea|clue)|hard to say|never thought about (?:it|that)|unsure|dunno|no opinion|maybe|\?+|hm+|it depends|whatever|i do not care|does not matter|can not say)(?: (?:yet|really|exactly|honestly|what to say|either|about that))*\W*$"
)
_YES = re.compile(
    r"^(?:yes|yeah|yep|yup|sure|ok(?:ay)?|of course|absolutely|definitely|i do|i am|it is|still|exactly|right|correct|true)(?:[ ,]+(?:please|it is|i do|still|that is (?:right|it|correct|still (?:it|true))|sure|same|the same|indeed))*\W*$"
)
_NO = re.compile(
    r"^(?:no|nope|nah|not really|none|nothing|never|not at all|no,? not really|not (?:yet|much)|nothing (?:really|special|in particular|much)|i do not|no,? nothing|no,? never|zero)\W*$"
)
_PATTERNS = {
    Move.WHO: _WHO,
    Move.PRIVACY: _PRIVACY,
    Move.SUMMARY: _SUMMARY,
    Move.WHY: _WHY,
    Move.ABANDON: _ABANDON,
    Move.SKIP: _SKIP,
    Move.DECLINE: _DECLINE,
    Move.UNSURE: _UNSURE,
    Move.YES: _YES,
    Move.NO: _NO,
    Move.PAUSE: _PAUSE,
    Move.FINISH: _FINISH,
}
_GO_ON = re.compile(
    r"\b(?:go on|continue|carry on|keep going|next question|ask (?:me )?(?:on|away))\b|\bi am (?:ok(?:ay)?|fine|safe|all right|alright|better)\b"
)
_BY_INTENT = {Move.INSTRUCTIONS: Intent.INSTRUCTIONS, Move.INSULT: Intent.INSULT}
_CHAT = {Intent.GREETING, Intent.THANKS, Intent.SMALL_TALK, Intent.GOODBYE}
_COURTESY = re.compile(
    r"^(?:(?:ok(?:ay)?|great|cool|nice|good|thanks|thank you|hello|hi|hey|alright|lol|haha|wow)(?: (?:there|so much|a lot|then|very much))?[\s,.!]*)+$"
)
_WORD = re.compile(r"[^\W\d_]{2,}|\d")
_SURE = 0.7


def move_of(text: str) -> Move | None:
    """What the message does, if it does something besides answering."""
    plain = mended(text)
    likely = {guess.intent for guess in guesses(text) if guess.confidence >= _SURE}
    for move in Move:
        if move in _PATTERNS and _PATTERNS[move].search(plain):
            return move
        if move in _BY_INTENT and _BY_INTENT[move] in likely:
            return move
    return None


def wants_to_go_on(text: str) -> bool:
    """Whether somebody who was in distress says that the questions may go on."""
    return bool(_GO_ON.search(mended(text)))


def declined_topic(text: str, asked: Topic | None) -> Topic | None:
    """The topic that the person does not want to talk about: the one they name, else the one that was asked."""
    plain = mended(text)
    found = _DECLINE.search(plain)
    if found is None:
        return None
    rest = plain[found.start() :]
    named = [topic for topic, words in _TOPIC_WORDS.items() if words.search(rest)]
    return named[0] if named else asked


def is_question(text: str) -> bool:
    return text.rstrip().endswith("?")


def is_chat(text: str) -> bool:
    """Whether a message is a greeting, thanks or small talk and nothing else."""
    if parse_time_of_day(text) is not None and not text.casefold().startswith("good"):
        return False
    if _COURTESY.search(mended(text)):
        return True
    ranked = guesses(text)
    return bool(ranked) and ranked[0].intent in _CHAT and len(mended(text).split()) <= 8


def says_something(text: str) -> bool:
    """Whether there is a word or a number in it at all."""
    return bool(_WORD.search(mended(text)))
