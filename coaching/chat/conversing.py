"""What a person can ask of the conversation, whatever brought the request: a socket, the API, a form."""

from collections.abc import Sequence
from uuid import UUID

from django.conf import settings

from accounts.models import User
from coaching.agent import runs
from coaching.agent.live import Job, make_job
from coaching.agent.runs import Refused, Started

from .limits import PerPerson

_sends = PerPerson(settings.COACH_SENDS_PER_MINUTE)


def _count(user: User) -> None:
    if not _sends.take(user.pk):
        raise Refused(429, "too_fast", "That is faster than I can read. Give me a moment.")


def _job(user: User, started: Started) -> tuple[Started, Job | None]:
    return started, None if started.is_duplicate else make_job(user, started)


def send(
    user: User,
    text: str,
    *,
    client_id: str,
    conversation: UUID | None,
    attachments: Sequence[UUID],
    channel: str,
    page: str = "",
) -> tuple[Started, Job | None]:
    """Saves a message and prepares its answer; no job when it was sent before. Raises `Refused`."""
    _count(user)
    started = runs.send(
        user,
        text,
        client_id=client_id,
        conversation_id=conversation,
        attachments=attachments,
        channel=channel,
        page=page,
    )
    return _job(user, started)


def regenerate(user: User, message: UUID, *, client_id: str) -> tuple[Started, Job | None]:
    """Prepares another answer beside `message`. Raises `Refused`."""
    _count(user)
    return _job(user, runs.regenerate(user, message, client_id=client_id))


def edit(user: User, message: UUID, text: str, *, client_id: str) -> tuple[Started, Job | None]:
    """Saves another version of the person's `message` and prepares its answer. Raises `Refused`."""
    _count(user)
    return _job(user, runs.edit(user, message, text, client_id=client_id))


def retry(user: User, run: UUID) -> tuple[Started, Job | None]:
    """Prepares a new answer in place of the one that failed. Raises `Refused`."""
    _count(user)
    return _job(user, runs.retry(user, run))


def acknowledgement(started: Started, client_id: str) -> dict[str, object]:
    """What the sender is told at once."""
    return {
        "type": "ack",
        "client_id": client_id,
        "conversation": str(started.run.conversation_id),
        "message": str(started.request.pk),
        "reply": str(started.reply_id),
        "run": str(started.run.pk),
        "duplicate": started.is_duplicate,
    }
