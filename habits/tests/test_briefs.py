"""What habits tell in a brief: true to the record, without blame, and silent when there is no news."""

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from coaching.outreach.briefs import Brief, brief_for, week_told
from coaching.toolkit import Occasion
from habits.models import (
    Habit,
    HabitCompletion,
    HabitSequence,
    HabitStack,
    SequencePhase,
    SequenceStatus,
)
from habits.progress import Tally
from habits.recap import Weekday

from .factories import HabitFactory, UserFactory

pytestmark = pytest.mark.django_db
BERLIN = ZoneInfo("Europe/Berlin")
TODAY = date(2026, 11, 4)  # a Wednesday
MORNING = datetime(2026, 11, 4, 8, 15, tzinfo=BERLIN)
SUNDAY = datetime(2026, 11, 8, 18, 0, tzinfo=BERLIN)
BLAME = re.compile(r"\b(?:missed|failed?|only|should have|lost|behind|lazy|sorry|shame)\b", re.I)
Lived = Callable[..., Habit]


@pytest.fixture
def person() -> User:
    return UserFactory()


@pytest.fixture
def lived(person: User) -> Lived:
    """A habit of `person`, done on the days back from TODAY that are given."""

    def make(name: str, done: Iterable[int], *, status: str = "done", **fields: object) -> Habit:
        fields.setdefault("starts_on", TODAY - timedelta(days=60))
        habit: Habit = HabitFactory(user=person, name=name, **fields)
        HabitCompletion.objects.bulk_create(
            HabitCompletion(
                habit=habit,
                user=person,
                local_date=TODAY - timedelta(days=back),
                status=status,
                source="web",
            )
            for back in done
        )
        return habit

    return make


def morning(person: User, at: datetime = MORNING) -> Brief:
    return brief_for(person, Occasion.MORNING, now=at)


def weekly(person: User, at: datetime = SUNDAY) -> Brief:
    return brief_for(person, Occasion.WEEKLY, now=at)


# --- Morning --------------------------------------------------------------------------------------
def test_it_says_what_was_done_and_what_moved_the_strength(person: User, lived: Lived) -> None:
    lived("Walk", range(1, 8))
    lived("Read", range(10, 50))
    body = morning(person).body
    assert "Yesterday: 1 of 2 done." in body
    assert re.search(
        r"Walk is at \d+% strength, up from 0%: done all 7 times in the last week\.", body
    )
    assert re.search(
        r"Read is at \d+% strength, down from \d+%: done 0 of 7 times in the last week\.", body
    )
    assert "7 days have no entry yet; filling one in counts." in body


def test_a_day_told_as_not_done_is_no_missing_entry(person: User, lived: Lived) -> None:
    habit = lived("Read", range(10, 50))
    for back in range(1, 8):
        HabitCompletion.objects.create(
            habit=habit,
            user=person,
            local_date=TODAY - timedelta(days=back),
            status="missed",
            source="web",
        )
    body = morning(person).body
    assert "Read is at" in body
    assert "no entry yet" not in body


def test_a_day_without_an_entry_is_called_that(person: User, lived: Lived) -> None:
    lived("Walk", range(2, 40))
    assert "Nothing is noted for yesterday" in morning(person).body


def test_after_days_that_did_not_work_out_the_day_is_light(person: User, lived: Lived) -> None:
    lived("Walk", range(3, 40), tiny_version="Walk around the block")
    lived("Read", range(3, 40))
    body = morning(person).body
    assert "A light day: one small thing is enough." in body
    assert "Walk: Walk around the block" in body
    assert "Read: two minutes of it" in body


def test_a_weekday_that_is_hard_by_the_own_record_is_said_so(person: User, lived: Lived) -> None:
    lived("Walk", [back for back in range(1, 61) if back % 7])
    body = morning(person).body
    assert "Wednesdays ask more of you: 0 of 8 lately, 100% on other days." in body


def test_a_few_weeks_say_nothing_about_a_weekday(person: User, lived: Lived) -> None:
    lived("Walk", [b for b in range(1, 30) if b % 7], starts_on=TODAY - timedelta(days=29))
    assert "Wednesdays" not in morning(person).body


@pytest.mark.parametrize(
    ("here", "others", "is_hard"),
    [
        ((0, 8), (40, 48), True),
        ((5, 8), (40, 48), False),
        ((0, 5), (40, 48), False),
        ((0, 8), (0, 48), False),
    ],
)
def test_a_hard_weekday_is_sure_and_clear(
    here: tuple[int, int], others: tuple[int, int], is_hard: bool
) -> None:
    assert Weekday(Tally(*here), Tally(*others)).is_hard is is_hard


def test_tonight_has_the_habits_of_the_evening_and_a_first_step(person: User, lived: Lived) -> None:
    read = lived("Read", range(1, 20), scheduled_time=time(21, 30))
    HabitStack.objects.create(habit=read, cue="dinner", sentence="After dinner, I will read")
    lived("Run", range(1, 20), scheduled_time=time(7))
    body = morning(person).body
    assert "Read at 21:30: After dinner, I will read" in body
    assert "Run comes first tomorrow at 07:00" in body


def test_what_is_done_already_is_not_asked_again(person: User, lived: Lived) -> None:
    lived("Read", range(20), scheduled_time=time(21, 30))
    body = morning(person).body
    assert "A normal day" not in body
    assert "Read at 21:30" not in body


def test_nothing_is_said_to_somebody_who_told_nothing_for_days(person: User, lived: Lived) -> None:
    lived("Walk", range(4, 40))
    assert morning(person).sections
    assert not morning(person, MORNING + timedelta(days=1)).sections


def test_a_newcomer_is_told_what_the_day_asks_for(person: User, lived: Lived) -> None:
    lived("Walk", [], starts_on=TODAY, time_of_day="evening")
    brief = morning(person)
    assert "A normal day: 1 habit. Walk." in brief.body
    assert brief.worth == pytest.approx(0.5)


def test_what_a_person_wants_less_of_is_nothing_to_get_to(person: User, lived: Lived) -> None:
    lived("Walk", [*range(3, 9)])
    for name, hour in (("Coffee", 7), ("Wine", 20)):
        lived(name, [6], scheduled_time=time(hour), measure="at_most", target_value=2)
    ahead = [
        line
        for brief in (morning(person), weekly(person), weekly(person, SUNDAY + timedelta(days=7)))
        for section in brief.sections
        if section.title not in ("Why things stand where they do", "This week")
        for line in section.lines
    ]
    assert "Walk: two minutes of it" in ahead
    assert not re.search(r"Coffee|Wine", " ".join(ahead))


def test_nothing_is_made_of_no_habits(person: User) -> None:
    assert not morning(person).sections
    assert not weekly(person).sections


def test_a_paused_habit_asks_for_nothing(person: User, lived: Lived) -> None:
    lived("Walk", range(1, 20), status="done")
    Habit.objects.update(status="paused")
    assert "A normal day" not in morning(person).body


# --- Week -----------------------------------------------------------------------------------------
def on_days(first: date, count: int) -> list[int]:
    return [(TODAY - (first + timedelta(days=n))).days for n in range(count)]


def test_the_week_is_set_against_the_one_before(person: User, lived: Lived) -> None:
    lived("Walk", [*on_days(date(2026, 11, 2), 6), *on_days(date(2026, 10, 26), 3)])
    body = weekly(person).body
    assert "6 of 6 done; the week before it was 3 of 7." in body
    assert re.search(r"Walk is at \d+% strength, up from \d+%", body)
    assert "Every time it was asked for: Walk." in body


def test_one_habit_is_named_to_make_smaller_with_one_question(person: User, lived: Lived) -> None:
    lived("Walk", on_days(date(2026, 10, 26), 14))
    lived("Read", on_days(date(2026, 11, 2), 2), tiny_version="Read one page")
    body = weekly(person).body
    assert "Read: 2 of 13 in two weeks. A smaller version may fit better: Read one page." in body
    assert body.count("?") == 1


def test_a_phase_that_opens_soon_is_told(person: User, lived: Lived) -> None:
    walk = lived("Walk", on_days(date(2026, 9, 10), 60))
    plan = HabitSequence.objects.create(
        user=person, name="Run 5 km", total_phases=2, proposal={}, status=SequenceStatus.ACTIVE
    )
    SequencePhase.objects.create(
        sequence=plan,
        phase_number=1,
        name="Foundation",
        duration_weeks=4,
        start_date=date(2026, 9, 10),
        end_date=date(2026, 11, 10),
        opened_at=MORNING,
        success_criteria=[
            {"kind": "strength", "habit_id": str(walk.pk), "at_least": 0.6, "words": "…"}
        ],
    )
    assert "“Run 5 km”: the step after “Foundation” opens soon." in weekly(person).body


def test_an_empty_week_gets_one_kind_line_and_then_silence(person: User, lived: Lived) -> None:
    lived("Walk", on_days(date(2026, 9, 10), 50), tiny_version="Walk around the block")
    brief = weekly(person)
    assert "Nothing is noted for this week. That happens" in brief.body
    assert "A small way back in, Walk: Walk around the block" in brief.body
    assert not weekly(person, SUNDAY + timedelta(weeks=3)).sections


@pytest.mark.parametrize(("day", "monday"), [(8, 2), (9, 2), (11, 2), (12, 9), (15, 9)])
def test_a_digest_tells_of_the_week_that_is_ending_or_just_ended(day: int, monday: int) -> None:
    assert week_told(date(2026, 11, day)) == date(2026, 11, monday)


# --- Always ---------------------------------------------------------------------------------------
def test_it_takes_few_queries_however_many_habits_there_are(
    person: User, lived: Lived, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for name in ("Walk", "Read", "Write", "Swim", "Sing"):
        lived(name, range(1, 30), scheduled_time=time(20))
    # One of them is about tasks.
    with django_assert_max_num_queries(5):
        morning(person)
    with django_assert_max_num_queries(7):
        weekly(person)


@settings(max_examples=12)
@given(st.data())
def test_whatever_happened_no_brief_blames_or_promises(data: st.DataObject) -> None:
    person = UserFactory()
    for name, cadence in (
        ("Walk", {"cadence": "daily"}),
        ("Swim", {"cadence": "times_per_week", "times_per_week": 3}),
        ("Write", {"cadence": "weekdays", "weekdays": [0, 2, 4]}),
        ("Clean", {"cadence": "interval", "interval_days": 3}),
    ):
        habit = HabitFactory(
            user=person, name=name, starts_on=TODAY - timedelta(days=40), **cadence
        )
        states = data.draw(
            st.dictionaries(
                st.integers(0, 40), st.sampled_from(["done", "partial", "skipped", "missed"])
            )
        )
        HabitCompletion.objects.bulk_create(
            HabitCompletion(
                habit=habit,
                user=person,
                local_date=TODAY - timedelta(days=back),
                status=status,
                source="web",
            )
            for back, status in states.items()
        )
    for brief in (morning(person), weekly(person), weekly(person, MORNING)):
        assert not BLAME.search(brief.body)
        for done, asked in re.findall(r"\b(\d+) of (\d+)\b", brief.body):
            assert int(done) <= int(asked)
        assert 0 <= brief.worth <= 2
