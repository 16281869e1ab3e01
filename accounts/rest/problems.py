"""Errors of the API as problem details (RFC 9457)."""

from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DataError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views import defaults
from django.views.csrf import csrf_failure as django_csrf_failure
from django.views.decorators.csrf import csrf_exempt, requires_csrf_token
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

CONTENT_TYPE = "application/problem+json"
API_PREFIX = "/api/"


class Problem(exceptions.APIException):
    """An error with a status of the caller's choice; further members become part of the answer."""

    def __init__(
        self,
        status_code: int,
        detail: str,
        *,
        code: str = "error",
        headers: dict[str, str] | None = None,
        **members: Any,
    ) -> None:
        super().__init__(detail, code)
        self.status_code = status_code
        self.headers = headers or {}
        self.members = members


def problem_body(status: int, detail: str, code: str, **members: Any) -> dict[str, Any]:
    """The members of a problem document: what every error of the API looks like."""
    return {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        **members,
    }


def problem_response(status: int, detail: str, code: str, **members: Any) -> JsonResponse:
    """A problem document from outside Django REST framework."""
    body = problem_body(status, detail, code, **members)
    return JsonResponse(body, status=status, content_type=CONTENT_TYPE)


def problem_details(exc: Exception, context: dict[str, Any]) -> Response | None:
    """Django REST framework's exception handler: `None` for what is not a client's error."""
    if isinstance(exc, Http404):
        exc = exceptions.NotFound()
    elif isinstance(exc, PermissionDenied):
        exc = exceptions.PermissionDenied()
    elif isinstance(exc, ValidationError):
        exc = exceptions.ValidationError(detail=_messages(exc))
    elif isinstance(exc, DataError):
        # What no field had refused and no column can hold: a NUL inside JSON, a number beyond all bounds.
        exc = exceptions.ParseError("Something in it cannot be stored.")
    elif isinstance(exc, OverflowError):
        # The first and last days of the calendar lie outside of it in other time zones.
        exc = exceptions.ParseError("A date or a number in it is too far out.")
    if not isinstance(exc, exceptions.APIException):
        return None
    headers: dict[str, str] = {}
    if challenge := getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(exc, "wait", None):
        headers["Retry-After"] = str(int(wait) + 1)
    members: dict[str, Any] = {}
    if isinstance(exc, Problem):
        headers |= exc.headers
        members = exc.members
    if isinstance(exc, exceptions.ValidationError):
        errors = exc.detail if isinstance(exc.detail, dict) else {"non_field_errors": exc.detail}
        body = problem_body(
            exc.status_code, "Some of what was sent is not valid.", "invalid", errors=errors
        )
    else:
        codes = exc.get_codes()
        code = codes if isinstance(codes, str) else exc.default_code
        body = problem_body(exc.status_code, str(exc.detail), code, **members)
    set_rollback()
    return Response(body, status=exc.status_code, headers=headers, content_type=CONTENT_TYPE)


def _messages(exc: ValidationError) -> dict[str, list[str]]:
    """A model's or form's complaints in the shape of a serializer's."""
    if hasattr(exc, "error_dict"):
        return dict(exc.message_dict)
    return {"non_field_errors": list(exc.messages)}


def is_api(request: HttpRequest) -> bool:
    return request.path.startswith(API_PREFIX)


@csrf_exempt
def no_such_route(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    """The last route below `/api/`: whatever no other route took."""
    return problem_response(404, "There is nothing at this address.", "not_found")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """`CSRF_FAILURE_VIEW`: a problem document for clients, a friendly page for people."""
    if is_api(request):
        return problem_response(403, f"CSRF check failed: {reason}", "csrf_failed")
    if settings.DEBUG:
        return django_csrf_failure(request, reason)
    return render(request, "accounts/csrf_failure.html", status=403)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """`handler400`."""
    if is_api(request):
        return problem_response(400, "The request could not be understood.", "bad_request")
    return defaults.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """`handler403`."""
    if is_api(request):
        return problem_response(403, "You may not do this.", "permission_denied")
    return defaults.permission_denied(request, exception)


@requires_csrf_token
def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """`handler404`."""
    if is_api(request):
        return no_such_route(request)
    return defaults.page_not_found(request, exception)


@requires_csrf_token
def server_error(request: HttpRequest) -> HttpResponse:
    """`handler500`."""
    if is_api(request):
        return problem_response(500, "Something went wrong on our side.", "server_error")
    return defaults.server_error(request)
