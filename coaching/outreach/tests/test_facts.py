"""What the governor's decisions rest on, read from the database in a few queries."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.consent import set_consent
from accounts.models import ConsentKind, ConsentSource, User
from accounts.tests.factories import UserFactory
from coaching.models import (
    CoachMessage,
    CrisisAlert,
    CrisisCategory,
    DeliveryState,
    MessageCause,
    Mute,
    Preferences,
)
from coaching.outreach.governor import (
    Limits,
    Silence,
    Way,
    facts_about,
)
from coaching.outreach.open_hours import OpenHours
from coaching.toolkit import Channel, channels

NOON = datetime(2026, 6, 10, 10, tzinfo=UTC)  # 12:00 in Berlin, a Wednesday
MORNING = datetime(2026, 6, 11, 6, tzinfo=UTC)  # 08:00 in Berlin on the day after


@pytest.fixture
def ada(db: None) -> User:
    return UserFactory.create(timezone="Europe/Berlin")


def sent(user: User, key: str, at: datetime, **changes) -> CoachMessage:
    given = {
        "channel": "in_app",
        "cause": MessageCause.NUDGE,
        "body": "Stretch?",
        "state": DeliveryState.SENT,
        "sent_at": at,
        "claimed_at": at,
    }
    return CoachMessage.objects.create(user=user, cause_key=key, **{**given, **changes})


def test_what_went_out_or_may_have_gone_out_counts(ada: User) -> None:
    hour_ago = NOON - timedelta(hours=1)
    sent(ada, "sent", hour_ago)
    sent(ada, "arrived", hour_ago, state=DeliveryState.DELIVERED)
    sent(ada, "on its way", hour_ago, state=DeliveryState.SENDING, sent_at=None)
    sent(ada, "unknown", hour_ago, state=DeliveryState.UNKNOWN, sent_at=None)
    sent(ada, "old", NOON - timedelta(days=9))
    sent(ada, "not", hour_ago, state=DeliveryState.FAILED, sent_at=None)
    sent(ada, "queued", hour_ago, state=DeliveryState.QUEUED, sent_at=None)
    sent(ada, "reminder", hour_ago, cause=MessageCause.REMINDER)
    sent(UserFactory.create(), "of somebody else", hour_ago)
    counted = {contact.key.partition(":")[2] for contact in facts_about(ada, now=NOON).contacts}
    assert counted == {"sent", "arrived", "on its way", "unknown", "reminder"}


def test_the_facts_are_the_persons_settings(ada: User) -> None:
    subject = uuid4()
    Preferences.objects.create(
        user=ada,
        notification_frequency="minimal",
        notification_window={"from": "07:00", "to": "22:00"},
        away_from=date(2026, 7, 1),
        away_until=date(2026, 7, 2),
        proactive_suggestions=False,
        morning_brief_enabled=False,
        weekly_digest_enabled=False,
    )
    Mute.objects.create(user=ada, cause=MessageCause.HOOK)
    Mute.objects.create(user=ada, subject_type="habits.habit", subject_id=subject, until=NOON)
    CrisisAlert.objects.create(
        user=ada, message_id=uuid4(), category=CrisisCategory.VIOLENCE, paused_until=MORNING
    )
    known = facts_about(ada, now=NOON)
    assert (known.limits.per_day, known.limits.per_week) == (1, 3)
    assert known.window == OpenHours(time(7), time(22))
    assert (known.away_from, known.away_until) == (date(2026, 7, 1), date(2026, 7, 2))
    assert [known.suggestions, known.morning_brief, known.weekly_digest] == [False] * 3
    assert known.silences == (Silence(cause=MessageCause.HOOK),)
    assert known.crisis_until == MORNING


def test_no_frequency_goes_beyond_the_ceiling(settings: Settings) -> None:
    settings.OUTREACH_MAX_PER_DAY, settings.OUTREACH_MAX_PER_WEEK = 1, 2
    for frequency in ("minimal", "moderate", "active"):
        limits = Limits.for_frequency(frequency)
        assert (limits.per_day, limits.per_week) == (1, 2)


def test_consent_and_reach_are_the_channels_own(ada: User) -> None:
    letters = Channel("aaa.email", 1, str, lambda user: True, consent=ConsentKind.EMAIL)
    calls = Channel("aaa.call", 5, str, lambda user: False)
    with channels.temporarily(aaa__email=letters, aaa__call=calls):
        before = facts_about(ada, now=NOON).ways
        set_consent(ada, ConsentKind.EMAIL, True, ConsentSource.WEB)
        after = facts_about(ada, now=NOON).ways
    assert not before["email"].consented
    assert after["email"] == Way(burden=1)
    assert after["call"] == Way(burden=5, reaches=False)


def test_the_facts_cost_few_questions(
    ada: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(5):
        sent(ada, str(number), NOON)
    for kind in ConsentKind:
        set_consent(ada, kind, True, ConsentSource.WEB)
    with django_assert_max_num_queries(8):
        facts_about(ada, now=NOON)
    with django_assert_max_num_queries(4):
        facts_about(ada, now=NOON, channels=["in_app"])


def test_what_is_kept_of_the_facts_can_be_stored(ada: User) -> None:
    sent(ada, "k", timezone.now())
    kept = facts_about(ada, now=NOON).stored(NOON)
    assert {"zone", "day", "per_day", "week", "per_week", "burden", "last"} <= kept.keys()
