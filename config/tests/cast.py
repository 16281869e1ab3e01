"""The cast of the security tests: an owner with one of everything, and a stranger who must see nothing."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.apps import apps
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import models
from django.utils import timezone

from accounts.models import (
    AuditEntry,
    Consent,
    ConsentKind,
    ConsentSource,
    DataRequest,
    DataRequestKind,
    DataRequestState,
    Device,
    DevicePlatform,
    IdempotencyKey,
    User,
)
from coaching.memory import remember
from coaching.models import (
    AnswerContext,
    Attachment,
    CallOutcome,
    CoachingProfile,
    CoachMessage,
    Commitment,
    CommitmentStatus,
    Consultation,
    ConsultationKey,
    ConsultationStatus,
    ContactDecision,
    ContextCache,
    Conversation,
    ConversationKind,
    ConversationSummary,
    CrisisAlert,
    CrisisCategory,
    DecisionStage,
    DeliveryState,
    Experiment,
    ExperimentAssignment,
    GoldenConversation,
    InteractionPattern,
    LearnedPreference,
    LearningEvent,
    MemoryReading,
    MemoryStatus,
    MemoryUse,
    Message,
    MessageCause,
    MessageChannel,
    MessageRole,
    ModelCall,
    Mute,
    Notification,
    NudgeDecision,
    NudgePosterior,
    Prediction,
    Preferences,
    PromptReview,
    RawBehavioralLog,
    Reason,
    Reminder,
    ReminderStatus,
    ResponseFeedback,
    ReviewDecision,
    Run,
    RunStatus,
    SummaryPeriod,
    Verdict,
)
from coaching.personalization import disputes, generation
from habits import sequences
from habits.models import (
    Category,
    CompletionSource,
    CompletionStatus,
    FoodEntry,
    Goal,
    Habit,
    HabitChange,
    HabitCompletion,
    HabitPause,
    HabitSequence,
    HabitStack,
    Issue,
    NutritionTarget,
    SequenceStatus,
    UserStreak,
)
from habits.planning import plan

from .momentum_cast import momentum_of
from .productivity_cast import productivity_of

OURS = {"accounts", "coaching", *settings.DOMAINS}
# Nobody's in particular: the catalogue and the helplines are the same for everybody.
SHARED = {
    *("habits.CatalogueHabit", "habits.Playbook", "coaching.Helpline"),
    "coaching.PredictionCalibration",
    *("coaching.MessageTemplate", "coaching.Experiment"),
    *("coaching.KnowledgeSource", "coaching.KnowledgeChunk"),
    *("momentum.ScoringVersion", "momentum.Backfill"),
    "productivity.BehaviorModel",
}


def belongings() -> list[type[models.Model]]:
    """Every table that holds somebody's rows."""
    return [
        model
        for model in apps.get_models()
        if model._meta.app_label in OURS
        and model._meta.label not in SHARED
        and not model._meta.proxy
    ]


def an_owner(email: str = "owner@example.org") -> User:
    """A person with one row in every table that an address of the site could name."""
    owner = User.objects.create_user(email, None, name="Owner", country="US")
    owner.onboarded_at = timezone.now()
    owner.save()
    _privacy_of(owner)
    _habits_of(owner)
    for status in RunStatus.values:
        _conversation_of(owner, status)
    _outreach_of(owner)
    _learned_of(owner)
    _context_of(owner)
    for state in ConsultationStatus:
        _consultation_of(owner, state)
    _prompt_updates_of(owner)
    _prompt_of(owner)
    _memories_of(owner)
    momentum_of(owner)
    productivity_of(owner)
    return owner


def _memories_of(owner: User) -> None:
    """Memories of every kind of status, how one was used, a preference and promises."""
    now = timezone.now()
    said = Message.objects.filter(user=owner, role=MessageRole.USER).earliest("pk")
    answer = Message.objects.filter(user=owner, role=MessageRole.ASSISTANT).earliest("pk")
    for status in MemoryStatus.values:
        memory = remember(
            owner,
            f"I live in the secret {status}.",
            happened_at=now,
            source_ref=f"message:{said.pk}#{status}",
            source_id=said.pk,
            status=status,
        )
        MemoryUse.objects.create(user=owner, memory=memory, message=answer)
    MemoryReading.objects.create(
        user=owner, conversation=said.conversation, read_up_to=said.pk, error="secret"
    )
    LearnedPreference.objects.create(
        user=owner,
        preference_category="secret",
        preference_key="secret",
        preference_value="secret",
        confidence=0.5,
    )
    for promised in CommitmentStatus.values:
        Commitment.objects.create(
            user=owner,
            message=said,
            what="secret",
            quote="secret",
            due_at=now + timedelta(days=1),
            status=promised,
            source_ref=promised,
        )


def _prompt_of(owner: User) -> None:
    """Two versions of a personal prompt, and a sentence that was called wrong."""
    now = timezone.now()
    revision = generation.generate(owner.pk, reason="consultation", now=now)
    if revision is not None:
        said = revision.sentences.filter(text__contains="ecret").first()
        if said is not None:
            disputes.edit(owner, said.pk, "A secret of mine", now=now)


def _prompt_updates_of(owner: User) -> None:
    """A look at the owner's prompt, and an answer they liked."""
    now = timezone.now()
    PromptReview.objects.create(
        user=owner,
        local_date=now.date(),
        decision=ReviewDecision.SKIPPED,
        reasons=[{"code": "logging", "words": "secret habit"}],
    )
    liked = Message.objects.filter(user=owner, role=MessageRole.ASSISTANT).first()
    if liked is not None:
        GoldenConversation.objects.create(
            user=owner, message=liked, request="secret habit", answer="secret habit"
        )


def _consultation_of(owner: User, state: ConsultationStatus) -> None:
    """A consultation in which something was said and understood, with the key that opened it."""
    now = timezone.now()
    conversation = Conversation.objects.create(
        user=owner, kind=ConversationKind.CONSULTATION, title="secret consultation"
    )
    said = Message.objects.create(
        conversation=conversation, user=owner, role=MessageRole.USER, content="secret habit"
    )
    item = {
        "id": str(uuid4()),
        "kind": "pattern",
        "value": "secret",
        "quote": "secret habit",
        "message_id": str(said.pk),
        "at": now.isoformat(),
    }
    ended = {"completed": {"completed_at": now}, "abandoned": {"abandoned_at": now}}
    Consultation.objects.create(
        user=owner,
        conversation=conversation,
        status=state,
        extracted={"meals": [item]},
        **ended.get(state.value, {}),
    )
    ConsultationKey.objects.create(digest=uuid4().hex, label="secret", used_by=owner, used_at=now)


def _privacy_of(owner: User) -> None:
    Device.objects.create(user=owner, platform=DevicePlatform.IOS, token="secret-device")
    DataRequest.objects.create(
        user=owner,
        kind=DataRequestKind.EXPORT,
        state=DataRequestState.READY,
        file=ContentFile(b"secret of the owner", name="export.zip"),
        expires_at=timezone.now() + timedelta(days=1),
    )
    Consent.objects.create(
        user=owner,
        kind=ConsentKind.BEHAVIORAL_TRACKING,
        granted=True,
        source=ConsentSource.WEB,
        evidence="secret",
    )
    AuditEntry.objects.create(actor=owner, subject=owner, action="viewed", target="secret")
    IdempotencyKey.objects.create(
        user=owner, key="secret", method="POST", path="/", request_digest="", response="secret"
    )


def _outreach_of(owner: User) -> None:
    now = timezone.now()
    for number, status in enumerate(ReminderStatus.values):
        Reminder.objects.create(
            user=owner,
            text="secret",
            remind_at=now + timedelta(hours=1),
            status=status,
            idempotency_key=str(number),
        )
    _messages_of(owner)
    Preferences.objects.get_or_create(user=owner)
    CoachingProfile.objects.get_or_create(user=owner)
    RawBehavioralLog.objects.create(
        user=owner,
        interaction_type="habit.completed",
        raw_data={"note": "secret"},
        source="web",
        occurred_at=now,
        idempotency_key="secret",
    )
    ModelCall.objects.create(
        user=owner, purpose="chat", model="secret", outcome=CallOutcome.OK, total_ms=1
    )
    CrisisAlert.objects.create(
        user=owner,
        message_id=uuid4(),
        category=CrisisCategory.SUICIDE,
        paused_until=now + timedelta(days=7),
        note="secret",
    )


def _context_of(owner: User) -> None:
    """What the coach makes of the owner: picture, summaries, and what an answer was made of."""
    now = timezone.now()
    ContextCache.objects.create(
        user=owner, context={"secret": "secret"}, built_at=now, expires_at=now
    )
    for period in SummaryPeriod.values:
        ConversationSummary.objects.create(
            user=owner,
            summary_period=period,
            start_date=now.date(),
            end_date=now.date(),
            ai_summary="secret summary",
        )
    answer = Message.objects.filter(user=owner, role=MessageRole.ASSISTANT).earliest("pk")
    AnswerContext.objects.create(user=owner, message=answer, system="secret", tokens=1)


def _messages_of(owner: User) -> None:
    """A message that went out, one that waits and one that was held back, with all that hangs on them."""
    now = timezone.now()
    CoachMessage.objects.create(
        user=owner,
        cause=MessageCause.NUDGE,
        cause_key="waits",
        title="secret",
        body="secret",
        not_before=now + timedelta(hours=1),
    )
    held = CoachMessage.objects.create(
        user=owner,
        channel=MessageChannel.EMAIL,
        cause=MessageCause.DIGEST,
        cause_key="held",
        title="secret",
        body="secret",
        state=DeliveryState.SUPPRESSED,
        reason=Reason.MUTED,
    )
    ContactDecision.objects.create(
        message=held, stage=DecisionStage.CREATION, verdict=Verdict.DROP, reasons=[Reason.MUTED]
    )
    reminder = Reminder.objects.filter(user=owner).latest("pk")
    sent = CoachMessage.objects.create(
        user=owner,
        cause=MessageCause.REMINDER,
        cause_key=f"reminder:{reminder.pk}:{now.isoformat()}",
        subject_type="coaching.reminder",
        subject_id=reminder.pk,
        body="secret\n• secret",
        cta_text="Open Today",
        cta_action="/",
        state=DeliveryState.DELIVERED,
        sent_at=now,
    )
    Notification.objects.create(message=sent, channel=MessageChannel.IN_APP)
    Mute.objects.create(user=owner, cause=MessageCause.CHECK_IN, label="secret")
    NudgeDecision.objects.create(
        user=owner,
        local_date=now.date(),
        point="morning",
        policy_version="secret",
        is_available=True,
        probability=0.5,
        random_number=0.9,
        sent=False,
        window_ends_at=now,
    )
    NudgePosterior.objects.create(user=owner, policy_version="secret", mean=[], covariance=[])
    InteractionPattern.objects.create(user=owner, most_active_days=["monday"])
    experiment, _ = Experiment.objects.get_or_create(
        key="cast", defaults={"name": "secret", "variation": "secret", "primary_metric": "secret"}
    )
    ExperimentAssignment.objects.create(experiment=experiment, user=owner, variant="secret")


def _learned_of(owner: User) -> None:
    """What was of use, what was guessed about a habit, a meal and a range."""
    today = date.today()  # noqa: DTZ011 - any date will do
    LearningEvent.objects.create(user=owner, event_type="secret", idempotency_key="secret")
    Prediction.objects.create(
        user=owner,
        kind="habits.kept",
        subject_type="habits.habit",
        subject_id=Habit.objects.filter(user=owner).earliest("pk").pk,
        for_date=today,
        probability=0.5,
        confidence=0.5,
        model_version="secret",
    )
    FoodEntry.objects.create(
        user=owner, text="secret meal", eaten_at=timezone.now(), local_date=today, source="web"
    )
    NutritionTarget.objects.create(user=owner, calories_low=1800, calories_high=2200)


def _habits_of(owner: User) -> None:
    today = date.today()  # noqa: DTZ011 - any date will do
    goal = Goal.objects.create(
        user=owner, text="secret goal", category=Category.FITNESS, primary_objective="secret"
    )
    habit = Habit.objects.create(
        user=owner, goal=goal, name="secret habit", category=Category.FITNESS, starts_on=today
    )
    HabitStack.objects.create(habit=habit, cue="coffee", sentence="After coffee, secret")
    HabitPause.objects.create(habit=habit, starts_on=today)
    UserStreak.objects.get_or_create(user=owner, habit=habit)
    HabitCompletion.objects.create(
        habit=habit,
        user=owner,
        local_date=today,
        status=CompletionStatus.DONE,
        source=CompletionSource.WEB,
        note="secret",
    )
    HabitChange.objects.create(
        user=owner,
        habit=habit,
        issue=Issue.NO_TIME,
        changes={"duration_minutes": 2},
        words="secret change",
        reason="secret",
        expires_at=timezone.now() + timedelta(days=7),
    )
    call_command("load_catalogue", verbosity=0)
    draft = plan("run a 5K in 3 months", user=owner)
    sequences.accept(owner, sequences.save_draft(owner, draft, call_id="accepted"))
    for status in (SequenceStatus.DRAFT, SequenceStatus.PAUSED, SequenceStatus.ABANDONED):
        sequence = sequences.save_draft(owner, draft, call_id=status.value)
        HabitSequence.objects.filter(pk=sequence.pk).update(status=status)
    HabitSequence.objects.filter(user=owner).update(name="secret plan")


def _conversation_of(owner: User, status: str) -> None:
    """A question and its answer, whose run is in the given state."""
    conversation = Conversation.objects.create(user=owner, title="secret talk")
    asked = Message.objects.create(
        conversation=conversation, user=owner, role=MessageRole.USER, content="secret question"
    )
    done: dict[str, Any] = {"id": "call-1", "name": "set_reminder", "status": "done"}
    reply = Message.objects.create(
        conversation=conversation,
        user=owner,
        parent=asked,
        role=MessageRole.ASSISTANT,
        content="secret answer",
        status="streaming" if status == RunStatus.RUNNING else "complete",
        function_calls=[done],
    )
    conversation.head = reply
    conversation.save()
    ResponseFeedback.objects.create(user=owner, message=reply, rating=1, text="secret")
    Run.objects.create(
        user=owner,
        conversation=conversation,
        request=asked,
        reply=reply,
        status=status,
        finished_at=None if status == RunStatus.RUNNING else timezone.now(),
    )
    Attachment.objects.create(
        user=owner,
        message=asked,
        file=ContentFile(b"secret of the owner", name="note.txt"),
        name="secret.txt",
        type="text/plain",
        size=6,
    )


def ids_of_everything() -> Iterator[tuple[str, UUID]]:
    """Every UUID key in the database with the name of its table."""
    for model in apps.get_models():
        if model._meta.app_label in OURS:
            for pk in model._default_manager.values_list("pk", flat=True):
                if isinstance(pk, UUID):
                    yield model._meta.label, pk
