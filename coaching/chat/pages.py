"""The Coach page, the assistant's sheet, and everything one can do there without script."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.current import person
from accounts.models import User
from coaching.agent import runs, stopping
from coaching.agent.background import launch_for
from coaching.agent.live import Job
from coaching.agent.runs import Refused, Started
from coaching.memory.commitments import opening_line
from coaching.models import (
    Conversation,
    ConversationChannel,
    ConversationKind,
    Message,
    Preferences,
    ResponseFeedback,
)

from . import attachments, conversing, temporary
from .cards import undo_call
from .deleting import remove_conversation
from .thread import Thread, own_conversation

P = ParamSpec("P")
LISTED = 100
EXCERPT = 90
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def _page(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """For signed-in people; a refusal is a 404, or a message on the page they came from."""

    @wraps(view)
    def answer(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except Refused as refused:
            if refused.status == 404:
                raise Http404 from None
            if request.headers.get("Accept", "").startswith("application/json"):
                return HttpResponse(refused.detail, status=refused.status)
            messages.error(request, refused.detail)
            return _to(_came_from(request, kwargs.get("conversation_id")))

    return login_required(answer)


@_page
@require_GET
def coach(request: HttpRequest) -> HttpResponseBase:
    """The list of conversations, searched with `?q=`, beside a new one."""
    return render(request, "coaching/chat/page.html", _context(request, None))


@_page
@require_GET
def conversation(request: HttpRequest, conversation_id: UUID) -> HttpResponseBase:
    """One conversation."""
    found = own_conversation(person(request), conversation_id)
    return render(request, "coaching/chat/page.html", _context(request, found))


@_page
@require_POST
def begin_temporary(request: HttpRequest) -> HttpResponseBase:
    """A chat of which nothing is remembered."""
    return _to(temporary.begin(person(request), now=timezone.now()).pk)


@_page
@require_GET
def sheet(request: HttpRequest) -> HttpResponseBase:
    """The assistant's content for any page: the newest conversation, or a new one."""
    user = person(request)
    newest = _conversations(user).first()
    context = _context(request, newest, with_list=False)
    return render(request, "coaching/chat/sheet.html", context)


@_page
@require_POST
def send(request: HttpRequest) -> HttpResponseBase:
    """A message sent as a form."""
    user = person(request)
    files = [attachments.attach(user, upload).pk for upload in request.FILES.getlist("files")]
    started, job = conversing.send(
        user,
        request.POST.get("text", ""),
        client_id=request.POST.get("client_id") or uuid4().hex,
        conversation=_uuid(request.POST.get("conversation", "")),
        attachments=files,
        channel=ConversationChannel.WEB,
    )
    return _begin(request, started, job)


@_page
@require_POST
def edit(request: HttpRequest, message_id: UUID) -> HttpResponseBase:
    """Another version of one's own message."""
    return _begin(
        request,
        *conversing.edit(
            person(request),
            message_id,
            request.POST.get("text", ""),
            client_id=request.POST.get("client_id") or uuid4().hex,
        ),
    )


@_page
@require_POST
def regenerate(request: HttpRequest, message_id: UUID) -> HttpResponseBase:
    """Another answer."""
    client_id = request.POST.get("client_id") or uuid4().hex
    return _begin(request, *conversing.regenerate(person(request), message_id, client_id=client_id))


@_page
@require_POST
def retry(request: HttpRequest, run_id: UUID) -> HttpResponseBase:
    """A new answer in place of a failed one."""
    return _begin(request, *conversing.retry(person(request), run_id))


@_page
@require_POST
def select(request: HttpRequest, message_id: UUID) -> HttpResponseBase:
    """Shows another branch."""
    return _to(runs.select_branch(person(request), message_id).pk)


@_page
@require_POST
def stop(request: HttpRequest, run_id: UUID) -> HttpResponseBase:
    """Ends an answer where it is."""
    return _to(stopping.stop(person(request), run_id).conversation_id)


class OpinionForm(forms.Form):
    """A thumb, or how helpful an answer was, or words about it: any of them, not none."""

    rating = forms.TypedChoiceField(
        choices=[("-1", "down"), ("0", "none"), ("1", "up")],
        coerce=int,
        required=False,
        empty_value=None,
    )
    helpfulness = forms.IntegerField(min_value=1, max_value=5, required=False)
    text = forms.CharField(max_length=2000, required=False)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not any(self.data.get(name) for name in ("rating", "helpfulness", "text")):
            raise forms.ValidationError("Nothing was said.")
        return given


@_page
@require_POST
def feedback(request: HttpRequest, message_id: UUID) -> HttpResponseBase:
    """What one thinks of an answer: a thumb (-1, 0 or 1), or how helpful it was (1 to 5) and words."""
    form = OpinionForm(request.POST)
    if not form.is_valid():
        raise Refused(400, "invalid", "A rating is -1, 0 or 1; helpfulness goes from 1 to 5.")
    message = rate(person(request), message_id, **form.cleaned_data)
    return _to(message.conversation_id)


@_page
@require_POST
def undo(request: HttpRequest, message_id: UUID) -> HttpResponseBase:
    """Takes back what the coach did."""
    user = person(request)
    card = undo_call(user, message_id, request.POST.get("call", ""))
    messages.success(request, card.summary)
    found = Message.objects.filter(pk=message_id, user=user).values_list("conversation_id")
    return _to(found[0][0])


@_page
@require_POST
def rename(request: HttpRequest, conversation_id: UUID) -> HttpResponseBase:
    """Gives a conversation another name."""
    found = own_conversation(person(request), conversation_id)
    title = " ".join(request.POST.get("title", "").split())[:120]
    if not title:
        raise Refused(400, "empty", "A name has at least one letter.")
    Conversation.objects.filter(pk=found.pk).update(title=title)
    return _to(found.pk)


@_page
@require_POST
def delete(request: HttpRequest, conversation_id: UUID) -> HttpResponseBase:
    """Deletes a conversation for good."""
    remove_conversation(person(request), conversation_id)
    messages.success(request, "The conversation is deleted.")
    return redirect("coach")


@_page
@require_GET
def attachment(request: HttpRequest, attachment_id: UUID) -> HttpResponseBase:
    """One's own file."""
    return attachments.served(attachments.own_attachment(person(request), attachment_id))


def rate(
    user: User,
    message_id: UUID,
    *,
    rating: int | None = None,
    helpfulness: int | None = None,
    text: str = "",
) -> Message:
    """Keeps what the person thinks of an answer; the latest opinion counts. Raises `Refused` 404.

    What is not given stays as it was.
    """
    message = Message.objects.filter(pk=message_id, user=user, role="assistant").first()
    if message is None:
        raise runs.not_found()
    said: dict[str, Any] = {"user": user, "created_at": timezone.now()}
    said |= {"rating": rating} if rating is not None else {}
    said |= {"helpfulness": helpfulness} if helpfulness else {}
    said |= {"text": text} if text else {}
    ResponseFeedback.objects.update_or_create(
        message=message, defaults=said, create_defaults={"rating": 0, **said}
    )
    return message


def _begin(request: HttpRequest, started: Started, job: Job | None) -> HttpResponseBase:
    if job is not None:
        launch_for(request, job)
    return _to(started.run.conversation_id)


def _to(conversation_id: UUID | None) -> HttpResponse:
    if conversation_id is None:
        return redirect("coach")
    return redirect("coach_conversation", conversation_id)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        raise runs.not_found() from None


def _came_from(request: HttpRequest, named: object) -> UUID | None:
    """The conversation that a refused request speaks of, if it is a possible one."""
    try:
        return _uuid(str(named or request.POST.get("conversation", "")))
    except Refused:
        return None


def _conversations(user: User) -> QuerySet[Conversation]:
    return Conversation.objects.filter(user=user, kind=ConversationKind.COACH).order_by(
        "-last_message_at"
    )


def found_conversations(user: User, query: str) -> QuerySet[Conversation]:
    """The person's conversations, newest first; with a query those whose name or messages have its words."""
    rows = _conversations(user)
    words = query.split()[:8]
    if not words:
        return rows
    has_words = Q()
    for word in words:
        has_words &= Q(content__icontains=word)
    hits = Message.objects.filter(has_words, conversation=OuterRef("pk")).order_by("-id")
    named = Q()
    for word in words:
        named &= Q(title__icontains=word)
    rows = rows.annotate(hit=Subquery(hits.values("content")[:1]))
    return rows.filter(named | Q(hit__isnull=False))


def _excerpt(text: str, query: str) -> str:
    at = max(0, text.casefold().find(query.split()[0].casefold()) - EXCERPT // 3)
    piece = " ".join(text[at : at + EXCERPT].split())
    return f"{'…' if at else ''}{piece}{'…' if at + EXCERPT < len(text) else ''}"


def _listed(user: User, query: str) -> list[dict[str, Any]]:
    listed = []
    for row in found_conversations(user, query)[:LISTED]:
        hit = getattr(row, "hit", None)
        listed.append(
            {
                "id": row.pk,
                "title": row.title,
                "is_temporary": row.is_temporary,
                "last_message_at": row.last_message_at,
                "excerpt": _excerpt(hit, query) if hit else "",
            }
        )
    return listed


def _context(
    request: HttpRequest, conversation: Conversation | None, *, with_list: bool = True
) -> dict[str, Any]:
    user = person(request)
    context: dict[str, Any] = {
        "conversation": conversation,
        "thread": [],
        "earlier": None,
        "active_run": None,
        "chips": _chips(user) if conversation is None else [],
        "banner": _banner(user),
        "opening": opening_line(user, now=timezone.now()) if conversation is None else "",
    }
    if with_list:
        query = request.GET.get("q", "").strip()[:100]
        context |= {"query": query, "conversations": _listed(user, query)}
    if conversation is not None:
        before = _uuid(request.GET.get("before", ""))
        thread = Thread(user, conversation, before=before, request=request)
        context |= {
            "thread": thread.messages(),
            "earlier": thread.earlier,
            "active_run": thread.active_run,
        }
    return context


def _chips(user: User) -> list[dict[str, str]]:
    """Ways to begin that fit this person."""
    chips = [
        {"label": "How am I doing?", "text": "How am I doing?"},
        {"label": "Set a reminder", "text": "Set a reminder"},
        {"label": "What can you do?", "text": "What can you do?"},
    ]
    goal = user.stated_goal.strip().rstrip(".")
    text = f"Make a plan for my goal: {goal}" if goal else "Help me set a goal"
    return [{"label": "Make a plan" if goal else "Set a goal", "text": text}, *chips]


def _banner(user: User) -> list[str]:
    lines = ["The coach sees your habits, tasks, plans and goals, and this conversation."]
    if user.stated_goal:
        lines.append(f"Your goal: {user.stated_goal}")
    preferences = Preferences.objects.filter(user=user).first()
    if preferences is not None:
        lines.append(f"Answers are {preferences.communication_style}.")
    return lines


urlpatterns = [
    path("coach/", coach, name="coach"),
    path("coach/send/", send, name="coach_send"),
    path("coach/sheet/", sheet, name="coach_sheet"),
    path("coach/temporary/", begin_temporary, name="coach_temporary"),
    path("coach/<uuid:conversation_id>/", conversation, name="coach_conversation"),
    path("coach/<uuid:conversation_id>/rename/", rename, name="coach_conversation_rename"),
    path("coach/<uuid:conversation_id>/delete/", delete, name="coach_conversation_delete"),
    path("coach/messages/<uuid:message_id>/edit/", edit, name="coach_message_edit"),
    path(
        "coach/messages/<uuid:message_id>/regenerate/", regenerate, name="coach_message_regenerate"
    ),
    path("coach/messages/<uuid:message_id>/select/", select, name="coach_message_select"),
    path("coach/messages/<uuid:message_id>/feedback/", feedback, name="coach_message_feedback"),
    path("coach/messages/<uuid:message_id>/undo/", undo, name="coach_message_undo"),
    path("coach/runs/<uuid:run_id>/stop/", stop, name="coach_run_stop"),
    path("coach/runs/<uuid:run_id>/retry/", retry, name="coach_run_retry"),
    path("coach/attachments/<uuid:attachment_id>/", attachment, name="coach_attachment"),
]
