"""The outbox: every unasked message on its way from the cause to the person, at most once.

`compose` writes a message and has it judged. `deliver` claims it: under a lock of the person it is judged
again, marked as being sent, and committed; only then is it handed to its channel, and what came of it is
recorded. Who dies between leaves a message that is "being sent": `reconcile` finds out what became of it
where the channel can tell, repeats it where repeating does no harm, and otherwise leaves it unknown.
"""

import logging
from dataclasses import replace
from datetime import datetime, timedelta
from time import monotonic
from uuid import UUID

from celery import current_app
from django.conf import settings
from django.db import transaction
from kombu.exceptions import OperationalError

from accounts.models import User
from coaching.models import (
    CoachMessage,
    DecisionStage,
    DeliveryState,
    MessageCause,
    MessageTemplate,
    Notification,
    NudgeDecision,
    Reason,
    Verdict,
)
from coaching.toolkit import Span, channel_for, need_sources

from .governor import Decision, Facts, facts_about, judge, note
from .lateness import words_when_late
from .manners import give_words_that_fit
from .merging import MAY_MERGE, digest_of, held_with, near_duplicate_of, was_held
from .outcomes import Claim, hand_over, settle_unfinished

logger = logging.getLogger(__name__)


# Until when a message without an end of its own may go out.
LIVES = timedelta(days=1)
# How long a message whose handling broke rests, so that broken ones do not keep the others from their turn.
REST = timedelta(minutes=30)
# How long a round begins new deliveries: a slow carrier must not outlast its task, and what was judged for
# one moment must not go out much later.
ROUND = timedelta(minutes=1)


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
    now, its delivery is started once the transaction commits. With `needs_approval`, or
    when the settings name its cause and no member of staff wrote it, it waits for staff.
    """
    begins = not_before or now
    waits = needs_approval or (author is None and cause in _causes_to_approve())
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
                "state": DeliveryState.PENDING_APPROVAL if waits else DeliveryState.QUEUED,
                "not_before": begins,
                "expires_at": expires_at or begins + LIVES,
                "created_at": now,
            },
        )
        if is_new and not waits:
            _judge_first(message, now)
    return message


def _causes_to_approve() -> set[str]:
    """Kinds of messages that wait for staff; what people ordered for its moment never does."""
    return set(settings.OUTREACH_APPROVE_CAUSES) - {MessageCause.REMINDER}


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


def _follow(message: CoachMessage, decision: Decision, stage: DecisionStage, now: datetime) -> None:
    """Stores `decision` and holds or drops the message accordingly."""
    note(message, decision, stage, now=now)
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
    note(part, Decision(Verdict.MERGE, (reason,)), stage, now=now)
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


def reword(message_id: UUID, body: str, *, now: datetime) -> bool:
    """Gives a message that still waits to be claimed other words, and lets it go if nothing else holds it.

    Returns whether it was still waiting. Whoever claims it holds the same locks, so that what goes out is
    either the old words or the new ones, and the caller knows which. Call it in a transaction.
    """
    people = User.objects.filter(coach_messages=message_id).only("pk")
    list(people.select_for_update(no_key=True, of=("self",)))
    message = (
        CoachMessage.objects.select_for_update(no_key=True, of=("self",))
        .filter(pk=message_id, state=DeliveryState.QUEUED, attempts=0)
        .first()
    )
    if message is None:
        return False
    message.body = body
    message.not_before = min(message.not_before, now)  # it is judged again before it goes
    message.save(update_fields=["body", "not_before"])
    transaction.on_commit(lambda: _start(message.pk), robust=True)
    return True


def _locked(message: CoachMessage, *states: DeliveryState) -> CoachMessage | None:
    rows = CoachMessage.objects.select_for_update(of=("self",)).select_related("user")
    return rows.filter(pk=message.pk, state__in=states).first()


# --- Sending ------------------------------------------------------------------------------------


def deliver_due(*, now: datetime, limit: int = 500, within: timedelta = ROUND) -> int:
    """Deals with up to `limit` messages whose moment has come, and returns with how many.

    Dealt with is what was sent, held again, merged or dropped. Any number of these may run at once: a
    message whose person another process is at work on is passed over. A message whose handling fails is
    logged and rests for a while; it holds nobody else up. After `within` of real time no other is begun.
    """
    dealt_with = 0
    began = monotonic()
    for pk in list(CoachMessage.objects.due(now).values_list("pk", flat=True)[:limit]):
        try:
            dealt_with += _deliver(pk, now, wait=False)
        except Exception:
            logger.exception("delivery_failed id=%s", pk)
            _let_rest(pk, now)
        if monotonic() - began >= within.total_seconds():
            break
    return dealt_with


def _let_rest(message_id: UUID, now: datetime) -> None:
    """Has a message whose handling broke wait for a while; one that is too old by now is dropped."""
    broken = CoachMessage.objects.due(now).filter(pk=message_id)
    too_old = broken.filter(expires_at__lte=now).first()
    if too_old is not None:
        withdraw(too_old, now=now, reason=Reason.EXPIRED)
    else:
        broken.update(not_before=now + REST)


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
        hand_over(claim, now=now)
    return message is not None


def _take_hold(message_id: UUID, now: datetime, *, wait: bool) -> CoachMessage | None:
    """The message if it is due, locked together with its person.

    The lock of the person makes two messages of one person count each other. It is always taken first.
    """
    if wait:
        people = User.objects.filter(coach_messages=message_id).only("pk")
        list(people.select_for_update(no_key=True, of=("self",)))
    return (
        CoachMessage.objects.due(now)
        .select_related("user", "nudge_decision")
        .select_for_update(no_key=True, skip_locked=True, of=("self", "user"))
        .filter(pk=message_id)
        .first()
    )


def _claim(message: CoachMessage, now: datetime) -> Claim | None:
    """Judges a locked message again and, when it may go, marks it as being sent."""
    facts = facts_about(message.user, now=now, channels=[message.channel])
    decision = _judge_at_sending(facts, message, now)
    channel = channel_for(message.channel)
    if decision.verdict != Verdict.SEND or channel is None:
        _follow(message, decision, DecisionStage.SENDING, now)
        return None
    give_words_that_fit(message, now=now)
    whole = _put_together(facts, message, now) if was_held(message) else None
    if whole is None:
        note(message, decision, DecisionStage.SENDING, now=now)
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
    try:
        nudge = message.nudge_decision
    except NudgeDecision.DoesNotExist:
        return False
    if nudge.need not in need_sources or nudge.subject_id is None:
        return False
    source = need_sources.get(nudge.need)
    span = Span(message.user_id, nudge.subject_id, since=nudge.at, until=now)
    is_moot = source.manner is not None and source.manner.is_moot(message, now)
    return is_moot or source.were_done([span])[0]


def _put_together(facts: Facts, message: CoachMessage, now: datetime) -> CoachMessage | None:
    """The digest, saved, of `message` and what else was held; `None` when there is nothing to add.

    What need not be said any more is dropped on the way. The digest is judged like any message.
    """
    held = held_with(message, now=now).select_for_update(skip_locked=True, of=("self",))
    parts = [message]
    for other in held.select_related("user", "nudge_decision"):
        decision = _judge_at_sending(facts, other, now)
        if decision.verdict == Verdict.DROP:
            _follow(other, decision, DecisionStage.SENDING, now)
        elif decision.verdict == Verdict.SEND:
            give_words_that_fit(other, now=now)
            parts.append(other)
    if len(parts) == 1:
        return None
    digest = digest_of(sorted(parts, key=lambda part: part.pk), now=now)
    decision = judge(facts, digest, now=now)
    if decision.verdict != Verdict.SEND:
        return None
    digest.save()
    note(digest, decision, DecisionStage.SENDING, now=now)
    for part in parts:
        _merge(part, digest, Reason.DIGESTED, DecisionStage.SENDING, now)
    return digest


def reconcile(*, now: datetime) -> int:
    """Settles what nobody finished, and returns how many messages changed.

    Deliveries that died half-way are looked into; what waited for approval for too long is dropped.
    """
    changed = settle_unfinished(now=now)
    waiting = CoachMessage.objects.filter(state=DeliveryState.PENDING_APPROVAL)
    for message in waiting.filter(expires_at__lte=now):
        changed += withdraw(message, now=now, reason=Reason.EXPIRED)
    return changed
