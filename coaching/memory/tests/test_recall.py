"""What is remembered is found: by meaning, by words, by whom it is about; of one person, and only while it lives."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import User
from accounts.tests.factories import UserFactory
from coaching.llm.tests.model_server import ModelServer
from coaching.memory import (
    NewMemory,
    UnstorableMemory,
    forget,
    forget_everything,
    nearest_memories,
    recall,
    remember,
    remember_many,
    rewrite,
)
from coaching.memory.evaluation.measuring import MEANING_ONLY, WORDS_ONLY, Loaded
from coaching.memory.evaluation.sets import QUESTIONS, STATEMENTS, dialogues, people
from coaching.memory.forgetting import archive_faded
from coaching.memory.windows import turn_of, windows
from coaching.models import (
    EpisodicMemory,
    MemoryState,
    MemoryStatus,
    MemoryTerm,
    MemoryTotal,
    MemoryVector,
)

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def user() -> User:
    return UserFactory(name="Ann Lee")


def told(user: User, text: str, days_ago: float = 1, **more: Any) -> EpisodicMemory:
    return remember(user, text, happened_at=NOW - timedelta(days=days_ago), now=NOW, **more)


def texts(user: User, query: str, **more: Any) -> list[str]:
    found = recall(user, query, now=NOW, **more)
    return [each.memory.memory_description for each in found]


def test_a_memory_is_found_in_other_words(user: User) -> None:
    told(user, "I go to the gym at seven.", 3)
    told(user, "The cat ate my slippers.", 9)
    assert texts(user, "When do I work out?")[0] == "I go to the gym at seven."
    assert texts(user, "pets")[0] == "The cat ate my slippers."


def test_a_subject_that_is_named_decides(user: User) -> None:
    told(user, "Carla loves long hikes.", 3, subject="Carla")
    told(user, "Jonas loves long hikes.", 9, subject="Jonas")
    assert texts(user, "What does Jonas like?")[0] == "Jonas loves long hikes."
    assert texts(user, "What does Carla like?")[0] == "Carla loves long hikes."


def test_what_adds_up_to_the_score_is_told(user: User) -> None:
    told(user, "I want to lose four kilos.", 30)
    told(user, "I want to sleep more.", 40)
    for found in recall(user, "What do I want to lose?", now=NOW):
        assert found.score == pytest.approx(sum(found.parts.values()))
        assert 0 < found.strength < 0.7
        assert found.similarity is not None
        assert -1 <= found.similarity <= 1


def test_a_question_costs_few_queries(
    user: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    told(user, "I like plums.")
    with django_assert_max_num_queries(3):
        recall(user, "plums", now=NOW)


def test_the_same_reference_again_changes_nothing(user: User) -> None:
    first = told(user, "I like plums.", source_ref="message 1")
    again = told(user, "I hate plums.", source_ref="message 1")
    assert again.pk == first.pk
    assert texts(user, "plums") == ["I like plums."]
    both = remember_many(
        user, [NewMemory("one", source_ref="r"), NewMemory("two", source_ref="r")], now=NOW
    )
    assert both[0].pk == both[1].pk
    assert MemoryTotal.objects.get(user=user).memories == 2


@pytest.mark.parametrize("text", ["", "  \n", "with \x00 in it", "x" * 8001])
def test_what_cannot_be_stored_is_refused_and_nothing_is_kept(user: User, text: str) -> None:
    with pytest.raises(UnstorableMemory):
        remember_many(user, [NewMemory("This is fine."), NewMemory(text)], now=NOW)
    assert not EpisodicMemory.objects.exists()


def test_a_time_without_a_zone_is_refused(user: User) -> None:
    with pytest.raises(UnstorableMemory, match="zone"):
        remember(user, "Hello", happened_at=datetime(2026, 1, 1), now=NOW)


@pytest.mark.parametrize("query", ["", " ", "\x00", "?!", "'); DROP TABLE x; --", "%s %(user)s"])
def test_odd_questions_do_no_harm(user: User, query: str) -> None:
    told(user, "I like plums.")
    assert len(texts(user, query)) <= 1
    assert texts(user, "plums", limit=0) == []


@pytest.mark.parametrize(
    "hidden",
    [
        {"status": MemoryStatus.WAITING},
        {"status": MemoryStatus.DECLINED},
        {"expires_at": NOW - timedelta(hours=1)},
        {"valid_until": NOW - timedelta(hours=1)},
        {"archived_at": NOW - timedelta(hours=1)},
    ],
)
def test_only_what_lives_is_found(user: User, hidden: dict[str, object]) -> None:
    memory = told(user, "I like plums.")
    MemoryState.objects.filter(memory=memory).update(**hidden)
    assert texts(user, "plums") == []


def test_a_moment_in_the_past_is_answered_with_what_held_then(user: User) -> None:
    old = told(user, "I want to run a marathon.", 90)
    told(user, "I want to swim the channel.", 10)
    MemoryState.objects.filter(memory=old).update(valid_until=NOW - timedelta(days=10))
    assert texts(user, "What do I want?") == ["I want to swim the channel."]
    spring = NOW - timedelta(days=60)
    assert texts(user, "What did I want?", as_of=spring) == ["I want to run a marathon."]


def test_what_waits_for_a_yes_counts_as_known(user: User) -> None:
    memory = told(user, "I like plums.", status=MemoryStatus.WAITING)
    found = nearest_memories(user, "I like plums a lot.", now=NOW)
    assert [each.memory for each in found] == [memory]


def test_turns_beside_a_memory_help_to_find_it(user: User) -> None:
    source = uuid4()
    lines = ["Which vegetables did you plant?", "Leeks, as ever.", "Nice weather today."]
    for ordinal, line in enumerate(lines):
        remember(user, line, happened_at=NOW, source_id=source, ordinal=ordinal, now=NOW)
    told(user, "My bicycle is red.", 50)
    told(user, "Work was long.", 70)
    best = recall(user, "vegetables planted", limit=2, now=NOW)
    assert "Leeks, as ever." in {found.memory.memory_description for found in best}


def test_surroundings_end_with_the_source_and_with_a_long_silence(user: User) -> None:
    source = uuid4()
    near = [told(user, f"Turn {n}", 1, source_id=source, ordinal=n) for n in range(5)]
    other = told(user, "Elsewhere", 1, source_id=uuid4())
    later = told(user, "Later", 0.5, source_id=source, ordinal=9)
    around = windows([turn_of(memory) for memory in [*near, other, later]])
    assert [turn.id for turn in around[near[0].pk]] == [near[n].pk for n in (0, 1)]
    assert [turn.id for turn in around[near[2].pk]] == [near[n].pk for n in (1, 2, 3)]
    assert len(around[other.pk]) == len(around[later.pk]) == 1


def test_a_changed_memory_is_found_by_its_new_words(user: User) -> None:
    memory = told(user, "I like plums.")
    told(user, "I like trains.", 50)
    rewrite(user, memory, "I like cherries.")
    assert texts(user, "cherry")[0] == "I like cherries."
    memory.refresh_from_db()
    assert memory.user_edited


def test_forgetting_leaves_no_trace_in_what_stood_beside(user: User) -> None:
    source = uuid4()
    secret = told(user, "My secret is pineapple.", 1, source_id=source, ordinal=0)
    beside = told(user, "Do not tell anybody.", 1, source_id=source, ordinal=1)
    assert forget(user, [secret.pk, uuid4()]) == 1
    assert not MemoryVector.objects.filter(memory=secret.pk).exists()
    left = MemoryVector.objects.get(memory=beside.pk)
    assert left.window_emb == left.emb
    assert set(left.window_terms.indices()) == set(left.terms.indices())
    assert texts(user, "pineapple") == ["Do not tell anybody."]


def test_nobody_forgets_for_somebody_else(user: User) -> None:
    memory = told(user, "I like plums.")
    assert forget(UserFactory(), [memory.pk]) == 0
    assert texts(user, "plums") == ["I like plums."]


def test_an_erased_person_leaves_nothing(user: User) -> None:
    told(user, "I like plums.")
    key = user.pk
    user.delete()
    for table in (EpisodicMemory, MemoryState, MemoryVector, MemoryTerm, MemoryTotal):
        assert not table.objects.filter(user_id=key).exists()


def test_everything_can_be_forgotten_at_once(user: User) -> None:
    told(user, "I like plums.")
    told(user, "I like pears.")
    assert forget_everything(user) == 2
    assert not MemoryTerm.objects.filter(user=user).exists()
    assert texts(user, "plums") == []


def test_what_has_faded_is_put_away_and_kept(user: User) -> None:
    told(user, "I like trains.", 1)
    old = remember(
        user, "I like plums.", happened_at=NOW - timedelta(days=800), now=NOW - timedelta(days=800)
    )
    assert archive_faded(now=NOW) == 1
    assert archive_faded(now=NOW) == 0
    assert texts(user, "plums") == ["I like trains."]
    assert EpisodicMemory.objects.filter(pk=old.pk).exists()


words = st.lists(
    st.sampled_from(["plum", "gym", "sister", "run", "sleep", "goal", "Ann", "Carla", "tea"]),
    min_size=1,
)


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(mine=st.lists(words, max_size=3), theirs=st.lists(words, max_size=3), query=words)
def test_another_persons_memories_never_appear(
    user: User, mine: list[list[str]], theirs: list[list[str]], query: list[str]
) -> None:
    forget_everything(user)
    other = UserFactory()
    remember_many(user, [NewMemory(" ".join(text)) for text in mine], now=NOW)
    remember_many(other, [NewMemory(" ".join(text)) for text in theirs], now=NOW)
    for person, own in ((user, mine), (other, theirs)):
        for found in (
            recall(person, " ".join(query), limit=50, now=NOW),
            nearest_memories(person, " ".join(query), limit=50, now=NOW),
        ):
            assert len(found) == len(own)
            assert all(each.memory.user_id == person.pk for each in found)


def test_without_the_model_memories_are_kept_and_found_by_words(
    user: User, model_server: ModelServer, settings: Settings
) -> None:
    settings.EMBEDDING_MODEL = "openai/small"
    settings.EMBEDDING_DIMENSIONS = 8
    settings.EMBEDDING_API_BASE = model_server.url
    settings.EMBEDDING_API_KEY = "key"
    told(user, "I like plums.")
    told(user, "My boat is green.", 60)
    assert texts(user, "boats")[0] == "My boat is green."
    assert MemoryVector.objects.filter(user=user, emb__isnull=True).count() == 2
    assert recall(user, "boats", now=NOW)[0].similarity is None


def test_the_evaluation_set_is_whole() -> None:
    everybody = people()
    assert len(everybody) == 30
    assert sum(case.held_back for case in everybody) == 10
    for case in [*everybody, *dialogues()]:
        keys = {statement.key for statement in case.statements}
        assert len(keys) == len(case.statements)
        assert all(question.evidence <= keys for question in case.questions)
    assert {len(case.statements) for case in everybody} == {STATEMENTS}
    assert {len(case.questions) for case in everybody} == {QUESTIONS}
    assert any(statement.closed_at for statement in everybody[0].statements)


def test_fused_ranking_finds_more_than_words_or_meaning_alone(user: User) -> None:
    [case] = dialogues()[:1]
    case.statements = case.statements[:120]
    keys = {statement.key for statement in case.statements}
    case.questions = [question for question in case.questions if question.evidence <= keys]
    loaded = Loaded(user, case)
    fused = loaded.recall_at(10)
    assert fused >= 0.8
    assert fused >= max(loaded.recall_at(10, WORDS_ONLY), loaded.recall_at(10, MEANING_ONLY)) - 0.05
