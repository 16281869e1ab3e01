"""The weekly look at every personal prompt: measure, compare, and write anew only what has to be.

Looking is set-based and costs nothing; writing is a task of its own per person, outside any transaction. A
row per person and day says what was decided, so that two workers decide once, and what a dead worker left
behind is taken on again.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Avg, Exists, OuterRef, Q, QuerySet

from accounts.models import User
from coaching.llm.targets import ladder
from coaching.models import (
    CoachingProfile,
    PromptReview,
    PromptRevision,
    PromptStatus,
    ReviewDecision,
    RevisionReason,
)
from coaching.outreach.clock import local_clocks

from . import pruning
from .behavior import BehavioralMetrics, BehavioralTracker
from .change import EVENTS, Decision, decide
from .config import PersonalizedCoachingConfig, coaching_config
from .events import events_of, life_events
from .trying import write_and_try

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class ReviewNumbers:
    """How the look itself runs (ours).

    open_hours: clock hours within which a look that did not happen in time is caught up.
    writing_patience: after so long a writing that nobody finished is taken on by another worker.
    give_up_after: after so long it is not taken on any more, and failed.
    cost_days: days over which the cost of a writing is averaged.
    """

    open_hours: int = 3
    writing_patience: timedelta = timedelta(minutes=20)
    give_up_after: timedelta = timedelta(days=2)
    cost_days: int = 90


NUMBERS = ReviewNumbers()


@dataclass
class Reviewed:
    """What became of one range of people; `to_write` are the ids of reviews whose prompt is to be written."""

    looked_at: int = 0
    skipped: int = 0
    too_early: int = 0
    saved_microdollars: int = 0
    to_write: list[UUID] = field(default_factory=list)


def scheduled(day: str = "", hour: int | None = None) -> PersonalizedCoachingConfig:
    """The configuration with another day and hour, as staff set them on the schedule.

    Raises `BadConfig` for a day or hour that there is not.
    """
    config = coaching_config()
    if day:
        config = replace(config, prompt_update_day=day.strip().lower())
    return config if hour is None else replace(config, prompt_update_hour=int(hour))


def bring_up_to_date(first: UUID, last: UUID, *, now: datetime) -> None:
    """Stores the figures of now with every profile whose person has an id in that range, as far as may be learned."""
    measured = BehavioralTracker().calculate_metrics(first, last, now=now)
    profiles = list(CoachingProfile.objects.filter(user__in=list(measured)))
    for profile in profiles:
        profile.behavioral_data = measured[profile.user_id].to_json()
    CoachingProfile.objects.bulk_update(profiles, ["behavioral_data"], batch_size=500)


def with_prompts() -> QuerySet[User]:
    """People who are there and have a personal prompt that nobody is writing at the moment."""
    return User.objects.filter(
        is_active=True, deleted_at__isnull=True, coaching_profile__prompt_status=PromptStatus.READY
    ).exclude(coaching_profile__coaching_system_prompt="")


def old_enough(people: QuerySet[User], *, now: datetime) -> QuerySet[User]:
    """Those of `people` whose prompt may be written anew by its age."""
    earliest = now - timedelta(days=coaching_config().min_days_between_updates)
    return people.filter(coaching_profile__last_prompt_update__lte=earliest)


def due_for_review(
    *, now: datetime, config: PersonalizedCoachingConfig | None = None
) -> QuerySet[User]:
    """People whose clock shows the day and hour of the look, and who were not looked at on that date yet.

    Whoever told of a turning point since is looked at on any day, at the same hour, once for each.
    """
    config = config or coaching_config()
    reviewed = PromptReview.objects.filter(user=OuterRef("pk"))
    earliest = now - timedelta(days=config.min_days_between_updates)
    known = PromptReview.objects.filter(user=OuterRef("user"), at__gte=OuterRef("created_at"))
    unseen = life_events().exclude(Exists(known.exclude(decision=ReviewDecision.NOT_DUE)))
    happened = Exists(unseen.filter(user=OuterRef("pk"), created_at__lte=now))
    is_due = Q(pk__in=[])
    for today, zones in _zones_at_their_hour(now, config).items():
        here = Q(timezone__in=zones) & ~Q(Exists(reviewed.filter(local_date=today)))
        if today.weekday() != config.prompt_update_weekday:
            here &= Q(coaching_profile__last_prompt_update__lte=earliest) & Q(happened)
        is_due |= here
    return with_prompts().filter(is_due)


def _zones_at_their_hour(
    now: datetime, config: PersonalizedCoachingConfig
) -> dict[date, list[str]]:
    """The zones whose clock shows one of the hours of the look, by their date."""
    zones: dict[date, list[str]] = {}
    for zone, local in local_clocks(now=now).items():
        late = local.hour - config.prompt_update_hour
        if 0 <= late < NUMBERS.open_hours:
            zones.setdefault(local.date(), []).append(zone)
    return zones


def review(
    first: UUID,
    last: UUID,
    *,
    now: datetime,
    config: PersonalizedCoachingConfig | None = None,
    people: QuerySet[User] | None = None,
) -> Reviewed:
    """Looks at those with an id from `first` to `last` who are due, or at those of them in `people`.

    What did not change is left as it is, its figures brought up to date. What did is to be written:
    whoever calls has that done by `write` for each id in `to_write`. A bounded number of statements.
    """
    config = config or coaching_config()
    due = due_for_review(now=now, config=config) if people is None else people
    profiles = list(
        CoachingProfile.objects.filter(
            user__in=due.filter(pk__range=(first, last)).order_by().values("pk")
        ).select_related("user")
    )
    if not profiles:
        return Reviewed()
    logger.info("prompt_update_started people=%d", len(profiles))
    measured = BehavioralTracker(config).calculate_metrics(first, last, now=now)
    happened = events_of([profile.user_id for profile in profiles], now=now)
    cost = cost_of_writing(config, now=now)
    rows: list[PromptReview] = []
    for profile in profiles:
        today = now.astimezone(profile.user.tz).date()
        written_at = profile.last_prompt_update or profile.user.created_at
        decision = decide(
            BehavioralMetrics.from_json(profile.baseline_data),
            measured.get(profile.user_id),
            written_on=written_at.astimezone(profile.user.tz).date(),
            today=today,
            events=happened.get(profile.user_id, ()),
            config=config,
        )
        metrics = measured.get(profile.user_id)
        rows.append(_row(profile, decision, metrics, today, config, cost, now))
    found = _keep(rows, profiles, measured)
    left = {row.user_id for row in rows if row.pk not in found.to_write}
    pruning.drop_expired(left, now=now)
    return found


def _row(
    profile: CoachingProfile,
    decision: Decision,
    metrics: BehavioralMetrics | None,
    today: date,
    config: PersonalizedCoachingConfig,
    cost: int,
    now: datetime,
) -> PromptReview:
    reasons = [change.to_json() for change in decision.changes]
    saved = 0
    if decision.is_too_early:
        verdict = ReviewDecision.NOT_DUE
    elif decision.is_due and config.enable_automatic_updates:
        verdict = ReviewDecision.BEGUN
    else:
        verdict = ReviewDecision.SKIPPED
        if decision.is_due:
            words = "Nothing is written anew by itself: that is switched off."
            reasons.append({"code": "automatic_off", "words": words})
        else:
            saved = cost
    return PromptReview(
        user=profile.user,
        local_date=today,
        decision=verdict,
        reasons=reasons,
        metrics=metrics.to_json() if metrics else {},
        saved_microdollars=saved,
        at=now,
    )


def _keep(
    rows: Sequence[PromptReview],
    profiles: Sequence[CoachingProfile],
    measured: Mapping[UUID, BehavioralMetrics],
) -> Reviewed:
    """Stores what was decided, unless another worker decided on the same date before."""
    by_user = {profile.user_id: profile for profile in profiles}
    with transaction.atomic():
        PromptReview.objects.bulk_create(rows, ignore_conflicts=True)
        kept = set(
            PromptReview.objects.filter(pk__in=[row.pk for row in rows]).values_list(
                "pk", flat=True
            )
        )
        mine = [row for row in rows if row.pk in kept]
        fresh = []
        for row in mine:
            metrics = measured.get(row.user_id)
            if metrics is not None:
                by_user[row.user_id].behavioral_data = metrics.to_json()
                fresh.append(by_user[row.user_id])
        CoachingProfile.objects.bulk_update(fresh, ["behavioral_data"])
    found = Reviewed(looked_at=len(mine))
    for row in mine:
        if row.decision == ReviewDecision.BEGUN:
            found.to_write.append(row.pk)
            codes = ",".join(reason["code"] for reason in row.reasons)
            logger.info("significant_behavior_change_detected user_id=%s changes=%s", row.user_id, codes)  # fmt: skip
        elif row.decision == ReviewDecision.SKIPPED:
            found.skipped += 1
            found.saved_microdollars += row.saved_microdollars
            logger.info(
                "skipping_prompt_update_no_significant_change user_id=%s saved_microdollars=%d",
                *(row.user_id, row.saved_microdollars),
            )
        else:
            found.too_early += 1
    logger.info(
        "prompts_reviewed looked_at=%d to_write=%d skipped=%d",
        *(found.looked_at, len(found.to_write), found.skipped),
    )
    return found


def cost_of_writing(config: PersonalizedCoachingConfig, *, now: datetime) -> int:
    """What one writing costs, in microdollars: as measured of late, else as reckoned; by rules it is free."""
    if all(target.is_builtin for target in ladder()):
        return 0
    since = now - timedelta(days=NUMBERS.cost_days)
    measured = PromptRevision.objects.filter(created_at__gte=since, cost_microdollars__gt=0)
    mean = measured.aggregate(mean=Avg("cost_microdollars"))["mean"]
    return config.prompt_cost_microdollars if mean is None else round(mean)


def unfinished(*, now: datetime) -> list[UUID]:
    """Reviews whose writing was begun and never finished: their task was lost, or its worker died."""
    stale = now - NUMBERS.writing_patience
    left = PromptReview.objects.filter(decision=ReviewDecision.BEGUN, at__lt=stale)
    left.filter(at__lt=now - NUMBERS.give_up_after).update(decision=ReviewDecision.FAILED)
    return list(left.filter(_is_free(stale)).values_list("pk", flat=True))


def _is_free(stale: datetime) -> Q:
    return Q(taken_at__isnull=True) | Q(taken_at__lt=stale)


def write(review_id: UUID, *, now: datetime) -> str:
    """Has the prompt of one review written, tried on what the person liked, and made live if it does no worse.

    Returns the decision, or "taken" when another worker is at it or was. Safe to run any number of times.
    """
    stale = now - NUMBERS.writing_patience
    free = PromptReview.objects.filter(pk=review_id, decision=ReviewDecision.BEGUN)
    if not free.filter(_is_free(stale)).update(taken_at=now):
        return "taken"
    row = PromptReview.objects.get(pk=review_id)
    happened = {reason["code"] for reason in row.reasons} & EVENTS
    reason = RevisionReason.EVENT if happened else RevisionReason.WEEKLY
    outcome = write_and_try(row.user_id, reason=reason, now=now)
    if outcome.decision is None:
        PromptReview.objects.filter(pk=row.pk).update(taken_at=None)
        return "again"
    row.decision = outcome.decision
    row.revision = outcome.revision
    row.cost_microdollars = outcome.revision.cost_microdollars if outcome.revision else 0
    if outcome.why:
        row.reasons = [*row.reasons, {"code": row.decision, "words": outcome.why[:300]}]
    row.save(update_fields=["decision", "revision", "cost_microdollars", "reasons"])
    return row.decision
