"""How the coach comes to talk the way a person likes, and when it leaves things as they are."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.consent import set_consent
from accounts.models import ConsentKind, ConsentSource, User
from accounts.tests.factories import UserFactory
from coaching.learning import adaptation
from coaching.learning.adaptation import Rated, leaning, voice_of
from coaching.learning.wishes import Manner, Wish, wishes_in
from coaching.models import (
    Conversation,
    InteractionPattern,
    LearnedPreference,
    Message,
    MessageRole,
    Preferences,
    ResponseFeedback,
)
from coaching.toolkit import ToolContext, ToolRefused, tool_named, undo_verbs

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.fixture
def person(db: None) -> User:
    user = UserFactory()
    set_consent(user, ConsentKind.BEHAVIORAL_TRACKING, True, ConsentSource.WEB)
    return user


def rated(
    person: User,
    words: int,
    rating: int,
    *,
    text: str = "",
    at: datetime = NOW - timedelta(days=1),
    is_temporary: bool = False,
) -> None:
    talk = Conversation.objects.create(user=person, is_temporary=is_temporary)
    answer = Message.objects.create(
        conversation=talk, user=person, role=MessageRole.ASSISTANT, content="word " * words
    )
    ResponseFeedback.objects.create(
        user=person, message=answer, rating=rating, text=text, created_at=at
    )


def adapt(person: User, now: datetime = NOW + timedelta(hours=1)) -> int:
    return adaptation.adapt(person.pk, person.pk, now=now)


# --- Words --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("shorter please", Wish(Manner.LENGTH, "short")),
        ("Your answers are way too long", Wish(Manner.LENGTH, "short")),
        ("can you keep it short?", Wish(Manner.LENGTH, "short")),
        ("more detail please", Wish(Manner.LENGTH, "detailed")),
        ("no emojis please", Wish(Manner.EMOJI, "never")),
        ("please stop using emojis", Wish(Manner.EMOJI, "never")),
        ("use some emojis", Wish(Manner.EMOJI, "often")),
    ],
)
def test_wishes_about_the_manner_are_heard(text: str, wish: Wish) -> None:
    assert wishes_in(text) == [wish]


@pytest.mark.parametrize(
    "text", ["I want a shorter run", "my commute is too long", "the details of my plan", "hello"]
)
def test_what_is_about_something_else_is_no_wish(text: str) -> None:
    assert not wishes_in(text)


# --- Ratings ------------------------------------------------------------------------------------
def test_who_likes_short_answers_gets_concise_ones(person: User) -> None:
    for _ in range(6):
        rated(person, 20, 1)
        rated(person, 150, -1)
    assert adapt(person) == 1
    voice = voice_of(person)
    assert (voice.style, voice.detail) == ("concise", "minimal")
    assert voice.because == ("You liked 6 of 6 short answers and 0 of 6 longer ones.",)


def test_a_random_rater_is_left_alone_nineteen_times_in_twenty() -> None:
    """Over twelve weekly looks at a growing record of two rated answers a week."""
    rng, changed = Random(7), 0
    for _ in range(400):
        likes = rng.uniform(0.2, 0.9)
        ratings: list[Rated] = []
        for _ in range(12):
            ratings += [Rated(rng.choice((20, 150)), rng.random() < likes) for _ in range(2)]
            if leaning(ratings) is not None:
                changed += 1
                break
    assert changed / 400 <= 0.05


def test_a_setting_that_was_chosen_wins(person: User) -> None:
    Preferences.objects.create(user=person, detail_level="comprehensive")
    rated(person, 100, -1, text="shorter please")
    adapt(person)
    assert voice_of(person).detail == "comprehensive"
    # Choosing what is usual anyway is a choice as well.
    row = Preferences.objects.get(user=person)
    row.detail_level = "moderate"
    adaptation.choose(row, ["detail_level"])
    row.save()
    assert voice_of(person).detail == "moderate"
    assert voice_of(person).style == "encouraging"


def test_ratings_change_it_once_a_week_at_most_and_never_what_was_said(person: User) -> None:
    def learn(value: str, now: datetime, *, words: str, is_explicit: bool = False) -> int:
        return adaptation.learn(
            person.pk,
            Manner.LENGTH,
            value,
            confidence=0.8,
            evidence={"words": words, "at": now.isoformat()},
            is_explicit=is_explicit,
            now=now,
        )

    assert learn("short", NOW, words="a") == 1
    assert learn("detailed", NOW + timedelta(days=6), words="b") == 0
    assert learn("detailed", NOW + timedelta(days=8), words="c") == 1
    assert learn("short", NOW + timedelta(days=9), words="d", is_explicit=True) == 1
    assert learn("detailed", NOW + timedelta(days=30), words="e") == 0
    assert LearnedPreference.objects.get().preference_value == "short"


def test_what_was_declined_is_not_learned_again_from_ratings(person: User) -> None:
    for _ in range(6):
        rated(person, 20, 1)
        rated(person, 150, -1)
    adapt(person)
    LearnedPreference.objects.update(declined_at=NOW + timedelta(hours=2))
    assert adapt(person, NOW + timedelta(days=14)) == 0
    assert voice_of(person).detail == "moderate"


def test_words_are_heard_once_and_the_newest_win(person: User) -> None:
    rated(person, 100, -1, text="shorter please", at=NOW - timedelta(days=2))
    rated(person, 100, -1, text="more detail please", at=NOW - timedelta(days=1))
    rated(person, 100, -1, text="no emojis", at=NOW, is_temporary=True)
    assert adapt(person) == 1
    assert adapt(person) == 0
    assert voice_of(person).detail == "comprehensive"
    assert voice_of(person).emoji == "rarely"


def test_without_consent_nothing_is_learned_and_what_was_goes(person: User) -> None:
    for _ in range(6):
        rated(person, 20, 1)
        rated(person, 150, -1)
    adapt(person)
    set_consent(person, ConsentKind.BEHAVIORAL_TRACKING, False, ConsentSource.WEB)
    assert adaptation.forget_those_who_withdrew() == 1
    assert adapt(person) == 0
    assert not LearnedPreference.objects.exists()


# --- Told in the chat ---------------------------------------------------------------------------
def test_told_in_the_chat_it_is_a_setting_that_can_be_taken_back(person: User) -> None:
    tool = tool_named("change_how_i_talk")
    context = ToolContext(user=person, now=NOW, call_id="call-1")
    card = tool.run(context, tool.args(words="shorter please"))
    row = Preferences.objects.get(user=person)
    assert (row.detail_level, row.communication_style, row.chosen) == (
        "minimal",
        "concise",
        ["detail_level"],
    )
    assert card.undo is not None
    undo_verbs.get(card.undo.verb)(person, card.undo.args)
    row.refresh_from_db()
    assert (row.detail_level, row.communication_style, row.chosen) == (
        "moderate",
        "encouraging",
        [],
    )
    with pytest.raises(ToolRefused):
        tool.run(context, tool.args(words="hello"))


# --- Timing -------------------------------------------------------------------------------------
def with_usual_hour(hour: float, days: int = 20) -> User:
    user: User = UserFactory()
    set_consent(user, ConsentKind.BEHAVIORAL_TRACKING, True, ConsentSource.WEB)
    InteractionPattern.objects.create(
        user=user,
        usual_hour=hour,
        hours_concentration=0.8,
        active_days_seen=days,
        confidence_score=0.6,
    )
    return user


def test_the_usual_hour_is_learned_and_what_stays_costs_the_same_for_one_and_for_many(
    db: None, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    people = [with_usual_hour(7.2) for _ in range(6)]
    everybody = min(user.pk for user in people), max(user.pk for user in people)
    assert adaptation.adapt(*everybody, now=NOW) == 6
    InteractionPattern.objects.update(active_days_seen=30, confidence_score=0.9)
    with django_assert_max_num_queries(6):
        assert adaptation.adapt(*everybody, now=NOW + timedelta(days=1)) == 0
    rows = LearnedPreference.objects.values_list("preference_value", "confidence", "evidence_count")
    assert set(rows) == {("around 07:00", 0.9, 30)}


def test_a_declined_hour_stays_declined(db: None) -> None:
    user = with_usual_hour(7.2)
    adapt(user)
    LearnedPreference.objects.update(declined_at=NOW)
    InteractionPattern.objects.update(usual_hour=20.0)
    assert adapt(user, NOW + timedelta(days=30)) == 0
    assert LearnedPreference.objects.get().preference_value == "around 07:00"
