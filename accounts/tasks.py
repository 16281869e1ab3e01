"""People's data in the background: exports, erasures, housekeeping. All of it runs on the `batch` queue."""

from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from accounts.rest import idempotency


@shared_task
def prune_idempotency_keys() -> None:
    """Forgets answers to repeated writes that no client will ask for any more."""
    idempotency.prune(timezone.now() - timedelta(days=settings.IDEMPOTENCY_KEEP_DAYS))
