"""Stopping an answer, from any process."""

import logging
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from redis import Redis
from redis.exceptions import RedisError

from accounts.models import User
from coaching.models import Run, RunStatus

from . import live, sweeping
from .events import PATIENCE_SECONDS
from .keeper import STOP_CHANNEL
from .runs import not_found

logger = logging.getLogger(__name__)


def stop(user: User, run_id: UUID) -> Run:
    """Asks the run to end and keep what was said; asking twice is asking once. Raises `Refused` 404."""
    run = Run.objects.filter(pk=run_id, user=user).first()
    if run is None:
        raise not_found()
    if run.status != RunStatus.RUNNING or sweeping.fail_if_silent(run):
        return run
    Run.objects.filter(pk=run_id, stop_requested_at=None).update(stop_requested_at=timezone.now())
    here = live.live(run_id)
    if here is not None:
        here.loop.call_soon_threadsafe(here.stop)
    else:
        _tell_others(run_id)
    return run


def _tell_others(run_id: UUID) -> None:
    try:
        with Redis.from_url(
            settings.REDIS_URL,
            socket_timeout=PATIENCE_SECONDS,
            socket_connect_timeout=PATIENCE_SECONDS,
        ) as redis:
            redis.publish(STOP_CHANNEL, str(run_id))
    except (RedisError, OSError) as error:
        # The run's own heartbeat sees the row within seconds.
        logger.warning("stop_not_published id=%s reason=%s", run_id, error)
