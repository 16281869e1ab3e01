"""“Why this answer”: what the coach was told when it answered, part by part, and what of it the answer used."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import NoReverseMatch, path, reverse
from django.views.decorators.http import require_safe

from accounts.current import person
from accounts.models import User
from coaching.agent.answer_contexts import context_of
from coaching.agent.briefing import ABOUT
from coaching.models import AnswerContext, Message, MessageRole

_TITLES = {
    "You are the coach of Habyss": "The rules it always has",
    "Now:": "Day and time",
    "The person is looking at": "The page you were on",
    "When a numbered passage": "From the library",
}
_PROMPT = "How it was told to coach you"


@dataclass(frozen=True)
class Part:
    """One part of what the coach was told: a title for the person, and its lines."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Given:
    """A memory, passage or summary it was given, with where to change it."""

    kind: str
    title: str
    text: str
    number: int | None
    used: bool
    url: str


def parts_of(system: str) -> list[Part]:
    """The system text in the parts it was made of."""
    parts: list[Part] = []
    for block in system.split("\n\n"):
        first, *rest = block.split("\n")
        if first.startswith(ABOUT):
            parts.append(
                Part(first.removeprefix(ABOUT), tuple(line.removeprefix("- ") for line in rest))
            )
            continue
        title = next((words for start, words in _TITLES.items() if first.startswith(start)), "")
        lines = tuple(line for line in (first, *rest) if line.strip())
        if not title and parts and parts[-1].title == _PROMPT:
            parts[-1] = Part(_PROMPT, (*parts[-1].lines, *lines))
        else:
            parts.append(Part(title or _PROMPT, lines))
    return parts


def given_in(context: AnswerContext) -> list[Given]:
    """The sources of an answer, those it used first."""
    found = [
        Given(
            kind=source.get("kind", ""),
            title=source.get("title", ""),
            text=source.get("text", ""),
            number=source.get("number"),
            used=bool(source.get("used")),
            url=_url_of(source),
        )
        for source in context.sources
    ]
    return sorted(found, key=lambda each: not each.used)


def own_answer(user: User, message_id: UUID) -> Message:
    """The person's answer; anybody else's is not found."""
    return get_object_or_404(
        Message.objects.select_related("parent", "conversation"),
        pk=message_id,
        user=user,
        role=MessageRole.ASSISTANT,
    )


@login_required
@require_safe
def why(request: HttpRequest, message_id: UUID) -> HttpResponse:
    """What the coach was told for one answer; an honest page when nothing was kept."""
    user = person(request)
    message = own_answer(user, message_id)
    context = context_of(user, message_id)
    return render(
        request,
        "coaching/chat/why.html",
        {
            "message": message,
            "context": context,
            "parts": parts_of(context.system) if context else [],
            "given": given_in(context) if context else [],
            "days": settings.ANSWER_CONTEXT_DAYS,
        },
    )


def _url_of(source: dict[str, Any]) -> str:
    try:
        match source.get("kind"):
            case "memory":
                return f"{reverse('knows_memories')}#memory-{source['id']}"
            case "summary":
                return f"{reverse('knows_summaries')}#s-{source['id']}"
            case "knowledge":
                return reverse("knowledge_article", args=[source["slug"]])
    except (NoReverseMatch, KeyError):
        return ""
    return ""


urlpatterns = [path("coach/messages/<uuid:message_id>/why/", why, name="coach_why")]
