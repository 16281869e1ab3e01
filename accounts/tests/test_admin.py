"""What staff see and do: least privilege, a trail, and nothing by accident."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, reverse

from accounts.consent import set_consent
from accounts.models import AuditEntry, ConsentKind, ConsentSource, User

from .factories import StaffFactory, UserFactory

pytestmark = pytest.mark.django_db
LIST = "admin:accounts_user_changelist"


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def boss() -> User:
    return StaffFactory.create(is_superuser=True)


@pytest.fixture
def coach() -> User:
    call_command("load_groups", verbosity=0)
    coach = StaffFactory.create()
    coach.groups.add(Group.objects.get(name="Coaches"))
    return coach


def act(client: Client, action: str, *rows: User, confirmed: bool = True) -> Any:
    data = {"action": action, "_selected_action": [str(row.pk) for row in rows]}
    if confirmed:
        data["confirmed"] = "yes"
    return client.post(reverse(LIST), data)


class TestACoach:
    def test_sees_only_their_own_people(self, coach) -> None:
        mine, other = UserFactory.create(coach=coach), UserFactory.create()
        client = client_of(coach)
        page = client.get(reverse(LIST)).content.decode()
        assert mine.email in page
        assert other.email not in page
        assert client.get(reverse("admin:accounts_user_change", args=[mine.pk])).status_code == 200
        hidden = client.get(reverse("admin:accounts_user_change", args=[other.pk]))
        assert hidden.status_code in {302, 404}
        assert other.email not in hidden.content.decode()

    def test_sees_only_their_peoples_consent(self, coach) -> None:
        for user in (UserFactory.create(coach=coach), UserFactory.create()):
            set_consent(user, ConsentKind.SMS, True, ConsentSource.WEB)
        response: Any = client_of(coach).get(reverse("admin:accounts_consent_changelist"))
        assert response.context["cl"].result_count == 1

    def test_cannot_raise_anybody(self, coach) -> None:
        mine = UserFactory.create(coach=coach)
        client_of(coach).post(
            reverse("admin:accounts_user_change", args=[mine.pk]),
            {
                "name": "New name",
                "email": "taken@example.org",
                "is_staff": "on",
                "is_superuser": "on",
                "timezone": "UTC",
                "day_start_hour": "3",
                "locale": "en",
                "consents-TOTAL_FORMS": "0",
                "consents-INITIAL_FORMS": "0",
                "interaction_pattern-TOTAL_FORMS": "0",
                "interaction_pattern-INITIAL_FORMS": "0",
            },
        )
        mine.refresh_from_db()
        assert mine.name == "New name"
        assert not mine.is_staff
        assert not mine.is_superuser
        assert mine.email != "taken@example.org"

    def test_cannot_pause_or_erase_the_people_of_others(self, coach) -> None:
        other = UserFactory.create()
        act(client_of(coach), "pause_automation", other)
        act(client_of(coach), "erase", other)
        other.refresh_from_db()
        assert other.automation_paused_at is None
        assert other.deleted_at is None

    def test_the_first_page_shows_the_caseload(self, coach) -> None:
        mine, other = UserFactory.create(coach=coach), UserFactory.create()
        page = client_of(coach).get(reverse("admin:index")).content.decode()
        assert mine.name in page
        assert other.name not in page


class TestActions:
    def test_pausing_asks_first(self, boss) -> None:
        user = UserFactory.create()
        page = act(client_of(boss), "pause_automation", user, confirmed=False)
        assert page.status_code == 200
        user.refresh_from_db()
        assert user.automation_paused_at is None

    def test_pausing_and_resuming_leave_a_trail(self, boss) -> None:
        user = UserFactory.create()
        client = client_of(boss)
        act(client, "pause_automation", user)
        user.refresh_from_db()
        assert user.automation_paused_at is not None
        act(client, "resume_automation", user)
        user.refresh_from_db()
        assert user.automation_paused_at is None
        assert [row.action for row in AuditEntry.objects.order_by("id")] == [
            "automation.paused",
            "automation.resumed",
        ]

    def test_erasing_goes_through_the_grace_period_and_never_hits_oneself(self, boss) -> None:
        user = UserFactory.create()
        act(client_of(boss), "erase", user, boss)
        user.refresh_from_db()
        boss.refresh_from_db()
        assert user.deleted_at is not None
        assert boss.deleted_at is None

    def test_signing_out(self, boss) -> None:
        user = UserFactory.create()
        theirs = client_of(user)
        act(client_of(boss), "sign_out", user)
        assert theirs.get(reverse("settings")).status_code == 302


class TestTheTrail:
    def test_opening_a_page_is_written_down(self, boss) -> None:
        user = UserFactory.create()
        client_of(boss).get(reverse("admin:accounts_user_change", args=[user.pk]))
        row = AuditEntry.objects.get()
        assert (row.actor, row.subject, row.action) == (boss, user, "read")

    def test_nobody_edits_the_trail_or_the_ledger(self, boss) -> None:
        user = UserFactory.create()
        set_consent(user, ConsentKind.SMS, True, ConsentSource.WEB)
        entry = AuditEntry.objects.create(actor=boss, subject=user, action="read")
        consent = user.consents.get()
        client = client_of(boss)
        for name, row in (("auditentry", entry), ("consent", consent)):
            for page in ("change", "delete"):
                url = reverse(f"admin:accounts_{name}_{page}", args=[row.pk])
                assert client.post(url, {"post": "yes"}).status_code == 403
            assert client.get(reverse(f"admin:accounts_{name}_add")).status_code == 403
        assert AuditEntry.objects.filter(pk=entry.pk).exists()
        assert user.consents.exists()


def admin_urls(patterns: Any = None, prefix: str = "") -> Iterator[str]:
    """The names of all routes of the admin."""
    for pattern in patterns if patterns is not None else admin.site.get_urls():
        if isinstance(pattern, URLResolver):
            yield from admin_urls(pattern.url_patterns)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield pattern.name


def state() -> dict[str, list[Any]]:
    """Every row of every table that a page could change, but for sessions and the trail."""
    untouched = {Session, AuditEntry}
    return {
        model._meta.label: sorted(map(str, model._base_manager.values_list()))
        for model in apps.get_models()
        if model._meta.managed and not model._meta.proxy and model not in untouched
    }


def test_getting_any_page_of_the_admin_changes_nothing(boss) -> None:
    user = UserFactory.create(coach=boss)
    set_consent(user, ConsentKind.SMS, True, ConsentSource.WEB)
    client = client_of(boss)
    rows = {"accounts_user": user, "accounts_consent": user.consents.get()}
    before = state()
    seen = 0
    for name in sorted(set(admin_urls()) - {"logout"}):
        table = name.rsplit("_", 1)[0]
        row = rows.get(table, user)
        for args in ([], [row.pk]):
            try:
                url = reverse(f"admin:{name}", args=args)
            except NoReverseMatch:
                continue
            answer = client.get(url)
            assert answer.status_code < 500, url
            seen += 1
    for model, page in admin.site._registry.items():
        base = f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
        for action in page.get_actions(_request(boss)):
            chosen = {"action": action, "_selected_action": str(user.pk), "confirmed": "yes"}
            client.get(reverse(base), chosen)
    assert seen > 20
    assert state() == before


def _request(user: User) -> Any:
    from django.test import RequestFactory

    request = RequestFactory().get("/admin/")
    request.user = user
    return request


def test_every_page_and_list_of_people_opens(boss) -> None:
    UserFactory.create(coach=boss)
    client = client_of(boss)
    for name in ("user", "consent", "datarequest", "device", "auditentry"):
        assert client.get(reverse(f"admin:accounts_{name}_changelist")).status_code == 200
    for query in ({"caseload": "mine"}, {"caseload": "none"}, {"standing": "leaving"}, {"q": "a"}):
        assert client.get(reverse(LIST), query).status_code == 200
    page = client.get(reverse("admin:index")).content.decode()
    assert "Caseload" in page
    assert "People" in page


def test_people_without_a_role_stay_outside() -> None:
    assert client_of(UserFactory.create()).get(reverse("admin:index")).status_code == 302
