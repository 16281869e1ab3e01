"""One governor: what it sends, holds and drops, and why."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from heapq import heapify, heappop, heappush
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from accounts.day import local_day
from accounts.models import User
from coaching.models import (
    CoachMessage,
    MessageCause,
    MessageChannel,
    Reason,
    Verdict,
)
from coaching.outreach.governor import (
    DIGEST_OF_HELD,
    WEEK,
    Contact,
    Facts,
    Limits,
    Silence,
    Way,
    counts_as,
    judge,
)
from coaching.outreach.open_hours import OpenHours

from .test_open_hours import MOMENTS

NOON = datetime(2026, 6, 10, 10, tzinfo=UTC)  # 12:00 in Berlin, a Wednesday
NIGHT = datetime(2026, 6, 10, 21, tzinfo=UTC)  # 23:00 in Berlin
MORNING = datetime(2026, 6, 11, 6, tzinfo=UTC)  # 08:00 in Berlin on the day after
DAY = OpenHours(time(8), time(21))
LIMITS = Limits(
    per_day=3,
    per_week=10,
    spacing=timedelta(minutes=60),
    burden=15,
    open_hours=DAY,
    carrier_hours=DAY,
)
WAYS = {
    "in_app": Way(),
    "push": Way(burden=1),
    "email": Way(burden=1),
    "sms": Way(burden=2, carrier_hours=True),
    "call": Way(burden=5, carrier_hours=True),
}
UNASKED = [cause for cause in MessageCause if cause != MessageCause.REMINDER]
SILENT_AWAY = [cause for cause in UNASKED if cause != MessageCause.COACH]


def person(zone: str = "Europe/Berlin") -> User:
    return User(email="ada@example.org", name="Ada", timezone=zone)


def facts(**changes) -> Facts:
    given = {"user": person(), "limits": LIMITS, "ways": WAYS}
    return Facts(**{**given, **changes})


def message(**changes) -> CoachMessage:
    given = {
        "channel": "in_app",
        "cause": MessageCause.NUDGE,
        "cause_key": "k",
        "body": "Stretch?",
        "not_before": NOON,
        "expires_at": NOON + timedelta(days=10),
    }
    return CoachMessage(**{**given, **changes})


def went_out(*hours_ago: float, burden: int = 0, now: datetime = NOON) -> tuple[Contact, ...]:
    return tuple(
        Contact(now - timedelta(hours=hours), f"app:{hours}", burden) for hours in hours_ago
    )


def verdict(known: Facts, text: CoachMessage, now: datetime = NOON):
    decision = judge(known, text, now=now)
    return decision.verdict, decision.reasons, decision.not_before


SEND = (Verdict.SEND, (), None)


def test_with_nothing_against_it_a_message_goes_out() -> None:
    assert verdict(facts(), message()) == SEND


# --- Dropped ------------------------------------------------------------------------------------


@pytest.mark.parametrize("cause", MessageCause)
def test_a_closed_account_hears_nothing(cause: str) -> None:
    gone = person()
    gone.deleted_at = NOON
    decision = judge(facts(user=gone), message(cause=cause), now=NOON)
    assert (decision.verdict, decision.reasons) == (Verdict.DROP, (Reason.ACCOUNT_CLOSED,))


@pytest.mark.parametrize("cause", MessageCause)
def test_a_pause_by_the_coach_stops_everything_automatic(cause: str) -> None:
    paused = person()
    paused.automation_paused_at = NOON
    decision = judge(facts(user=paused), message(cause=cause), now=NOON)
    assert decision.reasons == (Reason.AUTOMATION_PAUSED,)


def test_what_staff_write_themselves_is_not_automatic() -> None:
    paused = person()
    paused.automation_paused_at = NOON
    by_hand = message(cause=MessageCause.COACH, author=person())
    assert verdict(facts(user=paused), by_hand) == SEND


@pytest.mark.parametrize("cause", UNASKED)
def test_after_a_crisis_everything_unasked_rests(cause: str) -> None:
    known = facts(crisis_until=NOON + timedelta(minutes=1))
    assert verdict(known, message(cause=cause))[:2] == (Verdict.DROP, (Reason.CRISIS_PAUSE,))
    over = facts(crisis_until=NOON)
    assert verdict(over, message(cause=cause)) == SEND


def test_after_a_crisis_reminders_and_the_coach_in_person_still_come() -> None:
    known = facts(crisis_until=NOON + timedelta(days=1))
    assert verdict(known, message(cause=MessageCause.REMINDER)) == SEND
    assert verdict(known, message(cause=MessageCause.COACH, author=person())) == SEND


@pytest.mark.parametrize("cause", MessageCause)
def test_without_consent_nothing_goes_out_on_a_channel(cause: str) -> None:
    known = facts(ways={**WAYS, "sms": Way(consented=False, reaches=False)})
    text = message(cause=cause, channel="sms")
    assert verdict(known, text)[:2] == (Verdict.DROP, (Reason.NO_CONSENT,))


def test_a_channel_that_reaches_nobody_or_is_not_there_is_dropped() -> None:
    known = facts(ways={"push": Way(reaches=False)})
    for channel in ("push", "sms"):
        decision = judge(known, message(channel=channel), now=NOON)
        assert decision.reasons == (Reason.UNREACHABLE,)


@pytest.mark.parametrize(
    ("off", "cause"),
    [
        ("suggestions", MessageCause.NUDGE),
        ("suggestions", MessageCause.HOOK),
        ("suggestions", MessageCause.CHECK_IN),
        ("morning_brief", MessageCause.BRIEF),
        ("weekly_digest", MessageCause.DIGEST),
    ],
)
def test_a_kind_that_was_turned_off_stays_off_and_the_others_on(off: str, cause: str) -> None:
    known = facts(**{off: False})
    assert verdict(known, message(cause=cause))[:2] == (Verdict.DROP, (Reason.NUDGES_OFF,))
    assert verdict(facts(), message(cause=cause)) == SEND
    assert verdict(known, message(cause=MessageCause.CAMPAIGN)) == SEND


def test_without_the_weekly_digest_held_messages_may_still_come_together() -> None:
    together = message(cause=MessageCause.DIGEST, cause_key=f"{DIGEST_OF_HELD}x")
    assert verdict(facts(weekly_digest=False), together) == SEND


def test_a_muted_subject_is_silent_and_another_is_not() -> None:
    subject = uuid4()
    known = facts(silences=(Silence(subject_type="habits.habit", subject_id=subject),))
    muted = message(subject_type="habits.habit", subject_id=subject)
    other = message(subject_type="habits.habit", subject_id=uuid4())
    assert verdict(known, muted)[:2] == (Verdict.DROP, (Reason.MUTED,))
    assert verdict(known, other) == SEND
    assert verdict(known, message()) == SEND


def test_a_muted_kind_is_silent_until_its_moment() -> None:
    known = facts(silences=(Silence(cause=MessageCause.HOOK, until=NOON),))
    text = message(cause=MessageCause.HOOK, not_before=NOON - timedelta(hours=2))
    assert judge(known, text, now=NOON - timedelta(hours=1)).reasons == (Reason.MUTED,)
    assert verdict(known, text) == SEND


def test_what_was_done_already_need_not_be_said() -> None:
    known = facts(no_longer_needed=True)
    assert verdict(known, message())[:2] == (Verdict.DROP, (Reason.NO_LONGER_NEEDED,))


@pytest.mark.parametrize("cause", MessageCause)
def test_what_is_too_old_is_dropped(cause: str) -> None:
    old = message(cause=cause, expires_at=NOON)
    assert verdict(facts(), old)[:2] == (Verdict.DROP, (Reason.EXPIRED,))


def test_what_would_be_too_old_after_waiting_is_dropped_with_both_reasons() -> None:
    text = message(expires_at=MORNING)
    reasons = (Reason.EXPIRED, Reason.QUIET_HOURS)
    assert verdict(facts(), text, NIGHT) == (Verdict.DROP, reasons, None)


def test_every_reason_is_kept() -> None:
    known = facts(suggestions=False, crisis_until=NOON + timedelta(days=1))
    assert set(judge(known, message(), now=NOON).reasons) == {
        Reason.CRISIS_PAUSE,
        Reason.NUDGES_OFF,
    }


# --- Held ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("channel", MessageChannel)
def test_at_night_it_waits_for_the_morning(channel: str) -> None:
    held, reasons, moment = verdict(facts(), message(channel=channel), NIGHT)
    assert (held, moment) == (Verdict.HOLD, MORNING)
    assert Reason.QUIET_HOURS in reasons


def test_a_window_of_ones_own_is_wider_for_all_but_the_carriers() -> None:
    known = facts(window=OpenHours(time(6), time(23, 30)))
    assert verdict(known, message(channel="push"), NIGHT) == SEND
    held = verdict(known, message(channel="sms"), NIGHT)
    assert held == (Verdict.HOLD, (Reason.CARRIER_HOURS,), MORNING)


def test_a_window_of_ones_own_is_narrower_for_carriers_too() -> None:
    known = facts(window=OpenHours(time(14), time(16)))
    held = verdict(known, message(channel="call"))
    assert held == (Verdict.HOLD, (Reason.QUIET_HOURS,), datetime(2026, 6, 10, 12, tzinfo=UTC))


def test_a_window_that_carriers_never_meet_is_no_endless_wait() -> None:
    known = facts(window=OpenHours(time(22), time(23)))
    text = message(channel="sms", expires_at=NOON + timedelta(days=3650))
    assert verdict(known, text)[0] == Verdict.DROP


def test_after_the_days_messages_it_waits_for_the_next_day() -> None:
    known = facts(contacts=went_out(2, 3, 4))
    assert verdict(known, message()) == (Verdict.HOLD, (Reason.DAY_CAP,), MORNING)
    assert verdict(facts(contacts=went_out(2, 3)), message()) == SEND


def test_the_persons_day_counts_and_not_the_calendars() -> None:
    owl = person()
    owl.day_start_hour = 3
    known = facts(
        user=owl,
        limits=replace(LIMITS, per_day=1),
        window=OpenHours(time(0), time(0)),
        contacts=(Contact(NIGHT, "app:x", 0),),
    )
    at = NIGHT + timedelta(hours=2)  # 01:00: still the same day of this person
    assert verdict(known, message(), at)[2] == datetime(2026, 6, 11, 1, tzinfo=UTC)


def test_after_the_weeks_messages_it_waits_until_the_oldest_is_a_week_old() -> None:
    contacts = went_out(*[24 * day + 1 for day in range(2, 7)], *[24 * d + 3 for d in range(2, 7)])
    oldest = NOON - timedelta(hours=24 * 6 + 3)
    held = verdict(facts(contacts=contacts), message())
    assert held == (Verdict.HOLD, (Reason.WEEK_CAP,), oldest + WEEK)
    assert verdict(facts(contacts=contacts[1:]), message()) == SEND


def test_an_hour_lies_between_two() -> None:
    known = facts(contacts=went_out(0.5))
    held = verdict(known, message())
    assert held == (Verdict.HOLD, (Reason.TOO_SOON,), NOON + timedelta(minutes=30))
    assert verdict(facts(contacts=went_out(1)), message()) == SEND


def test_the_weeks_patience_is_weighed() -> None:
    spent = went_out(30, 60, 90, burden=5)
    held = verdict(facts(contacts=spent), message(channel="push"))
    assert held[:2] == (Verdict.HOLD, (Reason.BURDEN,))
    assert held[2] == NOON - timedelta(hours=90) + WEEK
    assert verdict(facts(contacts=spent), message(channel="in_app")) == SEND
    assert verdict(facts(contacts=spent[1:]), message(channel="call")) == SEND


def test_twins_count_once() -> None:
    twin = Contact(NOON, counts_as("in_app", "k"), 0)
    full = facts(limits=replace(LIMITS, per_day=1), contacts=(twin,))
    assert verdict(full, message(channel="push", cause_key="k")) == SEND
    assert verdict(full, message(channel="email", cause_key="k"))[0] == Verdict.HOLD
    assert verdict(full, message(channel="push", cause_key="other"))[0] == Verdict.HOLD


def test_a_reminder_is_not_held_by_caps_or_quiet_hours() -> None:
    known = facts(contacts=went_out(0.1, 1, 2, now=NIGHT))
    for channel in ("in_app", "push"):
        text = message(cause=MessageCause.REMINDER, channel=channel)
        assert verdict(known, text, NIGHT) == SEND


def test_a_reminder_by_text_keeps_to_the_carriers_hours() -> None:
    text = message(cause=MessageCause.REMINDER, channel="sms")
    held = verdict(facts(), text, NIGHT)
    assert held == (Verdict.HOLD, (Reason.CARRIER_HOURS,), MORNING)


def test_a_message_with_a_moment_of_its_own_waits_for_it_without_a_reason() -> None:
    later = NOON + timedelta(hours=2)
    assert verdict(facts(), message(not_before=later)) == (Verdict.HOLD, (), later)


# --- Away ---------------------------------------------------------------------------------------

AWAY = {"away_from": date(2026, 6, 8), "away_until": date(2026, 6, 12)}


@pytest.mark.parametrize("cause", SILENT_AWAY)
def test_while_somebody_is_away_nothing_comes(cause: str) -> None:
    assert verdict(facts(**AWAY), message(cause=cause))[:2] == (Verdict.DROP, (Reason.AWAY,))
    back = datetime(2026, 6, 13, 10, tzinfo=UTC)
    assert verdict(facts(**AWAY), message(cause=cause), back) == SEND


def test_what_the_coach_wrote_waits_for_the_first_morning_back() -> None:
    held = verdict(facts(**AWAY), message(cause=MessageCause.COACH))
    assert held == (Verdict.HOLD, (Reason.AWAY,), datetime(2026, 6, 13, 6, tzinfo=UTC))


def test_a_reminder_of_somebody_away_is_put_in_its_place_in_silence() -> None:
    placed = judge(facts(**AWAY), message(cause=MessageCause.REMINDER), now=NOON)
    assert (placed.verdict, placed.reasons) == (Verdict.SEND, (Reason.AWAY,))
    knock = message(cause=MessageCause.REMINDER, channel="push")
    assert verdict(facts(**AWAY), knock)[:2] == (Verdict.DROP, (Reason.AWAY,))


# --- For everybody, in every night ---------------------------------------------------------------

ZONES = st.sampled_from(
    ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Pacific/Apia"]
)
WINDOWS = st.one_of(
    st.none(),
    st.builds(OpenHours, st.builds(time, st.integers(0, 23)), st.builds(time, st.integers(0, 23))),
)
PAST = st.lists(st.tuples(st.integers(0, 8 * 24 * 60), st.sampled_from([0, 1, 2, 5])), max_size=14)


@st.composite
def cases(draw) -> tuple[Facts, CoachMessage, datetime]:
    now = draw(MOMENTS)
    contacts = tuple(
        Contact(now - timedelta(minutes=ago), f"app:{number}", burden)
        for number, (ago, burden) in enumerate(draw(PAST))
    )
    per_day, per_week = draw(st.sampled_from([(1, 3), (2, 7), (3, 10)]))
    known = facts(
        user=person(draw(ZONES)),
        limits=replace(LIMITS, per_day=per_day, per_week=per_week),
        window=draw(WINDOWS),
        contacts=contacts,
    )
    text = message(
        channel=draw(st.sampled_from(MessageChannel.values)),
        cause=draw(st.sampled_from(UNASKED)),
        not_before=now + timedelta(minutes=draw(st.integers(-60, 600))),
        expires_at=now + timedelta(days=draw(st.integers(1, 10))),
    )
    return known, text, now


def is_allowed(known: Facts, channel: str, at: datetime) -> bool:
    """The rules once more, said in another way: as conditions on one moment."""
    zone: ZoneInfo = known.user.tz
    clock = at.astimezone(zone).time()
    window = known.open_hours
    if window.opens < window.closes:
        inside = window.opens <= clock < window.closes
    else:
        inside = not window.closes <= clock < window.opens
    if WAYS[channel].carrier_hours:
        inside = inside and 8 <= clock.hour < 21
    today = [c for c in known.contacts if local_day(known.user, c.at) == local_day(known.user, at)]
    week = [c for c in known.contacts if at - c.at < timedelta(days=7)]
    weight = WAYS[channel].burden
    return (
        inside
        and len(today) < known.limits.per_day
        and len(week) < known.limits.per_week
        and all(at - c.at >= timedelta(minutes=60) for c in known.contacts)
        and (not weight or sum(c.burden for c in week) + weight <= 15)
    )


@given(cases())
def test_nothing_goes_out_in_a_closed_hour_or_beyond_a_cap(case) -> None:
    known, text, now = case
    decision = judge(known, text, now=now)
    if decision.verdict == Verdict.SEND:
        assert now >= text.not_before
        assert is_allowed(known, text.channel, now)
    if decision.verdict == Verdict.HOLD:
        assert decision.not_before is not None
        assert now < decision.not_before < text.expires_at
        assert is_allowed(known, text.channel, decision.not_before)


@given(cases())
def test_a_held_message_waits_no_longer_than_it_must(case) -> None:
    known, text, now = case
    decision = judge(known, text, now=now)
    start = max(now, text.not_before)
    end = decision.not_before or (start if decision.verdict == Verdict.SEND else text.expires_at)
    at = start
    while at < end:
        assert not is_allowed(known, text.channel, at)
        at += timedelta(minutes=13)
    if end > start:
        assert not is_allowed(known, text.channel, end - timedelta(seconds=1))


@given(cases())
def test_the_held_message_goes_out_at_its_moment(case) -> None:
    known, text, now = case
    decision = judge(known, text, now=now)
    if decision.not_before is not None:
        text.not_before = decision.not_before
        assert judge(known, text, now=decision.not_before).verdict == Verdict.SEND


@effort(max_examples=25)
@given(
    ZONES,
    MOMENTS,
    st.lists(
        st.tuples(st.integers(0, 9 * 24 * 60), st.sampled_from(MessageChannel.values)),
        min_size=10,
        max_size=60,
    ),
)
def test_a_fortnight_of_messages_keeps_to_every_rule(zone, begins, wishes) -> None:
    """Each is judged in its turn, and again at the moment it was held until; what went out is checked."""
    known = facts(user=person(zone))
    queue = [(begins + timedelta(minutes=minutes), channel) for minutes, channel in wishes]
    waiting = [
        (at, number, message(channel=channel, cause_key=str(number), not_before=at))
        for number, (at, channel) in enumerate(sorted(queue))
    ]
    for _, _, text in waiting:
        text.expires_at = text.not_before + timedelta(days=5)
    heapify(waiting)
    went = 0
    while waiting:
        at, number, text = heappop(waiting)
        decision = judge(known, text, now=at)
        if decision.not_before is not None:
            heappush(waiting, (decision.not_before, number, text))
        elif decision.verdict == Verdict.SEND:
            assert is_allowed(known, text.channel, at)
            key = counts_as(text.channel, text.cause_key)
            sent_now = Contact(at, key, WAYS[text.channel].burden)
            known = replace(known, contacts=(*known.contacts, sent_now))
            went += 1
    assert went > 0
