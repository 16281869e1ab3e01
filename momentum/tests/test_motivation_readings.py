"""Readings of what people write: made once, with permission, and gone with the words."""

import json
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from celery import current_app
from django.db import connections
from django.utils import timezone

from accounts.models import User
from accounts.tests.factories import UserFactory
from coaching.agent.understanding import understand
from coaching.chat.deleting import remove_conversation
from coaching.learning_permission import set_learning
from coaching.llm.tests.model_server import ModelServer, Status, whole
from coaching.models import Conversation, Message, MessageRole, RawBehavioralLog
from coaching.toolkit import known_fields
from momentum import tasks, withdrawal
from momentum.models import (
    JournalEntry,
    MomentumEvent,
    MotivationReading,
    MotivationScore,
    MotivationType,
    ReadingMethod,
    ReadingSource,
)
from momentum.motivation import checking_in, journal, keeping, scores

from .factories import TrackedUserFactory, agree

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 10, 18, 0, tzinfo=UTC)
LOVE = "I love running in the morning, it makes me so happy"
GUILT = "I feel guilty whenever I skip a day, honestly"


@pytest.fixture
def person() -> User:
    return TrackedUserFactory(timezone="UTC")


def said(
    person: User, text: str, *, conversation: Conversation | None = None, **more: Any
) -> Message:
    place = conversation or Conversation.objects.create(user=person)
    return Message.objects.create(
        user=person, conversation=place, role=MessageRole.USER, content=text, **more
    )


def read(message: Message) -> MotivationReading | None:
    return keeping.read(ReadingSource.MESSAGE, message.pk, now=timezone.now())


def wrote(person: User, text: str, **more: Any) -> JournalEntry:
    return journal.write(person, text, source="web", **{"now": NOW, **more}).row


def read_entry(entry: JournalEntry) -> MotivationReading | None:
    return keeping.read(ReadingSource.JOURNAL, entry.pk, now=timezone.now())


# --- What is read ---------------------------------------------------------------------------------
def test_a_message_is_read_once(person: User) -> None:
    message = said(person, LOVE)
    first, second = read(message), read(message)
    assert first is not None
    assert first == second
    assert first.motivation_type == MotivationType.INTRINSIC
    assert first.internalization == 100
    assert first.method == ReadingMethod.LEXICON
    assert all(quote in LOVE for quotes in first.quotes.values() for quote in quotes)
    assert MotivationReading.objects.count() == 1
    assert RawBehavioralLog.objects.filter(interaction_type="coach.tone").count() == 1


def test_the_ledger_gets_the_tone_but_not_the_words(person: User) -> None:
    message = said(person, LOVE)
    reading = read(message)
    assert reading is not None
    row = RawBehavioralLog.objects.get(interaction_type="coach.tone")
    assert row.message_id == message.pk
    assert row.raw_data["score"] == 50 + 50 * (reading.tone or 0)
    assert row.raw_data["score"] > 50
    assert "happy" not in json.dumps(row.raw_data)
    event = MomentumEvent.objects.get(user=person, event_type="coach.tone")
    assert event.normalized_score == pytest.approx(row.raw_data["score"] / 100)


def test_plain_words_are_no_evidence_of_a_tone(person: User) -> None:
    reading = read(said(person, "Please move my walk to seven tomorrow"))
    assert reading is not None
    assert (reading.motivation_type, reading.internalization, reading.tone) == (
        "unclear",
        None,
        None,
    )
    assert not RawBehavioralLog.objects.filter(interaction_type="coach.tone").exists()


def test_understanding_a_message_has_it_read(
    person: User, django_capture_on_commit_callbacks: Any, settings: Any
) -> None:
    settings.CELERY_TASK_ALWAYS_EAGER = True
    message = said(person, LOVE)
    with django_capture_on_commit_callbacks() as callbacks:
        understand(message.pk)
    sent = [repr(callback) for callback in callbacks]
    assert any("momentum.tasks.read_motivation" in each for each in sent)
    assert any(str(message.pk) in each for each in sent)


@pytest.mark.parametrize("text", ["I want to kill myself", "  "])
def test_crisis_and_nothing_are_not_read(person: User, text: str) -> None:
    assert read(said(person, text)) is None
    assert not MotivationReading.objects.exists()


def test_temporary_chats_the_coach_and_marked_crises_are_not_read(person: User) -> None:
    temporary = Conversation.objects.create(user=person, is_temporary=True)
    assert read(said(person, LOVE, conversation=temporary)) is None
    assert read(said(person, LOVE, is_crisis=True)) is None
    message = said(person, LOVE)
    Message.objects.filter(pk=message.pk).update(role=MessageRole.ASSISTANT)
    assert read(message) is None


def test_without_consent_nothing_is_read() -> None:
    untracked = UserFactory(timezone="UTC")
    assert read(said(untracked, LOVE)) is None
    assert read_entry(wrote(untracked, LOVE)) is None
    assert not MotivationReading.objects.exists()


def test_what_is_said_while_learning_rests_is_never_read(person: User) -> None:
    set_learning(person, False)
    message = said(person, LOVE)
    reading = read(message)
    assert reading is not None
    assert (reading.motivation_type, reading.quotes, reading.confidence) == ("unclear", {}, 0)
    set_learning(person, True)
    again = read(message)
    assert again is not None
    assert again.motivation_type == "unclear"


def test_a_message_that_was_replaced_counts_no_more(person: User) -> None:
    talk = Conversation.objects.create(user=person)
    old = said(person, GUILT, conversation=talk)
    assert read(old) is not None
    new = said(person, LOVE, conversation=talk)
    assert read(new) is not None
    assert [reading.source_id for reading in MotivationReading.objects.all()] == [new.pk]
    assert read(old) is None


def test_words_that_went_into_the_journal_count_once(person: User) -> None:
    message = said(person, f"journal: {LOVE}")
    wrote(person, LOVE, client_id=keeping.of_message(message.pk))
    assert read(message) is None


# --- Journal and notes ----------------------------------------------------------------------------
def test_an_edited_entry_is_read_anew_and_its_day_is_scored_anew(person: User) -> None:
    entry = wrote(person, LOVE)
    assert read_entry(entry) is not None
    scores.score_day(person.pk, entry.local_date, now=NOW)
    high = MotivationScore.objects.get(user=person, kind="internalization").score
    entry = journal.edit(entry, text=GUILT, source="web", now=NOW).row
    assert (entry.motivation_type, entry.internalization_score) == ("", None)
    reading = read_entry(entry)
    assert reading is not None
    assert reading.motivation_type == MotivationType.INTROJECTED
    entry.refresh_from_db()
    assert (entry.motivation_type, entry.internalization_score) == ("introjected", 0)
    scores.score_day(person.pk, entry.local_date, now=NOW)
    assert MotivationScore.objects.get(user=person, kind="internalization").score < 50 < high


def test_a_deleted_entry_takes_its_reading_and_its_score_along(person: User) -> None:
    entry = wrote(person, LOVE)
    read_entry(entry)
    scores.score_day(person.pk, entry.local_date, now=NOW)
    event = MomentumEvent.objects.get(user=person, tag="internal_motivation")
    assert event.units > 0
    journal.remove(entry, source="web", now=NOW)
    assert read_entry(entry) is None
    scores.score_day(person.pk, entry.local_date, now=NOW)
    assert not MotivationReading.objects.exists()
    assert not MotivationScore.objects.filter(kind="internalization").exists()
    left = MomentumEvent.objects.filter(user=person, tag="internal_motivation", units__gt=0)
    assert not left.exists()


def test_a_note_of_a_check_in_is_read(person: User) -> None:
    told = checking_in.check_in(person, energy=3, note=GUILT, source="web", now=NOW)
    reading = keeping.read(ReadingSource.CHECK_IN, told.row.pk, now=NOW)
    assert reading is not None
    assert reading.motivation_type == MotivationType.INTROJECTED


def test_the_tasks_are_there_under_the_names_that_are_queued(person: User) -> None:
    entry = wrote(person, LOVE)
    for name in ("read_motivation", "score_motivation", "read_missed_motivation"):
        assert f"momentum.tasks.{name}" in current_app.tasks
    assert tasks.read_motivation("journal", str(entry.pk))
    # One for how motivated the entry sounds, one for whose motivation it is.
    assert tasks.score_motivation(str(person.pk), "2026-03-10") == 2
    assert not tasks.read_motivation("journal", "00000000-0000-0000-0000-000000000000")


# --- What goes -----------------------------------------------------------------------------------
def test_a_deleted_conversation_takes_readings_and_their_effect_along(person: User) -> None:
    message = said(person, LOVE)
    reading = read(message)
    assert reading is not None
    day = reading.local_date
    scores.score_day(person.pk, day, now=timezone.now())
    remove_conversation(person, message.conversation_id)
    scores.score_day(person.pk, day, now=timezone.now())
    assert not MotivationReading.objects.exists()
    assert not MotivationScore.objects.exists()
    assert not MomentumEvent.objects.filter(user=person, tag="coach_tone", units__gt=0).exists()


def test_erasing_a_person_with_readings_works(person: User) -> None:
    read(said(person, LOVE))
    person.delete()
    assert not MotivationReading.objects.exists()


def test_withdrawn_consent_takes_conclusions_but_not_the_words(person: User) -> None:
    entry = wrote(person, LOVE)
    read_entry(entry)
    scores.score_day(person.pk, entry.local_date, now=NOW)
    agree(person, False)
    assert withdrawal.forget_those_who_withdrew() >= 2
    assert not MotivationReading.objects.exists()
    assert not MotivationScore.objects.exists()
    entry.refresh_from_db()
    assert (entry.text, entry.motivation_type, entry.internalization_score) == (LOVE, "", None)


# --- What was missed ------------------------------------------------------------------------------
def test_the_sweeper_reads_what_the_queue_lost(person: User) -> None:
    later = timezone.now() + timedelta(hours=1)
    message = said(person, LOVE, intent="other")
    not_understood = said(person, LOVE)
    entry = wrote(person, GUILT, now=timezone.now())
    assert keeping.read_missed(now=later) == 2
    assert keeping.read_missed(now=later) == 0
    sources = set(MotivationReading.objects.values_list("source_id", flat=True))
    assert sources == {message.pk, entry.pk}
    assert not_understood.pk not in sources


def test_many_messages_do_not_keep_the_sweeper_from_the_journal(person: User) -> None:
    for _ in range(4):
        said(person, LOVE, intent="other")
    entry = wrote(person, GUILT, now=timezone.now())
    assert keeping.read_missed(now=timezone.now() + timedelta(hours=1), limit=3) == 2
    assert MotivationReading.objects.filter(source_id=entry.pk).exists()


# --- The model ------------------------------------------------------------------------------------
def answer(**read: Any) -> str:
    return json.dumps({"confidence": 0.9, "kinds": [], **read})


@pytest.mark.django_db(transaction=True)
def test_a_model_reads_where_there_is_one(person: User, model_server: ModelServer) -> None:
    text = "Out at dawn again, nobody made me, bliss."
    kinds = [{"kind": "intrinsic", "weight": 1, "quote": "bliss"}]
    model_server.will(whole(answer(kinds=kinds, tone=0.8, tone_quote="bliss")))
    reading = read(said(person, text))
    assert reading is not None
    assert (reading.method, reading.model) == (ReadingMethod.MODEL, "openai/scripted")
    assert (reading.motivation_type, reading.quotes) == ("intrinsic", {"intrinsic": ["bliss"]})
    assert (reading.tone, reading.tone_quote) == (0.8, "bliss")


@pytest.mark.django_db(transaction=True)
def test_rules_answer_for_a_model_that_fails_or_is_unsure(
    person: User, model_server: ModelServer
) -> None:
    model_server.will([Status(400)], [Status(400)])
    failed = read(said(person, LOVE))
    model_server.forget()
    model_server.will(whole(answer(confidence=0.1)))
    unsure = read(said(person, LOVE))
    for reading in (failed, unsure):
        assert reading is not None
        assert (reading.method, reading.motivation_type) == (ReadingMethod.LEXICON, "intrinsic")


@pytest.mark.django_db(transaction=True)
def test_the_budget_holds_and_short_words_ask_nobody(
    person: User, model_server: ModelServer, settings: Any
) -> None:
    settings.COACH_DAILY_BUDGET_MICRODOLLARS = 0
    reading = read(said(person, LOVE))
    assert reading is not None
    assert reading.method == ReadingMethod.LEXICON
    settings.COACH_DAILY_BUDGET_MICRODOLLARS = 10**9
    read(said(person, "ok thanks"))
    assert not model_server.received


# --- The picture of a person ----------------------------------------------------------------------
def test_three_readings_make_a_style_with_quotes(person: User) -> None:
    style = known_fields.get("momentum.motivation_style")
    for number in range(3):
        assert style.read(person, timezone.now() + timedelta(minutes=1)) is None
        read(said(person, f"{LOVE} {number}"))
    known = style.read(person, timezone.now() + timedelta(minutes=1))
    assert known is not None
    assert known.value["style"] == "own reasons"
    assert known.value["kind"] == "intrinsic"
    assert known.evidence
    assert all("I love running" in quote or "so happy" in quote for quote in known.evidence)


# --- Two at once ----------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_two_workers_read_one_entry_once() -> None:
    person = TrackedUserFactory(timezone="UTC")
    entry = wrote(person, LOVE)
    at_once = threading.Barrier(2)
    results: list[Any] = []

    def work() -> None:
        try:
            at_once.wait(10)
            results.append(read_entry(entry))
            scores.score_day(person.pk, entry.local_date, now=NOW)
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    assert len(results) == 2
    assert all(results)
    assert MotivationReading.objects.count() == 1
    told = RawBehavioralLog.objects.filter(interaction_type="motivation.internalization")
    assert told.count() == 1
