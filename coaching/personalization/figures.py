"""What the looks at personal prompts came to: counts and money by week, and what this week may cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, DateField, F, Q, QuerySet, Sum
from django.db.models.functions import TruncWeek

from coaching.models import (
    CoachingProfile,
    PromptReview,
    PromptRevision,
    PromptStatus,
    ReviewDecision,
)

from .config import PersonalizedCoachingConfig
from .weekly import cost_of_writing

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class WeekFigures:
    """One week, from its Monday: how many looks ended how; money in microdollars.

    `spent` is what all new versions of the week cost, whoever asked for them; `saved` what the looks that
    found no change would have cost.
    """

    monday: date
    regenerated: int = 0
    skipped: int = 0
    rejected: int = 0
    failed: int = 0
    not_due: int = 0
    spent: int = 0
    saved: int = 0

    @property
    def looked_at(self) -> int:
        return self.regenerated + self.skipped + self.rejected + self.failed + self.not_due


def week_figures(
    reviews: QuerySet[PromptReview],
    revisions: QuerySet[PromptRevision],
    *,
    today: date,
    weeks: int,
) -> list[WeekFigures]:
    """The last `weeks` weeks up to the one of `today`, empty ones included, the oldest first. Two queries."""
    this_monday = today - timedelta(days=today.weekday())
    first = this_monday - WEEK * (weeks - 1)
    counts = {
        decision.value: Count("id", filter=Q(decision=decision))
        for decision in ReviewDecision
        if decision != ReviewDecision.BEGUN
    }
    looks: dict[date, dict[str, Any]] = {
        row["week"]: dict(row)
        for row in reviews.filter(local_date__gte=first)
        .order_by()
        .annotate(week=TruncWeek("local_date", output_field=DateField()))
        .values("week")
        .annotate(**counts, saved=Sum("saved_microdollars"))
    }
    spent = dict(
        revisions.filter(created_at__date__gte=first)
        .order_by()
        .annotate(week=TruncWeek("created_at", output_field=DateField()))
        .values("week")
        .annotate(spent=Sum("cost_microdollars"))
        .values_list("week", "spent")
    )
    found = []
    for at in range(weeks):
        monday = first + WEEK * at
        row: dict[str, Any] = looks.get(monday, {})
        named: dict[str, int] = {name: row.get(name, 0) for name in (*counts, "saved")}
        found.append(WeekFigures(monday, spent=spent.get(monday, 0), **named))
    return found


@dataclass(frozen=True, slots=True)
class Projection:
    """What is to come: people with a prompt, those old enough to be written anew, and what that may cost.

    `most` is the cost if every one of them were written anew, `expected` if as many change as of late;
    `change_share` is that share, and `None` while nobody was looked at.
    """

    with_prompts: int
    due: int
    each: int
    change_share: float | None

    @property
    def most(self) -> int:
        return self.due * self.each

    @property
    def expected(self) -> int:
        return round(self.most * (1.0 if self.change_share is None else self.change_share))


def profiles_with_prompts(profiles: QuerySet[CoachingProfile]) -> QuerySet[CoachingProfile]:
    """Those of `profiles` that hold a personal prompt, of people who are still there."""
    return profiles.exclude(coaching_system_prompt="").filter(
        user__deleted_at__isnull=True, user__is_active=True
    )


def due_profiles(
    profiles: QuerySet[CoachingProfile], config: PersonalizedCoachingConfig, *, now: datetime
) -> QuerySet[CoachingProfile]:
    """Those whose prompt is ready and old enough to be written anew."""
    earliest = now - timedelta(days=config.min_days_between_updates)
    return profiles_with_prompts(profiles).filter(
        prompt_status=PromptStatus.READY, last_prompt_update__lte=earliest
    )


def project(
    profiles: QuerySet[CoachingProfile],
    weeks: Sequence[WeekFigures],
    config: PersonalizedCoachingConfig,
    *,
    now: datetime,
) -> Projection:
    """This week, from who is due now and the share that changed in `weeks`."""
    decided = sum(week.looked_at - week.not_due for week in weeks)
    changed = sum(week.regenerated + week.rejected + week.failed for week in weeks)
    return Projection(
        with_prompts=profiles_with_prompts(profiles).count(),
        due=due_profiles(profiles, config, now=now).count(),
        each=cost_of_writing(config, now=now),
        change_share=changed / decided if decided else None,
    )


def oldest_first(profiles: QuerySet[CoachingProfile]) -> QuerySet[CoachingProfile]:
    """People with a prompt, those whose was written longest ago first."""
    return (
        profiles_with_prompts(profiles)
        .select_related("user")
        .order_by(F("last_prompt_update").asc(nulls_first=True), "pk")
    )
