"""Pages of lists: a cursor, newest first, and never unbounded."""

from typing import Any

from rest_framework.exceptions import ValidationError
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request


class NewestFirst(CursorPagination):
    """Keys are time-ordered, so ordering by them is ordering by creation."""

    ordering = "-id"
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200

    def get_page_size(self, request: Request) -> int:
        """The size a client asks for; raises `ValidationError` where Django REST framework guesses."""
        written = request.query_params.get("page_size")
        if written is None:
            return int(self.page_size)
        if not (
            written.isascii() and written.isdigit() and 1 <= int(written) <= self.max_page_size
        ):
            raise ValidationError({"page_size": [f"A number from 1 to {self.max_page_size}."]})
        return int(written)

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        parameters: list[dict[str, Any]] = super().get_schema_operation_parameters(view)
        for parameter in parameters:
            if parameter["name"] == self.page_size_query_param:
                parameter["schema"] |= {"minimum": 1, "maximum": self.max_page_size}
        return parameters

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The pages in the words of OpenAPI 3.1, which has no `nullable` any more."""
        described: dict[str, Any] = super().get_paginated_response_schema(schema)
        for link in ("next", "previous"):
            described["properties"][link] |= {"type": ["string", "null"]}
            del described["properties"][link]["nullable"]
        return described
