"""A typed registry: keys of the form `<app>.<name>`, no duplicates, a stable order.

Filled once at start-up from every app's `coach.py`; `temporarily` fills it for the length of a test.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

from django.core.exceptions import ImproperlyConfigured

Entry = TypeVar("Entry")
KEY = re.compile(r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$")


class Registry(Generic[Entry]):
    """What the apps declared of one kind."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._entries: dict[str, Entry] = {}

    def register(self, key: str, entry: Entry) -> None:
        """Adds `entry`; raises `ImproperlyConfigured` for a malformed or taken key."""
        if not KEY.match(key):
            raise ImproperlyConfigured(
                f"{self.kind} {key!r}: a key reads '<app>.<name>' in lower case."
            )
        if key in self._entries:
            raise ImproperlyConfigured(f"{self.kind} {key!r} is declared twice.")
        self._entries[key] = entry

    def get(self, key: str) -> Entry:
        """The entry under `key`; raises `KeyError` with the known keys when there is none."""
        try:
            return self._entries[key]
        except KeyError:
            known = ", ".join(self.keys()) or "none"
            raise KeyError(f"No {self.kind} {key!r}; known: {known}.") from None

    def keys(self) -> list[str]:
        return sorted(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter([self._entries[key] for key in self.keys()])

    def __contains__(self, key: object) -> bool:
        return key in self._entries

    def __len__(self) -> int:
        return len(self._entries)

    @contextmanager
    def temporarily(self, **entries: Entry) -> Iterator["Registry[Entry]"]:
        """Adds `entries` (written `app__name=`) until the block ends, then restores what was there."""
        before = dict(self._entries)
        try:
            for key, entry in entries.items():
                self.register(key.replace("__", ".", 1), entry)
            yield self
        finally:
            self._entries = before

    @contextmanager
    def instead(self, **entries: Entry) -> Iterator["Registry[Entry]"]:
        """Holds `entries` alone (written `app__name=`) until the block ends, then restores what was there."""
        before = self._entries
        self._entries = {}
        try:
            with self.temporarily(**entries):
                yield self
        finally:
            self._entries = before
