"""Guesses about a person from their browser: language, country, time zone. They can correct each one."""

import re
import zoneinfo

_TAG = re.compile(r"([a-z]{2,3})(?:-[A-Za-z]{4})?(?:-([A-Za-z]{2}))?(?:-.*)?", re.IGNORECASE)
_MAX_LOCALE = 16


def guess_locale(accept_language: str) -> tuple[str, str]:
    """The locale ("en-GB") and country ("GB" or "") of the first language a browser asks for."""
    first = accept_language.split(",", 1)[0].split(";", 1)[0].strip()
    found = _TAG.fullmatch(first)
    if found is None:
        return "en", ""
    language, region = found[1].lower(), (found[2] or "").upper()
    locale = f"{language}-{region}" if region else language
    return locale[:_MAX_LOCALE], region


def known_timezone(name: str) -> str:
    """`name` when it is an IANA time zone, else UTC."""
    return name if name in zoneinfo.available_timezones() else "UTC"
