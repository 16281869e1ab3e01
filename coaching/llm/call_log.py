"""A row per call of a model, written behind the stream and never in its way."""

import asyncio
import logging

from channels.db import database_sync_to_async
from django.db import DatabaseError, IntegrityError

from coaching.models import ModelCall

from .per_loop import PerLoop

TRIES = 3
PAUSE_SECONDS = 1.0
logger = logging.getLogger(__name__)


class _Writer:
    """Writes what has gathered while the last write was under way: one insert for many calls under load."""

    def __init__(self) -> None:
        self._rows: list[ModelCall] = []
        self._task: asyncio.Task[None] | None = None

    def add(self, row: ModelCall) -> None:
        self._rows.append(row)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._write())

    async def settle(self) -> None:
        while self._task is not None and not self._task.done():
            await asyncio.wait([self._task])

    async def _write(self) -> None:
        while self._rows:
            rows, self._rows = self._rows, []
            await _keep(rows)


_writers: PerLoop[_Writer] = PerLoop(_Writer)


def record(row: ModelCall) -> None:
    """Has the row written soon; needs a running event loop."""
    _writers.get().add(row)


async def settle() -> None:
    """Waits until every row recorded in this event loop is written (or given up)."""
    await _writers.get().settle()


async def _keep(rows: list[ModelCall]) -> None:
    for left in reversed(range(TRIES)):
        try:
            await _insert(rows)
        except DatabaseError as error:
            if not left:
                logger.error("%d model calls could not be recorded: %s", len(rows), error)
                return
            await asyncio.sleep(PAUSE_SECONDS)
        else:
            return


@database_sync_to_async
def _insert(rows: list[ModelCall]) -> None:
    try:
        ModelCall.objects.bulk_create(rows)
    except IntegrityError:
        if len(rows) == 1:
            logger.info("A model call was not recorded: its person is gone.")
            return
        for row in rows:
            try:
                row.save(force_insert=True)
            except IntegrityError:
                logger.info("A model call was not recorded: its person is gone.")
