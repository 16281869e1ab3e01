"""A conversation as templates and the API show it: one branch, the newest turns first fetched."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.models import User
from coaching.agent import sweeping
from coaching.agent.branches import Step, path_with_versions
from coaching.agent.runs import not_found
from coaching.knowledge.citing import readable, shown
from coaching.memory.receipts import Receipt, receipts_for
from coaching.models import (
    Conversation,
    ConversationKind,
    Message,
    MessageRole,
    MessageStatus,
    Run,
    RunStatus,
)
from coaching.safety import answer, screen

from .cards import card_context
from .citations import linked
from .markdown import render

PAGE = 50
# Fragments for script, which sends the token in a header: their forms need none.
FRAGMENT = {"csrf_token": "NOTPROVIDED"}


class Thread:
    """The last turns of a conversation, up to its head or up to the message before `before`."""

    def __init__(
        self,
        user: User,
        conversation: Conversation,
        *,
        before: UUID | None = None,
        request: HttpRequest | None = None,
    ) -> None:
        self._user = user
        self._request = request
        head = conversation.head_id
        if before is not None:
            head = (
                Message.objects.filter(pk=before, conversation=conversation)
                .values_list("parent_id", flat=True)
                .first()
            )
        steps = path_with_versions(head, limit=PAGE + 1) if head else []
        self.has_earlier = len(steps) > PAGE
        self.steps = steps[-PAGE:]
        self.rows = _rows(self.steps)
        self.active_run = self._active(conversation)

    @property
    def earlier(self) -> UUID | None:
        """The message whose predecessors are not shown, if there are any."""
        return self.steps[0].id if self.has_earlier else None

    def messages(self) -> list[dict[str, Any]]:
        """The context of every message."""
        idle = self.active_run is None
        said = [row.pk for row in self.rows.values() if row.role == MessageRole.USER]
        receipts = receipts_for(self._user, said) if said else {}
        open_slugs = readable(_cited(self.rows.values()))
        return [
            message_context(
                self._user,
                step,
                self.rows[step.id],
                idle=idle,
                is_last=step is self.steps[-1],
                request=self._request,
                open_slugs=open_slugs,
                receipts=receipts.get(step.id, ()),
            )
            for step in self.steps
            if step.id in self.rows
        ]

    def _active(self, conversation: Conversation) -> dict[str, Any] | None:
        last = self.rows.get(self.steps[-1].id) if self.steps else None
        run: Run | None = getattr(last, "run", None)
        if run is None or run.status != RunStatus.RUNNING:
            return None
        if sweeping.fail_if_silent(run):
            self.rows = _rows(self.steps)
            return None
        return {"id": run.pk, "last_seq": run.last_sequence}


def message_context(
    user: User,
    step: Step,
    row: Message,
    *,
    idle: bool,
    is_last: bool,
    request: HttpRequest | None = None,
    receipts: Sequence[Receipt] = (),
    open_slugs: Collection[str] = (),
) -> dict[str, Any]:
    """The context of one message, as `_message.html` takes it. `idle`: nothing is being answered.

    `open_slugs` are the articles among its sources that people may read.
    """
    sources = shown(row.entities.get("sources", []), open_slugs)
    run = getattr(row, "run", None)
    is_coach = row.role == MessageRole.ASSISTANT
    feedback = getattr(row, "feedback", None)
    over = (MessageStatus.COMPLETE, MessageStatus.STOPPED)
    can_act = is_coach and idle and is_last
    return {
        "id": row.pk,
        "role": row.role,
        "html": linked(html_of(user, row), sources) if is_coach else "",
        "sources": sources,
        "receipts": receipts,
        "text": row.content,
        "status": row.status,
        "is_crisis": row.is_crisis,
        "cards": [
            card_context(user, row.pk, call, request)
            for call in row.function_calls
            if call.get("status") != "invalid"
        ],
        "attachments": [
            {
                "id": file.pk,
                "name": file.name,
                "type": file.type,
                "size": file.size,
                "url": reverse("coach_attachment", args=[file.pk]),
            }
            for file in ([] if is_coach else row.attachments.all())
        ],
        "branch": _branch(step),
        "created_at": row.created_at,
        "can_edit": not is_coach and idle,
        "can_regenerate": can_act and not row.is_crisis and row.status in over,
        "can_retry": can_act and row.status == MessageStatus.FAILED,
        "run": run.pk if run else None,
        "rating": feedback.rating if feedback else None,
    }


def html_of(user: User, message: Message) -> str:
    """The text of an answer as HTML; a crisis answer keeps its working links."""
    if message.is_crisis and message.parent is not None:
        hit = screen(message.parent.content, country=user.country, locale=user.locale)
        if hit is not None:
            return answer(user, hit).html
    return render(message.content)


def own_conversation(user: User, conversation_id: UUID) -> Conversation:
    """The person's conversation with the coach; raises `Refused` 404."""
    conversation = Conversation.objects.filter(
        pk=conversation_id, user=user, kind=ConversationKind.COACH
    ).first()
    if conversation is None:
        raise not_found()
    return conversation


def message_html(user: User, message_id: UUID) -> str:
    """The whole of `_message.html` for an answer, as `run.finished` carries it."""
    row = (
        Message.objects.filter(pk=message_id, user=user)
        .select_related("run", "feedback")
        .defer("run__events")
        .first()
    )
    if row is None:
        return ""
    step = path_with_versions(row.pk, limit=1)[0]
    context = message_context(
        user, step, row, idle=True, is_last=True, open_slugs=readable(_cited([row]))
    )
    return render_to_string(
        "coaching/chat/_message.html", {**FRAGMENT, "message": context, "user": user}
    )


def _cited(rows: Iterable[Message]) -> set[str]:
    return {source["slug"] for row in rows for source in row.entities.get("sources", [])}


def _rows(steps: Iterable[Step]) -> dict[UUID, Message]:
    return (
        Message.objects.select_related("run", "feedback", "parent")
        .defer("run__events")
        .prefetch_related("attachments")
        .in_bulk([step.id for step in steps])
    )


def _branch(step: Step) -> dict[str, Any]:
    index = step.versions.index(step.id)
    return {
        "index": index + 1,
        "total": len(step.versions),
        "previous": step.versions[index - 1] if index else None,
        "next": step.versions[index + 1] if index + 1 < len(step.versions) else None,
    }
