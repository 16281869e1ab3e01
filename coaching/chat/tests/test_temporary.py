"""A temporary chat says so, leaves nothing, and is deleted soon after its last word."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from coaching.agent import understanding
from coaching.chat import temporary
from coaching.memory import reading, summaries
from coaching.memory.tests.talks import NOW, learner, say, talk
from coaching.models import Conversation, Message, RawBehavioralLog

pytestmark = pytest.mark.django_db


def test_it_begins_with_a_press_and_says_what_it_is(client: Client) -> None:
    user = learner()
    client.force_login(user)
    assert reverse("coach_temporary") in client.get(reverse("coach")).content.decode()
    answer = client.post(reverse("coach_temporary"), follow=True)
    assert "Temporary chat." in answer.content.decode()
    client.post(reverse("coach_temporary"))
    assert Conversation.objects.get().is_temporary
    assert client.get(reverse("coach_temporary")).status_code == 405


def test_an_ordinary_chat_does_not_say_so(client: Client) -> None:
    user = learner()
    client.force_login(user)
    found = talk(user, "Hello")
    html = client.get(reverse("coach_conversation", args=[found.pk])).content.decode()
    assert "Temporary chat." not in html


def test_nothing_of_it_is_kept_beside_it() -> None:
    user = learner()
    chat = temporary.begin(user, now=NOW)
    message = say(chat, "I hate cooking on Mondays. I'll walk Friday at 7.")
    assert not understanding.understand(message.pk)
    assert understanding.understand_missed() == 0
    assert not reading.due(now=NOW + timedelta(days=1)).exists()
    assert not summaries.due_for_summary(now=NOW + timedelta(days=1)).exists()
    assert not RawBehavioralLog.objects.exists()
    message.refresh_from_db()
    assert message.intent == ""


def test_it_is_deleted_after_its_time_and_nothing_else_is() -> None:
    user = learner()
    chat = temporary.begin(user, now=NOW)
    say(chat, "I live in Oslo.")
    kept = talk(user, "Hello")
    assert temporary.sweep(now=NOW + timedelta(hours=23, minutes=59)) == 0
    assert temporary.sweep(now=NOW + timedelta(hours=24)) == 1
    assert Conversation.objects.get() == kept
    assert Message.objects.count() == 1
