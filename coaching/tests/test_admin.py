"""Staff see their own people, change nothing by looking, and leave a trail."""

from uuid import uuid4

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry, User
from coaching.models import (
    CallOutcome,
    CoachingProfile,
    Conversation,
    CrisisAlert,
    Helpline,
    Message,
    MessageRole,
    ModelCall,
)

pytestmark = pytest.mark.django_db
OURS = [model for model in admin.site._registry if model._meta.app_label == "coaching"]


def sign_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def boss() -> Client:
    return sign_in(User.objects.create_superuser("boss@example.org", "pass phrase", name="Boss"))


@pytest.fixture
def coach() -> User:
    user = User.objects.create_user("coach@example.org", name="Coach", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="coaching"))
    return user


@pytest.fixture
def client_of_coach(coach: User) -> User:
    return User.objects.create_user("ada@example.org", name="Ada", coach=coach)


def talk(user: User) -> Conversation:
    conversation = Conversation.objects.create(user=user, title=f"Talk of {user.name}")
    Message.objects.create(
        conversation=conversation, user=user, role=MessageRole.USER, content="<b>my words</b>"
    )
    return conversation


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_every_list_opens(boss: Client, model) -> None:
    address = reverse(f"admin:coaching_{model._meta.model_name}_changelist")
    assert boss.get(address).status_code == 200


def test_a_coach_sees_only_their_people(coach: User, client_of_coach: User) -> None:
    theirs = talk(client_of_coach)
    other = talk(User.objects.create_user("bob@example.org", name="Bob"))
    page = sign_in(coach).get(reverse("admin:coaching_conversation_changelist")).content.decode()
    assert theirs.title in page
    assert other.title not in page
    address = reverse("admin:coaching_conversation_change", args=[other.pk])
    assert b"Bob" not in sign_in(coach).get(address, follow=True).content


def test_reading_a_conversation_is_written_down(coach: User, client_of_coach: User) -> None:
    conversation = talk(client_of_coach)
    address = reverse("admin:coaching_conversation_change", args=[conversation.pk])
    page = sign_in(coach).get(address).content.decode()
    assert "&lt;b&gt;my words&lt;/b&gt;" in page
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.subject, entry.action) == (coach, client_of_coach, "read")


def test_a_conversation_cannot_be_changed(boss: Client, client_of_coach: User) -> None:
    conversation = talk(client_of_coach)
    address = reverse("admin:coaching_conversation_change", args=[conversation.pk])
    assert boss.post(address, {"title": "changed"}).status_code == 403


GATE = "admin:coaching_personatgate_changelist"


def is_open_for(user: User) -> bool:
    return CoachingProfile.objects.filter(user=user, consultation_enabled=True).exists()


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_gate_asks_before_it_opens(boss: Client, client_of_coach: User, method: str) -> None:
    chosen = {"action": "open_consultation", "_selected_action": [str(client_of_coach.pk)]}
    getattr(boss, method)(reverse(GATE), chosen)
    assert not is_open_for(client_of_coach)


def test_the_gate_opens_when_confirmed_and_closes_again(
    boss: Client, client_of_coach: User
) -> None:
    chosen = {"_selected_action": [str(client_of_coach.pk)], "confirmed": "yes"}
    for _ in range(2):
        boss.post(reverse(GATE), {**chosen, "action": "open_consultation"})
    assert is_open_for(client_of_coach)
    assert AuditEntry.objects.get(subject=client_of_coach).action == "consultation.opened"
    boss.post(reverse(GATE), {**chosen, "action": "close_consultation"})
    assert not is_open_for(client_of_coach)


def test_looking_is_not_opening(coach: User, client_of_coach: User) -> None:
    coach.user_permissions.remove(Permission.objects.get(codename="change_personatgate"))
    chosen = {"_selected_action": [str(client_of_coach.pk)], "confirmed": "yes"}
    sign_in(coach).post(reverse(GATE), {**chosen, "action": "open_consultation"})
    assert not is_open_for(client_of_coach)


def test_an_alert_is_acknowledged_once(boss: Client, client_of_coach: User) -> None:
    alert = CrisisAlert.objects.create(
        user=client_of_coach, category="suicide", message_id=uuid4(), paused_until=timezone.now()
    )
    address = reverse("admin:coaching_crisisalert_changelist")
    chosen = {"action": "acknowledge", "_selected_action": [str(alert.pk)], "confirmed": "yes"}
    boss.post(address, chosen)
    alert.refresh_from_db()
    first = alert.acknowledged_at
    boss.post(address, chosen)
    alert.refresh_from_db()
    assert first is not None
    assert alert.acknowledged_at == first


def test_a_line_is_dated_when_somebody_checked_it(boss: Client) -> None:
    line = Helpline.objects.create(country="NZ", name="1737", phone="1737", source="https://x.nz")
    boss.post(
        reverse("admin:coaching_helpline_changelist"),
        {"action": "checked_today", "_selected_action": [str(line.pk)], "confirmed": "yes"},
    )
    line.refresh_from_db()
    assert line.verified_on is not None


def test_who_may_only_look_at_lines_neither_dates_nor_imports_them(coach: User) -> None:
    look = Permission.objects.filter(codename__in=["view_helpline", "view_crisisalert"])
    coach.user_permissions.set(look)
    staff = sign_in(coach)
    line = Helpline.objects.create(country="NZ", name="1737", phone="1737", source="https://x.nz")
    staff.post(
        reverse("admin:coaching_helpline_changelist"),
        {"action": "checked_today", "_selected_action": [str(line.pk)], "confirmed": "yes"},
    )
    line.refresh_from_db()
    assert line.verified_on is None
    assert staff.get(reverse("admin:coaching_helpline_import")).status_code == 403
    assert staff.get(reverse("admin:coaching_helpline_export")).status_code == 200


def test_costs_are_summed_by_day_and_purpose(boss: Client) -> None:
    for cost in (100_000, 150_000):
        ModelCall.objects.create(
            purpose="chat",
            model="m",
            outcome=CallOutcome.OK,
            total_ms=5,
            cost_microdollars=cost,
        )
    page = boss.get(reverse("admin:coaching_modelcall_changelist")).content.decode()
    assert "$0.2500" in page
