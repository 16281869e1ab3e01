"""One thing is said once, and several held things together."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from accounts.tests.factories import StaffFactory, UserFactory
from coaching.models import (
    CoachMessage,
    DeliveryState,
    MessageCause,
    Mute,
    Preferences,
    Reason,
)
from coaching.outreach import outbox
from coaching.outreach.merging import likeness

from .carriers import Carrier, agree

NOON = datetime(2026, 6, 10, 10, tzinfo=UTC)  # 12:00 in Berlin
NIGHT = datetime(2026, 6, 10, 21, tzinfo=UTC)
MORNING = datetime(2026, 6, 11, 6, tzinfo=UTC)
WALK, READ = UUID(int=1), UUID(int=2)


@given(st.text(), st.text())
def test_likeness_is_a_share_and_the_same_both_ways(one: str, other: str) -> None:
    assert 0 <= likeness(one, other) == likeness(other, one) <= 1
    assert likeness(one, one) == 1


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("Time for your evening walk, Ada.", "Ada, time for your evening walk!", True),
        ("Time for your evening walk.", "It's time for your evening walk", True),
        ("Time for your evening walk.", "A page of your book before bed?", False),
        ("Your week in three lines.", "Time for your evening walk.", False),
    ],
)
def test_the_same_words_in_another_order_are_alike(one: str, other: str, alike: bool) -> None:
    assert (likeness(one, other) >= 0.7) is alike


@pytest.fixture
def ada(db: None) -> User:
    user = UserFactory.create(timezone="Europe/Berlin")
    Preferences.objects.create(user=user, notification_frequency="active")
    agree(user)
    return user


@pytest.fixture
def carrier(db: None) -> Iterator[Carrier]:
    with Carrier().carries() as carrier:
        yield carrier


def compose(user: User, key: str, body: str, now: datetime = NOON, **changes) -> CoachMessage:
    given = {"channel": "in_app", "cause": MessageCause.NUDGE}
    return outbox.compose(user, cause_key=key, body=body, now=now, **{**given, **changes})


def about(subject: UUID) -> dict[str, Any]:
    return {"subject_type": "habits.habit", "subject_id": subject}


# --- Said already -------------------------------------------------------------------------------


def test_the_same_words_twice_are_one_message(ada: User) -> None:
    first = compose(ada, "one", "Time for your evening walk.")
    second = compose(ada, "two", "It's time for your evening walk")
    assert (second.state, second.reason) == (DeliveryState.MERGED, Reason.DUPLICATE)
    assert second.merged_into == first
    assert second.decisions.get().verdict == "merge"


def test_the_same_subject_twice_is_one_message_on_whichever_channel(
    ada: User, carrier: Carrier
) -> None:
    first = compose(ada, "one", "Time for your evening walk.", **about(WALK))
    second = compose(ada, "two", "Shoes on, door open?", channel="sms", **about(WALK))
    assert second.merged_into == first


def test_the_same_words_about_two_subjects_are_two_messages(ada: User) -> None:
    compose(ada, "one", "Two minutes now?", **about(WALK))
    second = compose(ada, "two", "Two minutes now?", **about(READ))
    assert second.state == DeliveryState.QUEUED


def test_what_was_said_a_day_ago_may_be_said_again(ada: User) -> None:
    outbox.deliver(compose(ada, "one", "Time for your walk.").pk, now=NOON)
    later = NOON + timedelta(hours=20)
    assert compose(ada, "two", "Time for your walk.", later).state == DeliveryState.MERGED
    next_day = NOON + timedelta(hours=24)
    assert compose(ada, "three", "Time for your walk.", next_day).state == DeliveryState.QUEUED


def test_a_subject_may_come_again_the_same_day_in_other_words(ada: User) -> None:
    outbox.deliver(compose(ada, "one", "Time for your walk.", **about(WALK)).pk, now=NOON)
    later = NOON + timedelta(hours=3)
    second = compose(ada, "two", "Shoes on, door open?", later, **about(WALK))
    assert second.state == DeliveryState.QUEUED


def test_what_was_never_said_is_no_reason_for_silence(ada: User) -> None:
    first = compose(ada, "one", "Time for your walk.")
    outbox.withdraw(first, now=NOON, reason=Reason.REJECTED)
    assert compose(ada, "two", "Time for your walk.").state == DeliveryState.QUEUED


def test_twins_are_no_duplicates(ada: User, carrier: Carrier) -> None:
    compose(ada, "one", "Time for your walk.")
    assert compose(ada, "one", "Time for your walk.", channel="sms").state == DeliveryState.QUEUED


def test_another_person_hears_it_too(ada: User) -> None:
    compose(ada, "one", "Time for your walk.")
    other = compose(UserFactory.create(), "one", "Time for your walk.")
    assert other.state == DeliveryState.QUEUED


@pytest.mark.parametrize("cause", [MessageCause.REMINDER, MessageCause.COACH, MessageCause.BRIEF])
def test_what_was_ordered_or_written_by_staff_never_gives_way(ada: User, cause: str) -> None:
    compose(ada, "one", "Time for your walk.", **about(WALK))
    second = compose(ada, "two", "Time for your walk.", cause=cause, **about(WALK))
    assert second.state == DeliveryState.QUEUED


def test_a_nudge_gives_way_to_a_reminder_of_the_same(ada: User) -> None:
    compose(ada, "one", "Reminder: walk", cause=MessageCause.REMINDER, **about(WALK))
    assert compose(ada, "two", "Shoes on?", **about(WALK)).reason == Reason.DUPLICATE


def test_what_was_approved_meets_what_came_meanwhile(ada: User) -> None:
    waiting = compose(ada, "one", "Time for your walk.", needs_approval=True)
    compose(ada, "two", "A page of your book before bed?")
    assert outbox.approve(waiting, StaffFactory.create(), now=NOON).state == DeliveryState.QUEUED


# --- Held together ------------------------------------------------------------------------------

HELD = {"walk": "Time for your walk.", "read": "A page of your book?", "rest": "Lights out at ten?"}


def held(user: User, **changes) -> list[CoachMessage]:
    return [compose(user, key, body, NIGHT, **changes) for key, body in HELD.items()]


def test_what_was_held_over_night_comes_as_one_message(ada: User, carrier: Carrier) -> None:
    parts = held(ada, channel="sms")
    assert outbox.deliver_due(now=MORNING) == 1
    digest = CoachMessage.objects.get(cause=MessageCause.DIGEST)
    assert carrier.taken == [digest.cause_key]
    for part in parts:
        part.refresh_from_db()
        assert (part.state, part.reason) == (DeliveryState.MERGED, Reason.DIGESTED)
        assert part.merged_into == digest
        assert part.body in digest.body
        assert part.decisions.latest("id").verdict == "merge"
    assert digest.state == DeliveryState.SENT
    assert digest.decisions.get().verdict == "send"


def test_a_digest_counts_once(ada: User) -> None:
    held(ada)
    outbox.deliver_due(now=MORNING)
    later = MORNING + timedelta(hours=1)
    next_one = compose(ada, "next", "Ten deep breaths?", later)
    assert outbox.deliver(next_one.pk, now=later) == DeliveryState.DELIVERED
    assert next_one.decisions.latest("id").facts["day"] == 1


def test_two_workers_worth_of_rounds_make_one_digest(ada: User) -> None:
    held(ada)
    outbox.deliver_due(now=MORNING)
    outbox.deliver_due(now=MORNING)
    assert CoachMessage.objects.filter(cause=MessageCause.DIGEST).count() == 1


def test_digests_in_the_app_and_by_another_knock_have_one_cause(
    ada: User, carrier: Carrier
) -> None:
    held(ada)
    held(ada, channel="sms")
    outbox.deliver_due(now=MORNING)
    outbox.deliver_due(now=MORNING + timedelta(hours=1))
    digests = CoachMessage.objects.filter(cause=MessageCause.DIGEST)
    assert digests.count() == 2
    assert digests.values("cause_key").distinct().count() == 1


def test_one_alone_comes_in_its_own_words(ada: User) -> None:
    message = compose(ada, "walk", HELD["walk"], NIGHT)
    outbox.deliver_due(now=MORNING)
    message.refresh_from_db()
    assert message.state == DeliveryState.DELIVERED


def test_what_was_muted_meanwhile_is_not_in_it(ada: User) -> None:
    muted = compose(ada, "walk", HELD["walk"], NIGHT, **about(WALK))
    compose(ada, "read", HELD["read"], NIGHT, **about(READ))
    compose(ada, "rest", HELD["rest"], NIGHT, **about(uuid4()))
    Mute.objects.create(user=ada, subject_type="habits.habit", subject_id=WALK)
    outbox.deliver_due(now=MORNING)
    digest = CoachMessage.objects.get(cause=MessageCause.DIGEST)
    assert HELD["walk"] not in digest.body
    muted.refresh_from_db()
    assert muted.reason == Reason.MUTED


def test_what_staff_wrote_comes_by_itself(ada: User) -> None:
    held(ada)
    by_hand = compose(
        ada, "coach", "How was it?", NIGHT, cause=MessageCause.COACH, author=StaffFactory.create()
    )
    outbox.deliver_due(now=MORNING)
    outbox.deliver_due(now=MORNING + timedelta(hours=1))
    by_hand.refresh_from_db()
    assert by_hand.state == DeliveryState.DELIVERED
    assert CoachMessage.objects.get(cause=MessageCause.DIGEST).parts.count() == 3


def test_two_people_have_two_digests(ada: User) -> None:
    other = UserFactory.create(timezone="Europe/Berlin")
    held(ada)
    held(other)
    outbox.deliver_due(now=MORNING)
    digests = CoachMessage.objects.filter(cause=MessageCause.DIGEST)
    assert {digest.user_id for digest in digests} == {ada.pk, other.pk}
