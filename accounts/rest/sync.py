"""Lists for clients that were offline: what changed since, and what is gone."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from rest_framework.exceptions import ValidationError
from rest_framework.filters import BaseFilterBackend
from rest_framework.generics import GenericAPIView
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from .pagination import NewestFirst

PARAMETER = "updated_since"
SYNCED_HEADER = "X-Synced-At"
# A transaction may commit a little after the moment it wrote into `updated_at`. What lies within this
# margin is handed out twice rather than never.
OVERLAP = timedelta(seconds=30)


def updated_since(request: Request) -> datetime | None:
    """The moment a client names; raises `ValidationError` when it is not an aware ISO 8601 time."""
    value = request.query_params.get(PARAMETER)
    if value is None:
        return None
    try:
        # A plus sign that was not encoded arrives as a space.
        moment = parse_datetime(value.replace(" ", "+"))
        if moment is not None and timezone.is_aware(moment):
            # ISO 8601 allows zones that PostgreSQL does not know.
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise ValidationError({PARAMETER: ["Send a time with its zone, like 2026-03-01T08:00:00Z."]})


class UpdatedSince(BaseFilterBackend):
    """Keeps live rows, or with `?updated_since=` every row that changed, deleted ones included."""

    def filter_queryset(self, request: Request, queryset: QuerySet, view: APIView) -> QuerySet:
        since = updated_since(request) if getattr(view, "action", "list") == "list" else None
        if since is None:
            return queryset.filter(deleted_at__isnull=True)
        return queryset.filter(updated_at__gte=since)

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return [
            {
                "name": PARAMETER,
                "in": "query",
                "required": False,
                "description": (
                    "Only what changed since then, oldest change first; deleted rows come as "
                    f"`id` and `deleted_at`. Send the `{SYNCED_HEADER}` of the first page next time."
                ),
                "schema": {"type": "string", "format": "date-time"},
            }
        ]


class ChangesInOrder(NewestFirst):
    """Newest first, but a client that asks for changes gets them in the order of the changes."""

    def get_ordering(self, request: Request, queryset: QuerySet, view: Any) -> tuple[str, ...]:
        if updated_since(request) is not None:
            return ("updated_at", "id")
        return super().get_ordering(request, queryset, view)


class SyncedList(ListModelMixin, GenericAPIView):
    """Mix-in for viewsets of rows with `updated_at` and `deleted_at`. Keep it left of the viewset."""

    filter_backends = [UpdatedSince]
    pagination_class = ChangesInOrder

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        if updated_since(request) is None:
            return super().list(request, *args, **kwargs)
        synced_at = timezone.now() - OVERLAP
        rows: Any = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        live = [row for row in rows if row.deleted_at is None]
        shown = dict(
            zip((row.pk for row in live), self.get_serializer(live, many=True).data, strict=True)
        )
        data = [
            shown[row.pk]
            if row.pk in shown
            else {"id": str(row.pk), "deleted_at": row.deleted_at.isoformat()}
            for row in rows
        ]
        response = self.get_paginated_response(data)
        response[SYNCED_HEADER] = synced_at.isoformat().replace("+00:00", "Z")
        return response
