"""Notifications of this browser: on, off, not now."""

from io import BytesIO
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_POST
from rest_framework.exceptions import ParseError

from accounts.current import person
from accounts.devices import DeviceRefused, keep_with_session
from accounts.rest.parsing import WholeTextJSON
from coaching.outreach import offering
from coaching.outreach.inbox import is_own_path


class SubscriptionForm(forms.Form):
    """What a browser says about its subscription."""

    endpoint = forms.CharField(max_length=1024)
    p256dh = forms.CharField(max_length=200)
    auth = forms.CharField(max_length=100)


@login_required
@require_POST
def switch_on(request: HttpRequest) -> HttpResponse:
    """Takes the JSON of a `PushSubscription`; the same one again is refreshed."""
    form = SubscriptionForm(_subscription(request))
    if not form.is_valid():
        return _refusal("This is not a subscription.")
    said = form.cleaned_data
    keys = {name: said[name] for name in ("p256dh", "auth")}
    try:
        offering.switch_on(person(request), said["endpoint"], keys)
    except DeviceRefused as refusal:
        return _refusal(str(refusal))
    keep_with_session(request.session, said["endpoint"])
    return HttpResponse(status=204)


@login_required
@require_POST
def switch_off(request: HttpRequest) -> HttpResponse:
    """Takes the `endpoint` to forget; one that is not there stays so."""
    endpoint = str(_subscription(request).get("endpoint", ""))
    offering.switch_off(person(request), endpoint)
    return HttpResponse(status=204)


@login_required
@require_POST
def not_now(request: HttpRequest) -> HttpResponse:
    """Lets the offer rest for a month."""
    offering.decline(person(request), now=timezone.now())
    back = request.POST.get("next", "")
    return redirect(back if is_own_path(back) else "reminders")


def _subscription(request: HttpRequest) -> dict[str, Any]:
    try:
        said = WholeTextJSON().parse(BytesIO(request.body))
    except ParseError:
        return {}
    if not isinstance(said, dict):
        return {}
    keys = said.get("keys")
    return {**(keys if isinstance(keys, dict) else {}), "endpoint": said.get("endpoint", "")}


def _refusal(words: str) -> HttpResponse:
    return HttpResponse(words, status=422, content_type="text/plain")


urlpatterns: list[URLPattern] = [
    path("settings/push/on/", switch_on, name="push_on"),
    path("settings/push/off/", switch_off, name="push_off"),
    path("settings/push/not-now/", not_now, name="push_not_now"),
]
