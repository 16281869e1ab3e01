"""The picture of a person: twenty named facts, each computed from what is there, or honestly unknown.

Where a fact comes from is declared with `@known_field`, by the domains and in `known`. Facts from watching
what somebody does are read only of people who agreed to that; what they said or set is theirs to use.
"""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import InterfaceError, OperationalError
from django.db.models import QuerySet

from accounts.models import Consent, ConsentKind, User
from coaching.toolkit import Known, KnownField, known_fields, one_answer

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the picture. `to_know` says to the person what would make it known."""

    name: str
    title: str
    to_know: str


# In the order in which they are worth their place when space is short.
FIELDS: tuple[Field, ...] = (
    Field("communication_style", "How you like to be talked to", "Choose it in Settings."),
    Field("detail_preference", "How much detail you like", "Choose it in Settings."),
    Field(
        "completion_rates",
        "How much gets done",
        "Tick habits for a few days: from five asked-for times on.",
    ),
    Field(
        "struggle_patterns",
        "What is hard",
        "It takes a few weeks of ticks, or a word about what gets in the way.",
    ),
    Field("best_performing_habits", "What goes best", "Five asked-for times of a habit, and more."),
    Field("available_time", "Time you have", "Say it: “I have 20 minutes a day.”"),
    Field("work_schedule", "Working hours", "Set them in Settings, or tell the coach."),
    Field("stress_level", "Stress", "Only known if you talk about it."),
    Field("sleep_quality", "Sleep", "Only known if you talk about it."),
    Field("motivation_style", "What moves you", "Say now and then why something matters to you."),
    Field("commitment_level", "Commitment", "Two weeks with a habit, or a few promises."),
    Field(
        "peak_productivity_times",
        "When things get done",
        "Ticks at the time of doing, on fourteen days.",
    ),
    Field("streak_data", "Runs", "The first tick begins one."),
    Field(
        "chronotype",
        "Morning or evening",
        "Say which you are. It is asked, and not concluded from your hours.",
    ),
    Field("social_support", "Who is with you", "Tell the coach who knows about your goals."),
    Field("fitness_level", "Fitness", "Tell how you train, or tick fitness habits."),
    Field("challenge_appetite", "Appetite for challenge", "Two running habits show their sizes."),
    Field("learning_pace", "Pace of learning", "Learning habits, ticked for a while."),
    Field("financial_habits", "Money habits", "Money habits, ticked for a while."),
    Field("seasonal_patterns", "Seasons", "Most of a year of ticks."),
)
BY_NAME = {field.name: field for field in FIELDS}


@dataclass(frozen=True, slots=True)
class Fact:
    """One field of a person's picture: as data, in words, what it rests on; unknown without evidence.

    `confidence` is in [0, 1]; `to_know` says what would make an unknown one known.
    """

    name: str
    title: str
    is_known: bool
    value: Any = None
    words: str = "unknown"
    evidence: tuple[str, ...] = ()
    confidence: float = 0.0
    to_know: str = ""

    @property
    def sureness(self) -> str:
        """ "low", "medium" or "high"."""
        return "high" if self.confidence >= 0.75 else "medium" if self.confidence >= 0.4 else "low"


@dataclass(frozen=True)
class UserContext:
    """Everything the coach makes of a person, by field; `is_learning` says whether watching is allowed."""

    facts: Mapping[str, Fact]
    is_learning: bool

    def __getitem__(self, name: str) -> Fact:
        return self.facts[name]

    @property
    def known(self) -> list[Fact]:
        return [fact for fact in self.facts.values() if fact.is_known]

    @property
    def unknown(self) -> list[Fact]:
        return [fact for fact in self.facts.values() if not fact.is_known]

    def as_json(self) -> dict[str, Any]:
        """As it is stored: what is known by field; what is not there is unknown."""
        known = {fact.name: asdict(fact) | {"evidence": list(fact.evidence)} for fact in self.known}
        return {"is_learning": self.is_learning, "facts": known}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "UserContext":
        facts = dict(stored.get("facts", {}))
        return cls(
            {
                field.name: Fact(
                    **{**facts[field.name], "evidence": tuple(facts[field.name]["evidence"])}
                )
                if field.name in facts
                else _unknown(field)
                for field in FIELDS
            },
            bool(stored.get("is_learning")),
        )


class UserContextEngine:
    """Builds the picture of a person from everything that declares a field of it."""

    def build(self, user: User, *, now: datetime) -> UserContext:
        """Every field as of `now`. About ten queries, whatever the number of fields.

        A field that breaks is unknown; the others stand.
        """
        person = people_to_read(User.objects.filter(pk=user.pk)).get()
        return self.build_for(person, now=now)

    def build_for(self, person: User, *, now: datetime) -> UserContext:
        """The same for somebody read with `people_to_read`."""
        is_learning = may_watch(person)
        found: dict[str, list[Known]] = {field.name: [] for field in FIELDS}
        with one_answer():
            for field in known_fields:
                if field.name not in found or not (field.is_said or is_learning):
                    continue
                known = _read(field, person, now)
                if known is not None and known.evidence:
                    found[field.name].append(known)
        return UserContext(
            {name: _fact(BY_NAME[name], several) for name, several in found.items()}, is_learning
        )


def people_to_read(people: QuerySet[User]) -> QuerySet[User]:
    """`people` with all that the fields read of them in the same query."""
    return people.select_related("preferences", "interaction_pattern").annotate(
        agreed=Consent.objects.decision_of("pk", ConsentKind.BEHAVIORAL_TRACKING)
    )


def may_watch(person: User) -> bool:
    """Whether the coach may learn from what `person` (read with `people_to_read`) does."""
    preferences = getattr(person, "preferences", None)
    return (
        bool(getattr(person, "agreed", False))
        and (preferences is None or preferences.learning_enabled)
        and person.is_active
        and person.deleted_at is None
    )


def _read(field: KnownField, person: User, now: datetime) -> Known | None:
    try:
        return field.read(person, now)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        # One domain's mistake must not cost the person the rest of the picture.
        logger.exception("known_field_failed key=%s", field.key)
        return None


def _fact(field: Field, several: Iterable[Known]) -> Fact:
    """The fact that several sources tell together: the surest one's value, everybody's words and evidence."""
    ranked = sorted(several, key=lambda known: -known.confidence)
    if not ranked:
        return _unknown(field)
    return Fact(
        name=field.name,
        title=field.title,
        is_known=True,
        value=ranked[0].value,
        words=" ".join(dict.fromkeys(known.words for known in ranked)),
        evidence=tuple(dict.fromkeys(line for known in ranked for line in known.evidence)),
        confidence=round(max(0.0, min(1.0, ranked[0].confidence)), 2),
    )


def _unknown(field: Field) -> Fact:
    return Fact(field.name, field.title, is_known=False, to_know=field.to_know)
