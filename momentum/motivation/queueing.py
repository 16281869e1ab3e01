"""Handing work over once a change is committed; what the queue loses the sweeper finds."""

import logging
from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

from momentum.models import ReadingSource

logger = logging.getLogger(__name__)


def read_later(source: ReadingSource, source_id: UUID) -> None:
    """Has a text read for what it tells of motivation."""
    _on_commit(partial(_send, "momentum.tasks.read_motivation", source.value, str(source_id)))


def score_later(user_id: UUID, *days: date) -> None:
    """Has the motivation of a person's days scored."""
    for day in sorted(set(days)):
        _on_commit(partial(_send, "momentum.tasks.score_motivation", str(user_id), day.isoformat()))


def _on_commit(send: Callable[[], Any]) -> None:
    transaction.on_commit(send, robust=True)


def _send(task: str, *arguments: str) -> None:
    try:
        current_app.send_task(task, list(arguments), queue="batch", retry=False)
    except (OperationalError, OSError) as error:
        logger.warning("motivation_not_queued task=%s reason=%s", task, error)
