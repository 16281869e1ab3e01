"""Coaching's own measures, each for many windows at once and in the person's own days."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.models import Consent, ConsentKind, ConsentSource, User
from accounts.tests.factories import StaffFactory, UserFactory
from coaching.experiments.metrics import (
    active_days,
    consent_withdrawn,
    messages_engaged,
    messages_sent,
    muted,
)
from coaching.models import CoachMessage, MessageCause, Mute, RawBehavioralLog
from coaching.toolkit import OutcomeWindow, outcome_metrics, segments

from .factories import NOON

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)
DAY = timedelta(days=1)


def window(user: User, weeks: int = 1) -> OutcomeWindow:
    return OutcomeWindow(user.pk, NOON, NOON + weeks * WEEK)


def happened(user: User, at: datetime) -> None:
    RawBehavioralLog.objects.create(
        user=user,
        interaction_type="habit.completed",
        source="web",
        occurred_at=at,
        idempotency_key=str(uuid4()),
    )


def message(user: User, at: datetime | None, *, engaged=False, cause=MessageCause.NUDGE) -> None:
    CoachMessage.objects.create(
        user=user,
        cause=cause,
        cause_key=str(uuid4()),
        body="Hello",
        sent_at=at,
        engaged_at=at if engaged else None,
    )


def decided(user: User, granted: bool, at: datetime, kind=ConsentKind.PUSH) -> None:
    Consent.objects.create(user=user, kind=kind, granted=granted, at=at, source=ConsentSource.WEB)


def test_active_days_are_the_person_s_own() -> None:
    berlin = UserFactory(timezone="Europe/Berlin", day_start_hour=3)
    kolkata = UserFactory(timezone="Asia/Kolkata", day_start_hour=0)
    idle = UserFactory()
    # In Berlin 01:30 is still the third of March; in Kolkata 06:00 is the fourth.
    for user in (berlin, kolkata):
        happened(user, datetime(2026, 3, 3, 18, 0, tzinfo=UTC))
        happened(user, datetime(2026, 3, 4, 0, 30, tzinfo=UTC))
    happened(berlin, NOON - DAY)
    happened(berlin, NOON + WEEK + DAY)
    assert active_days([window(berlin), window(kolkata), window(idle)]) == [1, 2, 0]


def test_messages_are_counted_per_week_without_reminders() -> None:
    user, other = UserFactory(), UserFactory()
    for days in (1, 2, 9, 15):
        message(user, NOON + days * DAY)
    message(user, NOON + DAY, cause=MessageCause.REMINDER)
    message(user, None)
    assert messages_sent([window(user, 2), window(user, 1), window(other)]) == [1.5, 2, 0]


def test_a_share_of_messages_needs_messages() -> None:
    user, other = UserFactory(), UserFactory()
    message(user, NOON + DAY, engaged=True)
    message(user, NOON + 2 * DAY)
    assert messages_engaged([window(user), window(other)]) == [0.5, None]


def test_muting_and_withdrawing_in_the_window_count() -> None:
    mutes, withdraws, refused, before, calm = (UserFactory() for _ in range(5))
    Mute.objects.create(user=mutes, cause=MessageCause.NUDGE, created_at=NOON + DAY)
    Mute.objects.create(user=before, cause=MessageCause.NUDGE, created_at=NOON - DAY)
    decided(withdraws, True, NOON - DAY)
    decided(withdraws, False, NOON + DAY)
    decided(refused, False, NOON + DAY)
    windows = [window(user) for user in (mutes, withdraws, refused, before, calm)]
    assert muted(windows) == [1, 1, 0, 0, 0]
    assert consent_withdrawn(windows) == [0, 1, 0, 0, 0]


@pytest.mark.parametrize("key", [key for key in outcome_metrics.keys() if "test." not in key])  # noqa: SIM118
def test_every_declared_metric_takes_many_people_in_few_queries(
    key: str, django_assert_max_num_queries
) -> None:
    windows = [window(UserFactory()) for _ in range(6)]
    with django_assert_max_num_queries(4):
        values = outcome_metrics.get(key).measure(windows)
    assert len(values) == 6


def test_segments_name_the_right_people() -> None:
    now = timezone.now()
    fresh = UserFactory()
    old = User.objects.get(pk=UserFactory(created_at=now - 60 * DAY).pk)
    quiet = UserFactory(created_at=now - 60 * DAY)
    gone, staff = UserFactory(deleted_at=now), StaffFactory()
    for days in (9, 10, 11, 12):
        happened(quiet, now - days * DAY)
        happened(old, now - days * DAY)
    happened(old, now - DAY)
    assert set(segments.get("coaching.all")()) == {fresh, old, quiet}
    assert set(segments.get("coaching.new_users")()) == {fresh}
    assert not {gone, staff} & set(segments.get("coaching.all")())
