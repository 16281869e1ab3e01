"""The staff's view of the coach, one module per idea."""

from . import (
    consultations,
    conversations,
    costs,
    evaluation,
    experiments,
    knowledge,
    outreach,
    people,
    prompt_updates,
    prompts,
    readings,
    safety,
)

__all__ = [
    "consultations",
    "conversations",
    "costs",
    "evaluation",
    "experiments",
    "knowledge",
    "outreach",
    "people",
    "prompt_updates",
    "prompts",
    "readings",
    "safety",
]
