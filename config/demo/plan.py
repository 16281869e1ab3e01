"""The demo person's plan: proposed and accepted through the planner, as if on the first day of the story."""

from datetime import date

from accounts.models import User
from coaching.models import Conversation


def accept_in_the_past(user: User, conversation: Conversation, first_day: date) -> None:
    """Drafts the plan for the goal, accepts it, and moves its days to begin on `first_day`."""


def open_phases(user: User, day: date) -> None:
    """Opens the phases that were ready on `day`."""
