"""The demo people of a fresh machine."""

import re
from collections.abc import Iterable
from datetime import timedelta
from io import StringIO

import pytest
from allauth.account.models import EmailAddress
from django.core.management import call_command

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
