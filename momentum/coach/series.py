"""The course of momentum as series that charts can show."""

from datetime import date

from accounts.models import User
from coaching.toolkit import Series, data_source
from momentum.course import overall_line, pillar_lines
from momentum.standing import history


@data_source(
    "momentum.overall",
    title="Your momentum",
    cues=("momentum", "momentum score", "score", "overall"),
)
def overall(user: User, first: date, last: date) -> list[Series]:
    """The overall score per day."""
    return [overall_line(history(user, first, last), first, last)]


@data_source(
    "momentum.pillars",
    title="The pillars of your momentum",
    cues=("pillars", "pillar", "momentum pillars"),
)
def pillars(user: User, first: date, last: date) -> list[Series]:
    """The score of each pillar per day."""
    return pillar_lines(history(user, first, last), first, last)
