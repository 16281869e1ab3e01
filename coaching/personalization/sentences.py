"""Sentences of a personal prompt: what each says, on what it rests, how sure it is and until when it holds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby
from typing import Any

from django.utils.dateparse import parse_datetime

from coaching.models import Confidence, PromptSentence


@dataclass(frozen=True)
class Lifetimes:
    """How long a sentence holds after the newest thing it rests on, in days (all ours).

    A metric holds as long as a prompt may go without being written anew; what would plausibly change
    within six months is an observation; what is steadier is asked again after a year.
    """

    metric: int = 56
    observation: int = 182
    trait: int = 365


LIFETIMES = Lifetimes()
MEDIUM_FROM, HIGH_FROM = 3, 5  # sources
PROFILE = "profile"
OWN_WORDS_REF = "own_words"


class Section(StrEnum):
    """The parts of a prompt in the order in which a coach reads them; `PROFILE` is the portrait beside it."""

    STANCE = "stance"
    GOALS = "goals"
    LIFE = "life"
    OBSTACLES = "obstacles"
    BEHAVIOR = "behavior"
    MANNER = "manner"
    METHOD = "method"
    OPEN = "open"
    LIMITS = "limits"


class EvidenceKind(StrEnum):
    """METRIC: measured; QUOTE: said, or written by the person; TEMPLATE: the coach's own way of working."""

    METRIC = "metric"
    QUOTE = "quote"
    TEMPLATE = "template"


@dataclass(frozen=True)
class Evidence:
    """One thing a sentence rests on: `text` in words, when it was said or measured, and where it stands.

    `ref` is the id of a message or the name of a metric; `fact` names the fact it shows; `sources` is how
    many separate things it counts for: a remark is one, a metric as many as the days or times it saw.
    """

    kind: EvidenceKind
    text: str
    at: datetime | None = None
    ref: str = ""
    fact: str = ""
    sources: int = 1

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind.value,
            "text": self.text,
            "at": self.at.isoformat() if self.at else "",
            "ref": self.ref,
            "fact": self.fact,
            "sources": self.sources,
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Evidence":
        return cls(
            EvidenceKind(stored["kind"]),
            stored["text"],
            parse_datetime(stored["at"]) if stored.get("at") else None,
            stored.get("ref", ""),
            stored.get("fact", ""),
            stored.get("sources", 1),
        )


@dataclass(frozen=True)
class Sentence:
    """A sentence before or after it is stored. `fact_keys` names the facts it says, the main one first."""

    section: str
    text: str
    fact_keys: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    is_observation: bool = False

    @property
    def is_own_way(self) -> bool:
        """It says how the coach works, and nothing about the person."""
        return all(each.kind == EvidenceKind.TEMPLATE for each in self.evidence)

    @property
    def is_own_words(self) -> bool:
        """It is what the person wrote in place of another."""
        return any(each.ref == OWN_WORDS_REF for each in self.evidence)

    @property
    def confidence(self) -> Confidence:
        return Confidence.HIGH if self.is_own_way else confidence_of(self.evidence)

    @property
    def expires_at(self) -> datetime | None:
        """When it no longer holds; never for the coach's own way of working."""
        return expiry_of(self.evidence, is_observation=self.is_observation)

    @property
    def words(self) -> int:
        return len(self.text.split())


def confidence_of(evidence: Iterable[Evidence]) -> Confidence:
    """Up to 2 sources low, 3 or 4 medium, 5 and more high; the same words twice are one source."""
    separate = {(each.kind, each.ref or each.text): each.sources for each in evidence}
    sources = sum(separate.values())
    if sources >= HIGH_FROM:
        return Confidence.HIGH
    return Confidence.MEDIUM if sources >= MEDIUM_FROM else Confidence.LOW


def expiry_of(evidence: Sequence[Evidence], *, is_observation: bool) -> datetime | None:
    """The moment from which `evidence` is too old to be said, counted from the newest of it."""
    dated = [each for each in evidence if each.at is not None]
    if not dated:
        return None
    newest = max(each.at for each in dated if each.at)
    if all(each.kind == EvidenceKind.METRIC for each in dated):
        days = LIFETIMES.metric
    else:
        days = LIFETIMES.observation if is_observation else LIFETIMES.trait
    return newest + timedelta(days=days)


def in_order(sentences: Iterable[Sentence]) -> list[Sentence]:
    """Portrait first, then section by section; within a section as they came."""
    order = [PROFILE, *Section]
    return sorted(sentences, key=lambda sentence: order.index(sentence.section))


def prompt_text(sentences: Iterable[Sentence]) -> str:
    """The prompt: a paragraph per section."""
    told = [sentence for sentence in in_order(sentences) if sentence.section != PROFILE]
    paragraphs = groupby(told, key=lambda sentence: sentence.section)
    return "\n\n".join(" ".join(each.text for each in rows) for _, rows in paragraphs)


def profile_text(sentences: Iterable[Sentence]) -> str:
    """The portrait of the person, in one piece."""
    return " ".join(each.text for each in sentences if each.section == PROFILE)


def as_rows(sentences: Iterable[Sentence]) -> list[PromptSentence]:
    """Rows for the sentences, without their revision."""
    return [
        PromptSentence(
            ordinal=ordinal,
            section=sentence.section,
            text=sentence.text,
            fact_key=sentence.fact_keys[0] if sentence.fact_keys else "",
            evidence=[each.as_json() for each in sentence.evidence],
            confidence=sentence.confidence,
            is_observation=sentence.is_observation,
            expires_at=sentence.expires_at,
        )
        for ordinal, sentence in enumerate(in_order(sentences))
    ]


def from_row(row: PromptSentence) -> Sentence:
    """The sentence that a row holds."""
    evidence = tuple(Evidence.from_json(each) for each in row.evidence)
    keys = dict.fromkeys([row.fact_key, *(each.fact for each in evidence)])
    return Sentence(
        row.section,
        row.text,
        tuple(key for key in keys if key),
        evidence,
        is_observation=row.is_observation,
    )
