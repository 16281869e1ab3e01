"""A nudge that was asked for: given at once, in the model's words when they come in time.

It needs no room in the budget of contacts, since the person asked; the crisis pause and the rules of humour hold.
"""

import random
from datetime import datetime
from hashlib import sha256
from time import monotonic
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction

from accounts.day import day_bounds, local_day
from accounts.models import User
from coaching.learning_permission import may_learn
from coaching.models import CrisisAlert, MessageChannel
from productivity.models import CoachingNudge, NudgeMode, NudgeTrigger, Task, WrittenBy

from .checking import sentiment_of
from .humor import intensity_allowed, standing_of
from .lines import line_for
from .personas import profile_of, voice
from .proactive import keep_words, order_of, soften
from .triggers import shown_title
from .writing import write

RESTS = "Nudges rest for some days after a hard moment. If you like to talk, I'm here in the chat at any time."
NOTHING_OPEN = "Nothing is open right now. That is a good place to be."
ENOUGH = (
    "That was enough nudging for one day. Pick the smallest thing on the list, and leave the rest."
)
NOT_OPEN = "This one is not open any more."


class NudgeRefused(Exception):
    """No nudge now; the text says why, in words for the person."""

    def __init__(self, words: str, code: str) -> None:
        super().__init__(words)
        self.code = code


def nudge_now(
    user: User, *, task: UUID | None = None, request_key: str = "", now: datetime
) -> CoachingNudge:
    """A nudge about `task`, or about what comes first; the same request speaks once.

    Must not be called in a transaction: the model is waited for, for `NUDGE_MODEL_SECONDS` at most. Raises
    `NudgeRefused`, and `Task.DoesNotExist` for a task that is not the person's.
    """
    earlier = _earlier(user, request_key)
    if earlier is not None:
        return earlier
    began = monotonic()
    try:
        nudge = _reserve(user, task, request_key, now)
    except IntegrityError:
        twin = _earlier(user, request_key)
        if twin is None:
            raise
        return twin
    left = settings.NUDGE_MODEL_SECONDS - (monotonic() - began)
    outcome = write(order_of(nudge, user, now), seconds=max(0.1, left))
    return _finish(nudge, outcome.text, outcome.fallback_reason, now)


def _earlier(user: User, request_key: str) -> CoachingNudge | None:
    if not request_key:
        return None
    return CoachingNudge.objects.filter(user=user, request_key=request_key).first()


def _reserve(user: User, task_id: UUID | None, request_key: str, now: datetime) -> CoachingNudge:
    """The nudge as a template says it, kept: whatever happens to the model, the person has it."""
    with transaction.atomic():
        # One after the other, so that two requests at once do not both find room for a roast.
        User.objects.select_for_update(no_key=True, of=("self",)).get(pk=user.pk)
        if CrisisAlert.objects.filter(user=user, paused_until__gt=now).exists():
            raise NudgeRefused(RESTS, "crisis_pause")
        task = _task(user, task_id, now)
        begins, ends = day_bounds(user, local_day(user, now))
        today = CoachingNudge.objects.filter(
            user=user, trigger=NudgeTrigger.ASKED, created_at__gte=begins, created_at__lt=ends
        )
        if today.count() >= settings.NUDGES_ASKED_PER_DAY:
            raise NudgeRefused(ENOUGH, "enough_for_today")
        profile = profile_of(user)
        seed = request_key or now.isoformat()
        rng = random.Random(sha256(f"{user.pk}{task.pk}{seed}".encode()).digest())
        chosen = voice(
            profile, standing_of(user, now=now), adapts=may_learn(user), rng=rng, now=now
        )
        facts = {"task": shown_title(task)}
        last = today.order_by("-created_at").values_list("template_key", flat=True).first() or ""
        line = line_for(
            NudgeTrigger.ASKED, chosen.mode, chosen.intensity, facts, rng=rng, besides=last
        )
        return CoachingNudge.objects.create(
            user=user,
            task=task,
            trigger=NudgeTrigger.ASKED,
            mode=chosen.mode,
            persona_type=chosen.persona,
            humor_intensity=chosen.intensity,
            generated_text=line.text,
            source=WrittenBy.TEMPLATE,
            template_key=line.template_key,
            sentiment_score=sentiment_of(line.text, facts["task"]),
            facts=facts,
            delivered=True,
            delivered_at=now,
            delivery_channel=MessageChannel.IN_APP,
            request_key=request_key,
            created_at=now,
        )


def _task(user: User, task_id: UUID | None, now: datetime) -> Task:
    mine = Task.objects.for_user(user)
    if task_id is not None:
        task = mine.get(pk=task_id)
        if not task.is_open:
            raise NudgeRefused(NOT_OPEN, "task_not_open")
        return task
    first = mine.awake(now).filter(parent=None).by_due().first()
    if first is None:
        raise NudgeRefused(NOTHING_OPEN, "nothing_open")
    return first


def _finish(nudge: CoachingNudge, text: str, fallback_reason: str, now: datetime) -> CoachingNudge:
    """Keeps the model's words, or why the template spoke; a roast that may not be said any more is softened."""
    with transaction.atomic():
        user = User.objects.select_for_update(no_key=True, of=("self",)).get(pk=nudge.user_id)
        row = CoachingNudge.objects.select_for_update(of=("self",)).get(pk=nudge.pk)
        row.user = user
        if row.mode == NudgeMode.ROAST and not intensity_allowed(
            standing_of(user, now=now, besides=row.pk), now=now
        ):
            soften(row, "eased_up")
        elif text:
            keep_words(row, text)
        else:
            row.fallback_reason = fallback_reason[:24]
            row.save(update_fields=["fallback_reason"])
    return row
