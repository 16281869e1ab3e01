"""The page on which a person reads what the coach was told about them, and corrects it."""

from math import ceil
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.current import person
from coaching.models import DisputedFact, PromptRevision, PromptSentence

from . import disputes, generation
from .revisions import NothingToChange
from .showing import picture

PAGE = 20


@login_required
@never_cache
@require_safe
def knows(request: HttpRequest) -> HttpResponse:
    """The portrait and the prompt, with what each sentence rests on."""
    context = {"tab": "profile", "shown": picture(person(request))}
    return render(request, "coaching/knows/profile.html", context)


@login_required
@never_cache
@require_safe
def knows_status(request: HttpRequest) -> HttpResponse:
    """How far the writing is. When it has ended, a page without a version is loaded anew by itself.

    A page on which somebody may be typing stays as it is, and says that there is something new.
    """
    shown = picture(person(request))
    seen = request.GET.get("seen", "")
    is_news = not shown.is_being_written
    context = {"shown": shown, "seen": seen, "is_news": is_news}
    response = render(request, "coaching/knows/_status.html", context)
    if is_news and not seen and shown.revision is not None:
        response["HX-Refresh"] = "true"
    return response


@login_required
@require_POST
def sentence_wrong(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Takes a sentence out for good."""
    try:
        disputes.mark_wrong(person(request), pk, now=timezone.now())
    except PromptSentence.DoesNotExist:
        raise Http404 from None
    except NothingToChange as nothing:
        messages.error(request, str(nothing))
    else:
        messages.success(request, "Taken out. I won't say it again.")
    return redirect("knows")


@login_required
@require_POST
def sentence_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Puts the person's own words in place of a sentence."""
    try:
        disputes.edit(person(request), pk, request.POST.get("text", ""), now=timezone.now())
    except PromptSentence.DoesNotExist:
        raise Http404 from None
    except (NothingToChange, disputes.EditRefused) as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "Kept in your words. They stay.")
    return redirect("knows")


@login_required
@require_POST
def correction_undo(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Takes a correction back; one that is taken back already is not there any more."""
    try:
        disputes.undo(person(request), pk, now=timezone.now())
    except DisputedFact.DoesNotExist:
        raise Http404 from None
    except NothingToChange as nothing:
        messages.error(request, str(nothing))
    else:
        messages.success(request, "Taken back. It stands as before.")
    return redirect("knows")


@login_required
@require_POST
def prompt_regenerate(request: HttpRequest) -> HttpResponse:
    """Has the prompt written anew."""
    try:
        generation.ask_anew(person(request), now=timezone.now())
    except generation.NoConsultation:
        messages.error(
            request, "It begins with the consultation: there is nothing to write from yet."
        )
    except generation.TooMany as many:
        hours = ceil(many.wait_seconds / 3600)
        messages.error(request, f"That was often for one day. Try again in about {hours} h.")
    return HttpResponseRedirect(reverse("knows"))


@login_required
@require_safe
def prompt_versions(request: HttpRequest) -> HttpResponse:
    """Every version, with what changed."""
    rows = PromptRevision.objects.filter(user=person(request)).defer("prompt")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    return render(request, "coaching/knows/versions.html", {"tab": "profile", "page": page})


urlpatterns: list[URLPattern] = [
    path("knows/", knows, name="knows"),
    path("knows/status/", knows_status, name="knows_status"),
    path("knows/versions/", prompt_versions, name="knows_versions"),
    path("knows/regenerate/", prompt_regenerate, name="knows_regenerate"),
    path("knows/sentences/<uuid:pk>/wrong/", sentence_wrong, name="knows_sentence_wrong"),
    path("knows/sentences/<uuid:pk>/edit/", sentence_edit, name="knows_sentence_edit"),
    path("knows/corrections/<uuid:pk>/undo/", correction_undo, name="knows_correction_undo"),
]
