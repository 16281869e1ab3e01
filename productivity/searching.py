"""Finding tasks: by their words, by what they are, and in which order.

Words are compared without case and accents: a person who types "creme" finds "Crème". Nothing but PostgreSQL's own
functions is needed for it, and a person's tasks are few enough to be looked through.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import (
    BooleanField,
    Count,
    DateTimeField,
    F,
    Func,
    Q,
    TextField,
    Value,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Concat
from django.utils import timezone

from accounts.models import User, time_ordered_id
from productivity.history import Act, hold
from productivity.models import Task, TaskEventType, TaskStatus
from productivity.querysets import OPEN, TaskQuerySet

LONGEST_SEARCH = 200
MOST_WORDS = 12
MOST_CATEGORIES = 200
# The states of the list's filter that are more than one status.
OPEN_STATES = "open"
# What has no due moment stands behind everything that has one.
NEVER_DUE = datetime(9999, 12, 31, tzinfo=UTC)


class Folded(Func):
    """A text without accents and in lower case; letters that only look like one with an accent become it, too."""

    output_field = TextField()
    arity = 1
    template = (
        "replace(replace(replace(translate(lower(regexp_replace(normalize(%(expressions)s, NFKD),"
        r" '[\u0300-\u036f]', '', 'g')), 'øłđħı', 'oldhi'), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe')"
    )


class _LikeAll(Func):
    """Whether the first text is like every one of the others; the first is worked out once."""

    output_field = BooleanField()

    def as_sql(self, compiler: Any, connection: Any, *_: Any, **context: Any) -> Any:
        text, *patterns = [compiler.compile(part) for part in self.source_expressions]
        joined = ", ".join(sql for sql, _ in patterns)
        parameters = [value for _, values in (text, *patterns) for value in values]
        return f"({text[0]} LIKE ALL (ARRAY[{joined}]))", parameters


def matching(tasks: TaskQuerySet, text: str) -> TaskQuerySet:
    """Those of `tasks` in whose title, description or category every word of `text` is found."""
    words = text.split()[:MOST_WORDS]
    if not words:
        return tasks
    where = Concat(
        "title", Value(" "), "description", Value(" "), "category", output_field=TextField()
    )
    patterns = [Folded(Value(f"%{_literal(word)}%")) for word in words]
    return tasks.filter(_LikeAll(Folded(where), *patterns))


def _literal(word: str) -> str:
    """The word as `LIKE` takes it for itself."""
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def filtered(tasks: TaskQuerySet, wanted: Mapping[str, Any]) -> TaskQuerySet:
    """Those of `tasks` that fit every one of the filters given.

    `status` (or "open"), `category` ("" for none), `priority`, `due_from` and `due_to` (moments; the end is outside),
    `parent` (`None` for what is nobody's step), `q`.
    """
    status = wanted.get("status")
    if status == OPEN_STATES:
        tasks = tasks.filter(status__in=OPEN)
    elif status:
        tasks = tasks.filter(status=status)
    for name, condition in (
        ("category", "category"),
        ("priority", "priority"),
        ("due_from", "due_at__gte"),
        ("due_to", "due_at__lt"),
    ):
        if name in wanted:
            tasks = tasks.filter(**{condition: wanted[name]})
    if "parent" in wanted:
        parent: UUID | None = wanted["parent"]
        tasks = tasks.filter(parent=parent) if parent else tasks.filter(parent__isnull=True)
    return matching(tasks, wanted.get("q", ""))


def due_order() -> Combinable:
    """The due moment, with the end of all days for what has none."""
    return Coalesce(F("due_at"), Value(NEVER_DUE), output_field=DateTimeField())


def categories_of(user: User) -> list[dict[str, Any]]:
    """The person's categories with how many tasks are open and done in each; the fullest first."""
    rows = (
        Task.objects.for_user(user)
        .exclude(category="")
        .values("category")
        .annotate(
            open=Count("pk", filter=Q(status__in=OPEN)),
            done=Count("pk", filter=Q(status=TaskStatus.COMPLETED)),
        )
        .order_by("-open", "-done", "category")
    )
    return [dict(row) for row in rows[:MOST_CATEGORIES]]


def rename_category(
    user: User, category: str, to: str, *, source: str, now: datetime | None = None
) -> tuple[int, UUID | None]:
    """Gives every task of a category, deleted ones too, another one; returns how many, and what undoes it."""
    with transaction.atomic():
        hold(user)
        batch = time_ordered_id()
        act = Act(user, source=source, now=now or timezone.now(), batch=batch)
        theirs = Task.objects.filter(user=user, category=category).exclude(category=to)
        for task in theirs.select_for_update(no_key=True).order_by("id"):
            act.change(task, TaskEventType.MODIFY, {"category": to}, happened="task.edited")
        changed = act.close()
    return len(changed), batch if changed else None
