"""How the API's schema describes clock times of people."""

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import Direction
from rest_framework.serializers import TimeField


class ClockTime(OpenApiSerializerFieldExtension):
    """A time of day as a pattern: `format: time` is a moment with an offset from UTC (RFC 3339), which it is not."""

    target_class = TimeField

    def map_serializer_field(self, auto_schema: AutoSchema, direction: Direction) -> dict[str, Any]:
        """Hours and minutes; with seconds where the field knows them."""
        field: Any = self.target
        formats = getattr(field, "input_formats", None)
        seconds = "" if formats == ["%H:%M"] else r"(:[0-5]\d)?"
        return {"type": "string", "pattern": rf"^([01]\d|2[0-3]):[0-5]\d{seconds}$"}
