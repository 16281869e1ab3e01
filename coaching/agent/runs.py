"""Beginning an answer: the person's message is saved, the reply is made, and the run is theirs.

Each verb takes the id that the sender gave its request. The same id again, also at the same moment on
another connection, adds nothing and gives the run that the first one began.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from coaching.models import (
    Attachment,
    Conversation,
    ConversationChannel,
    ConversationKind,
    Message,
    MessageRole,
    MessageStatus,
    Run,
    RunStatus,
)

from . import sweeping

TITLE_LENGTH = 60
MAX_TEXT = 8000
MAX_ATTACHMENTS = 8


class Refused(Exception):
    """The request cannot be followed; `status` is the HTTP status that says so."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail


def not_found() -> Refused:
    return Refused(404, "not_found", "There is no such thing here.")


@dataclass(frozen=True)
class Started:
    """A run, with the rows it is about; `is_duplicate` says that an earlier request began it."""

    run: Run
    request: Message
    reply_id: UUID
    is_duplicate: bool = False


def send(
    user: User,
    text: str,
    *,
    client_id: str,
    conversation_id: UUID | None = None,
    attachments: Sequence[UUID] = (),
    channel: str = ConversationChannel.WEB,
    page: str = "",
) -> Started:
    """Saves what the person wrote, in a new conversation when none is named, and begins the answer.

    Raises `Refused`: 400 for an empty or too long text, 404 for what is not the person's own, 409 while
    the coach is still answering in this conversation.
    """
    text = text.strip().replace("\0", "")
    _check_text(text, has_attachments=bool(attachments))
    if len(attachments) > MAX_ATTACHMENTS:
        raise Refused(400, "too_many_attachments", f"At most {MAX_ATTACHMENTS} files a message.")

    def begin() -> Started:
        now = timezone.now()
        if conversation_id is None:
            conversation = Conversation.objects.create(
                user=user, channel=channel, title=title_of(text), last_message_at=now
            )
        else:
            conversation = _lock(user, conversation_id)
        message = Message.objects.create(
            conversation=conversation,
            user=user,
            parent_id=conversation.head_id,
            role=MessageRole.USER,
            content=text,
            client_id=client_id,
            entities={"page": page[:200]} if page else {},
            created_at=now,
        )
        if attachments:
            wanted = set(attachments)
            linked = Attachment.objects.filter(
                user=user, message__isnull=True, pk__in=wanted
            ).update(message=message)
            if linked != len(wanted):
                raise not_found()
        return _begin(conversation, message, added=2)

    return _once(user, client_id, begin)


def regenerate(user: User, message_id: UUID, *, client_id: str) -> Started:
    """Begins another answer beside the reply `message_id`."""

    def begin() -> Started:
        reply = _own(user, message_id, MessageRole.ASSISTANT)
        conversation = _lock(user, reply.conversation_id)
        if reply.parent is None or reply.is_crisis:
            raise Refused(409, "cannot_regenerate", "This answer stands as it is.")
        return _begin(conversation, reply.parent, reply_client_id=client_id)

    return _once(user, client_id, begin)


def edit(user: User, message_id: UUID, text: str, *, client_id: str) -> Started:
    """Begins a branch beside the person's message `message_id`, with another text and an answer to it."""
    text = text.strip().replace("\0", "")
    _check_text(text)

    def begin() -> Started:
        old = _own(user, message_id, MessageRole.USER)
        conversation = _lock(user, old.conversation_id)
        message = Message.objects.create(
            conversation=conversation,
            user=user,
            parent_id=old.parent_id,
            role=MessageRole.USER,
            content=text,
            client_id=client_id,
            entities=old.entities,
        )
        return _begin(conversation, message, added=2)

    return _once(user, client_id, begin)


def retry(user: User, run_id: UUID) -> Started:
    """Answers again what the failed run `run_id` did not; asked twice, it begins once."""
    client_id = f"retry:{run_id}"

    def begin() -> Started:
        run = Run.objects.filter(pk=run_id, user=user).select_related("request").first()
        if run is None:
            raise not_found()
        conversation = _lock(user, run.conversation_id)
        run.refresh_from_db(fields=["status"])
        if run.status != RunStatus.FAILED:
            raise Refused(409, "not_failed", "This answer did not fail.")
        return _begin(conversation, run.request, reply_client_id=client_id)

    return _once(user, client_id, begin)


def select_branch(user: User, message_id: UUID) -> Conversation:
    """Shows the branch of `message_id`: its newest end becomes the head of the conversation."""
    with transaction.atomic():
        message = Message.objects.filter(pk=message_id, user=user).first()
        if message is None:
            raise not_found()
        conversation = _lock(user, message.conversation_id)
        rows = Message.objects.filter(conversation=conversation).order_by("id")
        # Later pairs replace earlier ones, so that the newest child of each parent stays.
        children = {parent: child for child, parent in rows.values_list("id", "parent_id")}
        leaf = message.pk
        while leaf in children:
            leaf = children[leaf]
        Conversation.objects.filter(pk=conversation.pk).update(head_id=leaf)
    return conversation


def title_of(text: str) -> str:
    """The first words of a text, as the name of a conversation."""
    line = " ".join(text.split())
    if len(line) <= TITLE_LENGTH:
        return line.rstrip(" .!?,;:")
    return line[:TITLE_LENGTH].rsplit(" ", 1)[0].rstrip(" .!?,;:") + "…"


def _begin(
    conversation: Conversation,
    request: Message,
    *,
    added: int = 1,
    reply_client_id: str | None = None,
) -> Started:
    reply = Message.objects.create(
        conversation=conversation,
        user_id=conversation.user_id,
        parent=request,
        role=MessageRole.ASSISTANT,
        status=MessageStatus.STREAMING,
        client_id=reply_client_id,
    )
    run = Run.objects.create(
        user_id=conversation.user_id, conversation=conversation, request=request, reply=reply
    )
    Conversation.objects.filter(pk=conversation.pk).update(
        head=reply, last_message_at=timezone.now(), message_count=F("message_count") + added
    )
    return Started(run, request, reply.pk)


def _once(user: User, client_id: str, begin: Callable[[], Started]) -> Started:
    """Runs `begin` in a transaction unless `client_id` began a run already."""
    if not 1 <= len(client_id) <= 64 or not client_id.isprintable():
        raise Refused(400, "client_id_invalid", "A client id has 1 to 64 characters.")
    try:
        with transaction.atomic():
            return begin()
    except (IntegrityError, Refused):
        # Repeats are rare, so they are recognized by what they run into: the id that is taken, or the
        # answer of the first one that is under way.
        found = _begun(user, client_id)
        if found is not None:
            return found
        raise


def _begun(user: User, client_id: str) -> Started | None:
    message = Message.objects.filter(user=user, client_id=client_id).first()
    if message is None:
        return None
    runs = Run.objects.select_related("request")
    if message.role == MessageRole.USER:
        run = runs.filter(request=message).order_by("id").first()
    else:
        run = runs.filter(reply=message).first()
    if run is None:
        return None
    return Started(run, run.request, run.reply_id, is_duplicate=True)


def _lock(user: User, conversation_id: UUID) -> Conversation:
    """The person's conversation with the coach, locked, with nothing running in it.

    A consultation has a way of its own to go on.
    """
    conversation = (
        Conversation.objects.select_for_update()
        .filter(pk=conversation_id, user=user, kind=ConversationKind.COACH)
        .first()
    )
    if conversation is None:
        raise not_found()
    running = Run.objects.filter(conversation=conversation, status=RunStatus.RUNNING).first()
    if running is not None and not sweeping.fail_if_silent(running):
        raise Refused(
            409, "still_answering", "The coach is still answering. Wait for it, or stop it first."
        )
    return conversation


def _own(user: User, message_id: UUID, role: str) -> Message:
    message = (
        Message.objects.filter(pk=message_id, user=user, role=role).select_related("parent").first()
    )
    if message is None:
        raise not_found()
    return message


def _check_text(text: str, *, has_attachments: bool = False) -> None:
    if not text and not has_attachments:
        raise Refused(400, "empty", "Write something first.")
    if len(text) > MAX_TEXT:
        raise Refused(400, "too_long", f"A message has at most {MAX_TEXT} characters.")
