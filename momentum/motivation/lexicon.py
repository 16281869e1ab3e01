"""Reading the kind of motivation from words alone: offline, by rules, and silent rather than wrong.

Counted is only what people say of themselves, now and in earnest: not their questions, not what they quote,
not the motives of others, not what they deny, used to feel or only wish for.
"""

import re
from collections.abc import Iterator

from momentum.models import MotivationType, ReadingMethod

from .internalization import AUTONOMOUS
from .phrases import DEED, PHRASES, Phrase
from .read import Read, silent

# From this confidence on the words say something (ours): one plain phrase is enough, a hint is not.
SPEAKS_FROM = 0.55
LONGEST_QUOTE = 160
_SENTENCE = re.compile(r"[^.!?\n]+(?:[.!?](?=\d)[^.!?\n]+)*[.!?…]*")
_CLAUSE = re.compile(
    r"[;:–—]|,? \b(?:but|however|though|although|yet|so|because|and (?=i\b))\b|, ", re.I
)
_PLAIN = str.maketrans("’‘“”„", '\'\'"""')
_QUOTED = re.compile(r'"[^"\n]*"|«[^»\n]*»|^>.*$', re.M)
_ASKS = re.compile(
    r"^\W*(?:(?:ok|okay|so|and|but|hey|hi|coach|please)\W+)*(?:should|can|could|would|will|do|does|did|is|are|may|shall) (?:i|you|we|it|there)\b"
    r"|^\W*(?:how|when|where|which|who) (?:do|does|did|can|should|is|are|many|much|long|often|to)\b|^\W*(?:can|could) you\b",
    re.I,
)
_NOT = r"\b(?:not(?! (?:only|just|simply|merely))|never|no longer|hardly|barely|without|cannot|[a-z]+n't)\W+"
# A denial reaches over a few words, over another "I" only where one says or thinks it.
_DENIED = re.compile(
    rf"{_NOT}(?:(?!i\b)[\w']+\W+){{0,4}}$"
    rf"|{_NOT}(?:[\w']+\W+)?(?:think|thought|say|said|saying|believe|mean|that|because)\W+(?:that\W+)?(?:i\W+)?$",
    re.I,
)
_NOT_FOR_THAT = re.compile(
    r"\b(?:not|[a-z]+n't)\W+(?:really\W+)?because\W+(?:[\w']+\W+){0,4}$", re.I
)
_UNREAL = re.compile(
    r"\b(?:i wish|if (?:only )?(?:i)?|used to|would|i'd|imagine|as if|pretend)\W*(?:[\w']+\W+){0,3}$",
    re.I,
)
_TOLD_BY_OTHERS = re.compile(
    r"\b(?:my|his|her|their|our|the|an?) (?:\w+ ){1,2}(?:who )?(?:loves?|says?|said|thinks?|thought|believes?|finds?|feels?|felt|claims?|swears?|adores?|knows?)\b"
    r"|\b(?:he|she|they|people|everyone|everybody|someone|somebody|friends)(?: who)? (?:\w+ )?(?:loves?|says?|said|thinks?|thought|believes?|finds?|feels?|felt|claims?|swears?)\b",
    re.I,
)
_WATCHING = re.compile(r"\b(?:watch(?:ing)? my|for the kids|kids' party)\b", re.I)
_SAID_AFTER = re.compile(r",? (?:says|said|claims|according to) (?:the|my|he|she|they|a)\b", re.I)


def read_words(text: str) -> Read:
    """What `text`, a person's own words, tells of their motivation; says nothing when it is unsure.

    Shares are in proportion to how sure the phrases of a kind make together; the confidence is that of the
    surest kind. Quotes are literal parts of `text`.
    """
    left: dict[MotivationType, float] = {}
    quotes: dict[MotivationType, list[str]] = {}
    for phrase, quote in _found(text):
        left[phrase.kind] = left.get(phrase.kind, 1.0) * (1.0 - phrase.weight)
        if quote not in quotes.setdefault(phrase.kind, []):
            quotes[phrase.kind].append(quote)
    sure = {kind: 1.0 - rest for kind, rest in left.items()}
    confidence = max(sure.values(), default=0.0)
    if confidence < SPEAKS_FROM:
        return silent(ReadingMethod.LEXICON, confidence=confidence)
    total = sum(sure.values())
    return Read(
        {kind: weight / total for kind, weight in sure.items()},
        {kind: tuple(found[:3]) for kind, found in quotes.items()},
        confidence,
        ReadingMethod.LEXICON,
    )


def _found(text: str) -> Iterator[tuple[Phrase, str]]:
    """The phrases that count, each once per sentence, with the words that show them."""
    plain = _plain(text)
    for sentence in _SENTENCE.finditer(plain):
        words, begin = sentence.group(), sentence.start()
        is_question = words.rstrip().endswith("?") or bool(_ASKS.match(words))
        marks = [mark.span() for mark in _CLAUSE.finditer(words)]
        for phrase in PHRASES:
            if is_question and not phrase.is_rhetorical:
                continue
            for match in phrase.pattern.finditer(words):
                clause = max((end for _, end in marks if end <= match.start()), default=0)
                end = min((at for at, _ in marks if at >= match.end()), default=len(words))
                if _counts(phrase, words, clause, match, end):
                    yield phrase, _quote(text[begin + match.start() : begin + end])
                    break


def _plain(text: str) -> str:
    """The same length, with plain quotes, and blanks in the place of what is quoted from others."""
    plain = text.translate(_PLAIN)
    return _QUOTED.sub(lambda quoted: " " * len(quoted.group()), plain)


def _counts(phrase: Phrase, words: str, clause: int, match: re.Match[str], end: int) -> bool:
    before = words[clause : match.start()]
    is_ended = phrase.kind is MotivationType.EXTERNAL and not re.search(
        r"\w", words[match.end() : end]
    )
    if phrase.needs_deed and not is_ended and not DEED.search(words[clause:end]):
        return False
    if phrase.kind is MotivationType.INTRINSIC and _WATCHING.search(words[clause:end]):
        return False
    if _DENIED.search(before) or _NOT_FOR_THAT.search(words[: match.start()]):
        return False
    if phrase.kind is not MotivationType.EXTERNAL and (
        _TOLD_BY_OTHERS.search(words[: match.start()].rpartition(" but ")[2])
        or _SAID_AFTER.search(words[match.end() :])
    ):
        return False
    return not (phrase.kind in AUTONOMOUS and _UNREAL.search(before))


def _quote(clause: str) -> str:
    """The phrase with the rest of its clause, cut at a word."""
    quote = clause.strip(" \t,;:–—\r")
    if len(quote) > LONGEST_QUOTE:
        quote = quote[:LONGEST_QUOTE].rsplit(" ", 1)[0]
    return quote
