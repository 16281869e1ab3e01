"""Nudges that come unasked: what the decision round and the outbox of outreach ask this app about them."""

import random
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

from accounts.models import User
from coaching.models import CoachMessage, DeliveryState, MessageTemplate
from coaching.outreach import outbox
from coaching.queueing import after_commit
from coaching.toolkit import Manner, Need
from productivity.models import (
    CoachingNudge,
    NudgeMode,
    NudgeTrigger,
    PersonaType,
    Task,
    WrittenBy,
)

from .checking import sentiment_of
from .humor import intensity_allowed, reasons_against, standing_of, standings
from .lines import line_for
from .modes import INSTEAD_OF_ROAST, kind_of, read_kind
from .personas import profile_of, voices
from .rating import from_message
from .triggers import purpose_of
from .writing import Order, has_model, moment_words, write

TASK, WEEK = "productivity.task", "productivity.week"
BY_PURPOSE = {purpose_of(trigger): trigger for trigger in NudgeTrigger}


def kinds(needs: Sequence[Need], now: datetime) -> list[Collection[str]]:
    """The tone in which each need is spoken of: five queries for many people."""
    known = standings({need.user_id for need in needs}, now=now)
    seeds = {
        need.user_id: f"{need.user_id}{need.subject_id}{now.isoformat(timespec='minutes')}"
        for need in needs
    }
    chosen = voices(known, seeds, now=now)
    return [{kind_of(chosen[need.user_id].mode, chosen[need.user_id].intensity)} for need in needs]


def waits() -> timedelta:
    """A message waits a little for the model's words, where there is a model."""
    return timedelta(seconds=settings.NUDGE_HOLD_SECONDS if has_model() else 0)


def spoken(message: CoachMessage, need: Need, template: MessageTemplate, now: datetime) -> None:
    """Keeps the nudge beside its message, and has the model look for better words."""
    mode, intensity = read_kind(template.kind)
    nudge = CoachingNudge.objects.create(
        user_id=need.user_id,
        task_id=_task_of(need),
        message=message,
        trigger=BY_PURPOSE[template.purpose],
        mode=mode,
        persona_type=profile_of(message.user).persona_type,
        humor_intensity=intensity,
        generated_text=message.body,
        source=WrittenBy.TEMPLATE,
        template_key=template.key,
        fallback_reason="" if has_model() else "no_model",
        sentiment_score=sentiment_of(message.body, need.facts.get("task", "")),
        facts=dict(need.facts),
        created_at=now,
    )
    if message.state == DeliveryState.QUEUED and has_model():
        after_commit("productivity.tasks.write_nudge_text", str(nudge.pk))


def _task_of(need: Need) -> UUID | None:
    return need.subject_id if need.subject_type == TASK else None


def is_moot(message: CoachMessage, now: datetime) -> bool:
    """Whether the task is done, let go of or put off by now."""
    if message.subject_type != TASK or message.subject_id is None:
        return False
    return not Task.objects.awake(now).filter(pk=message.subject_id).exists()


def fits(message: CoachMessage, now: datetime) -> bool:
    """Whether a roast may still be said; any other tone always may."""
    nudge = CoachingNudge.objects.filter(message=message, mode=NudgeMode.ROAST).first()
    if nudge is None:
        return True
    standing = standing_of(message.user, now=now, besides=nudge.pk)
    return intensity_allowed(standing, now=now) >= nudge.humor_intensity


def reworded(message: CoachMessage, now: datetime) -> str:
    """The same nudge without the teasing. The person is locked by whoever asks."""
    nudge = CoachingNudge.objects.select_for_update(of=("self",)).get(message=message)
    standing = standing_of(message.user, now=now, besides=nudge.pk)
    against = reasons_against(standing, now=now)
    soften(nudge, str(against[0]) if against else "less_teasing")
    return nudge.generated_text


def soften(nudge: CoachingNudge, reason: str) -> None:
    """Turns a roast into a plain line about the same thing."""
    rng = random.Random(f"{nudge.user_id}{nudge.task_id}{nudge.created_at}")
    line = line_for(NudgeTrigger(nudge.trigger), INSTEAD_OF_ROAST, 0, nudge.facts, rng=rng)
    nudge.mode = INSTEAD_OF_ROAST
    nudge.humor_intensity = 0
    nudge.generated_text = line.text
    nudge.template_key = line.template_key
    nudge.source = WrittenBy.TEMPLATE
    nudge.fallback_reason = reason[:24]
    nudge.sentiment_score = sentiment_of(line.text, nudge.facts.get("task", ""))
    nudge.save()


# --- The model's words -----------------------------------------------------------------------------


def write_text(nudge_id: UUID, *, now: datetime) -> bool:
    """Has a model write the nudge and puts its words in the message, if it still waits; returns whether it did.

    The model is asked outside of any transaction; then the message is taken under the locks of whoever would send it.
    Twice is once: a nudge that has words of its own, or is on its way, stays as it is.
    """
    nudge = CoachingNudge.objects.select_related("user", "message").filter(pk=nudge_id).first()
    if nudge is None or nudge.message is None or not _waits_for_words(nudge):
        return False
    outcome = write(order_of(nudge, nudge.user, now), seconds=settings.NUDGE_HOLD_SECONDS)
    with transaction.atomic():
        User.objects.select_for_update(no_key=True, of=("self",)).get(pk=nudge.user_id)
        row = CoachingNudge.objects.select_for_update(of=("self",)).get(pk=nudge_id)
        if row.source == WrittenBy.LLM or row.mode != nudge.mode:
            return False
        if not outcome.text:
            row.fallback_reason = outcome.fallback_reason[:24]
            row.save(update_fields=["fallback_reason"])
            outbox.reword(nudge.message.pk, row.generated_text, now=now)
            return False
        if not outbox.reword(nudge.message.pk, outcome.text, now=now):
            row.fallback_reason = "too_late"
            row.save(update_fields=["fallback_reason"])
            return False
        keep_words(row, outcome.text)
    return True


def _waits_for_words(nudge: CoachingNudge) -> bool:
    message = nudge.message
    return (
        message is not None
        and nudge.source == WrittenBy.TEMPLATE
        and message.state == DeliveryState.QUEUED
        and message.attempts == 0
    )


def order_of(nudge: CoachingNudge, user: User, now: datetime) -> Order:
    """What a model is told to write the nudge from."""
    return Order(
        user_id=nudge.user_id,
        trigger=NudgeTrigger(nudge.trigger),
        mode=NudgeMode(nudge.mode),
        intensity=nudge.humor_intensity,
        persona=PersonaType(nudge.persona_type),
        facts=nudge.facts,
        moment=moment_words(user, now),
    )


def keep_words(nudge: CoachingNudge, text: str) -> None:
    """Keeps a model's words as those of the nudge."""
    nudge.generated_text = text
    nudge.source = WrittenBy.LLM
    nudge.template_key = ""
    nudge.fallback_reason = ""
    nudge.sentiment_score = sentiment_of(text, nudge.facts.get("task", ""))
    nudge.save()


MANNER = Manner(
    kinds=kinds,
    waits=waits,
    spoken=spoken,
    is_moot=is_moot,
    fits=fits,
    reworded=reworded,
    rated=from_message,
)
