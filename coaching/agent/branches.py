"""A conversation as a tree: the branch that leads to a message, and the messages beside it."""

from dataclasses import dataclass
from uuid import UUID

from django.db import connection


@dataclass(frozen=True)
class Step:
    """A message on a branch, oldest first in lists; `versions` are it and its siblings, oldest first."""

    id: UUID
    versions: tuple[UUID, ...]


_PATH = """
WITH RECURSIVE path AS (
    SELECT id, parent_id, conversation_id, role, 1 AS depth FROM coaching_message WHERE id = %(head)s
    UNION ALL
    SELECT m.id, m.parent_id, m.conversation_id, m.role, p.depth + 1
    FROM coaching_message m JOIN path p ON m.id = p.parent_id
    WHERE p.depth < %(limit)s
)
SELECT id FROM path ORDER BY depth DESC
"""
_VERSIONS = """
WITH RECURSIVE path AS (
    SELECT id, parent_id, conversation_id, role, 1 AS depth FROM coaching_message WHERE id = %(head)s
    UNION ALL
    SELECT m.id, m.parent_id, m.conversation_id, m.role, p.depth + 1
    FROM coaching_message m JOIN path p ON m.id = p.parent_id
    WHERE p.depth < %(limit)s
)
SELECT p.id, array_agg(m.id ORDER BY m.id)
FROM path p JOIN coaching_message m
  ON m.conversation_id = p.conversation_id AND m.role = p.role
 AND m.parent_id IS NOT DISTINCT FROM p.parent_id
GROUP BY p.id, p.depth ORDER BY p.depth DESC
"""


def path_to(head: UUID, *, limit: int) -> list[UUID]:
    """The last `limit` messages of the branch that ends with `head`, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(_PATH, {"head": head, "limit": limit})
        return [row[0] for row in cursor.fetchall()]


def path_with_versions(head: UUID, *, limit: int) -> list[Step]:
    """As `path_to`, with every message's versions; one query however long the conversation is."""
    with connection.cursor() as cursor:
        cursor.execute(_VERSIONS, {"head": head, "limit": limit})
        return [Step(row[0], tuple(row[1])) for row in cursor.fetchall()]
