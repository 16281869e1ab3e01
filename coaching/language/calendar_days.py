"""Days that people name instead of dates: months, seasons, holidays, ends of periods."""

import calendar
from datetime import date, timedelta

MONTHS = {
    name: number
    for number in range(1, 13)
    for name in (
        calendar.month_name[number].lower(),
        calendar.month_abbr[number].lower(),
        *(("sept",) if number == 9 else ()),
    )
}
# The month and day on which a season begins north of the equator.
_SEASONS = {"spring": (3, 20), "summer": (6, 21), "autumn": (9, 22), "fall": (9, 22)}
_SEASONS["winter"] = (12, 21)
_OPPOSITE = {"spring": "autumn", "autumn": "spring", "fall": "spring"}
_OPPOSITE |= {"summer": "winter", "winter": "summer"}
_FIXED = {
    "christmas eve": (12, 24),
    "christmas": (12, 25),
    "xmas": (12, 25),
    "new year's eve": (12, 31),
    "new years eve": (12, 31),
    "new year": (1, 1),
    "new year's day": (1, 1),
    "valentine's day": (2, 14),
    "valentines": (2, 14),
    "halloween": (10, 31),
}
HOLIDAYS = (*_FIXED, "thanksgiving", "easter")


def plus_months(day: date, months: int) -> date:
    """The same day `months` later, or the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def end_of_month(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def end_of_quarter(day: date) -> date:
    return end_of_month(day.replace(day=1, month=(day.month - 1) // 3 * 3 + 3))


def end_of_year(day: date) -> date:
    return date(day.year, 12, 31)


def end_of_week(day: date) -> date:
    """The Sunday of this week."""
    return day + timedelta(days=6 - day.weekday())


def next_date(today: date, month: int, day: int) -> date | None:
    """The next such day after today; none for a day that does not exist (31 April)."""
    for year in range(today.year, today.year + 9):
        if day <= calendar.monthrange(year, month)[1] and date(year, month, day) > today:
            return date(year, month, day)
    return None


def season_start(season: str, today: date, *, southern: bool = False) -> date:
    """The next first day of a season; `southern` for people south of the equator."""
    month, day = _SEASONS[_OPPOSITE[season] if southern else season]
    found = next_date(today, month, day)
    assert found is not None  # noqa: S101 — every season begins on a day that each year has
    return found


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (the anonymous algorithm; Meeus, 1991)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def _thanksgiving(year: int) -> date:
    first = date(year, 11, 1)
    return first + timedelta(days=(3 - first.weekday()) % 7 + 21)


def next_holiday(name: str, today: date) -> date | None:
    """The next day of a holiday in `HOLIDAYS`."""
    if name in _FIXED:
        return next_date(today, *_FIXED[name])
    of_year = easter if name == "easter" else _thanksgiving
    this_year = of_year(today.year)
    return this_year if this_year > today else of_year(today.year + 1)
