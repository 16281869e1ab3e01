"""What is known of when a person does what: odds, usual hours, and the counts behind both, for the reasons."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Q
from django.db.models.functions import ExtractHour

from accounts.models import User
from coaching.learning_permission import has_agreed
from productivity.models import SlotOdds, SlotTrial, Task, TrialKind

from .constants import SLOTS
from .odds import Cell, Odds, Rhythm, Trials, rhythm_from
from .scoring import preferred_hours

SAME_KIND = 3.0
PARTS = ((5, 12, "morning"), (12, 17, "afternoon"), (17, 22, "evening"), (22, 29, "night"))


def part_of_day(hour: int) -> tuple[range, str]:
    """The hours (past 23: of the next day) and the name of the part of the day that `hour` lies in."""
    hour = hour + 24 if hour < PARTS[0][0] else hour
    first, last, name = next(part for part in PARTS if hour < part[1])
    return range(first, last), name


@dataclass(frozen=True)
class Known:
    """A person's rhythm: `done` per category and hour, `slots` that are over per cell."""

    zone: ZoneInfo
    odds: Rhythm
    done: Mapping[str, list[float]] = field(default_factory=dict)
    slots: Mapping[Cell, Trials] = field(default_factory=dict)

    def odds_at(self, at: datetime, category: str) -> Odds:
        clock = at.astimezone(self.zone)
        return self.odds.of(Cell(clock.weekday(), clock.hour, category))

    def preferred(self, category: str) -> list[float]:
        """How usual each hour is for things of `category`; other categories count less."""
        total = [0.0] * 24
        for name, hours in self.done.items():
            for hour, count in enumerate(hours):
                total[hour] += count * (SAME_KIND if name == category else 1.0)
        return preferred_hours(total)

    @property
    def knows_preferences(self) -> bool:
        return sum(map(sum, self.done.values())) >= SLOTS.preference_least

    def slots_in(self, hours: range, category: str, weekday: int | None = None) -> Trials:
        """Planned slots that are over, in these hours of one weekday or of all."""
        clock = {hour % 24 for hour in hours}
        found = [
            seen
            for cell, seen in self.slots.items()
            if cell.hour in clock
            and cell.category == category
            and (weekday is None or cell.weekday == weekday)
        ]
        return Trials(sum(one.tried for one in found), sum(one.worked for one in found))


def known_of(user: User, *, now: datetime) -> Known:
    """What is known of the person's rhythm; nothing of whoever does not agree to tracking. Four queries."""
    if not has_agreed(user):
        return Known(user.tz, Rhythm({}))
    stored = SlotOdds.objects.filter(user=user, tried__gt=0)
    odds = rhythm_from(stored.values_list("weekday", "hour", "category", "tried", "worked"))
    done: dict[str, list[float]] = defaultdict(lambda: [0.0] * 24)
    since = now - timedelta(days=SLOTS.preference_days)
    completed = Task.objects.for_user(user).filter(completed_at__gte=since, completed_at__lte=now)
    for category, hour, count in (
        completed.annotate(hour=ExtractHour("completed_at", tzinfo=user.tz))
        .values_list("category", "hour")
        .annotate(count=Count("id"))
        .order_by()
    ):
        done[category][hour] += count
    over = (
        SlotTrial.objects.filter(user=user, kind=TrialKind.PLAN)
        .values_list("weekday", "hour", "category")
        .annotate(tried=Count("id"), worked=Count("id", filter=Q(worked=True)))
        .order_by()
    )
    slots = {
        Cell(weekday, hour, category): Trials(tried, worked)
        for weekday, hour, category, tried, worked in over
    }
    return Known(user.tz, odds, dict(done), slots)
