"""The whole way with nothing faked: what a person says, the built-in coach, the real tools, rows and cards."""

import asyncio
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import pytest
from asgiref.sync import sync_to_async
from django.apps import apps
from django.core.management import call_command

from accounts.models import User
from accounts.tests.factories import UserFactory
from coaching.agent import live
from coaching.agent.events import text_of
from coaching.agent.following import follow
from coaching.agent.runs import send

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass
class Talk:
    """One conversation of one person."""

    user: User
    conversation: UUID | None = None
    cards: list[dict[str, Any]] = field(default_factory=list)

    async def say(self, text: str) -> str:
        """Says something and waits; gives the whole answer and keeps the cards that were finished."""
        started = await sync_to_async(send)(
            self.user, text, client_id=uuid4().hex, conversation_id=self.conversation
        )
        live.launch(await sync_to_async(live.make_job)(self.user, started))
        async with asyncio.timeout(60):
            events = [event async for event in follow(self.user, started.run.pk)]
        self.conversation = started.request.conversation_id
        self.cards = [
            event["card"]
            for event in events
            if event["type"] == "card" and event["state"] == "done"
        ]
        assert events[-1]["status"] == "completed", events[-1]
        return text_of(events)


@sync_to_async
def talk() -> Talk:
    call_command("load_catalogue", verbosity=0)
    return Talk(UserFactory.create())


@sync_to_async
def states(user: User) -> list[tuple[str, str]]:
    """The person's plans, the newest first, by name and state."""
    plans = apps.get_model("habits", "HabitSequence").objects.filter(user=user)
    return list(plans.order_by("-created_at").values_list("name", "status"))


@sync_to_async
def habits_of(user: User) -> set[str]:
    habits = apps.get_model("habits", "Habit").objects.filter(user=user)
    return set(habits.values_list("name", flat=True))


async def test_a_5k_is_planned_changed_in_words_accepted_and_asked_about() -> None:
    person = await talk()
    assert "How many minutes" in await person.say("Help me run a 5K in 3 months")
    assert person.cards == []

    answer = await person.say("45 minutes a day, but i have no gym")
    [card] = person.cards
    assert card["kind"] == "habits.plan"
    assert card["is_proposal"]
    assert "5K" in answer
    assert "45 minutes" in answer
    assert not await habits_of(person.user)

    await person.say("drop the strength part")
    [card] = person.cards
    habits = str([phase["habits"] for phase in card["data"]["phases"]]).lower()
    assert "strength" not in habits
    assert "run" in habits

    await person.say("yes")
    assert person.cards[0]["undo"]
    assert (await states(person.user))[0][1] == "active"
    assert await habits_of(person.user)

    await person.say("how am I doing?")
    assert person.cards[0]["kind"] == "habits.progress"


async def test_conversational_spanish_survives_a_change_of_subject() -> None:
    person = await talk()
    await person.say("I'd like conversational Spanish by summer")
    assert "How many minutes" in await person.say("are you human?")
    assert person.cards == []
    answer = await person.say("half an hour i guess, in the mornings")
    [card] = person.cards
    assert "Spanish" in card["title"]
    assert "at most 30 minutes a day" in answer
    await person.say("actually 20 minutes")
    assert "at most 20 minutes a day" in person.cards[0]["summary"]
    await person.say("👍")
    plans = await states(person.user)
    assert plans[0][1] == "active"
    assert "Spanish" in plans[0][0]
    answer = await person.say("remind me tomorrow at 7am to practise")
    assert person.cards[0]["kind"] == "coaching.reminder"
    assert "07:00" in answer
