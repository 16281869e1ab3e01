"""When things come again: as RFC 5545 has it, on the person's own days, at their own clock."""

import contextlib
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given
from hypothesis import strategies as st

from accounts.day import local_day
from accounts.models import User
from productivity.recurrence import Repeat, check_rule, due_of, in_words, next_after

DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))
WEEKDAYS = st.lists(
    st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"]), min_size=1, max_size=4, unique=True
)


@st.composite
def rules(draw):
    freq = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    parts = [f"FREQ={freq}"]
    if draw(st.booleans()):
        parts.append(f"INTERVAL={draw(st.integers(1, 6))}")
    if draw(st.booleans()):
        days = draw(WEEKDAYS)
        if freq in ("MONTHLY", "YEARLY") and draw(st.booleans()):
            days = [f"{draw(st.sampled_from([1, 2, 3, -1, -2]))}{day}" for day in days]
        parts.append(f"BYDAY={','.join(days)}")
    elif freq != "WEEKLY" and draw(st.booleans()):
        dates = draw(
            st.lists(st.sampled_from([1, 5, 15, 28, 31, -1]), min_size=1, max_size=3, unique=True)
        )
        parts.append(f"BYMONTHDAY={','.join(map(str, dates))}")
    if freq != "WEEKLY" and draw(st.booleans()):
        parts.append(f"BYMONTH={draw(st.integers(1, 12))}")
    # dateutil takes the first week to begin with the first day; RFC 5545 knows whole weeks only.
    places = freq != "WEEKLY" and len(parts) > 2 and parts[-1].startswith("BYDAY")
    if places and draw(st.booleans()):
        parts.append(f"BYSETPOS={draw(st.sampled_from([1, 2, -1]))}")
    end = draw(st.sampled_from(["", "COUNT=3", "UNTIL=20320615"]))
    return ";".join([*parts, end]) if end else ";".join(parts)


@given(rules(), DAYS, st.integers(-400, 1200))
def test_the_days_are_those_of_rfc_5545(rule, starts_on, offset):
    after = starts_on + timedelta(days=offset)
    end = datetime(2060, 1, 1)
    text = rule if "UNTIL" in rule or "COUNT" in rule else f"{rule};UNTIL=20600101"
    begin = datetime.combine(starts_on, time())
    expected = rrulestr(text, dtstart=begin).after(datetime.combine(after, time()))
    found = next_after(Repeat(rule, starts_on), after)
    if expected is None:
        assert found is None or datetime.combine(found, time()) >= end
    else:
        assert found == expected.date()


def test_the_place_of_a_day_is_that_in_its_whole_week():
    monday = Repeat("FREQ=WEEKLY;BYDAY=MO,TU,WE;BYSETPOS=1", date(2020, 1, 1))
    assert next_after(monday, date(2019, 12, 31)) == date(2020, 1, 6)


@given(rules(), DAYS)
def test_a_rule_is_kept_in_one_form_and_can_be_said(rule, starts_on):
    kept = check_rule(f" rrule:{rule.lower()}; ")
    assert check_rule(kept) == kept
    repeat, same = Repeat(rule, starts_on), Repeat(kept, starts_on)
    assert next_after(repeat, starts_on) == next_after(same, starts_on)
    assert in_words(kept).startswith("every ")


@given(
    rules(),
    DAYS,
    st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]),
    st.integers(0, 6),
    st.times().map(lambda each: each.replace(microsecond=0)),
)
def test_a_clock_time_stays_what_it_is_over_the_changes_of_clocks(
    rule, starts_on, zone, day_start_hour, at
):
    person = User(timezone=zone, day_start_hour=day_start_hour)
    repeat = Repeat(rule, starts_on, at)
    day = starts_on
    for _ in range(8):
        following = next_after(repeat, day)
        if following is None:
            return
        due_at, due_on = due_of(person, repeat, following)
        assert due_on is None
        shown = due_at.astimezone(person.tz)
        naive = datetime.combine(shown.date(), shown.time())
        is_skipped = naive.replace(tzinfo=person.tz).astimezone(UTC) != due_at or shown.time() != at
        # Only a clock time that does not exist that night is shown as a later one.
        if not is_skipped:
            assert local_day(person, due_at) == following
        else:
            gap = datetime.combine(naive.date(), at).replace(tzinfo=person.tz)
            assert gap.astimezone(UTC).astimezone(person.tz).time() != at
        day = following


@pytest.mark.parametrize(
    ("rule", "starts_on", "expected"),
    [
        ("FREQ=DAILY", date(2026, 3, 28), ["2026-03-29", "2026-03-30"]),
        ("FREQ=WEEKLY;INTERVAL=2", date(2026, 10, 19), ["2026-11-02", "2026-11-16"]),
        ("FREQ=MONTHLY", date(2026, 1, 31), ["2026-03-31", "2026-05-31"]),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", date(2026, 1, 31), ["2026-02-28", "2026-03-31"]),
        ("FREQ=YEARLY", date(2024, 2, 29), ["2028-02-29", "2032-02-29"]),
        ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=-1", date(2026, 1, 26), ["2026-02-23", "2026-03-30"]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_known_rules(rule, starts_on, expected):
    found, day = [], starts_on
    for _ in expected:
        following = next_after(Repeat(rule, starts_on), day)
        assert following is not None
        day = following
        found.append(day.isoformat())
    assert found == expected


def test_both_changes_of_clocks_keep_eight_in_the_morning():
    person = User(timezone="Europe/Berlin", day_start_hour=3)
    repeat = Repeat("FREQ=DAILY", date(2026, 3, 28), time(8))
    hours = [
        due_of(person, repeat, day)[0].hour
        for day in (date(2026, 3, 28), date(2026, 3, 29), date(2026, 10, 24), date(2026, 10, 25))
    ]
    assert hours == [7, 6, 6, 7]


def test_what_counts_from_when_it_was_done_counts_how_often_it_was_made():
    repeat = Repeat("FREQ=DAILY;INTERVAL=3;COUNT=2", date(2026, 1, 1), repeat_from="completion")
    assert next_after(repeat, date(2026, 1, 7), made=1) == date(2026, 1, 10)
    assert next_after(repeat, date(2026, 1, 12), made=2) is None


@pytest.mark.parametrize(
    ("rule", "starts_on"),
    [
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", date(2026, 1, 1)),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", date(2026, 1, 1)),
        ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=6", date(2026, 1, 1)),
        ("FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYSETPOS=366;BYMONTH=2", date(2026, 1, 1)),
        ("FREQ=DAILY;INTERVAL=7;BYDAY=TU", date(2026, 1, 5)),
        ("FREQ=DAILY", date(2200, 12, 31)),
    ],
    ids=["30-feb", "daily-30-feb", "sixth-monday", "366th", "never-tuesday", "end-of-calendars"],
)
def test_a_rule_that_never_comes_is_known_for_it(rule, starts_on):
    assert next_after(Repeat(rule, starts_on), starts_on) is None


@pytest.mark.parametrize(
    "rule",
    [
        "", "every day", "FREQ=", "FREQ=HOURLY", "FREQ=DAILY;BYHOUR=3", "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=٣", "FREQ=DAILY;COUNT=2;UNTIL=20260101", "FREQ=DAILY;UNTIL=20261301",
        "FREQ=WEEKLY;BYDAY=1MO", "FREQ=MONTHLY;BYDAY=6MO", "FREQ=DAILY;FREQ=DAILY",
        "FREQ=WEEKLY;BYMONTHDAY=3", "FREQ=MONTHLY;BYMONTHDAY=0", "FREQ=DAILY;BYSETPOS=1",
        "FREQ=DAILY;COUNT=" + "9" * 200, "FREQ=DAILY;" * 60, "DTSTART=20260101;FREQ=DAILY",
    ],
    ids=lambda rule: rule[:30],
)  # fmt: skip
def test_what_cannot_be_followed_is_said_in_words(rule):
    with pytest.raises(ValueError, match=r"\w{3}"):
        check_rule(rule)


@given(st.text(max_size=40))
def test_any_text_is_a_rule_or_none(text):
    with contextlib.suppress(ValueError):
        assert check_rule(text)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("FREQ=DAILY", "every day"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TH,MO", "every 2 weeks on Monday and Thursday"),
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "every weekday"),
        ("FREQ=MONTHLY;BYMONTHDAY=1", "every month on the 1st"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "every month on the last day"),
        ("FREQ=MONTHLY;BYDAY=-1FR", "every month on the last Friday"),
        ("FREQ=YEARLY;BYMONTH=5;BYMONTHDAY=3", "every year on the 3rd in May"),
        ("FREQ=DAILY;UNTIL=20260503T120000Z", "every day until 3 May 2026"),
        ("FREQ=DAILY;COUNT=5", "every day, 5 times"),
    ],
    ids=lambda value: value if value.startswith("FREQ") else "",
)
def test_a_rule_in_words(rule, words):
    assert in_words(rule) == words


def test_a_rule_of_thousands_of_years_is_quick_to_look_into():
    repeat = Repeat("FREQ=DAILY;INTERVAL=1000;BYDAY=SU", date(2026, 1, 5))
    assert len(list(islice(_run(repeat), 5))) == 5


def _run(repeat):
    day = repeat.starts_on
    while (day := next_after(repeat, day)) is not None:
        yield day
