"""Who may score whom at the same time: nobody's days are written by two at once.

A day is made from the row of the day before, so two who score one person beside each other could each build
on what the other has not committed yet. Whoever scores a few people locks each of them; whoever scores very
many locks the version against everybody else, for as short a time as they can. All take their locks in the
same order: versions by name, then people by id. Locks end with the transaction.
"""

from collections.abc import Sequence
from uuid import UUID

from django.db import connection

# More people than this are locked by their version: locks take room in the memory of the server.
FEW = 500
_VERSIONS, _PERSON = 0x6D6F6D, 0x6D6F6D656E74


def lock(versions: Sequence[str], people: Sequence[UUID] | None) -> None:
    """Waits until nobody else scores these people (`None`: everybody) under these versions."""
    few = people is not None and len(people) <= FEW
    taking = "pg_advisory_xact_lock_shared" if few else "pg_advisory_xact_lock"
    with connection.cursor() as cursor:
        for name in sorted(set(versions)):
            cursor.execute(f"SELECT {taking}(%s, hashtext(%s))", [_VERSIONS, name])
        if few and people:
            cursor.execute(
                "SELECT count(pg_advisory_xact_lock(hashtextextended(person, %s))) FROM "
                "(SELECT unnest(%s::text[]) AS person) each_one",
                [_PERSON, [str(person) for person in sorted(set(people))]],
            )
