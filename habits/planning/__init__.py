"""Planning: from a goal in a person's words to a phased plan that fits their days."""

from .config import CONFIG
from .draft import PlanDraft, PlanHabit, PlanInputs, PlanPhase, in_text
from .planner import plan
from .safety import PlanRefused

__all__ = [
    "CONFIG",
    "PlanDraft",
    "PlanHabit",
    "PlanInputs",
    "PlanPhase",
    "PlanRefused",
    "in_text",
    "plan",
]
