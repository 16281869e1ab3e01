"""The reviewed templates: which fit a need, and which is drawn."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cached_property

from coaching.models import MessageTemplate

from .backoff import DAY
from .policy import words
from .policy.config import NUMBERS, PolicyNumbers


class Wording:
    """The reviewed templates and what is known of their effect, read once per round."""

    def __init__(self, now: datetime, numbers: PolicyNumbers = NUMBERS) -> None:
        self.now = now
        self.numbers = numbers

    @cached_property
    def templates(self) -> dict[str, list[MessageTemplate]]:
        """The active ones by purpose."""
        by_purpose: dict[str, list[MessageTemplate]] = defaultdict(list)
        for template in MessageTemplate.objects.filter(is_active=True):
            by_purpose[template.purpose].append(template)
        return by_purpose

    @cached_property
    def _effects(self) -> dict[str, dict[str, float]]:
        """Per purpose, the effect of each template, as it was measured last night."""
        return {
            purpose: words.effects(
                {
                    template.key: words.Record(**template.measured)
                    for template in found
                    if template.measured
                },
                self.numbers,
            )
            for purpose, found in self.templates.items()
        }

    def fitting(
        self, purpose: str, facts: Mapping[str, str], kinds: Collection[str] = ()
    ) -> list[MessageTemplate]:
        """The templates for `purpose` whose every name has a fact; with `kinds` only those of them."""
        return [
            template
            for template in self.templates.get(purpose, ())
            if words.names_in(template.text) <= set(facts) and (not kinds or template.kind in kinds)
        ]

    def draw(
        self,
        candidates: Sequence[MessageTemplate],
        last_seen: Mapping[str, datetime],
        random_number: float,
    ) -> tuple[MessageTemplate, dict[str, float]]:
        """The template on which `random_number` falls, and the odds of all `candidates` by key."""
        by_key = {template.key: template for template in candidates}
        days = {key: (self.now - seen) / DAY for key, seen in last_seen.items()}
        effect = self._effects.get(candidates[0].purpose, {})
        chances = words.odds(sorted(by_key), effect, days, self.numbers)
        return by_key[words.drawn(chances, random_number)], chances
