"""Handing work over once a change is committed; what the queue loses the sweeps find."""

import logging
from functools import partial, update_wrapper

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


def after_commit(task: str, *arguments: str) -> None:
    """Has `task` ("momentum.tasks.score_person") run with `arguments` once the change at hand is committed.

    Queues are chosen by the task's name. Without a broker nothing fails and nobody waits: it is logged. What is
    handed over like this has a sweep that finds what was not done.
    """
    # Django names what failed by its `__qualname__`, which a partial has only when it is given one.
    sending = update_wrapper(partial(_send, task, *arguments), _send)
    transaction.on_commit(sending, robust=True)


def _send(task: str, *arguments: str) -> None:
    try:
        current_app.send_task(task, list(arguments), retry=False)
    except (OperationalError, OSError) as error:
        logger.warning(
            "task_not_queued task=%s arguments=%s reason=%s", task, ",".join(arguments), error
        )
