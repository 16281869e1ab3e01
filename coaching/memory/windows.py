"""What surrounds a memory: the turns before and after it in the same source, as long as no long silence parts them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q

from coaching.models import EpisodicMemory

from .ranking import WINDOW
from .terms import findable_text, terms_of, words_of

SILENCE = timedelta(hours=WINDOW.hours)


@dataclass(frozen=True)
class Turn:
    """A memory as far as its neighbours and its words are concerned."""

    id: UUID
    text: str
    speaker: str
    subject: str
    at: datetime
    source_id: UUID | None
    ordinal: int

    @property
    def place(self) -> tuple[datetime, int, UUID]:
        """Where it stands in its source."""
        return self.at, self.ordinal, self.id

    @property
    def terms(self) -> list[int]:
        """The places of its words, with those of the speaker and the day."""
        return terms_of(findable_text(self.text, self.speaker, self.at))

    @property
    def word_count(self) -> int:
        return len(words_of(self.text))

    @property
    def is_question(self) -> bool:
        return self.text.rstrip("\"'”’) ").endswith("?")


def turn_of(memory: EpisodicMemory) -> Turn:
    """The turn that a memory is."""
    return Turn(
        memory.pk,
        memory.memory_description,
        memory.speaker,
        memory.subject,
        memory.original_timestamp,
        memory.source_id,
        memory.ordinal,
    )


def stored_around(user_id: UUID, turns: Collection[Turn]) -> list[Turn]:
    """The stored turns that may be neighbours of `turns`, these included if they are stored: one query."""
    spans: dict[UUID | None, tuple[datetime, datetime]] = {}
    for turn in turns:
        first, last = spans.get(turn.source_id, (turn.at, turn.at))
        spans[turn.source_id] = min(first, turn.at), max(last, turn.at)
    if not spans:
        return []
    # A neighbour of a neighbour is read too: it stands in the surroundings of that one.
    reach = SILENCE * 2 * WINDOW.turns
    near = Q()
    for source_id, (first, last) in spans.items():
        source = Q(source_id=source_id) if source_id else Q(source_id__isnull=True)
        near |= source & Q(original_timestamp__range=(first - reach, last + reach))
    rows = EpisodicMemory.objects.filter(near, user_id=user_id).values_list(
        "id",
        "memory_description",
        "speaker",
        "subject",
        "original_timestamp",
        "source_id",
        "ordinal",
    )
    return [Turn(*row) for row in rows]


def windows(turns: Iterable[Turn]) -> dict[UUID, tuple[Turn, ...]]:
    """The surroundings of each of the turns, itself among them, in order."""
    sources: dict[UUID | None, list[Turn]] = {}
    for turn in turns:
        sources.setdefault(turn.source_id, []).append(turn)
    found: dict[UUID, tuple[Turn, ...]] = {}
    for source in sources.values():
        source.sort(key=lambda turn: turn.place)
        for index, turn in enumerate(source):
            first, last = _reach(source, index, -1), _reach(source, index, 1)
            found[turn.id] = tuple(source[first : last + 1])
    return found


def _reach(source: Sequence[Turn], index: int, step: int) -> int:
    reached = index
    for _ in range(WINDOW.turns):
        beside = reached + step
        if not 0 <= beside < len(source):
            break
        if abs(source[beside].at - source[reached].at) > SILENCE:
            break
        reached = beside
    return reached


def text_of(window: Sequence[Turn]) -> str:
    """What of the surroundings is embedded."""
    return "\n".join(turn.text for turn in window)
