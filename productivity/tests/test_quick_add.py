"""One line of plain words becomes a task, and nothing that was not understood is lost."""

import time as clock
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.day import day_bounds, local_day
from productivity import changing, quick_add
from productivity.models import Priority, RepeatFrom, Task
from productivity.quick_add import Kind, QuickAdd, parse
from productivity.recurrence import Repeat, next_after

from .factories import UserFactory
from .quick_add_phrases import PHRASES

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 18, 10, 0, tzinfo=BERLIN)  # a Wednesday


def repeat_of(line: str) -> Repeat:
    read = parse(line, now=NOW).repeat
    assert read
    return read


def meaning(read: QuickAdd) -> str:
    parts = []
    if read.due_on:
        parts.append(f"on {read.due_on:%a %Y-%m-%d}")
    elif read.due_at:
        parts.append(f"at {read.due_at:%a %Y-%m-%d %H:%M}")
    if read.repeat:
        counted = " after done" if read.repeat.repeat_from == RepeatFrom.COMPLETION else ""
        parts.append(read.repeat.rule + counted)
    if read.estimated_minutes:
        parts.append(f"{read.estimated_minutes} min")
    if read.priority:
        parts.append(f"!{read.priority.label.lower()}")
    if read.category:
        parts.append(f"#{read.category}")
    if read.description:
        parts.append(f"// {read.description}")
    return ", ".join(parts)


@pytest.mark.parametrize(("text", "title", "understood"), PHRASES)
def test_phrases_are_read_as_people_mean_them(text, title, understood):
    read = parse(text, now=NOW)
    assert (read.title, meaning(read)) == (title, understood)


def test_numeric_dates_follow_the_persons_way_of_writing_them():
    assert parse("renew on 3/4", now=NOW).due_on == date(2027, 4, 3)
    assert parse("renew on 3/4", now=NOW, month_first=True).due_on == date(2027, 3, 4)
    assert parse("renew on 25/12", now=NOW, month_first=True).due_on == date(2026, 12, 25)


def test_half_past_midnight_belongs_to_the_day_before():
    late = datetime(
        2026, 11, 19, 0, 30, tzinfo=BERLIN
    )  # Wednesday still, for who begins the day at three
    assert parse("bins today", now=late).due_on == date(2026, 11, 18)
    assert parse("bins today", now=late, day_start_hour=0).due_on == date(2026, 11, 19)
    assert parse("bins tomorrow", now=late).due_on == date(2026, 11, 19)
    assert parse("call tomorrow 9am", now=late).due_at == datetime(2026, 11, 19, 9, tzinfo=BERLIN)
    assert parse("bins every wednesday", now=late).due_on == date(2026, 11, 18)
    assert parse("bins thursday", now=late).due_on == date(2026, 11, 19)


def test_a_whole_day_ends_where_the_next_begins():
    read = parse("bins today", now=NOW, day_start_hour=4)
    assert read.due_at == datetime(2026, 11, 19, 4, tzinfo=BERLIN)


def test_a_clock_time_that_is_past_is_the_next_one():
    evening = NOW.replace(hour=19)
    assert parse("call 6pm", now=evening).due_at == datetime(2026, 11, 19, 18, tzinfo=BERLIN)
    assert parse("call 8pm", now=evening).due_at == datetime(2026, 11, 18, 20, tzinfo=BERLIN)
    next_week = datetime(2026, 11, 25, 18, tzinfo=BERLIN)
    assert parse("call wednesday 6pm", now=evening).due_at == next_week


def test_tonight_said_late_is_still_today():
    read = parse("clean tonight", now=NOW.replace(hour=22))
    assert (read.title, read.due_on) == ("clean", date(2026, 11, 18))


def test_a_clock_time_that_the_change_of_clocks_skips_moves_on_by_the_gap():
    before = datetime(2026, 3, 28, 12, 0, tzinfo=BERLIN)
    read = parse("check server tomorrow 2:30am", now=before, day_start_hour=0)
    assert read.due_at == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert read.due_at.hour == 3


def test_hours_from_now_are_real_hours_over_the_change_of_clocks():
    before = datetime(2026, 3, 29, 1, 30, tzinfo=BERLIN)
    assert parse("check in 2 hours", now=before).due_at == datetime(2026, 3, 29, 2, 30, tzinfo=UTC)


def test_a_repeat_begins_on_its_first_day_ahead():
    read = repeat_of("gym every mon and thu 7am")
    assert (read.starts_on, read.local_time) == (date(2026, 11, 19), time(7))
    late = repeat_of("stretch every day at 9:00")
    assert late.starts_on == date(2026, 11, 19)


def test_fortnights_are_counted_from_the_first_of_them():
    line = "bins every 2 weeks on tuesday"
    read = repeat_of(line)
    assert read.starts_on == parse(line, now=NOW).due_on == date(2026, 11, 24)
    assert next_after(read, date(2026, 11, 24)) == date(2026, 12, 8)


def test_a_repeat_that_is_over_before_it_begins_is_not_read():
    text = "gym every friday until tomorrow"
    assert parse(text, now=NOW) == QuickAdd(title=text)


def test_quoted_words_stay_as_they_are():
    assert parse('read "Every Day !high #now" ', now=NOW) == QuickAdd(
        title='read "Every Day !high #now"'
    )


def test_each_thing_understood_says_where_it_stands_and_what_it_means():
    text = "call mum tomorrow 6pm 15 min !high #family every day"
    read = parse(text, now=NOW)
    told = {(text[span.start : span.end], span.kind, span.words) for span in read.understood}
    assert told == {
        ("tomorrow", Kind.DUE, "Thu 19 Nov 2026, 18:00"),
        ("6pm", Kind.DUE, "Thu 19 Nov 2026, 18:00"),
        ("15 min", Kind.ESTIMATE, "15 min"),
        ("!high", Kind.PRIORITY, "High"),
        ("#family", Kind.CATEGORY, "family"),
        ("every day", Kind.REPEAT, "every day"),
    }


def test_a_title_that_is_too_long_goes_on_in_the_description():
    words = "word " * 80
    read = parse(f"{words}// more", now=NOW)
    assert len(read.title) <= 200
    assert f"{read.title} {read.description}".split() == [*words.split(), "more"]


def test_what_is_behind_a_very_long_line_is_kept_unread():
    text = "x" * 40 + " y" * 400 + " tomorrow"
    read = parse(text, now=NOW)
    assert f"{read.title} {read.description}".split() == text.split()
    assert read.due_at is None


@pytest.mark.parametrize(
    "text",
    ["every " * 80, "on the " * 70, "1 " * 250, "9" * 500, "9.9." * 120, "at " * 160, "in 9" + "0" * 480 + " days", "#" * 500, "5-" * 250, "mon and " * 60, ", " * 250, "( " * 250, '"' * 499],
    ids=range(13),
)  # fmt: skip
def test_odd_lines_are_read_in_no_time(text):
    began = clock.process_time()
    parse(text, now=NOW)
    assert clock.process_time() - began < 1


_PIECES = st.sampled_from(
    [
        "call",
        "mum",
        "buy",
        "report",
        "on",
        "by",
        "at",
        "due",
        "for",
        "in",
        "the",
        "every",
        "next",
        "last",
        "until",
        "after",
        "6pm",
        "18:30",
        "6",
        "3",
        "15",
        "min",
        "2h",
        "half",
        "an",
        "hour",
        "tomorrow",
        "today",
        "tonight",
        "friday",
        "mon",
        "sunday",
        "may",
        "3",
        "december",
        "31",
        "2026-12-01",
        "12/24",
        "noon",
        "midnight",
        "weekly",
        "daily",
        "month",
        "!high",
        "p1",
        "!!",
        "asap",
        "urgent:",
        "#home",
        "@work,",
        "~20m",
        "//",
        ":",
        "-",
        "(",
        ")",
        '"',
        "“",
        "”",
        "!",
        "?",
        ",",
        ";",
        "\n",
        "times",
        "week",
        "weekend",
        "end",
        "of",
        "done",
        "İ",
        "ß",
        "²",
        "٣",
        "\ue001",
    ]
)
_TEXTS = st.one_of(st.text(max_size=80), st.lists(_PIECES, max_size=14).map(" ".join))
_MOMENTS = st.datetimes(
    min_value=datetime(2020, 1, 1), max_value=datetime(2040, 1, 1), timezones=st.sampled_from(
        [ZoneInfo(name) for name in ("Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC")]
    )
)  # fmt: skip


def letters(text: str) -> list[str]:
    return sorted(letter for letter in text if not letter.isspace())


@given(_TEXTS, _MOMENTS, st.integers(0, 6), st.booleans())
def test_no_text_raises_and_none_of_it_is_lost(text, now, hour, month_first):
    read = parse(text, now=now, day_start_hour=hour, month_first=month_first)
    end = 0
    for span in read.understood:
        assert end <= span.start < span.end <= len(text)
        assert span.words
        end = span.end
    assert bool(read.title) == bool(text.strip())
    assert len(read.title) <= 200
    if read.repeat:
        assert read.repeat.starts_on >= (now - timedelta(hours=hour)).date() - timedelta(days=1)
        assert (
            next_after(read.repeat, read.repeat.starts_on - timedelta(days=1))
            == read.repeat.starts_on
            or read.repeat.repeat_from == RepeatFrom.COMPLETION
        )
    kept = list(text)
    for span in read.understood:
        kept[span.start : span.end] = " " * (span.end - span.start)
    left = letters("".join(kept).replace("//", ""))
    shown = letters(f"{read.title} {read.description}".replace("//", ""))
    for letter in set(left):
        assert shown.count(letter) >= left.count(letter)


@given(
    st.lists(st.sampled_from(["call", "mum", "Wash", "the", "car", "chapter", "3", "kg", "Zoë"]), min_size=1, max_size=5),
    st.one_of(st.none(), st.dates(date(2026, 11, 20), date(2040, 12, 31))),
    st.one_of(st.none(), st.times()),
    st.one_of(st.none(), st.integers(1, 500)),
    st.sampled_from(Priority),
    st.sampled_from(["", "home", "side-project", "büro"]),
    st.permutations(range(5)),
)  # fmt: skip
def test_a_task_told_in_words_is_read_back(words, day, at, minutes, priority, category, order):
    title = "Do " + " ".join(words)
    said = [
        f"on {day.isoformat()}" if day else "",
        f"at {at:%H:%M}" if at and day else "",
        f"{minutes} min" if minutes else "",
        f"!{priority.label.lower()}" if priority else "",
        f"#{category}" if category else "",
    ]
    line = " ".join([title, *(said[place] for place in order if said[place])])
    read = parse(line, now=NOW)
    assert read.title == title
    assert (read.estimated_minutes, read.priority, read.category) == (minutes, priority, category)
    if day and at:
        assert read.due_at
        due = datetime.combine(day, at.replace(second=0, microsecond=0), BERLIN)
        # Before one in the afternoon a time may be meant twelve hours later, or by the clock.
        assert (read.due_at - due) % timedelta(hours=12) in (timedelta(0), timedelta(hours=1))
        assert read.due_on is None
    else:
        assert read.due_on == day


@pytest.mark.django_db
class TestAdding:
    def test_a_line_becomes_a_task_with_all_it_says(self):
        user = UserFactory(timezone="Europe/Berlin")
        task = quick_add.add(
            user,
            "call mum tomorrow 6pm 15 min !high #Family // her birthday",
            source="web",
            now=NOW,
        )
        task = Task.objects.get(pk=task.pk)
        assert (task.title, task.category, task.priority) == ("call mum", "family", Priority.HIGH)
        assert task.due_at == datetime(2026, 11, 19, 18, tzinfo=BERLIN)
        assert (task.due_on, task.estimated_minutes) == (None, 15)
        assert task.description == "her birthday"
        assert task.events.count() == 1

    def test_a_whole_day_ends_with_the_persons_day(self):
        user = UserFactory(timezone="America/New_York")
        task = quick_add.add(user, "bins tomorrow", source="web", now=NOW)
        assert task.due_on == local_day(user, NOW) + timedelta(days=1)
        assert task.due_at == day_bounds(user, task.due_on)[1]

    def test_a_repeat_makes_a_series(self):
        user = UserFactory(timezone="Europe/Berlin")
        task = quick_add.add(user, "gym every mon and thu 7am", source="web", now=NOW)
        assert task.series
        assert task.series.rule == "FREQ=WEEKLY;BYDAY=MO,TH"
        assert task.occurrence_on == date(2026, 11, 19)
        assert task.due_at == datetime(2026, 11, 19, 7, tzinfo=BERLIN)

    def test_the_same_request_makes_one_task(self):
        user = UserFactory()
        for _ in range(2):
            quick_add.add(user, "bins", source="chat", now=NOW, origin="call", origin_id="c1")
        assert Task.objects.for_user(user).count() == 1

    def test_american_readers_write_the_month_first(self):
        for locale, day in {"en-US": date(2027, 3, 4), "en-GB": date(2027, 4, 3)}.items():
            user = UserFactory(locale=locale)
            assert quick_add.read_for(user, "tax by 3/4", now=NOW).due_on == day

    @pytest.mark.parametrize("text", ["", "  \n ", "\x00"])
    def test_no_words_are_no_task(self, text):
        with pytest.raises(changing.TaskRefused):
            quick_add.add(UserFactory(), text, source="web", now=NOW)
