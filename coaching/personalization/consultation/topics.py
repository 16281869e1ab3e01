"""What a consultation is about: six topics, and what was understood of each in the person's words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Self
from uuid import UUID, uuid4

from coaching.personalization.writing.likeness import meaning, say_the_same


class Topic(StrEnum):
    """In the order in which they are talked about."""

    GOALS = "goals"
    TRAINING = "training"
    MEALS = "meals"
    CHALLENGES = "challenges"
    PAST_FAILURES = "past_failures"
    PREFERENCES = "preferences"


TITLES = {
    Topic.GOALS: "What you want",
    Topic.TRAINING: "Movement",
    Topic.MEALS: "Eating",
    Topic.CHALLENGES: "What gets in the way",
    Topic.PAST_FAILURES: "What you tried before",
    Topic.PREFERENCES: "How to coach you",
}


class Kind(StrEnum):
    """What an item says about its topic."""

    GOAL = "goal"
    REASON = "reason"
    TIMEFRAME = "timeframe"
    ACTIVITY = "activity"
    FREQUENCY = "frequency"
    DURATION = "duration"
    LIMIT = "limit"
    EXPERIENCE = "experience"
    PATTERN = "pattern"
    DIET = "diet"
    OBSTACLE = "obstacle"
    MOMENT = "moment"
    SCHEDULE = "schedule"
    ATTEMPT = "attempt"
    CAUSE = "cause"
    STYLE = "style"
    TIME_OF_DAY = "time_of_day"
    DIFFICULTY = "difficulty"
    ROOM = "room"
    GOOD = "good"
    AVOID = "avoid"
    BOUNDARY = "boundary"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Rules:
    """The numbers of a consultation; all of them are this product's own."""

    # Characters of one message.
    longest_message: int = 2000
    # Topics that must be settled (told, passed over or declined) before a coach can be made of it.
    settled_topics_needed: int = 4
    # Topics of which something must have been told.
    told_topics_needed: int = 2
    # Items kept per topic; what comes later is not added.
    most_items: int = 12
    # Characters of a value and of a quote.
    longest_value: int = 200
    longest_quote: int = 300
    # Days without a message after which it counts as abandoned.
    days_until_abandoned: int = 14
    # Days after which an abandoned one is deleted.
    days_until_erased: int = 30
    # Seconds after which an unanswered message may be answered anew: its process must have died.
    seconds_until_answered_anew: int = 90
    # Turns of the talk that a model reads.
    turns_for_model: int = 24
    # Messages on one page of the transcript.
    page: int = 50


RULES = Rules()


@dataclass(frozen=True)
class Item:
    """One thing understood: what it says, the person's own words, and where they stand.

    `message_id` is empty for what was known before the talk.
    """

    kind: Kind
    value: str
    quote: str
    message_id: UUID | None
    at: datetime
    id: UUID = field(default_factory=uuid4)

    def as_stored(self) -> dict[str, Any]:
        return {
            "id": str(self.id),
            "kind": self.kind.value,
            "value": self.value,
            "quote": self.quote,
            "message_id": str(self.message_id) if self.message_id else None,
            "at": self.at.isoformat(),
        }

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any]) -> Self:
        message = stored.get("message_id")
        return cls(
            kind=Kind(stored["kind"]),
            value=str(stored["value"]),
            quote=str(stored["quote"]),
            message_id=UUID(message) if message else None,
            at=datetime.fromisoformat(stored["at"]),
            id=UUID(stored["id"]),
        )


@dataclass
class Understood:
    """All that was understood so far, by topic."""

    items: dict[Topic, list[Item]] = field(default_factory=dict)

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any]) -> Self:
        return cls(
            {
                topic: [Item.from_stored(item) for item in stored[topic]]
                for topic in Topic
                if stored.get(topic)
            }
        )

    def as_stored(self) -> dict[str, Any]:
        return {
            topic.value: [item.as_stored() for item in self.items[topic]]
            for topic in Topic
            if self.items.get(topic)
        }

    def of(self, topic: Topic) -> list[Item]:
        return self.items.get(topic, [])

    def first(self, topic: Topic, *kinds: Kind) -> Item | None:
        """The first item of a topic, of one of these kinds if any are named."""
        return next((item for item in self.of(topic) if not kinds or item.kind in kinds), None)

    def add(self, topic: Topic, new: Iterable[Item]) -> list[Item]:
        """Adds what is not there yet, and returns it. "Nothing" gives way to the first real thing, and a goal
        to the same goal told in more words."""
        added = []
        for item in new:
            kept = self.items.setdefault(topic, [])
            if any(_same(item, old) for old in kept) or len(kept) >= RULES.most_items:
                continue
            if item.kind == Kind.NOTHING and kept:
                continue
            if item.kind != Kind.NOTHING:
                kept[:] = [old for old in kept if old.kind != Kind.NOTHING]
            if item.kind == Kind.GOAL:
                kept[:] = [old for old in kept if not _is_fuller(item, old)]
            kept.append(item)
            added.append(item)
        return added

    def remove(self, item_id: UUID) -> bool:
        """Takes an item out; false when it is not there."""
        for kept in self.items.values():
            for item in kept:
                if item.id == item_id:
                    kept.remove(item)
                    return True
        return False


def _same(one: Item, other: Item) -> bool:
    return one.kind == other.kind and one.value.casefold() == other.value.casefold()


def _is_fuller(item: Item, old: Item) -> bool:
    """Whether a goal says what an earlier one says, and more, or says with the person's words what was known before."""
    if old.kind != Kind.GOAL or not say_the_same(item.value, old.value):
        return False
    return old.message_id is None or meaning(item.value) >= meaning(old.value)


@dataclass
class Interview:
    """Where the talk stands. `left_out` topics are closed by a guardrail, `declined` ones by the person,
    `passed` ones were asked about and brought nothing. `is_resting`: after a crisis, until the person goes on."""

    question: str = ""
    asked: list[str] = field(default_factory=list)
    declined: list[Topic] = field(default_factory=list)
    passed: list[Topic] = field(default_factory=list)
    left_out: list[Topic] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    is_paused: bool = False
    is_resting: bool = False

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any]) -> Self:
        return cls(
            question=str(stored.get("question", "")),
            asked=list(stored.get("asked", [])),
            declined=[Topic(topic) for topic in stored.get("declined", [])],
            passed=[Topic(topic) for topic in stored.get("passed", [])],
            left_out=[Topic(topic) for topic in stored.get("left_out", [])],
            removed=list(stored.get("removed", [])),
            is_paused=bool(stored.get("is_paused", False)),
            is_resting=bool(stored.get("is_resting", False)),
        )

    def as_stored(self) -> dict[str, Any]:
        return {
            "question": self.question,
            "asked": self.asked,
            "declined": [topic.value for topic in self.declined],
            "passed": [topic.value for topic in self.passed],
            "left_out": [topic.value for topic in self.left_out],
            "removed": self.removed,
            "is_paused": self.is_paused,
            "is_resting": self.is_resting,
        }

    @property
    def closed(self) -> set[Topic]:
        """What is not asked about and of which nothing is kept."""
        return {*self.declined, *self.left_out}


class TopicState(StrEnum):
    OPEN = "open"
    TOLD = "told"
    PASSED = "passed"
    DECLINED = "declined"


@dataclass(frozen=True)
class Standing:
    """How far a consultation is: the state of each topic, the share that is settled, what is missing."""

    topics: dict[Topic, TopicState]

    @property
    def progress(self) -> float:
        """From 0 to 1."""
        settled = sum(state != TopicState.OPEN for state in self.topics.values())
        return round(settled / len(self.topics), 2)

    @property
    def missing(self) -> list[Topic]:
        """Topics of which one more is needed before a coach can be made; empty when there is enough."""
        settled = [topic for topic, state in self.topics.items() if state != TopicState.OPEN]
        told = [topic for topic, state in self.topics.items() if state == TopicState.TOLD]
        is_enough = (
            self.topics[Topic.GOALS] != TopicState.OPEN
            and len(settled) >= RULES.settled_topics_needed
            and len(told) >= RULES.told_topics_needed
        )
        if is_enough:
            return []
        still_open = [topic for topic in Topic if self.topics[topic] == TopicState.OPEN]
        if still_open:
            return still_open
        # Somebody who passed everything over may come back to it; who declined the rest has told what they want to.
        passed = [topic for topic in Topic if self.topics[topic] == TopicState.PASSED]
        return passed if passed or told else list(Topic)

    @property
    def is_enough(self) -> bool:
        return not self.missing


def standing(understood: Understood, interview: Interview) -> Standing:
    """How far the talk is."""

    def state(topic: Topic) -> TopicState:
        if topic in interview.closed:
            return TopicState.DECLINED
        said = [item for item in understood.of(topic) if item.message_id is not None]
        if any(item.kind != Kind.BOUNDARY for item in said):
            return TopicState.TOLD
        if topic in interview.passed:
            return TopicState.TOLD if understood.of(topic) else TopicState.PASSED
        return TopicState.OPEN

    return Standing({topic: state(topic) for topic in Topic})
