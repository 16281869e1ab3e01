"""The embedding model changes while people go on remembering and asking."""

import io
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from accounts.tests.factories import UserFactory
from coaching.llm.embeddings import active_model, filling_model
from coaching.llm.tests.model_server import ModelServer, Status
from coaching.memory import filling, recall, remember
from coaching.models import (
    ConversationSummary,
    EmbeddingModel,
    MemoryVector,
    SummaryPeriod,
)

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def server(model_server: ModelServer, settings: Settings) -> ModelServer:
    """A server with the models "small" (8 numbers) and "large" (12), the first of which is set."""
    settings.EMBEDDING_MODEL = "openai/small"
    settings.EMBEDDING_API_BASE = model_server.url
    settings.EMBEDDING_API_KEY = "key"
    model_server.will_embed(small=8, large=12)
    return model_server


def told(user: User, text: str, days_ago: float) -> None:
    remember(user, text, happened_at=NOW - timedelta(days=days_ago), now=NOW)


def best(user: User, query: str) -> str:
    found = recall(user, query, now=NOW)[0]
    assert found.similarity is not None
    return found.memory.memory_description


def backfill(*arguments: str) -> str:
    said = io.StringIO()
    call_command("backfill_embeddings", *arguments, stdout=said)
    return said.getvalue()


def test_a_change_of_model_is_felt_by_nobody(server: ModelServer) -> None:
    first, second = UserFactory(), UserFactory()
    for user in (first, second):
        told(user, "my boat is green", 60)
        told(user, "plums are ripe", 30)
    small = active_model()
    summary = ConversationSummary.objects.create(
        user=first,
        summary_period=SummaryPeriod.DAILY,
        start_date=NOW.date(),
        end_date=NOW.date(),
        ai_summary="boats and plums",
    )

    assert "would be filled" in backfill("--model", "openai/large", "--dry-run")
    assert filling_model() is None
    said = backfill("--model", "openai/large", "--batch-size", "1")
    assert "openai/large: 5 vectors are missing." in said
    large = filling_model()
    assert large is not None
    assert MemoryVector.objects.filter(model=large).count() == 4
    assert best(first, "boat") == "my boat is green"

    told(first, "rain all day", 5)  # written meanwhile: with both
    assert MemoryVector.objects.filter(user=first, model=large).count() == 3
    assert best(first, "rain day") == "rain all day"

    assert "now searched with openai/large" in backfill("--switch")
    assert active_model() == large
    assert best(second, "boat") == "my boat is green"
    assert MemoryVector.objects.filter(model=small).count() == 5
    summary.refresh_from_db()
    assert summary.embedding_model == large
    assert summary.next_embedding_model == small

    backfill("--prune")
    assert list(EmbeddingModel.objects.all()) == [large]
    summary.refresh_from_db()
    assert summary.next_embedding is None
    assert best(first, "plums") == "plums are ripe"
    assert "openai/large: 0 vectors are missing." in backfill()


def test_it_goes_on_where_a_failure_stopped_it(server: ModelServer) -> None:
    user = UserFactory()
    active_model()
    server.will([Status(500)])
    told(user, "my boat is green", 60)
    told(user, "plums are ripe", 30)
    assert filling.count_lacking(active_model()) == 1
    server.will([Status(500)])
    with pytest.raises(CommandError):
        backfill()
    assert "1 made" in backfill("--resume")
    assert best(user, "boat") == "my boat is green"
    assert filling.fill_missing(now=timezone.now()) == 0


def test_the_periodic_work_makes_good_what_failed(server: ModelServer) -> None:
    active_model()
    server.will([Status(500)])
    user = UserFactory()
    told(user, "my boat is green", 60)
    server.will([Status(500)])
    assert filling.fill_missing(now=timezone.now()) == 0
    assert filling.fill_missing(now=timezone.now()) == 1
    assert best(user, "boat") == "my boat is green"


def test_what_was_written_while_no_model_could_be_named_is_found_by_it_soon(
    server: ModelServer,
) -> None:
    server.will([Status(500)])
    user = UserFactory()
    told(user, "my boat is green", 60)
    assert not MemoryVector.objects.exists()
    assert filling.fill_missing(now=timezone.now()) == 1
    assert best(user, "boat") == "my boat is green"


def test_there_is_no_switch_without_a_model_that_is_whole(server: ModelServer) -> None:
    with pytest.raises(CommandError, match="no model to switch to"):
        backfill("--switch")
    with pytest.raises(CommandError, match="at least 1"):
        backfill("--batch-size", "0")
    with pytest.raises(CommandError, match="no local model"):
        backfill("--model", "local/none")
