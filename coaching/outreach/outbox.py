"""The outbox: every unasked message on its way from the cause to the person, at most once.

`compose` writes a message and has it judged. `deliver` claims it: under a lock of the person it is judged
again, marked as being sent, and committed; only then is it handed to its channel, and what came of it is
recorded. Who dies between leaves a message that is "being sent": `reconcile` finds out what became of it
where the channel can tell, repeats it where repeating does no harm, and otherwise leaves it unknown.
"""

import logging
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from kombu.exceptions import OperationalError

from accounts.models import Consent, User
from coaching.models import (
    CoachMessage,
    ContactDecision,
    CrisisAlert,
    DecisionStage,
    DeliveryState,
    MessageCause,
    MessageChannel,
    MessageTemplate,
    Notification,
    NotificationStatus,
    NudgeDecision,
    Reason,
    Verdict,
)
from coaching.toolkit import Channel, DeliveryFailed, Span, channel_for, need_sources

from .governor import Decision, Facts, facts_about, judge
from .lateness import words_when_late
from .merging import MAY_MERGE, digest_of, held_with, near_duplicate_of, was_held

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
    lives: timedelta = timedelta(days=1)


PATIENCE = Patience()


# --- Writing ------------------------------------------------------------------------------------


def compose(
    user: User,
    *,
    channel: str,
    cause: str,
    cause_key: str,
    body: str,
    now: datetime,
    title: str = "",
    cta_text: str = "",
    cta_action: str = "",
    subject_type: str = "",
    subject_id: UUID | None = None,
    not_before: datetime | None = None,
    expires_at: datetime | None = None,
    template: MessageTemplate | None = None,
    author: User | None = None,
    needs_approval: bool = False,
) -> CoachMessage:
    """Writes a message to `user` and has it judged; the same cause on the same channel speaks once.

    It goes out between `not_before` (default: now) and `expires_at` (default: a day later). When it may go
    now, its delivery is started once the transaction commits. With `needs_approval` it waits for staff.
    """
    begins = not_before or now
    with transaction.atomic():
        message, is_new = CoachMessage.objects.get_or_create(
            user=user,
            channel=channel,
            cause_key=cause_key,
            defaults={
                "cause": cause,
                "title": title,
                "body": body,
                "cta_text": cta_text,
                "cta_action": cta_action,
                "subject_type": subject_type,
                "subject_id": subject_id,
                "template": template,
                "author": author,
                "state": DeliveryState.PENDING_APPROVAL if needs_approval else DeliveryState.QUEUED,
                "not_before": begins,
                "expires_at": expires_at or begins + PATIENCE.lives,
                "created_at": now,
            },
        )
        if is_new and not needs_approval:
            _judge_first(message, now)
    return message


def _judge_first(message: CoachMessage, now: datetime) -> None:
    """The judgement of a message that is new, or newly approved."""
    same = near_duplicate_of(message, now=now)
    if same is not None:
        _merge(message, same, Reason.DUPLICATE, DecisionStage.CREATION, now)
        return
    decision = judge(
        facts_about(message.user, now=now, channels=[message.channel]), message, now=now
    )
    _follow(message, decision, DecisionStage.CREATION, now)
    if decision.verdict == Verdict.SEND:
        transaction.on_commit(lambda: _start(message.pk), robust=True)


def _start(message_id: UUID) -> None:
    """Has the message delivered at once; without a queue the next round of the outbox does it."""
    try:
        current_app.send_task("coaching.tasks.deliver_message", [str(message_id)], retry=False)
    except (OperationalError, OSError) as error:
        logger.warning("delivery_not_queued id=%s reason=%s", message_id, error)


def _note(message: CoachMessage, decision: Decision, stage: DecisionStage, now: datetime) -> None:
    ContactDecision.objects.create(
        message=message,
        at=now,
        stage=stage,
        verdict=decision.verdict,
        reasons=[str(reason) for reason in decision.reasons],
        not_before=decision.not_before,
        facts=decision.facts,
    )


def _follow(message: CoachMessage, decision: Decision, stage: DecisionStage, now: datetime) -> None:
    """Stores `decision` and holds or drops the message accordingly."""
    _note(message, decision, stage, now)
    if decision.verdict == Verdict.HOLD and decision.not_before is not None:
        message.not_before = decision.not_before
        message.save(update_fields=["not_before"])
    elif decision.verdict == Verdict.DROP:
        message.state = DeliveryState.SUPPRESSED
        message.reason = decision.reasons[0]
        message.save(update_fields=["state", "reason"])


def _merge(
    part: CoachMessage, whole: CoachMessage, reason: Reason, stage: DecisionStage, now: datetime
) -> None:
    _note(part, Decision(Verdict.MERGE, (reason,)), stage, now)
    part.state = DeliveryState.MERGED
    part.reason = reason
    part.merged_into = whole
    part.save(update_fields=["state", "reason", "merged_into"])


def approve(message: CoachMessage, staff: User, *, now: datetime) -> CoachMessage:
    """Lets a message that waits for approval go its way; one that does not wait stays as it is."""
    with transaction.atomic():
        row = _locked(message, DeliveryState.PENDING_APPROVAL)
        if row is not None:
            row.state = DeliveryState.QUEUED
            row.author = staff
            row.save(update_fields=["state", "author"])
            _judge_first(row, now)
    message.refresh_from_db()
    return message


def reject(message: CoachMessage, staff: User, *, now: datetime) -> CoachMessage:
    """Staff decided against a message that waits for approval; one that does not wait stays as it is."""
    with transaction.atomic():
        row = _locked(message, DeliveryState.PENDING_APPROVAL)
        if row is not None:
            row.author = staff
            row.save(update_fields=["author"])
            _follow(row, Decision(Verdict.DROP, (Reason.REJECTED,)), DecisionStage.CREATION, now)
    message.refresh_from_db()
    return message


def withdraw(message: CoachMessage, *, now: datetime, reason: Reason) -> bool:
    """Takes back a message that has not gone out; returns whether it was still here to be taken."""
    with transaction.atomic():
        row = _locked(message, DeliveryState.PENDING_APPROVAL, DeliveryState.QUEUED)
        if row is not None:
            _follow(row, Decision(Verdict.DROP, (reason,)), DecisionStage.SENDING, now)
    message.refresh_from_db()
    return row is not None


def _locked(message: CoachMessage, *states: DeliveryState) -> CoachMessage | None:
    rows = CoachMessage.objects.select_for_update(of=("self",)).select_related("user")
    return rows.filter(pk=message.pk, state__in=states).first()


# --- Sending ------------------------------------------------------------------------------------


def deliver_due(*, now: datetime, limit: int = 500) -> int:
    """Deals with up to `limit` messages whose moment has come, and returns with how many.

    Dealt with is what was sent, held again, merged or dropped. Any number of these may run at once: who
    works on a message, or on another message of the same person, is not waited for. A message whose
    handling fails is logged and left; it holds nobody else up.
    """
    dealt_with = 0
    for pk in list(CoachMessage.objects.due(now).values_list("pk", flat=True)[:limit]):
        try:
            dealt_with += _deliver(pk, now, wait=False)
        except Exception:
            logger.exception("delivery_failed id=%s", pk)
    return dealt_with


def deliver(message_id: UUID, *, now: datetime) -> DeliveryState:
    """Delivers one message if it may go out now, and returns its state; doing it twice has one effect.

    Raises `CoachMessage.DoesNotExist`.
    """
    _deliver(message_id, now, wait=True)
    return DeliveryState(CoachMessage.objects.values_list("state", flat=True).get(pk=message_id))


def _deliver(message_id: UUID, now: datetime, *, wait: bool) -> bool:
    """Whether the message was due, and this process the one to deal with it."""
    with transaction.atomic():
        message = _take_hold(message_id, now, wait=wait)
        claim = _claim(message, now) if message is not None else None
    if claim is not None:
        _hand_over(claim, now)
    return message is not None


def _take_hold(message_id: UUID, now: datetime, *, wait: bool) -> CoachMessage | None:
    """The message if it is due, locked together with its person.

    The lock of the person makes two messages of one person count each other. It is always taken first.
    """
    people = User.objects.filter(coach_messages=message_id)
    locked = people.select_for_update(no_key=True, skip_locked=not wait, of=("self",))
    user = next(iter(locked), None)
    if user is None:
        return None
    due = CoachMessage.objects.due(now).filter(pk=message_id)
    message = due.select_for_update(skip_locked=True).first()
    if message is not None:
        message.user = user
    return message


@dataclass(frozen=True)
class Claim:
    """A message that this process alone may hand over now, and under which attempt."""

    message: CoachMessage
    channel: Channel
    attempt: int


def _claim(message: CoachMessage, now: datetime) -> Claim | None:
    """Judges a locked message again and, when it may go, marks it as being sent."""
    facts = facts_about(message.user, now=now, channels=[message.channel])
    decision = _judge_at_sending(facts, message, now)
    channel = channel_for(message.channel)
    if decision.verdict != Verdict.SEND or channel is None:
        _follow(message, decision, DecisionStage.SENDING, now)
        return None
    whole = _put_together(facts, message, now) if was_held(message) else None
    if whole is None:
        _note(message, decision, DecisionStage.SENDING, now)
    else:
        message = whole
    late = words_when_late(message, message.user.tz, now=now)
    if late not in message.body:
        message.body += late
    message.state = DeliveryState.SENDING
    message.claimed_at = now
    message.attempts += 1
    message.save(update_fields=["body", "state", "claimed_at", "attempts"])
    Notification.objects.create(
        message=message, attempt=message.attempts, channel=message.channel, queued_at=now
    )
    return Claim(message, channel, message.attempts)


def _judge_at_sending(facts: Facts, message: CoachMessage, now: datetime) -> Decision:
    return judge(replace(facts, no_longer_needed=_is_done(message, now)), message, now=now)


def _is_done(message: CoachMessage, now: datetime) -> bool:
    """Whether the person did already what a nudge was to remind them of."""
    if message.cause not in MAY_MERGE:
        return False
    nudge = NudgeDecision.objects.filter(message=message, subject_id__isnull=False).first()
    if nudge is None or nudge.need not in need_sources or nudge.subject_id is None:
        return False
    span = Span(message.user_id, nudge.subject_id, since=nudge.at, until=now)
    return need_sources.get(nudge.need).were_done([span])[0]


def _put_together(facts: Facts, message: CoachMessage, now: datetime) -> CoachMessage | None:
    """The digest, saved, of `message` and what else was held; `None` when there is nothing to add.

    What need not be said any more is dropped on the way. The digest is judged like any message.
    """
    held = held_with(message, now=now).select_for_update(skip_locked=True, of=("self",))
    parts = [message]
    for other in held.select_related("user"):
        decision = _judge_at_sending(facts, other, now)
        if decision.verdict == Verdict.DROP:
            _follow(other, decision, DecisionStage.SENDING, now)
        elif decision.verdict == Verdict.SEND:
            parts.append(other)
    if len(parts) == 1:
        return None
    digest = digest_of(sorted(parts, key=lambda part: part.pk), now=now)
    decision = judge(facts, digest, now=now)
    if decision.verdict != Verdict.SEND:
        return None
    digest.save()
    _note(digest, decision, DecisionStage.SENDING, now)
    for part in parts:
        _merge(part, digest, Reason.DIGESTED, DecisionStage.SENDING, now)
    return digest


def _hand_over(claim: Claim, now: datetime) -> None:
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
    person = (
        User.objects.filter(pk=message.user_id)
        .annotate(
            agrees=Consent.objects.decision_of("pk", channel.consent or ""),
            in_crisis=Exists(CrisisAlert.objects.filter(user=OuterRef("pk"), paused_until__gt=now)),
        )
        .first()
    )
    if person is None or person.deleted_at is not None or not person.is_active:
        return Reason.ACCOUNT_CLOSED
    by_hand = message.cause == MessageCause.COACH and message.author_id is not None
    if person.automation_paused_at is not None and not by_hand:
        return Reason.AUTOMATION_PAUSED
    if person.in_crisis and not by_hand and not message.was_asked_for:
        return Reason.CRISIS_PAUSE
    if channel.consent is not None and not person.agrees:
        return Reason.NO_CONSENT
    return None


def _record_stop(claim: Claim, reason: Reason, now: datetime) -> None:
    with transaction.atomic():
        if _record(claim, DeliveryState.SUPPRESSED, NotificationStatus.SUPPRESSED, reason=reason):
            decision = Decision(Verdict.DROP, (reason,))
            _note(claim.message, decision, DecisionStage.SENDING, now)


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
    with transaction.atomic():
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


# --- What became of it --------------------------------------------------------------------------


def reconcile(*, now: datetime) -> int:
    """Settles what nobody finished, and returns how many messages changed.

    A message that has been "being sent" for too long is of unknown outcome. Where its channel can be asked,
    or where repeating has one effect, it is settled or tried again; otherwise it stays unknown for ever and
    is never sent again. What waited for approval for too long is dropped.
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
    waiting = CoachMessage.objects.filter(state=DeliveryState.PENDING_APPROVAL)
    for message in waiting.filter(expires_at__lte=now):
        changed += withdraw(message, now=now, reason=Reason.EXPIRED)
    return changed


def _ask(message: CoachMessage, now: datetime) -> bool:
    """Finds out about a message of unknown outcome, if its channel gives a way."""
    channel = channel_for(message.channel)
    if channel is None:
        return False
    if channel.repeatable:
        return _settle(message, DeliveryState.QUEUED, now)
    attempt = message.notifications.order_by("-attempt").first()
    if channel.look_up is None or attempt is None:
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
