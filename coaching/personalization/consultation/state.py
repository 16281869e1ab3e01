"""How a consultation stands, as its page and its API show it."""

from dataclasses import dataclass
from uuid import UUID

from coaching.models import (
    CoachingProfile,
    Consultation,
    ConsultationStatus,
    Message,
    MessageRole,
    PromptStatus,
)

from .session import interview_of, understood_of
from .topics import RULES, Interview, Standing, Understood, standing


@dataclass(frozen=True)
class State:
    """What was understood, how far the talk is, and how far the coach is that comes of it."""

    understood: Understood
    interview: Interview
    standing: Standing
    is_active: bool
    prompt_status: str
    prompt_progress: str

    @property
    def can_complete(self) -> bool:
        return self.is_active and self.standing.is_enough


def state_of(consultation: Consultation) -> State:
    """The state right now, with how far the person's coach is."""
    understood, interview = understood_of(consultation), interview_of(consultation)
    profile = CoachingProfile.objects.filter(user=consultation.user_id).first()
    return State(
        understood,
        interview,
        standing(understood, interview),
        is_active=consultation.status == ConsultationStatus.ACTIVE,
        prompt_status=profile.prompt_status if profile else PromptStatus.NONE,
        prompt_progress=profile.prompt_progress if profile else "",
    )


def transcript(
    consultation: Consultation, *, before: UUID | None = None
) -> tuple[list[Message], UUID | None]:
    """The last messages, oldest first, and from which one on there are earlier ones."""
    rows = Message.objects.filter(
        conversation=consultation.conversation_id,
        role__in=[MessageRole.USER, MessageRole.ASSISTANT],
    ).order_by("-id")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    newest = list(rows[: RULES.page + 1])
    shown = newest[: RULES.page][::-1]
    return shown, shown[0].pk if len(newest) > RULES.page else None
