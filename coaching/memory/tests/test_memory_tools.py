"""What people order about memories in words."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accounts.models import User
from accounts.tests.factories import UserFactory
from coaching.language import guesses
from coaching.learning_permission import set_learning
from coaching.llm.builtin.offers import asked_for, read
from coaching.memory import orders
from coaching.memory.reading import read_due
from coaching.models import (
    Commitment,
    CommitmentStatus,
    EpisodicMemory,
    MemoryState,
    MemoryStatus,
    Message,
    Preferences,
)
from coaching.toolkit import Card, ToolContext, ToolRefused, tool_named, tools, undo_verbs

from .talks import NOW, OVER, learner, say, talk

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> User:
    return UserFactory.create(timezone="Europe/Berlin")


def use(user: User, name: str, *, reply: Message | None = None, **args: Any) -> Card:
    tool = tool_named(name)
    context = ToolContext(
        user=user,
        now=NOW,
        call_id=f"call-{Message.objects.count()}",
        conversation_id=reply.conversation_id if reply else None,
        message_id=reply.pk if reply else None,
    )
    return tool.run(context, tool.args.model_validate(args))


def take_back(user: User, card: Card) -> Card:
    assert card.undo is not None
    return undo_verbs.get(card.undo.verb)(user, card.undo.args)


def asked(user: User, words: str, **fields: Any) -> Message:
    """The answer to a person's words."""
    return say(talk(user, words, **fields), "coach: …")


@pytest.mark.parametrize(
    ("words", "tool"),
    [
        ("Remember that I hate Mondays", "remember_this"),
        ("don't forget that I am allergic to nuts", "remember_this"),
        ("forget that", "forget_that"),
        ("forget that I told you about my sister", "forget_that"),
        ("what do you know about me?", "what_do_you_know"),
        ("what did I say about my knee?", "recall_memory"),
        ("what did I want in spring?", "recall_memory"),
        ("I'll walk Tuesday at 7", "make_promise"),
        ("I kept my promise", "settle_promise"),
        ("stop learning about me", "pause_learning"),
        ("learn about me again", "resume_learning"),
    ],
)
def test_the_words_reach_their_tool_without_a_model(words: str, tool: str) -> None:
    found = asked_for(words, read([entry.schema() for entry in tools]), guesses(words))
    assert found is not None
    assert found[0].name == tool


@pytest.mark.parametrize(
    "words",
    [
        *("forget it", "never mind", "remember me?", "remember to call mum", "remind me at 5"),
        *("I will start running every morning at 7", "I'm going to be away next week"),
        "don't let me forget to stretch at 9",
    ],
)
def test_other_words_do_not(words: str) -> None:
    found = asked_for(words, read([entry.schema() for entry in tools]), guesses(words))
    assert found is None or found[0].name not in {"remember_this", "forget_that", "make_promise"}


def test_what_is_told_to_be_remembered_needs_no_consent(person: User) -> None:
    reply = asked(person, "Please remember that I have an exam tomorrow")
    card = use(
        person, "remember_this", reply=reply, words="Please remember that I have an exam tomorrow"
    )
    memory = EpisodicMemory.objects.get()
    assert card.summary == "Saved: I have an exam on 11 June 2026."
    assert memory.source_id == reply.parent_id
    assert memory.state.status == MemoryStatus.KEPT
    take_back(person, card)
    assert not EpisodicMemory.objects.exists()


def test_remembered_and_then_read_is_one_memory() -> None:
    user = learner()
    words = "Remember that I hate cooking on Mondays."
    use(user, "remember_this", reply=asked(user, words), words=words)
    read_due(now=OVER)
    assert EpisodicMemory.objects.count() == 1


def test_crisis_is_not_stored_on_order(person: User) -> None:
    with pytest.raises(ToolRefused):
        use(person, "remember_this", words="Remember that I want to kill myself")
    assert not EpisodicMemory.objects.exists()


def test_a_temporary_chat_keeps_nothing_even_on_order(person: User) -> None:
    reply = asked(person, "remember that I hate Mondays", is_temporary=True)
    with pytest.raises(ToolRefused, match="temporary"):
        use(person, "remember_this", reply=reply, words="remember that I hate Mondays")
    with pytest.raises(ToolRefused, match="temporary"):
        use(person, "make_promise", reply=reply, words="I'll walk tomorrow at 7")
    assert not EpisodicMemory.objects.exists()
    assert not Commitment.objects.exists()


def remembering(user: User, *sentences: str) -> None:
    for sentence in sentences:
        words = f"Remember that {sentence}"
        use(user, "remember_this", reply=asked(user, words), words=words)


def test_forgetting_a_topic_takes_it_away_and_can_be_undone(person: User) -> None:
    remembering(person, "my sister Anna lives in Rome", "I hate Mondays")
    card = use(person, "forget_that", words="forget that I told you about my sister")
    assert "My sister Anna lives in Rome." in card.summary
    assert "Mondays" not in card.summary
    assert not orders.matching(person, "my sister", now=NOW)
    take_back(person, card)
    assert orders.matching(person, "my sister", now=NOW)


def test_forgotten_is_gone_for_good_when_the_time_is_over(person: User) -> None:
    remembering(person, "my sister Anna lives in Rome", "I hate Mondays")
    card = use(person, "forget_that", words="forget what I said about my sister")
    assert orders.forget_due(now=NOW + timedelta(minutes=9)) == 0
    assert orders.forget_due(now=NOW + timedelta(minutes=10)) == 1
    assert [m.memory_description for m in EpisodicMemory.objects.all()] == ["I hate Mondays."]
    with pytest.raises(ToolRefused):
        take_back(person, card)


def test_forget_that_means_what_was_kept_last_here(person: User) -> None:
    remembering(person, "I hate Mondays")
    words = "remember that I love rain"
    reply = asked(person, words)
    use(person, "remember_this", reply=reply, words=words)
    use(person, "forget_that", reply=say(reply.conversation, "coach: …"), words="forget that")
    state = MemoryState.objects.get(status=MemoryStatus.DECLINED)
    assert state.memory.memory_description == "I love rain."


def test_nobody_forgets_what_is_anothers(person: User) -> None:
    remembering(learner(), "my sister Anna lives in Rome")
    with pytest.raises(ToolRefused):
        use(person, "forget_that", words="forget what I said about my sister")
    memory = EpisodicMemory.objects.get()
    assert orders.put_away_to_forget(person, [memory], now=NOW) == 0
    assert orders.bring_back(person, [memory.pk]) == 0


def test_everything_at_once_is_not_forgotten_by_the_way(person: User) -> None:
    remembering(person, "I hate Mondays")
    with pytest.raises(ToolRefused, match="Forget everything"):
        use(person, "forget_that", words="forget everything you know about me")


def test_looking_back_tells_the_day(person: User) -> None:
    remembering(person, "my knee hurts when I run", "I hate Mondays")
    card = use(person, "recall_memory", words="what did I say about my knee?")
    assert card.summary == "You told me: 10 June 2026: My knee hurts when I run."
    nothing = use(person, "recall_memory", words="what did I say about my boss?")
    assert nothing.summary == "I don't remember anything about that. Tell me, and I will."


def test_looking_back_finds_what_was_said_a_moment_ago(person: User) -> None:
    question = "what did I say about my sister?"
    reply = say(
        talk(
            person,
            "remember that my sister is a doctor",
            "My sister Maya runs with me.",
            "coach: Good to know.",
            "Is my sister faster?",
            question,
        ),
        "coach: …",
    )
    card = use(person, "recall_memory", reply=reply, words=question)
    assert card.summary == "You said it in this talk: “My sister Maya runs with me.”"
    elsewhere = asked(person, question)
    card = use(person, "recall_memory", reply=elsewhere, words=question)
    assert card.summary == "I don't remember anything about that. Tell me, and I will."


def test_learning_is_not_said_to_be_on_without_consent(person: User) -> None:
    card = use(person, "resume_learning", words="learn about me again")
    assert (card.title, "Settings" in card.summary) == ("Not yet", True)


def test_looking_back_at_what_was_so_then() -> None:
    user = learner()
    for text, at in (
        ("I want to run a marathon.", datetime(2026, 4, 2, tzinfo=UTC)),
        ("I want to run a marathon in autumn.", datetime(2026, 6, 9, tzinfo=UTC)),
    ):
        talk(user, text, at=at)
        read_due(now=at + timedelta(hours=1))
    card = use(user, "recall_memory", words="what did I say about the marathon in april?")
    assert card.summary.startswith("You told me (as it was by 1 May 2026): 2 April 2026:")
    assert "autumn" not in card.summary


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("what did I want in spring?", "2026-06-01"),
        ("what did I want last winter", "2026-03-01"),
        ("what did I say in December", "2026-01-01"),
        ("what did I say in March 2025", "2025-04-01"),
        ("what did I say last month", "2026-06-01"),
        ("what did I say last year", "2026-01-01"),
        ("what did I say in 2024", "2025-01-01"),
        ("what did I say about my knee", None),
    ],
)
def test_a_time_in_a_question_is_its_end(words: str, expected: str | None) -> None:
    found = orders.as_of_in(words, NOW)
    assert (found and found.date().isoformat()) == expected


def test_a_promise_is_noted_with_a_way_back(person: User) -> None:
    card = use(person, "make_promise", words="I'll walk Tuesday at 7")
    assert card.summary == (
        "Noted: you will walk on Tuesday, 16 June at 07:00. I'll ask once how it went."
    )
    row = Commitment.objects.get()
    assert row.check_at == datetime(2026, 6, 16, 6, 0, tzinfo=UTC)
    take_back(person, card)
    row.refresh_from_db()
    assert row.status == CommitmentStatus.WITHDRAWN


def test_a_promise_of_a_model_has_a_moment_of_its_own(person: User) -> None:
    use(person, "make_promise", what="call Eva", when="2026-06-12T18:00", words="Friday then")
    assert Commitment.objects.get().due_at == datetime(2026, 6, 12, 16, 0, tzinfo=UTC)
    with pytest.raises(ToolRefused):
        use(person, "make_promise", what="call Eva", when="some day")


def test_noted_in_the_chat_and_read_later_is_one_promise() -> None:
    user = learner(timezone="Europe/Berlin")
    words = "I'll walk Tuesday at 7"
    card = use(user, "make_promise", reply=asked(user, words), words=words)
    take_back(user, card)
    read_due(now=OVER)
    assert Commitment.objects.get().status == CommitmentStatus.WITHDRAWN


def test_the_outcome_said_in_words(person: User) -> None:
    use(person, "make_promise", words="I'll walk today at 3 pm")
    card = use(person, "settle_promise", words="I kept my promise")
    assert Commitment.objects.get().status == CommitmentStatus.KEPT
    take_back(person, card)
    assert Commitment.objects.get().status == CommitmentStatus.OPEN
    use(person, "settle_promise", words="I broke my promise to walk")
    assert Commitment.objects.get().status == CommitmentStatus.MISSED


def test_learning_is_paused_in_words_and_taken_up_again(person: User) -> None:
    Preferences.objects.get_or_create(user=person)

    def learns() -> bool:
        return Preferences.objects.get(user=person).learning_enabled

    card = use(person, "pause_learning", words="stop learning about me")
    assert not learns()
    take_back(person, card)
    assert learns()
    set_learning(person, False)
    use(person, "resume_learning", words="learn about me again")
    assert learns()


def test_all_is_told_on_request(person: User) -> None:
    remembering(person, "I hate Mondays")
    use(person, "make_promise", words="I'll walk Tuesday at 7")
    sections = use(person, "what_do_you_know").data["sections"]
    lines = [line for section in sections for line in section["lines"]]
    assert "I hate Mondays." in lines
    assert any(line.startswith("walk (on Tuesday") for line in lines) or datetime.now(UTC) > NOW


@pytest.mark.parametrize("verb", ["coaching.unremember", "coaching.take_back_promise"])
def test_anothers_is_not_taken_back(person: User, verb: str) -> None:
    other = learner()
    remembering(other, "I hate Mondays")
    use(other, "make_promise", words="I'll walk Tuesday at 7")
    memory, promise = EpisodicMemory.objects.get(), Commitment.objects.get()
    undo: Callable[[User, dict[str, Any]], Card] = undo_verbs.get(verb)
    args = {"memory": str(memory.pk), "promise": str(promise.pk)}
    if verb == "coaching.unremember":
        undo(person, args)
    else:
        with pytest.raises(Commitment.DoesNotExist):
            undo(person, args)
    assert EpisodicMemory.objects.filter(pk=memory.pk).exists()
    assert Commitment.objects.get().status == CommitmentStatus.OPEN


def test_taking_back_what_was_saved_brings_back_what_it_closed(person: User) -> None:
    remembering(person, "I live in Berlin")
    words = "Remember that I live in Lyon"
    card = use(person, "remember_this", reply=asked(person, words), words=words)
    assert MemoryState.objects.filter(valid_until=None).count() == 1
    take_back(person, card)
    assert MemoryState.objects.get().valid_until is None
