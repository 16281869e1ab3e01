"""Open hours are hours on the person's own clock, also in the nights when the clock jumps."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coaching.outreach.open_hours import OpenHours

BERLIN = ZoneInfo("Europe/Berlin")
DAY = OpenHours(time(8), time(21))
ZONES = st.sampled_from(
    [
        "Europe/Berlin",
        "America/New_York",
        "Australia/Lord_Howe",
        "Asia/Kolkata",
        "Pacific/Apia",
        "America/St_Johns",
        "Africa/Casablanca",
        "Pacific/Chatham",
    ]
).map(ZoneInfo)
# Nights around changes of the clock come up as often as all others together.
MOMENTS = st.one_of(
    st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1)),
    *[
        st.datetimes(day - timedelta(days=1), day + timedelta(days=2))
        for day in (
            datetime(2026, 3, 8),
            datetime(2026, 3, 29),
            datetime(2026, 4, 5),
            datetime(2026, 10, 4),
            datetime(2026, 10, 25),
            datetime(2026, 11, 1),
        )
    ],
).map(lambda moment: moment.replace(tzinfo=UTC))
CLOCKS = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 59]))
HOURS = st.builds(OpenHours, CLOCKS, CLOCKS)


def berlin(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("clock", "is_open"), [((7, 59), False), ((8, 0), True), ((20, 59), True), ((21, 0), False)]
)
def test_it_opens_at_its_first_minute_and_closes_before_its_last(clock, is_open) -> None:
    assert DAY.hold(berlin(6, 1, *clock), BERLIN) is is_open


def test_the_night_ends_in_the_morning() -> None:
    assert DAY.first_from(berlin(6, 1, 22), BERLIN) == berlin(6, 2, 8)
    assert DAY.first_from(berlin(6, 1, 3), BERLIN) == berlin(6, 1, 8)


def test_hours_may_reach_over_midnight() -> None:
    late = OpenHours(time(20), time(2))
    assert late.hold(berlin(6, 1, 1), BERLIN)
    assert late.first_from(berlin(6, 1, 3), BERLIN) == berlin(6, 1, 20)


def test_hours_without_an_end_are_always_open() -> None:
    assert OpenHours(time(8), time(8)).hold(berlin(6, 1, 3), BERLIN)


def test_an_opening_that_the_clock_skips_is_where_it_lands() -> None:
    hours = OpenHours(time(2, 30), time(21))
    assert hours.first_from(berlin(3, 29, 1), BERLIN) == berlin(3, 29, 3)


@pytest.mark.parametrize("window", [None, [], "8-21", {"from": "8"}, {"from": "x", "to": "y"}])
def test_a_window_that_cannot_be_read_is_not_one(window) -> None:
    assert OpenHours.wished(window, DAY) == DAY


def test_a_window_is_what_the_person_set() -> None:
    wished = OpenHours.wished({"from": "06:30", "to": "22:00"}, DAY)
    assert wished == OpenHours(time(6, 30), time(22))


@given(HOURS, MOMENTS, ZONES)
def test_the_first_open_moment_is_open_and_nothing_before_it_is(hours, at, zone) -> None:
    first = hours.first_from(at, zone)
    assert first >= at
    assert hours.hold(first, zone)
    minutes = int((first - at) / timedelta(minutes=1))
    for minute in range(0, minutes, 7):
        assert not hours.hold(at + timedelta(minutes=minute), zone)
    if first > at:
        assert not hours.hold(first - timedelta(microseconds=1), zone)
