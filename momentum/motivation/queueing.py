"""What is read and scored anew once a text or a check-in is committed."""

from datetime import date
from uuid import UUID

from coaching.queueing import after_commit
from momentum.models import ReadingSource


def read_later(source: ReadingSource, source_id: UUID) -> None:
    """Has a text read for what it tells of motivation."""
    after_commit("momentum.tasks.read_motivation", source.value, str(source_id))


def score_later(user_id: UUID, *days: date) -> None:
    """Has the motivation of a person's days scored."""
    for day in sorted(set(days)):
        after_commit("momentum.tasks.score_motivation", str(user_id), day.isoformat())
