"""A personal prompt is written: asked for, made in the background, checked, kept, and live.

No model is called in a transaction or a request. Two wishes at once are one; a wish whose process died is
taken up again; a person who edits while a version is written loses nothing.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.db.models import F
from kombu.exceptions import OperationalError

from accounts.models import User
from coaching.models import (
    CoachingProfile,
    Consultation,
    ConsultationStatus,
    PromptRevision,
    PromptStatus,
    ReviewDecision,
    RevisionReason,
)

from . import checks
from .disputes import corrected
from .revisions import add_version, locked_profile, make_live
from .sentences import Sentence
from .writing import composer, model_writer
from .writing.facts import Material, gather

logger = logging.getLogger(__name__)
TASK = "coaching.tasks.generate_personal_prompt"


@dataclass(frozen=True)
class WritingNumbers:
    """How a writing is tried (ours).

    tries: times a task tries before it gives up.
    back_off_seconds: before the second try; doubled for each further one.
    lost_minutes: after so long without an end, a writing counts as lost and is begun anew.
    """

    tries: int = 3
    back_off_seconds: int = 20
    lost_minutes: int = 10


NUMBERS = WritingNumbers()


class Step:
    """What is being made, as the person sees it."""

    WAITING = "waiting"
    GATHERING = "gathering"
    WRITING = "writing"
    CHECKING = "checking"


class WritingFailed(Exception):
    """No version came of it; the text says why, to staff."""


class NoConsultation(Exception):
    """There is nothing to write from: the person has had no consultation."""


class TooMany(Exception):
    """The person had the prompt written anew as often as may be; `wait_seconds` until the next."""

    def __init__(self, wait_seconds: int) -> None:
        super().__init__("You had it written anew often enough for now.")
        self.wait_seconds = wait_seconds


def begin(user: User, *, reason: str, now: datetime, by: User | None = None) -> CoachingProfile:
    """Has the prompt of `user` written in the background; while one is being written, nothing is added.

    Raises `NoConsultation` for somebody who has had none.
    """
    if not had_consultation(user):
        raise NoConsultation
    with transaction.atomic():
        profile = locked_profile(user.pk)
        if is_under_way(profile, now=now):
            return profile
        profile.prompt_status = PromptStatus.GENERATING
        profile.prompt_progress = Step.WAITING
        profile.prompt_error = ""
        profile.prompt_attempts = 0
        profile.prompt_asked_at = now
        profile.save(
            update_fields=[
                *("prompt_status", "prompt_progress", "prompt_error"),
                *("prompt_attempts", "prompt_asked_at"),
            ]
        )
        _start(user.pk, reason, by)
    return profile


def ask_anew(user: User, *, now: datetime) -> CoachingProfile:
    """The person's own wish for a fresh prompt.

    Raises `NoConsultation`, and `TooMany` after PROMPT_REGENERATIONS_PER_DAY in 24 hours.
    """
    if not had_consultation(user):
        raise NoConsultation
    with transaction.atomic():
        profile = locked_profile(user.pk)
        if is_under_way(profile, now=now):
            return profile
        day = timedelta(days=1)
        own = PromptRevision.objects.filter(
            user=user, reason=RevisionReason.MANUAL, made_by=None, created_at__gt=now - day
        )
        times = list(own.order_by("created_at").values_list("created_at", flat=True))
        if len(times) >= settings.PROMPT_REGENERATIONS_PER_DAY:
            free_at = times[-settings.PROMPT_REGENERATIONS_PER_DAY] + day if times else now + day
            raise TooMany(max(1, int((free_at - now).total_seconds()) + 1))
        return begin(user, reason=RevisionReason.MANUAL, now=now)


def had_consultation(user: User) -> bool:
    """Whether there is something to write from."""
    done = Consultation.objects.filter(user=user, status=ConsultationStatus.COMPLETED)
    return done.exists()


def is_under_way(profile: CoachingProfile, *, now: datetime) -> bool:
    """Whether a version is being written, and not given up for lost."""
    if profile.prompt_status != PromptStatus.GENERATING or profile.prompt_asked_at is None:
        return False
    return now - profile.prompt_asked_at < timedelta(minutes=NUMBERS.lost_minutes)


def generate(
    user_id: UUID,
    *,
    reason: str,
    now: datetime,
    by: User | None = None,
    go_live: bool = True,
    is_last_try: bool = True,
) -> PromptRevision | None:
    """Writes the next version and, unless told otherwise, lets the coach speak by it.

    With `go_live` false it stays a candidate, to be tried first and made live by `revisions.make_live`.
    `None` when there is no such person or no consultation to write from. When a model's text cannot be used,
    raises `WritingFailed`, or on the last try writes with the built-in composer.
    """
    user = User.objects.filter(pk=user_id, deleted_at__isnull=True).first()
    material = gather(user, now=now) if user else None
    if user is None or material is None:
        return None
    _progress(user, Step.WRITING)
    written = _write(user, material, now=now, is_last_try=is_last_try)
    _progress(user, Step.CHECKING)
    with transaction.atomic():
        profile = locked_profile(user.pk)
        # What the person called wrong or edited meanwhile holds.
        sentences = corrected(user, written.sentences, template=material.user_type)
        if lengths := checks.length_findings(sentences):
            raise WritingFailed(" ".join(lengths))
        is_first = not profile.coaching_system_prompt
        revision = add_version(
            user,
            sentences,
            reason=reason,
            template=material.user_type,
            behavioral_data=material.behavioral_data,
            model=written.model,
            cost_microdollars=written.cost_microdollars,
            by=by,
            now=now,
        )
        if go_live:
            revision = make_live(revision, now=now)
    logger.info(
        "conversational_profile_generated user_id=%s version=%d words=%d",
        *(user.pk, revision.version, len(revision.conversational_profile.split())),
    )
    if is_first:
        logger.info(
            "initial_system_prompt_generated user_id=%s version=%d words=%d model=%s",
            *(user.pk, revision.version, len(revision.prompt.split()), revision.model),
        )
    return revision


def attempt(
    user_id: UUID, *, reason: str, now: datetime, by_id: UUID | None = None, number: int = 1
) -> PromptRevision | None:
    """One try of the background task, the `number`-th. Raises `WritingFailed` for another one to follow.

    The last one that fails leaves the profile failed, for staff to see; the coach goes on with the prompt
    before, or the generic one.
    """
    claimed = CoachingProfile.objects.filter(
        user_id=user_id, prompt_status=PromptStatus.GENERATING
    ).update(prompt_attempts=F("prompt_attempts") + 1, prompt_progress=Step.GATHERING)
    if not claimed:
        return None  # another run of the same task has done it
    is_last = number >= NUMBERS.tries
    by = User.objects.filter(pk=by_id).first() if by_id else None
    try:
        revision = _tried(user_id, reason=reason, now=now, by=by, is_last_try=is_last)
    except Exception as error:
        # Whatever it was, the person must not wait for ever: tried again, then failed in sight of staff.
        logger.warning(
            "personalized_prompt_generation_failed user_id=%s attempt=%d reason=%s error=%s",
            *(user_id, number, reason, error),
            exc_info=not isinstance(error, WritingFailed),
        )
        if not is_last:
            raise WritingFailed(str(error)) from error
        _fail(user_id, str(error) or type(error).__name__)
        return None
    if revision is None:
        _fail(user_id, "There is no completed consultation to write from.")
    return revision


def _tried(
    user_id: UUID, *, reason: str, now: datetime, by: User | None, is_last_try: bool
) -> PromptRevision | None:
    """A new version that goes live if it does no worse than the one before on what the person liked.

    One that does worse is rejected, and the one before stays. A person who changes the prompt meanwhile is
    not overruled: it is written again.
    """
    from .trying import settle  # trying writes, too

    candidate = generate(
        user_id, reason=reason, now=now, by=by, go_live=False, is_last_try=is_last_try
    )
    if candidate is None:
        return None
    outcome = settle(candidate, now=now)
    if outcome.decision is None:
        if not is_last_try:
            raise WritingFailed("The prompt was changed while the new version was tried.")
        return generate(user_id, reason=reason, now=now, by=by)
    if outcome.decision == ReviewDecision.REJECTED:
        CoachingProfile.objects.filter(
            user_id=user_id, prompt_status=PromptStatus.GENERATING
        ).update(
            prompt_status=PromptStatus.READY,
            prompt_progress="",
            prompt_error=f"The new version was rejected: {outcome.why}"[:300],
        )
    return outcome.revision


def restart_lost(*, now: datetime) -> int:
    """Takes up writings whose process died; after the last try they count as failed. Returns how many."""
    lost = CoachingProfile.objects.filter(
        prompt_status=PromptStatus.GENERATING,
        prompt_asked_at__lte=now - timedelta(minutes=NUMBERS.lost_minutes),
    ).values_list("user_id", flat=True)
    for user_id in list(lost):
        with transaction.atomic():
            profile = locked_profile(user_id)
            if profile.prompt_status != PromptStatus.GENERATING or is_under_way(profile, now=now):
                continue
            if profile.prompt_attempts >= NUMBERS.tries:
                _fail(user_id, "The writing was interrupted too often.")
                continue
            CoachingProfile.objects.filter(pk=profile.pk).update(prompt_asked_at=now)
            first = not profile.coaching_system_prompt
            reason = RevisionReason.CONSULTATION if first else RevisionReason.MANUAL
            _start(user_id, reason, None)
    return len(lost)


@dataclass(frozen=True)
class _Written:
    sentences: list[Sentence]
    model: str = ""
    cost_microdollars: int = 0


def _write(user: User, material: Material, *, now: datetime, is_last_try: bool) -> _Written:
    try:
        written = model_writer.write(user, material)
    except model_writer.Unusable as unusable:
        if not is_last_try:
            raise WritingFailed(f"No text of the model can be used: {unusable}") from unusable
        logger.warning(
            "personalized_prompt_generation_failed user_id=%s attempt=last error=%s writer=builtin",
            *(user.pk, unusable),
        )
        spent = unusable.cost_microdollars
    else:
        if written is not None:
            return _Written(written.sentences, written.model, written.cost_microdollars)
        spent = 0
    sentences = composer.compose(material)
    if found := checks.findings(sentences, material):
        raise WritingFailed(" ".join(found))
    return _Written(sentences, model_writer.BUILTIN, spent)


def _start(user_id: UUID, reason: str, by: User | None) -> None:
    arguments = [str(user_id), str(reason), str(by.pk) if by else ""]

    def send() -> None:
        try:
            current_app.send_task(TASK, arguments, retry=False)
        except (OperationalError, OSError) as error:
            # It is taken up when the lost ones are looked for.
            logger.warning("prompt_generation_not_queued user_id=%s reason=%s", user_id, error)

    transaction.on_commit(send, robust=True)


def _progress(user: User, step: str) -> None:
    CoachingProfile.objects.filter(user=user, prompt_status=PromptStatus.GENERATING).update(
        prompt_progress=step
    )


def _fail(user_id: UUID, why: str) -> None:
    CoachingProfile.objects.filter(user_id=user_id, prompt_status=PromptStatus.GENERATING).update(
        prompt_status=PromptStatus.FAILED, prompt_progress="", prompt_error=why[:300]
    )
    logger.error("personalized_prompt_generation_failed user_id=%s error=%s", user_id, why)
