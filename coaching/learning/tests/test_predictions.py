"""What was said of a day stands once the day began; its outcome follows what is told of it."""

from datetime import UTC, date, datetime, timedelta
from random import Random
from uuid import UUID, uuid4

import pytest

from accounts.consent import set_consent
from accounts.models import ConsentKind, ConsentSource, User
from accounts.tests.factories import UserFactory
from coaching.learning import events, predictions
from coaching.learning.predictions import RAW
from coaching.learning_permission import set_learning
from coaching.ledger import record
from coaching.models import (
    Conversation,
    EpisodicMemory,
    LearnedPreference,
    LearningEvent,
    MemoryUse,
    Message,
    MessageRole,
    Prediction,
    PredictionCalibration,
    Preferences,
    ResponseFeedback,
)

EVENING = datetime(2026, 3, 10, 22, tzinfo=UTC)
TOMORROW = date(2026, 3, 11)
KIND = "tests.kept"


@pytest.fixture
def person(db: None) -> User:
    user = UserFactory(timezone="UTC", day_start_hour=3)
    set_consent(user, ConsentKind.BEHAVIORAL_TRACKING, True, ConsentSource.WEB)
    return user


def state(
    person: User,
    probability: float,
    *,
    now: datetime = EVENING,
    day: date = TOMORROW,
    subject: UUID | None = None,
) -> Prediction | None:
    return predictions.state(
        person,
        kind=KIND,
        subject_type="tests.thing",
        subject_id=subject or UUID(int=1),
        for_date=day,
        probability=probability,
        confidence=0.5,
        features={RAW: probability},
        explanation=[],
        model_version="1",
        now=now,
    )


def test_it_may_be_worked_over_until_its_day_begins_and_stands_from_then_on(person: User) -> None:
    state(person, 0.5)
    state(person, 0.7, now=datetime(2026, 3, 11, 2, 59, tzinfo=UTC))
    late = state(person, 0.9, now=datetime(2026, 3, 11, 3, tzinfo=UTC))
    assert late is not None
    assert late.probability == 0.7
    assert state(person, 0.9, day=date(2026, 3, 10)) is None


def test_nothing_is_stated_of_who_did_not_agree_or_paused_learning(person: User) -> None:
    assert state(UserFactory(), 0.5) is None
    Preferences.objects.create(user=person, learning_enabled=False)
    assert state(person, 0.5) is None


def test_an_outcome_can_be_corrected_and_a_day_may_not_count(person: User) -> None:
    row = state(person, 0.5)
    assert row is not None
    assert predictions.resolve([(row, False)], now=EVENING) == 1
    assert predictions.resolve([(row, False)], now=EVENING) == 0
    assert predictions.resolve([(row, True)], now=EVENING) == 1
    assert predictions.track_record(person, KIND).settled == 1
    predictions.resolve([(row, None)], now=EVENING)
    assert predictions.track_record(person, KIND).settled == 0


def settled(person: User, probability: float, kept: int, asked: int, first: int = 0) -> None:
    Prediction.objects.bulk_create(
        Prediction(
            user=person,
            kind=KIND,
            subject_type="tests.thing",
            subject_id=uuid4(),
            for_date=TOMORROW - timedelta(days=first + at),
            probability=probability,
            confidence=0.5,
            features={RAW: probability},
            model_version="1",
            outcome=at < kept,
            resolved_at=EVENING,
        )
        for at in range(asked)
    )


def test_the_record_is_told_honestly(person: User) -> None:
    settled(person, 0.7, 3, 4)
    early = predictions.track_record(person, KIND)
    assert early.is_early
    assert early.words.startswith("Too early to say")
    settled(person, 0.7, 5, 6)
    assert predictions.track_record(person, KIND).words == "When I said about 70%, you did 8 of 10."


def test_odds_are_corrected_from_two_hundred_outcomes_on_and_in_versions(person: User) -> None:
    rng = Random(3)
    for at in range(40):
        odds = rng.uniform(0.5, 0.9)
        settled(person, odds, rng.choice((1, 2, 2)), 5, first=at)
    row = predictions.recalibrate(KIND, now=EVENING)
    assert row is not None
    assert (row.version, row.outcomes, row.is_adopted) == (1, 200, True)
    corrected = predictions.correction_of(KIND)
    assert corrected.version == 1
    assert corrected.correction.apply(0.7) < 0.55
    assert predictions.recalibrate(KIND, now=EVENING) is None
    PredictionCalibration.objects.update(is_adopted=False)
    assert predictions.correction_of(KIND).correction.apply(0.7) == pytest.approx(0.7)


def test_those_who_withdrew_are_forgotten(person: User) -> None:
    state(person, 0.5)
    LearningEvent.objects.create(user=person, event_type="x", idempotency_key="x")
    assert predictions.forget_those_who_withdrew() == 0
    set_consent(person, ConsentKind.BEHAVIORAL_TRACKING, False, ConsentSource.WEB)
    assert predictions.forget_those_who_withdrew() == 2


# --- Learning events ------------------------------------------------------------------------------
def gather(person: User) -> int:
    return events.gather(person.pk, person.pk, since=events.BEGINNING)


def happened(person: User, what: str, key: str) -> None:
    record(person, what, raw_data={"note": "secret"}, source="web", idempotency_key=key)


def test_what_happened_is_one_event_however_often_it_is_gathered(person: User) -> None:
    happened(person, "habit.completed", "a")
    happened(person, "plan.abandoned", "b")
    happened(person, "coach.message_sent", "c")
    for _ in range(2):
        assert gather(person) == 2
    found = LearningEvent.objects.order_by("event_type").values_list("event_type", "feedback_score")
    assert list(found) == [("habit_completed", 1), ("sequence_abandoned", -1)]
    assert "secret" not in str(LearningEvent.objects.values_list("event_data", flat=True))
    assert events.rebuild(person.pk, person.pk) == 2
    assert LearningEvent.objects.count() == 2
    set_learning(person, False)
    assert events.rebuild(person.pk, person.pk) == 0
    assert LearningEvent.objects.count() == 2  # a pause takes nothing away


def test_the_latest_opinion_of_an_answer_counts(person: User) -> None:
    talk = Conversation.objects.create(user=person)
    answer = Message.objects.create(conversation=talk, user=person, role=MessageRole.ASSISTANT)
    opinion = ResponseFeedback.objects.create(user=person, message=answer, rating=1)
    gather(person)
    ResponseFeedback.objects.filter(pk=opinion.pk).update(rating=0, helpfulness=2)
    gather(person)
    event = LearningEvent.objects.get()
    assert (event.event_type, event.feedback_score) == ("answer_rated", -1)


def test_a_declined_conclusion_and_a_corrected_memory_speak_against_the_coach(
    person: User,
) -> None:
    LearnedPreference.objects.create(
        user=person,
        preference_category="timing",
        preference_key="usual_hour",
        preference_value="around 08:00",
        confidence=0.5,
        declined_at=EVENING,
    )
    talk = Conversation.objects.create(user=person)
    answer = Message.objects.create(conversation=talk, user=person, role=MessageRole.ASSISTANT)
    memory = EpisodicMemory.objects.create(
        user=person, memory_description="Likes rain", original_timestamp=EVENING
    )
    MemoryUse.objects.create(
        user=person, memory=memory, message=answer, settled_at=EVENING, was_confirmed=False
    )
    gather(person)
    found = LearningEvent.objects.order_by("event_type").values_list("event_type", "feedback_score")
    assert list(found) == [("memory_corrected", -1), ("preference_declined", -1)]


def test_nothing_is_gathered_without_consent_or_from_a_temporary_talk(person: User) -> None:
    talk = Conversation.objects.create(user=person, is_temporary=True)
    answer = Message.objects.create(conversation=talk, user=person, role=MessageRole.ASSISTANT)
    ResponseFeedback.objects.create(user=person, message=answer, rating=1)
    happened(person, "habit.completed", "a")
    set_consent(person, ConsentKind.BEHAVIORAL_TRACKING, False, ConsentSource.WEB)
    assert gather(person) == 0
    set_consent(person, ConsentKind.BEHAVIORAL_TRACKING, True, ConsentSource.WEB)
    assert gather(person) == 1
