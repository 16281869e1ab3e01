"""What staff see of suggested slots."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.tests.factories import StaffFactory, UserFactory
from productivity.models import ScheduleRecommendation, SlotOdds, SlotTrial, TrialKind
from productivity.tests.factories import TaskFactory

PAGE = "admin:productivity_schedulerecommendation_figures"
pytestmark = pytest.mark.django_db


def answered(user: User, count: int, **fields: object) -> None:
    now = timezone.now()
    for number in range(count):
        task = TaskFactory(user=user, title="Private words")
        starts = now - timedelta(days=2, hours=number)
        row = ScheduleRecommendation.objects.create(
            user=user,
            task=task,
            recommended_due=starts,
            recommended_end=starts + timedelta(hours=1),
            confidence_score=0.5,
            score=0.5,
            odds=0.7,
            expires_at=starts,
            **fields,
        )
        if row.was_done is not None:
            SlotTrial.objects.create(
                user=user,
                task=task,
                recommendation=row,
                kind=TrialKind.PLAN,
                starts_at=starts,
                weekday=0,
                hour=9,
                worked=row.was_done,
                predicted=0.7,
            )


def staff(**fields: object) -> tuple[Client, User]:
    user: User = StaffFactory(**fields)
    user.user_permissions.add(Permission.objects.get(codename="view_schedulerecommendation"))
    client = Client()
    client.force_login(user)
    return client, user


def test_the_page_tells_what_was_taken_done_and_refused() -> None:
    user = UserFactory()
    answered(user, 6, accepted=True, was_done=True)
    answered(user, 2, accepted=True, was_done=False)
    answered(user, 2, rejected=True, refusal_reason="wrong_day")
    client, _ = staff(is_superuser=True)
    page = client.get(reverse(PAGE)).content.decode()
    assert "8 of 10, 80%" in page
    assert "6 of 8, 75%" in page
    assert "Not on that day: 2" in page
    assert "<svg" in page
    assert "Private words" not in page
    assert (
        reverse(PAGE)
        in client.get(
            reverse("admin:productivity_schedulerecommendation_changelist")
        ).content.decode()
    )


def test_a_coach_sees_only_their_own_people() -> None:
    client, coach = staff()
    answered(UserFactory(), 3, accepted=True, was_done=True)
    assert "0 slots suggested" in client.get(reverse(PAGE)).content.decode()
    answered(UserFactory(coach=coach), 1, rejected=True)
    assert "0 of 1" in client.get(reverse(PAGE)).content.decode()


@pytest.mark.parametrize("days", ["30", "x", "9" * 40, "\0"])
def test_any_period_gives_a_page_and_nobody_posts(days: str) -> None:
    client, _ = staff(is_superuser=True)
    assert client.get(reverse(PAGE), {"days": days}).status_code == 200
    assert client.post(reverse(PAGE)).status_code == 405


def test_without_the_right_there_is_no_page() -> None:
    client = Client()
    client.force_login(StaffFactory())
    assert client.get(reverse(PAGE)).status_code == 403


def test_the_tables_are_read_only() -> None:
    row = SlotOdds.objects.create(user=UserFactory(), weekday=0, hour=9, tried=1, worked=1)
    client, _ = staff(is_superuser=True)
    for model in ("slotodds", "slottrial", "planninghours"):
        listed = client.get(reverse(f"admin:productivity_{model}_changelist"))
        assert listed.status_code == 200
        assert client.get(reverse(f"admin:productivity_{model}_add")).status_code == 403
    page = client.get(reverse("admin:productivity_slotodds_change", args=[row.pk]))
    assert page.status_code == 200
    assert "_save" not in page.content.decode()
