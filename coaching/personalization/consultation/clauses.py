"""A message taken apart into clauses that stand in it word for word, so that each can be quoted."""

import re
from dataclasses import dataclass

from coaching.language import tidy

_ENDS = re.compile(r"(?<=[.!?;])\s+|\s*\n\s*|\s+[-–—]\s+|\s*;\s*")
_TURNS = re.compile(
    r",?\s+(?=(?:but|however|although|though|because|becuase|cause|cuz|since i|so that i|so i can|which is why)\b)"
    r"|,\s+|\s+(?=and (?:i|i'm|i’m|my|usually|sometimes|mostly|never|then|also|no)\b)",
    re.I,
)
_FILLERS = re.compile(
    r"^(?:(?:well|um+|uh+|hmm+|so|ok(?:ay)?|yes|yeah|yep|sure|no(?=\s*[,.;:-])|nope|honestly|to be honest|tbh|like(?=\s*,)|look|and|but|because|becuase|cuz|although|though|however|also|then|maybe|i guess|i think|i suppose|i mean|basically|actually|i(?:'|’)d say|i would say|it(?:'|’)?s that|it is that|just that|for me|probably|definitely|mainly)\b[\s,:.-]*)+",
    re.I,
)
_MYSELF = re.compile(
    r"^i(?:\s+(?=\w)|(?:'|’)(?:m|ve|d|ll)\s+(?:been\s+)?)(?:(?:am|have|do|would)\s+(?=(?:\w+ing|been|a|an|the|no|really|very|quite|too|so|always|usually)\b)(?:been\s+)?)?",
    re.I,
)
_NAMING = re.compile(
    r"^(?:my|the) (?:\w+ )?(?:problem|obstacle|issue|challenge|difficulty|trouble|part|thing|hurdle) (?:for me )?is (?:that )?",
    re.I,
)
_ASKING = re.compile(
    r"^(?:what|how|why|who|when|where|which|can|could|should|would|do|does|is|are|will|am)\b", re.I
)
_EDGE = " \t\n,.;:!?-–—\"'“”()"


@dataclass(frozen=True)
class Clause:
    """A part of a message; `text` stands in it exactly, `sentence` counts the sentences."""

    text: str
    sentence: int
    is_question: bool = False


def clauses(message: str) -> list[Clause]:
    """The clauses of a message, in order."""
    found = []
    for number, sentence in enumerate(_ENDS.split(message)):
        for part in _TURNS.split(sentence):
            text = part.strip(" \t\n,;")
            if any(letter.isalnum() for letter in text):
                asks = sentence.rstrip().endswith("?") and bool(_ASKING.match(text))
                found.append(Clause(text, number, asks or text.endswith("?")))
    return found


def between(message: str, first: Clause, last: Clause) -> str:
    """The stretch of the message from one clause to another, word for word."""
    begin = message.find(first.text)
    end = message.find(last.text, begin)
    if begin < 0 or end < 0:
        return first.text
    return message[begin : end + len(last.text)]


def in_few_words(text: str, longest: int, *, keeps_person: bool = False) -> str:
    """What was said, without the words around it: "Well, I usually skip breakfast." is "usually skip breakfast".

    `keeps_person` leaves the "I" where it is.
    """
    words = " ".join(text.split()).strip(_EDGE)
    bare = _NAMING.sub("", _FILLERS.sub("", words))
    if not keeps_person:
        bare = _MYSELF.sub("", bare).strip(_EDGE)
    words = bare or words
    if len(words) <= longest:
        return words
    return words[: longest - 1].rsplit(" ", 1)[0].rstrip(_EDGE) + "…"


def stands_in(quote: str, text: str) -> bool:
    """Whether the quote is word for word in the text; case, quote marks and spaces do not count."""
    wanted = tidy(quote).casefold().strip(_EDGE)
    return bool(wanted) and wanted in tidy(text).casefold()
