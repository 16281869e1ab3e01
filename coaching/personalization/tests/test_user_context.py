"""The picture of a person: every field by its name, computed or honestly unknown."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.consent import set_consent
from accounts.models import ConsentKind, ConsentSource, User
from accounts.tests.factories import UserFactory
from coaching.memory import remember
from coaching.models import (
    Commitment,
    Conversation,
    InteractionPattern,
    LearnedPreference,
    Message,
    Preferences,
)
from coaching.personalization.user_context import FIELDS, UserContext, UserContextEngine
from coaching.toolkit import Known, KnownField, known_fields

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 17, 10, tzinfo=UTC)
SEED = {
    *("completion_rates", "best_performing_habits", "struggle_patterns"),
    *("peak_productivity_times", "streak_data", "chronotype", "motivation_style"),
    *("commitment_level", "available_time", "stress_level", "seasonal_patterns"),
    *("work_schedule", "social_support", "fitness_level", "sleep_quality"),
    *("financial_habits", "learning_pace", "communication_style", "detail_preference"),
    "challenge_appetite",
}


def learner() -> User:
    user: User = UserFactory()
    set_consent(user, ConsentKind.BEHAVIORAL_TRACKING, True, ConsentSource.WEB)
    return user


def told(user: User, *texts: str, days_ago: int = 3) -> None:
    for number, text in enumerate(texts):
        remember(
            user,
            text,
            speaker=user.first_name,
            happened_at=NOW - timedelta(days=days_ago, minutes=number),
            source_ref=f"{days_ago}:{number}",
        )


def picture(user: User) -> UserContext:
    return UserContextEngine().build(user, now=NOW)


def test_every_field_is_there_and_unknown_at_first_with_what_would_make_it_known() -> None:
    context = picture(learner())
    assert {field.name for field in FIELDS} == SEED
    assert set(context.facts) == SEED
    assert not context.known
    assert all(fact.to_know and fact.confidence == 0 for fact in context.unknown)


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("stress_level", "I am so stressed by my deadlines"),
        ("sleep_quality", "I slept badly all week"),
        ("social_support", "My sister joins me on Sundays"),
        ("fitness_level", "I train at the gym twice a week"),
        ("financial_habits", "I am saving for a bicycle"),
        ("work_schedule", "I work nights at the hospital"),
        ("available_time", "I have 20 minutes a day"),
        ("chronotype", "I am a real night owl"),
    ],
)
def test_what_was_said_is_known_with_its_words_also_without_tracking(field: str, said: str) -> None:
    user = UserFactory()
    told(user, said)
    fact = picture(user)[field]
    assert fact.is_known
    assert said in " ".join(fact.evidence)


def test_what_was_said_of_stress_long_ago_holds_no_longer() -> None:
    user = UserFactory()
    told(user, "I am so stressed by my deadlines", days_ago=60)
    assert not picture(user)["stress_level"].is_known


def test_who_denies_being_a_morning_person_is_none() -> None:
    user = UserFactory()
    told(user, "I am not a morning person")
    assert not picture(user)["chronotype"].is_known


def test_usual_hours_are_told_without_a_type_and_as_varied_when_they_are() -> None:
    user = learner()
    pattern = InteractionPattern.objects.create(
        user=user,
        usual_hour=19.5,
        hours_concentration=0.8,
        active_days_seen=20,
        confidence_score=0.6,
    )
    fact = picture(user)["chronotype"]
    assert fact.value == {"usual_active_hours": "around 19:30"}
    InteractionPattern.objects.filter(pk=pattern.pk).update(hours_concentration=0.2)
    assert picture(user)["chronotype"].words == "Active at varied hours."


def test_settings_are_known_and_surer_when_chosen() -> None:
    user = UserFactory(work_hours={"mon": ["09:00", "17:00"]})
    Preferences.objects.create(
        user=user, communication_style="direct", chosen=["communication_style"]
    )
    context = picture(user)
    assert context["communication_style"].value == "direct"
    assert context["communication_style"].sureness == "high"
    assert context["detail_preference"].sureness == "medium"
    assert context["work_schedule"].evidence == ("Mon 09:00–17:00",)


def test_promises_reasons_and_tones_are_counted() -> None:
    user = learner()
    for number in range(4):
        Commitment.objects.create(
            user=user,
            what="walk",
            quote="I'll walk",
            due_at=NOW,
            status="kept" if number else "missed",
            source_ref=str(number),
        )
    told(
        user,
        "I want to run because it matters to me",
        "I love being outside",
        "I enjoy cooking for friends",
        "It makes me happy to read",
        "I should eat less sugar",
    )
    talk = Conversation.objects.create(user=user)
    for _ in range(8):
        Message.objects.create(
            conversation=talk,
            user=user,
            role="user",
            content="!",
            created_at=NOW - timedelta(days=1),
            sentiment_score=-0.6,
            entities={"emotion": "anxious"},
        )
    context = picture(user)
    assert context["commitment_level"].words == "Kept 3 of 4 promises."
    assert context["motivation_style"].value["style"] == "own reasons"
    assert context["stress_level"].words == "Often sounds strained lately."


def test_without_tracking_nothing_is_read_from_what_they_do() -> None:
    user = UserFactory()
    InteractionPattern.objects.create(
        user=user, usual_hour=8, hours_concentration=0.9, active_days_seen=30, confidence_score=0.7
    )
    LearnedPreference.objects.create(
        user=user,
        preference_category="motivation",
        preference_key="likes_numbers",
        preference_value=True,
        confidence=0.7,
    )
    context = picture(user)
    assert not context.is_learning
    assert not context.known


def test_pausing_learning_stops_the_watching_too() -> None:
    user = learner()
    Preferences.objects.create(user=user, learning_enabled=False)
    assert not picture(user).is_learning


def test_a_field_that_breaks_is_unknown_and_the_others_stand() -> None:
    def broken(user: User, now: datetime) -> Known | None:
        raise ValueError("no such column")

    user = UserFactory()
    told(user, "I have 20 minutes a day")
    field = KnownField("broken.work_schedule", "work_schedule", "Broken", broken, is_said=True)
    with known_fields.temporarily(broken__work_schedule=field):
        context = picture(user)
    assert not context["work_schedule"].is_known
    assert context["available_time"].is_known


def test_a_fact_without_evidence_is_not_known() -> None:
    field = KnownField(
        "bare.sleep_quality",
        "sleep_quality",
        "Bare",
        lambda user, now: Known(1, "Sleeps well.", (), 1.0),
        is_said=True,
    )
    with known_fields.temporarily(bare__sleep_quality=field):
        assert not picture(UserFactory())["sleep_quality"].is_known


def test_a_picture_comes_back_from_its_row_as_it_was() -> None:
    user = learner()
    told(user, "I have 20 minutes a day", "My sister joins me on Sundays")
    context = picture(user)
    assert UserContext.from_json(context.as_json()) == context
