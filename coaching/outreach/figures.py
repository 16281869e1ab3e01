"""What came of outreach, in figures: for the day, for each wording, and for the policy. Sums are made in SQL."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from math import sqrt
from statistics import NormalDist
from typing import Any
from uuid import UUID

from django.db.models import Avg, Case, Count, F, FloatField, Max, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Floor, Least

from coaching.models import CoachMessage, DeliveryState, NudgeDecision

DAY = timedelta(days=1)
Z95 = NormalDist().inv_cdf(0.975)
PROBABILITY_BINS = 10
# How many uses' worth of the average a wording begins with, so that three lucky ones prove nothing (ours).
SMOOTHING_USES = 20.0


# --- The day ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Standing:
    """A question staff have about messages: what it is called, and which messages answer it."""

    key: str
    title: str
    condition: Q


def standings(now: datetime) -> list[Standing]:
    """What staff look at first, as of `now`: the last 24 hours, and what waits whenever it came."""
    since = now - DAY
    held = Q(state__in=[DeliveryState.SUPPRESSED, DeliveryState.MERGED, DeliveryState.FAILED])
    later = Q(state=DeliveryState.QUEUED, not_before__gt=now)
    return [
        Standing("sent", "Sent in 24 hours", Q(sent_at__gte=since, sent_at__lte=now)),
        Standing("held_back", "Held back in 24 hours", held & Q(created_at__gte=since)),
        Standing("later", "To go out later", later),
        Standing("waiting", "Waiting for approval", Q(state=DeliveryState.PENDING_APPROVAL)),
        Standing("unknown", "Outcome unknown", Q(state=DeliveryState.UNKNOWN)),
    ]


def counts_of(rows: QuerySet[CoachMessage], chosen: Sequence[Standing]) -> dict[str, int]:
    """How many of `rows` answer each of `chosen`; one query for each, so that each finds its index."""
    return {one.key: rows.filter(one.condition).count() for one in chosen}


# --- Wordings -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class WordingFigures:
    """How one template did: messages sent and followed; decisions settled and answered by the action."""

    sent: int = 0
    followed: int = 0
    settled: int = 0
    done: int = 0
    rate: float | None = None


def wording_figures(since: datetime) -> dict[UUID, WordingFigures]:
    """The figures of every template used from `since` on; two queries.

    `rate` is how often the action followed, drawn towards the average of all wordings as long as there
    are few uses: (done + k·average) / (settled + k).
    """
    sent = (
        CoachMessage.objects.filter(template__isnull=False, sent_at__gte=since)
        .order_by()
        .values("template_id")
        .annotate(sent=Count("id"), followed=Count("engaged_at"))
    )
    settled = (
        NudgeDecision.objects.filter(
            template__isnull=False, sent=True, action_done__isnull=False, at__gte=since
        )
        .order_by()
        .values("template_id")
        .annotate(settled=Count("id"), done=Count("id", filter=Q(action_done=True)))
    )
    said = {row["template_id"]: row for row in sent}
    answered = {row["template_id"]: row for row in settled}
    uses = sum(row["settled"] for row in answered.values())
    average = sum(row["done"] for row in answered.values()) / uses if uses else None
    found = {}
    for key in said.keys() | answered.keys():
        figures = WordingFigures(
            sent=said[key]["sent"] if key in said else 0,
            followed=said[key]["followed"] if key in said else 0,
            settled=answered[key]["settled"] if key in answered else 0,
            done=answered[key]["done"] if key in answered else 0,
        )
        found[key] = replace(figures, rate=_smoothed(figures, average))
    return found


def _smoothed(figures: WordingFigures, average: float | None) -> float | None:
    if average is None:
        return None
    return (figures.done + SMOOTHING_USES * average) / (figures.settled + SMOOTHING_USES)


# --- The policy ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class PolicyDay:
    """One local date: decisions, those at which a message could be sent, and what was done at these.

    `odds` is their average probability; the rewards are averages over settled decisions, `None` without any.
    """

    day: date
    decisions: int
    available: int
    sent: int
    odds: float | None
    reward_with: float | None
    reward_without: float | None

    @property
    def share_sent(self) -> float | None:
        return self.sent / self.available if self.available else None


@dataclass(frozen=True)
class Difference:
    """What a message adds to the reward of a decision, with its 95 % interval.

    Each side is a mean weighted by 1 / the odds of what was done (Hájek 1971), so that being drawn more
    often in good moments counts for nothing. The interval treats a person's decisions as one cluster;
    it is `None` for a single person.
    """

    version: str
    decisions: int
    people: int
    reward_with: float | None
    reward_without: float | None
    low: float | None
    high: float | None

    @property
    def value(self) -> float | None:
        if self.reward_with is None or self.reward_without is None:
            return None
        return self.reward_with - self.reward_without


def policy_days(rows: QuerySet[NudgeDecision]) -> list[PolicyDay]:
    """Day by day, the oldest first; one query."""
    chance = Q(is_available=True)
    found = (
        rows.order_by("local_date")
        .values("local_date")
        .annotate(
            decisions=Count("id"),
            available=Count("id", filter=chance),
            messages=Count("id", filter=chance & Q(sent=True)),
            odds=Avg("probability", filter=chance),
            reward_with=Avg("reward", filter=chance & Q(sent=True)),
            reward_without=Avg("reward", filter=chance & Q(sent=False)),
        )
    )
    return [
        PolicyDay(
            row["local_date"],
            row["decisions"],
            row["available"],
            row["messages"],
            row["odds"],
            row["reward_with"],
            row["reward_without"],
        )
        for row in found
    ]


def odds_histogram(rows: QuerySet[NudgeDecision]) -> list[int]:
    """How many decisions were taken at odds from 0 to 0.1, from 0.1 to 0.2 and so on; one query."""
    last = Value(PROBABILITY_BINS - 1, output_field=FloatField())
    # Odds are decimal fractions: a hair keeps 0.3 from falling below its own bin.
    scaled = F("probability") * PROBABILITY_BINS + 1e-9
    found = (
        rows.filter(is_available=True)
        .order_by()
        .values(bin=Least(Floor(scaled, output_field=FloatField()), last))
        .annotate(count=Count("id"))
    )
    counted = {int(row["bin"]): row["count"] for row in found}
    return [counted.get(number, 0) for number in range(PROBABILITY_BINS)]


def reasons_for_silence(rows: QuerySet[NudgeDecision]) -> list[tuple[str, int]]:
    """Why no message was possible, the most frequent reason first; one query."""
    found = (
        rows.filter(is_available=False)
        .order_by()
        .values("unavailable_reason")
        .annotate(count=Count("id"))
    )
    return sorted(
        ((row["unavailable_reason"], row["count"]) for row in found), key=lambda each: -each[1]
    )


def versions_of(rows: QuerySet[NudgeDecision], limit: int = 5) -> list[str]:
    """The policy versions that decided, the newest first; one query."""
    found = rows.order_by().values("policy_version").annotate(last=Max("at"))
    newest = sorted(found, key=lambda row: row["last"], reverse=True)
    return [row["policy_version"] for row in newest[:limit]]


def difference(rows: QuerySet[NudgeDecision], version: str) -> Difference:
    """What a message added under `version`; one query, whatever the number of decisions.

    For each person a = Σ w·reward and b = Σ w over their decisions of one kind, w = 1 / odds. The
    difference of the two ratios Σa/Σb has the linearised residual a₁-v₁b₁ over B₁ minus the same for the
    other kind; the variance of its sum over people comes from the sums of squares and products.
    """
    settled = rows.filter(
        policy_version=version,
        is_available=True,
        had_error=False,
        reward__isnull=False,
        probability__gt=0,
        probability__lt=1,
    )
    with_weight = _if_sent(1 / F("probability"), sent=True)
    without_weight = _if_sent(1 / (1 - F("probability")), sent=False)
    people = (
        settled.order_by()
        .values("user_id")
        .annotate(
            n=Count("id"),
            a1=Sum(with_weight * F("reward"), output_field=FloatField()),
            b1=Sum(with_weight, output_field=FloatField()),
            a0=Sum(without_weight * F("reward"), output_field=FloatField()),
            b0=Sum(without_weight, output_field=FloatField()),
        )
    )
    names = ("a1", "b1", "a0", "b0")
    products = {
        f"{one}_{other}": Sum(F(one) * F(other), output_field=FloatField())
        for at, one in enumerate(names)
        for other in names[at:]
    }
    sums: dict[str, Any] = people.aggregate(
        people=Count("user_id"),
        decisions=Sum("n"),
        **{f"sum_{name}": Sum(name, output_field=FloatField()) for name in names},
        **products,
    )
    return _difference(version, sums)


def _if_sent(weight: Any, *, sent: bool) -> Case:
    return Case(When(sent=sent, then=weight), default=Value(0.0), output_field=FloatField())


def _difference(version: str, sums: dict[str, Any]) -> Difference:
    people, decisions = sums["people"] or 0, sums["decisions"] or 0
    total = {name: sums[f"sum_{name}"] or 0.0 for name in ("a1", "b1", "a0", "b0")}
    mean_with = total["a1"] / total["b1"] if total["b1"] else None
    mean_without = total["a0"] / total["b0"] if total["b0"] else None
    low = high = None
    if people > 1 and mean_with is not None and mean_without is not None:
        # The residual of a person is a linear form in their four sums.
        form = {
            "a1": 1 / total["b1"],
            "b1": -mean_with / total["b1"],
            "a0": -1 / total["b0"],
            "b0": mean_without / total["b0"],
        }
        names = list(form)
        variance = 0.0
        for at, one in enumerate(names):
            for other in names[at:]:
                twice = 1 if one == other else 2
                variance += twice * form[one] * form[other] * sums[f"{one}_{other}"]
        error = Z95 * sqrt(max(0.0, variance) * people / (people - 1))
        low, high = mean_with - mean_without - error, mean_with - mean_without + error
    return Difference(version, decisions, people, mean_with, mean_without, low, high)
