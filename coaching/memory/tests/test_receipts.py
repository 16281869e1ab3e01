"""What was saved from a message stands under it, and can be said right, edited and forgotten there."""

import pytest
from django.test import Client
from django.urls import reverse

from coaching.memory.reading import read_due
from coaching.models import EpisodicMemory, MemoryState, MemoryStatus

from .talks import OVER, learner, talk

pytestmark = pytest.mark.django_db
SAID = "I hate cooking on Mondays."


@pytest.fixture
def memory(client: Client) -> EpisodicMemory:
    user = learner()
    talk(user, SAID, "coach: I hear you.")
    read_due(now=OVER)
    client.force_login(user)
    return EpisodicMemory.objects.get()


def address(memory: EpisodicMemory) -> str:
    return reverse("memory_receipt", args=[memory.pk])


def page(client: Client, memory: EpisodicMemory) -> str:
    conversation = memory.user.conversations.get()
    return client.get(reverse("coach_conversation", args=[conversation.pk])).content.decode()


def test_the_receipt_stands_under_its_message(client: Client, memory: EpisodicMemory) -> None:
    html = page(client, memory)
    assert f'id="message-{memory.source_id}"' in html
    assert html.count("data-receipt>") == 1
    assert "Is that so?" not in html


def test_what_was_concluded_asks(client: Client, memory: EpisodicMemory) -> None:
    MemoryState.objects.update(status=MemoryStatus.WAITING)
    assert "Is that so?" in page(client, memory)
    client.post(address(memory), {"do": "right"})
    assert MemoryState.objects.get().status == MemoryStatus.KEPT
    assert "Is that so?" not in page(client, memory)


def test_right_makes_it_stronger_once(client: Client, memory: EpisodicMemory) -> None:
    before = MemoryState.objects.get().half_life_days
    for _ in range(2):
        answer = client.post(address(memory), {"do": "right"})
    assert answer.status_code == 302
    assert answer["Location"].endswith(f"#message-{memory.source_id}")
    assert MemoryState.objects.get().half_life_days == before * 1.5


def test_edited_forgotten_and_declined(client: Client, memory: EpisodicMemory) -> None:
    client.post(address(memory), {"do": "edit", "text": "I hate cooking on Sundays."})
    memory.refresh_from_db()
    assert memory.memory_description == "I hate cooking on Sundays."
    assert memory.user_edited
    assert client.post(address(memory), {"do": "edit", "text": " "}).status_code == 422
    assert client.post(address(memory), {"do": "dance"}).status_code == 422
    client.post(address(memory), {"do": "wrong"})
    assert "data-receipt>" not in page(client, memory)
    answer = client.post(address(memory), {"do": "forget"}, headers={"HX-Request": "true"})
    assert "Forgotten" in answer.content.decode()
    assert not EpisodicMemory.objects.exists()


def test_anothers_memory_is_not_found(client: Client, memory: EpisodicMemory) -> None:
    client.force_login(learner())
    for do in ("right", "wrong", "edit", "forget"):
        assert client.post(address(memory), {"do": do, "text": "x"}).status_code == 404
    assert EpisodicMemory.objects.get().memory_description == SAID
