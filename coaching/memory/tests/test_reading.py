"""A session is read once after it is over, and only what its person said is learned."""

import json
import threading
from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction

from accounts.consent import set_consent
from accounts.models import ConsentKind, ConsentSource, User
from coaching.learning_permission import set_learning
from coaching.llm.tests.model_server import ModelServer, whole
from coaching.memory import care, orders, reading
from coaching.memory.reading import due, read_conversation, read_due
from coaching.models import (
    Commitment,
    Conversation,
    EpisodicMemory,
    LearnedPreference,
    MemoryReading,
    MemoryState,
    MemoryStatus,
    Message,
)

from .talks import NOW, OVER, learner, say, talk

pytestmark = pytest.mark.django_db


def texts(user: User) -> list[str]:
    rows = EpisodicMemory.objects.filter(user=user).order_by("original_timestamp", "id")
    return list(rows.values_list("memory_description", flat=True))


def test_a_session_is_read_after_it_went_quiet() -> None:
    user = learner()
    talk(user, "I hate cooking on Mondays. My sister Anna lives in Rome.", "coach: Noted.")
    assert read_due(now=NOW + timedelta(minutes=9)) == 0
    assert read_due(now=NOW + timedelta(minutes=10)) == 1
    assert texts(user) == ["I hate cooking on Mondays.", "My sister Anna lives in Rome."]
    memory = EpisodicMemory.objects.get(subject="Anna")
    assert memory.quote == "My sister Anna lives in Rome"
    assert memory.source_ref == f"message:{memory.source_id}#c=27"


def test_an_ended_session_does_not_wait() -> None:
    user = learner()
    talk(user, "I work as a nurse.", ended_at=NOW)
    assert read_due(now=NOW + timedelta(seconds=1)) == 1


def test_each_turn_is_learned_from_once() -> None:
    user = learner()
    conversation = talk(user, "I work as a nurse.")
    read_due(now=OVER)
    assert read_due(now=OVER + timedelta(days=1)) == 0
    say(conversation, "I have two kids.", at=OVER)
    later = OVER + timedelta(hours=1)
    before = Message.objects.order_by("pk").first()
    assert before is not None
    Message.objects.filter(pk=before.pk).update(content="I live in Oslo.")
    assert read_due(now=later) == 1
    assert texts(user) == ["I work as a nurse.", "I have two kids."]


def test_a_forgotten_memory_is_not_read_back() -> None:
    user = learner()
    conversation = talk(user, "I work as a nurse.")
    read_due(now=OVER)
    care.forget(user, EpisodicMemory.objects.get().pk)
    say(conversation, "Thanks!", at=OVER)
    read_due(now=OVER + timedelta(hours=1))
    assert texts(user) == []


def test_only_the_persons_words_are_read() -> None:
    user = learner()
    talk(
        user,
        "Hi, I'm vegan.",
        "coach: I love running and I live in Paris. You told me: I hate long runs on Sundays.",
        "> I live in Paris",
        "I hate long runs on Sundays",
        "You said “I love swimming every day”.",
    )
    read_due(now=OVER)
    assert texts(user) == ["I am vegan."]


def test_what_the_coach_echoes_afterwards_is_still_learned() -> None:
    user = learner()
    talk(user, "I hate cooking on Mondays.", "coach: “I hate cooking on Mondays” — I hear you.")
    read_due(now=OVER)
    assert texts(user) == ["I hate cooking on Mondays."]


def test_crisis_text_never_becomes_a_memory() -> None:
    user = learner()
    conversation = talk(user, "I want to kill myself. I live in Bonn.")
    say(conversation, "I live in Ulm.", is_crisis=True)
    read_due(now=OVER)
    assert texts(user) == []
    assert not Message.objects.filter(is_crisis=False).exists()


def test_what_was_edited_away_is_not_learned() -> None:
    user = learner()
    conversation = talk(user, "I live in Bonn.")
    Message.objects.create(
        conversation=conversation, user=user, role="user", content="I live in Ulm.", created_at=NOW
    )
    read_due(now=OVER)
    assert texts(user) == ["I live in Ulm."]


@pytest.mark.parametrize("how", ["no consent", "withdrawn", "paused", "temporary"])
def test_without_leave_nothing_is_learned(how: str) -> None:
    user = learner()
    conversation = talk(
        user,
        "I hate cooking on Mondays. I'll walk Friday at 7.",
        is_temporary=how == "temporary",
    )
    if how in ("no consent", "withdrawn"):
        set_consent(user, ConsentKind.BEHAVIORAL_TRACKING, False, ConsentSource.WEB)
    elif how == "paused":
        set_learning(user, False)
    assert read_due(now=OVER) == 0
    assert read_conversation(conversation.pk, now=OVER) is None
    for table in (EpisodicMemory, LearnedPreference, Commitment, MemoryReading):
        assert not table.objects.exists()


def test_the_same_said_again_is_one_memory_that_holds_longer() -> None:
    user = learner()
    talk(user, "I hate cooking on Mondays.")
    read_due(now=OVER)
    before = MemoryState.objects.get()
    talk(user, "I really hate cooking on Mondays!", at=NOW + timedelta(days=3))
    read_due(now=OVER + timedelta(days=3))
    after = MemoryState.objects.get()
    assert after.strength > before.strength * 2 ** (-3 / before.half_life_days)
    assert after.half_life_days > before.half_life_days


@pytest.mark.parametrize("newest_first", [False, True])
def test_a_contradiction_closes_the_older_and_keeps_both(newest_first: bool) -> None:
    user = learner()
    said = [("I live in Berlin.", NOW), ("I live in Lyon.", NOW + timedelta(days=30))]
    for text, at in reversed(said) if newest_first else said:
        talk(user, text, at=at)
        read_due(now=NOW + timedelta(days=40))
    berlin, lyon = (EpisodicMemory.objects.get(memory_description=text) for text, _ in said)
    assert berlin.state.valid_until == NOW + timedelta(days=30)
    assert berlin.state.superseded_by == lyon
    assert lyon.state.valid_until is None


def test_a_contradiction_leaves_the_rest_alone() -> None:
    user = learner()
    talk(user, "I live in Berlin. My sister Anna lives in Rome. I love cooking.")
    read_due(now=OVER)
    talk(user, "I live in Lyon.", at=NOW + timedelta(days=1))
    read_due(now=OVER + timedelta(days=1))
    closed = MemoryState.objects.exclude(valid_until=None)
    assert [state.memory.memory_description for state in closed] == ["I live in Berlin."]


def test_forgetting_what_closed_it_brings_the_old_back() -> None:
    user = learner()
    for days, town in enumerate(("Berlin", "Lyon")):
        talk(user, f"I live in {town}.", at=NOW + timedelta(days=days))
        read_due(now=OVER + timedelta(days=days))
    care.forget(user, EpisodicMemory.objects.get(memory_description="I live in Lyon.").pk)
    assert MemoryState.objects.get().valid_until is None


def test_what_was_declined_is_not_learned_again() -> None:
    user = learner()
    talk(user, "I hate cooking on Mondays.")
    read_due(now=OVER)
    care.decline(user, EpisodicMemory.objects.get().pk, now=OVER)
    talk(user, "I hate cooking on Mondays.", at=NOW + timedelta(days=1))
    read_due(now=OVER + timedelta(days=1))
    assert MemoryState.objects.get().status == MemoryStatus.DECLINED


def test_a_failure_is_seen_and_tried_again_later(monkeypatch: pytest.MonkeyPatch) -> None:
    user = learner()
    talk(user, "I live in Berlin.")

    def broken(*args: object, **more: object) -> None:
        raise RuntimeError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(reading, "write", broken)
        assert read_due(now=OVER) == 0
    row = MemoryReading.objects.get()
    assert (row.attempts, row.error) == (1, "RuntimeError: the disk is full")
    assert not due(now=OVER + timedelta(minutes=1)).exists()
    assert read_due(now=OVER + reading.rest(1)) == 1
    row.refresh_from_db()
    assert (row.attempts, row.error) == (0, "")
    assert texts(user) == ["I live in Berlin."]


def test_a_promise_is_read_once_and_has_its_memory() -> None:
    user = learner(timezone="Europe/Berlin")
    conversation = talk(user, "I'll walk Tuesday at 7.")
    read_due(now=OVER)
    MemoryReading.objects.update(read_up_to=None)
    read_conversation(conversation.pk, now=OVER)
    promise = Commitment.objects.get()
    assert promise.what == "walk"
    assert promise.quote == "I'll walk Tuesday at 7"
    assert promise.due_at.astimezone(user.tz).isoformat() == "2026-06-16T07:00:00+02:00"
    assert promise.memory is not None
    assert promise.memory.tags == ["promise"]
    assert EpisodicMemory.objects.count() == 1


def test_wishes_become_preferences() -> None:
    user = learner()
    talk(user, "Please keep your answers short. I love swimming.")
    read_due(now=OVER)
    rows = {
        (row.preference_category, row.preference_value) for row in LearnedPreference.objects.all()
    }
    assert rows == {("communication_style", "short"), ("exercise", "likes")}


@pytest.mark.django_db(transaction=True)
def test_two_workers_read_once() -> None:
    user = learner()
    conversation = talk(user, "I live in Berlin. I'll walk Friday at 7.")
    results: list[bool] = []

    def work() -> None:
        try:
            results.append(read_conversation(conversation.pk, now=OVER) is not None)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [False, True]
    assert Commitment.objects.count() == 1
    assert EpisodicMemory.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_with_a_model_only_real_quotes_are_kept(model_server: ModelServer) -> None:
    user = learner()
    read = {
        "memories": [
            {
                "text": "I work as a nurse in Bonn.",
                "quote": "nurse in Bonn, working nights",
                "turn": 0,
                "slot": "job",
            },
            {"text": "I love jazz.", "quote": "I love jazz", "turn": 0},
            {
                "text": "I have an exam on 12 June 2026.",
                "quote": "exam on Friday",
                "turn": 0,
                "expires_on": "2026-06-12",
            },
            {"text": "I like plans.", "quote": "make me a plan", "turn": 0},
            {
                "text": "I seem to lack sleep.",
                "quote": "working nights",
                "turn": 0,
                "is_inferred": True,
                "tags": ["health"],
            },
        ]
    }
    model_server.will(whole(json.dumps(read)), whole('{"answers": []}'))
    talk(
        user,
        "Nurse here: nurse in Bonn, working nights since May. I have an exam on Friday. "
        "Now make me a plan!",
    )
    read_due(now=OVER)
    kept = {
        memory.memory_description: memory.state.status
        for memory in EpisodicMemory.objects.select_related("state")
    }
    assert kept == {
        "I work as a nurse in Bonn.": MemoryStatus.KEPT,
        "I have an exam on 12 June 2026.": MemoryStatus.KEPT,
        "I seem to lack sleep.": MemoryStatus.WAITING,
    }
    exam = MemoryState.objects.get(memory__memory_description__contains="exam")
    assert exam.expires_at == datetime(2026, 6, 13, tzinfo=user.tz)  # it still matters on its day


@pytest.mark.django_db(transaction=True)
def test_what_is_ordered_in_a_talk_closes_the_old_without_asking_a_model(
    model_server: ModelServer,
) -> None:
    user = learner()
    orders.remember_this(user, "Remember that I live in Berlin", now=NOW - timedelta(days=1))
    with transaction.atomic():  # of the tool
        orders.remember_this(user, "Remember that I live in Lyon", now=NOW)
    assert model_server.received == []
    assert MemoryState.objects.get(valid_until=None).memory.memory_description == "I live in Lyon."


def homes(user: User) -> list[EpisodicMemory]:
    """Three towns somebody lived in, one after the other, as memories."""
    for days, town in enumerate(("Berlin", "Lyon", "Rome")):
        talk(user, f"I live in {town}.", at=NOW + timedelta(days=days))
        read_due(now=OVER + timedelta(days=days))
    return list(EpisodicMemory.objects.filter(user=user).order_by("original_timestamp"))


def test_forgetting_one_in_between_leaves_what_holds_now() -> None:
    user = learner()
    berlin, lyon, rome = homes(user)
    care.forget(user, lyon.pk)
    closed = MemoryState.objects.get(memory=berlin)
    assert (closed.superseded_by_id, closed.valid_until) == (rome.pk, rome.original_timestamp)


def test_calling_one_wrong_and_taking_that_back_leaves_all_as_it_was() -> None:
    user = learner()
    homes(user)
    rows = MemoryState.objects.order_by("memory_id")
    before = list(rows.values_list("memory", "valid_until", "superseded_by", "status"))
    rome = EpisodicMemory.objects.get(memory_description="I live in Rome.")
    care.decline(user, rome.pk, now=OVER)
    assert MemoryState.objects.filter(valid_until=None).count() == 2
    care.restore(user, rome.pk, now=OVER)
    assert list(rows.values_list("memory", "valid_until", "superseded_by", "status")) == before


def test_a_consultation_is_read_once_it_is_completed() -> None:
    talked = talk(learner(), "I work as a nurse.", kind="consultation")
    assert not reading.unread().exists()
    Conversation.objects.filter(pk=talked.pk).update(outcome="abandoned")
    assert not reading.unread().exists()
    Conversation.objects.filter(pk=talked.pk).update(outcome="completed")
    assert reading.read_due(now=OVER) == 1
    assert reading.read_due(now=OVER) == 0
