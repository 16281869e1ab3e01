"""Whom the coach speaks to: a beginner, somebody advanced, or an athlete; decided from what they said."""

import re
from collections.abc import Sequence

from coaching.models import UserType
from coaching.personalization.sentences import Evidence

ADVANCED_TIMES_A_WEEK = 3
ADVANCED_YEARS = 2
_NUMBERS = {
    word: number
    for number, word in enumerate(
        ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    )
} | {"once": 1, "twice": 2}
_COUNT = r"(\d{1,2}|" + "|".join(_NUMBERS) + r")"
_TIMES = re.compile(
    rf"\b{_COUNT}(?:\s*(?:-|to|or)\s*\d+)?\s*(?:x|times|days|sessions|workouts|runs|rides)?\s*"
    r"(?:a|per|each|every|/)\s*week\b"
)
_YEARS = re.compile(rf"\b{_COUNT}\s*\+?\s*years\b")
_ATHLETE = re.compile(
    r"\b(?:compet(?:e|es|ed|ing|itive|itively|itions?)|race season|races?|triathlons?|ironman|"
    r"training (?:block|cycle|camp)|periodi[sz]\w+|personal best|my coach|our coach|league|tournament|national"
    r"|regionals?|club team|semi-?pro|professional|athlete|marathon plan|meet(?:s)? (?:next|this)|powerlift\w*)\b"
)
_ADVANCED = re.compile(
    r"\b(?:for years|regularly|advanced|intermediate|consistently|push pull|progressive overload|split|"
    r"half marathons?|marathons?|crossfit|heavy|squat|deadlift|bench)\b"
)
_NOT_YET = re.compile(
    r"\b(?:never|not|don't|dont|no longer|used to|stopped|haven't|beginner|new to|just started|start(?:ing)?|"
    r"want to|would like|hope to|dream|someday|hardly|barely|rarely|years ago|back in)\b"
)


def decide(evidence: Sequence[Evidence]) -> tuple[UserType, tuple[Evidence, ...]]:
    """The type, and the words it was decided by: none for a beginner, which is where one starts.

    Words about what somebody no longer, not yet or hardly does count for nothing.
    """
    votes: dict[UserType, list[Evidence]] = {UserType.ATHLETE: [], UserType.ADVANCED: []}
    for each in evidence:
        said = each.text.lower().replace("’", "'")
        if _NOT_YET.search(said):
            continue
        times, years = _largest(_TIMES, said), _largest(_YEARS, said)
        if _ATHLETE.search(said):
            votes[UserType.ATHLETE].append(each)
        if _ADVANCED.search(said) or times >= ADVANCED_TIMES_A_WEEK or years >= ADVANCED_YEARS:
            votes[UserType.ADVANCED].append(each)
    if votes[UserType.ATHLETE] and len(votes[UserType.ATHLETE] + votes[UserType.ADVANCED]) > 1:
        return UserType.ATHLETE, tuple(votes[UserType.ATHLETE])
    either = tuple(dict.fromkeys(votes[UserType.ADVANCED] + votes[UserType.ATHLETE]))
    return (UserType.ADVANCED, either) if either else (UserType.BEGINNER, ())


def _largest(pattern: re.Pattern[str], said: str) -> int:
    found = [_NUMBERS.get(number) or _digits(number) for number in pattern.findall(said)]
    return max(found, default=0)


def _digits(number: str) -> int:
    return int(number) if number.isdigit() else 0
