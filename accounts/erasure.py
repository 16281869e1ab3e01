"""Being forgotten: asked for at once, done after a grace period, and never half."""

import logging
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import FileField
from django.utils import timezone

from accounts.belongings import files_of
from accounts.models import DataRequest, DataRequestKind, DataRequestState, User
from accounts.sessions import sign_out_everywhere

logger = logging.getLogger(__name__)


def ask(user: User) -> DataRequest:
    """Marks `user` for erasure and signs them out everywhere; asking again changes nothing.

    Nothing is sent to them any more. Signing in within the grace period takes it back.
    """
    now = timezone.now()
    with transaction.atomic():
        locked = User.objects.select_for_update().get(pk=user.pk)
        request, is_new = DataRequest.objects.get_or_create(
            user=locked,
            kind=DataRequestKind.ERASURE,
            state=DataRequestState.ASKED,
            defaults={"asked_at": now, "expires_at": now + grace()},
        )
        if is_new or locked.deleted_at is None:
            locked.deleted_at = now
            locked.save(update_fields=["deleted_at", "updated_at"])
            locked.devices.all().delete()
    sign_out_everywhere(user)
    user.deleted_at = locked.deleted_at
    return request


def cancel(user: User) -> bool:
    """Takes a wish to be erased back; returns whether there was one."""
    with transaction.atomic():
        locked = User.objects.select_for_update().get(pk=user.pk)
        if locked.deleted_at is None:
            return False
        locked.deleted_at = None
        locked.save(update_fields=["deleted_at", "updated_at"])
        DataRequest.objects.filter(
            user=user, kind=DataRequestKind.ERASURE, state=DataRequestState.ASKED
        ).update(state=DataRequestState.CANCELLED, finished_at=timezone.now())
    user.deleted_at = None
    return True


def erase_due(now: datetime | None = None) -> int:
    """Erases everybody whose grace period is over at the moment `now`; returns how many.

    Somebody who cannot be erased is logged, keeps nobody else waiting, and is tried again the next time.
    """
    before = (now or timezone.now()) - grace()
    due = User.objects.filter(deleted_at__lte=before).values_list("pk", flat=True)
    erased = 0
    for pk in list(due):
        try:
            erased += erase(pk, before)
        except DatabaseError:
            logger.exception("erasure_failed user=%s", pk)
    return erased


def erase(pk: UUID, deleted_before: datetime) -> bool:
    """Deletes one person with everything that belongs to them, rows first, then files.

    Somebody who signed in again in the meantime stays: returns False.
    """
    with transaction.atomic():
        user = (
            User.objects.select_for_update().filter(pk=pk, deleted_at__lte=deleted_before).first()
        )
        if user is None:
            return False
        files = files_of(user)
        user.delete()
        transaction.on_commit(lambda: _delete_files(files))
    return True


def grace() -> timedelta:
    return timedelta(days=settings.ERASURE_GRACE_DAYS)


def _delete_files(files: list[tuple[FileField, str]]) -> None:
    for field, name in files:
        field.storage.delete(name)
