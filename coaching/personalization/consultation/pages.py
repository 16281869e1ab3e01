"""The pages of the consultation: invitation, talk, ending, and the coach being made. All of it works without script."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.current import person
from accounts.models import User
from coaching.models import (
    CoachingProfile,
    Consultation,
    ConsultationStatus,
    ConversationChannel,
    Message,
    MessageRole,
    PromptStatus,
)
from coaching.safety import answer, screen

from . import session
from .access import NOT_ENABLED
from .refusals import Refused
from .state import State, state_of, transcript
from .topics import RULES, TITLES, Item, Topic, TopicState

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]
# The steps in which a coach is made, as the person reads them.
STEPS = [
    ("gathering", "Reading what you told me"),
    ("writing", "Writing your profile and your coach"),
    ("checking", "Checking every sentence"),
]


def _page(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """For signed-in people; a refusal is a 404, or a message on the page of the consultation."""

    @wraps(view)
    def shown(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Refused as refused:
            if refused.status == 404:
                raise Http404 from None
            messages.error(request, refused.detail)
            return redirect("consultation")

    return login_required(never_cache(shown))


@dataclass(frozen=True)
class Line:
    """A message as the page shows it."""

    id: UUID
    is_coach: bool
    text: str
    html: SafeString | None
    is_last: bool


@_page
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Where the person stands: the talk that is open, the coach being made, the invitation, or why not yet."""
    user = person(request)
    running = session.active_of(user)
    if running is not None:
        return redirect("consultation_session", running.pk)
    profile = CoachingProfile.objects.filter(user=user).first()
    if profile is not None and profile.prompt_status in {
        PromptStatus.GENERATING,
        PromptStatus.FAILED,
    }:
        done = _newest_completed(user)
        if done is not None:
            return redirect("consultation_coach", done.pk)
    return _invitation(request, profile)


def _invitation(
    request: HttpRequest, profile: CoachingProfile | None, *, key: str = "", problem: str = ""
) -> HttpResponse:
    context = {
        "is_open": profile is not None and profile.consultation_enabled,
        "has_coach": profile is not None and profile.prompt_status == PromptStatus.READY,
        "why_not": NOT_ENABLED,
        "key": key,
        "problem": problem,
        "topics": TITLES.values(),
    }
    return render(
        request, "coaching/consultation/invitation.html", context, status=403 if problem else 200
    )


def _newest_completed(user: User) -> Consultation | None:
    done = Consultation.objects.filter(user=user, status=ConsultationStatus.COMPLETED)
    return done.order_by("-completed_at").first()


@_page
@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """Begins the talk, or goes on with the one that is open; takes an access key."""
    user, key = person(request), request.POST.get("key", "")[:100]
    try:
        begun = session.start(user, now=timezone.now(), key=key, channel=ConversationChannel.WEB)
    except Refused as refused:
        profile = CoachingProfile.objects.filter(user=user).first()
        return _invitation(request, profile, key=key, problem=refused.detail)
    return redirect("consultation_session", begun.consultation.pk)


@_page
@require_safe
def talk(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """The talk; `?before=` shows what was said earlier."""
    found = session.find(person(request), session_id)
    if found.status == ConsultationStatus.COMPLETED:
        return redirect("consultation_coach", found.pk)
    return _show(request, found)


@_page
@require_POST
def say(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """A message sent as a form; what cannot be taken stays in the field."""
    found = session.find(person(request), session_id)
    text, client_id = request.POST.get("text", ""), request.POST.get("client_id", "")
    try:
        session.say(found, text, client_id=client_id or uuid4().hex, now=timezone.now())
    except Refused as refused:
        return _show(
            request, found, text=text, client_id=client_id, problem=refused.detail, status=422
        )
    if request.headers.get("HX-Request"):
        return _show(request, session.find(found.user, found.pk))
    return redirect(_latest(found.pk))


@_page
@require_POST
def take_out(request: HttpRequest, session_id: UUID, item_id: UUID) -> HttpResponse:
    """Takes out something that was understood."""
    found = session.find(person(request), session_id)
    session.remove_item(found, item_id)
    if request.headers.get("HX-Request"):
        return _show(request, session.find(found.user, found.pk))
    return redirect("consultation_session", found.pk)


@_page
@require_POST
def pause(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Leaves it here for now."""
    session.pause(session.find(person(request), session_id))
    messages.success(request, "Kept as it is. Come back whenever you like.")
    return redirect("today")


@_page
@require_POST
def finish(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Ends the talk and has the coach made."""
    found = session.find(person(request), session_id)
    try:
        session.complete(found, now=timezone.now())
    except Refused as refused:
        messages.error(request, refused.detail)
        return redirect("consultation")
    return redirect("consultation_coach", found.pk)


@_page
@require_http_methods(["GET", "HEAD", "POST"])
def abandon(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Asks once, and then ends the talk without a coach."""
    found = session.find(person(request), session_id)
    if request.method != "POST":
        context = {"consultation": found, "days": RULES.days_until_erased}
        return render(request, "coaching/consultation/abandon.html", context)
    session.abandon(found, now=timezone.now())
    messages.success(request, "The consultation is ended. Thank you for the time you gave it.")
    return redirect("today")


@_page
@require_safe
def coach(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """The coach being made, live; then the profile. Script asks for the inner part alone."""
    found = session.find(person(request), session_id)
    if found.status != ConsultationStatus.COMPLETED:
        return redirect("consultation_session", found.pk)
    profile, _ = CoachingProfile.objects.get_or_create(user=found.user)
    reached = next(
        (place for place, (step, _) in enumerate(STEPS) if step == profile.prompt_progress), 0
    )
    context = {
        "consultation": found,
        "profile": profile,
        "steps": [
            (words, "done" if place < reached else "now" if place == reached else "next")
            for place, (_, words) in enumerate(STEPS)
        ],
        "share": (reached + 1) / (len(STEPS) + 1),
    }
    name = "_coach" if request.headers.get("HX-Request") else "coach"
    return render(request, f"coaching/consultation/{name}.html", context)


def _latest(session_id: UUID) -> str:
    return f"/consultation/{session_id}/#latest"


def _show(
    request: HttpRequest,
    consultation: Consultation,
    *,
    text: str = "",
    client_id: str = "",
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    state = state_of(consultation)
    rows, earlier = transcript(consultation, before=_before(request))
    context: dict[str, Any] = {
        "consultation": consultation,
        "lines": _lines(person(request), rows),
        "earlier": earlier,
        "state": state,
        "topics": _topics(state),
        "count": sum(len(state.understood.of(topic)) for topic in Topic),
        "open_topics": [TITLES[topic] for topic in state.standing.missing],
        "is_active": consultation.status == ConsultationStatus.ACTIVE,
        "is_resting": state.interview.is_resting,
        "text": text,
        "client_id": client_id or uuid4().hex,
        "problem": problem,
        "longest": RULES.longest_message,
    }
    if request.headers.get("HX-Request"):
        # The library swaps no refusals; the part that is shown says itself what was wrong.
        return render(request, "coaching/consultation/_talk.html", context)
    return render(request, "coaching/consultation/talk.html", context, status=status)


def _before(request: HttpRequest) -> UUID | None:
    try:
        return UUID(request.GET["before"]) if request.GET.get("before") else None
    except ValueError:
        raise Http404 from None


def _topics(state: State) -> list[dict[str, Any]]:
    words = {
        TopicState.OPEN: "open",
        TopicState.TOLD: "told",
        TopicState.PASSED: "passed over",
        TopicState.DECLINED: "left out",
    }
    shown = []
    for topic in Topic:
        items: list[Item] = state.understood.of(topic)
        topic_state = state.standing.topics[topic]
        shown.append(
            {
                "title": TITLES[topic],
                "state": topic_state.value,
                "words": words[topic_state],
                "items": items,
            }
        )
    return shown


def _lines(user: User, rows: list[Message]) -> list[Line]:
    """The messages; a crisis answer keeps its working links."""
    lines: list[Line] = []
    asked = ""
    for row in rows:
        is_coach = row.role == MessageRole.ASSISTANT
        html = _crisis_html(user, asked) if is_coach and row.is_crisis else None
        if not is_coach and (not row.is_crisis or _hit(user, row.content)):
            asked = row.content
        lines.append(Line(row.pk, is_coach, row.content, html, is_last=row is rows[-1]))
    return lines


def _hit(user: User, text: str) -> Any:
    return screen(text, country=user.country, locale=user.locale)


def _crisis_html(user: User, text: str) -> SafeString | None:
    hit = _hit(user, text)
    return mark_safe(answer(user, hit).html) if hit else None  # noqa: S308 - our own template


urlpatterns: list[URLPattern] = [
    path("consultation/", home, name="consultation"),
    path("consultation/begin/", begin, name="consultation_begin"),
    path("consultation/<uuid:session_id>/", talk, name="consultation_session"),
    path("consultation/<uuid:session_id>/say/", say, name="consultation_say"),
    path("consultation/<uuid:session_id>/pause/", pause, name="consultation_pause"),
    path("consultation/<uuid:session_id>/finish/", finish, name="consultation_finish"),
    path("consultation/<uuid:session_id>/abandon/", abandon, name="consultation_abandon"),
    path("consultation/<uuid:session_id>/coach/", coach, name="consultation_coach"),
    path(
        "consultation/<uuid:session_id>/items/<uuid:item_id>/remove/",
        take_out,
        name="consultation_take_out",
    ),
]
