"""The statements in a message: split into clauses, without what says nothing about the person.

What is no statement of theirs is left out: questions, orders to the coach, what is supposed or denied,
what others said, pasted text and what stands in quotation marks. Better nothing than junk.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from coaching.language import tidy

LONGEST_CLAUSE = 300
MOST_CLAUSES = 60


@dataclass(frozen=True)
class Clause:
    """A statement: the person's exact words, where they begin, and the same for matching."""

    quote: str
    start: int
    plain: str


# A message that is a job about a text, a role to play, or machine text holds nothing of the person.
_NOT_THEIR_WORDS = re.compile(
    r"^\s*(?:[{\[<]|```|#{2,}|system:|user:|assistant:)"
    r"|```"
    r"|\b(?:ignore|disregard|forget) (?:all |any |the |your |my )*(?:previous|prior|above|earlier) (?:instructions?|prompts?|messages?)\b"
    r"|\b(?:you are|you're) (?:now )?(?:a|an|my) (?:\w+ ){0,3}(?:assistant|expert|model|bot|writer|trainer|therapist|pirate)\b"
    r"|\b(?:act|pretend|behave|respond|answer|roleplay|role-play) (?:as|like|to be)\b"
    r"|\b(?:translate|proofread|summari[sz]e|rewrite|rephrase|paraphrase|correct|edit|fix|shorten|improve) "
    r"(?:this|the following|my|these|the) (?:text|sentence|e-?mail|paragraph|essay|letter|story|message|words?)?"
    r"|\b(?:translate|proofread|summari[sz]e|rewrite|paraphrase)\b[^\n]*:"
    r"|\bthe following (?:text|e-?mail|article|story|message|prompt)\b"
    r"|\b(?:write|compose|draft) (?:me )?(?:a|an|the) (?:\w+ )?(?:story|poem|song|essay|letter|e-?mail|speech|joke)\b"
    r"|\b(?:song lyrics?|lyrics)\b"
    r"|\b(?:copy|copied|pasted|quote|quoted|forwarded?|text|message|screenshot) (?:from|by|of) [^.:\n]{2,40}:"
    r"|\b(?:just|only) (?:kidding|joking)\b|\bj/?k\b|\bsarcasm\b|/s\b",
    re.I,
)
_QUOTED = re.compile(r"“[^”]*”|\"[^\"]*\"|«[^»]*»|(?<!\w)‘[^’]{8,}’(?!\w)|^\s*>.*$", re.M)
# A sentence ends at its sign; a new statement may also begin after a comma, "and" or "but" with its own "I" or "my".
_ENDS = re.compile(
    r"(?<!\bDr)(?<!\bMr)(?<!\bMrs)(?<!\bMs)(?<!\bSt)(?<!\bvs)(?<!\be\.g)(?<!\b[ap]\.m)[.!?…]+(?=\s|$)[\"”')]*|[\n;]+|\s+[-–—]\s+"
    r"|,\s+(?:so|but|yet)\s+(?!(?:far|much|many|that)\b)|,\s+and\s+(?=(?:[\w'’-]+ ){1,3}(?:is|are|was|were|has|have|makes?)\b)"
    r"|,?\s+(?:but|though|although|so|and|while|whereas|yet)\s+(?=(?:i|i['’]\w+|im|ive|my|we|we['’]\w+|our)\b)"
    r"|,\s+(?=(?:(?:the|my|our|an?) )?[a-z][\w'’-]* (?:is|are|was|were|has|have|makes?|ends?|starts?)\b)"
    r"|,\s+(?=(?:i|i['’]\w+|my)\b)",
    re.I,
)
# "When I get home, I'll stretch" is one statement, and so is "Tomorrow at 7, I'll run".
_OPENING = re.compile(
    r"^\W*(?:(?:and|but|so|then|ok|okay)\W+)?(?:when|whenever|after|before|once|as soon as|on (?:the )?days (?:when|where|that)|on \w+day|\w+day|tomorrow|tonight|today|if)\b[^,]*$",
    re.I,
)
# What is said by the way and changes nothing; it is left out at the end of a sentence.
ASIDE = re.compile(
    r"(?:[\s,–—-]+(?:by the way|btw|though|tho|to be honest|tbh|honestly|you know|i guess|i think|fyi|just so you know|just saying|"
    r"for what it is worth|fwiw|anyway|lol|haha+|hehe|too|as well|at least|to be fair|of course|actually|"
    r"(?<=, )(?:right|ok|okay|please)|[:;]-?[()dp])(?=[\s,.!]*$))+[\s,.!]*$",
    re.I,
)
# "My colleague Jonas" is half of "and I": the statement goes on.
_WITH_ME = re.compile(r"\W*(?:my|our)(?: [\w-]+){1,3}", re.I)
_LEAD = re.compile(
    r"^(?:(?:and|but|so|also|actually|honestly|well|oh|yes|yeah|yep|no|nope|ok|okay|because|plus|anyway|"
    r"you know|to be honest|tbh|btw|by the way|hi|hello|hey|thanks|thank you|sorry|look|listen|true|right|sure|"
    r"(?:yesterday|today|this morning|last night|last week|on \w+days(?: and \w+days)?)(?=,? (?:i|my|we)\b)|these days|nowadays|at the moment|right now|lately|recently|at least|but then|thing is|hey|yo|yay|wow|ugh|good|great|nice|cool|perfect|"
    r"and also|one more thing|(?:quick |small )?update|good news|bad news|background|about me|fyi|i mean|just so you know|the thing is|the truth is|hmm+|um+|ah|lol|haha)\b[,:!. ]*)+"
)
_QUESTION = re.compile(
    r"\?\s*$"
    r"|^(?:what|how|when(?= (?:is|are|do|does|did|can|should|will|would|was|shall))|why|who|whom|whose|where|which|can|could|would|should|shall|do|does|did|is|are|am|was|were|will|"
    r"has|have you|had|may|might|any(?:one|body)?|is there)\b(?! i (?:hate|love)\b)"
)
_ORDER = re.compile(
    r"^(?:please |just |now |then |first |next |and )*(?:make|give|show|tell|help|create|plan|remind|set|add|write|explain|stop|start|"
    r"delete|remove|forget|let|list|find|check|mark|log|track|change|update|move|cancel|schedule|suggest|recommend|"
    r"draw|build|generate|keep|call|text|send|ask|answer|say|do not|don't|never|always|try|use|pick|choose|put|turn|"
    r"open|close|undo|redo|skip|wait|go|come|take|get|be|imagine|suppose|pretend|assume|consider|think|look|note)\b"
    r"|\bi (?:want|need|would like|'d like|expect|order|am asking|ask) you\b|\bi (?:want|need|would like) (?:a|an|the|my|some|another|your) "
    r"(?:\w+ ){0,2}(?:plan|chart|graph|help|reminder|tips?|advice|answer|sequence|summary|list|table|report|schedule|suggestions?|ideas?|joke)\b"
    r"|\bi (?:want|need|would like) to (?:know|see|hear|ask|talk|chat|speak|understand|discuss|change|update|edit|cancel|delete|remove|stop|"
    r"pause|set|add|create|make|tell|plan|undo|log|track|check|find out|show|say|report|mark)\b"
)
_SUPPOSED = re.compile(
    r"\b(?:if|unless|suppose|supposing|imagine|hypothetically|what if|as if|let us say|say i|assuming|in case|whether|"
    r"would|could|might|(?<!in )(?<!since )(?<!until )(?<!by )(?<!of )(?<!last )(?<!next )(?<!\d )may(?! \d)|maybe|perhaps|possibly|probably|i wish|i guess|i suppose|i hope|hopefully|not sure|unsure|"
    r"i (?:do not|did not) know|no idea|for (?:example|instance)|e\.g\.|apparently|supposedly|pretend(?:ing)?|used to)\b"
)
# No supposition, though it sounds like one.
_NOT_SUPPOSED = re.compile(
    r"\bi would (?:rather|(?:really )?(?:like|love) to)\b|\bcould not\b|\bas if nothing\b"
)
# "I just love getting up at five. Not." is the contrary of what it says.
_TAKEN_BACK = re.compile(
    r"\W*(?:not!*|nope|no, not really|as if|yeah,? right|not really|thanks for nothing|irony off|joke|kidding)\s*(?:[.!…]|$)",
    re.I,
)
_DENIED = re.compile(
    r"\b(?:(?:i am|i was) not saying|not saying|not that i|it is not that|that is not to say|i (?:do|did) not (?:mean|say|think)|"
    r"i never said|nobody said|it is not true|not true|by no means|far from|it is not like|no longer true|i am not claiming)\b"
)
_OF_OTHERS = re.compile(
    r"\b(?:says?|said|told|tells|thinks?|thought|believes?|claims?|claimed|asked|asks|wants me|heard|read|"
    r"wrote|writes|suggests?|suggested|according to|people say|they say)\b(?=.*\b(?:i|me|my|that)\b)|\bin (?:the|a|this) (?:book|movie|film|song|novel|game|story|dream|article|podcast)\b|\bi dream(?:ed|t)\b"
)
# Their own saying is no hearsay: "I read before bed", "I told you that I hate mornings".
_OWN_SAYING = re.compile(
    r"^i (?:always |usually |already |just |often )*(?:(?:said|told you|mentioned|say)(?: before| already)?,? (?:that )?|read |write |wrote |think (?=a lot|about)|want )"
)


def statements(text: str, echoes: Sequence[str] = ()) -> Iterator[Clause]:
    """The clauses of a message that may tell something about its author.

    `echoes` are texts the person was shown before (answers of the coach, recalled memories): what only
    repeats them is left out, so that nothing is learned from itself.
    """
    if _NOT_THEIR_WORDS.search(text):
        return
    unquoted = _QUOTED.sub(lambda found: " " * len(found[0]), text)
    shown = [_letters(echo) for echo in echoes]
    count = 0
    start = 0
    ends = [(found.start(), found.end(), found[0]) for found in _ENDS.finditer(unquoted)]
    for end, resume, sign in [*ends, (len(unquoted), len(unquoted), "")]:
        piece, begins = unquoted[start:end], start
        if (sign.startswith(",") and _OPENING.match(piece)) or _WITH_ME.fullmatch(piece):
            continue
        start = resume
        quote = piece.strip(" \t,:-–—")
        if not quote or len(quote) > LONGEST_CLAUSE:
            continue
        count += 1
        if count > MOST_CLAUSES:
            return
        begins += piece.index(quote)
        plain = bare(quote)
        question = "?" in sign or bool(_QUESTION.search(plain))
        if _TAKEN_BACK.match(unquoted[resume:]):
            continue
        if plain and not question and is_told(plain) and not _repeats(quote, shown):
            yield Clause(text[begins : begins + len(quote)], begins, plain)


def bare(quote: str) -> str:
    """A statement for matching: in lower case, contractions written out, without asides and openings."""
    return _LEAD.sub("", ASIDE.sub("", tidy(quote)).lower()).strip(" ,.!")


def is_told(plain: str) -> bool:
    """Whether a clause states something of the person, in lower case with contractions written out."""
    if _SUPPOSED.search(_NOT_SUPPOSED.sub("", plain)):
        return False
    if _ORDER.search(plain) or _DENIED.search(plain):
        return False
    return not _OF_OTHERS.search(_OWN_SAYING.sub("i ", plain))


def _repeats(quote: str, shown: Sequence[str]) -> bool:
    """Whether the words stand, one after the other, in something the person was shown."""
    words = _letters(quote)
    return len(words.split()) >= 4 and any(words in echo for echo in shown)


_LETTERS = re.compile(r"[^\w']+")


def _letters(text: str) -> str:
    return f" {_LETTERS.sub(' ', tidy(text).lower()).strip()} "
