"""Reading a turn by rules: no model, no network, the same answer every time."""

from coaching.language import tidy

from .clauses import statements
from .found import Findings, FoundMemory, FoundPreference, FoundPromise, Turn
from .promises import promise_in
from .rules import memories_in
from .wishes import preference_of, wishes_in


def read_by_rules(turn: Turn) -> Findings:
    """What a turn tells of its author."""
    memories: list[FoundMemory] = []
    preferences: list[FoundPreference] = []
    promises: list[FoundPromise] = []
    for clause in statements(turn.text, turn.echoes):
        promise = promise_in(clause, turn.at)
        if promise is not None:
            promises.append(promise)
            continue
        for memory in memories_in(clause, turn.at):
            memories.append(memory)
            liking = preference_of(memory, clause)
            if liking is not None:
                preferences.append(liking)
    if not turn.text.lstrip().startswith((">", "{", "[")):
        preferences += wishes_in(tidy(turn.text).lower())
    return Findings(turn, tuple(memories), tuple(preferences), tuple(promises))
