"""The moments of a person's day at which it is decided whether to speak."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import md5
from uuid import UUID

from django.db.models import CharField, Q, QuerySet, Value
from django.db.models.functions import MD5, Cast, Concat, Left

from accounts.models import User

from .config import NUMBERS, PolicyNumbers

# A person's offset is read from the first digits of a digest, in Python and in SQL alike.
_DIGITS = 4
_STEPS = 16**_DIGITS


@dataclass(frozen=True)
class _Near:
    """A point that people of some zones may have reached, by the digests of those who have.

    Digests are compared as text: from `low` to below `high`, or to the end when `high` is empty.
    """

    point: str
    zones: tuple[str, ...]
    low: str
    high: str


def offset_minutes(user_id: UUID, point: str, numbers: PolicyNumbers = NUMBERS) -> float:
    """How many minutes before (-) or after its usual time this person's `point` lies; always the same.

    Without an offset a whole time zone would be written to in the same minute.
    """
    step = int(_digest(user_id, point), 16)
    return (2 * step / _STEPS - 1) * numbers.jitter_minutes


def _digest(user_id: UUID, point: str) -> str:
    return md5(f"{user_id}{point}".encode(), usedforsecurity=False).hexdigest()[:_DIGITS]


def point_reached(user: User, now: datetime, numbers: PolicyNumbers = NUMBERS) -> str | None:
    """The decision point of `user` whose moment came at `now` or up to `catch_up_minutes` before."""
    clock = _minute_of_day(now.astimezone(user.tz))
    for point, at in numbers.points.items():
        since = clock - (at.hour * 60 + at.minute) - offset_minutes(user.pk, point, numbers)
        if 0 <= since < numbers.catch_up_minutes:
            return point
    return None


def with_point_reached(
    people: QuerySet[User], clocks: Mapping[str, datetime], numbers: PolicyNumbers = NUMBERS
) -> QuerySet[User]:
    """Those of `people` for whom `point_reached` finds a point: the same rule as one query.

    `clocks` is what the clock shows now in every zone.
    """
    reached = Q(pk__in=[])
    for near in _nearby(clocks, numbers):
        name = f"digest_{near.point}"
        people = people.alias(
            **{name: Left(MD5(Concat(Cast("pk", CharField()), Value(near.point))), _DIGITS)}
        )
        condition = Q(timezone__in=near.zones) & Q(**{f"{name}__gte": near.low})
        if near.high:
            condition &= Q(**{f"{name}__lt": near.high})
        reached |= condition
    return people.filter(reached)


def _nearby(clocks: Mapping[str, datetime], numbers: PolicyNumbers) -> Iterator[_Near]:
    by_clock: dict[float, list[str]] = {}
    for zone in sorted(clocks):
        by_clock.setdefault(_minute_of_day(clocks[zone]), []).append(zone)
    for clock, named in by_clock.items():
        for point, at in numbers.points.items():
            late = clock - (at.hour * 60 + at.minute)
            # Reached when offset <= late, and not too long ago when offset > late - catch_up.
            low = _first_step_above(late - numbers.catch_up_minutes, numbers)
            high = _first_step_above(late, numbers)
            if low < high:
                yield _Near(point, tuple(named), _text(low), _text(high) if high < _STEPS else "")


def _first_step_above(minutes: float, numbers: PolicyNumbers) -> int:
    """The first digest whose offset is greater than `minutes`; `_STEPS` when there is none."""
    step = int((minutes / numbers.jitter_minutes + 1) / 2 * _STEPS) - 2
    step = min(_STEPS, max(0, step))
    while step < _STEPS and (2 * step / _STEPS - 1) * numbers.jitter_minutes <= minutes:
        step += 1
    return step


def _text(step: int) -> str:
    return format(step, f"0{_DIGITS}x")


def _minute_of_day(local: datetime) -> float:
    return local.hour * 60 + local.minute + local.second / 60
