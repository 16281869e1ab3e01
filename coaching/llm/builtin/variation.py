"""The same thing said differently: a wording is chosen by the conversation itself, never by chance.

The same conversation gets the same answer; two answers in a row never use the same wording.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

from .transcript import Transcript

_GAP = re.compile(r"\{\w+\}")


@dataclass(frozen=True)
class Variation:
    """Chooses wordings for one answer. `avoid` is what the coach said last."""

    seed: int
    avoid: str

    def of(self, wordings: Sequence[str]) -> str:
        """One of the wordings, and not one that the last answer used."""
        start = self.seed % len(wordings)
        turned = [*wordings[start:], *wordings[:start]]
        return next((wording for wording in turned if not self._was_said(wording)), turned[0])

    def _was_said(self, wording: str) -> bool:
        # The fixed part of a wording is enough to know it again.
        longest = max(_GAP.split(wording), key=len).strip()
        return bool(longest) and longest in self.avoid


def variation_of(transcript: Transcript) -> Variation:
    """The variation of the answer to a transcript."""
    said = "\x1f".join(turn.text for turn in transcript.turns)
    return Variation(crc32(f"{len(transcript.turns)}\x1e{said}".encode()), transcript.last_answer)
