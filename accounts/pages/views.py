"""Settings: who you are, how you sign in, what you agreed to, which devices are reached."""

from uuid import UUID

from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.consent import CONSENT_WORDS, consent_states, set_consent
from accounts.current import person
from accounts.forms import ProfileForm
from accounts.models import Consent, ConsentKind, ConsentSource, Device
from accounts.sessions import sign_out_everywhere

HISTORY_LENGTH = 50


@login_required
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/settings.html")


@login_required
def profile(request: HttpRequest) -> HttpResponse:
    form = ProfileForm(request.POST or None, instance=person(request))
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Saved.")
        return redirect("settings_profile")
    status = 422 if form.errors else 200
    return render(request, "accounts/profile.html", {"form": form}, status=status)


@login_required
@require_safe
def security(request: HttpRequest) -> HttpResponse:
    user = person(request)
    context = {"has_password": user.has_usable_password(), "has_mfa": is_mfa_enabled(user)}
    return render(request, "accounts/security.html", context)


@login_required
@require_POST
def sign_out_others(request: HttpRequest) -> HttpResponse:
    sign_out_everywhere(person(request), keep=request)
    messages.success(request, "You are signed out everywhere else.")
    return redirect("settings_security")


def asked_from() -> set[str]:
    """The other pages of this site on which the same is asked."""
    return {reverse("settings_notifications")}


@login_required
def consent(request: HttpRequest) -> HttpResponse:
    """The present state and the history; a POST with `kind` and `granted` (yes or no) decides."""
    user = person(request)
    if request.method == "POST":
        kind, answer = request.POST.get("kind", ""), request.POST.get("granted", "")
        if kind not in ConsentKind.values or answer not in {"yes", "no"}:
            return HttpResponse("Choose yes or no.", status=422, content_type="text/plain")
        known = ConsentKind(kind)
        set_consent(user, known, answer == "yes", ConsentSource.WEB, CONSENT_WORDS[known])
        messages.success(request, "Saved.")
        back = request.POST.get("next", "")
        return redirect(back if back in asked_from() else "settings_consent")
    context = {
        "states": [(state, CONSENT_WORDS[state.kind]) for state in consent_states(user)],
        "history": Consent.objects.filter(user=user).order_by("-at", "-id")[:HISTORY_LENGTH],
    }
    return render(request, "accounts/consent.html", context)


@login_required
@require_safe
def devices(request: HttpRequest) -> HttpResponse:
    mine = Device.objects.filter(user=person(request)).order_by("-last_seen_at")
    return render(request, "accounts/devices.html", {"devices": mine})


@login_required
@require_POST
def forget_device(request: HttpRequest, pk: UUID) -> HttpResponse:
    get_object_or_404(Device, pk=pk, user=person(request)).delete()
    messages.success(request, "That device is forgotten.")
    return redirect("settings_devices")
