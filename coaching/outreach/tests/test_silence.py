"""When nobody is spoken to, and why; and what becomes of those who do not answer."""

from datetime import timedelta

import pytest

from coaching.models import (
    CoachMessage,
    CrisisAlert,
    CrisisCategory,
    DeliveryState,
    MessageCause,
    Mute,
    NudgeDecision,
    Preferences,
)
from coaching.outreach.nudging import CHECK_IN
from coaching.outreach.policy.config import NUMBERS

from .nudge_world import (
    KEEP_STILL,
    SUBJECT,
    TODAY,
    a_person,
    a_template,
    moment_of,
    steadily_active,
    the_decision,
    was_active,
)

DAY = timedelta(days=1)


def gets_message(person, at, *, cause=MessageCause.NUDGE, **fields) -> CoachMessage:
    row: CoachMessage = CoachMessage.objects.create(
        **{
            "user": person,
            "cause": cause,
            "cause_key": f"earlier:{at.isoformat()}",
            "body": "Earlier",
            "state": DeliveryState.SENT,
            "sent_at": at,
            "created_at": at,
            "not_before": at,
            "expires_at": at + DAY,
            **fields,
        }
    )
    return row


# --- Who, and when ------------------------------------------------------------------------------


def silent_because(person, now) -> str:
    """The reason of the decision at `now`, which must have drawn nothing."""
    decision = the_decision(person, now)
    assert not decision.is_available
    assert decision.probability == 0
    assert not decision.sent
    assert decision.resolved_at == now
    assert not CoachMessage.objects.filter(cause=MessageCause.NUDGE, created_at=now).exists()
    return decision.unavailable_reason


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"nudges_enabled": False}, "nudges_off"),
        ({"proactive_suggestions": False}, "nudges_off"),
        ({"notification_window": {"from": "17:00", "to": "20:00"}}, "quiet_hours"),
        ({"notification_window": "nonsense"}, ""),
        ({"away_from": TODAY.date(), "away_until": TODAY.date()}, "away"),
        ({}, ""),
    ],
)
def test_what_a_person_set_holds(db, needs, settings, reason):
    person = a_person()
    needs.of(person, 0.5)
    a_template()
    Preferences.objects.create(user=person, **settings)
    assert the_decision(person, moment_of(person)).unavailable_reason == reason


def test_a_hard_moment_and_the_coachs_pause_keep_it_silent(db, needs):
    person = a_person()
    needs.of(person, 0.5)
    a_template()
    now = moment_of(person)
    alert = CrisisAlert.objects.create(
        user=person,
        message_id=person.pk,
        category=CrisisCategory.SUICIDE,
        paused_until=now + DAY,
    )
    assert silent_because(person, now) == "crisis_pause"
    alert.delete()
    person.automation_paused_at = now
    person.save()
    assert silent_because(person, moment_of(person, "evening")) == "automation_paused"


def test_mutes_take_away_the_subject_or_everything(db, needs):
    person = a_person()
    wide, narrow = needs.of(person, 0.9, 0.3)
    a_template()
    Mute.objects.create(user=person, subject_type=SUBJECT, subject_id=wide)
    midday, evening = moment_of(person), moment_of(person, "evening")
    assert the_decision(person, midday, KEEP_STILL).subject_id == narrow
    mute = Mute.objects.create(user=person, cause=MessageCause.NUDGE, until=evening + DAY)
    assert silent_because(person, evening) == "nudges_off"
    mute.delete()
    Mute.objects.create(user=person, subject_type=SUBJECT, subject_id=narrow)
    assert silent_because(person, moment_of(person, days=1)) == "no_need"


def test_without_words_that_fit_the_facts_nothing_is_said(db, needs):
    person = a_person()
    needs.of(person, 0.5)
    a_template(text="{thing}: {missing}")
    a_template("resting", is_active=False)
    a_template("other", purpose="trial.other")
    assert silent_because(person, moment_of(person)) == "no_words"


def test_who_was_just_active_is_not_disturbed(db, needs):
    person = a_person()
    needs.of(person, 0.5)
    a_template()
    now = moment_of(person)
    was_active(person, now - timedelta(minutes=29))
    assert silent_because(person, now) == "just_active"


def test_what_nobody_did_by_hand_is_no_activity(db, needs):
    person = a_person()
    needs.of(person, 0.5)
    a_template()
    now = moment_of(person)
    was_active(person, now - timedelta(minutes=5), source="system")
    was_active(person, now + timedelta(minutes=5))
    assert the_decision(person, now).is_available


def test_at_an_hour_without_any_activity_it_is_silent(db, needs):
    person = a_person()
    needs.of(person, 0.5)
    a_template()
    now = moment_of(person)
    mornings = [
        now - back * DAY - timedelta(hours=hours) for back in range(1, 40) for hours in (5, 6)
    ]
    was_active(person, *mornings)
    assert silent_because(person, now) == "usually_inactive"


def test_a_guessed_moment_says_nothing_of_the_hour(db, needs):
    person = a_person()
    needs.of(person, 0.5)
    a_template()
    now = moment_of(person)
    days = [now - back * DAY for back in range(1, 40)]
    was_active(person, *(day - timedelta(hours=hours) for day in days for hours in (5, 6)))
    was_active(person, *days, time_known=False)
    assert silent_because(person, now) == "usually_inactive"


def test_a_day_filled_in_without_a_moment_is_a_day_of_activity(db, needs):
    person = a_person()
    needs.of(person, 0.5)
    a_template()
    now = moment_of(person)
    was_active(person, *(now - back * DAY for back in range(1, 8)), time_known=False)
    assert the_decision(person, now).features["recent_engagement"] == pytest.approx(6 / 7)


def test_a_nudge_rests_for_three_days_with_somebody_active(db, needs):
    person = a_person()
    needs.of(person, 0.5)
    a_template()
    now = moment_of(person, days=3)
    steadily_active(person, now)
    message = gets_message(person, now - 3 * DAY + timedelta(hours=1), engaged_at=now - 2 * DAY)
    assert silent_because(person, now) == "backing_off"
    CoachMessage.objects.filter(pk=message.pk).update(sent_at=now - 3 * DAY)
    assert the_decision(person, moment_of(person, "evening", days=3)).is_available


@pytest.mark.parametrize("state", [DeliveryState.UNKNOWN, DeliveryState.SENDING])
def test_a_message_that_may_have_arrived_counts(db, needs, state):
    person = a_person()
    needs.of(person, 0.5)
    a_template()
    now = moment_of(person)
    gets_message(person, now - DAY, state=state, sent_at=None, claimed_at=now - DAY)
    assert silent_because(person, now) == "backing_off"


def test_a_message_within_the_hour_of_any_kind_is_enough(db, needs):
    person = a_person()
    needs.of(person, 0.5)
    a_template()
    now = moment_of(person)
    gets_message(person, now - timedelta(minutes=59), cause=MessageCause.BRIEF)
    assert silent_because(person, now) == "over_budget"


def test_whoever_asked_for_few_messages_gets_one_a_day(db, needs):
    person = a_person()
    needs.of(person, 0.5)
    a_template()
    Preferences.objects.create(user=person, notification_frequency="minimal")
    now = moment_of(person, "evening")
    gets_message(person, now - timedelta(hours=8), cause=MessageCause.BRIEF)
    assert silent_because(person, now) == "over_budget"


# --- Those who do not answer, or drift away ----------------------------------------------------------


def ignored(person, at) -> None:
    """A nudge at `at` of which nothing came."""
    message = gets_message(person, at)
    NudgeDecision.objects.create(
        user=person,
        at=at,
        local_date=at.date(),
        point=f"{at:%H}",
        policy_version=NUMBERS.version,
        is_available=True,
        probability=0.25,
        random_number=0.1,
        sent=True,
        message=message,
        window_ends_at=at + timedelta(hours=4),
        action_done=False,
        reward=0,
        resolved_at=at + timedelta(hours=4),
    )


def test_after_three_ignored_one_check_in_comes_and_then_the_digest_only(db, needs):
    person = a_person()
    needs.of(person, 0.5)
    a_template()
    check_in = a_template("ask", "How is it going?", purpose=CHECK_IN, cause=MessageCause.CHECK_IN)
    now = moment_of(person, days=15)
    steadily_active(person, now)
    for back in (12, 8, 4):
        ignored(person, now - back * DAY)
    decision = the_decision(person, now)
    assert (decision.is_available, decision.unavailable_reason) == (False, "digest_only")
    asked = CoachMessage.objects.get(cause=MessageCause.CHECK_IN)
    assert (asked.body, asked.template) == ("How is it going?", check_in)
    assert decision.message is None, "the check-in is no outcome of a draw"
    CoachMessage.objects.filter(pk=asked.pk).update(state=DeliveryState.SENT, sent_at=now)
    later = moment_of(person, days=18)
    assert the_decision(person, later).unavailable_reason == "digest_only"
    assert CoachMessage.objects.filter(cause=MessageCause.CHECK_IN).count() == 1


def test_an_answer_of_any_kind_ends_the_row_of_ignored(db, needs):
    person = a_person()
    needs.of(person, 0.5)
    a_template()
    now = moment_of(person, days=15)
    steadily_active(person, now)
    for back in (12, 8, 4):
        ignored(person, now - back * DAY)
    gets_message(person, now - 3 * DAY, cause=MessageCause.DIGEST, engaged_at=now - 2 * DAY)
    assert the_decision(person, now).is_available


def test_an_action_that_was_done_is_not_ignoring(db, needs):
    person = a_person()
    needs.of(person, 0.5)
    a_template()
    now = moment_of(person, days=15)
    steadily_active(person, now)
    for back in (12, 8, 4):
        ignored(person, now - back * DAY)
    NudgeDecision.objects.filter(at=now - 8 * DAY).update(action_done=True)
    assert the_decision(person, now).is_available


def test_a_nudge_whose_outcome_is_not_settled_yet_was_not_ignored(db, needs):
    person = a_person()
    needs.of(person, 0.5)
    a_template()
    a_template("ask", "How is it going?", purpose=CHECK_IN, cause=MessageCause.CHECK_IN)
    now = moment_of(person, days=15)
    steadily_active(person, now)
    for back in (9 * DAY, 5 * DAY, timedelta(hours=4, minutes=10)):
        ignored(person, now - back)
    NudgeDecision.objects.filter(at__gt=now - DAY).update(
        action_done=None, reward=None, resolved_at=None
    )
    assert silent_because(person, now) == "backing_off"
    assert not CoachMessage.objects.filter(cause=MessageCause.CHECK_IN).exists()


def test_what_came_in_one_summary_was_ignored_once(db, needs):
    person = a_person()
    needs.of(person, 0.5)
    a_template()
    now = moment_of(person, days=15)
    steadily_active(person, now)
    at = now - 4 * DAY
    summary = gets_message(person, at, cause=MessageCause.DIGEST)
    for hours in (12, 8, 4):
        ignored(person, at - timedelta(hours=hours))
    parts = CoachMessage.objects.filter(user=person).exclude(pk=summary.pk)
    parts.update(state=DeliveryState.MERGED, reason="digested", sent_at=None, merged_into=summary)
    assert the_decision(person, now).is_available


def test_who_drifts_away_is_asked_once_and_not_in_a_hard_moment(db, needs):
    person = a_person()
    needs.of(person, 0.5)
    a_template()
    a_template("ask", "How is it going?", purpose=CHECK_IN, cause=MessageCause.CHECK_IN)
    now = moment_of(person)
    was_active(person, *(now - back * DAY for back in range(6, 30)))
    alert = CrisisAlert.objects.create(
        user=person, message_id=person.pk, category=CrisisCategory.SUICIDE, paused_until=now + DAY
    )
    assert silent_because(person, now) == "crisis_pause"
    assert not CoachMessage.objects.exists()
    alert.delete()
    assert silent_because(person, moment_of(person, "evening")) == "backing_off"
    assert CoachMessage.objects.get().cause == MessageCause.CHECK_IN


def test_a_muted_check_in_is_not_written_and_leaves_the_nudges_their_draw(db, needs):
    person = a_person()
    needs.of(person, 0.5)
    a_template()
    a_template("ask", "How is it going?", purpose=CHECK_IN, cause=MessageCause.CHECK_IN)
    Mute.objects.create(user=person, cause=MessageCause.CHECK_IN)
    now = moment_of(person)
    was_active(person, *(now - back * DAY for back in range(6, 30)))
    assert the_decision(person, now).is_available
    assert CoachMessage.objects.get().cause == MessageCause.NUDGE


# --- Odds, and what is stored of them -----------------------------------------------------------
