"""How far a goal is goes to the ledger whenever it moves, and how much of a habit was done goes with each tick."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from accounts.consent import set_consent
from accounts.day import local_day
from accounts.models import ConsentKind, ConsentSource, User
from coaching.models import RawBehavioralLog
from habits import completions, editing, phases
from habits.evidence import credit_of, marks_from
from habits.models import CompletionStatus, MeasureKind

from .factories import GoalFactory, HabitFactory, UserFactory

DAY = date(2026, 3, 1)


@pytest.fixture
def person(db: None) -> User:
    user = UserFactory()
    set_consent(user, ConsentKind.BEHAVIORAL_TRACKING, True, ConsentSource.WEB)
    return user


def told(user: User) -> list[int]:
    rows = RawBehavioralLog.objects.filter(user=user, interaction_type="goal.progressed")
    return [row.raw_data["percent"] for row in rows.order_by("id")]


def test_a_goal_that_moves_tells_how_far_it_is(person: User) -> None:
    goal = GoalFactory(user=person)
    editing.edit_goal(goal, {"percent_complete": 40}, source="web")
    editing.edit_goal(goal, {"percent_complete": 40, "text": "Run 10K"}, source="web")
    editing.edit_goal(goal, {"percent_complete": 30}, source="api")
    assert told(person) == [40, 30]
    row = RawBehavioralLog.objects.filter(interaction_type="goal.progressed").latest("id")
    assert row.raw_data == {
        "goal": str(goal.pk),
        "text": "Run 10K",
        "percent": 30,
        "moved": 30,
        "local_date": local_day(person).isoformat(),
    }


def test_what_it_moved_counts_from_the_morning(person: User) -> None:
    goal = GoalFactory(user=person, percent_complete=20)
    for percent in (80, 28, 24):  # the first was a slip of the finger
        editing.edit_goal(goal, {"percent_complete": percent}, source="web")
    rows = RawBehavioralLog.objects.filter(interaction_type="goal.progressed").order_by("id")
    assert [row.raw_data["moved"] for row in rows] == [60, 8, 4]


def test_a_new_goal_tells_only_when_it_has_begun(person: User) -> None:
    fields = {"text": "Read more", "category": "learning"}
    editing.create_goal(person, fields, source="web")
    editing.create_goal(person, {**fields, "percent_complete": 10}, source="web")
    assert told(person) == [10]


def test_a_change_that_is_rolled_back_tells_nothing(person: User) -> None:
    goal = GoalFactory(user=person)
    with pytest.raises(RuntimeError), transaction.atomic():
        editing.edit_goal(goal, {"percent_complete": 40}, source="web")
        raise RuntimeError
    assert told(person) == []


def test_a_plan_moves_its_goal_once(person: User) -> None:
    goal = GoalFactory(user=person)
    for percent in (33, 33, 67):
        phases._move(goal, percent)
    goal.refresh_from_db()
    assert goal.percent_complete == 67
    assert told(person) == [33, 67]


def test_a_tick_tells_how_much_was_done(person: User) -> None:
    habit = HabitFactory(
        user=person, measure=MeasureKind.AT_LEAST, target_value=Decimal(5), unit="km"
    )
    day = local_day(person) - timedelta(days=1)
    completions.complete(person, habit, day, value=Decimal(3), source="web")
    completions.complete(person, habit, day, value=Decimal(6), source="web")
    completions.undo(person, habit, day)
    rows = RawBehavioralLog.objects.filter(user=person).order_by("id")
    assert [(row.interaction_type, row.raw_data["credit"]) for row in rows] == [
        ("habit.partial", 0.6),
        ("habit.completed", 1.0),
        ("habit.undone", 1.0),
    ]


@given(
    st.sampled_from(MeasureKind.values),
    st.one_of(st.none(), st.decimals(0, 100, places=2)),
    st.sampled_from(CompletionStatus.values),
    st.one_of(st.none(), st.decimals(0, 300, places=2)),
)
def test_a_row_alone_is_worth_what_its_day_would_be(
    measure: str, target: Decimal | None, status: str, value: Decimal | None
) -> None:
    mark = marks_from(measure, target, [(DAY, status, value)])[DAY]
    credit = credit_of(measure, target, status, value)
    assert credit == mark.credit
    assert 0 <= credit <= 1
