"""What holds for every request: the policy of the admin's pages, and input that no column can hold."""

from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.db import DataError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from accounts.rest.problems import bad_request

ADMIN_SOURCES = {
    "script-src": ["'self'", "'unsafe-inline'", "'unsafe-eval'"],
    "style-src": ["'self'", "'unsafe-inline'"],
}


class AdminPolicyMiddleware:
    """Adds what Unfold needs to the policy of responses below the admin's address.

    Its pages use Alpine, which evaluates expressions, and inline styles. People's own pages never do.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.prefix = reverse("admin:index")

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path.startswith(self.prefix):
            response._csp_replace = ADMIN_SOURCES  # type: ignore[attr-defined]
        return response


class UnstorableInputMiddleware:
    """A NUL byte, or a number beyond all bounds, that no form had refused: 400 instead of 500."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, DataError):
            return bad_request(request, BadRequest(str(error)))
        return None
