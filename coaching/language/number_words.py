"""Numbers as people write them: "3", "1,500", "10k", "twenty-five", "a couple of", "half a"."""

import re

_UNITS = {
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "eleven": 11,
    "twelve": 12,
    "thirteen": 13,
    "fourteen": 14,
    "fifteen": 15,
    "sixteen": 16,
    "seventeen": 17,
    "eighteen": 18,
    "nineteen": 19,
}
_TENS = {
    "twenty": 20,
    "thirty": 30,
    "forty": 40,
    "fourty": 40,
    "fifty": 50,
    "sixty": 60,
    "seventy": 70,
    "eighty": 80,
    "ninety": 90,
}
_VAGUE = {
    "a couple of": 2,
    "a couple": 2,
    "couple of": 2,
    "couple": 2,
    "a few": 3,
    "few": 3,
    "several": 4,
    "half a dozen": 6,
    "a dozen": 12,
    "dozen": 12,
    "half an": 0.5,
    "half a": 0.5,
    "half": 0.5,
    "an": 1,
    "a": 1,
}


def _alternatives(words: dict[str, int] | dict[str, float]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


_DIGITS = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
# A number in digits or words; without capturing groups, so that other patterns can hold it.
SPELT = (
    rf"(?:(?:{_alternatives(_TENS)})(?:[- ](?:{_alternatives(_UNITS)}))?|{_alternatives(_UNITS)})"
)
NUMBER = rf"(?:(?:{_DIGITS})k?|{SPELT}(?:[- ]hundred|[- ]thousand)?|{_alternatives(_VAGUE)})"
# A number that says a quantity even without a unit beside it: not "a", "an" or "half".
EXPLICIT_NUMBER = rf"(?:(?:{_DIGITS})k?|{SPELT}(?:[- ]hundred|[- ]thousand)?)"

_IN_DIGITS = re.compile(rf"({_DIGITS})(k?)")
_MULTIPLIERS = {"hundred": 100, "thousand": 1000}


def value_of(words: str) -> float:
    """The value of words that `NUMBER` matched; raises `ValueError` for anything else."""
    words = " ".join(words.lower().replace("-", " ").split())
    if found := _IN_DIGITS.fullmatch(words):
        return float(found[1].replace(",", "")) * (1000 if found[2] else 1)
    if words in _VAGUE:
        return float(_VAGUE[words])
    total = 0.0
    for word in words.split():
        if word in _MULTIPLIERS:
            total = (total or 1) * _MULTIPLIERS[word]
        elif word in _TENS or word in _UNITS:
            total += _TENS.get(word) or _UNITS[word]
        else:
            raise ValueError(f"{words!r} is not a number")
    if not total:
        raise ValueError(f"{words!r} is not a number")
    return total
