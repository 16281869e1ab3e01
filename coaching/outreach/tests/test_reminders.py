"""Reminders come once, at the person's clock time, and say so when they are late."""

import threading
from datetime import UTC, datetime, time, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from accounts.consent import set_consent
from accounts.models import ConsentKind, ConsentSource, User
from coaching.models import (
    CoachMessage,
    CrisisAlert,
    CrisisCategory,
    DeliveryState,
    Preferences,
    Reason,
    Reminder,
    ReminderStatus,
)
from coaching.outreach import outbox, reminders
from coaching.toolkit import Channel, channels

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def person(db: None) -> User:
    return User.objects.create_user("ada@example.org", name="Ada", timezone="Europe/Berlin")


def in_hours(hours: float) -> datetime:
    return timezone.now() + timedelta(hours=hours)


def due(person: User, *, minutes_ago: int, key: str = "k", **fields) -> Reminder:
    reminder = reminders.set_reminder(
        person, "stretch", at=in_hours(1), idempotency_key=key, **fields
    )
    reminder.remind_at = timezone.now() - timedelta(minutes=minutes_ago)
    reminder.save()
    return reminder


def speak() -> None:
    """What the rounds of a minute do."""
    now = timezone.now()
    reminders.deliver_due(now=now)
    outbox.deliver_due(now=now)


def test_setting_it_twice_is_one_reminder(person: User) -> None:
    at = in_hours(1)
    first = reminders.set_reminder(person, "stretch", at=at, idempotency_key="k")
    second = reminders.set_reminder(person, "stretch", at=at, idempotency_key="k")
    assert first == second


def test_the_past_is_refused(person: User) -> None:
    with pytest.raises(reminders.ReminderRefused, match="passed"):
        reminders.set_reminder(person, "stretch", at=in_hours(-1), idempotency_key="k")


def test_nothing_to_say_is_refused(person: User) -> None:
    with pytest.raises(reminders.ReminderRefused):
        reminders.set_reminder(person, "  ", at=in_hours(1), idempotency_key="k")


def test_one_that_is_due_is_delivered_once(person: User) -> None:
    reminder = due(person, minutes_ago=1)
    assert reminders.deliver_due(now=timezone.now()) == 1
    assert reminders.deliver_due(now=timezone.now()) == 0
    reminder.refresh_from_db()
    assert reminder.status == ReminderStatus.SENT
    assert CoachMessage.objects.get().body == "Reminder: stretch"


def test_a_late_one_says_so(person: User) -> None:
    due(person, minutes_ago=30)
    speak()
    assert "late" in CoachMessage.objects.get().body


def test_one_that_is_much_too_late_is_dropped(person: User) -> None:
    reminder = due(person, minutes_ago=600)
    assert reminders.deliver_due(now=timezone.now()) == 0
    reminder.refresh_from_db()
    assert reminder.status == ReminderStatus.DROPPED
    message = CoachMessage.objects.get()
    assert (message.state, message.reason) == (DeliveryState.SUPPRESSED, Reason.EXPIRED)


def test_a_repeating_one_goes_on(person: User) -> None:
    reminder = due(person, minutes_ago=1, weekdays=[0, 1, 2, 3, 4, 5, 6])
    assert reminders.deliver_due(now=timezone.now()) == 1
    reminder.refresh_from_db()
    assert reminder.status == ReminderStatus.WAITING
    assert reminder.remind_at > timezone.now()


def test_a_cancelled_one_is_silent(person: User) -> None:
    reminders.cancel(due(person, minutes_ago=1))
    assert reminders.deliver_due(now=timezone.now()) == 0


def test_a_snoozed_one_waits(person: User) -> None:
    reminder = reminders.snooze(due(person, minutes_ago=1), in_hours(1))
    assert reminders.deliver_due(now=timezone.now()) == 0
    assert reminder.status == ReminderStatus.WAITING


def test_a_clock_time_stays_over_the_change_to_summer_time() -> None:
    before = datetime(2027, 3, 27, 12, tzinfo=UTC)
    first = reminders.next_occurrence(before, time(7, 30), [6], BERLIN)
    second = reminders.next_occurrence(first, time(7, 30), [6], BERLIN)
    assert first.astimezone(BERLIN).time() == second.astimezone(BERLIN).time() == time(7, 30)
    assert second - first == timedelta(days=7)


def test_a_skipped_clock_time_moves_out_of_the_gap() -> None:
    before = datetime(2027, 3, 27, 12, tzinfo=UTC)
    moment = reminders.next_occurrence(before, time(2, 30), [6], BERLIN)
    assert moment.astimezone(BERLIN).strftime("%Y-%m-%d %H:%M") == "2027-03-28 03:30"


@given(
    st.datetimes(datetime(2024, 1, 1), datetime(2034, 1, 1)),
    st.times(),
    st.sets(st.integers(0, 6), min_size=1),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"]),
)
def test_the_next_one_is_ahead_within_eight_days_on_a_chosen_day(after, at, days, zone) -> None:
    after = after.replace(tzinfo=UTC)
    moment = reminders.next_occurrence(after, at, sorted(days), ZoneInfo(zone))
    assert after < moment <= after + timedelta(days=8, hours=2)
    assert moment.astimezone(ZoneInfo(zone)).weekday() in days


@pytest.mark.django_db(transaction=True)
def test_two_workers_deliver_each_one_once() -> None:
    user = User.objects.create_user("ada@example.org", name="Ada")
    for number in range(20):
        reminder = reminders.set_reminder(
            user, f"number {number}", at=in_hours(1), idempotency_key=str(number)
        )
        Reminder.objects.filter(pk=reminder.pk).update(remind_at=in_hours(-0.01))
    barrier = threading.Barrier(2)

    def work() -> None:
        barrier.wait()
        reminders.deliver_due(now=timezone.now())
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert CoachMessage.objects.count() == 20


@pytest.mark.parametrize("field", ["deleted_at", "automation_paused_at"])
def test_nobody_who_left_or_was_paused_is_reminded(person: User, field: str) -> None:
    due(person, minutes_ago=1)
    User.objects.filter(pk=person.pk).update(**{field: timezone.now()})
    assert reminders.deliver_due(now=timezone.now()) == 0
    assert not CoachMessage.objects.exists()


def test_without_redis_only_the_badge_is_late(
    person: User, settings: Settings, django_capture_on_commit_callbacks
) -> None:
    nobody = {"address": "redis://127.0.0.1:1/0", "socket_timeout": None}
    layer = settings.CHANNEL_LAYERS["default"]
    settings.CHANNEL_LAYERS = {"default": {**layer, "CONFIG": {"hosts": [nobody]}}}
    due(person, minutes_ago=1)
    with django_capture_on_commit_callbacks(execute=True):
        speak()
    assert CoachMessage.objects.sent().filter(user=person).count() == 1


def test_one_that_fails_holds_nobody_else_up(person: User) -> None:
    broken = due(person, minutes_ago=5, weekdays=[0, 1, 2, 3, 4, 5, 6])
    Reminder.objects.filter(pk=broken.pk).update(weekdays=[9])
    fine = reminders.set_reminder(person, "read", at=in_hours(1), idempotency_key="other")
    Reminder.objects.filter(pk=fine.pk).update(remind_at=in_hours(-0.01))
    assert reminders.deliver_due(now=timezone.now()) == 1
    assert CoachMessage.objects.get().body == "Reminder: read"
    broken.refresh_from_db()
    assert broken.status == ReminderStatus.WAITING


# --- On its way -----------------------------------------------------------------------------------


def messages() -> list[tuple[str, str, str]]:
    rows = CoachMessage.objects.order_by("id")
    return [(row.channel, row.state, row.reason) for row in rows]


def test_it_is_there_and_live_after_one_round(
    person: User, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks
) -> None:
    heard: list[UUID] = []
    monkeypatch.setattr("coaching.outreach.channels.in_app.announce_unread", heard.append)
    due(person, minutes_ago=1)
    with django_capture_on_commit_callbacks(execute=True):
        speak()
    assert messages() == [("in_app", "delivered", "")]
    assert heard == [person.pk]


def test_it_knocks_where_the_person_agreed_to_be_knocked_at(person: User) -> None:
    knocks: list[str] = []

    def knock(message: CoachMessage) -> str:
        knocks.append(message.body)
        return "id"

    push = Channel("aaa.push", 1, knock, lambda user: True, consent=ConsentKind.PUSH)
    with channels.temporarily(aaa__push=push):
        due(person, minutes_ago=1, key="before")
        speak()
        assert not knocks
        set_consent(person, ConsentKind.PUSH, True, ConsentSource.WEB)
        due(person, minutes_ago=1, key="after")
        speak()
    assert knocks == ["Reminder: stretch"]
    assert CoachMessage.objects.filter(channel="in_app").count() == 2


def test_one_that_waited_on_its_way_says_so_too(person: User) -> None:
    due(person, minutes_ago=1)
    now = timezone.now()
    reminders.deliver_due(now=now)
    outbox.deliver_due(now=now + timedelta(minutes=30))
    message = CoachMessage.objects.get()
    assert message.body.count("late") == 1


def test_one_that_waited_too_long_on_its_way_is_dropped(person: User) -> None:
    due(person, minutes_ago=1)
    now = timezone.now()
    reminders.deliver_due(now=now)
    outbox.deliver_due(now=now + timedelta(minutes=120))
    assert messages() == [("in_app", "suppressed", "expired")]


def test_whoever_is_away_finds_it_without_having_been_disturbed(
    person: User, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks
) -> None:
    heard: list[UUID] = []
    monkeypatch.setattr("coaching.outreach.channels.in_app.announce_unread", heard.append)
    today = timezone.now().date()
    Preferences.objects.create(
        user=person,
        away_from=today - timedelta(days=2),
        away_until=today + timedelta(days=2),
    )
    due(person, minutes_ago=1)
    with django_capture_on_commit_callbacks(execute=True):
        speak()
    assert messages() == [("in_app", "delivered", "")]
    assert not heard


def test_a_crisis_does_not_silence_what_the_person_ordered(person: User) -> None:
    CrisisAlert.objects.create(
        user=person,
        message_id=uuid4(),
        category=CrisisCategory.SELF_HARM,
        paused_until=in_hours(24),
    )
    due(person, minutes_ago=1)
    speak()
    assert messages() == [("in_app", "delivered", "")]


def test_many_at_once_all_come(person: User) -> None:
    for number in range(6):
        due(person, minutes_ago=1, key=str(number))
    speak()
    assert [state for _, state, _ in messages()] == ["delivered"] * 6


def test_a_snoozed_one_speaks_again(person: User) -> None:
    reminder = due(person, minutes_ago=1)
    speak()
    reminders.snooze(reminder, in_hours(1))
    later = in_hours(1.01)
    reminders.deliver_due(now=later)
    outbox.deliver_due(now=later)
    assert len(messages()) == 2
