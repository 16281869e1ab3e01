"""Tool schemas as a provider may see them: without the hints meant for the built-in coach."""

from typing import Any

# Under these keywords of JSON Schema the keys are names somebody chose, not keywords.
_NAMES = frozenset({"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"})
# Under these lies data, to be left as it is.
_DATA = frozenset({"enum", "const", "default", "examples", "required"})


def without_hints(schema: Any) -> Any:
    """A copy of a JSON schema (or a list or part of one) without keywords that begin with `x-`."""
    if isinstance(schema, list):
        return [without_hints(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    plain: dict[str, Any] = {}
    for key, value in schema.items():
        if key.startswith("x-"):
            continue
        if key in _NAMES and isinstance(value, dict):
            plain[key] = {name: without_hints(part) for name, part in value.items()}
        elif key in _DATA:
            plain[key] = value
        else:
            plain[key] = without_hints(value)
    return plain
