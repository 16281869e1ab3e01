"""A memory grows stronger when an answer used it and the person let it stand; being found is no proof."""

from datetime import timedelta

import pytest

from coaching.memory import remember
from coaching.memory.confirming import is_correction, note_answer, note_given, settle_uses
from coaching.models import EpisodicMemory, MemoryState, MemoryUse, Message

from .talks import NOW, learner, say, talk

pytestmark = pytest.mark.django_db
USED = "coach: Since you hate cooking on Mondays, shall we prepare something on Sunday?"
UNUSED = "coach: How about a short walk?"


def given(answer: str, *, is_temporary: bool = False) -> tuple[EpisodicMemory, Message]:
    user = learner()
    memory = remember(user, "I hate cooking on Mondays.", happened_at=NOW, now=NOW)
    reply = say(talk(user, "What shall I do today?", is_temporary=is_temporary), answer)
    note_given(reply, [memory])
    note_given(reply, [memory])
    note_answer(reply, now=NOW)
    return memory, reply


def strength(memory: EpisodicMemory) -> float:
    return MemoryState.objects.get(memory=memory).half_life_days


def test_used_and_let_stand_is_confirmed_once() -> None:
    memory, reply = given(USED)
    before = strength(memory)
    say(reply.conversation, "Yes, good idea")
    assert settle_uses(now=NOW) == 1
    assert settle_uses(now=NOW + timedelta(days=1)) == 0
    assert MemoryUse.objects.get().was_confirmed is True
    assert strength(memory) == before * 1.5
    assert MemoryState.objects.get().times_referenced == 1


@pytest.mark.parametrize("reply", ["No, that's wrong", "I never said that", "Not anymore!"])
def test_corrected_is_no_confirmation(reply: str) -> None:
    memory, answer = given(USED)
    before = strength(memory)
    say(answer.conversation, reply)
    settle_uses(now=NOW)
    assert MemoryUse.objects.get().was_confirmed is False
    assert strength(memory) == before


def test_found_but_not_said_proves_nothing() -> None:
    memory, answer = given(UNUSED)
    before = strength(memory)
    say(answer.conversation, "Yes, good idea")
    settle_uses(now=NOW)
    assert MemoryUse.objects.get().was_confirmed is None
    assert strength(memory) == before


def test_silence_is_no_yes() -> None:
    memory, _ = given(USED)
    before = strength(memory)
    assert settle_uses(now=NOW + timedelta(minutes=29)) == 0
    assert settle_uses(now=NOW + timedelta(minutes=31)) == 1
    assert strength(memory) == before


def test_a_temporary_chat_leaves_no_use() -> None:
    given(USED, is_temporary=True)
    assert not MemoryUse.objects.exists()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no, that's not true", True),
        ("You're wrong", True),
        ("I didn't say that", True),
        ("that is no longer true", True),
        ("Yes", False),
        ("ok, and what about Tuesday?", False),
        ("I know it is wrong to skip lunch", False),
        ("thanks", False),
    ],
)
def test_what_a_correction_sounds_like(text: str, expected: bool) -> None:
    assert is_correction(text) is expected
