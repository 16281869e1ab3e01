"""People's data in the background: exports, erasures, housekeeping. All of it runs on the `batch` queue."""

from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from accounts import erasure, exports
from accounts.models import DataRequest, User
from accounts.rest import idempotency


@shared_task
def make_export(pk: str) -> None:
    """Writes one person's export."""
    exports.make(pk)


def start_export(user: User) -> DataRequest:
    """The open export of `user`, on its way to a worker. A second task for it finds nothing to do."""
    request = exports.ask(user)

    def enqueue() -> None:
        # Without a broker nobody is kept waiting: the sweep finds the request later.
        make_export.apply_async((str(request.pk),), retry=False)

    transaction.on_commit(enqueue, robust=True)
    return request


@shared_task
def sweep_exports() -> None:
    """Picks up exports whose task was lost, and deletes those nobody may fetch any more."""
    for pk in exports.unfinished():
        make_export.delay(str(pk))
    exports.expire()


@shared_task
def erase_people() -> None:
    """Erases those whose grace period is over."""
    erasure.erase_due()


@shared_task
def prune_idempotency_keys() -> None:
    """Forgets answers to repeated writes that no client will ask for any more."""
    idempotency.prune(timezone.now() - timedelta(days=settings.IDEMPOTENCY_KEEP_DAYS))


@shared_task
def clear_sessions() -> None:
    """Deletes sessions and tokens that are over."""
    call_command("clearsessions")
