"""The answer in a crisis: fixed words, working links of the person's country, one alert."""

from datetime import date
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from coaching.models import CrisisAlert, Helpline
from coaching.safety import (
    CrisisCategory,
    CrisisHit,
    answer,
    check_output,
    is_paused,
    raise_alert,
    screen,
)

pytestmark = pytest.mark.django_db
HIT = CrisisHit(CrisisCategory.SUICIDE, "en", about_another=False)


@pytest.fixture
def person() -> User:
    call_command("load_helplines", verbosity=0)
    return User.objects.create_user("ada@example.org", name="Ada", country="US")


def test_gives_the_lines_of_the_country_as_links_that_work(person: User) -> None:
    said = answer(person, HIT)
    assert 'href="tel:988"' in said.html
    assert 'href="sms:988"' in said.html
    assert "988" in said.text


def test_asks_directly_and_stays(person: User) -> None:
    said = answer(person, HIT).text
    assert "Are you thinking about ending your life" in said
    assert "still here" in said
    assert "you're not going to" not in said.lower()


def test_a_country_without_a_line_gets_the_directory(person: User) -> None:
    person.country = "KE"
    assert "findahelpline.com" in answer(person, HIT).html


def test_a_line_nobody_verified_is_not_shown(person: User) -> None:
    Helpline.objects.filter(country="US").update(verified_on=None)
    assert "988" not in answer(person, HIT).text


def test_every_category_and_somebody_else_has_words(person: User) -> None:
    for category in CrisisCategory:
        for about_another in (False, True):
            assert "?" in answer(person, CrisisHit(category, "en", about_another)).text


def test_pauses_for_a_week_and_alerts_once_per_message(person: User) -> None:
    message_id = uuid4()
    first = raise_alert(person, HIT, message_id)
    second = raise_alert(person, HIT, message_id)
    assert first == second
    assert CrisisAlert.objects.count() == 1
    assert is_paused(person)
    assert 6 <= (first.paused_until - timezone.now()).days <= 7


def test_the_database_keeps_one_alert_per_message_and_only_known_categories(person: User) -> None:
    alert = raise_alert(person, HIT, uuid4())
    facts = {"user": person, "paused_until": alert.paused_until}
    with pytest.raises(IntegrityError, match="crisis_once_per_message"), transaction.atomic():
        CrisisAlert.objects.create(
            **facts, message_id=alert.message_id, category=CrisisCategory.SUICIDE
        )
    with pytest.raises(IntegrityError, match="crisis_category_known"), transaction.atomic():
        CrisisAlert.objects.create(**facts, message_id=uuid4(), category="sadness")


def test_loading_again_keeps_what_staff_edited(person: User) -> None:
    Helpline.objects.filter(country="US").update(verified_on=date(2030, 1, 1), phone="1988")
    call_command("load_helplines", verbosity=0)
    assert Helpline.objects.get(country="US").phone == "1988"


def test_a_dry_run_adds_nothing(db: None) -> None:
    call_command("load_helplines", dry_run=True, verbosity=0)
    assert not Helpline.objects.exists()


@pytest.mark.parametrize(
    "text",
    [
        "You should kill yourself.",
        "Everyone would be better off without you",
        "You're not going to do something silly, are you?",
        "Stop taking your medication.",
    ],
)
def test_a_model_is_not_allowed_to_say_this(text: str) -> None:
    assert check_output(text)


def test_ordinary_answers_pass() -> None:
    assert check_output("Nice work. You ran three times this week; keep it easy tomorrow.") is None


def test_the_answer_itself_passes_its_own_check(person: User) -> None:
    said = answer(person, HIT).text
    assert check_output(said) is None
    assert screen("thank you, I am safe now") is None
