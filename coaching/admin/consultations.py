"""Consultations as staff read them, and the access keys that open one."""

import csv
from datetime import datetime, time
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminTextInputWidget

from accounts.current import person
from accounts.staff import AuditedReading, OwnPeopleOnly, ReadOnly
from coaching.models import Consultation, ConsultationKey
from coaching.personalization.consultation.access import MOST_KEYS_AT_ONCE, make_keys
from coaching.personalization.consultation.session import (
    interview_of,
    standing_of,
    understood_of,
)
from coaching.personalization.consultation.topics import TITLES, Topic

from .conversations import TURNS_SHOWN, turn


@admin.register(Consultation)
class ConsultationAdmin(OwnPeopleOnly, AuditedReading, ReadOnly, ModelAdmin):
    """A consultation: how far it is, what was understood with its quotes, and what was said."""

    list_display = ("user", "status", "progress", "started_at", "last_message_at", "completed_at")
    list_filter = ("status", "started_at")
    search_fields = ("user__email", "user__name")
    list_select_related = ("user",)
    ordering = ("-last_message_at",)
    fields = (
        *("user", "status", "progress", "started_at", "last_message_at"),
        *("completed_at", "abandoned_at", "understood", "transcript"),
    )

    @admin.display(description="Progress")
    def progress(self, consultation: Consultation) -> str:
        return f"{standing_of(consultation).progress:.0%}"

    @admin.display(description="What was understood")
    def understood(self, consultation: Consultation) -> SafeString:
        found, interview = understood_of(consultation), interview_of(consultation)
        states = standing_of(consultation).topics
        topics = [
            {
                "title": TITLES[topic],
                "state": "closed for safety"
                if topic in interview.left_out
                else states[topic].value,
                "items": found.of(topic),
            }
            for topic in Topic
        ]
        return render_to_string("coaching/admin/understood.html", {"topics": topics})

    @admin.display(description="What was said")
    def transcript(self, consultation: Consultation) -> SafeString:
        newest = consultation.conversation.messages.order_by("-id")[:TURNS_SHOWN]
        turns = [turn(message) for message in reversed(newest)]
        return SafeString("".join(turns))


class KeysForm(forms.Form):
    """A batch of access keys."""

    label = forms.CharField(
        max_length=120,
        widget=UnfoldAdminTextInputWidget,
        help_text="For whom they are, for example “Gym members, spring”.",
    )
    count = forms.IntegerField(
        label="How many",
        min_value=1,
        max_value=MOST_KEYS_AT_ONCE,
        initial=10,
        widget=UnfoldAdminIntegerFieldWidget,
    )
    expires_on = forms.DateField(
        label="Last day",
        required=False,
        widget=UnfoldAdminTextInputWidget({"type": "date"}),
        help_text="They work until the end of this day (UTC). Empty: until they are used.",
    )

    def clean_expires_on(self) -> Any:
        day = self.cleaned_data["expires_on"]
        if day is not None and day < timezone.now().date():
            raise forms.ValidationError("That day has passed.")
        return day

    def expires_at(self) -> datetime | None:
        day = self.cleaned_data["expires_on"]
        return timezone.make_aware(datetime.combine(day, time.max)) if day else None


@admin.register(ConsultationKey)
class ConsultationKeyAdmin(ModelAdmin):
    """Access keys: made in batches and shown once; afterwards only their label and fate are known."""

    list_display = ("label", "created_at", "expires_at", "is_used", "used_at")
    list_filter = ("label", "used_at")
    search_fields = ("label",)
    ordering = ("-id",)
    list_before_template = "coaching/admin/keys_link.html"
    fields = ("label", "created_at", "expires_at", "used_at", "used_by_own")
    readonly_fields = ("created_at", "used_at", "used_by_own")

    @admin.display(boolean=True, description="Used")
    def is_used(self, key: ConsultationKey) -> bool:
        return key.used_at is not None

    @admin.display(description="Used by")
    def used_by_own(self, key: ConsultationKey) -> str:
        return str(key.used_by) if key.used_by else "–"

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = super().get_fields(request, obj)
        # Whose key it was is for those who may see everybody.
        return [name for name in fields if name != "used_by_own" or person(request).is_superuser]

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False  # they are made in batches

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.make)
        return [path("make/", page, name="coaching_consultationkey_make"), *super().get_urls()]

    def make(self, request: HttpRequest) -> HttpResponse:
        """Makes a batch and shows it this once, on the page or as CSV."""
        if not person(request).has_perm("coaching.add_consultationkey"):
            raise PermissionDenied
        form = KeysForm(request.POST or None)
        keys: list[str] = []
        if request.method == "POST" and form.is_valid():
            label = form.cleaned_data["label"]
            keys = make_keys(label, form.cleaned_data["count"], expires_at=form.expires_at())
            if "csv" in request.POST:
                return _as_csv(label, keys)
            messages.success(request, f"{len(keys)} keys are made. They are shown only now.")
        context = {
            **self.admin_site.each_context(request),
            "title": "Make access keys",
            "opts": self.model._meta,
            "form": form,
            "keys": keys,
        }
        response = TemplateResponse(request, "coaching/admin/keys.html", context)
        response["Cache-Control"] = "no-store"
        return response


def _as_csv(label: str, keys: list[str]) -> HttpResponse:
    response = HttpResponse(
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": 'attachment; filename="consultation-keys.csv"',
            "Cache-Control": "no-store",
        },
    )
    rows = csv.writer(response)
    rows.writerow(["label", "key"])
    # A spreadsheet would take a label that begins like a formula for one.
    safe = f"'{label}" if label[:1] in "=+-@\t\r" else label
    rows.writerows([safe, key] for key in keys)
    return response
