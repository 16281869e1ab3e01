"""Which past day is meant."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from momentum.day_said import WEEKDAYS, day_said

TODAY = date(2026, 11, 5)  # a Thursday
DAYS = st.dates(date(2020, 1, 1), date(2030, 1, 1))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("today", date(2026, 11, 5)),
        ("explain my score for yesterday", date(2026, 11, 4)),
        ("the day before yesterday", date(2026, 11, 3)),
        ("3 days ago", date(2026, 11, 2)),
        ("two weeks ago", date(2026, 10, 22)),
        ("a week ago", date(2026, 10, 29)),
        ("Twenty-one days ago", date(2026, 10, 15)),
        ("why was my momentum low on Monday?", date(2026, 11, 2)),
        ("on Thursday", date(2026, 11, 5)),
        ("last Thursday", date(2026, 10, 29)),
        ("on 3 Nov", date(2026, 11, 3)),
        ("on the 3rd of November", date(2026, 11, 3)),
        ("November 3rd", date(2026, 11, 3)),
        ("24 Dec", date(2025, 12, 24)),
        ("24 December 2024", date(2024, 12, 24)),
        ("2026-11-01", date(2026, 11, 1)),
        ("why is my score where it is", None),
        ("31 Feb", None),
        ("2027-01-01", None),
    ],
)
def test_words_name_a_day(words: str, expected: date | None):
    assert day_said(words, TODAY) == expected


@given(st.text(max_size=80), DAYS)
def test_whatever_is_said_no_day_to_come_is_meant(words: str, today: date):
    found = day_said(words, today)
    assert found is None or found <= today


@given(DAYS, st.integers(0, 700))
def test_a_written_date_is_that_date(today: date, back: int):
    day = today - timedelta(days=back)
    assert day_said(f"explain {day.isoformat()} please", today) == day


@given(DAYS, st.sampled_from(WEEKDAYS))
def test_a_weekday_is_the_last_one_that_was(today: date, weekday: str):
    found = day_said(f"on {weekday}", today)
    assert found is not None
    assert 0 <= (today - found).days < 7
    assert found.weekday() == WEEKDAYS.index(weekday)
