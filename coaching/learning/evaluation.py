"""How good the coach is, in figures: what people thought of answers, and whether its odds came true."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Avg, Count, F, Q, QuerySet
from django.db.models.functions import Coalesce, TruncWeek

from accounts.models import User
from coaching.models import (
    LearnedPreference,
    LearningEvent,
    Prediction,
    PredictionCalibration,
    ResponseFeedback,
)

from . import calibration
from .adaptation import CATEGORY, TIMING_CATEGORY
from .calibration import Bin

MOST_PREDICTIONS = 50_000
MOST_GROUPS = 30


@dataclass(frozen=True, slots=True)
class Group:
    """The ratings of a group of answers: thumbs up and down, and the mean helpfulness (1 to 5) if given."""

    name: str
    up: int
    down: int
    helpfulness: float | None

    @property
    def rated(self) -> int:
        return self.up + self.down

    @property
    def share(self) -> float | None:
        """The share that was liked."""
        return self.up / self.rated if self.rated else None


@dataclass(frozen=True, slots=True)
class Odds:
    """How the stated odds of one kind turned out, and the correction in force."""

    kind: str
    settled: int
    void: int
    waiting: int
    brier: float | None
    error: float | None
    bins: tuple[Bin, ...]
    correction: PredictionCalibration | None


@dataclass(frozen=True, slots=True)
class Total:
    """How often something happened that speaks for, against or about the coach."""

    name: str
    score: int
    count: int


@dataclass(frozen=True, slots=True)
class Adapted:
    """How many people the coach came to talk to differently, and how many declined that."""

    key: str
    value: str
    said: int
    concluded: int
    declined: int


def ratings(people: QuerySet[User] | None, *, since: datetime) -> QuerySet[ResponseFeedback]:
    """Opinions given since a moment, of `people` (`None`: of everybody); those in a crisis do not count."""
    rows = ResponseFeedback.objects.filter(created_at__gte=since, message__is_crisis=False)
    return rows if people is None else rows.filter(user__in=people)


def by_model(rows: QuerySet[ResponseFeedback]) -> list[Group]:
    """By the model that answered, the most rated first."""
    return _grouped(rows, F("message__model"), "unknown")


def by_prompt(rows: QuerySet[ResponseFeedback]) -> list[Group]:
    """By the version of the personal prompt: the generic one, the first, the second, …"""
    groups = _grouped(rows, Coalesce(F("message__system_prompt_version_used"), 0), "0")
    names = {"0": "Generic prompt"}
    ordered = sorted(groups, key=lambda group: int(group.name))
    return [
        Group(
            names.get(group.name, f"Personal, version {group.name}"),
            group.up,
            group.down,
            group.helpfulness,
        )
        for group in ordered
    ]


def by_week(rows: QuerySet[ResponseFeedback]) -> list[tuple[date, Group]]:
    """By the week (its Monday, UTC), oldest first; weeks without an opinion are left out."""
    found = _counted(rows, TruncWeek("created_at")).order_by("group")
    return [(row["group"].date(), _group(f"{row['group']:%Y-%m-%d}", row)) for row in found]


def _grouped(rows: QuerySet[ResponseFeedback], by: Any, unnamed: str) -> list[Group]:
    found = _counted(rows, by).order_by("-rated", "group")[:MOST_GROUPS]
    return [_group(str(row["group"] or unnamed), row) for row in found]


def _counted(rows: QuerySet[ResponseFeedback], by: Any) -> Any:
    return (
        rows.order_by()
        .annotate(group=by)
        .values("group")
        .annotate(
            up=Count("pk", filter=Q(rating=1)),
            down=Count("pk", filter=Q(rating=-1)),
            rated=Count("pk", filter=~Q(rating=0)),
            mean=Avg("helpfulness"),
        )
    )


def _group(name: str, row: dict[str, Any]) -> Group:
    return Group(name, row["up"], row["down"], row["mean"])


def odds(people: QuerySet[User] | None, *, since: datetime) -> list[Odds]:
    """Each kind of prediction about days since a moment, with its bins and scores."""
    rows = Prediction.objects.filter(for_date__gte=since.date())
    if people is not None:
        rows = rows.filter(user__in=people)
    kinds = (
        rows.order_by("kind")
        .values("kind")
        .annotate(
            settled=Count("pk", filter=Q(outcome__isnull=False)),
            void=Count("pk", filter=Q(outcome__isnull=True, resolved_at__isnull=False)),
            waiting=Count("pk", filter=Q(resolved_at__isnull=True)),
        )
    )
    return [_odds(rows, kind) for kind in kinds]


def _odds(rows: QuerySet[Prediction], counts: Mapping[str, Any]) -> Odds:
    kind = counts["kind"]
    newest = rows.filter(kind=kind, outcome__isnull=False).order_by("-for_date", "-pk")
    pairs = [
        (probability, bool(outcome))
        for probability, outcome in newest.values_list("probability", "outcome")[:MOST_PREDICTIONS]
    ]
    return Odds(
        kind,
        counts["settled"],
        counts["void"],
        counts["waiting"],
        calibration.brier(pairs),
        calibration.expected_error(pairs),
        tuple(calibration.reliability(pairs)),
        PredictionCalibration.objects.filter(kind=kind).order_by("-version").first(),
    )


def totals(people: QuerySet[User] | None, *, since: datetime) -> list[Total]:
    """Learning events since a moment by what happened, the most frequent first."""
    rows = LearningEvent.objects.filter(at__gte=since)
    if people is not None:
        rows = rows.filter(user__in=people)
    found: Iterable[Any] = (
        rows.order_by()
        .values_list("event_type", "feedback_score")
        .annotate(count=Count("pk"))
        .order_by("-count", "event_type")
    )
    return [Total(name.replace("_", " "), score, count) for name, score, count in found]


def adapted(people: QuerySet[User] | None) -> list[Adapted]:
    """What the coach learned about how to talk and when, by value."""
    rows = LearnedPreference.objects.filter(preference_category__in=(CATEGORY, TIMING_CATEGORY))
    if people is not None:
        rows = rows.filter(user__in=people)
    standing = Q(declined_at__isnull=True)
    found: Iterable[Any] = (
        rows.order_by()
        .values_list("preference_key", "preference_value")
        .annotate(
            said=Count("pk", filter=standing & Q(is_explicit=True)),
            concluded=Count("pk", filter=standing & Q(is_explicit=False)),
            declined=Count("pk", filter=~standing),
        )
        .order_by("preference_key", "preference_value")[:MOST_GROUPS]
    )
    return [Adapted(key.replace("_", " "), str(value), *counts) for key, value, *counts in found]
