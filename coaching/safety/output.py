"""What a model may not say, checked before a person reads it."""

import re

from .screen import normalize

_HARMFUL = re.compile(
    r"\b(?:you should|just|go ahead and|why dont you|try to) (?:kill|hurt|cut|harm|starve) yourself\b"
    r"|\b(?:the world|everyone|they) (?:is|are|would be) better (?:off )?without you\b"
    r"|\byoure? not going to (?:\w+ ){0,4}are you\b"
    r"|\b(?:best|easiest|painless) (?:way|method) to (?:die|kill yourself|end your life)\b"
    r"|\blethal dose\b|\bhow to tie a noose\b"
    r"|\b(?:stop|quit|skip) (?:taking )?your (?:medication|meds|insulin|antidepressants?)\b"
)

WITHHELD = (
    "I started to say something that I should not say, so I stopped. "
    "If you are going through something hard right now, please tell me in your own words."
)


def check_output(text: str) -> str | None:
    """The sentence to show in place of `text`, or `None` when the text may be shown."""
    return WITHHELD if _HARMFUL.search(normalize(text)) else None
