"""What becomes of a message that was claimed: handing it over, recording it, and finding out later.

An outcome is recorded for the attempt it belongs to, and only while nothing later has begun.
"""

import logging
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from accounts.models import Consent, User
from coaching.models import (
    CoachMessage,
    CrisisAlert,
    DecisionStage,
    DeliveryState,
    MessageChannel,
    Mute,
    Notification,
    NotificationStatus,
    Reason,
    Verdict,
)
from coaching.toolkit import Channel, DeliveryFailed, channel_for

from .governor import Decision, is_written_by_hand, note
from .manners import still_fits

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Patience:
    """How often and how long a delivery is tried (ours).

    `waits` between attempts after failures that pass; after the last one it is given up. A message of
    unknown outcome is asked about for `asks_for`.
    """

    waits: tuple[timedelta, ...] = (
        timedelta(minutes=1),
        timedelta(minutes=5),
        timedelta(minutes=25),
    )
    asks_for: timedelta = timedelta(days=2)


PATIENCE = Patience()


@dataclass(frozen=True)
class Claim:
    """A message that this process alone may hand over now, and under which attempt."""

    message: CoachMessage
    channel: Channel
    attempt: int


def hand_over(claim: Claim, *, now: datetime) -> None:
    """Gives a claimed message to its channel and records what came of it."""
    message = claim.message
    stopped = _last_look(message, claim.channel, now)
    if stopped is not None:
        _record_stop(claim, stopped, now)
        return
    try:
        with ExitStack() as stack:
            if message.channel == MessageChannel.IN_APP:
                # Here the row is the delivery: pages learn of it when it counts as sent, not before.
                stack.enter_context(transaction.atomic())
            provider_id = claim.channel.deliver(message)
            _record_sent(claim, provider_id, now)
    except DeliveryFailed as failure:
        _record_failure(claim, failure, now)
    except Exception as error:
        logger.exception("delivery_unknown id=%s channel=%s", message.pk, message.channel)
        _record(
            claim, DeliveryState.UNKNOWN, NotificationStatus.UNKNOWN, detail=type(error).__name__
        )


def _last_look(message: CoachMessage, channel: Channel, now: datetime) -> Reason | None:
    """Why the message must not go out after all: what a person or staff stopped since it was claimed."""
    subject = Q(cause="", subject_type=message.subject_type, subject_id=message.subject_id)
    about = subject | Q(cause=message.cause)
    mutes = Mute.objects.lasting(now).filter(about, user=OuterRef("pk"))
    person = (
        User.objects.filter(pk=message.user_id)
        .only("deleted_at", "is_active", "automation_paused_at")
        .annotate(
            agrees=Consent.objects.decision_of("pk", channel.consent or ""),
            in_crisis=Exists(CrisisAlert.objects.filter(user=OuterRef("pk"), paused_until__gt=now)),
            has_muted=Exists(mutes),
        )
        .first()
    )
    if person is None or person.deleted_at is not None or not person.is_active:
        return Reason.ACCOUNT_CLOSED
    by_hand = is_written_by_hand(message)
    if person.automation_paused_at is not None and not by_hand:
        return Reason.AUTOMATION_PAUSED
    if person.in_crisis and not by_hand and not message.was_asked_for:
        return Reason.CRISIS_PAUSE
    if channel.consent is not None and not person.agrees:
        return Reason.NO_CONSENT
    if person.has_muted:
        return Reason.MUTED
    if not still_fits(message, now=now):
        return Reason.NO_LONGER_FITS
    return None


def _record_stop(claim: Claim, reason: Reason, now: datetime) -> None:
    with transaction.atomic():
        if _record(claim, DeliveryState.SUPPRESSED, NotificationStatus.SUPPRESSED, reason=reason):
            decision = Decision(Verdict.DROP, (reason,))
            note(claim.message, decision, DecisionStage.SENDING, now=now)


def _record_sent(claim: Claim, provider_id: str, now: datetime) -> None:
    arrived = claim.message.channel == MessageChannel.IN_APP
    _record(
        claim,
        DeliveryState.DELIVERED if arrived else DeliveryState.SENT,
        NotificationStatus.DELIVERED if arrived else NotificationStatus.SENT,
        provider_id=provider_id,
        sent_at=now,
        delivered_at=now if arrived else None,
    )


def _record_failure(claim: Claim, failure: DeliveryFailed, now: datetime) -> None:
    """A failure that passes is tried again after a while; another one ends the message."""
    detail = str(failure)
    tried = claim.attempt - 1
    if failure.permanent or tried >= len(PATIENCE.waits):
        reason = Reason.PROVIDER_REFUSED if failure.permanent else Reason.GAVE_UP
        _record(
            claim, DeliveryState.FAILED, NotificationStatus.FAILED, reason=reason, detail=detail
        )
        return
    again = now + PATIENCE.waits[tried]
    _record(claim, DeliveryState.QUEUED, NotificationStatus.FAILED, detail=detail, not_before=again)


def _record(
    claim: Claim,
    state: DeliveryState,
    status: NotificationStatus,
    *,
    reason: Reason | str = "",
    detail: str = "",
    provider_id: str = "",
    sent_at: datetime | None = None,
    delivered_at: datetime | None = None,
    not_before: datetime | None = None,
) -> bool:
    """Records the outcome of an attempt, unless a later one has begun; returns whether it did."""
    message = claim.message
    changes = {"state": state, "reason": reason, "sent_at": sent_at, "delivered_at": delivered_at}
    if not_before is not None:
        changes["not_before"] = not_before
    with transaction.atomic(savepoint=False):
        changed = CoachMessage.objects.filter(
            pk=message.pk,
            attempts=claim.attempt,
            state__in=[DeliveryState.SENDING, DeliveryState.UNKNOWN],
        ).update(**changes)
        if changed:
            Notification.objects.filter(message=message, attempt=claim.attempt).update(
                status=status,
                reason=detail[:300] or reason,
                provider_id=provider_id[:200],
                sent_at=sent_at,
                delivered_at=delivered_at,
            )
    return bool(changed)


def settle_unfinished(*, now: datetime) -> int:
    """Settles the deliveries that nobody finished, and returns how many messages changed.

    A message that has been "being sent" for too long is of unknown outcome. Where its channel can be asked,
    or where repeating has one effect, it is settled or tried again; otherwise it stays unknown for ever and
    is never sent again.
    """
    too_long = now - timedelta(minutes=settings.OUTREACH_SENDING_MINUTES)
    stuck = CoachMessage.objects.filter(state=DeliveryState.SENDING, claimed_at__lte=too_long)
    changed = 0
    for message in stuck.order_by("claimed_at"):
        changed += _settle(message, DeliveryState.UNKNOWN, now)
    open_ones = CoachMessage.objects.filter(
        state=DeliveryState.UNKNOWN, claimed_at__gt=now - PATIENCE.asks_for
    )
    for message in open_ones.order_by("claimed_at"):
        try:
            changed += _ask(message, now)
        except Exception:
            logger.exception("look_up_failed id=%s channel=%s", message.pk, message.channel)
    return changed


def _ask(message: CoachMessage, now: datetime) -> bool:
    """Finds out about a message of unknown outcome, if its channel gives a way."""
    channel = channel_for(message.channel)
    if channel is None:
        return False
    if channel.repeatable:
        return _settle(message, DeliveryState.QUEUED, now)
    if channel.look_up is None:
        return False
    attempt = message.notifications.order_by("-attempt").first()
    if attempt is None:
        return False
    arrived = channel.look_up(attempt)
    if arrived is None:
        return False
    return _settle(message, DeliveryState.DELIVERED if arrived else DeliveryState.QUEUED, now)


def _settle(message: CoachMessage, state: DeliveryState, now: datetime) -> bool:
    """Moves a message that is stuck in its present state on to `state`; whoever was first did it."""
    reason = ""
    if state == DeliveryState.QUEUED and message.attempts > len(PATIENCE.waits):
        state, reason = DeliveryState.FAILED, Reason.GAVE_UP
    delivered = state == DeliveryState.DELIVERED
    status = {
        DeliveryState.UNKNOWN: NotificationStatus.UNKNOWN,
        DeliveryState.DELIVERED: NotificationStatus.DELIVERED,
    }.get(state, NotificationStatus.FAILED)
    with transaction.atomic():
        changed = CoachMessage.objects.filter(
            pk=message.pk, state=message.state, attempts=message.attempts
        ).update(
            state=state,
            reason=reason,
            sent_at=message.claimed_at if delivered else None,
            delivered_at=now if delivered else None,
        )
        if changed:
            Notification.objects.filter(message=message, attempt=message.attempts).update(
                status=status,
                sent_at=message.claimed_at if delivered else None,
                delivered_at=now if delivered else None,
            )
    return bool(changed)
