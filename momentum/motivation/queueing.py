"""What is read and scored anew once a text or a check-in is committed."""

from datetime import date
from uuid import UUID

from momentum.models import ReadingSource
from momentum.queueing import after_commit


def read_later(source: ReadingSource, source_id: UUID) -> None:
    """Has a text read for what it tells of motivation."""
    after_commit("read_motivation", source.value, str(source_id))


def score_later(user_id: UUID, *days: date) -> None:
    """Has the motivation of a person's days scored."""
    for day in sorted(set(days)):
        after_commit("score_motivation", str(user_id), day.isoformat())
