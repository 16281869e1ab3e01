"""A sentence in the person's own words."""

from coaching.personalization.sentences import (
    OWN_WORDS_REF,
    Evidence,
    EvidenceKind,
    Section,
    Sentence,
)

from .facts import OwnWords
from .wording import safe_name

_SECTIONS = {
    "goals": Section.GOALS,
    "training": Section.LIFE,
    "meals": Section.LIFE,
    "challenges": Section.OBSTACLES,
    "past_failures": Section.OBSTACLES,
    "preferences": Section.MANNER,
    "settings": Section.MANNER,
    "metric": Section.BEHAVIOR,
    "known": Section.BEHAVIOR,
}


def own_sentence(name: str, words: OwnWords) -> Sentence:
    """What the person wrote in place of a sentence, told as their own."""
    whose = safe_name(name)
    introduction = f"In {whose}'s own words:" if whose else "In their own words:"
    evidence = Evidence(EvidenceKind.QUOTE, words.text, words.at, OWN_WORDS_REF, words.key)
    section = _SECTIONS.get(words.key.partition(":")[0], Section.METHOD)
    end = "" if words.text[-1:] in ".!?…" else "."
    return Sentence(section, f"{introduction} “{words.text}”{end}", (words.key,), (evidence,))
