"""What a model was given for an answer, kept for a while so that its person can see it.

Only of people who may be learned from, never of temporary chats or a crisis; what was given is cut to a
bounded size, and is deleted after ANSWER_CONTEXT_DAYS.
"""

import logging
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings

from accounts.models import User
from coaching import learning_permission
from coaching.memory import confirming
from coaching.memory.extraction.rule import stems
from coaching.models import AnswerContext, Message

from .briefing import Source
from .context import Prepared
from .history import cut_to

HISTORY_TOKENS = 500  # of one turn
SYSTEM_TOKENS = 12_000
LEFT_OUT = "(left out)"
_MARK = re.compile(r"\[(\d{1,3}(?:\s*[,;]\s*\d{1,3})*)\]")
logger = logging.getLogger(__name__)


def keep(reply_id: UUID, told: Prepared, *, now: datetime) -> bool:
    """Notes which memories the answer was given, and keeps what it was told if its person allows that."""
    reply = (
        Message.objects.filter(pk=reply_id, is_crisis=False, conversation__is_temporary=False)
        .select_related("user", "conversation")
        .first()
    )
    if reply is None or not learning_permission.may_learn(reply.user):
        return False
    confirming.note_given(reply, told.recalled)
    confirming.note_answer(reply, now=now)
    system = next((m["content"] for m in told.messages if m["role"] == "system"), "")
    sources = [
        {**source.as_json(), "used": was_used(source, reply.content)} for source in told.sources
    ]
    AnswerContext.objects.update_or_create(
        message=reply,
        defaults={
            "user": reply.user,
            "system": cut_to(system, SYSTEM_TOKENS),
            "history": list(_history(told.messages, _said_in_crisis(reply))),
            "sources": sources,
            "tokens": told.tokens,
            "created_at": now,
        },
    )
    return True


def was_used(source: Source, answer: str) -> bool:
    """Whether the answer says what the source says: it cites its number, or has most of its words."""
    if source.kind == "knowledge":
        cited = {n for found in _MARK.findall(answer) for n in re.split(r"\s*[,;]\s*", found)}
        return str(source.number) in cited
    return confirming.was_said(source.text, set(stems(answer)))


def _said_in_crisis(reply: Message) -> list[str]:
    """What was said in a crisis in this conversation: the model had to know it, but it is not kept again."""
    rows = Message.objects.filter(conversation=reply.conversation_id, is_crisis=True)
    return list(rows.exclude(content="").values_list("content", flat=True))


def _history(messages: Sequence[dict[str, Any]], left_out: Sequence[str]) -> list[dict[str, str]]:
    shown = []
    for message in messages:
        text = str(message.get("content") or "")
        if message["role"] == "system":
            continue
        if message.get("tool_calls"):
            names = [str(call["function"]["name"]) for call in message["tool_calls"]]
            text = f"({', '.join(names)})"
        if any(words in text for words in left_out):
            text = LEFT_OUT
        shown.append({"role": str(message["role"]), "text": cut_to(text, HISTORY_TOKENS)})
    return shown


def context_of(user: User, message_id: UUID) -> AnswerContext | None:
    """What was kept of the person's answer `message_id`."""
    return AnswerContext.objects.filter(user=user, message_id=message_id).first()


def sweep(*, now: datetime) -> int:
    """Deletes what was kept longer than ANSWER_CONTEXT_DAYS, and that of people who withdrew."""
    old = AnswerContext.objects.filter(
        created_at__lt=now - timedelta(days=settings.ANSWER_CONTEXT_DAYS)
    )
    withdrew = AnswerContext.objects.filter(user__in=learning_permission.who_withdrew())
    return old.delete()[0] + withdrew.delete()[0]
