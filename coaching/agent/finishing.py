"""The end of a run: the answer, what was done and every event are saved together, once."""

import logging
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from celery import current_app
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from coaching.models import Conversation, Message, MessageStatus, Run, RunStatus

from . import answer_contexts
from .context import Prepared
from .events import Event
from .runs import title_of

REPLY_STATUS = {
    RunStatus.COMPLETED: MessageStatus.COMPLETE,
    RunStatus.STOPPED: MessageStatus.STOPPED,
    RunStatus.FAILED: MessageStatus.FAILED,
}
logger = logging.getLogger(__name__)


@dataclass
class Outcome:
    """What became of a run."""

    run_id: UUID
    request_id: UUID
    reply_id: UUID
    status: RunStatus
    text: str
    calls: list[dict[str, Any]] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    sources: list[dict[str, Any]] = field(default_factory=list)
    model: str = ""
    tokens: int | None = None
    prompt_version: int | None = None
    is_crisis: bool = False
    error: str = ""
    prepared: Prepared | None = None


def save(outcome: Outcome) -> bool:
    """Saves the end of a run; tells whether it is the end that stands.

    A run that was swept because its database was away is put right again, unless the person went on
    without it. Nothing is left to save when the person was erased.
    """
    with transaction.atomic():
        run = Run.objects.select_for_update().filter(pk=outcome.run_id).first()
        if run is None or run.status in (RunStatus.COMPLETED, RunStatus.STOPPED):
            return False
        went_on = Run.objects.filter(conversation_id=run.conversation_id, id__gt=run.pk).exists()
        if run.status == RunStatus.FAILED and went_on:
            return False
        now = timezone.now()
        Message.objects.filter(pk=outcome.reply_id).update(
            content=outcome.text,
            status=REPLY_STATUS[outcome.status],
            function_calls=outcome.calls,
            entities={"sources": outcome.sources} if outcome.sources else {},
            model=outcome.model[:100],
            tokens_used=outcome.tokens,
            system_prompt_version_used=outcome.prompt_version,
            is_crisis=outcome.is_crisis,
        )
        if outcome.is_crisis:
            Message.objects.filter(pk=outcome.request_id).update(is_crisis=True)
            _untitle(run.conversation_id, outcome.request_id)
        Run.objects.filter(pk=run.pk).update(
            status=outcome.status,
            error=outcome.error[:300],
            events=outcome.events,
            last_sequence=len(outcome.events),
            heartbeat_at=now,
            finished_at=now,
        )
        Conversation.objects.filter(pk=run.conversation_id).update(last_message_at=now)
        if outcome.status != RunStatus.FAILED and not outcome.is_crisis:
            transaction.on_commit(lambda: _understand_later(outcome.request_id), robust=True)
            if outcome.prepared is not None and outcome.prepared.messages:
                told = outcome.prepared
                transaction.on_commit(
                    lambda: answer_contexts.keep(outcome.reply_id, told, now=now), robust=True
                )
    return True


def _untitle(conversation_id: UUID, request_id: UUID) -> None:
    """Takes words of a crisis from the list of conversations."""
    words = Message.objects.filter(pk=request_id).values_list("content", flat=True).first() or ""
    Conversation.objects.filter(pk=conversation_id, title=title_of(words)).update(title="")


def _understand_later(message_id: UUID) -> None:
    """Has the message read for tone and intent; a sweep does it when the queue is away."""
    try:
        current_app.send_task(
            "coaching.tasks.understand_message", [str(message_id)], queue="interactive", retry=False
        )
    except (OperationalError, OSError) as error:
        logger.warning("message_not_queued id=%s reason=%s", message_id, error)
