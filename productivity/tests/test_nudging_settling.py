"""What counts as a misfire, and how nudges are settled."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.consent import set_consent
from accounts.models import ConsentKind, ConsentSource
from accounts.tests.factories import UserFactory
from coaching.models import CoachMessage, DeliveryState, Mute
from productivity import changing
from productivity.models import CoachingNudge, NudgeMode
from productivity.nudging.settling import IN_WORDS, Circumstances, Misfire, misfire_of, settle

from .test_nudging_humor import a_nudge

NOON = datetime(2026, 6, 10, 10, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
FINE = Circumstances(delivered_at=NOON, window_ends_at=NOON + HOUR)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, None),
        ({"done_at": NOON - MINUTE}, Misfire.ALREADY_DONE),
        ({"done_at": NOON + MINUTE}, None),
        ({"deleted_at": NOON - MINUTE}, Misfire.LET_GO),
        ({"deleted_at": NOON + MINUTE}, None),
        ({"snoozed_at": NOON - MINUTE, "snoozed_until": NOON + HOUR}, Misfire.PUT_OFF),
        ({"snoozed_at": NOON - HOUR, "snoozed_until": NOON - MINUTE}, None),
        ({"window_ends_at": NOON - MINUTE}, Misfire.TOO_LATE),
        ({"eased_up": True}, Misfire.EASED_UP),
        ({"rating": -1}, Misfire.NOT_USEFUL),
        ({"rating": 0}, None),
        ({"rating": 1}, None),
        ({"muted_at": NOON + 59 * MINUTE}, Misfire.MUTED),
        ({"muted_at": NOON + 61 * MINUTE}, None),
        ({"muted_at": NOON - MINUTE}, None),
    ],
)
def test_each_clause_of_a_misfire(changes, reason):
    assert misfire_of(replace(FINE, **changes)) == reason


def test_every_misfire_has_words():
    assert set(IN_WORDS) == set(Misfire)


@given(
    done=st.one_of(st.none(), st.integers(-600, 600)),
    rating=st.sampled_from([None, -1, 0, 1]),
    eased=st.booleans(),
)
def test_a_nudge_misfired_exactly_when_a_clause_holds(done, rating, eased):
    seen = replace(
        FINE,
        done_at=None if done is None else NOON + done * MINUTE,
        rating=rating,
        eased_up=eased,
    )
    missed = (done is not None and done <= 0) or rating == -1 or eased
    assert (misfire_of(seen) is not None) is missed


def a_message(user, **fields) -> CoachMessage:
    row: CoachMessage = CoachMessage.objects.create(
        user=user,
        cause="nudge",
        cause_key=f"nudge:{len(fields)}{CoachMessage.objects.count()}",
        body="x",
        subject_type="productivity.task",
        **{
            "state": DeliveryState.DELIVERED,
            "sent_at": NOON,
            "not_before": NOON,
            "expires_at": NOON + 4 * HOUR,
            **fields,
        },
    )
    return row


def test_what_went_out_as_a_part_of_another_message_came_as_well(db):
    user = UserFactory()
    whole = a_message(user, channel="email")
    part = a_message(
        user, state=DeliveryState.MERGED, reason="digested", sent_at=None, merged_into=whole
    )
    nudge = a_nudge(
        user, NOON - HOUR, NudgeMode.NEUTRAL, message=part, delivered=False, delivered_at=None
    )
    settle(now=NOON + MINUTE)
    nudge.refresh_from_db()
    assert (nudge.delivered, nudge.delivered_at, nudge.delivery_channel) == (True, NOON, "email")


def test_what_was_held_back_never_counts_as_come(db):
    user = UserFactory()
    dropped = a_message(user, state=DeliveryState.SUPPRESSED, reason="muted", sent_at=None)
    a_nudge(user, NOON, NudgeMode.NEUTRAL, message=dropped, delivered=False, delivered_at=None)
    assert settle(now=NOON + 5 * HOUR) == 0


def test_whether_it_helped_is_worked_out_only_with_consent(db):
    for agrees in (True, False):
        user = UserFactory()
        if agrees:
            set_consent(user, ConsentKind.BEHAVIORAL_TRACKING, True, ConsentSource.WEB)
        task = changing.create(user, {"title": "Tax"}, source="web", now=NOON - HOUR)
        nudge = a_nudge(user, NOON, NudgeMode.NEUTRAL, task=task)
        changing.complete(user, task.pk, source="web", now=NOON + HOUR)
        settle(now=NOON + 4 * HOUR)
        nudge.refresh_from_db()
        assert nudge.helped is (True if agrees else None)
        assert nudge.settled_at == NOON + 4 * HOUR


def test_muting_within_the_hour_is_a_misfire(db):
    user = UserFactory()
    nudge = a_nudge(user, NOON, NudgeMode.NEUTRAL, message=a_message(user))
    Mute.objects.create(user=user, cause="nudge", created_at=NOON + 20 * MINUTE)
    settle(now=NOON + 5 * HOUR)
    nudge.refresh_from_db()
    assert nudge.misfire == Misfire.MUTED


def test_a_nudge_about_what_was_done_before_it_came_is_a_misfire(db):
    user = UserFactory()
    task = changing.create(user, {"title": "Tax"}, source="web", now=NOON - 5 * HOUR)
    changing.complete(user, task.pk, source="web", now=NOON - HOUR)
    slept = changing.create(user, {"title": "Ring"}, source="web", now=NOON - 5 * HOUR)
    changing.snooze(user, slept.pk, NOON + 9 * HOUR, source="web", now=NOON - MINUTE)
    done = a_nudge(user, NOON - 2 * HOUR, NudgeMode.NEUTRAL, task=task, delivered_at=NOON)
    put_off = a_nudge(user, NOON - 2 * HOUR, NudgeMode.NEUTRAL, task=slept, delivered_at=NOON)
    settle(now=NOON + 5 * HOUR)
    found = dict(CoachingNudge.objects.values_list("pk", "misfire"))
    assert found == {done.pk: Misfire.ALREADY_DONE, put_off.pk: Misfire.PUT_OFF}
