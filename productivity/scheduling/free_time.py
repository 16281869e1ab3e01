"""What is free of a person's time: their hours without what is taken, with a buffer around it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db.models import Q

from accounts.models import User
from coaching.toolkit import busy_between
from productivity.models import Task

from .hours import Hours, hours_for
from .lengths import Lengths, lengths_of
from .spans import Stretch, cut, without

# What has begun before a span may reach into it.
LONGEST = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Taken:
    """A stretch that is taken, and by what in words. Tasks of the person also tell which, and their category."""

    span: Stretch
    words: str
    task_id: UUID | None = None
    category: str = ""


@dataclass(frozen=True)
class Calendar:
    """What is taken and what is free of a person's time between `now` and `until`."""

    user: User
    now: datetime
    until: datetime
    hours: Hours
    taken: tuple[Taken, ...]
    lengths: Lengths

    def others(self, but: UUID | None = None) -> list[Taken]:
        """Everything that is taken, but for the slot of the task `but`."""
        return [one for one in self.taken if but is None or one.task_id != but]

    def free_for(
        self,
        category: str,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        but: UUID | None = None,
    ) -> list[Stretch]:
        """Where a task of `category` may lie: in its hours, in the future, clear of everything taken."""
        since = max(since or self.now, self.now)
        until = min(until or self.until, self.until)
        if since >= until:
            return []
        taken = [one.span.widened(self.hours.buffer) for one in self.others(but)]
        return cut(without(self.hours.open_for(category, since, until), taken), since, until)

    def free(self, since: datetime, until: datetime) -> list[Stretch]:
        """What is free for anything, without buffers: the person's whole window without what is taken."""
        since = max(since, self.now)
        if since >= until:
            return []
        taken = [one.span for one in self.taken]
        return cut(without(self.hours.window(since, until), taken), since, until)

    def in_the_way(self, span: Stretch, but: UUID | None = None) -> Taken | None:
        """What a slot runs into, the buffer left aside."""
        return next((one for one in self.others(but) if one.span.overlaps(span)), None)

    def too_near(self, span: Stretch, but: UUID | None = None) -> Taken | None:
        """What a slot does not leave the buffer to."""
        wide = span.widened(self.hours.buffer)
        return next((one for one in self.others(but) if one.span.overlaps(wide)), None)


def calendar_of(user: User, *, now: datetime, until: datetime) -> Calendar:
    """The person's calendar; a handful of queries, however many tasks there are."""
    now, until = now.astimezone(UTC), until.astimezone(UTC)
    lengths = lengths_of(user)
    declared = (
        Taken(_utc(busy.starts_at, busy.ends_at), busy.words)
        for busy in busy_between(user, now, until)
    )
    taken = sorted(
        [*declared, *_tasks(user, now, until, lengths)], key=lambda one: (one.span, one.words)
    )
    return Calendar(user, now, until, hours_for(user), tuple(taken), lengths)


def _tasks(user: User, now: datetime, until: datetime, lengths: Lengths) -> Iterable[Taken]:
    """Slots of open tasks, and what is being done right now until it should be over."""
    planned = Q(planned_start__lt=until, planned_start__gt=now - LONGEST, planned_end__gt=now)
    begun = Q(started_at__gt=now - LONGEST, started_at__lte=now)
    for task in Task.objects.for_user(user).open().filter(planned | begun):
        words = f"“{task.title}”"
        if task.planned_start and task.planned_end and task.planned_end > now:
            span = _utc(task.planned_start, task.planned_end)
            yield Taken(span, words, task.pk, task.category)
        if task.started_at:
            span = _utc(task.started_at, task.started_at + lengths.of(task).span)
            if span.ends > now:
                yield Taken(span, words, task.pk, task.category)


def _utc(starts: datetime, ends: datetime) -> Stretch:
    return Stretch(starts.astimezone(UTC), ends.astimezone(UTC))
