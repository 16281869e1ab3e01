"""Staff: reading a consultation, making keys, and the gate of a whole segment."""

import csv
import io

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry, User
from accounts.tests.factories import StaffFactory, UserFactory
from coaching.models import CoachingProfile, ConsultationKey
from coaching.personalization.consultation.access import digest

from .talking import begun, somebody, tell

pytestmark = pytest.mark.django_db
COHORT = "admin:coaching_personatgate_cohort"
MAKE = "admin:coaching_consultationkey_make"


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


@pytest.fixture
def boss() -> Client:
    return signed_in(StaffFactory.create(is_superuser=True))


@pytest.fixture
def coach() -> User:
    user = StaffFactory.create()
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="coaching"))
    return user


def test_a_consultation_is_read_with_its_quotes_and_the_reading_is_written_down(
    coach: User,
) -> None:
    talk = begun(somebody(coach=coach))
    tell(talk, "I run on <Mondays>")
    client = signed_in(coach)
    address = reverse("admin:coaching_consultation_change", args=[talk.pk])
    page = client.get(address).content.decode()
    assert "Running" in page
    assert "I run on &lt;Mondays&gt;" in page
    assert AuditEntry.objects.get(subject=talk.user).action == "read"
    assert client.post(address, {"status": "completed"}).status_code == 403
    strange = begun()
    address = reverse("admin:coaching_consultation_change", args=[strange.pk])
    assert client.get(address).status_code == 302


def test_keys_are_shown_once_and_kept_as_digests(boss: Client) -> None:
    page = boss.post(reverse(MAKE), {"label": "Friends", "count": 3}).content.decode()
    kept = list(ConsultationKey.objects.values_list("digest", flat=True))
    assert len(kept) == 3
    shown = [
        word for word in page.replace("<", " ").replace(">", " ").split() if digest(word) in kept
    ]
    assert len(shown) == 3
    listed = boss.get(reverse("admin:coaching_consultationkey_changelist")).content.decode()
    assert not any(key in listed for key in shown)


def test_keys_come_as_csv(boss: Client) -> None:
    answer = boss.post(reverse(MAKE), {"label": "=1+1", "count": 2, "csv": "yes"})
    rows = list(csv.reader(io.StringIO(answer.content.decode())))
    assert rows[0] == ["label", "key"]
    assert rows[1][0] == "'=1+1"
    assert {digest(key) for _, key in rows[1:]} == set(
        ConsultationKey.objects.values_list("digest", flat=True)
    )


def test_looking_at_the_page_makes_no_keys_and_needs_the_permission(
    boss: Client, coach: User
) -> None:
    boss.get(reverse(MAKE), {"label": "x", "count": "3"})
    coach.user_permissions.remove(Permission.objects.get(codename="add_consultationkey"))
    answer = signed_in(coach).post(reverse(MAKE), {"label": "x", "count": 3})
    assert answer.status_code == 403
    assert not ConsultationKey.objects.exists()


def is_open_for(user: User) -> bool:
    return CoachingProfile.objects.filter(user=user, consultation_enabled=True).exists()


def test_a_segment_is_counted_first_and_opened_when_confirmed(boss: Client) -> None:
    ada, bob = UserFactory.create(), somebody()
    wish = {"segment": "coaching.all", "what": "open"}
    boss.get(reverse(COHORT), wish)
    assert not is_open_for(ada)
    page = boss.post(reverse(COHORT), wish).content.decode()
    assert "2 people in this segment now; for 1 of them" in page
    boss.get(reverse(COHORT), {**wish, "confirmed": "yes"})
    assert not is_open_for(ada)
    for _ in range(2):
        boss.post(reverse(COHORT), {**wish, "confirmed": "yes"})
    assert is_open_for(ada)
    entry = AuditEntry.objects.get(subject=ada)
    assert (entry.action, entry.detail) == ("consultation.opened", {"segment": "coaching.all"})
    assert not AuditEntry.objects.filter(subject=bob).exists()
    boss.post(reverse(COHORT), {**wish, "what": "close", "confirmed": "yes"})
    assert not is_open_for(ada)


def test_a_coach_switches_only_their_own_people(coach: User) -> None:
    own, other = UserFactory.create(coach=coach), UserFactory.create()
    wish = {"segment": "coaching.all", "what": "open", "confirmed": "yes"}
    signed_in(coach).post(reverse(COHORT), wish)
    assert is_open_for(own)
    assert not is_open_for(other)
    coach.user_permissions.remove(Permission.objects.get(codename="change_personatgate"))
    assert signed_in(coach).post(reverse(COHORT), wish).status_code == 403
