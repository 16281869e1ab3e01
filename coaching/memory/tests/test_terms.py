"""Words as BM25 counts them, and the counts that are kept of them."""

import math
import threading
from datetime import UTC, datetime

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import User
from accounts.tests.factories import UserFactory
from coaching.memory import forget, remember, remember_many, rewrite
from coaching.memory.remembering import NewMemory
from coaching.memory.subjects import subject_key, subjects_named, without_names
from coaching.memory.terms import as_sparse, findable_text, term_of, term_part, terms_in, terms_of
from coaching.models import TERM_SPACE, EpisodicMemory, MemoryTerm, MemoryTotal

DAY = datetime(2026, 5, 8, 13, 56, tzinfo=UTC)


def test_forms_of_a_word_are_one_term_and_empty_words_none() -> None:
    assert terms_of("I was running") == terms_of("She runs!") == [term_of("run")]
    assert terms_of("what did you do to it") == []


def test_the_speaker_and_the_day_belong_to_the_words() -> None:
    found = set(terms_of(findable_text("Hello", "Caroline", DAY)))
    assert {term_of("caroline"), term_of("may"), term_of("2026"), term_of("8")} <= found


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=200))
def test_any_text_makes_a_vector_that_can_be_read_back(text: str) -> None:
    terms = terms_of(text)
    assert all(0 <= term < TERM_SPACE for term in terms)
    part = term_part(terms, len(terms), 10)
    assert terms_in(as_sparse(part)) == sorted(set(terms))
    assert all(0 < value <= 2.2 for value in part.values())


def test_repetition_counts_less_each_time_and_length_lowers_all() -> None:
    term = term_of("swim")
    once, twice, often = (term_part([term] * n, 10, 10)[term] for n in (1, 2, 30))
    assert once < twice < often < 2.2
    assert twice - once < once
    assert term_part([term], 40, 10)[term] < once
    assert math.isclose(once, 1.0)


def test_names_are_taken_out_of_a_question_but_never_all_of_it() -> None:
    assert without_names("When did Caroline's dog bite me?", {"caroline"}) == "When did dog bite ?"
    assert without_names("Caroline?", {"caroline"}) == "Caroline?"


def test_a_question_names_its_subject() -> None:
    assert "caroline" in subjects_named("What is Caroline’s job?")
    assert "mother in law" in subjects_named("How is my mother in law?")
    assert "self" in subjects_named("What is my goal?")
    assert "self" in subjects_named("What does Ann want?", {"ann"})
    assert "self" not in subjects_named("What does Ann want?")


def test_a_memory_is_about_whom_it_names_or_who_speaks() -> None:
    assert subject_key("self", "Caroline") == "caroline"
    assert subject_key("Carla", "Ann", {"ann"}) == "carla"
    assert subject_key("self", "Ann", {"ann"}) == "self"
    assert subject_key("self", "") == "self"


def counts(user: User) -> dict[int, int]:
    return dict(MemoryTerm.objects.filter(user=user).values_list("term", "memories"))


def expected_counts(user: User) -> dict[int, int]:
    expected: dict[int, int] = {}
    for memory in EpisodicMemory.objects.filter(user=user):
        text = findable_text(memory.memory_description, memory.speaker, memory.original_timestamp)
        for term in set(terms_of(text)):
            expected[term] = expected.get(term, 0) + 1
    return expected


@pytest.mark.django_db
def test_counts_follow_what_is_kept_changed_and_forgotten() -> None:
    user = UserFactory()
    first = remember(user, "I swim on Mondays.", happened_at=DAY)
    second = remember(user, "I swim and swim, and cycle.", happened_at=DAY)
    assert counts(user)[term_of("swim")] == 2
    rewrite(user, second, "I ride a horse.")
    assert counts(user) == expected_counts(user)
    assert counts(user)[term_of("swim")] == 1
    forget(user, [first.pk])
    assert counts(user) == expected_counts(user)
    assert term_of("swim") not in counts(user)
    total = MemoryTotal.objects.get(user=user)
    assert (total.memories, total.words) == (1, 4)
    forget(user, [second.pk])
    assert counts(user) == {}


@pytest.mark.django_db(transaction=True)
def test_two_who_remember_at_once_count_all() -> None:
    user = UserFactory()
    gate = threading.Barrier(2)
    failures: list[BaseException] = []

    def write(number: int) -> None:
        try:
            gate.wait()
            for turn in range(4):
                remember_many(
                    user,
                    [
                        NewMemory(
                            "I swim in the lake.", source_ref=f"both {turn}", happened_at=DAY
                        ),
                        NewMemory(f"Lap {number} {turn} of the lake.", happened_at=DAY),
                    ],
                )
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert EpisodicMemory.objects.filter(user=user).count() == 12
    assert MemoryTotal.objects.get(user=user).memories == 12
    assert counts(user) == expected_counts(user)
