"""Pages of tasks over gRPC: a token names the last row of a page, so that no page misses or repeats one."""

import binascii
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from uuid import UUID

from django.db.models import F, Q
from django.db.models.expressions import Combinable

from accounts.rpc.refusing import Invalid
from productivity.models import Task
from productivity.querysets import TaskQuerySet
from productivity.searching import due_order

USUAL_SIZE = 50
MOST = 200
LONGEST_TOKEN = 300


def newest(tasks: TaskQuerySet, size: int, token: str) -> tuple[list[Task], str]:
    """A page in the order in which tasks were made, the newest first, and the token of the next one."""
    after = _decoded(token, "newest")
    if after is not None:
        tasks = tasks.filter(pk__lt=after[1])
    return _page(tasks.order_by("-id"), size, "newest")


def by_due(tasks: TaskQuerySet, size: int, token: str) -> tuple[list[Task], str]:
    """A page in the order in which tasks are due; what has no date stands last."""
    return _in_order_of(tasks, due_order(), "due", size, token)


def by_change(tasks: TaskQuerySet, size: int, token: str) -> tuple[list[Task], str]:
    """A page in the order in which tasks changed, the oldest change first."""
    return _in_order_of(tasks, F("updated_at"), "change", size, token)


def _in_order_of(
    tasks: TaskQuerySet, key: Combinable, name: str, size: int, token: str
) -> tuple[list[Task], str]:
    rows = tasks.alias(order_key=key).annotate(order_value=F("order_key"))
    after = _decoded(token, name)
    if after is not None:
        value, row = after
        rows = rows.filter(Q(order_value__gt=value) | Q(order_value=value, pk__gt=row))
    return _page(rows.order_by("order_value", "id"), size, name)


def _page(rows: TaskQuerySet, size: int, name: str) -> tuple[list[Task], str]:
    if not 0 <= size <= MOST:
        raise Invalid(page_size=f"A number from 1 to {MOST}.")
    size = size or USUAL_SIZE
    found = list(rows[: size + 1])
    if len(found) <= size:
        return found, ""
    last = found[size - 1]
    value = getattr(last, "order_value", last.created_at)
    written = json.dumps([name, value.isoformat(), last.pk.hex])
    return found[:size], urlsafe_b64encode(written.encode()).decode()


def _decoded(token: str, order: str) -> tuple[datetime, UUID] | None:
    if not token:
        return None
    try:
        if len(token) > LONGEST_TOKEN:
            raise ValueError
        name, value, row = json.loads(urlsafe_b64decode(token.encode()))
        moment = datetime.fromisoformat(value)
        if name != order or moment.tzinfo is None:
            raise ValueError
        return moment, UUID(hex=row)
    except (ValueError, TypeError, AttributeError, OverflowError, binascii.Error):
        raise Invalid(page_token="This token is not of this list.") from None  # noqa: S106
