"""How long a task takes: its estimate, or what the person usually gives such tasks."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from statistics import median

from accounts.models import User
from productivity.models import Task

from .constants import SLOTS

# So many of the newest estimates tell what is usual.
READ = 300


@dataclass(frozen=True, slots=True)
class Length:
    """Minutes a task takes. `is_estimated` tells the person's own estimate from what is usual."""

    minutes: int
    is_estimated: bool
    words: str = ""

    @property
    def span(self) -> timedelta:
        return timedelta(minutes=self.minutes)


@dataclass(frozen=True)
class Lengths:
    """A person's usual minutes per category, and over all (`None` while too little is known)."""

    by_category: Mapping[str, int]
    usual: int | None

    def of(self, task: Task) -> Length:
        """How long `task` takes, and in words where that comes from when it was not estimated."""
        if task.estimated_minutes:
            return Length(task.estimated_minutes, is_estimated=True)
        if task.category in self.by_category:
            minutes = self.by_category[task.category]
            what = f"{task.category} tasks" if task.category else "such tasks"
            words = f"Not estimated; your {what} usually take {minutes} minutes."
            return Length(minutes, False, words)
        if self.usual is not None:
            words = f"Not estimated; your tasks usually take {self.usual} minutes."
            return Length(self.usual, False, words)
        words = f"Not estimated; taken as {SLOTS.usual_minutes} minutes."
        return Length(SLOTS.usual_minutes, False, words)


def lengths_from(estimates: Iterable[tuple[str, int]]) -> Lengths:
    """The usual lengths from categories and estimates: medians, from three estimates on."""
    by_category: dict[str, list[int]] = defaultdict(list)
    for category, minutes in estimates:
        by_category[category].append(minutes)
    every = [minutes for known in by_category.values() for minutes in known]
    return Lengths(
        {
            category: round(median(known))
            for category, known in by_category.items()
            if len(known) >= SLOTS.least_known
        },
        round(median(every)) if len(every) >= SLOTS.least_known else None,
    )


def lengths_of(user: User) -> Lengths:
    """The person's usual lengths, from their newest estimates. One query."""
    newest = Task.objects.for_user(user).filter(estimated_minutes__isnull=False).order_by("-id")
    known = newest.values_list("category", "estimated_minutes")[:READ]
    return lengths_from((category, minutes) for category, minutes in known if minutes)
