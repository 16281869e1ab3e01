"""Settings: which messages may come unasked, how often, when, and on which channels."""

from datetime import time
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.consent import CONSENT_WORDS, ConsentState, consent_states
from accounts.current import person
from accounts.day import local_day
from accounts.models import ConsentKind, User
from coaching.models import ConversationChannel, MessageChannel, Preferences
from coaching.outreach import choices, muting, stopping
from coaching.outreach.stopping import Wish, WishKind
from coaching.toolkit import channel_for

KINDS = [
    "nudges_enabled",
    "proactive_suggestions",
    "morning_brief_enabled",
    "weekly_digest_enabled",
]
CHANNELS = [
    (ConsentKind.EMAIL, MessageChannel.EMAIL),
    (ConsentKind.PUSH, MessageChannel.PUSH),
    (ConsentKind.SMS, MessageChannel.SMS),
    (ConsentKind.CALLS, MessageChannel.CALL),
]


class NotificationForm(forms.ModelForm):
    """How often, at which hours, where, and what."""

    opens = forms.TimeField(label="From", widget=forms.TimeInput(attrs={"type": "time"}))
    closes = forms.TimeField(label="Until", widget=forms.TimeInput(attrs={"type": "time"}))

    class Meta:
        model = Preferences
        fields = [
            "notification_frequency",
            "preferred_channel",
            "nudges_enabled",
            "proactive_suggestions",
            "morning_brief_enabled",
            "weekly_digest_enabled",
        ]
        labels = {
            "preferred_channel": "Where first",
            "nudges_enabled": "Nudge me when something slips",
            "proactive_suggestions": "Suggest things I did not ask for",
            "morning_brief_enabled": "A morning brief",
            "weekly_digest_enabled": "A weekly summary",
        }
        help_texts = {
            "preferred_channel": "Used where it reaches you and you agreed to it. It never adds a message."
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        opens, closes = choices.hours_of(self.instance)
        self.initial.update(opens=f"{opens:%H:%M}", closes=f"{closes:%H:%M}")
        self.fields["notification_frequency"] = forms.ChoiceField(
            label="How often I may speak first",
            choices=[(each.value, title) for each, title in choices.FREQUENCIES.items()],
            widget=forms.RadioSelect,
        )
        channel = self.fields["preferred_channel"]
        if isinstance(channel, forms.ChoiceField):
            there = [each for each in MessageChannel if channel_for(each) is not None]
            channel.choices = [("", "Whatever works best"), *((e.value, e.label) for e in there)]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        opens, closes = cleaned.get("opens"), cleaned.get("closes")
        if isinstance(opens, time) and opens == closes:
            self.add_error("closes", "Choose two different times.")
        return cleaned

    def chosen(self) -> dict[str, Any]:
        """The fields of `Preferences` as they are to be saved."""
        values = {name: self.cleaned_data[name] for name in self.Meta.fields}
        opens, closes = self.cleaned_data["opens"], self.cleaned_data["closes"]
        usual = choices.hours_of(Preferences(user=self.instance.user))
        is_usual = (opens, closes) == usual
        return values | {"notification_window": {} if is_usual else choices.window(opens, closes)}


class AwayForm(forms.Form):
    """From which to which own day to be left alone."""

    away_from = forms.DateField(label="First day", widget=forms.DateInput(attrs={"type": "date"}))
    away_until = forms.DateField(label="Last day", widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = local_day(user, timezone.now())

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        first, last = cleaned.get("away_from"), cleaned.get("away_until")
        if first and last and last < first:
            self.add_error("away_until", "The last day comes before the first.")
        elif last and not self.today <= last <= self.today + choices.LONGEST_AWAY:
            self.add_error("away_until", "Choose a day from today to a year ahead.")
        return cleaned


@login_required
def notifications(request: HttpRequest) -> HttpResponse:
    """Everything about messages that come unasked; a POST saves how often, when, where and what."""
    user = person(request)
    row = choices.preferences_of(user)
    form = NotificationForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        choices.choose(user, **form.chosen())
        messages.success(request, "Saved.")
        return redirect("settings_notifications")
    return _page(request, user, form=form)


@login_required
@require_POST
def away(request: HttpRequest) -> HttpResponse:
    """Notes when the person is away, or with `back` that they are here again."""
    user = person(request)
    if request.POST.get("back"):
        choices.choose(user, away_from=None, away_until=None)
        messages.success(request, "Welcome back.")
        return redirect("settings_notifications")
    form = AwayForm(user, request.POST)
    if not form.is_valid():
        return _page(request, user, away_form=form)
    choices.choose(user, **form.cleaned_data)
    last = choices.day_in_words(form.cleaned_data["away_until"])
    messages.success(request, f"I'll be quiet until the end of {last}.")
    return redirect("settings_notifications")


@login_required
@require_POST
def stop(request: HttpRequest) -> HttpResponse:
    """Nothing unasked any more, or with `start` again; as when one writes STOP or START."""
    user = person(request)
    kind = WishKind.START if request.POST.get("start") else WishKind.STOP
    wish = Wish(kind, f"The {kind} button in the notification settings")
    done = stopping.heed(user, wish, source=ConversationChannel.WEB, now=timezone.now())
    messages.success(request, done.text)
    return redirect("settings_notifications")


def _page(
    request: HttpRequest,
    user: User,
    *,
    form: NotificationForm | None = None,
    away_form: AwayForm | None = None,
) -> HttpResponse:
    now = timezone.now()
    row = choices.preferences_of(user)
    over = row.away_until is None or row.away_until < local_day(user, now)
    dates = {} if over else {"away_from": row.away_from, "away_until": row.away_until}
    states = {state.kind: state for state in consent_states(user)}
    shown = form or NotificationForm(instance=row)
    failed = any(each is not None and each.errors for each in (form, away_form))
    return render(
        request,
        "coaching/outreach/notifications.html",
        {
            "form": shown,
            "frequencies": [
                (radio, choices.frequency_in_words(str(radio.data["value"])))
                for radio in shown["notification_frequency"]
            ],
            "hours": [shown["opens"], shown["closes"]],
            "kinds": [shown[name] for name in KINDS],
            "away_form": away_form or AwayForm(user, initial=dates),
            "is_away_set": not over,
            "is_away": choices.is_away(row, user, now=now),
            "away_until": row.away_until,
            "channels": [
                (states[kind], CONSENT_WORDS[kind], _missing(user, channel, states[kind]))
                for kind, channel in CHANNELS
            ],
            "mutes": muting.mutes_of(user, now=now)[:100],
            "is_stopped": stopping.is_stopped(user),
            "now": now.astimezone(user.tz),
        },
        status=422 if failed else 200,
    )


def _missing(user: User, channel: MessageChannel, state: ConsentState) -> str:
    """What a channel lacks before it can reach this person, as a code; empty when nothing."""
    if channel in (MessageChannel.SMS, MessageChannel.CALL):
        if not user.phone:
            return "phone"
        if user.phone_verified_at is None:
            return "verified"
    return "" if channel_for(channel) is not None else "channel"


urlpatterns: list[URLPattern] = [
    path("settings/notifications/", notifications, name="settings_notifications"),
    path("settings/notifications/away/", away, name="settings_away"),
    path("settings/notifications/stop/", stop, name="settings_stop"),
]
