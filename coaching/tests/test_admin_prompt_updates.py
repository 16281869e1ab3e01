"""The staff's page of prompt updates: figures of whom they may see, and nothing to change."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client, override_settings
from django.utils import timezone

from accounts.models import User
from accounts.tests.factories import StaffFactory, UserFactory
from coaching.admin.prompt_updates import MEANINGS, dollars
from coaching.models import CoachingProfile, PromptReview, PromptRevision
from coaching.personalization.config import FIELDS

pytestmark = pytest.mark.django_db
PAGE = "/admin/coaching/promptreview/overview/"


def staff_client(client: Client, **fields: object) -> tuple[Client, User]:
    member = StaffFactory(**fields)
    member.user_permissions.add(Permission.objects.get(codename="view_promptreview"))
    client.force_login(member)
    return client, member


def looked_at(decision: str, *, coach: User | None = None, **fields: int) -> User:
    person = UserFactory(coach=coach)
    now = timezone.now()
    CoachingProfile.objects.update_or_create(
        user=person,
        defaults={
            "coaching_system_prompt": "You coach somebody.",
            "prompt_status": "ready",
            "last_prompt_update": now - timedelta(days=20),
        },
    )
    PromptReview.objects.create(user=person, local_date=now.date(), decision=decision, **fields)
    return person


def test_what_was_spent_and_saved_and_who_is_due(client: Client) -> None:
    client, _ = staff_client(client, is_superuser=True)
    kept = looked_at("skipped", saved_microdollars=50_000)
    written = looked_at("regenerated", cost_microdollars=48_000)
    PromptRevision.objects.create(
        user=written, version=1, reason="weekly", template="beginner", prompt="x", cost_microdollars=48_000
    )  # fmt: skip
    with override_settings(COACH_MODEL="openai/paid"):
        page = client.get(PAGE).content.decode()
    assert "1 written anew, 1 left as they were, 0 rejected, 0 failed." in page
    assert "$0.0480 spent on writing, $0.0500 saved" in page
    assert "2 people have a personal prompt; 2 of them are due" in page
    assert "about $0.0480 if 50% change" in page
    assert kept.email in page
    for name in ("ADHERENCE_CHANGE_THRESHOLD", "PROMPT_UPDATE_DAY", "CHANGE_NOISE_Z"):
        assert name in page


def test_a_coach_sees_their_own_people_only(client: Client) -> None:
    client, coach = staff_client(client)
    mine, other = looked_at("skipped", coach=coach), looked_at("skipped")
    for address in (PAGE, "/admin/coaching/promptreview/"):
        page = client.get(address).content.decode()
        assert mine.email in page or mine.name in page
        assert other.email not in page
    assert "1 left as they were" in client.get(f"{PAGE}?weeks=8").content.decode()


def test_it_takes_permission_and_cannot_be_changed(client: Client) -> None:
    client.force_login(StaffFactory())
    assert client.get(PAGE).status_code == 403
    client, _ = staff_client(client, is_superuser=True)
    row = PromptReview.objects.get(user=looked_at("skipped"))
    assert client.post(PAGE).status_code == 405
    address = f"/admin/coaching/promptreview/{row.pk}/change/"
    assert client.get(address).status_code == 200
    assert client.post(address, {"decision": "failed"}).status_code == 403
    assert client.get(f"{PAGE}?weeks=x&page=99").status_code == 200


def test_every_setting_is_explained_and_money_is_readable() -> None:
    assert set(MEANINGS) == set(FIELDS)
    assert [dollars(amount) for amount in (0, 48_000, 576_000, 5_184_000)] == [
        *("$0.00", "$0.0480", "$0.58", "$5.18")
    ]
