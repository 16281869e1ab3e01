"""Which words: a recovering bandit over reviewed templates (Yancey & Settles 2020).

What was said lately wears off: a template loses a little of its score when the person saw it, and gets
it back over the weeks. A small hold-out draws evenly, so that every template keeps being measured.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp

from .config import NUMBERS, PolicyNumbers

_NAME = re.compile(r"\{([a-z_]+)\}")
_LONGEST_FACT = 120


def names_in(text: str) -> set[str]:
    """The `{names}` a template needs facts for."""
    return set(_NAME.findall(text))


def filled(text: str, facts: Mapping[str, str]) -> str:
    """`text` with its `{names}` replaced; raises `KeyError` when a fact is missing.

    One pass: facts are often what people wrote, and a brace in them means nothing. They are kept to one
    line of bounded length.
    """
    return _NAME.sub(lambda name: _one_line(facts[name[1]]), text)


def _one_line(fact: str) -> str:
    line = " ".join("".join(c for c in fact if c.isprintable() or c.isspace()).split())
    return line if len(line) <= _LONGEST_FACT else line[: _LONGEST_FACT - 1].rstrip() + "…"


@dataclass(frozen=True)
class Record:
    """What came of one template: sums over its uses, each weighted by 1 / its odds of being drawn."""

    weight: float
    weight_squared: float
    reward: float

    @property
    def uses(self) -> float:
        """The effective number of uses."""
        return self.weight**2 / self.weight_squared if self.weight_squared else 0.0


def effects(records: Mapping[str, Record], numbers: PolicyNumbers = NUMBERS) -> dict[str, float]:
    """Each template's mean reward above the mean of all, believed the more the more it was used."""
    total = sum(record.weight for record in records.values())
    if not total:
        return dict.fromkeys(records, 0.0)
    overall = sum(record.reward for record in records.values()) / total
    found = {}
    for key, record in records.items():
        mean = record.reward / record.weight if record.weight else overall
        believed = record.uses / (record.uses + numbers.effect_shrinkage)
        found[key] = (mean - overall) * believed
    return found


def recency_penalty(days_since_seen: float | None, numbers: PolicyNumbers = NUMBERS) -> float:
    """`.017 * 2^(-d/15)`; nothing for what the person never saw."""
    if days_since_seen is None:
        return 0.0
    return numbers.recent_penalty * 2 ** (-days_since_seen / numbers.recent_half_life_days)


def odds(
    keys: Sequence[str],
    effect: Mapping[str, float],
    days_since_seen: Mapping[str, float],
    numbers: PolicyNumbers = NUMBERS,
) -> dict[str, float]:
    """The odds of each template of `keys`: a soft maximum of the scores, mixed with an even draw."""
    scores = [
        effect.get(key, 0.0) - recency_penalty(days_since_seen.get(key), numbers) for key in keys
    ]
    best = max(scores, default=0.0)
    weights = [exp((score - best) / numbers.temperature) for score in scores]
    total = sum(weights)
    even = numbers.hold_out / len(keys) if keys else 0.0
    return {
        key: even + (1 - numbers.hold_out) * weight / total
        for key, weight in zip(keys, weights, strict=True)
    }


def drawn(chances: Mapping[str, float], random_number: float) -> str:
    """The key on which `random_number` in [0, 1) falls, going through `chances` by key."""
    reached = 0.0
    for key in sorted(chances):
        reached += chances[key]
        if random_number < reached:
            return key
    return max(chances)  # the odds add up to a hair less than 1


def leftover(random_number: float, probability: float) -> float:
    """A second uniform number from the one that decided to speak: given that it fell below the odds,
    where it fell is still even. So the stored number determines the words as well.
    """
    return random_number / probability
