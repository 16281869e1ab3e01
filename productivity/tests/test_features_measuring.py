"""Counts are what happened, as it was known then: the statement against a plain replay of the same events."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from math import log1p
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from accounts.tests.factories import UserFactory
from productivity import changing, history
from productivity.features.measuring import Asked, Counts, count
from productivity.models import Task, TaskEvent

pytestmark = pytest.mark.django_db
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WINDOW = 90 * DAY
CONTENT = {
    *("title", "description", "due_at", "due_on", "category", "priority", "estimated_minutes"),
    "planned_start",
}


def counted(user: User, until: datetime) -> Counts:
    found = count([Asked(user.pk, user.timezone, until)])
    return found[0] if found else Counts(user.pk)


def a_task(user: User, at: datetime = START, **fields: Any) -> Task:
    return changing.create(user, {"title": "Write", **fields}, source="web", now=at)


def test_a_due_moment_that_passed_was_missed_wherever_it_is_moved_later() -> None:
    user = UserFactory()
    task = a_task(user, due_at=START + DAY)
    later = START + 2 * DAY
    changing.edit(user, task.pk, {"due_at": START + 9 * DAY}, source="web", now=later)
    changing.complete(user, task.pk, source="web", now=START + 3 * DAY)
    found = counted(user, START + 4 * DAY)
    assert (found.decided, found.late, found.on_time) == (1, 1, 0)
    assert found.versus_due_hours == pytest.approx(48)


def test_moving_a_due_moment_ahead_of_time_is_a_put_off_and_not_late() -> None:
    user = UserFactory()
    task = a_task(user, due_at=START + 2 * DAY)
    changing.edit(user, task.pk, {"due_at": START + 4 * DAY}, source="web", now=START + DAY)
    changing.complete(user, task.pk, source="web", now=START + 3 * DAY)
    found = counted(user, START + 5 * DAY)
    assert (found.decided, found.late, found.put_offs) == (1, 0, pytest.approx(1 / 3))


def lateness(hours: float) -> float:
    """How deep a task went beyond its due moment, by the logarithm of the hours; a week counts fully."""
    return min(1.0, log1p(max(0.0, hours)) / log1p(168))


def winsorized_mean(values: Sequence[float]) -> float | None:
    """The mean with what lies beyond the 5th and 95th percentile brought back to these."""
    if not values:
        return None
    low, high = np.quantile(values, [0.05, 0.95])
    return float(np.clip(values, low, high).mean())


def test_what_was_undone_counts_neither_as_a_snooze_nor_as_a_change() -> None:
    user = UserFactory()
    task = a_task(user)
    slept = changing.snooze(user, task.pk, START + 2 * DAY, source="web", now=START + HOUR)
    assert slept.change_id
    assert counted(user, START + 2 * HOUR).snoozed == 1
    history.undo(user, slept.change_id, source="web", now=START + 3 * HOUR)
    found = counted(user, START + 4 * HOUR)
    assert (found.snoozed, found.put_offs, found.edited) == (0, 0, 0)
    # Seen from before the undoing it was a snooze: days of the past stay as they were.
    assert counted(user, START + 2 * HOUR).snoozed == 1


def test_something_done_offline_in_time_is_on_time_though_it_was_told_late() -> None:
    user = UserFactory()
    task = a_task(user, due_at=START + DAY)
    changing.complete(user, task.pk, source="api", at=START + DAY - HOUR, now=START + 2 * DAY)
    found = counted(user, START + 3 * DAY)
    assert (found.late, found.on_time, found.last_moment) == (0, 1, 1)


def test_an_import_is_nobodys_activity_and_no_lateness() -> None:
    user = UserFactory()
    fields = {"title": "Old", "due_at": START - 30 * DAY, "created_at": START - 40 * DAY}
    task = changing.create(user, fields, source="import", now=START)
    found = counted(user, START + 5 * DAY)
    assert (found.decided, found.late, found.longest_gap_days) == (0, 0, None)
    assert task.is_open


def test_a_task_dropped_before_it_was_due_says_nothing() -> None:
    user = UserFactory()
    task = a_task(user, due_at=START + 2 * DAY)
    changing.delete(user, task.pk, source="web", now=START + DAY)
    found = counted(user, START + 5 * DAY)
    assert (found.decided, found.ripe, found.done) == (0, 0, 0)


def test_quiet_days_count_only_while_something_is_open() -> None:
    idle, free = UserFactory(), UserFactory()
    a_task(idle)
    done = a_task(free)
    changing.complete(free, done.pk, source="web", now=START + HOUR)
    until = START + 13 * DAY
    assert counted(idle, until).idle_days == pytest.approx(10)
    assert counted(free, until).idle_days == 0
    assert counted(free, until).longest_gap_days == pytest.approx(13 - 1 / 24)


def test_the_rhythm_is_in_the_persons_own_zone_also_after_the_clocks_changed() -> None:
    user = UserFactory(timezone="Europe/Berlin")
    for day in (datetime(2026, 3, 28, 8, tzinfo=UTC), datetime(2026, 3, 29, 8, tzinfo=UTC)):
        task = a_task(user, day - HOUR)
        changing.complete(user, task.pk, source="web", now=day)
    assert counted(user, datetime(2026, 3, 30, tzinfo=UTC)).rhythm == {"5-9": 1, "6-10": 1}


def test_categories_tell_how_each_goes_by_size() -> None:
    user = UserFactory()
    for minutes, is_done in ((10, True), (90, False), (90, True)):
        task = a_task(user, category="home", estimated_minutes=minutes, due_at=START + DAY)
        if is_done:
            changing.complete(user, task.pk, source="web", now=START + HOUR)
    found = counted(user, START + 2 * DAY).categories
    assert found == {
        "home": {
            "tasks": 3,
            "done": 2,
            "ripe": 3,
            "late": 1,
            "snoozed": 0,
            "minutes": 90,
            "sizes": {"small": [1, 1], "large": [1, 2]},
        }
    }


def test_waiting_is_counted_by_the_days_that_are_left() -> None:
    user = UserFactory()
    task = a_task(user, due_at=START + 3 * DAY)
    changing.complete(user, task.pk, source="web", now=START + 2.5 * DAY)
    found = counted(user, START + 4 * DAY)
    assert found.waiting_days[:3] == pytest.approx((0.5, 1, 1))
    assert found.done_before_due == (1, 0, 0, 0, 0, 0)


def test_what_is_still_open_has_no_latency_and_does_not_count_in_the_mean() -> None:
    user = UserFactory()
    for hours in (1, 3):
        task = a_task(user)
        changing.complete(user, task.pk, source="web", now=START + hours * HOUR)
    a_task(user)
    found = counted(user, START + DAY)
    assert found.latency == pytest.approx((log1p(1) + log1p(3)) / 2)


def test_everybody_has_their_own_counts_in_one_statement(
    django_assert_num_queries: Any,
) -> None:
    people = [UserFactory() for _ in range(3)]
    for many, user in enumerate(people):
        for _ in range(many):
            a_task(user)
    asked = [Asked(user.pk, user.timezone, START + DAY) for user in people]
    with django_assert_num_queries(1):
        found = {each.user_id: each.tasks for each in count(asked)}
    assert found == {people[1].pk: 1, people[2].pk: 2}
    assert count([]) == []


def test_a_zone_that_the_database_does_not_know_stops_nobody() -> None:
    user = UserFactory()
    task = a_task(user)
    changing.complete(user, task.pk, source="web", now=START + HOUR)
    for zone in ("localtime", "Nowhere/Town"):
        assert count([Asked(user.pk, zone, START + DAY)])[0].done == 1


# --- Against a replay ---------------------------------------------------------------------------
class Replayed:
    """One task, replayed event by event in plain Python."""

    def __init__(self, events: Sequence[TaskEvent], undone: set[UUID], until: datetime) -> None:
        self.events = events
        self.snoozes = self.pushes = 0
        self.edited = False
        self.opened = events[0].created_at
        status = "pending"
        due: datetime | None = None
        done_at: datetime | None = None
        crossed: list[datetime] = []
        for at, event in enumerate(events):
            after = event.event_payload["after"]
            counts = event.pk not in undone and event.undoes_id is None
            before_due = due
            if "due_at" in after:
                due = after["due_at"] and datetime.fromisoformat(after["due_at"])
            status = after.get("status", status)
            if "completed_at" in after:
                done_at = after["completed_at"] and datetime.fromisoformat(after["completed_at"])
            kind = event.event_type
            self.snoozes += kind == "snooze" and counts
            if kind == "modify" and counts:
                self.edited |= bool(CONTENT & set(after))
                self.pushes += bool("due_at" in after and due and before_due and due > before_due)
            ends = events[at + 1].created_at if at + 1 < len(events) else until
            if status in ("pending", "snoozed") and due and event.created_at < due < ends:
                crossed.append(due)
        self.status, self.due = status, due
        self.done_at = done_at if status == "completed" else None
        first = min(crossed, default=None)
        self.missed = first if first and not (self.done_at and self.done_at <= first) else None
        self.is_on_time = bool(
            self.done_at and not self.missed and self.due and self.done_at <= self.due
        )
        self.ended = self.done_at or (events[-1].created_at if status == "deleted" else until)
        if status == "deleted":
            closing = [e for e in events if e.event_payload["after"].get("status") == "deleted"]
            self.ended = closing[-1].created_at

    @property
    def is_ripe(self) -> bool:
        return self.done_at is not None or self.missed is not None


def replayed(user: User, until: datetime) -> dict[str, Any]:
    by_task: dict[UUID, list[TaskEvent]] = defaultdict(list)
    events = TaskEvent.objects.filter(user=user, created_at__lte=until)
    for event in events.order_by("created_at", "id"):
        by_task[event.task_id].append(event)
    undone = {event.undoes_id for event in events if event.undoes_id}
    tasks = [Replayed(told, undone, until) for told in by_task.values()]
    spare = [
        task for task in tasks if task.is_on_time and task.due and task.due - task.opened >= HOUR
    ]
    latencies = [
        log1p((task.done_at - task.opened) / HOUR)
        for task in tasks
        if task.done_at and task.done_at > task.opened
    ]
    zone = ZoneInfo(user.timezone)
    local = [task.done_at.astimezone(zone) for task in tasks if task.done_at]
    return {
        "tasks": len(tasks),
        "done": sum(task.done_at is not None for task in tasks),
        "ripe": sum(
            task.is_ripe and (task.done_at is not None or task.status != "deleted")
            for task in tasks
        ),
        "decided": sum(task.missed is not None or task.is_on_time for task in tasks),
        "late": sum(task.missed is not None for task in tasks),
        "late_depths": sum(
            lateness((task.ended - task.missed) / HOUR) for task in tasks if task.missed
        ),
        "on_time": len(spare),
        "last_moment": sum(
            (task.done_at - task.opened) >= (task.due - task.opened) * 0.9
            for task in spare
            if task.done_at and task.due
        ),
        "snoozed": sum(task.snoozes > 0 for task in tasks),
        "edited": sum(task.edited for task in tasks),
        "put_offs": sum(min(3, task.snoozes + task.pushes) / 3 for task in tasks),
        "latency": winsorized_mean(latencies),
        "rhythm": dict(Counter(f"{at.weekday()}-{at.hour}" for at in local)) or None,
    }


STEP = st.tuples(
    st.sampled_from(
        [
            *("create", "create", "due", "snooze", "complete", "complete", "reopen"),
            *("delete", "restore", "undo"),
        ]
    ),
    st.integers(0, 4),
    st.integers(1, 60),
    st.integers(1, 90),
)


def act(user: User, tasks: list[Task], step: tuple[str, int, int, int], at: datetime) -> None:
    """One thing that a person does; what is refused does not happen."""
    verb, which, _, hours = step
    moment = at + hours * HOUR
    if verb == "create" or not tasks:
        due = moment if which else None
        tasks.append(a_task(user, at, due_at=due, category=("a", "b")[which % 2]))
        return
    task = tasks[which % len(tasks)]
    try:
        if verb == "due":
            changing.edit(user, task.pk, {"due_at": moment}, source="web", now=at)
        elif verb == "snooze":
            changing.snooze(user, task.pk, moment, source="web", now=at)
        elif verb == "undo":
            newest = TaskEvent.objects.filter(user=user).latest("created_at", "id")
            history.undo(user, newest.batch or newest.pk, source="web", now=at)
        else:
            getattr(changing, verb)(user, task.pk, source="web", now=at)
    except (changing.TaskGone, changing.TaskRefused, history.UndoRefused):
        pass


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(STEP, min_size=1, max_size=25), st.integers(0, 100))
def test_the_statement_says_what_a_plain_replay_says(
    steps: list[tuple[str, int, int, int]], rest: int
) -> None:
    user = UserFactory(timezone="America/New_York")
    tasks: list[Task] = []
    at = START
    for step in steps:
        at += step[2] * HOUR / 4
        act(user, tasks, step, at)
    for until in (START + (at - START) / 2, at + rest * HOUR):
        found = counted(user, until)
        for name, expected in replayed(user, until).items():
            said = getattr(found, name)
            assert said == (pytest.approx(expected) if expected is not None else None), name
