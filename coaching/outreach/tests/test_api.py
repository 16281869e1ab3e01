"""Reminders and messages for a phone app."""

from datetime import date, time, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.day import local_day
from accounts.models import User
from coaching.models import CoachMessage, MessageCause, Preferences, Reminder, ReminderStatus
from coaching.outreach.choices import hours_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> User:
    return User.objects.create_user("ada@example.org", name="Ada", timezone="Europe/Berlin")


@pytest.fixture
def phone(person: User, client: Client) -> Client:
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def ask(phone: Client, **fields):
    key = fields.pop("key", "")
    headers = {"HTTP_IDEMPOTENCY_KEY": key} if key else {}
    return phone.post("/api/v1/reminders/", fields, content_type="application/json", **headers)


def test_a_reminder_is_set_in_words(phone: Client) -> None:
    answer = ask(phone, text="stretch", when="every weekday at 7:30am")
    assert answer.status_code == 201
    assert answer.json()["when"] == "every weekday at 07:30"


def test_the_same_key_sets_it_once(phone: Client) -> None:
    at = (timezone.now() + timedelta(hours=2)).isoformat()
    first = ask(phone, text="stretch", remind_at=at, key="k")
    second = ask(phone, text="stretch", remind_at=at, key="k")
    assert first.json()["id"] == second.json()["id"]


@pytest.mark.parametrize(
    "fields",
    [
        {"text": "stretch"},
        {"text": "stretch", "when": "qwerty"},
        {"text": "", "when": "tomorrow at 7"},
        {"text": "stretch", "remind_at": "2020-01-01T00:00:00Z"},
        {"text": "stretch", "when": "tomorrow", "remind_at": "2099-01-01T00:00:00Z"},
        {"text": "stretch", "remind_at": "soon"},
        {"text": "stretch", "remind_at": "2099-01-01T00:00:00Z", "weekdays": [9]},
    ],
)
def test_what_does_not_fit_is_refused_as_a_problem(phone: Client, fields: dict) -> None:
    answer = ask(phone, **fields)
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert not Reminder.objects.exists()


def test_cancelling_twice_is_once(phone: Client) -> None:
    made = ask(phone, text="stretch", when="tomorrow at 7").json()
    for _ in range(2):
        assert phone.delete(f"/api/v1/reminders/{made['id']}/").status_code == 204
    assert Reminder.objects.get().status == ReminderStatus.CANCELLED


def test_what_was_cancelled_can_be_set_again(phone: Client) -> None:
    at = (timezone.now() + timedelta(hours=2)).isoformat()
    made = ask(phone, text="stretch", remind_at=at).json()
    phone.delete(f"/api/v1/reminders/{made['id']}/")
    assert ask(phone, text="stretch", remind_at=at).json()["status"] == ReminderStatus.WAITING


def test_other_weekdays_are_another_reminder(phone: Client) -> None:
    at = (timezone.now() + timedelta(hours=2)).isoformat()
    for weekdays in ([0], [1, 2]):
        answer = ask(phone, text="stretch", remind_at=at, weekdays=weekdays)
        assert answer.json()["weekdays"] == weekdays


def test_snoozing_moves_it(phone: Client) -> None:
    made = ask(phone, text="stretch", when="tomorrow at 7").json()
    until = timezone.now() + timedelta(days=2)
    answer = phone.post(
        f"/api/v1/reminders/{made['id']}/snooze/",
        {"until": until.isoformat()},
        content_type="application/json",
    )
    assert answer.status_code == 200
    assert Reminder.objects.get().remind_at == until


def test_the_list_costs_the_same_for_any_length(
    phone: Client, person: User, django_assert_max_num_queries
) -> None:
    for number in range(30):
        ask(phone, text=f"stretch {number}", when="tomorrow at 7")
    with django_assert_max_num_queries(5):
        answer = phone.get("/api/v1/reminders/?page_size=10")
    assert len(answer.json()["results"]) == 10


def test_reading_a_message_counts_once(phone: Client, person: User) -> None:
    message = CoachMessage.objects.create(
        user=person,
        cause=MessageCause.REMINDER,
        cause_key="1",
        body="Reminder",
        sent_at=timezone.now(),
    )
    address = f"/api/v1/messages/{message.pk}/read/"
    first = phone.post(address, {"engaged": True}, content_type="application/json").json()
    second = phone.post(address, {"engaged": True}, content_type="application/json").json()
    assert first["read_at"] == second["read_at"]
    assert first["engaged_at"] == second["engaged_at"] is not None


def test_anothers_are_not_found(phone: Client) -> None:
    bob = User.objects.create_user("bob@example.org", name="Bob")
    theirs = Reminder.objects.create(
        user=bob, text="secret", remind_at=timezone.now(), idempotency_key="1"
    )
    assert phone.get(f"/api/v1/reminders/{theirs.pk}/").status_code == 404
    assert phone.delete(f"/api/v1/reminders/{theirs.pk}/").status_code == 404


def test_nothing_is_set_for_the_end_of_calendars(phone: Client, person: User) -> None:
    """A person further east could not be shown the time."""
    refused = ask(phone, text="stretch", remind_at="9999-12-31T20:00:00Z")
    assert refused.status_code == 400
    assert "remind_at" in refused.json()["errors"]
    message = CoachMessage.objects.create(
        user=person, cause=MessageCause.NUDGE, cause_key="1", body="A walk?", sent_at=timezone.now()
    )
    wish = {"what": "cause", "until": "9999-12-31T20:00:00Z"}
    address = f"/api/v1/messages/{message.pk}/mute/"
    refused = phone.post(address, wish, content_type="application/json")
    assert refused.status_code == 400
    assert "until" in refused.json()["errors"]


def prefer(phone: Client, **fields: Any) -> Any:
    return phone.patch("/api/v1/users/me/preferences/", fields, content_type="application/json")


@pytest.mark.parametrize("days", [-1, 400, None], ids=["over", "beyond a year", "end of calendars"])
def test_away_ends_within_a_year(phone: Client, person: User, days: int | None) -> None:
    today = local_day(person)
    last = date.max if days is None else today + timedelta(days=days)
    answer = prefer(phone, away_from="2020-01-01", away_until=last.isoformat())
    assert answer.status_code == 400
    assert "away_until" in answer.json()["errors"]
    tomorrow = today + timedelta(days=1)
    answer = prefer(phone, away_from="2020-01-01", away_until=tomorrow.isoformat())
    assert answer.status_code == 200


def test_a_time_away_that_is_over_is_in_nobodys_way(phone: Client, person: User) -> None:
    over = local_day(person) - timedelta(days=9)
    Preferences.objects.create(user=person, away_from=over, away_until=over)
    assert prefer(phone, nudges_enabled=False).status_code == 200


def test_hours_are_kept_as_they_are_read(phone: Client, person: User) -> None:
    answer = prefer(phone, notification_window={"from": "9:00", "to": "20:30"})
    assert answer.json()["notification_window"] == {"from": "09:00", "to": "20:30"}
    assert hours_of(Preferences.objects.get(user=person)) == (time(9), time(20, 30))
    same = prefer(phone, notification_window={"from": "08:00", "to": "8:00"})
    assert same.status_code == 400
