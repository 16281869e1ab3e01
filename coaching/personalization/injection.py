"""Whether words try to give a machine orders instead of telling something."""

import re

from coaching.safety.screen import normalize

_ORDERS = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass|skip|drop|break) (?:\w+ ){0,4}"
    r"(?:instructions?|rules?|prompts?|guidelines?|guardrails?|restrictions?|limits|above|previous(?:ly)?)\b"
    r"|\b(?:system|developer|hidden|initial) (?:prompt|message|instructions?)\b"
    r"|\b(?:reveal|print|show|repeat|leak|output|tell) (?:\w+ ){0,4}(?:prompt|instructions|secrets?|api key|password)\b"
    r"|\byou are (?:now|no longer)\b|\bfrom now on you\b|\bpretend (?:to be|that you|you are)\b"
    r"|\bact as (?:an? |if you )|\bjailbreak\w*|\bdo anything now\b|\bdan mode\b|\bdeveloper mode\b"
    r"|\b(?:call|run|use|invoke|execute) (?:the |a |this )?(?:tool|function|command|code|script)\b"
    r"|\b(?:delete|drop|export|send) (?:\w+ ){0,3}(?:database|table|user data|all users?)\b"
    r"|\b(?:assistant|system|user) (?:says|role)\b"
)
_MARKS = re.compile(
    r"<\s*/?\s*(?:system|assistant|user|instructions?|script|\|)|\[/?INST\]|<\|[^>]*\|>|```|^\s*#{2,}\s|"
    r"\b(?:system|assistant)\s*:",
    re.IGNORECASE | re.MULTILINE,
)

# A way to reach or steer somebody who is not the person coached.
_TARGET = re.compile(
    r"\b(?:[Cc]ontact|[Mm]essage|[Tt]ext|[Ee]-?mail|[Pp]hone|[Cc]onfront|[Cc]onvince|[Pp]ressure|[Ss]py on|"
    r"[Rr]eport to|[Mm]onitor|[Cc]all|[Tt]ell|[Aa]sk)\s+([A-Z][a-zà-ÿ]+)"
)
_NOT_A_PERSON = {
    *(
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
        "Mondays",
        "Fridays",
    ),
    *(
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
    ),
    *("November", "December", "Habyss", "Settings"),
}


def targets_somebody(text: str, name: str = "") -> bool:
    """Whether `text` says to reach or to steer somebody named who is not `name`."""
    return any(each not in _NOT_A_PERSON and each != name for each in _TARGET.findall(text))


def is_injection(text: str) -> bool:
    """Whether `text` reads like an attempt to steer a model."""
    return bool(_MARKS.search(text) or _ORDERS.search(normalize(text)))
