"""The hours in which tasks may be planned: the person's window, their working hours, what belongs into which.

A day of the week is that of the clock on which hours begin: work from 22:00 to 06:00 on Monday ends on Tuesday.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from accounts.models import User
from coaching.models import Preferences
from coaching.outreach.choices import hours_of
from productivity.models import PlanningHours

from .spans import Stretch, merged, without

WEEKDAY_KEYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Kind(StrEnum):
    """Where a category belongs."""

    WORK = "work"
    PRIVATE = "private"
    ANY = "any"


@dataclass(frozen=True)
class Hours:
    """What a person said about their time, free of the database. `work`: per weekday (0 = Monday), from and until."""

    zone: ZoneInfo
    opens: time
    closes: time
    work: Mapping[int, tuple[time, time]]
    buffer: timedelta
    work_categories: frozenset[str]
    private_categories: frozenset[str]

    def kind_of(self, category: str) -> Kind:
        """Where tasks of `category` belong; without working hours anything may lie anywhere."""
        if not self.work:
            return Kind.ANY
        if category in self.work_categories:
            return Kind.WORK
        return Kind.PRIVATE if category in self.private_categories else Kind.ANY

    def working(self, since: datetime, until: datetime) -> list[Stretch]:
        """The working hours that touch the span."""
        return self._stretches(self.work, since, until)

    def window(self, since: datetime, until: datetime) -> list[Stretch]:
        """All hours in which tasks may be planned: the person's window, and their working hours."""
        every_day = dict.fromkeys(range(7), (self.opens, self.closes))
        return merged(
            [*self._stretches(every_day, since, until), *self.working(since, until)],
        )

    def open_for(self, category: str, since: datetime, until: datetime) -> list[Stretch]:
        """The hours in which tasks of `category` may be planned."""
        kind = self.kind_of(category)
        if kind is Kind.WORK:
            return merged(self.working(since, until))
        window = self.window(since, until)
        return window if kind is Kind.ANY else without(window, self.working(since, until))

    def _stretches(
        self, by_weekday: Mapping[int, tuple[time, time]], since: datetime, until: datetime
    ) -> list[Stretch]:
        """Clock times of weekdays as moments. Hours that a change of the clock skips or doubles count as they are."""
        day = since.astimezone(self.zone).date() - timedelta(days=1)
        last = until.astimezone(self.zone).date()
        found = []
        while day <= last:
            hours = by_weekday.get(day.weekday())
            if hours is not None:
                opens, closes = hours
                ends_on = day if opens < closes else day + timedelta(days=1)
                stretch = Stretch(self._moment(day, opens), self._moment(ends_on, closes))
                if stretch.starts < until and since < stretch.ends:
                    found.append(stretch)
            day += timedelta(days=1)
        return found

    def _moment(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, tzinfo=self.zone).astimezone(UTC)


def hours_for(user: User) -> Hours:
    """The person's hours as they set them; two queries."""
    chosen = PlanningHours.objects.filter(user=user).first() or PlanningHours(user=user)
    opens, closes = chosen.opens, chosen.closes
    if opens is None or closes is None:
        preferences = Preferences.objects.filter(user=user).first() or Preferences(user=user)
        opens, closes = hours_of(preferences)
    return Hours(
        zone=user.tz,
        opens=opens,
        closes=closes,
        work=working_hours(user.work_hours),
        buffer=timedelta(minutes=chosen.buffer_minutes),
        work_categories=frozenset(chosen.work_categories),
        private_categories=frozenset(chosen.private_categories),
    )


def working_hours(told: Any) -> dict[int, tuple[time, time]]:
    """Working hours as stored (`{"mon": ["09:00", "17:00"]}`) by weekday; what is not readable is left out."""
    found = {}
    for weekday, key in enumerate(WEEKDAY_KEYS):
        span = told.get(key) if isinstance(told, Mapping) else None
        if not isinstance(span, list | tuple) or len(span) != 2:
            continue
        try:
            opens, closes = (time.fromisoformat(str(part)) for part in span)
        except ValueError:
            continue
        if opens != closes:
            found[weekday] = (opens.replace(tzinfo=None), closes.replace(tzinfo=None))
    return found


def set_hours(
    user: User,
    *,
    work: Mapping[int, tuple[time, time]],
    window: tuple[time, time] | None,
    buffer_minutes: int,
    work_categories: list[str],
    private_categories: list[str],
) -> PlanningHours:
    """Keeps what the person says about their time; `window` of `None` means: when messages may come."""
    with transaction.atomic():
        told = {
            WEEKDAY_KEYS[weekday]: [f"{opens:%H:%M}", f"{closes:%H:%M}"]
            for weekday, (opens, closes) in sorted(work.items())
        }
        if user.work_hours != told:
            user.work_hours = told
            user.save(update_fields=["work_hours", "updated_at"])
        opens, closes = window or (None, None)
        row, _ = PlanningHours.objects.update_or_create(
            user=user,
            defaults={
                "opens": opens,
                "closes": closes,
                "buffer_minutes": buffer_minutes,
                "work_categories": cleaned_categories(work_categories),
                "private_categories": cleaned_categories(private_categories),
            },
        )
    return row


def cleaned_categories(names: list[str]) -> list[str]:
    """Categories as tasks have them: lower case, stripped, each once."""
    return list(dict.fromkeys(name.strip().lower()[:40] for name in names if name.strip()))
