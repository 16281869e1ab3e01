"""The page of reminders."""

from datetime import timedelta
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.current import person
from coaching.language import parse_moment
from coaching.models import Reminder, ReminderStatus
from coaching.outreach import reminders
from coaching.outreach.coach_tools import in_words


class ReminderForm(forms.Form):
    """A reminder in plain words; the hidden token makes a double click one reminder."""

    text = forms.CharField(max_length=200, label="Remind me to")
    when = forms.CharField(
        max_length=100, label="When", help_text="For example: tomorrow at 7, every weekday at 18:30"
    )
    token = forms.UUIDField(widget=forms.HiddenInput)


@login_required
def reminder_list(request: HttpRequest) -> HttpResponse:
    """Waiting reminders, and a form for another one."""
    user = person(request)
    form = ReminderForm(request.POST or None, initial={"token": uuid4()})
    if request.method == "POST" and form.is_valid():
        moment = parse_moment(form.cleaned_data["when"], timezone.now().astimezone(user.tz))
        if moment is None:
            form.add_error("when", "I could not read a time in this. Try “tomorrow at 7”.")
        else:
            try:
                reminder = reminders.set_reminder(
                    user,
                    form.cleaned_data["text"],
                    at=moment.at,
                    weekdays=list(moment.weekdays),
                    idempotency_key=f"form:{form.cleaned_data['token']}",
                )
            except reminders.ReminderRefused as refusal:
                form.add_error("when", str(refusal))
            else:
                messages.success(request, f"I'll remind you {in_words(reminder, user)}.")
                return redirect("reminders")
    waiting = Reminder.objects.filter(user=user, status=ReminderStatus.WAITING).order_by(
        "remind_at"
    )
    rows = [(reminder, in_words(reminder, user)) for reminder in waiting[:100]]
    return render(
        request,
        "coaching/outreach/reminders.html",
        {"form": form, "rows": rows},
        status=422 if form.errors else 200,
    )


@login_required
@require_POST
def reminder_cancel(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Cancels a reminder; doing it twice is one cancellation."""
    reminder = get_object_or_404(Reminder, pk=pk, user=person(request))
    reminders.cancel(reminder)
    messages.success(request, "Reminder cancelled.")
    return redirect("reminders")


@login_required
@require_POST
def reminder_snooze(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Lets a reminder speak again in an hour."""
    reminder = get_object_or_404(Reminder, pk=pk, user=person(request))
    try:
        reminders.snooze(reminder, timezone.now() + timedelta(hours=1))
    except reminders.ReminderRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "I'll come back to it in an hour.")
    return redirect("reminders")


urlpatterns: list[URLPattern] = [
    path("reminders/", reminder_list, name="reminders"),
    path("reminders/<uuid:pk>/cancel/", reminder_cancel, name="reminder_cancel"),
    path("reminders/<uuid:pk>/snooze/", reminder_snooze, name="reminder_snooze"),
]
