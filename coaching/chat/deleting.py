"""Deleting conversations for good, with the files that were attached to them."""

from functools import partial
from uuid import UUID

from django.db import transaction

from accounts.models import User
from coaching.models import Attachment

from .thread import own_conversation


def remove_conversation(user: User, conversation_id: UUID) -> None:
    """Deletes a conversation with its messages and files. Raises `Refused` 404."""
    found = own_conversation(user, conversation_id)
    attached = Attachment.objects.filter(message__conversation=found)
    files = [(row.file.storage, str(row.file.name)) for row in attached]
    found.delete()
    # Only when the rows are gone for good: a file cannot be brought back.
    for storage, name in files:
        transaction.on_commit(partial(storage.delete, name))
