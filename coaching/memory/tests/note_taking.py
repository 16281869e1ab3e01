"""Messages and what a good note-taker keeps of them, read from a table."""

from dataclasses import dataclass, field
from pathlib import Path

TABLES = Path(__file__).parent


@dataclass
class Message:
    """A message, and what is expected of it: memories, promises and preferences as the lines of the table."""

    text: str
    memories: list[tuple[str, ...]] = field(default_factory=list)
    allowed: list[tuple[str, ...]] = field(default_factory=list)
    promises: list[tuple[str, ...]] = field(default_factory=list)
    preferences: list[tuple[str, ...]] = field(default_factory=list)


def messages(name: str = "note_taking.txt") -> list[Message]:
    """The messages of a table, in its order."""
    found: list[Message] = []
    for line in (TABLES / name).read_text(encoding="utf-8").splitlines():
        if line.startswith("> "):
            found.append(Message(line[2:]))
        elif line and not line.startswith("#"):
            kind, _, rest = line.partition(": ")
            row = tuple(part.strip() for part in rest.split(" | "))
            lists = {
                "memory": found[-1].memories,
                "maybe": found[-1].allowed,
                "promise": found[-1].promises,
                "preference": found[-1].preferences,
            }
            lists[kind].append(row)
    return found
