"""The cast of the security tests: an owner with one of everything, and a stranger who must see nothing."""

from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID

from django.apps import apps
from django.core.files.base import ContentFile
from django.utils import timezone

from accounts.models import (
    DataRequest,
    DataRequestKind,
    DataRequestState,
    Device,
    DevicePlatform,
    User,
)
from coaching.models import (
    Attachment,
    CoachMessage,
    Conversation,
    Message,
    MessageCause,
    MessageRole,
    Reminder,
    Run,
    RunStatus,
)
from habits.models import (
    Category,
    CompletionSource,
    CompletionStatus,
    Goal,
    Habit,
    HabitCompletion,
    HabitSequence,
    HabitStack,
    PhaseHabit,
    SequencePhase,
)


def an_owner(email: str = "owner@example.org") -> User:
    """A person with one row in every table that an address of the site could name."""
    owner = User.objects.create_user(email, "a long pass phrase", name="Owner", country="US")
    owner.onboarded_at = timezone.now()
    owner.save()
    _habits_of(owner)
    _conversation_of(owner)
    now = timezone.now()
    Device.objects.create(user=owner, platform=DevicePlatform.IOS, token="device-of-owner")
    DataRequest.objects.create(
        user=owner,
        kind=DataRequestKind.EXPORT,
        state=DataRequestState.READY,
        file=ContentFile(b"secret of the owner", name="export.zip"),
        expires_at=now + timedelta(days=1),
    )
    Reminder.objects.create(
        user=owner, text="secret", remind_at=now + timedelta(hours=1), idempotency_key="1"
    )
    CoachMessage.objects.create(
        user=owner, cause=MessageCause.REMINDER, cause_key="1", body="secret", sent_at=now
    )
    return owner


def _habits_of(owner: User) -> None:
    today = date.today()  # noqa: DTZ011 - any date will do
    goal = Goal.objects.create(
        user=owner, text="secret goal", category=Category.FITNESS, primary_objective="secret"
    )
    habit = Habit.objects.create(
        user=owner, goal=goal, name="secret habit", category=Category.FITNESS, starts_on=today
    )
    HabitStack.objects.create(habit=habit, cue="coffee", sentence="After coffee, secret")
    HabitCompletion.objects.create(
        habit=habit,
        user=owner,
        local_date=today,
        status=CompletionStatus.DONE,
        source=CompletionSource.WEB,
    )
    for status in ("draft", "active"):
        sequence = HabitSequence.objects.create(
            user=owner,
            goal=goal,
            name="secret plan",
            total_phases=1,
            proposal={},
            status=status,
            expires_at=timezone.now() + timedelta(days=7),
        )
        phase = SequencePhase.objects.create(
            sequence=sequence,
            phase_number=1,
            name="secret phase",
            duration_weeks=1,
            start_date=today,
            end_date=today,
        )
        PhaseHabit.objects.create(phase=phase, habit=habit)


def _conversation_of(owner: User) -> None:
    conversation = Conversation.objects.create(user=owner, title="secret talk")
    asked = Message.objects.create(
        conversation=conversation, user=owner, role=MessageRole.USER, content="secret question"
    )
    reply = Message.objects.create(
        conversation=conversation,
        user=owner,
        parent=asked,
        role=MessageRole.ASSISTANT,
        content="secret answer",
    )
    conversation.head = reply
    conversation.save()
    Run.objects.create(
        user=owner,
        conversation=conversation,
        request=asked,
        reply=reply,
        status=RunStatus.COMPLETED,
        finished_at=timezone.now(),
    )
    Attachment.objects.create(
        user=owner,
        file=ContentFile(b"secret of the owner", name="note.txt"),
        name="note.txt",
        type="text/plain",
        size=6,
    )


def ids_of_everything() -> Iterator[tuple[str, UUID]]:
    """Every UUID key in the database with the name of its table."""
    for model in apps.get_models():
        if model._meta.app_label in {"accounts", "coaching", "habits"}:
            for pk in model._default_manager.values_list("pk", flat=True):
                if isinstance(pk, UUID):
                    yield model._meta.label, pk
