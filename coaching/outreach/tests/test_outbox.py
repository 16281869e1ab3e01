"""The outbox: each message has one effect, is judged twice, and stops when it is told to."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from celery import current_app
from kombu.exceptions import OperationalError
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from accounts.tests.factories import StaffFactory, UserFactory
from coaching.models import (
    CoachMessage,
    ContactDecision,
    CrisisAlert,
    CrisisCategory,
    DecisionStage,
    DeliveryState,
    MessageCause,
    MessageChannel,
    NotificationStatus,
    NudgeDecision,
    Preferences,
    Reason,
    Verdict,
)
from coaching.outreach import outbox
from coaching.toolkit import DeliveryFailed, NeedSource, Span, need_sources

from .carriers import Carrier, agree

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 6, 10, 10, tzinfo=UTC)  # 12:00 in Berlin
NIGHT = datetime(2026, 6, 10, 21, tzinfo=UTC)
MORNING = datetime(2026, 6, 11, 6, tzinfo=UTC)


@pytest.fixture
def ada() -> User:
    user = UserFactory.create(timezone="Europe/Berlin")
    Preferences.objects.create(user=user, notification_frequency="active")
    agree(user)
    return user


@pytest.fixture
def carrier() -> Iterator[Carrier]:
    with Carrier().carries() as carrier:
        yield carrier


def compose(user: User, key: str = "k", now: datetime = NOON, **changes) -> CoachMessage:
    given = {"channel": "sms", "cause": MessageCause.NUDGE, "body": f"Body of {key}"}
    return outbox.compose(user, cause_key=key, now=now, **{**given, **changes})


def decisions(message: CoachMessage) -> list[tuple[str, str, list[str]]]:
    rows = message.decisions.order_by("id")
    return [(row.stage, row.verdict, row.reasons) for row in rows]


# --- Written ------------------------------------------------------------------------------------


def test_a_cause_speaks_once_on_a_channel(ada: User, carrier: Carrier) -> None:
    first = compose(ada)
    assert compose(ada, body="Other words") == first
    assert compose(ada, channel="in_app") != first
    assert first.decisions.count() == 1


def test_the_first_judgement_is_stored_with_what_it_rests_on(ada: User, carrier: Carrier) -> None:
    message = compose(ada, now=NIGHT)
    decision = message.decisions.get()
    assert (decision.stage, decision.verdict) == (DecisionStage.CREATION, Verdict.HOLD)
    assert decision.reasons == [Reason.QUIET_HOURS, Reason.CARRIER_HOURS]
    assert decision.not_before == message.not_before == MORNING
    assert decision.facts["zone"] == "Europe/Berlin"
    assert decision.facts["per_day"] == 3


def test_what_must_not_go_out_is_kept_with_its_reason(ada: User, carrier: Carrier) -> None:
    agree(ada, False)
    message = compose(ada)
    assert (message.state, message.reason) == (DeliveryState.SUPPRESSED, Reason.NO_CONSENT)
    outbox.deliver_due(now=NOON)
    assert not carrier.taken


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The deliveries that were started at once, as the queue was given them."""
    names: list[str] = []
    monkeypatch.setattr(
        current_app, "send_task", lambda name, args, **options: names.append(args[0])
    )
    return names


def test_what_may_go_now_is_started_on_commit_and_nothing_else(
    ada: User, carrier: Carrier, started: list[str], django_capture_on_commit_callbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        now = compose(ada)
        compose(ada, "later", not_before=NOON + timedelta(hours=3))
        compose(ada, "asks", needs_approval=True)
    assert started == [str(now.pk)]


def test_without_a_queue_the_next_round_delivers(
    ada: User, carrier: Carrier, monkeypatch, django_capture_on_commit_callbacks
) -> None:
    def unreachable(*args, **options) -> None:
        raise OperationalError

    monkeypatch.setattr(current_app, "send_task", unreachable)
    with django_capture_on_commit_callbacks(execute=True):
        compose(ada)
    outbox.deliver_due(now=NOON)
    assert carrier.taken == ["k"]


# --- Approved -----------------------------------------------------------------------------------


def test_what_needs_approval_waits_for_it(ada: User, carrier: Carrier) -> None:
    staff = StaffFactory.create()
    message = compose(ada, needs_approval=True)
    outbox.deliver_due(now=NOON)
    assert not carrier.taken
    outbox.approve(message, staff, now=NOON)
    assert (message.state, message.author) == (DeliveryState.QUEUED, staff)
    outbox.deliver_due(now=NOON)
    assert carrier.taken == ["k"]


def test_what_was_approved_at_night_is_judged_then(ada: User, carrier: Carrier) -> None:
    message = compose(ada, needs_approval=True)
    outbox.approve(message, StaffFactory.create(), now=NIGHT)
    assert message.not_before == MORNING


def test_what_was_rejected_stays_here_whatever_comes_after(ada: User, carrier: Carrier) -> None:
    staff = StaffFactory.create()
    message = compose(ada, needs_approval=True)
    outbox.reject(message, staff, now=NOON)
    outbox.approve(message, staff, now=NOON)
    assert (message.state, message.reason) == (DeliveryState.SUPPRESSED, Reason.REJECTED)
    assert decisions(message) == [("creation", "drop", ["rejected"])]


def test_what_nobody_approved_in_time_is_dropped(ada: User, carrier: Carrier) -> None:
    message = compose(ada, needs_approval=True)
    assert outbox.reconcile(now=NOON + timedelta(days=2)) == 1
    message.refresh_from_db()
    assert (message.state, message.reason) == (DeliveryState.SUPPRESSED, Reason.EXPIRED)


def test_what_is_taken_back_does_not_go_out(ada: User, carrier: Carrier) -> None:
    message = compose(ada)
    assert outbox.withdraw(message, now=NOON, reason=Reason.MUTED)
    outbox.deliver_due(now=NOON)
    assert not carrier.taken
    assert decisions(message)[-1] == ("sending", "drop", ["muted"])


def test_what_went_out_cannot_be_taken_back(ada: User, carrier: Carrier) -> None:
    message = compose(ada)
    outbox.deliver(message.pk, now=NOON)
    assert not outbox.withdraw(message, now=NOON, reason=Reason.MUTED)
    assert message.state == DeliveryState.SENT


# --- Sent ---------------------------------------------------------------------------------------


def test_a_message_goes_out_once(ada: User, carrier: Carrier) -> None:
    message = compose(ada)
    assert outbox.deliver(message.pk, now=NOON) == DeliveryState.SENT
    assert outbox.deliver(message.pk, now=NOON) == DeliveryState.SENT
    assert outbox.deliver_due(now=NOON) == 0
    assert carrier.taken == ["k"]
    attempt = message.notifications.get()
    assert (attempt.status, attempt.provider_id) == (NotificationStatus.SENT, "id-k")
    message.refresh_from_db()
    assert message.sent_at == NOON
    assert [row[:2] for row in decisions(message)] == [("creation", "send"), ("sending", "send")]


def test_in_the_app_the_row_is_the_delivery(ada: User) -> None:
    message = compose(ada, channel="in_app")
    assert outbox.deliver(message.pk, now=NOON) == DeliveryState.DELIVERED
    message.refresh_from_db()
    assert message.sent_at == message.delivered_at == NOON


def test_nothing_goes_out_before_its_moment(ada: User, carrier: Carrier) -> None:
    message = compose(ada, now=NIGHT)
    assert outbox.deliver(message.pk, now=NIGHT) == DeliveryState.QUEUED
    assert outbox.deliver_due(now=MORNING - timedelta(seconds=1)) == 0
    assert outbox.deliver_due(now=MORNING) == 1
    assert carrier.taken == ["k"]


def test_it_is_judged_again_when_it_is_to_go_out(ada: User, carrier: Carrier) -> None:
    soon, later = compose(ada, "soon"), compose(ada, "later")
    outbox.deliver_due(now=NOON)
    later.refresh_from_db()
    assert carrier.taken == ["soon"]
    assert later.not_before == NOON + timedelta(hours=1)
    assert decisions(later)[-1] == ("sending", "hold", ["too_soon"])
    outbox.deliver_due(now=later.not_before)
    assert carrier.taken == ["soon", "later"]
    assert soon.decisions.count() == 2


def test_what_became_too_old_is_dropped_and_not_sent_late(ada: User, carrier: Carrier) -> None:
    message = compose(ada)
    assert outbox.deliver(message.pk, now=NOON + timedelta(days=1)) == DeliveryState.SUPPRESSED
    message.refresh_from_db()
    assert message.reason == Reason.EXPIRED
    assert not carrier.taken


def test_a_stop_between_the_decision_and_the_sending_is_honoured(
    ada: User, carrier: Carrier
) -> None:
    message = compose(ada)
    agree(ada, False)
    assert outbox.deliver(message.pk, now=NOON) == DeliveryState.SUPPRESSED
    assert not carrier.taken


STOPS = {
    Reason.NO_CONSENT: lambda user: agree(user, False),
    Reason.ACCOUNT_CLOSED: lambda user: User.objects.filter(pk=user.pk).update(deleted_at=NOON),
    Reason.AUTOMATION_PAUSED: lambda user: User.objects.filter(pk=user.pk).update(
        automation_paused_at=NOON
    ),
    Reason.CRISIS_PAUSE: lambda user: CrisisAlert.objects.create(
        user=user,
        message_id=uuid4(),
        category=CrisisCategory.SUICIDE,
        paused_until=NOON + timedelta(days=7),
    ),
}


@pytest.mark.parametrize("reason", STOPS)
def test_a_stop_between_the_claim_and_the_sending_is_honoured(
    ada: User, carrier: Carrier, reason: Reason, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = compose(ada)
    hand_over = outbox.hand_over

    def after_a_stop(claim, *, now: datetime) -> None:
        assert CoachMessage.objects.get().state == DeliveryState.SENDING
        STOPS[reason](ada)
        hand_over(claim, now=now)

    monkeypatch.setattr(outbox, "hand_over", after_a_stop)
    assert outbox.deliver(message.pk, now=NOON) == DeliveryState.SUPPRESSED
    message.refresh_from_db()
    assert message.reason == reason
    assert not carrier.taken
    assert message.notifications.get().status == NotificationStatus.SUPPRESSED
    assert decisions(message)[-1] == ("sending", "drop", [reason])


def test_what_was_done_meanwhile_need_not_be_said(ada: User, carrier: Carrier) -> None:
    asked: list[Span] = []

    def were_done(spans) -> list[bool]:
        asked.extend(spans)
        return [True for _ in spans]

    source = NeedSource("aaa.walk", "A walk", lambda people, now: [], were_done)
    subject = uuid4()
    message = compose(ada, subject_type="aaa.walk", subject_id=subject)
    NudgeDecision.objects.create(
        user=ada,
        at=NOON,
        local_date=NOON.date(),
        point="midday",
        policy_version="1",
        need="aaa.walk",
        subject_id=subject,
        is_available=True,
        probability=0.5,
        random_number=0.1,
        sent=True,
        message=message,
        window_ends_at=NOON + timedelta(hours=6),
    )
    later = NOON + timedelta(minutes=5)
    with need_sources.temporarily(aaa__walk=source):
        assert outbox.deliver(message.pk, now=later) == DeliveryState.SUPPRESSED
    message.refresh_from_db()
    assert message.reason == Reason.NO_LONGER_NEEDED
    assert asked == [Span(ada.pk, subject, since=NOON, until=later)]


# --- Failed -------------------------------------------------------------------------------------


def raises(error: Exception):
    def then(message: CoachMessage) -> None:
        raise error

    return then


def test_a_refusal_ends_it(ada: User, carrier: Carrier) -> None:
    carrier.then = raises(DeliveryFailed("No such number", permanent=True))
    message = compose(ada)
    assert outbox.deliver(message.pk, now=NOON) == DeliveryState.FAILED
    message.refresh_from_db()
    assert message.reason == Reason.PROVIDER_REFUSED
    assert message.notifications.get().reason == "No such number"
    assert outbox.deliver_due(now=NOON + timedelta(hours=1)) == 0


def test_what_passes_is_tried_again_after_longer_and_longer_waits_then_given_up(
    ada: User, carrier: Carrier
) -> None:
    carrier.then = raises(DeliveryFailed("Busy", permanent=False))
    message = compose(ada)
    at, waits = NOON, []
    while outbox.deliver(message.pk, now=at) == DeliveryState.QUEUED:
        message.refresh_from_db()
        waits.append(int((message.not_before - at).total_seconds() / 60))
        assert outbox.deliver_due(now=message.not_before - timedelta(seconds=1)) == 0
        at = message.not_before
    message.refresh_from_db()
    assert waits == [1, 5, 25]
    assert (message.state, message.reason) == (DeliveryState.FAILED, Reason.GAVE_UP)
    assert message.notifications.filter(status=NotificationStatus.FAILED).count() == 4


def test_the_attempt_after_a_failure_is_the_one_that_counts(ada: User, carrier: Carrier) -> None:
    carrier.then = raises(DeliveryFailed("Busy", permanent=False))
    message = compose(ada)
    outbox.deliver(message.pk, now=NOON)
    carrier.then = lambda message: None
    later = NOON + timedelta(minutes=1)
    assert outbox.deliver(message.pk, now=later) == DeliveryState.SENT
    statuses = message.notifications.order_by("attempt").values_list("status", flat=True)
    assert list(statuses) == ["failed", "sent"]


def test_an_outcome_nobody_knows_is_never_repeated(ada: User, carrier: Carrier) -> None:
    carrier.then = raises(TimeoutError())
    message = compose(ada)
    assert outbox.deliver(message.pk, now=NOON) == DeliveryState.UNKNOWN
    carrier.then = lambda message: None
    for hours in (0, 1, 12, 72):
        later = NOON + timedelta(hours=hours)
        outbox.reconcile(now=later)
        outbox.deliver_due(now=later)
    assert not carrier.taken
    message.refresh_from_db()
    assert message.state == DeliveryState.UNKNOWN


def test_an_outcome_nobody_knows_counts_as_a_message(ada: User, carrier: Carrier) -> None:
    carrier.then = raises(TimeoutError())
    outbox.deliver(compose(ada).pk, now=NOON)
    assert compose(ada, "next").not_before == NOON + timedelta(hours=1)


@pytest.mark.parametrize(
    ("fate", "state"),
    [
        (True, DeliveryState.DELIVERED),
        (False, DeliveryState.QUEUED),
        (None, DeliveryState.UNKNOWN),
    ],
)
def test_a_carrier_that_knows_is_asked(ada: User, fate: bool | None, state: DeliveryState) -> None:
    with Carrier().carries(tells=True) as carrier:
        carrier.then, carrier.fate = raises(TimeoutError()), fate
        message = compose(ada)
        outbox.deliver(message.pk, now=NOON)
        outbox.reconcile(now=NOON)
        message.refresh_from_db()
        assert message.state == state
        carrier.then = lambda message: None
        outbox.deliver_due(now=NOON + timedelta(minutes=1))
        assert len(carrier.taken) == (fate is False)


def test_asking_that_fails_leaves_it_unknown(ada: User) -> None:
    carrier = Carrier()
    carrier.then = raises(TimeoutError())
    carrier.asked = raises(OSError())
    with carrier.carries(tells=True):
        message = compose(ada)
        outbox.deliver(message.pk, now=NOON)
        assert outbox.reconcile(now=NOON) == 0
    message.refresh_from_db()
    assert message.state == DeliveryState.UNKNOWN


def test_where_repeating_does_no_harm_it_is_repeated(ada: User) -> None:
    with Carrier().carries(repeatable=True) as carrier:
        carrier.then = raises(TimeoutError())
        message = compose(ada)
        outbox.deliver(message.pk, now=NOON)
        carrier.then = lambda message: None
        assert outbox.reconcile(now=NOON) == 1
        assert outbox.deliver(message.pk, now=NOON) == DeliveryState.SENT
    assert carrier.taken == ["k"]


def test_one_that_breaks_holds_nobody_else_up(
    ada: User, carrier: Carrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    compose(ada)
    other = UserFactory.create(timezone="Europe/Berlin")
    agree(other)
    compose(other, "fine")
    judge = outbox.judge

    def broken_for_ada(facts, message, *, now):
        if message.user_id == ada.pk:
            raise RuntimeError("broken")
        return judge(facts, message, now=now)

    monkeypatch.setattr(outbox, "judge", broken_for_ada)
    assert outbox.deliver_due(now=NOON, limit=1) == 0
    assert outbox.deliver_due(now=NOON, limit=1) == 1
    assert carrier.taken == ["fine"]
    monkeypatch.setattr(outbox, "judge", judge)
    assert outbox.deliver_due(now=NOON + timedelta(minutes=30)) == 1


def test_one_that_breaks_again_and_again_is_dropped_when_its_moment_has_passed(
    ada: User, carrier: Carrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = compose(ada, expires_at=NOON + timedelta(hours=1))

    def broken(facts, message, *, now):
        raise RuntimeError("broken")

    monkeypatch.setattr(outbox, "judge", broken)
    for minutes in (0, 30, 60):
        outbox.deliver_due(now=NOON + timedelta(minutes=minutes))
    message.refresh_from_db()
    assert (message.state, message.reason) == (DeliveryState.SUPPRESSED, Reason.EXPIRED)
    assert carrier.taken == []


# --- Many ---------------------------------------------------------------------------------------


def test_a_message_costs_a_bounded_number_of_questions(
    ada: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    people = [UserFactory.create(timezone="Europe/Berlin") for _ in range(6)]
    for user in people[:1]:
        compose(user, channel="in_app")
    with django_assert_max_num_queries(16):
        assert outbox.deliver_due(now=NOON) == 1
    for user in people[1:]:
        compose(user, channel="in_app")
    with django_assert_max_num_queries(5 * 15 + 1):
        assert outbox.deliver_due(now=NOON) == 5


def test_no_more_than_the_limit_is_dealt_with_at_once(ada: User) -> None:
    for number in range(3):
        compose(UserFactory.create(), channel="in_app", key=str(number))
    assert outbox.deliver_due(now=NOON, limit=2) == 2
    assert outbox.deliver_due(now=NOON, limit=2) == 1


def test_a_round_that_takes_long_leaves_the_rest_to_the_next(ada: User) -> None:
    for number in range(2):
        compose(UserFactory.create(), channel="in_app", key=str(number))
    assert outbox.deliver_due(now=NOON, within=timedelta(0)) == 1
    assert outbox.deliver_due(now=NOON, within=timedelta(0)) == 1


def test_every_message_has_its_decisions(ada: User, carrier: Carrier) -> None:
    for number in range(5):
        compose(ada, str(number), channel=MessageChannel.IN_APP, body=f"{number}" * 9)
    outbox.deliver_due(now=NOON)
    assert ContactDecision.objects.values("message").distinct().count() == 5
