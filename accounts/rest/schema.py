"""What every operation of the API's document has in common: its errors, keys and tags."""

from typing import Any

PROBLEM = {
    "type": "object",
    "description": "A problem document (RFC 9457).",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"description": "A stable word for programs."},
        "errors": {
            "type": "object",
            "additionalProperties": True,
            "description": "What is wrong with each field, when something was not valid.",
        },
    },
    "additionalProperties": True,
}
PROBLEMS = {
    "400": "Some of what was sent is not valid.",
    "401": "Nobody is signed in.",
    "403": "Not allowed, or the CSRF token is missing.",
    "404": "There is no such thing, or it is not yours.",
    "406": "That format is not served.",
    "409": "It contradicts the present state, or the first use of the key still runs.",
    "412": "It was changed in the meantime; `current` is how it is now.",
    "413": "It is too large.",
    "415": "That content type is not understood.",
    "422": "The idempotency key was used for another request.",
    "429": "Too many requests: wait as `Retry-After` says.",
}
READS = ("400", "401", "404", "406", "429")
WRITES = (*READS, "403", "409", "413", "415", "422")
EDITS = (*WRITES, "412")
KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Unique per write: sent twice, done once.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200},
}
MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "The `ETag` of the version that is edited.",
    "schema": {"type": "string"},
}
METHODS = {"get", "post", "put", "patch", "delete"}


def describe_problems(
    result: dict[str, Any], generator: Any, request: Any, public: bool
) -> dict[str, Any]:
    """Post-processing hook of drf-spectacular: adds what views have in common to every operation."""
    components = result.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = PROBLEM
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    components.setdefault("responses", {}).update(
        {
            f"Problem{status}": {"description": description, "content": content}
            for status, description in PROBLEMS.items()
        }
    )
    for operations in result.get("paths", {}).values():
        for method, operation in operations.items():
            if method in METHODS:
                _complete(method, operation)
    return result


def _complete(method: str, operation: dict[str, Any]) -> None:
    statuses: tuple[str, ...] = READS
    if method != "get":
        statuses = WRITES
        _add_parameter(operation, KEY)
    if method in {"put", "patch", "delete"}:
        statuses = EDITS
        _add_parameter(operation, MATCH)
    for status in sorted(statuses):
        reference = {"$ref": f"#/components/responses/Problem{status}"}
        operation["responses"].setdefault(status, reference)


def _add_parameter(operation: dict[str, Any], parameter: dict[str, Any]) -> None:
    parameters = operation.setdefault("parameters", [])
    if all(known.get("name") != parameter["name"] for known in parameters):
        parameters.append(parameter)
