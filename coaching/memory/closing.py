"""Which memories of one fact still hold, worked out anew whenever one of them comes, changes or goes."""

from django.db import transaction

from accounts.models import User
from coaching.models import EpisodicMemory, MemoryState, MemoryStatus

from .contradiction import Statement, closings


def statement_of(memory: EpisodicMemory) -> Statement:
    """A memory as far as it can contradict another."""
    return Statement(
        memory.memory_description,
        memory.original_timestamp,
        memory.subject,
        memory.slot,
        "",
        memory.pk,
        memory.ordinal,
    )


def work_out(user: User, subject: str, slot: str) -> None:
    """Closes what a later memory of this fact contradicts, and opens what no memory contradicts any more.

    All of that fact are looked at together, so that it does not matter in which order they were heard of,
    or which of them was forgotten or called wrong. What waits for a yes closes nothing before it has it.
    Without a slot nothing is stated that could change.
    """
    if not slot:
        return
    with transaction.atomic():
        list(User.objects.select_for_update(no_key=True).only("pk").filter(pk=user.pk))
        line = EpisodicMemory.objects.filter(
            user=user, subject__iexact=subject, slot__iexact=slot, state__status=MemoryStatus.KEPT
        )
        for pk, end in closings([statement_of(each) for each in line]).items():
            ended, by = end if end is not None else (None, None)
            MemoryState.objects.filter(user=user, memory=pk).exclude(
                valid_until=ended, superseded_by=by
            ).update(valid_until=ended, superseded_by=by)
