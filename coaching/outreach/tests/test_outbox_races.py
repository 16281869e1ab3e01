"""At most one delivery, whatever runs at once and whatever dies when."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from accounts.models import User
from accounts.tests.factories import UserFactory
from coaching.models import CoachMessage, DeliveryState, MessageCause, Preferences, Reason
from coaching.outreach import outbox
from config.runtime.live import database_url

from .carriers import Carrier, agree

pytestmark = pytest.mark.django_db(transaction=True)

NOON = datetime(2026, 6, 10, 10, tzinfo=UTC)  # 12:00 in Berlin
TOO_LONG = NOON + timedelta(minutes=11)


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


@pytest.fixture(autouse=True)
def _nothing_starts_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "_start", lambda message_id: None)


def compose(user: User, key: str = "k", **changes) -> CoachMessage:
    given = {"channel": "sms", "cause": MessageCause.NUDGE, "body": f"{key} " * 5}
    return outbox.compose(user, cause_key=key, now=NOON, **{**given, **changes})


def at_once(*work: Callable[[], object]) -> None:
    """Runs each in a thread with a connection of its own, all starting together."""
    barrier = threading.Barrier(len(work))

    def run(what: Callable[[], object]) -> None:
        barrier.wait()
        try:
            what()
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(what,)) for what in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_two_workers_on_one_message_deliver_it_once(ada: User, carrier: Carrier) -> None:
    pk = compose(ada).pk
    at_once(*[lambda: outbox.deliver(pk, now=NOON)] * 2)
    assert carrier.taken == ["k"]


def test_two_rounds_at_once_deliver_each_message_once(carrier: Carrier) -> None:
    for number in range(15):
        user = UserFactory.create(timezone="Europe/Berlin")
        agree(user)
        compose(user, str(number))
    at_once(*[lambda: outbox.deliver_due(now=NOON)] * 2)
    outbox.deliver_due(now=NOON)
    assert sorted(carrier.taken, key=int) == [str(number) for number in range(15)]


def test_two_messages_of_one_person_at_once_keep_to_the_caps(ada: User, carrier: Carrier) -> None:
    keys = ["walk", "book", "sleep", "drink"]
    pks = [compose(ada, key).pk for key in keys]
    at_once(*[lambda pk=pk: outbox.deliver(pk, now=NOON) for pk in pks])
    assert len(carrier.taken) == 1
    assert CoachMessage.objects.filter(state=DeliveryState.QUEUED).count() == 3


def test_one_cause_written_twice_at_once_is_one_message(ada: User, carrier: Carrier) -> None:
    at_once(*[lambda: compose(ada)] * 2)
    assert CoachMessage.objects.get().decisions.count() == 1


def test_a_stop_while_the_carrier_is_waited_for_goes_through(ada: User, carrier: Carrier) -> None:
    """No lock of the person is held while a channel takes its time: the STOP does not wait."""
    first = compose(ada)
    stopped: list[bool] = []

    def stop() -> None:
        agree(ada, False)
        connection.close()

    def meanwhile(message: CoachMessage) -> None:
        thread = threading.Thread(target=stop)
        thread.start()
        thread.join(timeout=10)
        stopped.append(not thread.is_alive())

    carrier.then = meanwhile
    assert outbox.deliver(first.pk, now=NOON) == DeliveryState.SENT
    assert stopped == [True]
    second = compose(ada, "again")
    assert second.state == DeliveryState.SUPPRESSED


def test_open_pages_hear_of_a_message_when_it_is_there_and_not_before(
    ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[int] = []
    monkeypatch.setattr(
        "coaching.outreach.channels.in_app.announce_unread",
        lambda user_id: heard.append(CoachMessage.objects.unread().of(ada).count()),
    )
    outbox.deliver(compose(ada, channel="in_app").pk, now=NOON)
    assert heard == [1]


def test_what_is_taken_back_while_it_is_claimed_is_one_or_the_other(
    ada: User, carrier: Carrier
) -> None:
    message = compose(ada)
    taken_back: list[bool] = []
    at_once(
        lambda: outbox.deliver(message.pk, now=NOON),
        lambda: taken_back.append(outbox.withdraw(message, now=NOON, reason=Reason.MUTED)),
    )
    assert len(carrier.taken) == (not taken_back[0])


class Death(BaseException):
    """The process ends here."""


def dies(message: CoachMessage) -> None:
    raise Death


def test_who_dies_between_the_claim_and_the_sending_sends_nothing_twice(
    ada: User, carrier: Carrier
) -> None:
    pk = compose(ada).pk
    carrier.then = dies
    with pytest.raises(Death):
        outbox.deliver(pk, now=NOON)
    carrier.then = lambda message: None
    assert outbox.deliver(pk, now=NOON) == DeliveryState.SENDING
    assert outbox.reconcile(now=NOON + timedelta(minutes=9)) == 0
    assert outbox.reconcile(now=TOO_LONG) == 1
    assert outbox.deliver(pk, now=TOO_LONG) == DeliveryState.UNKNOWN
    outbox.deliver_due(now=TOO_LONG)
    assert not carrier.taken


def test_who_dies_after_the_sending_leaves_no_second_one(
    ada: User, carrier: Carrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    pk = compose(ada).pk
    with monkeypatch.context() as patch, pytest.raises(Death):
        patch.setattr("coaching.outreach.outcomes._record_sent", lambda *args: dies(args[0]))
        outbox.deliver(pk, now=NOON)
    for later in (TOO_LONG, TOO_LONG + timedelta(hours=1)):
        outbox.reconcile(now=later)
        outbox.deliver_due(now=later)
    assert carrier.taken == ["k"]
    assert outbox.deliver(pk, now=TOO_LONG) == DeliveryState.UNKNOWN


def test_after_a_death_a_repeatable_channel_completes(ada: User) -> None:
    with Carrier().carries(repeatable=True) as carrier:
        pk = compose(ada).pk
        carrier.then = dies
        with pytest.raises(Death):
            outbox.deliver(pk, now=NOON)
        carrier.then = lambda message: None
        outbox.reconcile(now=TOO_LONG)
        outbox.deliver_due(now=TOO_LONG)
        assert carrier.taken == ["k"]
        assert outbox.deliver(pk, now=TOO_LONG) == DeliveryState.SENT


def test_a_slow_worker_and_the_clean_up_tell_one_story(ada: User, carrier: Carrier) -> None:
    pk = compose(ada).pk
    carrier.then = lambda message: at_once(lambda: outbox.reconcile(now=TOO_LONG))
    assert outbox.deliver(pk, now=NOON) == DeliveryState.SENT
    assert CoachMessage.objects.get().notifications.get().status == "sent"


def test_the_outcome_of_an_attempt_that_was_given_up_changes_nothing(ada: User) -> None:
    with Carrier().carries(repeatable=True) as carrier:
        pk = compose(ada).pk

        def overtaken(message: CoachMessage) -> None:
            carrier.then = lambda message: None
            at_once(
                lambda: (
                    outbox.reconcile(now=TOO_LONG),
                    outbox.deliver(pk, now=TOO_LONG),
                )
            )
            raise TimeoutError

        carrier.then = overtaken
        assert outbox.deliver(pk, now=NOON) == DeliveryState.SENT
    attempts = CoachMessage.objects.get().notifications.order_by("attempt")
    assert [attempt.status for attempt in attempts] == ["failed", "sent"]


KILLED = """
import os, signal, sys
from datetime import datetime
import django
django.setup()
from coaching.outreach import outbox
from coaching.outreach.tests.carriers import Carrier

carrier = Carrier()
carrier.then = lambda message: os.kill(os.getpid(), signal.SIGKILL)
with carrier.carries():
    outbox.deliver(sys.argv[1], now=datetime.fromisoformat(sys.argv[2]))
"""


def test_a_process_killed_in_the_middle_leaves_a_claim_and_no_second_message(
    ada: User, carrier: Carrier
) -> None:
    pk = compose(ada).pk
    environment = {**os.environ, "DATABASE_URL": database_url(connection.settings_dict)}
    command = [sys.executable, "-c", KILLED, str(pk), NOON.isoformat()]
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    message = CoachMessage.objects.get()
    assert (message.state, message.attempts) == (DeliveryState.SENDING, 1)
    assert message.notifications.get().status == "queued"
    outbox.reconcile(now=TOO_LONG)
    outbox.deliver_due(now=TOO_LONG)
    assert not carrier.taken
    message.refresh_from_db()
    assert message.state == DeliveryState.UNKNOWN
