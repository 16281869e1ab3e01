"""Why a task does not move, what fits the reason, and steps that it is done in.

`report` takes the one tap and answers with a strategy in words for this very task; `take_up` does it. Drafts of steps
come at once from templates; where a model is configured the queue writes better ones, and nothing is made before a yes.
"""

from .breaking_down import (
    BreakdownClosed,
    accept,
    clean_steps,
    decline,
    draft_breakdown,
    open_breakdown,
    tidy_breakdowns,
)
from .reporting import TakenUp, newest_report, report, take_up
from .strategies import Advice, advice_for, strategy_for
from .template_steps import Step, first_step, steps_for
from .writing import write_breakdown

__all__ = [
    "Advice",
    "BreakdownClosed",
    "Step",
    "TakenUp",
    "accept",
    "advice_for",
    "clean_steps",
    "decline",
    "draft_breakdown",
    "first_step",
    "newest_report",
    "open_breakdown",
    "report",
    "steps_for",
    "strategy_for",
    "take_up",
    "tidy_breakdowns",
    "write_breakdown",
]
