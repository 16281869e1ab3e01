"""The settings page on which a person says when tasks may be planned."""

from datetime import time
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import BoundField
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render

from accounts.current import person
from accounts.models import User
from productivity.models import PlanningHours
from productivity.scheduling.hours import (
    WEEKDAY_KEYS,
    cleaned_categories,
    set_hours,
    working_hours,
)

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MOST_CATEGORIES = 30
CLOCK = {"type": "time"}


class HoursForm(forms.Form):
    """Working hours of each weekday, the hours for tasks, buffers, and what belongs where."""

    opens = forms.TimeField(
        label="Tasks from", required=False, widget=forms.TimeInput(attrs=CLOCK, format="%H:%M")
    )
    closes = forms.TimeField(
        label="Tasks until",
        required=False,
        widget=forms.TimeInput(attrs=CLOCK, format="%H:%M"),
        help_text="Both empty: the hours in which messages may come. Working hours count as well.",
    )
    buffer_minutes = forms.IntegerField(
        label="Minutes kept free around what is planned", min_value=0, max_value=120
    )
    work_categories = forms.CharField(
        label="Only in working hours",
        required=False,
        max_length=600,
        help_text="Categories, with commas between them.",
    )
    private_categories = forms.CharField(
        label="Only outside of working hours",
        required=False,
        max_length=600,
        help_text="Everything else may lie in and out of working hours.",
    )

    def __init__(self, user: User, data: QueryDict | None = None) -> None:
        chosen = PlanningHours.objects.filter(user=user).first() or PlanningHours(user=user)
        initial: dict[str, Any] = {
            "opens": chosen.opens,
            "closes": chosen.closes,
            "buffer_minutes": chosen.buffer_minutes,
            "work_categories": ", ".join(chosen.work_categories),
            "private_categories": ", ".join(chosen.private_categories),
        }
        for weekday, (opens, closes) in working_hours(user.work_hours).items():
            initial[f"{WEEKDAY_KEYS[weekday]}_from"] = opens
            initial[f"{WEEKDAY_KEYS[weekday]}_until"] = closes
        super().__init__(data, initial=initial)
        self.user = user
        for key, name in zip(WEEKDAY_KEYS, WEEKDAYS, strict=True):
            for part, words in (("from", "from"), ("until", "until")):
                self.fields[f"{key}_{part}"] = forms.TimeField(
                    label=f"{name} {words}",
                    required=False,
                    widget=forms.TimeInput(attrs=CLOCK, format="%H:%M"),
                )

    def days(self) -> list[list[BoundField]]:
        """The two fields of each weekday."""
        return [[self[f"{key}_from"], self[f"{key}_until"]] for key in WEEKDAY_KEYS]

    def others(self) -> list[BoundField]:
        """The fields that belong to no weekday."""
        names = ("opens", "closes", "buffer_minutes", "work_categories", "private_categories")
        return [self[name] for name in names]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for first, last in [
            ("opens", "closes"),
            *((f"{key}_from", f"{key}_until") for key in WEEKDAY_KEYS),
        ]:
            opens, closes = cleaned.get(first), cleaned.get(last)
            if (opens is None) != (closes is None) and first in cleaned and last in cleaned:
                self.add_error(last, "Say both from when and until when, or neither.")
            elif opens is not None and opens == closes:
                self.add_error(last, "Choose two different times.")
        for name in ("work_categories", "private_categories"):
            if len(self._categories(name)) > MOST_CATEGORIES:
                self.add_error(name, f"At most {MOST_CATEGORIES} categories.")
        return cleaned

    def _categories(self, name: str) -> list[str]:
        return cleaned_categories(str(self.cleaned_data.get(name, "")).split(","))

    def save(self) -> None:
        """Keeps what was said."""
        said = self.cleaned_data
        work: dict[int, tuple[time, time]] = {
            weekday: (said[f"{key}_from"], said[f"{key}_until"])
            for weekday, key in enumerate(WEEKDAY_KEYS)
            if said[f"{key}_from"] is not None
        }
        set_hours(
            self.user,
            work=work,
            window=(said["opens"], said["closes"]) if said["opens"] is not None else None,
            buffer_minutes=said["buffer_minutes"],
            work_categories=self._categories("work_categories"),
            private_categories=self._categories("private_categories"),
        )


@login_required
def planning_hours(request: HttpRequest) -> HttpResponse:
    """The form; a POST keeps it."""
    form = HoursForm(person(request), request.POST or None)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Saved.")
        return redirect("settings_hours")
    status = 422 if form.errors else 200
    return render(request, "productivity/hours.html", {"form": form}, status=status)
