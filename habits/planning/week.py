"""Where in the week a habit goes: within the minutes of each day, hard days apart, a day of rest kept."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from .draft import PlanHabit

HARD = ("run", "strength")


@dataclass
class Week:
    """The habits that run at the same time, and what each weekday holds."""

    budget: int
    habits: dict[str, PlanHabit] = field(default_factory=dict)

    def minutes(self, day: int) -> int:
        return sum(habit.minutes for habit in self.habits.values() if day in habit.on_days)

    def room(self, days: Iterable[int]) -> int:
        """The minutes that are free on every one of `days`."""
        return min((self.budget - self.minutes(day) for day in days), default=self.budget)

    def days_with(self, load: str) -> set[int]:
        return {d for h in self.habits.values() if h.load == load for d in h.on_days}

    def choose(
        self,
        times: int,
        minutes: int,
        *,
        load: str = "",
        weekend: bool = False,
        role: str = "support",
        among: Iterable[int] = range(7),
        before: Iterable[int] = (),
    ) -> list[int] | None:
        """The best `times` weekdays out of `among` that have `minutes` free; `None` if there are none.

        `before` are the weekdays it had so far: a habit that keeps its day keeps its cue.
        """
        fitting = [day for day in among if self.minutes(day) + minutes <= self.budget]
        if len(fitting) < times:
            return None
        options = combinations(fitting, times)
        best: tuple[int, ...] = min(
            options, key=lambda o: (self._cost(o, load, weekend, role, set(before)), o)
        )
        return list(best)

    def _cost(
        self, option: Sequence[int], load: str, weekend: bool, role: str, before: set[int]
    ) -> float:
        times = len(option)
        gaps = [(option[(i + 1) % times] - day - 1) % 7 + 1 for i, day in enumerate(option)]
        cost = sum((gap - 7 / times) ** 2 for gap in gaps) * 0.3
        cost += sum(self.minutes(day) for day in option) / max(1, self.budget * times)
        if before:
            cost += 2.0 * len(set(option) ^ before)
        if load in HARD:
            same = self.days_with(load)
            hard = {day for name in HARD for day in self.days_with(name)}
            taken = same | set(option)
            cost += 12.0 * len(same & set(option))
            cost += 10.0 * sum(1 for day in option if (day + 1) % 7 in taken)
            cost += 10.0 * sum(1 for day in option if (day - 1) % 7 in same)
            cost += 4.0 * len((hard - same) & set(option))
            cost += 0.6 * (6 in option)  # Sunday stays free when it can
            cost += {7: 30.0, 6: 6.0}.get(len(hard | set(option)), 0.0)
        if weekend:
            cost += 8.0 if not {5, 6} & set(option) else 0.0
            if times == 1:
                cost += 0.5 if option[0] == (6 if load else 5) else 0.0
        elif role == "review":
            cost += 0.0 if option[-1] == 6 else 3.0
        elif not load and times < 5:
            cost += 0.4 * len({5, 6} & set(option))
        if load == "run" and not weekend and times == 2:
            cost += 0.0 if not {5, 6} & set(option) else 2.0
        if load == "run" and times == 3:
            cost += 0.0 if 5 in option else 0.5
            cost += 0.5 if 6 in option else 0.0
        return cost
