"""The signed-in person of a request."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from rest_framework.request import Request

from accounts.models import User


def person(request: HttpRequest | Request) -> User:
    """The signed-in person; raises `PermissionDenied` when nobody is signed in."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
