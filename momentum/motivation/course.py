"""The course of energy and motivation over days, as series that charts can show."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.db.models import Avg

from accounts.models import User
from coaching.toolkit import Series, SeriesPoint

from .checking_in import ENERGY, ENERGY_WORDS, MOODS, MOTIVATION, standing_rows


def scales() -> dict[str, Any]:
    """What a form of a check-in offers."""
    return {
        "energies": [(value, ENERGY_WORDS[value]) for value in range(ENERGY[0], ENERGY[1] + 1)],
        "motivations": range(MOTIVATION[0], MOTIVATION[1] + 1),
        "moods": MOODS,
    }


def energy(user: User, first: date, last: date) -> Series:
    """The mean energy of each day, 1 to 5."""
    points = list(_points(user, "energy", first, last))
    return Series("Energy", points, low=float(ENERGY[0]), high=float(ENERGY[1]))


def motivation(user: User, first: date, last: date) -> Series:
    """The mean motivation of each day, 1 to 10."""
    points = list(_points(user, "motivation", first, last))
    return Series("Motivation", points, low=float(MOTIVATION[0]), high=float(MOTIVATION[1]))


def _points(user: User, figure: str, first: date, last: date) -> Iterable[SeriesPoint]:
    # Figures told in a crisis are kept, and feed nothing.
    rows = standing_rows(user).filter(
        local_date__range=(first, last), is_crisis=False, **{f"{figure}__isnull": False}
    )
    means = dict(
        rows.order_by()
        .values("local_date")
        .annotate(mean=Avg(figure))
        .values_list("local_date", "mean")
    )
    for ahead in range((last - first).days + 1):
        day = first + timedelta(days=ahead)
        mean = means.get(day)
        yield SeriesPoint(day, mean, "" if mean is None else f"{mean:.1f}".removesuffix(".0"))
