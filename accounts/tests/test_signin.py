"""Coming back: codes, passwords, resets, two factors; and what somebody else's account cannot become."""

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import get_adapter as get_mfa_adapter
from allauth.mfa.totp.internal.auth import (
    TOTP,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.forms import ProfileForm
from accounts.models import User
from accounts.sessions import sign_out_everywhere

from .factories import UserFactory

PASSWORD = "a-long-quiet-river"
APP = "/_allauth/app/v1"
pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    user = UserFactory.create(email="maya@example.org")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    user.set_password(PASSWORD)
    user.save()
    return user


def app(path: str, body: dict[str, Any] | None = None, token: str = "") -> Any:
    headers = {"X-Session-Token": token} if token else {}
    return Client().post(f"{APP}{path}", body or {}, "application/json", headers=headers)


def code_from_mail() -> str:
    found = re.search(r"^ {4}(\S+)$", str(mail.outbox[-1].body), re.MULTILINE)
    assert found, mail.outbox[-1].body
    return found[1]


def is_in(client: Client) -> bool:
    return client.get(reverse("settings")).status_code == 200


class TestOnThePage:
    def test_a_password_opens(self, user) -> None:
        client = Client()
        client.post(reverse("account_login"), {"login": "MAYA@example.org", "password": PASSWORD})
        assert is_in(client)

    def test_a_wrong_one_does_not(self, user) -> None:
        client = Client()
        answer = client.post(reverse("account_login"), {"login": user.email, "password": "x" * 12})
        assert answer.status_code == 200
        assert not is_in(client)

    def test_without_a_password_a_code_comes_by_mail(self, user) -> None:
        client = Client()
        answer: Any = client.post(reverse("account_login"), {"login": user.email, "password": ""})
        assert answer.url == reverse("account_confirm_login_code")
        assert client.get(answer.url).status_code == 200
        client.post(answer.url, {"code": code_from_mail()})
        assert is_in(client)

    def test_an_unknown_address_gets_the_same_answer(self, user) -> None:
        known: Any = Client().post(reverse("account_request_login_code"), {"email": user.email})
        other: Any = Client().post(
            reverse("account_request_login_code"), {"email": "no@example.org"}
        )
        assert (known.status_code, known.url) == (other.status_code, other.url)

    def test_three_wrong_codes_end_it(self, user) -> None:
        client = Client()
        client.post(reverse("account_request_login_code"), {"email": user.email})
        right = code_from_mail()
        for _ in range(3):
            client.post(reverse("account_confirm_login_code"), {"code": "AAAA-AAAA"})
        client.post(reverse("account_confirm_login_code"), {"code": right})
        assert not is_in(client)

    def test_a_forgotten_password_is_set_anew_with_a_code(self, user) -> None:
        client = Client()
        client.post(reverse("account_reset_password"), {"email": user.email})
        client.post(reverse("account_confirm_password_reset_code"), {"code": code_from_mail()})
        new = "another-quiet-river"
        client.post(
            reverse("account_complete_password_reset"), {"password1": new, "password2": new}
        )
        user.refresh_from_db()
        assert user.check_password(new)

    def test_staff_come_in_by_the_same_door(self, user) -> None:
        answer: Any = Client().get(reverse("admin:login"))
        assert answer.status_code == 302
        assert reverse("account_login") in answer.url

    def test_many_wrong_passwords_are_slowed_down(self, user) -> None:
        client = Client()
        for _ in range(6):
            answer = client.post(
                reverse("account_login"), {"login": user.email, "password": "x" * 12}
            )
        assert "Too many" in answer.content.decode()


class TestFromAPhone:
    def test_password_then_token_then_out(self, user) -> None:
        answer = app("/auth/login", {"email": user.email, "password": PASSWORD})
        token = answer.json()["meta"]["session_token"]
        headers = {"X-Session-Token": token}
        assert Client().get("/api/v1/users/me/", headers=headers).status_code == 200
        Client().delete(f"{APP}/auth/session", headers=headers)
        assert Client().get("/api/v1/users/me/", headers=headers).status_code == 401

    def test_a_code_by_mail(self, user) -> None:
        asked = app("/auth/code/request", {"email": user.email})
        assert asked.status_code == 401
        token = asked.json()["meta"]["session_token"]
        answer = app("/auth/code/confirm", {"code": code_from_mail()}, token)
        assert answer.status_code == 200
        fresh = answer.json()["meta"].get("session_token", token)
        headers = {"X-Session-Token": fresh}
        assert Client().get("/api/v1/users/me/", headers=headers).status_code == 200

    def test_a_new_password_by_code(self, user) -> None:
        token = app("/auth/password/request", {"email": user.email}).json()["meta"]["session_token"]
        new = "another-quiet-river"
        answer = app("/auth/password/reset", {"key": code_from_mail(), "password": new}, token)
        assert answer.status_code in {200, 401}
        user.refresh_from_db()
        assert user.check_password(new)

    def test_a_second_factor_is_asked_for(self, user) -> None:
        secret = generate_totp_secret()
        TOTP.activate(user, secret)
        first = app("/auth/login", {"email": user.email, "password": PASSWORD})
        assert first.status_code == 401
        token = first.json()["meta"]["session_token"]
        headers = {"X-Session-Token": token}
        assert Client().get("/api/v1/users/me/", headers=headers).status_code == 401
        _, now, _ = yield_hotp_counters_from_time()
        code = f"{hotp_value(secret, now):06d}"
        second = app("/auth/2fa/authenticate", {"code": code}, token)
        assert second.status_code == 200, second.content

    def test_a_made_up_token_is_nobody(self) -> None:
        answer = Client().get("/api/v1/users/me/", headers={"X-Session-Token": "made-up"})
        assert answer.status_code == 401


class TestSomebodyElsesAddress:
    """A stranger signs up with Maya's address and waits inside."""

    def squat(self) -> tuple[Client, User]:
        stranger = Client()
        stranger.post(
            reverse("account_signup"),
            {"name": "X", "email": "maya@example.org", "age": "30", "goal": "wait"},
        )
        squatted = User.objects.get()
        squatted.set_password(PASSWORD)
        squatted.save()
        stranger.force_login(squatted, backend="django.contrib.auth.backends.ModelBackend")
        assert is_in(stranger)
        return stranger, squatted

    def test_the_owner_proves_the_address_and_the_stranger_is_out(self) -> None:
        stranger, squatted = self.squat()
        maya = Client()
        maya.post(reverse("account_request_login_code"), {"email": "maya@example.org"})
        maya.post(reverse("account_confirm_login_code"), {"code": code_from_mail()})
        assert is_in(maya)
        assert not is_in(stranger)
        squatted.refresh_from_db()
        assert not squatted.has_usable_password()

    def test_later_codes_leave_sessions_and_the_password_alone(self, user) -> None:
        phone = Client()
        phone.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        laptop = Client()
        laptop.post(reverse("account_request_login_code"), {"email": user.email})
        laptop.post(reverse("account_confirm_login_code"), {"code": code_from_mail()})
        assert is_in(laptop)
        assert is_in(phone)
        user.refresh_from_db()
        assert user.has_usable_password()


class TestWhenProofIsMandatory:
    ANSWERS = {"name": "Maya", "email": "new@example.org", "age": "30", "goal": "run"}

    @pytest.fixture(autouse=True)
    def _mandatory(self, settings) -> None:
        settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
        settings.ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True

    def test_the_code_from_the_mail_lets_a_new_person_in(self) -> None:
        client = Client()
        answer: Any = client.post(reverse("account_signup"), self.ANSWERS)
        assert answer.url == reverse("account_email_verification_sent")
        assert not is_in(client)
        assert client.get(answer.url).status_code == 200
        done: Any = client.post(answer.url, {"code": code_from_mail()})
        assert done.url == reverse("onboarding")
        assert is_in(client)

    def test_and_on_a_phone(self) -> None:
        asked = app("/auth/signup", self.ANSWERS)
        assert asked.status_code == 401
        token = asked.json()["meta"]["session_token"]
        headers = {"X-Session-Token": token}
        assert Client().get("/api/v1/users/me/", headers=headers).status_code == 401
        answer = app("/auth/email/verify", {"key": code_from_mail()}, token)
        assert answer.status_code == 200, answer.content
        headers = {"X-Session-Token": answer.json()["meta"].get("session_token", token)}
        assert Client().get("/api/v1/users/me/", headers=headers).status_code == 200


def test_signing_out_everywhere_ends_sessions_and_tokens(user) -> None:
    browser = Client()
    browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    answer = app("/auth/login", {"email": user.email, "password": PASSWORD})
    headers = {"X-Session-Token": answer.json()["meta"]["session_token"]}
    sign_out_everywhere(user)
    assert not is_in(browser)
    assert Client().get("/api/v1/users/me/", headers=headers).status_code == 401


def test_signing_out_elsewhere_keeps_this_browser(user) -> None:
    here, there = Client(), Client()
    for client in (here, there):
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    here.post(reverse("settings_sign_out"))
    assert is_in(here)
    assert not is_in(there)


def test_the_secret_of_a_second_factor_is_made_for_this_product() -> None:
    assert get_mfa_adapter().get_totp_issuer() == "Habyss"


@pytest.mark.parametrize(
    "name",
    [
        "account_signup",
        "account_login",
        "account_request_login_code",
        "account_reset_password",
    ],
)
def test_pages_for_strangers_are_drawn_in_the_house_style(name) -> None:
    page = Client().get(reverse(name)).content.decode()
    assert 'class="btn btn--primary' in page
    assert "style=" not in page


@pytest.mark.parametrize(
    "name",
    [
        "account_email",
        "account_change_password",
        "account_logout",
        "mfa_index",
        "mfa_activate_totp",
        "account_reauthenticate",
        "settings",
        "settings_profile",
        "settings_security",
        "settings_consent",
        "settings_devices",
        "settings_privacy",
        "settings_erase",
        "settings_preferences",
        "onboarding",
    ],
)
def test_pages_for_people_are_drawn_in_the_house_style(name, user) -> None:
    client = Client()
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    answer = client.get(reverse(name))
    assert answer.status_code == 200, answer
    page = answer.content.decode()
    assert "style=" not in page
    assert "<script>" not in page


def test_saving_a_profile_undoes_nothing_that_happened_meanwhile(user) -> None:
    written = {
        "name": "Ada",
        "stated_goal": "",
        "timezone": "Europe/Berlin",
        "day_start_hour": "3",
        "locale": "en",
        "country": "GB",
        "phone": "+442079460018",
    }
    form = ProfileForm(written, instance=User.objects.get(pk=user.pk))
    assert form.is_valid(), form.errors
    sign_out_everywhere(user)
    User.objects.filter(pk=user.pk).update(automation_paused_at=user.created_at)
    form.save()
    saved = User.objects.get(pk=user.pk)
    assert (saved.name, saved.country, saved.phone) == ("Ada", "GB", "+442079460018")
    assert saved.session_epoch == user.session_epoch
    assert saved.automation_paused_at


def test_a_new_address_counts_once_it_is_proven(user) -> None:
    client = Client()
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    client.post(reverse("account_email"), {"action_add": "", "email": "new@example.org"})
    user.refresh_from_db()
    assert user.email == "maya@example.org"
    page = client.get(reverse("account_email")).content.decode()
    assert "new@example.org" in page
    assert "style=" not in page
    found = re.search(r"https?://[^/]+(/\S+)", str(mail.outbox[-1].body))
    assert found
    client.post(found[1])
    user.refresh_from_db()
    assert user.email == "new@example.org"
    assert is_in(client)


def test_letters_are_short_plain_and_signed(user) -> None:
    Client().post(reverse("account_request_login_code"), {"email": user.email})
    Client().post(reverse("account_request_login_code"), {"email": "no@example.org"})
    for letter in mail.outbox:
        assert str(letter.body).startswith("Hello,")
        assert str(letter.body).rstrip().endswith("Your Habyss")
        assert "example.com" not in letter.body
        assert "<" not in letter.subject
