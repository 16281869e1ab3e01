"""How nudges do: how many misfire and how many are of use, per tone, persona, trigger and template, with intervals."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import sqrt

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncDate

from productivity.models import CoachingNudge, NudgeMode, NudgeTrigger, PersonaType

from .settling import IN_WORDS

# The normal quantile of a 95 % interval.
Z = 1.96


@dataclass(frozen=True)
class Rate:
    """A share with its 95 % interval (Wilson 1927)."""

    part: int
    whole: int

    @property
    def value(self) -> float | None:
        return self.part / self.whole if self.whole else None

    @property
    def bounds(self) -> tuple[float, float] | None:
        if not self.whole:
            return None
        share, count = self.part / self.whole, self.whole
        middle = (share + Z**2 / (2 * count)) / (1 + Z**2 / count)
        half = Z / (1 + Z**2 / count)
        half *= sqrt(share * (1 - share) / count + Z**2 / (4 * count**2))
        return max(0.0, middle - half), min(1.0, middle + half)

    @property
    def words(self) -> str:
        if self.value is None or self.bounds is None:
            return "–"
        low, high = self.bounds
        return f"{self.value:.0%} ({low:.0%} to {high:.0%})"


@dataclass(frozen=True)
class Line:
    """The figures of one group of nudges that came."""

    name: str
    came: int
    misfired: Rate
    useful: Rate
    helped: Rate
    followed: Rate
    by_model: Rate


@dataclass(frozen=True)
class Day:
    """The nudges that came on one day (UTC)."""

    day: date
    came: int
    misfired: int

    @property
    def share(self) -> float:
        return self.misfired / self.came


_COUNTS = {
    "came": Count("pk"),
    "misfired": Count("pk", filter=~Q(misfire="")),
    "rated": Count("pk", filter=Q(usefulness_rating__isnull=False)),
    "useful": Count("pk", filter=Q(usefulness_rating=1)),
    "known": Count("pk", filter=Q(helped__isnull=False)),
    "helped": Count("pk", filter=Q(helped=True)),
    "sent": Count("pk", filter=Q(message__isnull=False)),
    "followed": Count("pk", filter=Q(message__engaged_at__isnull=False)),
    "written": Count("pk", filter=Q(source="llm")),
}


def _line(name: str, row: dict[str, int]) -> Line:
    return Line(
        name,
        row["came"],
        Rate(row["misfired"], row["came"]),
        Rate(row["useful"], row["rated"]),
        Rate(row["helped"], row["known"]),
        Rate(row["followed"], row["sent"]),
        Rate(row["written"], row["came"]),
    )


def overall(rows: QuerySet[CoachingNudge]) -> Line:
    """All nudges that came."""
    return _line("All", rows.filter(delivered=True).order_by().aggregate(**_COUNTS))


LABELS = {
    "mode": dict(NudgeMode.choices),
    "persona_type": dict(PersonaType.choices),
    "trigger": dict(NudgeTrigger.choices),
}


def by(rows: QuerySet[CoachingNudge], column: str, *, most: int = 40) -> list[Line]:
    """The nudges that came, per value of `column`, the most frequent first."""
    counted = (
        rows.filter(delivered=True)
        .order_by()
        .values(column)
        .annotate(**_COUNTS)
        .order_by("-came", column)[:most]
    )
    labels = LABELS.get(column, {})
    return [_line(labels.get(row[column], row[column] or "–"), row) for row in counted]


def misfires(rows: QuerySet[CoachingNudge]) -> list[tuple[str, int]]:
    """Why nudges misfired, in words, the most frequent first."""
    counted = rows.filter(delivered=True).exclude(misfire="").order_by()
    found = counted.values("misfire").annotate(count=Count("pk")).order_by("-count", "misfire")
    return [(IN_WORDS.get(row["misfire"], row["misfire"]), row["count"]) for row in found]


def fallbacks(rows: QuerySet[CoachingNudge]) -> list[tuple[str, int]]:
    """Why a template spoke instead of the model, the most frequent first."""
    counted = rows.exclude(fallback_reason="").order_by()
    found = counted.values("fallback_reason").annotate(count=Count("pk"))
    ordered = found.order_by("-count", "fallback_reason")
    return [(row["fallback_reason"].replace("_", " "), row["count"]) for row in ordered]


def days(rows: QuerySet[CoachingNudge]) -> Sequence[Day]:
    """The nudges that came, by day."""
    counted = (
        rows.filter(delivered=True, delivered_at__isnull=False)
        .order_by()
        .annotate(day=TruncDate("delivered_at"))
        .values("day")
        .annotate(came=Count("pk"), misfired=Count("pk", filter=~Q(misfire="")))
        .order_by("day")
    )
    return [Day(row["day"], row["came"], row["misfired"]) for row in counted]
