"""How a refusal looks to a gRPC client: a code, a sentence, and details in the shapes of `google.rpc`.

The exceptions are those of the REST API, so a rule is written once: what is a 404 there is NOT_FOUND here. The details
(`google.rpc.Status` in `grpc-status-details-bin`) hold an `ErrorInfo` with the same stable word that REST gives as
`code`, a `BadRequest` with what is wrong with each field, and any message that a `Problem` carries among its members.
"""

import json
import logging
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

import grpc
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import DataError, InterfaceError, OperationalError
from django.http import Http404
from google.protobuf.any_pb2 import Any as Packed
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status
from psycopg_pool import PoolTimeout
from rest_framework import exceptions

from accounts.rest.problems import Problem

logger = logging.getLogger(__name__)
DOMAIN = "habyss"
DETAILS = "grpc-status-details-bin"
NOT_VALID = "Some of what was sent is not valid."
CODES = {
    400: grpc.StatusCode.INVALID_ARGUMENT,
    401: grpc.StatusCode.UNAUTHENTICATED,
    403: grpc.StatusCode.PERMISSION_DENIED,
    404: grpc.StatusCode.NOT_FOUND,
    409: grpc.StatusCode.FAILED_PRECONDITION,
    410: grpc.StatusCode.FAILED_PRECONDITION,
    412: grpc.StatusCode.ABORTED,
    413: grpc.StatusCode.RESOURCE_EXHAUSTED,
    422: grpc.StatusCode.FAILED_PRECONDITION,
    429: grpc.StatusCode.RESOURCE_EXHAUSTED,
    503: grpc.StatusCode.UNAVAILABLE,
    504: grpc.StatusCode.DEADLINE_EXCEEDED,
}
# Headers of an answer, the refusal included, must stay small: clients take 8 kB.
MOST_DETAIL_BYTES = 6000
MOST_SENTENCE = 500


class Invalid(exceptions.ValidationError):
    """What was sent is not valid: `Invalid(title="Give it a title.")`."""

    def __init__(self, **fields: str) -> None:
        super().__init__({name: [words] for name, words in fields.items()})


async def refuse(context: Any, error: Exception) -> NoReturn:
    """Ends a call with what `error` means to a client; what is not the client's doing is logged and not told."""
    code, sentence, details = meaning_of(error)
    status = Status(code=code.value[0], message=sentence)
    for detail in details:
        packed = Packed()
        packed.Pack(detail)
        if status.ByteSize() + packed.ByteSize() <= MOST_DETAIL_BYTES:
            status.details.append(packed)
    await context.abort(code, sentence, ((DETAILS, status.SerializeToString()),))
    raise AssertionError("abort always raises")


def meaning_of(error: Exception) -> tuple[grpc.StatusCode, str, list[Message]]:
    """The code, the sentence and the details of an exception."""
    if isinstance(error, (Http404, ObjectDoesNotExist)):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    elif isinstance(error, ValidationError):
        fields = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
        error = exceptions.ValidationError(detail=fields)
    elif isinstance(error, DataError):
        error = exceptions.ParseError("Something in it cannot be stored.")
    elif isinstance(error, (OperationalError, InterfaceError, PoolTimeout)):
        logger.warning("rpc_database_away reason=%s", error)
        error = Problem(503, "The database cannot be reached just now.", code="unavailable")
    if isinstance(error, exceptions.ValidationError):
        violations = [
            BadRequest.FieldViolation(field=field, description=words)
            for field, words in _violations(error.detail)
        ]
        return (
            grpc.StatusCode.INVALID_ARGUMENT,
            _sentence(violations),
            [_info("invalid", {}), BadRequest(field_violations=violations)],
        )
    if isinstance(error, exceptions.APIException):
        return _of_api(error)
    logger.error("rpc_failed", exc_info=error)
    return grpc.StatusCode.INTERNAL, "Something went wrong on our side.", []


def _of_api(error: exceptions.APIException) -> tuple[grpc.StatusCode, str, list[Message]]:
    codes = error.get_codes()
    word = codes if isinstance(codes, str) else error.default_code
    members = error.members if isinstance(error, Problem) else {}
    carried = [member for member in members.values() if isinstance(member, Message)]
    told = {name: member for name, member in members.items() if not isinstance(member, Message)}
    details: list[Message] = [_info(word, told), *carried]
    if wait := getattr(error, "wait", None):
        pause = RetryInfo()
        pause.retry_delay.seconds = int(wait) + 1
        details.append(pause)
    code = CODES.get(error.status_code, grpc.StatusCode.UNKNOWN)
    return code, str(error.detail)[:MOST_SENTENCE], details


def _info(word: str, members: Mapping[str, Any]) -> ErrorInfo:
    told = {
        name: member if isinstance(member, str) else json.dumps(member, cls=DjangoJSONEncoder)
        for name, member in members.items()
        if member is not None
    }
    return ErrorInfo(reason=word.upper(), domain=DOMAIN, metadata=told)


def _sentence(violations: list[BadRequest.FieldViolation]) -> str:
    """For clients that show nothing but the sentence: the first complaint stands in it."""
    if not violations:
        return NOT_VALID
    first = violations[0]
    named = f"{first.field}: " if first.field else ""
    return f"{NOT_VALID} {named}{first.description}"[:MOST_SENTENCE]


def _violations(detail: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every complaint of a serializer with the path of its field, as in `steps[2].title`."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            inside = "" if name in {"", "non_field_errors"} else str(name)
            yield from _violations(inner, ".".join(filter(None, (path, inside))))
    elif isinstance(detail, (list, tuple)):
        for index, inner in enumerate(detail):
            nested = isinstance(inner, (Mapping, list, tuple))
            yield from _violations(inner, f"{path}[{index}]" if nested else path)
    else:
        yield path, str(detail)
