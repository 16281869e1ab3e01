"""What the coach is told of tasks, what its briefs say, and which task words name."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.template.loader import render_to_string

from accounts.day import local_day
from coaching.toolkit import ToolContext, ToolRefused, card_views, tool_named, undo_verbs
from productivity import changing
from productivity.coach.briefs import tasks_of_today, tasks_of_week
from productivity.coach.context import done_series, tasks_now
from productivity.coach.named import task_named
from productivity.coach.plans import reason_said
from productivity.coach.tools import wanted_task
from productivity.models import Task, TaskStatus

from .factories import TaskFactory, UserFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)  # a Wednesday


def run(user, name, *, call_id=None, **args):
    entry = tool_named(name)
    context = ToolContext(user, NOW, call_id or uuid4().hex)
    return entry.run(context, entry.args(**args))


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ("add call mum to my tasks", "call mum"),
        ("Add call mum tomorrow to my list please", "call mum tomorrow"),
        ("todo: buy milk", "buy milk"),
        ("new task: send flowers", "send flowers"),
        ("please create a task to send flowers", "send flowers"),
        ("put dentist on my to-do list", "dentist"),
        ("can you add buy milk to my list?", "buy milk"),
        ("call mum tomorrow 6pm", "call mum tomorrow 6pm"),
        ("add up the receipts", "up the receipts"),
    ],
)
def test_the_words_of_a_wish_are_told_from_the_task(said, title):
    assert wanted_task(said) == title


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ("the report", "Write the quarterly report"),
        ("push the report to friday", "Write the quarterly report"),
        ("friday drinks", "Friday drinks"),
        ("done with calling mum", "Call mum"),
        ("CALL MUM", "Call mum"),
    ],
)
def test_words_name_tasks(said, title):
    user = UserFactory()
    for each in ("Write the quarterly report", "Friday drinks", "Call mum"):
        TaskFactory(user=user, title=each)
    TaskFactory(title="the report")
    assert task_named(user, said).title == title


def test_a_task_is_found_by_its_id_only_for_whom_it_belongs_to():
    task = TaskFactory(title="Sing")
    assert task_named(task.user, str(task.pk)) == task
    with pytest.raises(ToolRefused):
        task_named(UserFactory(), str(task.pk))


def test_unknown_and_ambiguous_names_are_answered_with_what_is_near():
    user = UserFactory()
    TaskFactory(user=user, title="Write the report")
    TaskFactory(user=user, title="Print the report")
    with pytest.raises(ToolRefused, match="Print the report"):
        task_named(user, "report")
    with pytest.raises(ToolRefused, match="no open task"):
        task_named(user, "elephant")
    with pytest.raises(ToolRefused, match="empty"):
        task_named(UserFactory(), "elephant")


def test_the_same_call_adds_one_task():
    user = UserFactory()
    for _ in range(2):
        run(user, "add_task", call_id="c", text="add milk to my list")
    assert [task.title for task in Task.objects.filter(user=user)] == ["milk"]


def test_every_write_is_taken_back_by_its_undo():
    user = UserFactory()
    task = TaskFactory(user=user, title="Report")
    cases = [("complete_task", {}), ("snooze_task", {"until": "tomorrow"}), ("reschedule_task", {"changes": "friday !high"}), ("delete_task", {})]  # fmt: skip
    for name, args in cases:
        card = run(user, name, task="report", **args)
        assert card.undo.expires_at >= NOW + timedelta(seconds=10)
        undo_verbs.get(card.undo.verb)(user, card.undo.args)
        task.refresh_from_db()
        assert (task.status, task.due_at, task.priority) == (TaskStatus.PENDING, None, 0)
        with pytest.raises(ToolRefused):
            undo_verbs.get(card.undo.verb)(UserFactory(), card.undo.args)


def test_a_change_reads_what_is_said_and_nothing_else():
    user = UserFactory()
    task = TaskFactory(user=user, title="Report for May 5", estimated_minutes=20)
    run(user, "reschedule_task", task="Report for May 5", changes="push Report for May 5 to friday 3pm")  # fmt: skip
    task.refresh_from_db()
    assert task.due_at.astimezone(user.tz).strftime("%a %H:%M") == "Fri 15:00"
    assert task.estimated_minutes == 20
    with pytest.raises(ToolRefused):
        run(user, "reschedule_task", task="Report for May 5", changes="purple")


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("it is too big", "overwhelming"),
        ("I don't know where to begin", "unclear"),
        ("so boring", "boring"),
        ("I dread it", "feared"),
        ("there is no time", "no_time"),
        ("it has to be perfect", "perfectionism"),
        ("it is stuck", None),
    ],
)
def test_reasons_are_heard(said, reason):
    assert reason_said(said) == reason


def test_the_coach_is_told_in_twelve_lines_at_most():
    user = UserFactory()
    assert list(tasks_now(user, NOW)) == []
    for number in range(30):
        TaskFactory(
            user=user, title=f"Task {number} “x”; y", due_at=NOW + timedelta(hours=number - 2)
        )
    lines = list(tasks_now(user, NOW))
    assert len(lines) <= 12
    assert lines[0].startswith("2 overdue")
    assert not any("secret" in line for line in lines)


def test_the_morning_names_today_and_one_thing():
    user = UserFactory(timezone="UTC")
    assert tasks_of_today(user, NOW) is None
    TaskFactory(user=user, title="Call mum", due_at=NOW + timedelta(hours=3), priority=3)
    TaskFactory(user=user, title="Old", due_at=NOW - timedelta(days=3))
    morning = tasks_of_today(user, NOW)
    assert morning
    told = " ".join(morning.lines)
    assert "Call mum by 12:00" in told
    assert "1 task is past the date" in told
    assert "One thing: 10 minutes for “Call mum” first." in told


def test_the_week_tells_what_was_done_what_slipped_and_one_thing():
    user = UserFactory(timezone="UTC")
    assert tasks_of_week(user, NOW) is None
    sunday = NOW + timedelta(days=4)
    done = TaskFactory(user=user, title="Paint the door")
    slipped = TaskFactory(user=user, title="Oil the gate", due_at=NOW)
    changing.complete(user, done.pk, source="web", now=NOW)
    for day in range(3):
        changing.snooze(user, slipped.pk, sunday + timedelta(days=day), source="web", now=NOW)
    week = tasks_of_week(user, sunday)
    assert week
    told = " ".join(week.lines)
    assert "Paint the door" in told
    assert "Not done by its date: Oil the gate" in told
    assert "put off 3 times" in told


def test_done_tasks_are_drawn_on_the_persons_days():
    user = UserFactory(timezone="Europe/Berlin", day_start_hour=3)
    task = TaskFactory(user=user)
    late = datetime(2026, 11, 18, 0, 30, tzinfo=UTC)  # half past one at night: still the 17th
    changing.complete(user, task.pk, source="web", now=late)
    day = local_day(user, late)
    [series] = done_series(user, day, day)
    assert (day.day, series.points[0].value) == (17, 1.0)


@pytest.mark.parametrize("tool", ["list_tasks", "plan_my_day", "does_my_week_fit"])
@pytest.mark.parametrize("has_tasks", [True, False])
def test_cards_are_drawn(tool, has_tasks):
    user = UserFactory()
    if has_tasks:
        TaskFactory(user=user, title="<b>Report</b>", estimated_minutes=30)
    card = run(user, tool)
    view = card_views.get(card.kind)
    html = render_to_string(view.template, view.context(user, card))
    assert "<b>" not in html


@pytest.mark.parametrize("tool", ["complete_task", "break_down", "why_stuck", "time_for_task", "delete_task"])  # fmt: skip
def test_cards_of_one_task_show_it_as_it_is_and_nothing_to_others(tool):
    user = UserFactory()
    TaskFactory(user=user, title="Report", estimated_minutes=30)
    card = run(user, tool, task="report")
    view = card_views.get(card.kind)
    assert "Report" in render_to_string(view.template, view.context(user, card))
    stranger = view.context(UserFactory(), card)
    assert not any(isinstance(value, Task) for value in stranger.values())
