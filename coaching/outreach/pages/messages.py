"""The page of messages: what was sent, what waits, what was held back, and why."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.current import person
from accounts.models import User
from coaching.models import CoachMessage, MessageCause, Mute
from coaching.outreach import inbox, muting, reminders
from coaching.outreach.choices import is_away, preferences_of
from coaching.outreach.coach_tools import in_words
from coaching.outreach.inbox import Box
from coaching.outreach.stopping import is_stopped

PAGE = 20
# A page shows no more than this; who sends more ids than that reads no page.
MOST_SEEN = 100


@login_required
@require_safe
def message_list(request: HttpRequest) -> HttpResponse:
    """One box of messages. Looking at them is told by a POST of the page, not by this address."""
    user, now = person(request), timezone.now()
    box = _box(request.GET.get("show", ""))
    page = Paginator(inbox.messages_in(user, box), PAGE).get_page(request.GET.get("page"))
    shown = inbox.entries(user, list(page.object_list), now=now)
    preferences = preferences_of(user)
    return render(
        request,
        "coaching/outreach/messages.html",
        {
            "box": box,
            "boxes": [(each, TITLES[each]) for each in Box],
            "page": page,
            "entries": shown,
            "new": [entry.message.pk for entry in shown if entry.is_new],
            "snoozes": inbox.SNOOZES.items(),
            "is_away": is_away(preferences, user, now=now),
            "away_until": preferences.away_until,
            "is_stopped": is_stopped(user),
        },
    )


TITLES = {Box.SENT: "Sent", Box.WAITING: "Waiting", Box.HELD: "Held back"}


def _box(value: str) -> Box:
    return Box(value) if value in set(Box) else Box.SENT


def _own(user: User, pk: UUID) -> CoachMessage:
    """A message of the person that went out; drafts and what was held back can be read, not answered."""
    return get_object_or_404(CoachMessage.objects.sent(), pk=pk, user=user)


def _back(message: CoachMessage | None = None) -> HttpResponseRedirect:
    address = reverse("messages")
    return HttpResponseRedirect(f"{address}#m-{message.pk}" if message else address)


@login_required
@require_POST
def messages_seen(request: HttpRequest) -> HttpResponse:
    """These messages stood before the person's eyes; a script asks `quietly`, for no page in answer."""
    try:
        ids = [UUID(value) for value in request.POST.getlist("id")[:MOST_SEEN]]
    except ValueError:
        return HttpResponse("No such messages.", status=422, content_type="text/plain")
    inbox.mark_seen(person(request), ids, now=timezone.now())
    if request.POST.get("quietly"):
        return HttpResponse(status=204)
    return _back()


@login_required
@require_POST
def message_follow(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Marks a message as followed and goes where it points, within this site."""
    user = person(request)
    message = _own(user, pk)
    inbox.mark_read(user, message, now=timezone.now(), engaged=True)
    return HttpResponseRedirect(inbox.leads_to(message) or "/")


@login_required
@never_cache
@require_safe
def message_open(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Where e-mails and push messages lead: counts as followed, and goes on within this site."""
    user = person(request)
    message = get_object_or_404(CoachMessage, pk=pk, user=user)
    inbox.mark_read(user, message, now=timezone.now(), engaged=True)
    target = inbox.leads_to(message)
    return HttpResponseRedirect(target) if target else _back(message)


class RatingForm(forms.Form):
    """How helpful a message was; thumbs are 5 and 1."""

    rating = forms.IntegerField(min_value=1, max_value=5)
    text = forms.CharField(max_length=2000, required=False)


@login_required
@require_POST
def message_rate(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Keeps the person's opinion of a message."""
    user = person(request)
    message = _own(user, pk)
    form = RatingForm(request.POST)
    if not form.is_valid():
        return HttpResponse("Rate from 1 to 5.", status=422, content_type="text/plain")
    inbox.rate(user, message, form.cleaned_data["rating"], form.cleaned_data["text"])
    messages.success(request, "Thank you. It helps me to write less and better.")
    return _back(message)


@login_required
@require_POST
def message_snooze(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Lets the reminder behind a message speak again later."""
    user, now = person(request), timezone.now()
    message = _own(user, pk)
    choice = request.POST.get("for", "")
    if choice not in inbox.SNOOZES:
        return HttpResponse("Choose for how long.", status=422, content_type="text/plain")
    try:
        reminder = inbox.snooze(user, message, inbox.snooze_until(user, choice, now=now))
    except reminders.ReminderRefused as refusal:
        messages.error(request, str(refusal))
    else:
        inbox.mark_read(user, message, now=now)
        messages.success(request, f"I'll come back to it {in_words(reminder, user)}.")
    return _back(message)


@login_required
@require_POST
def message_mute(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Mutes what a message is about, or its kind, with a way back."""
    user, now = person(request), timezone.now()
    message = get_object_or_404(CoachMessage, pk=pk, user=user)
    what = request.POST.get("what", "")
    if what == "subject" and message.subject_id is not None:
        mute = muting.mute_subject(user, message.subject_type, message.subject_id, now=now)
        said = f"Muted: “{mute.label}”."
    elif what == "cause":
        mute = muting.mute_cause(user, message.cause, now=now)
        said = f"Muted: {MessageCause(message.cause).label.lower()}."
    else:
        return HttpResponse("Choose what to mute.", status=422, content_type="text/plain")
    messages.success(request, said, extra_tags=reverse("mute_remove", args=[mute.pk]))
    return _back(message)


@login_required
@require_POST
def mute_remove(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Lets something be heard of again; doing it twice is once."""
    user = person(request)
    mute = get_object_or_404(Mute, pk=pk, user=user)
    if muting.unmute(user, mute.pk, now=timezone.now()):
        messages.success(request, f"You hear of it again: {mute.label}.")
    return redirect("settings_notifications")


urlpatterns: list[URLPattern] = [
    path("messages/", message_list, name="messages"),
    path("messages/seen/", messages_seen, name="messages_seen"),
    path("messages/<uuid:pk>/open/", message_open, name="message_open"),
    path("messages/<uuid:pk>/follow/", message_follow, name="message_follow"),
    path("messages/<uuid:pk>/rate/", message_rate, name="message_rate"),
    path("messages/<uuid:pk>/snooze/", message_snooze, name="message_snooze"),
    path("messages/<uuid:pk>/mute/", message_mute, name="message_mute"),
    path("mutes/<uuid:pk>/remove/", mute_remove, name="mute_remove"),
]
