"""The pages on which a person sees what the coach knows and was told."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.consent import set_consent
from accounts.models import ConsentKind, ConsentSource, User
from accounts.tests.factories import UserFactory
from coaching.agent import answer_contexts
from coaching.agent.context import prepare
from coaching.agent.tests.factories import ConversationFactory, MessageFactory
from coaching.memory import remember
from coaching.models import ConversationSummary, Message

pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    user: User = UserFactory()
    set_consent(user, ConsentKind.BEHAVIORAL_TRACKING, True, ConsentSource.WEB)
    return user


@pytest.fixture
def reply(user: User) -> Message:
    """An answer that used a memory, with what it was made of."""
    now = timezone.now()
    remember(
        user,
        "I hate cooking on Mondays",
        speaker="Ada",
        happened_at=now - timedelta(days=9),
        source_ref="1",
    )
    request = MessageFactory(
        conversation=ConversationFactory(user=user), content="Why is cooking on Mondays hard?"
    )
    reply: Message = MessageFactory(
        conversation=request.conversation,
        parent=request,
        role="assistant",
        content="You hate cooking on Mondays, you said.",
    )
    answer_contexts.keep(reply.pk, prepare(user, request, now), now=now)
    return reply


def test_why_shows_every_part_and_what_was_used(client: Client, user: User, reply: Message) -> None:
    client.force_login(user)
    page = client.get(reverse("coach_why", args=[reply.pk])).content.decode()
    assert "used in the answer" in page
    assert "The rules it always has" in page
    assert "What they told you before" in page
    assert "I hate cooking on Mondays" in page
    assert reverse("knows_memories") in page


def test_the_api_gives_the_same(client: Client, user: User, reply: Message) -> None:
    client.force_login(user)
    body = client.get(reverse("api-message-context", args=[reply.pk])).json()
    assert body["kept"]
    assert body["system"].startswith("You are the coach of Habyss")
    assert [source["used"] for source in body["sources"] if source["kind"] == "memory"] == [True]


def test_an_answer_of_which_nothing_was_kept_says_so(client: Client, user: User) -> None:
    reply = MessageFactory(conversation=ConversationFactory(user=user), role="assistant")
    client.force_login(user)
    page = client.get(reverse("coach_why", args=[reply.pk]))
    assert "Nothing was kept" in page.content.decode()
    assert client.get(reverse("api-message-context", args=[reply.pk])).json()["kept"] is False


@pytest.mark.parametrize("name", ["coach_why", "api-message-context"])
def test_anothers_answer_and_ones_own_words_are_not_found(
    client: Client, user: User, reply: Message, name
) -> None:
    client.force_login(user)
    assert client.get(reverse(name, args=[reply.parent_id])).status_code == 404
    assert client.get(reverse(name, args=[uuid4()])).status_code == 404
    client.force_login(UserFactory())
    assert client.get(reverse(name, args=[reply.pk])).status_code == 404


def test_facts_show_evidence_and_what_is_not_known(client: Client, user: User) -> None:
    remember(
        user, "I have 20 minutes a day", speaker="A", happened_at=timezone.now(), source_ref="1"
    )
    client.force_login(user)
    page = client.get(reverse("knows_facts")).content.decode()
    assert "About 20 minutes a day" in page
    assert "I have 20 minutes a day" in page
    assert "The coach does not guess" in page
    again = client.post(reverse("knows_facts_again"), follow=True)
    assert "I looked again." in again.content.decode()


def test_a_summary_is_shown_narrowed_and_deleted(client: Client, user: User) -> None:
    day = timezone.localdate()
    row = ConversationSummary.objects.create(
        user=user, summary_period="daily", start_date=day, end_date=day, ai_summary="Of running."
    )
    client.force_login(user)
    address = reverse("knows_summaries")
    assert "Of running." in client.get(address).content.decode()
    assert "Of running." not in client.get(address, {"show": "weekly"}).content.decode()
    assert client.get(address, {"show": "nonsense"}).status_code == 200
    delete = reverse("knows_summary_delete", args=[row.pk])
    assert "Deleted." in client.post(delete, follow=True).content.decode()
    assert client.post(delete).status_code == 404
    assert "No summaries yet" in client.get(address).content.decode()
