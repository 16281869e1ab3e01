"""Pages of tasks: a cursor that names the last row seen, so that no page misses or repeats one.

Hundreds of tasks may share a due moment, none at all, or the moment of one import: a cursor that counts rows of the
same value would end there.
"""

import binascii
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from accounts.rest.pagination import NewestFirst
from accounts.rest.sync import updated_since
from productivity.models import Task
from productivity.querysets import urgency_order
from productivity.searching import due_order

ORDERINGS = ("due", "urgency", "created", "updated")
NEWEST = "-created"
CHOICES = [*ORDERINGS, *(f"-{name}" for name in ORDERINGS)]


class TaskPages(NewestFirst):
    """Pages of tasks in one of `ORDERINGS`; a client that asks for changes gets them in their order."""

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> Any:
        self._request = request
        self._size = self.get_page_size(request)
        after = _decoded(request.query_params.get(self.cursor_query_param))
        self._name, descending = _ordering(request)
        # The order by urgency stays the one of the first page.
        self._now = after.now if after else timezone.now()
        rows = _valued(queryset, self._name, self._now)
        if after is not None:
            rows = rows.filter(_beyond(self._name, after, descending))
        sign = "-" if descending else ""
        order = ["id"] if self._name == "created" else ["order_value", "id"]
        found = list(rows.order_by(*(f"{sign}{name}" for name in order))[: self._size + 1])
        self._last = found[self._size - 1] if len(found) > self._size else None
        return found[: self._size]

    def get_paginated_response(self, data: Any) -> Response:
        following = None
        if self._last is not None:
            cursor = _encoded(self._last, self._name, self._now)
            url = self._request.build_absolute_uri()
            following = replace_query_param(url, self.cursor_query_param, cursor)
        return Response({"next": following, "previous": None, "results": data})


class _After:
    """What a cursor says: the last row of the page before, and the moment of the first page."""

    def __init__(self, value: Any, row: UUID, now: datetime) -> None:
        self.value, self.row, self.now = value, row, now


def _ordering(request: Request) -> tuple[str, bool]:
    if updated_since(request) is not None:
        return "updated", False
    written = request.query_params.get("ordering", NEWEST)
    if written not in CHOICES:
        raise ValidationError({"ordering": [f"Choose one of {', '.join(CHOICES)}."]})
    name = written.removeprefix("-")
    # What is most urgent stands first when nothing else is said, as does what is due first.
    return name, written.startswith("-") != (name == "urgency")


def _valued(tasks: QuerySet[Task], name: str, now: datetime) -> QuerySet[Task]:
    """The tasks with what they are ordered by as `order_value`. Keys are time-ordered, so "created" needs none."""
    if name == "urgency":
        return tasks.annotate(order_value=urgency_order(now))
    if name == "due":
        return tasks.annotate(order_value=due_order())
    return tasks.annotate(order_value=F("updated_at")) if name == "updated" else tasks


def _beyond(name: str, after: _After, descending: bool) -> Q:
    side = "lt" if descending else "gt"
    if name == "created":
        return Q(**{f"id__{side}": after.row})
    return Q(**{f"order_value__{side}": after.value}) | Q(
        order_value=after.value, **{f"id__{side}": after.row}
    )


def _encoded(row: Task, name: str, now: datetime) -> str:
    value = getattr(row, "order_value", None)
    plain = value.isoformat() if isinstance(value, datetime) else value
    text = json.dumps([name, plain, row.pk.hex, now.isoformat()])
    return urlsafe_b64encode(text.encode()).decode()


def _decoded(cursor: str | None) -> _After | None:
    if cursor is None:
        return None
    try:
        name, value, row, now = json.loads(urlsafe_b64decode(cursor.encode()))
        moment = parse_datetime(now)
        if moment is None or moment.tzinfo is None:
            raise ValueError
        if name in ("due", "updated"):
            value = parse_datetime(value)
        elif name == "urgency":
            value = float(value)
        if name != "created" and value is None:
            raise ValueError
        return _After(value, UUID(hex=row), moment)
    except (ValueError, TypeError, AttributeError, OverflowError, binascii.Error, RecursionError):
        raise NotFound("Invalid cursor") from None
