"""The settings page on which a person says when tasks may be planned."""

from datetime import time

import pytest
from django.test import Client
from django.urls import reverse

from accounts.tests.factories import UserFactory
from productivity.models import PlanningHours

pytestmark = pytest.mark.django_db
GOOD = {
    "mon_from": "22:00",
    "mon_until": "06:00",
    "tue_from": "09:00",
    "tue_until": "17:00",
    "opens": "10:00",
    "closes": "23:00",
    "buffer_minutes": "15",
    "work_categories": "Thesis, work, thesis",
    "private_categories": "",
}


def test_hours_are_set_and_shown_again() -> None:
    user, client, page = UserFactory(), Client(), reverse("settings_hours")
    client.force_login(user)
    assert page == "/settings/work-hours/"
    assert client.post(page, GOOD).status_code == 302
    user.refresh_from_db()
    assert user.work_hours == {"mon": ["22:00", "06:00"], "tue": ["09:00", "17:00"]}
    row = PlanningHours.objects.get(user=user)
    assert (row.opens, row.closes, row.buffer_minutes) == (time(10), time(23), 15)
    assert (row.work_categories, row.private_categories) == (["thesis", "work"], [])
    shown = client.get(page).content.decode()
    assert 'value="22:00"' in shown
    assert "thesis, work" in shown
    assert page in client.get(reverse("settings")).content.decode()


@pytest.mark.parametrize(
    "wrong",
    [
        {"mon_until": ""},
        {"mon_until": "22:00"},
        {"opens": ""},
        {"closes": "10:00"},
        {"buffer_minutes": "121"},
        {"buffer_minutes": ""},
        {"tue_from": "nine"},
        {"work_categories": ",".join(str(number) for number in range(31))},
        {"private_categories": "a\x00b"},
    ],
    ids=[
        "half a day",
        "no length",
        "half a window",
        "empty window",
        "long",
        "none",
        "word",
        "many",
        "nul",
    ],
)
def test_what_makes_no_sense_is_said_at_its_field_and_nothing_changes(
    wrong: dict[str, str],
) -> None:
    user, client = UserFactory(), Client()
    client.force_login(user)
    response = client.post(reverse("settings_hours"), GOOD | wrong)
    assert response.status_code == 422
    assert "field__error" in response.content.decode()
    user.refresh_from_db()
    assert user.work_hours == {}
    assert not PlanningHours.objects.exists()


def test_nobody_sets_hours_without_signing_in() -> None:
    assert Client().post(reverse("settings_hours"), GOOD).status_code == 302
    assert not PlanningHours.objects.exists()
