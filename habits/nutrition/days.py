"""One day of the food log, with its sums in words."""

from dataclasses import dataclass
from datetime import date, datetime

from accounts.models import User
from habits.models import FoodEntry

from .similar import eaten
from .targets import Numbers, numbers_of
from .words import figures_of


@dataclass(frozen=True, slots=True)
class Line:
    """A meal with its local clock time and its figures in words (empty when they are hidden)."""

    entry: FoodEntry
    at: datetime
    figures: str


@dataclass(frozen=True, slots=True)
class FoodDay:
    """The meals of one of a person's own days, the earliest first."""

    day: date
    lines: tuple[Line, ...]
    numbers: Numbers
    calories: int
    counted: int

    @property
    def total_words(self) -> str:
        """The sum of what was told, and beside it the range; nothing when figures are hidden or unknown."""
        if self.numbers.are_hidden or not self.counted:
            return ""
        words = f"{self.calories:,} kcal"
        missing = len(self.lines) - self.counted
        if missing:
            words += f" from {self.counted} of {len(self.lines)} meals"
        if self.numbers.low is not None and self.numbers.high is not None:
            words += f" · your range is {self.numbers.low:,} to {self.numbers.high:,}"
        return words


def food_day(user: User, day: date, *, now: datetime) -> FoodDay:
    """What `user` logged of their `day`. Two queries, more only where a range is set."""
    numbers = numbers_of(user, now=now)
    entries = list(eaten().filter(user=user, local_date=day).order_by("eaten_at", "pk"))
    lines = tuple(
        Line(
            entry,
            entry.eaten_at.astimezone(user.tz),
            "" if numbers.are_hidden else figures_of(entry),
        )
        for entry in entries
    )
    told = [entry.calories for entry in entries if entry.calories is not None]
    return FoodDay(day, lines, numbers, sum(told), len(told))
