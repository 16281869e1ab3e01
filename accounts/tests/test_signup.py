"""Signing up on the page and from a phone: five questions, adults only, one account per address."""

import threading
from decimal import Decimal
from typing import Any

import pytest
from django.core import mail
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.weight import parse_weight
from accounts.whereabouts import guess_locale, known_timezone

from .factories import UserFactory

ANSWERS = {
    "name": "Maya Okafor",
    "email": "Maya@Example.org",
    "age": "34",
    "weight": "160 lb",
    "goal": "Run 5K by summer",
    "timezone": "Europe/London",
}
APP = "/_allauth/app/v1"


@pytest.fixture
def client() -> Client:
    return Client(headers={"Accept-Language": "en-GB,en;q=0.8"})


def sign_up(client: Client, **changes: Any) -> Any:
    return client.post(reverse("account_signup"), ANSWERS | changes)


def app(client: Client, path: str, body: dict[str, Any], token: str = "") -> Any:
    headers = {"X-Session-Token": token} if token else {}
    return client.post(f"{APP}{path}", body, content_type="application/json", headers=headers)


@pytest.mark.django_db
class TestThePage:
    def test_it_asks_five_things_and_no_password(self, client) -> None:
        form = client.get(reverse("account_signup")).context["form"]
        assert [field.name for field in form.visible_fields()] == [
            "name",
            "email",
            "age",
            "weight",
            "goal",
        ]
        assert [field.name for field in form.hidden_fields()] == ["timezone"]

    def test_the_person_is_let_in_at_once_and_everything_is_kept(self, client) -> None:
        answer = sign_up(client)
        assert answer.status_code == 302
        assert answer.url == reverse("onboarding")
        user = User.objects.get()
        assert client.session["_auth_user_id"] == str(user.pk)
        assert (user.name, user.email) == ("Maya Okafor", "maya@example.org")
        assert user.birth_year == timezone.localdate().year - 34
        assert user.starting_weight_kg == Decimal("72.6")
        assert user.stated_goal == "Run 5K by summer"
        assert user.timezone == "Europe/London"
        assert (user.locale, user.country) == ("en-GB", "GB")
        assert not user.has_usable_password()
        assert "confirm" in mail.outbox[0].subject.lower()

    @pytest.mark.parametrize("age", ["17", "1"])
    def test_a_minor_is_kindly_refused(self, client, age) -> None:
        answer = sign_up(client, age=age)
        assert "made for people of 18 and over" in answer.content.decode()
        assert not User.objects.exists()

    def test_eighteen_is_old_enough(self, client) -> None:
        assert sign_up(client, age="18").status_code == 302

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("name", ""),
            ("email", "x"),
            ("age", ""),
            ("age", "130"),
            ("goal", ""),
            ("weight", "5 kg"),
        ],
    )
    def test_nonsense_gets_a_message(self, client, field, value) -> None:
        answer = sign_up(client, **{field: value})
        assert field in answer.context["form"].errors
        assert not User.objects.exists()

    def test_weight_may_stay_empty_and_an_unknown_zone_is_utc(self, client) -> None:
        sign_up(client, weight="", timezone="Mars/Phobos")
        user = User.objects.get()
        assert user.starting_weight_kg is None
        assert user.timezone == "UTC"

    def test_the_same_address_in_other_letters_is_the_same_person(self, client) -> None:
        UserFactory.create(email="maya@example.org")
        answer = sign_up(client, email="MAYA@example.ORG")
        assert answer.status_code == 200
        assert "email" in answer.context["form"].errors
        assert User.objects.count() == 1

    def test_when_proof_is_mandatory_a_taken_address_is_not_given_away(
        self, client, settings
    ) -> None:
        settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
        settings.ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
        UserFactory.create(email="maya@example.org")
        taken = sign_up(client)
        fresh = sign_up(Client(), email="new@example.org")
        assert (taken.status_code, taken.url) == (fresh.status_code, fresh.url)
        assert "already" in mail.outbox[0].subject
        assert "_auth_user_id" not in client.session

    def test_a_state_change_needs_a_csrf_token(self) -> None:
        assert sign_up(Client(enforce_csrf_checks=True)).status_code == 403


@pytest.mark.django_db
class TestThePhone:
    def test_a_token_comes_back_and_opens_the_api(self, client) -> None:
        body = {**ANSWERS, "age": 34}
        answer = app(client, "/auth/signup", body)
        assert answer.status_code == 200, answer.content
        token = answer.json()["meta"]["session_token"]
        me = Client().get("/api/v1/users/me/", headers={"X-Session-Token": token})
        assert me.json()["name"] == "Maya Okafor"
        assert "_auth_user_id" not in client.session

    def test_a_minor_is_refused_with_the_same_words(self, client) -> None:
        answer = app(client, "/auth/signup", {**ANSWERS, "age": 17})
        assert answer.status_code == 400
        [error] = answer.json()["errors"]
        assert (error["param"], error["code"]) == ("age", "too_young")

    def test_the_description_names_the_five_fields(self, client) -> None:
        spec = client.get("/_allauth/openapi.json").json()
        assert "/_allauth/app/v1/auth/signup" in str(spec["paths"].keys()) or spec["paths"]


@pytest.mark.django_db(transaction=True)
def test_two_sign_ups_at_once_make_one_person() -> None:
    answers: list[int] = []
    barrier = threading.Barrier(2)

    def go() -> None:
        barrier.wait()
        answers.append(sign_up(Client()).status_code)
        connections.close_all()

    threads = [threading.Thread(target=go) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert User.objects.count() == 1
    assert len(answers) == 2
    assert 500 not in answers


@pytest.mark.parametrize(
    ("written", "kilograms"),
    [
        ("72", "72.0"),
        ("72 kg", "72.0"),
        ("72,5kg", "72.5"),
        ("160 lb", "72.6"),
        ("160 lbs.", "72.6"),
        ("11 st 4", "71.7"),
        ("12 stone", "76.2"),
    ],
)
def test_weights_as_people_write_them(written, kilograms) -> None:
    assert parse_weight(written) == Decimal(kilograms)


@pytest.mark.parametrize("written", ["heavy", "72 cm", "5", "1000", "-70", "", "7e1", "²"])
def test_what_is_not_a_weight(written) -> None:
    with pytest.raises(ValueError, match="weight"):
        parse_weight(written)


def test_a_bare_number_is_in_pounds_where_people_use_them() -> None:
    assert parse_weight("160", default_unit="lb") == Decimal("72.6")


@pytest.mark.parametrize(
    ("header", "guess"),
    [
        ("en-GB,en;q=0.8", ("en-GB", "GB")),
        ("de", ("de", "")),
        ("zh-Hant-TW", ("zh-TW", "TW")),
        ("", ("en", "")),
        ("*", ("en", "")),
        ("x" * 500, ("en", "")),
    ],
)
def test_guesses_from_the_browsers_language(header, guess) -> None:
    assert guess_locale(header) == guess


def test_time_zones_that_exist_are_kept() -> None:
    assert known_timezone("Asia/Kolkata") == "Asia/Kolkata"
    assert known_timezone("../../etc/passwd") == "UTC"
