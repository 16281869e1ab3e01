"""Crisis first: the screen, the answer, the pause, and the check of what a model says."""

from coaching.models import CrisisCategory

from .answer import CrisisAnswer, answer, helplines_for, is_paused, raise_alert
from .output import check_output
from .screen import CrisisHit, screen

__all__ = [
    "CrisisAnswer",
    "CrisisCategory",
    "CrisisHit",
    "answer",
    "check_output",
    "helplines_for",
    "is_paused",
    "raise_alert",
    "screen",
]
