"""What stands between a person and a habit: too hard, no time, forgotten, or no wish to do it."""

import re
from enum import StrEnum

from .wording import plain


class Obstacle(StrEnum):
    TOO_HARD = "too_hard"
    NO_TIME = "no_time"
    FORGOT = "forgot"
    UNMOTIVATED = "unmotivated"


_PATTERNS = [
    (
        Obstacle.NO_TIME,
        r"\b(?:no|not (?:have )?(?:enough|the|any)|never (?:have|find)(?: the| any)?|lack of|little|out of|find(?:ing)?(?: the)?|running out of) (?:free |spare |extra )?time\b|\bdo not have (?:the |any |enough )?time\b|\b(?:too|so|really|super|very) busy\b|\bbusy\b|\btoo long\b|\btakes too (?:long|much time)\b|\bschedule (?:is|got|keeps)\b|\bwork(?:ed|ing)? late\b|\bovertime\b|\btravel\w*\b|\bon (?:holiday|a trip)\b|\btime\b[ .!]*$",
    ),
    (
        Obstacle.FORGOT,
        r"\bforg[eo]t\w*\b|\bslip(?:s|ped)? my mind\b|\bdo(?:es)? not (?:remember|think of it|cross my mind)\b|\bremember(?:ing)?\b|\bdid not (?:remember|think of)\b|\blose track\b",
    ),
    (
        Obstacle.TOO_HARD,
        r"\btoo (?:hard|difficult|much|tough|intense|heavy|complicated|painful|ambitious|big|tired)\b|\b(?:easier|smaller|simpler|shorter|hard|difficult|tough|painful|exhausting|overwhelming|strenuous)\b|\bcan not (?:do|manage|finish|keep up|handle)\b|\bexhausted\b|\btired\b|\bno energy\b|\bdo not have the energy\b|\boverwhelm\w*\b|\bsore\b|\bhurts?\b",
    ),
    (
        Obstacle.UNMOTIVATED,
        r"\b(?:unmotivated|demotivated|motivation|motivated|lazy|bored|boring|dull|tedious|procrastinat\w+|put(?:ting)? (?:it|this|them|that) off|do not (?:feel like|want to|care|enjoy|like|see the point)|not feel like|not feeling it|no (?:desire|interest|drive|point)|can not be bothered|hate (?:it|doing|this|the|my)|lost interest|not fun|not in the mood|pointless|willpower|discipline|distracted|phone)\b",
    ),
]
_EACH = [(obstacle, re.compile(pattern)) for obstacle, pattern in _PATTERNS]


def parse_obstacle(text: str) -> Obstacle | None:
    """What gets in the way, when the text says so; the first of several that is named."""
    text = plain(text)
    found = [
        (match.start(), obstacle) for obstacle, pattern in _EACH if (match := pattern.search(text))
    ]
    return min(found, key=lambda entry: entry[0])[1] if found else None
