"""Texts become vectors, by the model that runs here and by hosted ones."""

import math
import os
import threading
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction
from pytest_django import Settings

from accounts.tests.factories import UserFactory
from coaching.llm.embeddings import (
    EmbeddingUnavailable,
    UnsuitableEmbeddingModel,
    active_model,
    changing,
    embed,
    embed_query,
    filling_model,
    local,
    models_to_write,
    nearest,
    rows,
    store_embeddings,
)
from coaching.models import (
    ConversationSummary,
    EmbeddingModel,
    EmbeddingModelState,
    ModelCall,
    SummaryPeriod,
)

from .model_server import ModelServer, Page, Status, Wait

pytestmark = pytest.mark.django_db


@pytest.fixture
def hosted(model_server: ModelServer, settings: Settings) -> ModelServer:
    """A server that gives vectors of "small" (8 numbers) and "large" (12), of which the first is set."""
    settings.EMBEDDING_MODEL = "openai/small"
    settings.EMBEDDING_API_BASE = model_server.url
    settings.EMBEDDING_API_KEY = "key"
    settings.EMBEDDING_TIMEOUT_SECONDS = 0.5
    settings.COACH_MODEL_PRICES = {"openai/small": {"input": 100.0, "output": 0.0}}
    model_server.will_embed(small=8, large=12, huge=3072)
    return model_server


def cosine(one: list[float], other: list[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


def test_vectors_have_unit_length_and_like_texts_are_near() -> None:
    running, jogging, taxes = embed(["I run each morning.", "Jogging at dawn", "My tax forms"])
    assert len(running) == local.DIMENSIONS
    assert math.isclose(cosine(running, running), 1, abs_tol=1e-5)
    assert cosine(running, jogging) > cosine(running, taxes) + 0.2


def test_a_text_has_the_same_vector_alone_and_among_others() -> None:
    texts = [f"{'very ' * count}tired" for count in range(20)]
    together = embed(texts)
    assert cosine(together[3], embed([texts[3]])[0]) > 0.98
    assert embed([]) == []
    assert len(embed(["", "word " * 3000])) == 2


def test_a_forked_process_makes_its_own_encoder() -> None:
    before = local.encode(["before the fork"])[0]
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        again = local.encode(["before the fork"])[0]
        os.write(writing, b"1" if cosine(before, again) > 0.999 else b"0")
        os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    assert os.read(reading, 1) == b"1"


def test_the_first_use_registers_the_model_that_is_set() -> None:
    assert active_model().name == local.NAME
    assert active_model().pk == active_model().pk
    assert filling_model() is None
    assert [model.name for model in models_to_write()] == [local.NAME]


@pytest.mark.django_db(transaction=True)
def test_many_first_uses_at_once_register_one_model() -> None:
    found: list[int] = []
    gate = threading.Barrier(4)

    def first_use() -> None:
        gate.wait()
        found.append(active_model().pk)
        connection.close()

    threads = [threading.Thread(target=first_use) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert EmbeddingModel.objects.count() == 1


def test_another_setting_changes_nothing_by_itself(settings: Settings) -> None:
    active_model()
    settings.EMBEDDING_MODEL = "openai/text-embedding-3-small"
    assert active_model().name == local.NAME
    assert filling_model() is None


def test_an_unknown_local_model_is_refused(settings: Settings) -> None:
    settings.EMBEDDING_MODEL = "local/other"
    with pytest.raises(UnsuitableEmbeddingModel, match="no local model"):
        active_model()


def test_a_hosted_model_says_how_long_its_vectors_are_and_is_paid(hosted: ModelServer) -> None:
    person = UserFactory()
    assert active_model().dimensions == 8
    [vector] = embed(["one two three"], user_id=person.pk)
    assert math.isclose(cosine(vector, vector), 1)
    call = ModelCall.objects.get(user=person)
    assert (call.purpose, call.outcome, call.input_tokens) == ("embedding", "ok", 3)
    assert call.cost_microdollars == 300


def test_vectors_that_do_not_fit_beside_a_memory_are_refused(
    hosted: ModelServer, settings: Settings
) -> None:
    settings.EMBEDDING_MODEL = "openai/huge"
    with pytest.raises(UnsuitableEmbeddingModel, match="EMBEDDING_DIMENSIONS"):
        active_model()
    assert not EmbeddingModel.objects.exists()


@pytest.mark.parametrize(
    "trouble",
    [
        [Status(500)],
        [Status(401)],
        [Wait(5)],
        [Page(b"<html>", "text/html")],
        [Page(b'{"data": [], "model": "x", "object": "list"}', "application/json")],
    ],
)
def test_a_hosted_model_in_trouble_is_said_to_be_unavailable(
    hosted: ModelServer, trouble: list[Status | Wait | Page]
) -> None:
    active_model()
    hosted.will(trouble, trouble, trouble)
    with pytest.raises(EmbeddingUnavailable):
        embed(["anything"])
    assert ModelCall.objects.filter(purpose="embedding").exclude(outcome="ok").count() == 1


def test_a_hosted_model_is_not_asked_within_a_transaction(hosted: ModelServer) -> None:
    active_model()
    asked = len(hosted.received)
    with transaction.atomic(), pytest.raises(EmbeddingUnavailable, match="transaction"):
        embed(["running"])
    assert len(hosted.received) == asked
    assert len(embed(["running"])[0]) == 8


def test_the_same_question_is_asked_once(hosted: ModelServer) -> None:
    active_model()
    before = len(hosted.received)
    assert embed_query("once only, please") == embed_query("once only, please")
    assert len(hosted.received) == before + 1


def summary(text: str, day: int) -> ConversationSummary:
    date = datetime(2026, 1, day, tzinfo=UTC).date()
    return ConversationSummary.objects.create(
        user=UserFactory(),
        summary_period=SummaryPeriod.DAILY,
        start_date=date,
        end_date=date,
        ai_summary=text,
    )


def text_of(row: ConversationSummary) -> str:
    return row.ai_summary


def test_rows_are_found_by_meaning_and_only_among_those_asked() -> None:
    found = [summary("We spoke of swimming.", 1), summary("Her mother is ill.", 2)]
    assert store_embeddings(found, text_of) == 2
    everybody = ConversationSummary.objects.all()
    assert nearest(everybody, "family and health", 1) == [found[1]]
    assert nearest(everybody.filter(pk=found[0].pk), "family and health") == [found[0]]
    assert nearest(everybody, "family and health", min_similarity=0.95) == []


def test_rows_keep_their_text_when_the_model_fails_and_get_their_vector_later(
    hosted: ModelServer,
) -> None:
    active_model()
    hosted.will([Status(500)])
    row = summary("A long walk.", 1)
    assert store_embeddings([row], text_of) == 0
    row.refresh_from_db()
    assert row.embedding is None
    table = rows.EmbeddedTable(ConversationSummary, text_of, ConversationSummary.objects.all)
    assert list(rows.fill_lacking(table, active_model(), active=active_model())) == [1]
    assert nearest(ConversationSummary.objects.all(), "walk") == [row]


def test_rows_are_found_at_every_step_of_a_change_of_model(hosted: ModelServer) -> None:
    small = active_model()
    old, everybody = summary("apple pie", 1), ConversationSummary.objects.all()
    store_embeddings([old], text_of)
    large = changing.begin_filling("openai/large")
    new = summary("apple cake", 2)
    store_embeddings([new], text_of)
    assert set(nearest(everybody, "apple")) == {old, new}
    table = rows.EmbeddedTable(ConversationSummary, text_of, everybody.all)
    assert rows.lacking(table, large).count() == 1
    assert sum(rows.fill_lacking(table, large, active=small)) == 1
    changing.switch(large)
    assert active_model() == large
    assert set(nearest(everybody, "apple")) == {old, new}
    old.refresh_from_db()
    assert (old.embedding_model, old.next_embedding_model) == (large, small)
    changing.remove_vectors(EmbeddingModel.objects.get(state=EmbeddingModelState.RETIRED))
    assert set(nearest(everybody, "apple")) == {old, new}


def test_a_second_model_is_not_filled_beside_another(hosted: ModelServer) -> None:
    active_model()
    changing.begin_filling("openai/large")
    with pytest.raises(UnsuitableEmbeddingModel, match="is being filled"):
        changing.begin_filling(local.NAME)
    with pytest.raises(UnsuitableEmbeddingModel, match="already"):
        changing.begin_filling("openai/small")
    changing.give_up_filling()
    assert changing.begin_filling(local.NAME).dimensions == local.DIMENSIONS
