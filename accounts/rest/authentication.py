"""How a client of the API says who it is: a session token (phones) or the session cookie (web)."""

from typing import Any

from allauth.headless.contrib.rest_framework.authentication import XSessionTokenAuthentication
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.request import Request

HEADER = "X-Session-Token"


class SessionToken(XSessionTokenAuthentication):
    """The token that signing in through `/_allauth/app/v1/` hands out, in `X-Session-Token`."""

    def authenticate_header(self, request: Request) -> str:
        """Makes a missing sign-in a 401 instead of a 403."""
        return HEADER


class SessionTokenScheme(OpenApiAuthenticationExtension):
    """Describes the token in the API's schema."""

    target_class = SessionToken
    name = "sessionToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": HEADER,
            "description": "`meta.session_token` of the answer to a sign-in at `/_allauth/app/v1/auth/…`.",
        }
