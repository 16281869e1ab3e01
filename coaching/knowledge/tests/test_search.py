"""Questions find the articles that answer them, other talk finds nothing, and only what was verified is used."""

from collections.abc import Iterator

import pytest
from django.utils import timezone

from coaching.knowledge import loading
from coaching.knowledge import search as searching
from coaching.knowledge.search import match_knowledge_sources, search, tried
from coaching.llm.embeddings import EmbeddingUnavailable
from coaching.models import EmbeddingModel, KnowledgeCategory, KnowledgeOrigin, KnowledgeSource

from .questions import EXPECTED, HELD_BACK, IRRELEVANT

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def _library(django_db_setup: None, django_db_blocker) -> Iterator[None]:
    """The whole library with its vectors, made once."""
    with django_db_blocker.unblock():
        loading.load_library(loading.read_library(), now=timezone.now())
        yield
        KnowledgeSource.objects.all().delete()
        EmbeddingModel.objects.all().delete()


@pytest.fixture
def library(_library: None, db: None) -> None:
    """The library, for one test that may change it."""


@pytest.fixture
def _no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*args: object, **kwargs: object) -> None:
        raise EmbeddingUnavailable("It is away.")

    monkeypatch.setattr(searching, "embed_query", fails)


def found(question: str) -> list[str]:
    return list(dict.fromkeys(passage.slug for passage in search(question, limit=3)))


def test_nearly_every_question_finds_its_article_among_the_first_three(library) -> None:
    missed = [question for question, slugs in EXPECTED.items() if not slugs & set(found(question))]
    assert len(missed) <= 2, missed


def test_so_do_most_questions_that_nothing_was_chosen_on(library) -> None:
    missed = [question for question, slugs in HELD_BACK.items() if not slugs & set(found(question))]
    assert len(missed) <= 5, missed


def test_what_the_library_knows_nothing_of_finds_nothing(library) -> None:
    assert {question: found(question) for question in IRRELEVANT if found(question)} == {}


@pytest.mark.usefixtures("library", "_no_model")
def test_by_words_alone_most_questions_are_still_answered_and_nonsense_is_not() -> None:
    missed = [question for question, slugs in EXPECTED.items() if not slugs & set(found(question))]
    assert len(missed) <= 14, missed
    assert [question for question in IRRELEVANT if found(question)] == []


def test_what_is_not_verified_is_never_used(library) -> None:
    KnowledgeSource.objects.filter(slug="habit-stacking").update(is_verified=False)
    assert "habit-stacking" not in found("what is habit stacking")
    slugs = [match.slug for match in match_knowledge_sources("what is habit stacking")]
    assert "habit-stacking" not in slugs
    looked = tried("what is habit stacking", with_unverified=True)
    assert (looked[0].slug, looked[0].is_verified) == ("habit-stacking", False)


def test_a_category_narrows_the_search(library) -> None:
    [first, *_] = match_knowledge_sources(
        "how long does a habit take", match_count=2, category=KnowledgeCategory.RESEARCH
    )
    assert first.category == KnowledgeCategory.RESEARCH
    with pytest.raises(ValueError, match="astrology"):
        search("walking", category="astrology")


def test_sources_are_matched_once_each_and_best_first(library) -> None:
    matches = match_knowledge_sources("how do I keep walking every day", match_count=3)
    assert len({match.slug for match in matches}) == len(matches) <= 3
    assert [match.score for match in matches] == sorted((m.score for m in matches), reverse=True)


@pytest.mark.parametrize(
    "query", ["", "   ", "?!", "\0", "'; DROP TABLE x; --", "((('|&!", "a" * 5000]
)
def test_any_text_can_be_asked(library, query: str) -> None:
    search(query)


def test_an_empty_library_finds_nothing(db) -> None:
    KnowledgeSource.objects.filter(origin=KnowledgeOrigin.LIBRARY).delete()
    assert search("what is habit stacking") == []
