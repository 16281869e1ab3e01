"""The home page: Today for somebody who is signed in, a welcome for everybody else."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.current import person
from accounts.day import local_day
from coaching.toolkit import today_tiles

from .assembly import fill, note_tap, note_view, tiles_for

GREETINGS = ((5, "Still up"), (12, "Good morning"), (18, "Good afternoon"), (24, "Good evening"))


def greeting(hour: int) -> str:
    """The greeting for an hour (0-23) of the person's clock."""
    return next(words for until, words in GREETINGS if hour < until)


@require_GET
def today(request: HttpRequest) -> HttpResponse:
    """Everything about this day on one page."""
    if not request.user.is_authenticated:
        return render(request, "welcome.html")
    user = person(request)
    now = timezone.now()
    return render(
        request,
        "coaching/today/today.html",
        {
            "greeting": greeting(now.astimezone(user.tz).hour),
            "day": local_day(user, now),
            "tiles": tiles_for(user, now),
        },
    )


@login_required
@require_GET
def one_tile(request: HttpRequest, tile: str) -> HttpResponse:
    """One tile as it is now, for a page that heard of a change; 204 when it has nothing to show any more."""
    if tile not in today_tiles:
        raise Http404
    filled = fill(today_tiles.get(tile), person(request), timezone.now())
    if filled is None:
        return HttpResponse(status=204)
    return render(request, filled.tile.template, {"tile": filled.context})


@login_required
@require_POST
def tap(request: HttpRequest, tile: str, token: UUID) -> HttpResponse:
    """A tile was used; the page sends one token per view, so that a repeat counts once."""
    if tile not in today_tiles:
        raise Http404
    note_tap(person(request), tile, str(token))
    return HttpResponse(status=204)


@login_required
@require_POST
def view(request: HttpRequest, tile: str, token: UUID) -> HttpResponse:
    """A tile out of sight was scrolled to and looked at; once per view of the page, as a tap."""
    if tile not in today_tiles:
        raise Http404
    note_view(person(request), tile, str(token))
    return HttpResponse(status=204)


urlpatterns: list[URLPattern] = [
    path("", today, name="today"),
    path("today/tiles/<str:tile>/", one_tile, name="today_tile"),
    path("today/tiles/<str:tile>/taps/<uuid:token>/", tap, name="today_tap"),
    path("today/tiles/<str:tile>/views/<uuid:token>/", view, name="today_view"),
]
