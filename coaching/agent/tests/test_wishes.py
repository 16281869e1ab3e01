"""STOP in a conversation is carried out before any model hears of it, and can be taken back there."""

from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async

from accounts.consent import has_consent, set_consent
from accounts.models import ConsentKind, ConsentSource, User
from accounts.tests.factories import UserFactory
from coaching.agent import live
from coaching.agent.following import follow
from coaching.agent.runs import Started, send
from coaching.llm.tests.model_server import ModelServer
from coaching.models import CrisisAlert, Message, MessageStatus
from coaching.outreach import stopping
from coaching.toolkit import undo_verbs

pytestmark = pytest.mark.django_db(transaction=True)


@sync_to_async
def person() -> User:
    user = UserFactory.create()
    set_consent(user, ConsentKind.EMAIL, True, ConsentSource.WEB, "yes")
    return user


async def answered(user: User, text: str) -> tuple[Started, Message]:
    """What the coach answers to a text."""
    started = await sync_to_async(send)(user, text, client_id=uuid4().hex)
    live.launch(await sync_to_async(live.make_job)(user, started))
    async for _ in follow(user, started.run.pk):
        pass
    return started, await Message.objects.aget(pk=started.reply_id)


async def test_stop_takes_effect_without_a_model_and_can_be_undone(
    model_server: ModelServer,
) -> None:
    user = await person()
    _, reply = await answered(user, "please stop messaging me")
    assert not model_server.received
    assert reply.status == MessageStatus.COMPLETE
    assert reply.content == reply.function_calls[0]["card"]["summary"]
    assert not await sync_to_async(has_consent)(user, ConsentKind.EMAIL)
    assert await sync_to_async(stopping.is_stopped)(user)
    undo = reply.function_calls[0]["card"]["undo"]
    await sync_to_async(undo_verbs.get(undo["verb"]))(user, undo["args"])
    assert await sync_to_async(has_consent)(user, ConsentKind.EMAIL)
    assert not await sync_to_async(stopping.is_stopped)(user)


async def test_start_brings_it_back_and_help_says_how(model_server: ModelServer) -> None:
    user = await person()
    await answered(user, "STOP")
    _, help_reply = await answered(user, "HELP")
    assert "STOP" in help_reply.content
    await answered(user, "START")
    assert not await sync_to_async(stopping.is_stopped)(user)
    assert not model_server.received


async def test_a_crisis_comes_before_a_stop(model_server: ModelServer) -> None:
    user = await person()
    _, reply = await answered(user, "Stop. I want to kill myself")
    assert reply.is_crisis
    assert await CrisisAlert.objects.filter(user=user).aexists()
    assert not await sync_to_async(stopping.is_stopped)(user)
    assert not model_server.received
