"""The ready-made context: cheap when ready, never older than what changed, and within its budget."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts.consent import set_consent
from accounts.models import ConsentKind, ConsentSource, User
from accounts.tests.factories import UserFactory
from coaching import ledger
from coaching.memory import remember
from coaching.models import ContextCache, Conversation, InteractionPattern
from coaching.personalization import context_store
from coaching.personalization.context_store import (
    get_user_ai_context,
    ready_from,
    refresh_user_context,
    tokens_in,
)
from coaching.personalization.user_context import FIELDS, Fact, UserContext

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 17, 10, tzinfo=UTC)
MOST_QUERIES = 12


@pytest.fixture
def user() -> User:
    user: User = UserFactory()
    set_consent(user, ConsentKind.BEHAVIORAL_TRACKING, True, ConsentSource.WEB)
    InteractionPattern.objects.create(
        user=user, usual_hour=8, hours_concentration=0.9, active_days_seen=30, confidence_score=0.7
    )
    return user


def test_built_in_a_dozen_queries_and_then_found_without_any(
    user: User, django_assert_num_queries
) -> None:
    with CaptureQueriesContext(connection) as cold:
        built = get_user_ai_context(user, now=NOW)
    assert len(cold) <= MOST_QUERIES
    with django_assert_num_queries(0):
        assert get_user_ai_context(user, now=NOW + timedelta(minutes=5)) == built
    assert built.lines == ("Chronotype: Usually active around 08:00. [medium confidence]",)


def test_without_redis_the_row_serves(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    built = refresh_user_context(user, now=NOW)
    monkeypatch.setattr(context_store, "PART", "another-place")  # nothing is found there
    with CaptureQueriesContext(connection) as queries:
        assert get_user_ai_context(user, now=NOW + timedelta(minutes=5)) == built
    assert len(queries) == 1


def test_what_happens_makes_it_new_at_once(
    user: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    refresh_user_context(user, now=NOW)
    with django_capture_on_commit_callbacks(execute=True):
        remember(user, "I have 20 minutes a day", speaker="A", happened_at=NOW, source_ref="1")
        ledger.record(user, "habit.completed", source="web", idempotency_key="1", occurred_at=NOW)
    later = get_user_ai_context(user, now=NOW + timedelta(minutes=1))
    assert later.context["available_time"].is_known


def test_taking_consent_back_forgets_at_once_what_was_watched(
    user: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    refresh_user_context(user, now=NOW)
    with django_capture_on_commit_callbacks(execute=True):
        set_consent(user, ConsentKind.BEHAVIORAL_TRACKING, False, ConsentSource.WEB)
    context_store.forget_those_who_withdrew()
    assert not ContextCache.objects.filter(user=user).exists()
    assert not get_user_ai_context(user, now=NOW + timedelta(minutes=1)).context.known


def test_time_passes_for_a_picture_too(user: User) -> None:
    refresh_user_context(user, now=NOW)
    later = NOW + context_store.CONSTANTS.keep
    assert get_user_ai_context(user, now=later).built_at == later


def test_another_persons_words_are_never_in_it(user: User) -> None:
    other = UserFactory()
    remember(other, "I have 45 minutes a day", speaker="B", happened_at=NOW, source_ref="1")
    assert "45" not in str(get_user_ai_context(user, now=NOW).as_json())


def test_stale_rows_are_marked_and_built_before_their_people_ask(user: User) -> None:
    now = datetime.now(UTC)
    refresh_user_context(user, now=now - timedelta(minutes=10))
    assert context_store.mark_stale(now=now) == 1  # the pattern and the consent are newer
    assert not context_store.to_refresh(now=now).exists()
    Conversation.objects.create(user=user, last_message_at=now)
    assert context_store.refresh_people(context_store.to_refresh(now=now), now=now) == 1
    assert not context_store.to_refresh(now=now).exists()


def test_the_command_counts_builds_and_finds_by_name(user: User) -> None:
    def ran(*arguments: str) -> str:
        out = StringIO()
        call_command("refresh_context", *arguments, stdout=out)
        return out.getvalue()

    UserFactory.create_batch(2)
    assert "3 contexts would be" in ran("--dry-run")
    assert not ContextCache.objects.exists()
    assert "1 contexts built" in ran("--users", user.email)
    assert "3 contexts built" in ran("--batch-size", "2")
    assert "0 contexts would be" in ran("--stale", "--dry-run")
    with pytest.raises(CommandError):
        ran("--users", "nobody@example.org")


def test_an_interrupted_command_goes_on_where_it_was(user: User) -> None:
    from django.core.cache import cache

    from coaching.management.commands.refresh_context import POSITION

    last = max(person.pk for person in UserFactory.create_batch(2))
    cache.set(POSITION, str(user.pk))
    out = StringIO()
    call_command("refresh_context", "--resume", stdout=out)
    assert "2 contexts built" in out.getvalue()
    assert not ContextCache.objects.filter(user=user).exists()
    assert ContextCache.objects.filter(user=last).exists()


@settings(max_examples=30)
@given(
    words=st.lists(st.text(min_size=1, max_size=400), min_size=len(FIELDS), max_size=len(FIELDS)),
    budget=st.integers(5, 900),
)
def test_the_lines_never_cost_more_than_their_budget(words: list[str], budget: int) -> None:
    facts = {
        field.name: Fact(field.name, field.title, is_known=True, words=text, evidence=("x",))
        for field, text in zip(FIELDS, words, strict=True)
    }
    ready = ready_from(UserContext(facts, True), NOW, budget)
    assert sum(tokens_in(line) + 1 for line in ready.lines) == ready.tokens <= budget
    assert len(ready.lines) + len(ready.left_out) == len(FIELDS)
