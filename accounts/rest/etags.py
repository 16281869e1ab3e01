"""Edits that cannot silently overwrite each other: `ETag` out, `If-Match` in (RFC 9110).

The tag is the moment of the row's last change. `If-Match` uses strong comparison, as the standard asks:
a weak tag (`W/"…"`) never matches. Without `If-Match` an edit goes through.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

from django.db import transaction
from django.utils.http import parse_etags
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response

from .problems import Problem


class Versioned(Protocol):
    """A row that knows when it changed last."""

    updated_at: datetime


def etag_of(row: Versioned) -> str:
    """The strong tag of a row's present version, in quotes."""
    return f'"{int(row.updated_at.timestamp() * 1_000_000):x}"'


def require_match(
    request: Request,
    row: Versioned,
    representation: Callable[[], Any] | None = None,
    **members: Callable[[], Any],
) -> None:
    """Raises `Problem` 412 when the request names a version with `If-Match` and `row` is another one.

    The problem carries the present state under `current`, and what `members` give. Call it on a locked row.
    """
    header = request.headers.get("If-Match")
    if not header or header.strip() == "*":
        return
    tag = etag_of(row)
    if tag in parse_etags(header):
        return
    raise Problem(
        412,
        "This was changed in the meantime.",
        code="changed_meanwhile",
        headers={"ETag": tag},
        current=representation() if representation else None,
        **{name: member() for name, member in members.items()},
    )


class MatchedEdits(GenericAPIView):
    """Mix-in for generic views and viewsets of rows with `updated_at`.

    Writes to one row lock it for the length of the request, so that two edits which name the same
    version cannot both win. The tag of the answer is that of the object `get_object` gave: a view that
    changes another copy of the row sets `ETag` itself.
    """

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        method = str(request.method).lower()
        handler = getattr(self, method, None)
        if method in {"put", "patch", "delete"} and handler is not None:
            setattr(self, method, transaction.atomic(handler))

    def get_object(self) -> Any:
        row = super().get_object()
        if self.request.method in SAFE_METHODS:
            self._row = row
            return row
        if self.request.method in {"PUT", "PATCH", "DELETE"}:
            row = type(row)._base_manager.select_for_update().get(pk=row.pk)
            require_match(self.request, row, lambda: self.get_serializer(row).data)
        self._row = row
        return row

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)
        row = getattr(self, "_row", None)
        if row is not None and response.status_code == 200:
            response.setdefault("ETag", etag_of(row))
        return response
