"""How suggestions of slots fare over many people: how often they are taken, why not, and whether odds come true."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from accounts.models import User
from coaching.experiments.intervals import Sample, wilson
from coaching.learning.calibration import Bin, Pair, brier, expected_error, reliability
from productivity.models import RefusalReason, ScheduleRecommendation, SlotTrial, TrialKind

CONFIDENCE = 0.95
# The newest trials with told odds, of which the curve is made.
NEWEST = 20_000


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many, with the 95 % interval (Wilson)."""

    part: int
    of: int

    @property
    def words(self) -> str:
        if not self.of:
            return "none yet"
        interval = wilson(Sample(self.of, self.part / self.of), CONFIDENCE)
        return (
            f"{self.part} of {self.of}, {self.part / self.of:.0%} "
            f"({interval.low:.0%} to {interval.high:.0%})"
        )


@dataclass(frozen=True)
class SlotFigures:
    """`answered`: suggestions with a yes, of those with any answer; `done`: tasks done in the slot that was accepted. `bins`, `brier`, `error`: odds told and what came."""

    suggested: int
    answered: Share
    done: Share
    refusals: list[tuple[str, int]]
    told: int
    brier: float | None
    error: float | None
    bins: list[Bin]


def figures(people: QuerySet[User] | None, *, since: datetime) -> SlotFigures:
    """The figures of what was suggested since then to `people` (`None`: to everybody). Three queries."""
    rows = ScheduleRecommendation.objects.filter(created_at__gte=since)
    trials = SlotTrial.objects.filter(
        kind=TrialKind.PLAN, predicted__isnull=False, created_at__gte=since
    )
    if people is not None:
        rows, trials = rows.filter(user__in=people), trials.filter(user__in=people)
    counts = rows.aggregate(
        suggested=Count("pk"),
        accepted=Count("pk", filter=Q(accepted=True)),
        rejected=Count("pk", filter=Q(rejected=True)),
        settled=Count("pk", filter=Q(was_done__isnull=False)),
        done=Count("pk", filter=Q(was_done=True)),
    )
    why = (
        rows.filter(rejected=True)
        .values_list("refusal_reason")
        .annotate(times=Count("pk"))
        .order_by("-times", "refusal_reason")
    )
    newest = trials.order_by("-created_at").values_list("predicted", "worked")[:NEWEST]
    pairs: Sequence[Pair] = [(odds, came) for odds, came in newest if odds is not None]
    labels = dict(RefusalReason.choices)
    return SlotFigures(
        counts["suggested"],
        Share(counts["accepted"], counts["accepted"] + counts["rejected"]),
        Share(counts["done"], counts["settled"]),
        [(str(labels.get(reason, "Not said")), times) for reason, times in why],
        len(pairs),
        brier(pairs),
        expected_error(pairs),
        reliability(pairs),
    )
