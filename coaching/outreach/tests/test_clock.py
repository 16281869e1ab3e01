"""Finding the people whose moment it is."""

import threading
from datetime import UTC, datetime, time
from uuid import UUID

import pytest
from django.db import connection

from accounts.models import User
from accounts.tests.factories import UserFactory
from coaching.models import CoachMessage
from coaching.outreach import briefs, clock
from coaching.toolkit import BriefLines, BriefPart, Occasion, brief_parts

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)


@pytest.mark.django_db
@pytest.mark.parametrize(("people", "size"), [(0, 3), (1, 3), (3, 3), (7, 3), (5, 1)])
def test_ranges_meet_everybody_once(people: int, size: int) -> None:
    everybody = [UserFactory().pk for _ in range(people)]
    met: list[UUID] = []
    for first, last in clock.ranges(User.objects.all(), size):
        found = list(User.objects.filter(pk__range=(first, last)).values_list("pk", flat=True))
        assert len(found) <= size
        met += found
    assert sorted(met) == sorted(everybody)


@pytest.mark.django_db
def test_a_zone_that_nobody_knows_is_left_out() -> None:
    UserFactory(timezone="Asia/Kathmandu")
    User.objects.filter(pk=UserFactory().pk).update(timezone="Mars/Olympus")
    clocks = clock.local_clocks(now=NOW)
    assert {zone: local.strftime("%H:%M") for zone, local in clocks.items()} == {
        "Asia/Kathmandu": "17:45"
    }


@pytest.mark.parametrize(
    ("clock_time", "came"), [("08:14", False), ("08:15", True), ("08:34", True), ("08:35", False)]
)
def test_a_moment_has_just_come_for_a_while(clock_time: str, came: bool) -> None:
    local = datetime.combine(NOW.date(), time.fromisoformat(clock_time))
    assert clock.has_just_come(local, time(8, 15), 20) is came


@pytest.mark.django_db(transaction=True)
def test_two_rounds_at_once_make_one_brief() -> None:
    UserFactory(timezone="UTC")
    morning = NOW.replace(hour=8, minute=20)
    meet = threading.Barrier(2, timeout=10)

    def told(user: User, now: datetime) -> BriefLines:
        meet.wait()
        return BriefLines(["Walk: 5 of 7."], 1.0)

    def round_() -> None:
        try:
            briefs.send_morning_briefs(now=morning)
        finally:
            connection.close()

    part = BriefPart("test.morning", Occasion.MORNING, "Where things stand", 10, told)
    with brief_parts.instead(test__morning=part):
        threads = [threading.Thread(target=round_) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert CoachMessage.objects.count() == 1
