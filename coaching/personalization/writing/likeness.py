"""Whether two remarks say the same thing in other words, told by the words that carry meaning."""

import re

_EMPTY_WORDS = frozenset(
    re.findall(
        r"\S+",
        "a an the i me my mine we our it its this that these those to of in on at for with within by and or but so as is "
        "am are be been was were do does did have has had will would like want wants wish hope hoping able can could get "
        "getting really just more less some again also mostly mainly them their they goal aim plan trying day days week "
        "weeks month months year years",
    )
)
_WORD = re.compile(r"[^\W_]+")
_WITHIN = re.compile(
    r"\b(?:in|within|for|over|by) (?:the next )?\w+ (?:days?|weeks?|months?|years?)\b"
)
_ENDING = re.compile(r"(?:ning|ming|ting|ing|ies|es|s)$")
LEAST_WORDS = 2


def meaning(text: str) -> frozenset[str]:
    """The words of `text` that carry its meaning, without their endings."""
    plain = _WITHIN.sub(" ", text.casefold().replace("’", "'"))
    words = {word for word in _WORD.findall(plain) if word not in _EMPTY_WORDS}
    return frozenset(_ENDING.sub("", word) if len(word) > 4 else word for word in words)


def say_the_same(one: str, other: str) -> bool:
    """Whether one of the two says nothing beyond what the other says; a single word in common is too little."""
    fewer, more = sorted((meaning(one), meaning(other)), key=len)
    if len(fewer) < LEAST_WORDS:
        return bool(fewer) and fewer == more
    return fewer <= more
