"""The demo people of a fresh machine."""

import re
from collections.abc import Iterable
from datetime import timedelta
from io import StringIO

import pytest
from allauth.account.models import EmailAddress
from django.core.management import call_command
from django.utils import timezone

from accounts.day import local_day
from accounts.models import User
from coaching.models import (
    CoachMessage,
    Conversation,
    MessageCause,
    NudgeDecision,
    RawBehavioralLog,
)
from config.demo import story
from config.demo.seed import ADMIN_EMAIL, COACH_EMAIL, DEMO_EMAIL, seed
from habits.models import HabitCompletion, UserStreak
from productivity.history import TRACKED, folded, undo, version_of
from productivity.models import (
    BreakdownStatus,
    CoachingNudge,
    FeatureSnapshot,
    ScheduleRecommendation,
    SlotOdds,
    StuckReport,
    Task,
    TaskEvent,
    TaskStatus,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    call_command("load_catalogue", verbosity=0)
    monkeypatch.setattr(story, "REACHED_OUT_DAYS", 2)


@pytest.fixture
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten days instead of two months, where the length of the story does not matter."""
    monkeypatch.setattr(story, "DAYS", 10)


def _history() -> list[tuple[object, ...]]:
    rows: Iterable[tuple[object, ...]] = HabitCompletion.objects.order_by(
        "habit__name", "local_date", "ordinal"
    ).values_list("habit__name", "local_date", "status", "value", "reason")
    return list(rows)


@pytest.mark.usefixtures("_short")
def test_each_printed_password_opens_the_door_and_is_printed_once() -> None:
    first, second = StringIO(), StringIO()

    call_command("seed_demo", stdout=first)
    call_command("seed_demo", stdout=second, stderr=second)

    lines = [re.split(r"\s{2,}", line) for line in first.getvalue().splitlines()]
    assert [line[1] for line in lines] == [DEMO_EMAIL, COACH_EMAIL, ADMIN_EMAIL]
    for _, email, password in lines:
        assert User.objects.get(email=email).check_password(password)
        assert EmailAddress.objects.filter(email=email, verified=True, primary=True).exists()
        assert password not in second.getvalue()


@pytest.mark.usefixtures("_short")
def test_a_dry_run_leaves_nothing_behind() -> None:
    said = StringIO()

    call_command("seed_demo", dry_run=True, stdout=said)

    assert said.getvalue().count("(would be made)") == 3
    assert not User.objects.exists()


@pytest.mark.usefixtures("_short")
def test_the_coach_spoke_first_and_every_decision_is_there_to_read() -> None:
    seed()

    person = User.objects.get(email=DEMO_EMAIL)
    messages = CoachMessage.objects.of(person)
    assert messages.filter(cause=MessageCause.BRIEF).sent().exists()
    assert not messages.filter(decisions__isnull=True).exists()
    points = NudgeDecision.objects.filter(user=person).values_list("point", flat=True)
    assert set(points) == {"morning", "midday", "afternoon", "evening"}


@pytest.mark.usefixtures("_short")
def test_the_same_seed_tells_the_same_story() -> None:
    seed(random_seed=7)
    first = _history()
    User.objects.all().delete()
    seed(random_seed=7)

    assert _history() == first


def test_two_months_were_lived_with_misses_and_today_is_open() -> None:
    seed()
    demo = User.objects.get(email=DEMO_EMAIL)
    today = local_day(demo)
    days = set(demo.habit_completions.values_list("local_date", flat=True))
    statuses = set(demo.habit_completions.values_list("status", flat=True))

    assert today not in days
    assert min(days) <= today - timedelta(days=55)
    assert {"done", "partial", "skipped"} <= statuses
    assert UserStreak.objects.filter(user=demo, current__gte=2, strength__gt=0.3).exists()
    assert RawBehavioralLog.objects.filter(user=demo).count() >= len(days)
    assert Conversation.objects.filter(user=demo, head__isnull=False).count() >= 4


@pytest.mark.usefixtures("_short")
def test_the_demo_coach_sees_the_demo_person_and_is_no_superuser() -> None:
    seed()
    coach = User.objects.get(email=COACH_EMAIL)

    assert [person.email for person in coach.caseload.all()] == [DEMO_EMAIL]
    assert coach.is_staff
    assert not coach.is_superuser
    assert coach.has_perm("coaching.view_conversation")
    assert not coach.has_perm("accounts.change_user")


def test_a_plan_is_under_way() -> None:
    seed()
    demo = User.objects.get(email=DEMO_EMAIL)

    plan = demo.habit_sequences.get(status="active")

    assert plan.phases.filter(opened_at__isnull=False).count() >= 2
    assert plan.phases.filter(opened_at__isnull=True).exists()
    assert plan.goal is not None
    assert plan.goal.habits.filter(status="active").exists()


def test_the_tasks_are_those_of_somebody_busy_with_all_that_follows_from_them() -> None:
    call_command("load_message_templates", verbosity=0)
    seed()
    demo, now = User.objects.get(email=DEMO_EMAIL), timezone.now()
    mine = Task.objects.filter(user=demo)
    still_open = mine.open()

    assert 20 <= still_open.filter(parent=None).count() <= 30
    assert still_open.overdue(now).exists()
    assert still_open.filter(due_on=local_day(demo)).exists()
    assert still_open.filter(status=TaskStatus.SNOOZED, snoozed_until__gt=now).exists()
    assert still_open.filter(series__isnull=False).count() == 2
    assert still_open.filter(parent__isnull=False).exists()
    assert mine.filter(parent__isnull=False, status=TaskStatus.COMPLETED).exists()
    assert mine.filter(status=TaskStatus.COMPLETED).count() >= 100
    assert len(set(mine.values_list("category", flat=True))) >= 5
    assert not mine.filter(created_at__gt=now).exists()
    assert not mine.filter(completed_at__gt=now).exists()

    # Every task is what its history tells, and its history can be taken back.
    events: dict[object, list[TaskEvent]] = {}
    for event in TaskEvent.objects.order_by("id"):
        events.setdefault(event.task_id, []).append(event)
    for task in Task.objects.all():
        own = events[task.pk]
        assert folded(own) == {name: getattr(task, name) for name in TRACKED}
        assert [event.created_at for event in own] == sorted(event.created_at for event in own)
        assert own[-1].event_payload["version"] == version_of(task)
    done = Task.objects.filter(status=TaskStatus.COMPLETED, series=None, parent=None).first()
    assert done is not None
    undo(done.user, events[done.pk][-1].pk, source="web")
    done.refresh_from_db()
    assert done.is_open

    # What was learned, suggested and said.
    snapshot = FeatureSnapshot.objects.filter(user=demo).latest("date")
    assert snapshot.procrastination_score is not None
    assert FeatureSnapshot.objects.filter(user=demo).count() >= 8
    assert SlotOdds.objects.filter(user=demo).count() >= 10
    suggested = ScheduleRecommendation.objects.filter(user=demo)
    assert suggested.filter(accepted=True).count() == 1
    assert suggested.filter(accepted=False, rejected=False).exists()
    assert StuckReport.objects.filter(user=demo).exists()
    assert demo.task_breakdowns.filter(status=BreakdownStatus.DRAFT).count() == 1
    nudges = CoachingNudge.objects.filter(user=demo)
    assert nudges.exclude(template_key="").count() >= 4
    assert nudges.filter(usefulness_rating=1).exists()
    assert nudges.filter(helped=True).exists()
