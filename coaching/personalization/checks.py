"""What a portrait and a prompt must be like before anybody reads them, whoever wrote them.

Findings are plain sentences: they are told to a model that may mend its text, and to staff.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from coaching.models import Confidence

from . import injection
from .sentences import PROFILE, Section, Sentence, profile_text, prompt_text
from .writing.facts import Material

ANY_OF = ("goals", "challenges", "preferences")


@dataclass(frozen=True)
class Lengths:
    """In words: what a portrait and a prompt may have, and what one sentence may have at most."""

    profile: tuple[int, int] = (150, 250)
    prompt: tuple[int, int] = (500, 800)
    sentence: int = 90


LENGTHS = Lengths()

_QUOTED = re.compile(r"“([^”]*)”")
_LINK = re.compile(r"https?://|www\.|\S+@\S+\.\w+", re.IGNORECASE)
_FORBIDDEN: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "It infers something about health that was not said",
        re.compile(
            r"\b(?:depress\w+|bipolar|adhd|autis\w+|ptsd|anorexi\w+|bulimi\w+|eating disorder\w*|schizo\w+|ocd|"
            r"diabet\w+|hypertension|cancer|burn-?out|addict\w+|alcoholi\w+|insomnia|obes\w+|pregnan\w+|"
            r"anxiety disorder|panic attacks?|trauma\w*|narcissis\w+|disorder|syndrome|neurotic|diagnos(?!e\b)\w+)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "It names a protected attribute that was not said",
        re.compile(
            r"\b(?:christian|muslim|jewish|hindu|buddhist|atheist|religio\w+|catholic|protestant|gay|lesbian|bisexual|"
            r"transgender|queer|heterosexual|black|asian|latin[ao]|caucasian|ethnic\w*|immigrant|refugee|"
            r"republican|democrat|left-wing|right-wing|trade union|disabled|his|her|he|she|woman|man)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "It gives medical advice",
        re.compile(
            r"\b\d+\s?(?:mg|mcg|iu|milligrams?)\b|\b(?:take|stop|start|increase|reduce|skip)\b[^.]{0,30}"
            r"\b(?:medication|medicine|pills?|antidepressants?|insulin|supplements?|ibuprofen|painkillers?|dose)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "It gives financial advice",
        re.compile(
            r"\b(?:invest (?:in|into)|buy (?:stocks?|shares|crypto\w*|bitcoin)|take out a loan|mortgage|etfs?|"
            r"sell (?:your|their) (?:stocks?|shares))\b",
            re.IGNORECASE,
        ),
    ),
    (
        "It sets a figure for weight or calories",
        re.compile(
            r"\b\d[\d.,]*\s*-?(?:k?cal(?:ories)?|kilojoules?)\b|\b\d[\d.,]*\s*-?(?:kgs?|kilos?|kilograms?|lbs?|pounds?|"
            r"stone)\b|\bbmi\b|\bcalorie (?:deficit|target|goal|limit)\b|\bgoal weight\b",
            re.IGNORECASE,
        ),
    ),
    (
        "It shames",
        re.compile(r"\b(?:lazy|weak-willed|pathetic|fat|disgusting|worthless)\b", re.IGNORECASE),
    ),
)
_TENTATIVE = re.compile(
    r"\b(?:said|says|say|mentioned?|told|named?|gave|put it|own words?|own account|once|so far|seems?|may|might|perhaps|"
    r"asked|harsh\w*|words|chose|set|decided|drew|record|tend|came up|one remark|early sign|described)\b",
    re.IGNORECASE,
)


def findings(sentences: Sequence[Sentence], material: Material) -> list[str]:
    """What is wrong with a portrait and a prompt; empty when both may be used."""
    found = [*length_findings(sentences)]
    whole = f"{prompt_text(sentences)} {profile_text(sentences)}"
    if material.name and material.name not in prompt_text(sentences):
        found.append(f"The prompt does not use the name {material.name}.")
    said = {key for each in sentences if each.section != PROFILE for key in each.fact_keys}
    for topic in ANY_OF:
        known = {fact.key for fact in material.of(topic)}
        if known and not known & said:
            found.append(f"The prompt says nothing of what is known under “{topic}”.")
    if any(words.text not in whole for words in material.own_words):
        found.append("The prompt leaves out a sentence in the person's own words.")
    for sentence in sentences:
        if sentence.is_own_words:
            continue  # looked at when the person wrote them
        found += [f"{problem}: {sentence.text}" for problem in problems_of(sentence, material.name)]
    return list(dict.fromkeys(found))


def length_findings(sentences: Iterable[Sentence]) -> list[str]:
    """Whether the portrait or the prompt is too long or too short."""
    rows = list(sentences)
    found = []
    for what, text, (least, most) in (
        ("portrait", profile_text(rows), LENGTHS.profile),
        ("prompt", prompt_text(rows), LENGTHS.prompt),
    ):
        words = len(text.split())
        if not least <= words <= most:
            found.append(f"The {what} has {words} words; it needs {least} to {most}.")
    return found


def problems_of(sentence: Sentence, name: str) -> list[str]:
    """What is wrong with one sentence.

    What the person said may be quoted, word for word; outside quotation marks nothing may be concluded
    that their words do not hold.
    """
    if not sentence.text.strip():
        return ["It is empty"]
    found = []
    evidence = " ".join(each.text for each in sentence.evidence)
    if not sentence.evidence:
        found.append("It rests on no evidence")
    if sentence.section not in {PROFILE, *Section}:
        found.append("It belongs to no section")
    if sentence.words > LENGTHS.sentence:
        found.append(f"It is longer than {LENGTHS.sentence} words")
    if injection.is_injection(sentence.text):
        found.append("It reads like an order to a machine")
    if _LINK.search(sentence.text):
        found.append("It holds a link or an address")
    if any(_plain(quote) not in _plain(evidence) for quote in _QUOTED.findall(sentence.text)):
        found.append("It quotes what was not said")
    outside = _QUOTED.sub(" ", sentence.text)
    for problem, pattern in _FORBIDDEN:
        if any(
            problem.startswith("It sets") or match.lower() not in evidence.lower()
            for match in _matches(pattern, outside)
        ):
            found.append(problem)
    if injection.targets_somebody(outside, name):
        found.append("It makes another person a target")
    is_low = not sentence.is_own_way and sentence.confidence == Confidence.LOW
    if is_low and not _TENTATIVE.search(outside):
        found.append("It rests on one or two remarks and is worded as certain")
    return found


def _matches(pattern: re.Pattern[str], text: str) -> list[str]:
    return [found.group() for found in pattern.finditer(text)]


def _plain(text: str) -> str:
    kept = re.sub(r"[^\w\s]", "", text.casefold().replace("’", "'"))
    return re.sub(r"\s+", " ", kept).strip()
