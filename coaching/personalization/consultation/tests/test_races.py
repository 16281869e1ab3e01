"""Two at once, on connections of their own: one consultation, one owner of a key, one completion."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection

from accounts.tests.factories import UserFactory
from coaching.models import CoachingProfile, Consultation, ConsultationKey, Conversation, Message
from coaching.personalization import consultation as talks
from coaching.personalization import generation
from coaching.personalization.consultation.access import make_keys
from coaching.personalization.consultation.refusals import Refused

from .talking import ENOUGH, NOON, begun, somebody, tell

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*work: Callable[[], object]) -> list[object]:
    """What came of each, or the refusal it met; all start together."""
    barrier = threading.Barrier(len(work))
    results: list[object] = []

    def run(what: Callable[[], object]) -> None:
        barrier.wait()
        try:
            results.append(what())
        except Refused as refused:
            results.append(refused.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(what,)) for what in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_two_starts_at_once_begin_one() -> None:
    user = UserFactory.create()
    CoachingProfile.objects.create(user=user, consultation_enabled=True)
    begun_ones = at_once(*[lambda: talks.start(user, now=NOON)] * 2)
    assert sorted(each.is_new for each in begun_ones) == [False, True]  # type: ignore[attr-defined]
    assert Consultation.objects.count() == Conversation.objects.count() == 1


def test_a_key_used_by_two_at_once_lets_one_in() -> None:
    (key,) = make_keys("Friends", 1)
    people = [UserFactory.create(), UserFactory.create()]
    results = at_once(*[lambda user=user: talks.start(user, now=NOON, key=key) for user in people])
    assert results.count("consultation_key_used") == 1
    assert Consultation.objects.get().user == ConsultationKey.objects.get().used_by


def test_completing_twice_at_once_asks_for_one_coach(monkeypatch: pytest.MonkeyPatch) -> None:
    talk = begun(somebody())
    tell(talk, *ENOUGH)
    asked: list[object] = []
    monkeypatch.setattr(generation, "begin", lambda user, **given: asked.append(given["reason"]))
    at_once(*[lambda: talks.complete(talk, now=NOON)] * 2)
    assert asked == ["consultation"]


def test_the_same_message_twice_at_once_is_said_once() -> None:
    talk = begun(somebody())
    results = at_once(*[lambda: talks.say(talk, "I run", client_id="a", now=NOON)] * 2)
    assert len(results) == 2
    assert Message.objects.filter(conversation=talk.conversation, role="user").count() == 1
    assert Message.objects.filter(conversation=talk.conversation, role="assistant").count() == 2
