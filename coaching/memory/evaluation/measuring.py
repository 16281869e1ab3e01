"""How much of the evidence a ranking finds."""

from collections.abc import Callable, Sequence
from uuid import UUID

from django.utils import timezone

from accounts.models import User
from coaching.models import MemoryState

from ..forgetting import forget_everything
from ..ranking import WEIGHTS, Weights
from ..recalling import rank
from ..remembering import NewMemory, remember_many
from ..subjects import names_in
from .sets import Case, Question

Retriever = Callable[[Question, int], Sequence[str]]
WORDS_ONLY = Weights(0, 0, 1, 0, 0, 0, 0, 0)
MEANING_ONLY = Weights(1, 0, 0, 0, 0, 0, 0, 0)


class Loaded:
    """A case in the memory of a person, who is to be a throw-away one."""

    def __init__(self, user: User, case: Case) -> None:
        forget_everything(user)
        self.user = user
        self.case = case
        spoken = any(statement.speaker for statement in case.statements)
        source = UUID(int=1) if spoken else None
        memories = remember_many(
            user,
            [
                NewMemory(
                    statement.text,
                    speaker=statement.speaker,
                    happened_at=statement.at,
                    source_id=source,
                    ordinal=ordinal,
                )
                for ordinal, statement in enumerate(case.statements)
            ],
        )
        self._keys: dict[UUID, str] = {}
        self._names: set[str] = set()
        for statement, memory in zip(case.statements, memories, strict=True):
            self._keys[memory.pk] = statement.key
            self._names |= names_in(statement.speaker)
            if statement.closed_at:
                MemoryState.objects.filter(user=user, memory=memory).update(
                    valid_until=statement.closed_at
                )

    def found(self, question: Question, limit: int, weights: Weights = WEIGHTS) -> list[str]:
        """The keys of what a question finds, best first."""
        ranked = rank(
            self.user.pk,
            question.text,
            limit,
            now=timezone.now(),
            as_of=question.as_of,
            names=self._names,
            weights=weights,
        )
        return [self._keys[each.memory_id] for each in ranked]

    def recall_at(self, limit: int, weights: Weights = WEIGHTS) -> float:
        """The mean share of the evidence among the first `limit`, 0 to 1."""
        shares = [
            len(question.evidence & set(self.found(question, limit, weights)))
            / len(question.evidence)
            for question in self.case.questions
        ]
        return sum(shares) / len(shares)
