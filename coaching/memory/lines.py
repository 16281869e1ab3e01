"""Memory as a program for others: one JSON object a line in, one out.

    {"op": "index", "turns": [{"id", "timestamp", "speaker", "text"}]} -> {"ok": true}
    {"op": "search", "query", "k"}                                     -> {"ids": […]}
    {"op": "close"}                                                    -> {"ok": true}

What is indexed belongs to a throw-away person, who is erased by "close" and when the input ends.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from dateutil import parser
from django.db import DatabaseError
from django.utils import timezone

from accounts.models import User
from coaching.llm.embeddings import active_model

from .forgetting import forget_everything
from .recalling import MAX_LIMIT, rank
from .remembering import MAX_CHARACTERS, NewMemory, remember_many
from .subjects import names_in

DOMAIN = "memory-lines.invalid"
LEFT_BEHIND = timedelta(days=1)  # a person this old belongs to a process that was killed
DEFAULT_K = 10


class BadLine(Exception):
    """A line that asks for nothing that there is."""


class MemoryLines:
    """Answers lines; holds the conversation that is open."""

    def __init__(self) -> None:
        self._conversation: Conversation | None = None

    def answers(self, lines: Iterable[bytes]) -> Iterator[str]:
        """An answer for each line; a bad one is said to be bad, and the next is read. Ends erased."""
        try:
            for line in lines:
                if line.strip():
                    yield json.dumps(self._answer(line))
        finally:
            self.close()

    def close(self) -> None:
        """Erases the person with everything that was indexed."""
        if self._conversation is not None:
            erase(self._conversation.user)
            self._conversation = None

    def _answer(self, line: bytes) -> dict[str, Any]:
        try:
            match _object(line):
                case {"op": "index", "turns": list(turns)}:
                    self._index(turns)
                    return {"ok": True}
                case {"op": "search", "query": str(query), **rest}:
                    limit = _limit(rest.get("k"))
                    found = self._conversation.search(query, limit) if self._conversation else []
                    return {"ids": found}
                case {"op": "close"}:
                    self.close()
                    return {"ok": True}
                case {"op": "index" | "search" as op}:
                    raise BadLine(f"{op!r} lacks what it needs.")
                case _:
                    raise BadLine('"op" is one of "index", "search" and "close".')
        except (BadLine, DatabaseError) as error:
            return {"ok": False, "error": str(error)}

    def _index(self, turns: list[Any]) -> None:
        checked = [_turn(number, turn) for number, turn in enumerate(turns, start=1)]
        if self._conversation is None:
            user = User.objects.create_user(f"{uuid4()}@{DOMAIN}", is_active=False)
            self._conversation = Conversation(user)
        self._conversation.index(checked)


@dataclass(frozen=True)
class SpokenTurn:
    """A turn as it was sent; `key` is what a search answers with."""

    key: str | int
    text: str
    speaker: str
    at: datetime | None


class Conversation:
    """The memory of one throw-away person."""

    def __init__(self, user: User) -> None:
        self.user = user
        self._model = active_model()
        self._source = uuid4()
        self._keys: dict[UUID, str | int] = {}
        self._known: set[str | int] = set()
        self._names: set[str] = set()
        self._last: datetime | None = None

    def index(self, turns: Iterable[SpokenTurn]) -> None:
        """Keeps turns in one batch. One without words or with a known key changes nothing."""
        fresh: dict[str | int, NewMemory] = {}
        for turn in turns:
            self._last = turn.at or self._last or timezone.now()
            if turn.text and turn.key not in self._known:
                fresh.setdefault(
                    turn.key,
                    NewMemory(
                        turn.text,
                        speaker=turn.speaker,
                        happened_at=self._last,
                        source_id=self._source,
                        ordinal=len(self._known) + len(fresh),
                    ),
                )
        memories = remember_many(self.user, fresh.values())
        for (key, new), memory in zip(fresh.items(), memories, strict=True):
            self._keys[memory.pk] = key
            self._names |= names_in(new.speaker)
        self._known |= fresh.keys()

    def search(self, query: str, limit: int) -> list[str | int]:
        """The keys of the turns that answer a question best, best first."""
        ranked = rank(
            self.user.pk,
            _storable(query),
            limit,
            now=timezone.now(),
            names=self._names,
            model=self._model,
        )
        return [self._keys[each.memory_id] for each in ranked]


def erase(user: User) -> None:
    """Deletes a throw-away person with everything."""
    forget_everything(user)
    user.delete()


def erase_left_behind(*, now: datetime) -> int:
    """Erases the people of processes that were killed before they could; returns how many."""
    left = User.objects.filter(
        email__endswith=f"@{DOMAIN}", is_active=False, created_at__lt=now - LEFT_BEHIND
    )
    people = list(left)
    for user in people:
        erase(user)
    return len(people)


def moment_of(value: object) -> datetime | None:
    """The moment of a timestamp: ISO, "1:56 pm on 8 May, 2023" or seconds since 1970; without a zone it is UTC."""
    try:
        if isinstance(value, str) and value.strip():
            moment = parser.parse(re.sub(r"\(.*?\)", " ", value))  # "(Mon)" tells nothing more
        elif isinstance(value, int | float) and not isinstance(value, bool):
            moment = datetime.fromtimestamp(value / 1000 if value > 1e11 else value, UTC)
        else:
            return None
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return aware.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _turn(number: int, turn: object) -> SpokenTurn:
    match turn:
        case {"id": str() | int() as key, "text": str(text), **rest}:
            speaker = rest.get("speaker")
            return SpokenTurn(
                key,
                _storable(text).strip()[:MAX_CHARACTERS].strip(),
                _storable(speaker) if isinstance(speaker, str) else "",
                moment_of(rest.get("timestamp")),
            )
        case _:
            raise BadLine(f"Turn {number} needs an id and a text.")


def _storable(text: str) -> str:
    """The text without what PostgreSQL cannot hold: NUL and halves of characters."""
    return text.replace("\x00", " ").encode("utf-8", "replace").decode()


def _object(line: bytes) -> object:
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadLine(f"This is not JSON: {error}") from error


def _limit(k: object) -> int:
    if k is None:
        return DEFAULT_K
    if not isinstance(k, int) or isinstance(k, bool) or k < 1:
        raise BadLine('"k" is a whole number from 1 up.')
    return min(k, MAX_LIMIT)
