"""Nudges on pages: asking for one, saying what it was worth, and the word that ends the teasing."""

from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.current import person
from productivity.models import CoachingNudge, Task
from productivity.nudging import easing, giving, rating
from productivity.nudging.giving import NudgeRefused

PAGE = 20
EASED = "Done: no teasing for two weeks. Thank you for saying so."
UNEASED = "Teasing may come again, as far as your settings allow it."


class AskForm(forms.Form):
    """What to be nudged about: nothing named means what comes first."""

    task = forms.UUIDField(required=False)
    request_key = forms.CharField(max_length=200, required=False)


class RateForm(forms.Form):
    """What a nudge was worth."""

    rating = forms.TypedChoiceField(choices=[(-1, "no"), (0, "so so"), (1, "yes")], coerce=int)


@login_required
@require_safe
@never_cache
def nudges(request: HttpRequest) -> HttpResponse:
    """The nudges that came, newest first."""
    user = person(request)
    rows = (
        CoachingNudge.objects.filter(user=user, delivered=True)
        .select_related("task")
        .order_by("-id")
    )
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "productivity/nudges.html",
        {
            "page": page,
            "nudges": page.object_list,
            "eased_until": easing.is_eased(user, now=timezone.now()),
            "request_key": uuid4().hex,
        },
    )


@login_required
@require_POST
def nudge(request: HttpRequest) -> HttpResponse:
    """Gives a nudge: in place for a page with a script, else on the page of nudges."""
    form = AskForm(request.POST)
    if not form.is_valid():
        return _refused(request, "This asks for nothing I know.", 422)
    try:
        given = giving.nudge_now(
            person(request),
            task=form.cleaned_data["task"],
            request_key=form.cleaned_data["request_key"],
            now=timezone.now(),
        )
    except Task.DoesNotExist:
        raise Http404 from None
    except NudgeRefused as refusal:
        return _refused(request, str(refusal), 200)
    if _is_fragment(request):
        return render(request, "productivity/nudge.html", {"nudge": given})
    return redirect(f"{reverse('nudges')}#n-{given.pk}")


def _refused(request: HttpRequest, words: str, status: int) -> HttpResponse:
    if _is_fragment(request):
        return render(request, "productivity/nudge.html", {"refusal": words}, status=status)
    messages.info(request, words)
    return redirect("nudges")


def _is_fragment(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


@login_required
@require_POST
def rate(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Keeps what the person thinks of a nudge."""
    form = RateForm(request.POST)
    if not form.is_valid():
        return HttpResponse("Useful, so so or not?", status=422, content_type="text/plain")
    try:
        rated = rating.rate(person(request), pk, form.cleaned_data["rating"], now=timezone.now())
    except CoachingNudge.DoesNotExist:
        raise Http404 from None
    if _is_fragment(request):
        return render(request, "productivity/nudge.html", {"nudge": rated, "was_rated": True})
    messages.success(request, "Thank you, that helps.")
    return redirect(f"{reverse('nudges')}#n-{rated.pk}")


@login_required
@require_POST
def ease_up(request: HttpRequest) -> HttpResponse:
    """Ends the teasing for two weeks, or takes that back."""
    user = person(request)
    if request.POST.get("off") == "1":
        easing.end_ease(user)
        words = UNEASED
    else:
        easing.ease_up(user, now=timezone.now())
        words = EASED
    if _is_fragment(request):
        return render(request, "productivity/nudge.html", {"refusal": words})
    messages.success(request, words)
    back = "settings_preferences" if request.POST.get("from") == "settings" else "nudges"
    return redirect(back)
