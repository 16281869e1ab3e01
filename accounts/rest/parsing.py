"""What the API reads: JSON in which every text is one that can be stored and sent back."""

from collections.abc import Mapping
from io import BytesIO
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class WholeTextJSON(JSONParser):
    """JSON without halves of surrogate pairs: they are written like characters, but are none (RFC 8259, 8.2)."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        body = stream.read()
        try:
            parsed = super().parse(BytesIO(body), media_type, parser_context)
            if b"\\ud" in body.lower():
                _require_whole_text(parsed)
        except RecursionError:
            raise ParseError("It is nested too deeply.") from None
        return parsed


def _require_whole_text(value: Any) -> None:
    """Raises `ParseError` for a text, at any depth, that UTF-8 cannot write."""
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            raise ParseError("A text has half of a character in it.") from None
    elif isinstance(value, dict):
        for key, member in value.items():
            _require_whole_text(key)
            _require_whole_text(member)
    elif isinstance(value, list):
        for member in value:
            _require_whole_text(member)
