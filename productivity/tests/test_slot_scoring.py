"""Formulas and arithmetic of slots: rules that hold for everything."""

from datetime import UTC, datetime, time, timedelta
from math import exp
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.tests.factories import UserFactory
from productivity.models import Task
from productivity.scheduling.constants import SLOTS, WEIGHTS
from productivity.scheduling.finding import Refusals, Search
from productivity.scheduling.free_time import Calendar, Taken
from productivity.scheduling.hours import Hours, Kind, working_hours
from productivity.scheduling.lengths import Lengths, lengths_from
from productivity.scheduling.odds import Rhythm
from productivity.scheduling.rhythm import Known, part_of_day
from productivity.scheduling.scoring import (
    Terms,
    deadline_term,
    preferred_hours,
    priority_term,
    proximity_term,
    that_differ,
    urgency_of_deadline,
)
from productivity.scheduling.spans import Stretch, cut, merged, starts_in, without

NOW = datetime(2026, 3, 2, 9, 7, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SHARES = st.floats(0, 1)
STRETCHES = st.lists(
    st.builds(
        lambda start, length: Stretch(NOW + start * MINUTE, NOW + (start + length) * MINUTE),
        st.integers(0, 2000),
        st.integers(1, 300),
    ),
    max_size=8,
)


@pytest.mark.parametrize(("days", "term"), [(0, 0.99), (3, exp(-1)), (30, exp(-10))], ids=str)
def test_the_deadline_term_is_as_published(days: int, term: float) -> None:
    assert urgency_of_deadline(NOW + timedelta(days=days), NOW) == pytest.approx(term)
    assert urgency_of_deadline(None, NOW) == 0


@given(st.floats(0, 40), st.floats(0, 40), st.floats(0, 14))
def test_a_nearer_deadline_never_lowers_the_deadline_term(a: float, b: float, slot: float) -> None:
    near, far = sorted((a, b))
    starts = NOW + timedelta(days=slot)
    nearer = deadline_term(NOW + timedelta(days=near), starts, NOW)
    assert nearer >= deadline_term(NOW + timedelta(days=far), starts, NOW)


@given(st.integers(0, 2), st.floats(0, 14))
def test_more_priority_never_lowers_the_priority_term(priority: int, slot: float) -> None:
    starts = NOW + timedelta(days=slot)
    assert priority_term(priority + 1, starts, NOW) >= priority_term(priority, starts, NOW)


@given(st.builds(Terms, SHARES, SHARES, SHARES, SHARES, SHARES, SHARES), SHARES)
def test_the_score_is_a_mean_and_rises_with_each_term(terms: Terms, more: float) -> None:
    from dataclasses import fields, replace

    values = [getattr(terms, field.name) for field in fields(terms)]
    assert min(values) - 1e-9 <= terms.score() <= max(values) + 1e-9
    for field in fields(terms):
        higher = max(more, getattr(terms, field.name))
        assert replace(terms, **{field.name: higher}).score() >= terms.score() - 1e-12


def test_the_weights_are_as_published() -> None:
    weights = WEIGHTS
    found = (weights.deadline, weights.priority, weights.rhythm, weights.preference)
    assert (*found, weights.hours, weights.proximity) == (3.0, 1.8, 1.5, 1.2, 1.0, 0.5)


@given(STRETCHES, STRETCHES)
def test_what_is_left_is_exactly_what_was_there_and_not_taken(
    there: list[Stretch], taken: list[Stretch]
) -> None:
    left = without(there, taken)
    assert left == merged(left)

    def minutes(stretches: list[Stretch]) -> set[int]:
        return {
            minute
            for one in stretches
            for minute in range(int((one.starts - NOW) / MINUTE), int((one.ends - NOW) / MINUTE))
        }

    assert minutes(left) == minutes(there) - minutes(taken)


@given(STRETCHES, st.integers(1, 200))
def test_starts_lie_on_the_grid_and_leave_room(free: list[Stretch], minutes: int) -> None:
    free = merged(free)
    for at in starts_in(free, minutes, 15):
        assert at.timestamp() % 900 == 0
        assert any(one.holds(Stretch(at, at + minutes * MINUTE)) for one in free)


def test_a_task_close_by_is_worth_more_than_one_far_away() -> None:
    slot = Stretch(NOW, NOW + 30 * MINUTE)
    near, far = (Stretch(NOW + m * MINUTE, NOW + (m + 9) * MINUTE) for m in (30, 300))
    assert proximity_term(slot, [near]) == 1
    assert 0 < proximity_term(slot, [far]) < 0.05
    assert proximity_term(slot, []) == 0


def test_usual_hours_speak_once_enough_is_known() -> None:
    done = [0.0] * 24
    done[9] = 20
    assert preferred_hours(done)[9] == 1
    assert preferred_hours(done)[21] < 0.1
    done[9] = 3
    assert preferred_hours(done) == [0.5] * 24


def test_parts_of_the_day_cover_the_night() -> None:
    assert [part_of_day(hour)[1] for hour in (5, 12, 17, 23, 2)] == [
        *("morning", "afternoon", "evening", "night", "night"),
    ]


def test_usual_minutes_come_from_the_same_category_first() -> None:
    lengths = lengths_from([("home", 10), ("home", 20), ("home", 30), ("work", 90)])
    assert lengths.of(Task(category="home")).minutes == 20
    assert lengths.of(Task(category="work")).minutes == 25
    assert "your home tasks usually take 20 minutes" in lengths.of(Task(category="home")).words
    assert lengths.of(Task(category="work", estimated_minutes=5)).is_estimated
    assert Lengths({}, None).of(Task()).minutes == SLOTS.usual_minutes


def test_working_hours_that_cannot_be_read_are_left_out() -> None:
    told = {"mon": ["09:00", "17:00"], "tue": ["nine"], "wed": None, "thu": ["09:00", "09:00"]}
    assert working_hours(told) == {0: (time(9), time(17))}
    assert working_hours(None) == {}


# --- Whole searches, over days on which the clock changes -------------------------------------------
ZONES = st.sampled_from(
    ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC"]
)
# Around the changes of the clock in spring and autumn, and ordinary days.
MOMENTS = st.sampled_from(
    [
        datetime(2026, 3, 28, 12, tzinfo=UTC),
        datetime(2026, 10, 24, 12, tzinfo=UTC),
        datetime(2026, 3, 7, 12, tzinfo=UTC),
        datetime(2026, 10, 31, 12, tzinfo=UTC),
        datetime(2026, 4, 4, 12, tzinfo=UTC),
        datetime(2026, 6, 15, 12, tzinfo=UTC),
    ]
).flatmap(lambda at: st.integers(0, 2880).map(lambda minutes: at + minutes * MINUTE))
CLOCKS = st.builds(time, st.integers(0, 23), st.sampled_from([0, 30]))
SPANS = st.tuples(CLOCKS, CLOCKS).filter(lambda span: span[0] != span[1])


@given(
    zone=ZONES,
    now=MOMENTS,
    window=SPANS,
    work=st.dictionaries(st.integers(0, 6), SPANS, max_size=7),
    category=st.sampled_from(["work", "family", "garden", ""]),
    minutes=st.integers(5, 400),
    buffer=st.integers(0, 30),
    busy=st.lists(st.tuples(st.integers(0, 4000), st.integers(5, 600)), max_size=6),
    due=st.none() | st.integers(10, 6000),
)
def test_slots_are_free_in_their_hours_in_the_future_and_as_long_as_they_should_be(
    zone: str,
    now: datetime,
    window: tuple[time, time],
    work: dict[int, tuple[time, time]],
    category: str,
    minutes: int,
    buffer: int,
    busy: list[tuple[int, int]],
    due: int | None,
) -> None:
    hours = Hours(
        ZoneInfo(zone),
        window[0],
        window[1],
        work,
        buffer * MINUTE,
        frozenset({"work"}),
        frozenset({"family"}),
    )
    taken = tuple(
        Taken(Stretch(now + start * MINUTE, now + (start + length) * MINUTE), "busy")
        for start, length in busy
    )
    user = UserFactory.build(timezone=zone)
    calendar = Calendar(user, now, now + timedelta(days=4), hours, taken, Lengths({}, None))
    task = Task(
        category=category,
        estimated_minutes=minutes,
        due_at=None if due is None else now + due * MINUTE,
    )
    search = Search(task, calendar, Known(ZoneInfo(zone), Rhythm({})), Refusals())
    slots = search.slots()
    kind = hours.kind_of(category)
    for slot in slots:
        span = slot.span
        assert span.starts >= now
        assert span.minutes == minutes
        assert task.due_at is None or span.ends <= task.due_at
        for one in taken:
            assert not span.overlaps(one.span.widened(buffer * MINUTE))
        for moment in (span.starts, span.ends - MINUTE):
            in_work = _is_open(moment, work, zone)
            in_window = _is_open(moment, dict.fromkeys(range(7), window), zone)
            assert in_work or kind is not Kind.WORK
            assert not in_work or kind is not Kind.PRIVATE
            assert in_window or in_work
    chosen = that_differ(slots, 3)
    assert len({slot.span for slot in chosen}) == len(chosen)
    for first in chosen:
        assert not any(first.span.overlaps(o.span) for o in chosen if o is not first)


def _is_open(at: datetime, work: dict[int, tuple[time, time]], zone: str) -> bool:
    """Whether the moment lies in these hours, told another way: by the moments between which each day's lie."""
    place = ZoneInfo(zone)
    for back in (0, 1):
        day = at.astimezone(place).date() - timedelta(days=back)
        if day.weekday() not in work:
            continue
        opens, closes = work[day.weekday()]
        last = day if opens < closes else day + timedelta(days=1)
        starts = datetime.combine(day, opens, tzinfo=place).timestamp()
        ends = datetime.combine(last, closes, tzinfo=place).timestamp()
        if starts <= at.timestamp() < ends:
            return True
    return False


def test_somebody_who_works_at_night_gets_work_at_night() -> None:
    hours = Hours(
        ZoneInfo("Europe/Berlin"),
        time(8),
        time(21),
        {weekday: (time(22), time(6)) for weekday in range(5)},
        timedelta(0),
        frozenset({"work"}),
        frozenset({"family"}),
    )
    since = datetime(2026, 3, 2, 12, tzinfo=UTC)
    work = hours.open_for("work", since, since + timedelta(days=1))
    berlin = [one.starts.astimezone(hours.zone).hour for one in work]
    assert berlin == [22]
    assert work[0].minutes == 480
    assert all(
        not one.overlaps(work[0])
        for one in hours.open_for("family", since, since + timedelta(days=1))
    )


def test_parts_outside_a_span_are_cut_off() -> None:
    whole = [Stretch(NOW, NOW + 100 * MINUTE)]
    assert cut(whole, NOW + 10 * MINUTE, NOW + 20 * MINUTE) == [
        Stretch(NOW + 10 * MINUTE, NOW + 20 * MINUTE)
    ]
    assert cut(whole, NOW + 200 * MINUTE, NOW + 300 * MINUTE) == []
