"""The page of what was gathered about how a person likes things."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.current import person
from coaching.memory import preferences
from coaching.models import LearnedPreference

SHOWN = 100
SURE, FAIRLY_SURE = 0.75, 0.5


@dataclass(frozen=True)
class Entry:
    """A preference with what is to be said about it."""

    preference: LearnedPreference

    @property
    def words(self) -> str:
        return preferences.in_words(self.preference)

    @property
    def category(self) -> str:
        return self.preference.preference_category.replace("_", " ").capitalize()

    @property
    def sureness(self) -> str:
        sure = self.preference.confidence
        return "sure" if sure >= SURE else "fairly sure" if sure >= FAIRLY_SURE else "a guess"

    @property
    def quotes(self) -> list[str]:
        """What it rests on, the newest first."""
        told = [piece.get("quote") or piece.get("words", "") for piece in self.preference.evidence]
        return [words for words in reversed(told) if words][:5]


@login_required
@require_safe
def preference_list(request: HttpRequest) -> HttpResponse:
    """What was gathered and not declined."""
    rows = preferences.preferences_of(person(request))[:SHOWN]
    context = {"tab": "preferences", "entries": [Entry(row) for row in rows]}
    return render(request, "coaching/memory/preferences.html", context)


@login_required
@require_POST
def preference_settle(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Answers whether a preference is right; what is wrong is not gathered again."""
    user, now = person(request), timezone.now()
    is_right = request.POST.get("is_right") == "yes"
    try:
        (preferences.confirm if is_right else preferences.decline)(user, pk, now=now)
    except LearnedPreference.DoesNotExist:
        raise Http404 from None
    if is_right:
        messages.success(request, "Good, I'll go by it.")
    else:
        undo = reverse("knows_preference_restore", args=[pk])
        messages.success(request, "I won't go by it, nor gather it again.", extra_tags=undo)
    return redirect("knows_preferences")


@login_required
@require_POST
def preference_restore(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Takes a no back."""
    try:
        preferences.confirm(person(request), pk, now=timezone.now())
    except LearnedPreference.DoesNotExist:
        raise Http404 from None
    return redirect("knows_preferences")


urlpatterns: list[URLPattern] = [
    path("knows/preferences/", preference_list, name="knows_preferences"),
    path("knows/preferences/<uuid:pk>/settle/", preference_settle, name="knows_preference_settle"),
    path(
        "knows/preferences/<uuid:pk>/restore/", preference_restore, name="knows_preference_restore"
    ),
]
