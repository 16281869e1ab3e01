"""A person's day, also in the nights that are 23 or 25 hours long."""

from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from accounts.day import day_bounds, local_day, local_moment
from accounts.models import User

# Zones with northern and southern changes, half-hour changes, changes at midnight, days that never were.
ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/Sao_Paulo",
    "America/Havana",
    "Africa/Cairo",
    "Asia/Kolkata",
    "Asia/Gaza",
    "Australia/Lord_Howe",
    "Pacific/Auckland",
    "Pacific/Kiritimati",
]
people = st.builds(
    lambda zone, hour: User(timezone=zone, day_start_hour=hour),
    st.sampled_from(ZONES),
    st.integers(0, 6),
)
days = st.dates(date(2012, 1, 2), date(2035, 12, 30))


def berliner(hour: int = 3) -> User:
    return User(timezone="Europe/Berlin", day_start_hour=hour)


def test_half_past_midnight_still_belongs_to_yesterday() -> None:
    late = datetime(2026, 3, 10, 23, 30, tzinfo=UTC)  # 00:30 in Berlin
    assert local_day(berliner(), late) == date(2026, 3, 10)
    assert local_day(berliner(hour=0), late) == date(2026, 3, 11)


def test_the_short_and_the_long_night() -> None:
    starts, ends = day_bounds(berliner(0), date(2026, 3, 29))
    assert ends - starts == timedelta(hours=23)
    starts, ends = day_bounds(berliner(0), date(2026, 10, 25))
    assert ends - starts == timedelta(hours=25)


def test_the_day_that_starts_at_a_skipped_hour_starts_after_the_gap() -> None:
    user = berliner(hour=2)
    starts, _ = day_bounds(user, date(2026, 3, 29))
    assert starts == datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert local_day(user, starts) == date(2026, 3, 29)
    assert local_day(user, starts - timedelta(seconds=1)) == date(2026, 3, 28)


def test_the_repeated_hour_belongs_to_one_day_only() -> None:
    user = berliner(hour=3)
    twice = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # 02:30 for the first time
    assert local_day(user, twice) == local_day(user, twice + timedelta(hours=1))


@given(people, days)
def test_days_tile_time_without_gap_or_overlap(user: User, day: date) -> None:
    starts, ends = day_bounds(user, day)
    assert starts <= ends
    assert day_bounds(user, day + timedelta(days=1))[0] == ends


@given(people, days, st.integers(0, 10**12))
def test_every_moment_of_a_day_is_in_that_day(user: User, day: date, number: int) -> None:
    starts, ends = day_bounds(user, day)
    if starts == ends:  # a calendar day that a zone left out
        return
    moment = starts + timedelta(microseconds=number) % (ends - starts)
    assert local_day(user, moment) == day


@given(people, st.datetimes(datetime(2012, 1, 2), datetime(2035, 12, 30)))
def test_every_moment_lies_within_the_bounds_of_its_day(user: User, naive: datetime) -> None:
    moment = naive.replace(tzinfo=UTC)
    starts, ends = day_bounds(user, local_day(user, moment))
    assert starts <= moment < ends


@given(people, days, st.times())
def test_a_clock_time_of_a_day_happens_within_that_day(user: User, day: date, at: time) -> None:
    starts, ends = day_bounds(user, day)
    moment = local_moment(user, day, at)
    # A skipped clock time moves on by the length of the gap, at most out of a day by as much.
    assert starts - timedelta(hours=1) <= moment <= ends + timedelta(hours=1)


def test_a_skipped_clock_time_moves_forward_by_the_gap() -> None:
    assert local_moment(berliner(0), date(2026, 3, 29), time(2, 30)) == datetime(
        2026, 3, 29, 1, 30, tzinfo=UTC
    )


def test_a_time_before_the_day_starts_is_in_the_night_after() -> None:
    assert local_moment(berliner(3), date(2026, 6, 1), time(1)) == datetime(
        2026, 6, 1, 23, tzinfo=UTC
    )
