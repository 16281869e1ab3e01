"""How urgent a task is: the same number in Python and in SQL, and every term for its own reason."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from productivity.models import Task
from productivity.urgency import due_share, urgency

from .factories import TaskFactory, UserFactory

NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)
DAYS = st.floats(-40, 40).map(lambda days: NOW + timedelta(days=days))


@pytest.mark.parametrize(
    ("days_late", "share"), [(-30, 0.2), (-14, 0.2), (-3.5, 0.6), (7, 1.0), (90, 1.0)]
)
def test_the_due_date_weighs_more_from_two_weeks_ahead_to_a_week_late(days_late, share):
    assert due_share(NOW - timedelta(days=days_late), NOW) == pytest.approx(share)


def test_every_term_has_its_coefficient():
    task = Task(
        title="x",
        due_at=NOW - timedelta(days=7),
        priority=3,
        created_at=NOW - timedelta(days=365),
        status="snoozed",
        snoozed_until=NOW + timedelta(hours=1),
    )
    found = urgency(task, NOW, has_open_steps=True, is_step=True)
    assert found.terms == {
        "due": 12,
        "blocking": 8,
        "priority": 6,
        "age": 2,
        "waiting": -3,
        "blocked": -5,
    }
    assert found.total == 20
    plain = urgency(Task(title="x", created_at=NOW), NOW, has_open_steps=False, is_step=False)
    assert (plain.total, plain.terms) == (0, {})


class InSql(TestCase):
    """The column and the function."""

    @settings(max_examples=80)
    @given(
        due_at=st.none() | DAYS,
        created_at=DAYS,
        priority=st.integers(0, 3),
        snoozed_until=st.none() | DAYS,
        is_step=st.booleans(),
        step=st.sampled_from([None, "pending", "snoozed", "completed", "deleted"]),
    )
    def test_sql_gives_the_same_number(
        self, due_at, created_at, priority, snoozed_until, is_step, step
    ):
        user = UserFactory()
        task = TaskFactory(
            user=user,
            due_at=due_at,
            created_at=created_at,
            priority=priority,
            status="snoozed" if snoozed_until else "pending",
            snoozed_until=snoozed_until,
            parent=TaskFactory(user=user) if is_step else None,
        )
        if step:
            moments = {
                "completed": "completed_at",
                "deleted": "deleted_at",
                "snoozed": "snoozed_until",
            }
            more = {moments[step]: NOW} if step in moments else {}
            TaskFactory(user=user, parent=task, status=step, **more)
        has_open_steps = step in ("pending", "snoozed")
        expected = urgency(task, NOW, has_open_steps=has_open_steps, is_step=is_step).total
        row = Task.objects.with_urgency(NOW).get(pk=task.pk)
        assert vars(row)["urgency"] == pytest.approx(expected, abs=1e-6)
