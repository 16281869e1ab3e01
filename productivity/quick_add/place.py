"""Where the person is in time while they type."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta


@dataclass(frozen=True)
class Place:
    """The moment of typing in the person's zone, and how they count days and write dates."""

    now: datetime
    day_start_hour: int
    month_first: bool

    @property
    def today(self) -> date:
        """Half past midnight still belongs to the day before for whom the day begins at three."""
        return self.day_of(self.now)

    def day_of(self, at: datetime) -> date:
        day = at.date()
        return day - timedelta(days=1) if at.hour < self.day_start_hour else day

    def end_of(self, day: date) -> datetime:
        """The end of the person's day, which is the beginning of the next."""
        return self.at(day + timedelta(days=1), time(self.day_start_hour))

    def at(self, day: date, clock: time) -> datetime:
        """That clock time of the calendar's day; one that a change of clocks skips is moved on by the gap."""
        moment = datetime.combine(day, clock, tzinfo=self.now.tzinfo)
        return moment.astimezone(UTC).astimezone(self.now.tzinfo)

    def later(self, step: timedelta) -> datetime:
        """So much real time after now, to the minute."""
        moment = (self.now.astimezone(UTC) + step).astimezone(self.now.tzinfo)
        return moment.replace(second=0, microsecond=0)
