"""The reviewed line for a nudge: what speaks when no model does, and what a model's text falls back to."""

import random
from collections.abc import Mapping
from dataclasses import dataclass

from coaching.models import MessageTemplate
from coaching.outreach.policy.words import filled, names_in
from productivity.models import NudgeMode, NudgeTrigger

from .modes import kind_of
from .triggers import purpose_of

# What is said where no template is there at all.
PLAIN = "Next: “{task}”."


@dataclass(frozen=True)
class Line:
    """A text and the key of its template; without one it is the plainest line there is."""

    text: str
    template_key: str = ""


def line_for(
    trigger: NudgeTrigger,
    mode: NudgeMode,
    intensity: int,
    facts: Mapping[str, str],
    *,
    rng: random.Random,
    besides: str = "",
) -> Line:
    """A line drawn from the templates whose every name has a fact; not `besides` where there is another. One query."""
    rows = MessageTemplate.objects.filter(
        purpose=purpose_of(trigger), kind=kind_of(mode, intensity), is_active=True
    ).order_by("key")
    fitting = [row for row in rows if names_in(row.text) <= set(facts)]
    fresh = [row for row in fitting if row.key != besides] or fitting
    if not fresh:
        return Line(filled(PLAIN, facts))
    row = rng.choice(fresh)
    return Line(filled(row.text, facts), row.key)
