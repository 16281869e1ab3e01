"""Every address of the site, read from the URL table itself so that a new one cannot be forgotten."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver

OUTSIDE = ("admin/", "accounts/", "_allauth/", "static/", "media/")


@dataclass(frozen=True)
class Address:
    """A route such as `habits/<uuid:pk>/`, with the names of its parameters."""

    route: str

    @property
    def parameters(self) -> list[str]:
        return re.findall(r"<(?:\w+:)?(\w+)>", self.route)

    def with_value(self, value: object) -> str:
        """The path in which every parameter holds `value`, except those that are not identifiers."""

        def fill(match: re.Match[str]) -> str:
            kind, name = match.group(1) or "str:", match.group(2)
            if kind == "int:":
                return "1"
            if name in {"day", "date", "local_date"}:
                return "2026-11-01"
            return str(value)

        return "/" + re.sub(r"<(\w+:)?(\w+)>", fill, self.route)


def _walk(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[str]:
    for pattern in patterns:
        route = prefix + _readable(str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, route)
        else:
            yield route


def _readable(pattern: str) -> str:
    """A regular expression of a router, written like a path."""
    pattern = re.sub(r"\(\?P<(\w+)>\[\^/\.\]\+\)", r"<\1>", pattern)
    pattern = re.sub(r"\(\?P<(\w+)>[^)]*\)", r"<\1>", pattern)
    return pattern.replace("^", "").replace("$", "").replace("\\", "").replace("/?", "/")


def addresses() -> list[Address]:
    """Our own addresses; the admin's and the libraries' have their own guards and tests."""
    routes = {
        route
        for route in _walk(get_resolver().url_patterns)
        if not route.startswith(OUTSIDE)
        and "<format>" not in route
        and "<drf_format_suffix" not in route
    }
    return [Address(route) for route in sorted(routes)]
