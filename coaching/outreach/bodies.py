"""The plain text of messages: paragraphs on lines of their own, list entries on lines that begin with a bullet.

One form that every channel can send as it stands, and that pages and e-mails show as real lists.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import groupby

BULLET = "• "


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph (one line) or a list (one line per entry); a paragraph right above a list is its title."""

    is_list: bool
    lines: tuple[str, ...]
    is_title: bool = False


def listed(lines: Iterable[str]) -> list[str]:
    """The lines as entries of a list."""
    return [f"{BULLET}{line}" for line in lines]


def opening(body: str, most: int) -> str:
    """The first lines of `body`, whole ones of together at most `most` characters, and no title without its list.

    A first line longer than that is cut at a word.
    """
    if len(body) <= most:
        return body
    kept: list[str] = []
    for line in body.splitlines():
        if sum(map(len, kept)) + len(kept) + len(line) > most:
            break
        kept.append(line)
    follows = body.splitlines()[len(kept)]
    if kept and follows.startswith(BULLET) and not kept[-1].startswith(BULLET):
        kept.pop()
    return "\n".join(kept).strip() or f"{body[:most].rpartition(' ')[0]}…"


def blocks(body: str) -> list[Block]:
    """What `body` consists of, in order; empty lines only separate."""
    found: list[Block] = []
    mark = BULLET.strip()
    lines = [line.strip() for line in body.splitlines()]
    for is_list, run in groupby(lines, key=lambda line: line.startswith(mark)):
        texts = [line.removeprefix(mark).strip() for line in run]
        if is_list:
            if found and not found[-1].is_list:
                found[-1] = replace(found[-1], is_title=True)
            found.append(Block(True, tuple(texts)))
        else:
            found.extend(Block(False, (text,)) for text in texts if text)
    return found
