"""Every reader takes any text without raising, and what it reads keeps its promises."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coaching import language
from coaching.language.number_words import value_of
from coaching.language.spelling import Speller, distance
from coaching.language.wording import LONGEST, plain, tidy

WORDS = st.sampled_from(
    [
        "in",
        "by",
        "before",
        "next",
        "the",
        "end",
        "of",
        "march",
        "may",
        "summer",
        "year",
        "month",
        "weeks",
        "days",
        "3",
        "12",
        "a",
        "half",
        "couple",
        "friday",
        "every",
        "other",
        "day",
        "at",
        "7",
        "7:30am",
        "pm",
        "noon",
        "tomorrow",
        "tonight",
        "not",
        "happy",
        "frustrated",
        "i",
        "want",
        "to",
        "run",
        "5k",
        "$10,000",
        "minutes",
        "hour",
        "and",
        "99999999999",
        "/",
        "-",
        ":",
        ".",
        "’",
        "k",
        "31",
        "30",
        "feb",
        "remind",
        "me",
        "within",
        "christmas",
        "2027-02-30",
        "0",
        "24:00",
        "25",
        "o'clock",
        "quarter",
        "past",
        "new",
        "eve",
        "this",
        "last",
        "all",
        "time",
        "B1",
    ]
)
TEXTS = st.one_of(st.text(max_size=80), st.lists(WORDS, max_size=14).map(" ".join))
DAYS = st.dates(date(2024, 1, 1), date(2035, 12, 31))
ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Pacific/Auckland"])
MOMENTS = st.builds(
    lambda at, zone: at.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)),
    st.datetimes(datetime(2024, 1, 1), datetime(2035, 12, 31)),
    ZONES,
)


@given(TEXTS, MOMENTS)
def test_no_text_makes_a_reader_raise(text, now):
    language.parse_timeframe(text, now.date(), southern=True, locale="en-GB")
    language.parse_moment(text, now)
    for read in (
        language.parse_metrics,
        language.parse_frequency,
        language.parse_time_of_day,
        language.parse_constraints,
        language.parse_difficulty,
        language.parse_period,
        language.parse_obstacle,
        language.parse_goal,
        language.goal_category,
        language.tone,
        language.intent_of,
    ):
        read(text)
    language.parse_minutes_per_day(text)
    language.parse_minutes_per_day(text, answering=True)
    language.parse_goal(text, answering=True)


@given(TEXTS, DAYS)
def test_a_deadline_is_always_ahead(text, today):
    found = language.parse_timeframe(text, today)
    assert found is None or (found.deadline > today and found.start < found.deadline)
    assert found is None or found.words in plain(text)


@given(TEXTS, MOMENTS)
def test_a_moment_is_always_ahead_and_reads_back_as_itself(text, now):
    found = language.parse_moment(text, now)
    if found is None:
        return
    assert found.at > now
    assert found.at.utcoffset() is not None
    again = language.parse_moment(found.in_words(), now)
    assert again is not None
    assert again.weekdays == found.weekdays
    if found.weekdays:
        assert (again.at.hour, again.at.minute) == (found.at.hour, found.at.minute)
    else:
        assert abs(again.at - found.at) <= timedelta(minutes=1)


@given(TEXTS)
def test_minutes_stay_within_a_day(text):
    for answering in (False, True):
        minutes = language.parse_minutes_per_day(text, answering=answering)
        assert minutes is None or 1 <= minutes <= 960


@given(TEXTS)
def test_tone_and_scores_keep_their_bounds(text):
    assert -1 <= language.tone(text).score <= 1
    total = sum(language.category_scores(text).values())
    assert total == 0 or total == pytest.approx(1, abs=0.01)
    assert all(0 <= guess.confidence <= 1 for guess in language.guesses(text))


@given(st.text(max_size=120))
def test_tidying_twice_changes_nothing_more_in_spaces(text):
    assert "  " not in tidy(text)
    assert len(tidy("a" * (LONGEST * 2))) == LONGEST


@given(st.integers(1, 99))
def test_numbers_in_words_have_their_value(number):
    units = [
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
    ]
    tens = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
    if number < 20:
        words = units[number - 1]
    else:
        words = tens[number // 10 - 2] + (f"-{units[number % 10 - 1]}" if number % 10 else "")
    assert value_of(words) == number
    assert value_of(str(number)) == number


@given(st.integers(1, 23), st.sampled_from([1, 7, 30, 90]))
def test_what_was_written_as_digits_is_read_as_digits(count, days):
    today = date(2026, 11, 21)
    found = language.parse_timeframe(f"in {count} weeks", today)
    assert found is not None
    assert found.deadline == today + timedelta(weeks=count)
    period = language.parse_period(f"the last {days} days")
    assert period is not None
    assert period.code == f"{days}d"


@given(st.text("abcdefg", max_size=8), st.text("abcdefg", max_size=8))
def test_distance_is_symmetric_and_zero_only_for_equals(left, right):
    assert distance(left, right) == distance(right, left)
    assert (distance(left, right) == 0) == (left == right)


def test_a_slip_is_mended_and_a_known_word_is_left_alone():
    speller = Speller(["meditate", "reminder"], known=["mediate"])
    assert speller.mend("mediatte the remindr now") == "meditate the reminder now"
    assert speller.mend("mediate") == "mediate"
