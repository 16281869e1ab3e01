"""The page with the figures of tasks: for staff with the right to it, each over their own people."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.consent import set_consent
from accounts.models import ConsentKind, ConsentSource, User
from accounts.tests.factories import UserFactory
from productivity.admin.metrics import row
from productivity.metrics import Figure
from productivity.models import Task, TaskEvent, TaskStatus

pytestmark = pytest.mark.django_db
ADDRESS = "admin:productivity_task_metrics"


def staff(*, can_see: bool = True, **fields: object) -> tuple[Client, User]:
    user = UserFactory.create(is_staff=True, **fields)
    if can_see:
        user.user_permissions.add(Permission.objects.get(codename="view_task"))
    client = Client()
    client.force_login(user)
    return client, user


def people(count: int, coach: User | None = None) -> None:
    """People who agree, each with two tasks that were due last week, one of them kept."""
    now = timezone.now()
    for _ in range(count):
        user = UserFactory.create(coach=coach)
        set_consent(user, ConsentKind.BEHAVIORAL_TRACKING, True, ConsentSource.WEB)
        for is_done in (True, False):
            task = Task.objects.create(
                user=user,
                title="Private words",
                created_at=now - timedelta(days=20),
                due_at=now - timedelta(days=8),
                status=TaskStatus.COMPLETED if is_done else TaskStatus.PENDING,
                completed_at=now - timedelta(days=9) if is_done else None,
            )
            TaskEvent.objects.create(
                task=task,
                user=user,
                event_type="create",
                source="web",
                created_at=now - timedelta(days=8),
            )


def test_figures_are_shown_with_their_intervals_and_nobodys_words() -> None:
    people(22)
    client, _ = staff(is_superuser=True)
    page = client.get(reverse(ADDRESS)).content.decode()
    assert "50%" in page
    assert "to" in page
    assert "Tasks done in time, of those due, by week" in page
    assert "<svg" in page
    assert "Private words" not in page


def test_of_few_people_nothing_is_told() -> None:
    people(5)
    client, _ = staff(is_superuser=True)
    page = client.get(reverse(ADDRESS)).content.decode()
    assert "50%" not in page
    assert '<svg class="chart' not in page
    assert "too few people" in page
    assert "under 20" in page


def test_a_coach_sees_the_figures_of_their_own_people() -> None:
    client, coach = staff()
    people(22)
    assert "50%" not in client.get(reverse(ADDRESS)).content.decode()
    people(21, coach)
    page = client.get(reverse(ADDRESS)).content.decode()
    assert "50%" in page
    assert ">21<" in page


def test_without_the_right_to_see_tasks_there_is_no_page() -> None:
    client, _ = staff(can_see=False)
    assert client.get(reverse(ADDRESS)).status_code == 403
    person = Client()
    person.force_login(UserFactory.create())
    assert person.get(reverse(ADDRESS)).status_code == 302
    assert staff()[0].post(reverse(ADDRESS)).status_code == 405


def test_the_list_of_tasks_leads_to_the_figures() -> None:
    client, _ = staff(is_superuser=True)
    page = client.get(reverse("admin:productivity_task_changelist")).content.decode()
    assert reverse(ADDRESS) in page


@pytest.mark.parametrize("days", ["84", "365", "7", "x", "9" * 50, "\0"])
def test_any_period_that_is_asked_for_gives_a_page(days: str) -> None:
    client, _ = staff(is_superuser=True)
    assert client.get(reverse(ADDRESS), {"days": days}).status_code == 200


def test_more_people_cost_no_more_queries(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    people(25)
    client, _ = staff(is_superuser=True)
    client.get(reverse(ADDRESS))
    with django_assert_max_num_queries(22):
        client.get(reverse(ADDRESS))


def test_a_change_is_told_in_points_and_a_share_in_percent() -> None:
    assert row("a", Figure(30, 0.125, 0.01, 0.24), is_change=True)["value"] == "+12 points"
    assert row("a", Figure(30, -0.125, -0.2, -0.05), is_change=True)["interval"] == (
        "−20 points to −5 points"
    )
    assert row("a", Figure(30, 0.5, 0.4, 0.6))["interval"] == "40% to 60%"
    assert row("a", Figure(3))["people"] == "under 20"
    assert row("a", Figure(0))["people"] == "0"
