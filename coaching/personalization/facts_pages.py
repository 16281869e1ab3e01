"""The page of facts: the picture the coach has of a person, what each part rests on, and how to correct it."""

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.current import person

from .context_store import get_user_ai_context, refresh_user_context
from .user_context import Fact

# Where the person sets straight what a fact rests on.
_SET_IN = {
    "communication_style": ("settings_preferences", "Change it in Settings"),
    "detail_preference": ("settings_preferences", "Change it in Settings"),
    "work_schedule": ("settings_profile", "Change your hours"),
}
_FROM_TICKS = (
    *("completion_rates", "best_performing_habits", "struggle_patterns", "streak_data"),
    *("peak_productivity_times", "seasonal_patterns", "challenge_appetite", "learning_pace"),
)


@dataclass(frozen=True)
class Shown:
    """A known fact with the place where it can be corrected."""

    fact: Fact
    url: str
    label: str


@login_required
@require_safe
def facts(request: HttpRequest) -> HttpResponse:
    """Every field: the known ones with their evidence, the others with what would make them known."""
    ready = get_user_ai_context(person(request), now=timezone.now())
    return render(
        request,
        "coaching/knows/facts.html",
        {
            "tab": "facts",
            "known": [_shown(fact) for fact in ready.context.known],
            "unknown": ready.context.unknown,
            "is_learning": ready.context.is_learning,
            "built_at": ready.built_at,
        },
    )


@login_required
@require_POST
def look_again(request: HttpRequest) -> HttpResponse:
    """Builds the picture anew from what is there now."""
    refresh_user_context(person(request), now=timezone.now())
    messages.success(request, "I looked again.")
    return redirect("knows_facts")


def _shown(fact: Fact) -> Shown:
    if fact.name in _SET_IN:
        name, label = _SET_IN[fact.name]
        return Shown(fact, _url(name) or _url("settings_preferences"), label)
    if fact.name in _FROM_TICKS:
        return Shown(fact, _url("habits"), "Correct the ticks it counts")
    return Shown(fact, _url("knows_memories"), "Correct what you said")


def _url(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


urlpatterns = [
    path("knows/facts/", facts, name="knows_facts"),
    path("knows/facts/again/", look_again, name="knows_facts_again"),
]
