"""The numbers in an answer's HTML as links to what they cite."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.html import escape

_TAG = re.compile(r"(<[^>]*>)")
_MARK = re.compile(r"\[(\d{1,3})\]")
_CLOSED_TO_LINKS = ("a", "code", "pre")


def linked(html: str, sources: Sequence[Mapping[str, Any]]) -> str:
    """Clean `html` with [1] linked to the source of that number; not within code or another link.

    `sources` are as people see them: number, title, url. One without an address stays a plain number.
    """
    known = {source["number"]: source for source in sources if source["url"]}
    if not known:
        return html

    def link(found: re.Match[str]) -> str:
        source = known.get(int(found[1]))
        if source is None:
            return found[0]
        title = escape(source["title"])
        return f'<a class="cite" href="{escape(source["url"])}" title="{title}">{found[0]}</a>'

    closed = 0
    parts = _TAG.split(html)
    for at, part in enumerate(parts):
        if at % 2:
            name = part.strip("</>").split(" ", 1)[0]
            if name in _CLOSED_TO_LINKS:
                closed += -1 if part.startswith("</") else 1
        elif not closed:
            parts[at] = _MARK.sub(link, part)
    return "".join(parts)
