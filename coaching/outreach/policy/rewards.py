"""What came of a decision: whether the action was done in its window, less what the message cost."""

import logging
from collections import defaultdict
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import Consent, ConsentKind
from coaching.models import NudgeDecision
from coaching.outreach.activity import ARRIVED
from coaching.toolkit import Span, channel_for, need_sources

from .config import NUMBERS, PolicyNumbers

logger = logging.getLogger(__name__)
BATCH = 500


def reward_of(*, done: bool, burden: float, numbers: PolicyNumbers = NUMBERS) -> float:
    """`1[done in its window] - price * burden`; opens and minutes are worth nothing."""
    return (1.0 if done else 0.0) - numbers.burden_price * burden


def resolve_rewards(*, now: datetime) -> int:
    """Settles the decisions whose window is over, each once; returns how many.

    Of people who do not agree to behavioural tracking any more nothing is asked: theirs stay without a reward.

    Safe to run twice at once: rows are claimed with `SKIP LOCKED`. A need source that fails is logged and
    asked again next time; one that no longer exists leaves its decisions without a reward.
    """
    settled = 0
    failed: set[str] = set()
    while True:
        with transaction.atomic():
            rows = list(_over(now).exclude(need__in=failed)[:BATCH])
            if not rows:
                return settled
            by_need = defaultdict(list)
            for row in rows:
                by_need[row.need].append(row)
            for need, decisions in by_need.items():
                if _settle(need, decisions, now):
                    settled += len(decisions)
                else:
                    failed.add(need)


def _over(now: datetime) -> QuerySet[NudgeDecision]:
    return (
        NudgeDecision.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(resolved_at__isnull=True, window_ends_at__lte=now)
        .select_related("message")
        .annotate(agrees=Consent.objects.decision_of("user", ConsentKind.BEHAVIORAL_TRACKING))
        .order_by("window_ends_at", "id")
    )


def _settle(need: str, decisions: list[NudgeDecision], now: datetime) -> bool:
    """Whether the decisions about `need` could be settled."""
    outcomes: dict[UUID, bool] = {}
    if need in need_sources:
        spans = {
            row.pk: Span(row.user_id, row.subject_id, row.at, row.window_ends_at)
            for row in decisions
            if row.subject_id is not None and getattr(row, "agrees", False)
        }
        try:
            with transaction.atomic():
                told = need_sources.get(need).were_done(list(spans.values()))
            outcomes = dict(zip(spans, told, strict=True))
        except Exception:
            logger.exception("need_source_failed key=%s", need)
            return False
    for row in decisions:
        done = outcomes.get(row.pk)
        row.action_done = done
        row.resolved_at = now
        if done is not None:
            row.reward = reward_of(done=done, burden=_burden(row))
    NudgeDecision.objects.bulk_update(decisions, ["action_done", "reward", "resolved_at"])
    return True


def _burden(decision: NudgeDecision) -> float:
    """What the message cost the person's patience; nothing when none arrived."""
    message = decision.message
    if message is None or message.state not in ARRIVED:
        return 0.0
    declared = channel_for(message.channel)
    return float(declared.burden) if declared else 0.0
