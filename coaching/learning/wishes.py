"""What people say about how they want to be talked to: "shorter please", "no emojis", "explain more"."""

import re
from dataclasses import dataclass
from enum import StrEnum

from coaching.language import mended


class Manner(StrEnum):
    """A side of how the coach talks; the value is its key among the learned preferences."""

    LENGTH = "length"
    EMOJI = "emoji"


# The values of each, as they stand among the learned preferences.
SHORT, DETAILED = "short", "detailed"
NEVER, OFTEN = "never", "often"


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants of a side of the coach's manner."""

    manner: Manner
    value: str


_ADDRESS = r"(?:your |the |these |those |coach(?:'s)? )?(?:answers?|repl(?:y|ies)|messages?|responses?|explanations?|texts?)"
_WISHES: list[tuple[Wish, re.Pattern[str]]] = [
    (
        Wish(Manner.LENGTH, SHORT),
        re.compile(
            rf"^(?:(?:a (?:bit|little)|much|even|way) )?(?:shorter|briefer|less (?:text|words|detail))(?:,? please)?[.! ]*$"
            rf"|\b(?:keep|make) (?:it|them|{_ADDRESS}) (?:\w+ )?(?:short(?:er)?|brief(?:er)?|concise)\b"
            rf"|\b(?:shorter|briefer|more concise) {_ADDRESS}\b"
            rf"|\b{_ADDRESS} (?:is|are|was|were) (?:\w+ )?(?:too long|too wordy)\b"
            r"|\b(?:be|get) (?:more |a bit more )?(?:brief|concise|succinct|to the point)(?:er)?\b"
            r"|^too (?:long|wordy|much text)(?:,? please)?[.! ]*$|\bget to the point\b|\btl;?dr\b|\bless (?:text|wordy)\b"
        ),
    ),
    (
        Wish(Manner.LENGTH, DETAILED),
        re.compile(
            r"^(?:a (?:bit|little) )?more details?(?:,? please)?[.! ]*$"
            rf"|\b(?:longer|more detailed|more thorough) {_ADDRESS}\b"
            rf"|\b{_ADDRESS} (?:is|are|was|were) (?:\w+ )?too (?:short|brief)\b"
            r"|\b(?:give|tell|show) me (?:a (?:bit|little) |much )?more detail\b|\bgo into (?:more|greater) detail\b|\bbe more (?:detailed|thorough)\b|^too (?:short|brief)[.! ]*$"
        ),
    ),
    (
        Wish(Manner.EMOJI, NEVER),
        re.compile(
            r"\b(?:no|without|stop (?:using|with|sending)(?: the| these| those)?|do not use|drop the|lose the|skip the|enough (?:of the|with the)|hate(?: the| these)?)(?: any| more| so many)? (?:emojis?|emoticons?|smileys?)\b"
        ),
    ),
    (
        Wish(Manner.EMOJI, OFTEN),
        re.compile(
            r"\b(?:(?:use|add|send|with)(?: me)? (?:some |a few |more )?|i (?:like|love)(?: the| your)? )(?:emojis?|emoticons?|smileys?)\b"
        ),
    ),
]


def wishes_in(text: str) -> list[Wish]:
    """The wishes a text speaks, at most one for each side; the first pattern that fits wins."""
    plain = mended(text)
    found: dict[Manner, Wish] = {}
    for wish, pattern in _WISHES:
        if wish.manner not in found and pattern.search(plain):
            found[wish.manner] = wish
    return list(found.values())
