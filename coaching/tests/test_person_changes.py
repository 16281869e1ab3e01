"""A person moves, and the coach moves along."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from redis import Redis

from accounts.models import User
from accounts.tests.factories import UserFactory
from coaching import context_cache
from coaching.models import Reminder
from coaching.outreach import reminders

pytestmark = pytest.mark.django_db(transaction=True)
WEEKDAYS = [0, 1, 2, 3, 4, 5, 6]


@pytest.fixture
def traveller() -> User:
    return UserFactory.create(timezone="Europe/Berlin")


def every_morning(user: User) -> Reminder:
    return Reminder.objects.create(
        user=user,
        text="stretch",
        remind_at=datetime(2026, 6, 10, 5, 30, tzinfo=UTC),
        weekdays=WEEKDAYS,
        local_time=time(7, 30),
        zone=user.timezone,
        idempotency_key="morning",
    )


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/New_York", "Pacific/Kiritimati"])
def test_a_reminder_keeps_its_clock_time_in_another_zone(traveller: User, zone: str) -> None:
    reminder = every_morning(traveller)
    traveller.timezone = zone
    traveller.save()
    reminder.refresh_from_db()
    assert reminder.remind_at.astimezone(ZoneInfo(zone)).time() == time(7, 30)
    assert reminder.zone == zone


def test_what_was_snoozed_waits_on_when_nothing_moved(traveller: User) -> None:
    reminder = every_morning(traveller)
    traveller.name = "Ada L."
    traveller.save()
    reminder.refresh_from_db()
    assert reminder.remind_at == datetime(2026, 6, 10, 5, 30, tzinfo=UTC)


def test_moving_twice_at_once_moves_once(traveller: User) -> None:
    every_morning(traveller)
    traveller.timezone = "Asia/Tokyo"
    now = datetime(2026, 6, 9, 12, tzinfo=UTC)
    assert reminders.keep_clock_times(traveller, now=now) == 1
    assert reminders.keep_clock_times(traveller, now=now) == 0


def test_the_coach_is_told_anew(traveller: User) -> None:
    _, version = context_cache.read(traveller.pk)
    traveller.name = "Ada L."
    traveller.save(update_fields=["name"])
    assert context_cache.read(traveller.pk)[1] != version


def test_signing_in_is_no_change(traveller: User) -> None:
    _, version = context_cache.read(traveller.pk)
    traveller.save(update_fields=["last_login"])
    assert context_cache.read(traveller.pk)[1] == version


def test_who_is_erased_leaves_nothing_in_the_cache(traveller: User) -> None:
    for part in (context_cache.ABOUT, context_cache.PICTURE):
        _, version = context_cache.read(traveller.pk, part)
        context_cache.store(traveller.pk, version, {"told": "in confidence"}, part=part)
    key = traveller.pk.hex
    with Redis.from_url(settings.REDIS_URL) as redis:
        assert len(list(redis.scan_iter(f"*{key}*"))) == 3
        traveller.delete()
        assert not list(redis.scan_iter(f"*{key}*"))
