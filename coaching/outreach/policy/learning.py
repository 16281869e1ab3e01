"""What the policy believes about each person and each template, derived from settled decisions alone."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Count, F, FloatField, Max, QuerySet, Sum

from accounts.models import Consent, ConsentKind, User
from coaching.models import MessageTemplate, NudgeDecision, NudgePosterior

from .config import NUMBERS, PolicyNumbers
from .features import FEATURES, vector
from .regression import Belief, belief_from, prior
from .thompson import next_dosage, regressors
from .words import Record

BATCH = 200
# Decisions that were settled so long before the last run are looked at again: a run may have died half-way.
MARGIN = timedelta(days=7)


def usable(numbers: PolicyNumbers = NUMBERS) -> QuerySet[NudgeDecision]:
    """The decisions that teach something: a real draw with known features and a known reward."""
    return NudgeDecision.objects.filter(
        policy_version=numbers.version,
        is_available=True,
        had_error=False,
        features__has_keys=list(FEATURES),
        reward__isnull=False,
    )


def forget_those_who_withdrew() -> int:
    """Deletes what is believed of people who do not agree to behavioural tracking any more."""
    agreed = Consent.objects.decision_of("user", ConsentKind.BEHAVIORAL_TRACKING)
    return NudgePosterior.objects.alias(agreed=agreed).exclude(agreed=True).delete()[0]


def measure_templates(*, now: datetime, numbers: PolicyNumbers = NUMBERS) -> None:
    """Stores what came of each template in the last months: the rewards of the settled decisions that used
    it, each weighted by 1 / the odds at which it was drawn. Three queries."""
    one = 1.0 / F("template_probability")
    rows = (
        NudgeDecision.objects.filter(
            resolved_at__gt=now - timedelta(days=numbers.words_look_back_days),
            resolved_at__lte=now,
            reward__isnull=False,
            template__isnull=False,
            template_probability__gt=0,
        )
        .order_by()
        .values("template_id")
        .annotate(
            weight=Sum(one, output_field=FloatField()),
            weight_squared=Sum(one * one, output_field=FloatField()),
            gained=Sum(one * F("reward"), output_field=FloatField()),
        )
    )
    found = {
        row["template_id"]: asdict(Record(row["weight"], row["weight_squared"], row["gained"]))
        for row in rows
    }
    templates = list(MessageTemplate.objects.only("pk", "measured"))
    changed = [row for row in templates if row.measured != found.get(row.pk, {})]
    for template in changed:
        template.measured = found.get(template.pk, {})
    MessageTemplate.objects.bulk_update(changed, ["measured"])


def update_posteriors(
    *,
    now: datetime,
    anew: bool = False,
    ids: tuple[UUID, UUID] | None = None,
    numbers: PolicyNumbers = NUMBERS,
) -> int:
    """Learns from the decisions settled until `now`; returns for how many people.

    What was learned before is kept when it surely rests on all that was settled before it was stored;
    otherwise, and with `anew`, the person is learned from the beginning. Both give the same result. Nobody
    is learned who does not agree to behavioural tracking, and what was learned of them before is deleted.
    With `ids` only the people from the first id to the last are learned, and nothing else is done.
    """
    if ids is None:
        forget_those_who_withdrew()
        measure_templates(now=now, numbers=numbers)
    rows = _with_news(now, ids, numbers) if not anew else _until(now, ids, numbers)
    people = list(rows.order_by("user_id").values_list("user_id", flat=True).distinct())
    return sum(
        _update(people[start : start + BATCH], now, anew, numbers)
        for start in range(0, len(people), BATCH)
    )


def with_news(*, now: datetime, numbers: PolicyNumbers = NUMBERS) -> QuerySet[User]:
    """The people of whom there may be something to learn."""
    return User.objects.filter(pk__in=_with_news(now, None, numbers).order_by().values("user"))


def _until(
    now: datetime, ids: tuple[UUID, UUID] | None, numbers: PolicyNumbers
) -> QuerySet[NudgeDecision]:
    rows = usable(numbers).filter(resolved_at__lte=now)
    return rows if ids is None else rows.filter(user__gte=ids[0], user__lte=ids[1])


def _with_news(
    now: datetime, ids: tuple[UUID, UUID] | None, numbers: PolicyNumbers
) -> QuerySet[NudgeDecision]:
    """What was settled since somebody (of `ids`) was learned last, or shortly before."""
    learned_before = NudgePosterior.objects.filter(policy_version=numbers.version)
    if ids is not None:
        learned_before = learned_before.filter(user__gte=ids[0], user__lte=ids[1])
    last = learned_before.aggregate(last=Max("updated_at"))["last"]
    rows = _until(now, ids, numbers)
    return rows if last is None else rows.filter(resolved_at__gt=last - MARGIN)


def _update(people: Sequence[UUID], now: datetime, anew: bool, numbers: PolicyNumbers) -> int:
    """Brings the posteriors of those of `people` who agree up to `now`; five queries."""
    agreed = Consent.objects.decision_of("pk", ConsentKind.BEHAVIORAL_TRACKING)
    with transaction.atomic():
        people = list(
            User.objects.filter(pk__in=people)
            .alias(agreed=agreed)
            .filter(agreed=True)
            .values_list("pk", flat=True)
        )
        if not people:
            return 0
        known = {} if anew else _trusted(people, now, numbers)
        fresh = _settled(people, known, now, numbers)
        changed = []
        for user_id, decisions in fresh.items():
            stored = known.get(user_id)
            belief = (
                belief_from(stored.mean, stored.covariance) if stored else prior(FEATURES, numbers)
            )
            newest = max(decisions, key=lambda row: row.at)
            after = learned(belief, decisions, numbers)
            changed.append(
                NudgePosterior(
                    user_id=user_id,
                    policy_version=numbers.version,
                    mean=after.mean,
                    covariance=after.covariance,
                    dosage=next_dosage(newest.dosage, sent=newest.sent, numbers=numbers),
                    observations=(stored.observations if stored else 0) + len(decisions),
                    updated_at=now,
                )
            )
        NudgePosterior.objects.bulk_create(
            changed,
            update_conflicts=True,
            unique_fields=["user", "policy_version"],
            update_fields=["mean", "covariance", "dosage", "observations", "updated_at"],
        )
    return len(changed)


def learned(
    belief: Belief, decisions: Iterable[NudgeDecision], numbers: PolicyNumbers = NUMBERS
) -> Belief:
    """The belief after the rewards of `decisions`; their order does not matter."""
    for row in decisions:
        if row.reward is None:
            continue
        x = regressors(vector(row.features), row.probability, sent=row.sent)
        belief = belief.after(x, row.reward, numbers.noise)
    return belief


def _trusted(
    people: Sequence[UUID], now: datetime, numbers: PolicyNumbers
) -> dict[UUID, NudgePosterior]:
    """The stored posteriors that rest on all the decisions settled until they were stored."""
    stored = {
        row.user_id: row
        for row in NudgePosterior.objects.filter(
            user__in=people, policy_version=numbers.version, updated_at__lte=now
        )
    }
    counts = dict(
        usable(numbers)
        .filter(
            user__in=list(stored),
            user__nudge_posteriors__policy_version=numbers.version,
            resolved_at__lte=F("user__nudge_posteriors__updated_at"),
        )
        .order_by()
        .values("user_id")
        .annotate(count=Count("pk"))
        .values_list("user_id", "count")
    )
    return {
        user_id: row
        for user_id, row in stored.items()
        if counts.get(user_id, 0) == row.observations and _is_sound(row)
    }


def _is_sound(row: NudgePosterior) -> bool:
    try:
        return belief_from(row.mean, row.covariance).size == 2 * len(FEATURES)
    except ValueError:
        return False


def _settled(
    people: Sequence[UUID],
    known: dict[UUID, NudgePosterior],
    now: datetime,
    numbers: PolicyNumbers,
) -> dict[UUID, list[NudgeDecision]]:
    """What each person's posterior does not rest on yet."""
    rows = usable(numbers).filter(user__in=people, resolved_at__lte=now)
    if len(known) == len(people):
        rows = rows.filter(resolved_at__gt=min(row.updated_at for row in known.values()))
    fresh: dict[UUID, list[NudgeDecision]] = defaultdict(list)
    for row in rows.order_by("user_id", "at", "id"):
        stored = known.get(row.user_id)
        if stored is None or (row.resolved_at is not None and row.resolved_at > stored.updated_at):
            fresh[row.user_id].append(row)
    return fresh
