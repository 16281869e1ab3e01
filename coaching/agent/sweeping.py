"""Runs whose process died: marked failed, with what was said until then, so that the person can retry."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from coaching.models import Message, MessageStatus, Run, RunStatus

from .events import FINISHED, Event, read_stream_now, text_of

DIED = "The answer was interrupted on our side."


def is_silent(run: Run, now: datetime | None = None) -> bool:
    """Whether a running run has not been heard of for too long."""
    limit = timedelta(seconds=settings.COACH_RUN_SILENT_SECONDS)
    return run.status == RunStatus.RUNNING and run.heartbeat_at < (now or timezone.now()) - limit


def fail_if_silent(run: Run) -> bool:
    """Marks `run` failed if its heart stopped; tells whether it did."""
    if not is_silent(run):
        return False
    fail([run.pk], silent_since=run.heartbeat_at)
    run.refresh_from_db()
    return run.status != RunStatus.RUNNING


def sweep(now: datetime | None = None) -> int:
    """Fails every silent run; returns how many."""
    before = (now or timezone.now()) - timedelta(seconds=settings.COACH_RUN_SILENT_SECONDS)
    silent = Run.objects.filter(status=RunStatus.RUNNING, heartbeat_at__lt=before)
    return fail(silent.values_list("pk", flat=True)[:1000], silent_since=before)


def fail(
    run_ids: Iterable[UUID], *, silent_since: datetime | None = None, reason: str = DIED
) -> int:
    """Fails those of the runs that still run, and were not heard of after `silent_since`."""
    failed = 0
    for run_id in list(run_ids):
        events = read_stream_now(run_id)
        with transaction.atomic():
            rows = Run.objects.select_for_update().filter(pk=run_id, status=RunStatus.RUNNING)
            if silent_since is not None:
                rows = rows.filter(heartbeat_at__lte=silent_since)
            run = rows.first()
            if run is None:
                continue
            _fail(run, events, reason)
            failed += 1
    return failed


def _fail(run: Run, events: list[Event], reason: str) -> None:
    reply = Message.objects.get(pk=run.reply_id)
    content = max(reply.content, text_of(events), key=len)
    reply.content = content
    reply.status = MessageStatus.FAILED
    reply.save(update_fields=["content", "status"])
    run.status, run.error = RunStatus.FAILED, reason
    if not events or events[-1]["type"] != FINISHED:
        events.append(end_of(run, reply, len(events) + 1))
    run.events = events
    run.last_sequence = len(events)
    run.finished_at = timezone.now()
    run.save(update_fields=["status", "error", "events", "last_sequence", "finished_at"])


def end_of(run: Run, reply: Message, sequence: int) -> Event:
    """The last event of a run that is over, made from its rows."""
    event: Event = {
        "seq": sequence,
        "run": str(run.pk),
        "type": FINISHED,
        "status": str(run.status),
        "message": {"id": str(reply.pk), "status": str(reply.status), "text": reply.content},
        "retry": run.status == RunStatus.FAILED,
    }
    return event | {"error": run.error} if run.error else event
