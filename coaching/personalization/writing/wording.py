"""Other people's words made fit for a sentence: clean, short, quoted, or told in the third person."""

import re

LONGEST_QUOTE_WORDS = 26
LONGEST_CLAUSE_WORDS = 22
LONGEST_VALUE_WORDS = 16
MANY_WORDS = 4  # from so many on, words taken over as they were said are quoted
_LINK = re.compile(r"(?:https?://|www\.)\S+|\S+@\S+\.\w+", re.IGNORECASE)
_INVISIBLE = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+")
_NAME = re.compile(r"[^\W\d_]+(?:[ '’.-][^\W\d_]+)*\.?")
_NOT_TOLD = re.compile(
    r"\b(?:you|your|yours|we|us|our|ours|he|she|him|her|his|hers|they|them|their|and (?:was|am|has))\b"
    r"|[?\"“”]",
    re.IGNORECASE,
)
_OPENERS = re.compile(
    r"^(?:(?:well|so|and|but|yeah|yes|honestly|ok(?:ay)?|h+m+|um+|er+m*|because),?\s+)+",
    re.IGNORECASE,
)
_FIRST_PERSON = re.compile(r"\b(?:i|i'm|im|i've|ive|me|my|mine|myself|we|our|us)\b", re.IGNORECASE)
_NEGATION = re.compile(r"\b(?:not|never|no|none|nothing|without)\b|n't\b", re.IGNORECASE)
_FLIPS = {
    "i am": "they are",
    "i'm": "they're",
    "im": "they're",
    "i was": "they were",
    "i wasn't": "they weren't",
    "am i": "are they",
    "was i": "were they",
    "i've": "they've",
    "ive": "they've",
    "i'll": "they'll",
    "i'd": "they'd",
    "i": "they",
    "me": "them",
    "my": "their",
    "mine": "theirs",
    "myself": "themselves",
}
_FLIP = re.compile(
    r"\b(?:" + "|".join(re.escape(key) for key in sorted(_FLIPS, key=len, reverse=True)) + r")\b",
    re.IGNORECASE,
)


# "I walk", "My knee hurts", "At the moment I walk", "On Mondays and Thursdays I come home late".
_SLIPS = tuple(
    (re.compile(rf"\b{slip}\b", re.IGNORECASE), word)
    for slip, word in (
        ("wanna", "want to"),
        ("gonna", "going to"),
        ("gotta", "have to"),
        ("becuase|cuz", "because"),
        ("im", "I'm"),
        ("dont", "don't"),
        ("cant", "can't"),
    )
)
_TAIL = re.compile(
    r",? (?:and )?(?:that's why|you know|by the way|i guess|lol|haha)$", re.IGNORECASE
)
_NO_VERB_YET = re.compile(r"my \w+(?: \w+)?(?:,|$)", re.IGNORECASE)
_SPEAKER = re.compile(
    r"(?:(?:at the moment|right now|currently|these days|nowadays|usually|mostly|normally|sometimes|last \w+"
    r"|every \w+|most days|in the \w+|on (?:\w+ ){0,3}\w+s|when i \w+ \w+),? )?(?:i(?:'m|'ve|'d|'ll)?|my) ",
    re.IGNORECASE,
)


def cleaned(text: str) -> str:
    """One line without invisible characters, links and quotation marks of its own."""
    plain = _INVISIBLE.sub(" ", text).replace("“", "'").replace("”", "'").replace('"', "'")
    plain = re.sub(r"\s+", " ", _LINK.sub("", plain))
    return plain.strip(" '").strip()


def safe_name(name: str) -> str:
    """The name to call somebody by, or "" when what stands there is no name."""
    first = cleaned(name).split(" ")[0][:30] if name else ""
    return first if _NAME.fullmatch(first) else ""


def shortened(text: str, longest: int = LONGEST_QUOTE_WORDS) -> str:
    """The first sentences of `text` that fit, or its beginning, marked as such."""
    if len(text.split()) <= longest:
        return text
    kept = ""
    for sentence in _SENTENCE_END.split(text):
        longer = f"{kept} {sentence}".strip()
        if len(longer.split()) > longest:
            break
        kept = longer
    if kept:
        return kept
    return " ".join(text.split()[:longest]).rstrip(",;:.–-") + " …"


def quoted(text: str) -> str:
    """In quotation marks, short, beginning with a capital, without a full stop at its end."""
    short = _OPENERS.sub("", shortened(text)).rstrip(".")
    return f"“{short[:1].upper()}{short[1:]}”"


def told(text: str) -> str:
    """What somebody said of themselves as a clause with "they", or "" when it cannot be put so safely.

    "I run twice a week" becomes "they run twice a week": the verb forms are the same.
    """
    clause = text.strip().replace("’", "'").rstrip(".!")
    clause = _TAIL.sub("", _OPENERS.sub("", clause))
    for slip, word in _SLIPS:
        clause = slip.sub(word, clause)
    if not _SPEAKER.match(clause) or _NO_VERB_YET.match(clause) or _NOT_TOLD.search(clause):
        return ""
    if _SENTENCE_END.search(clause) or not 3 <= len(clause.split()) <= LONGEST_CLAUSE_WORDS:
        return ""
    clause = re.sub(r"^(i) also ", r"\1 ", clause, flags=re.IGNORECASE)
    return _FLIP.sub(lambda found: _FLIPS[found.group().lower()], _without_capital(clause))


def _without_capital(clause: str) -> str:
    """The clause as it goes on after "said that": what begins it is a word of time, "I" or "my"."""
    first = clause.split(" ", 1)[0]
    return clause if first.startswith("I") else f"{first.lower()}{clause[len(first) :]}"


def in_short(value: str, quote: str) -> str:
    """A fact in a few words: as `value` puts it, or quoted where that is the person's own "I".

    Where the quote says no and the value does not, the quote is right.
    """
    if _NEGATION.search(quote) and not _NEGATION.search(value):
        return quoted(quote)
    is_verbatim = value.casefold() in quote.casefold()
    if _FIRST_PERSON.search(value) or (is_verbatim and len(value.split()) >= MANY_WORDS):
        return quoted(quote)
    return lowered(shortened(value.rstrip("."), LONGEST_VALUE_WORDS))


def has_link(text: str) -> bool:
    """Whether an address of the web or of mail stands in it."""
    return bool(_LINK.search(text))


def lowered(text: str) -> str:
    """Without the capital of a sentence, unless the word is written so anyway ("I", "Mondays", "PhD")."""
    first = text.split(" ", 1)[0]
    is_day = re.match(r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day", first)
    keeps = is_day or first in {"I", "I'm", "I've"} or first[1:] != first[1:].lower()
    return text if keeps else f"{text[:1].lower()}{text[1:]}"
