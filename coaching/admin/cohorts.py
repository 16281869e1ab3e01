"""Opening and closing the consultation for a whole segment: chosen, counted, confirmed."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from unfold.widgets import UnfoldAdminSelectWidget

from accounts.current import person
from accounts.models import AuditEntry, User
from coaching.consultation_gate import set_consultation_gate
from coaching.models import CoachingProfile
from coaching.toolkit import segments

CHUNK = 1000
OPEN, CLOSE = "open", "close"


class CohortForm(forms.Form):
    """Which segment, and what to do with its gate."""

    segment = forms.ChoiceField(widget=UnfoldAdminSelectWidget)
    what = forms.ChoiceField(
        label="What to do",
        choices=[
            (OPEN, "Open the consultation for them"),
            (CLOSE, "Close it for those who have not begun"),
        ],
        widget=UnfoldAdminSelectWidget,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["segment"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = [(key, in_words(key)) for key in segments.keys()]  # noqa: SIM118 - a registry, no mapping


def in_words(key: str) -> str:
    """A segment's name as people read it: "coaching.new_users" is "New users"."""
    return key.split(".", 1)[1].replace("_", " ").capitalize()


class CohortSwitch:
    """An admin mix-in for the gate: a page that switches a segment. Only people whom this member of staff may see."""

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.cohort)  # type: ignore[attr-defined]
        own = path("cohort/", page, name="coaching_personatgate_cohort")
        return [own, *super().get_urls()]  # type: ignore[misc]

    def cohort(self, request: HttpRequest) -> HttpResponse:
        """Asks which segment, counts, and acts on a POST that says yes; a GET changes nothing."""
        if not self.has_gate_permission(request):  # type: ignore[attr-defined]
            raise PermissionDenied
        form = CohortForm(request.POST or None)
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),  # type: ignore[attr-defined]
            "title": "Open or close for a segment",
            "opts": self.model._meta,  # type: ignore[attr-defined]
            "form": form,
        }
        if request.method == "POST" and form.is_valid():
            key, is_open = form.cleaned_data["segment"], form.cleaned_data["what"] == OPEN
            mine = self.get_queryset(request)  # type: ignore[attr-defined]
            people = segments.get(key)().filter(pk__in=mine.order_by().values("pk"))
            if request.POST.get("confirmed") == "yes":
                changed = switch(person(request), people, is_open=is_open, segment=key)
                word = "opened" if is_open else "closed"
                who = "1 more person" if changed == 1 else f"{changed} more people"
                messages.success(request, f"The consultation is {word} for {who}.")
                return HttpResponseRedirect(reverse("admin:coaching_personatgate_changelist"))
            context |= {
                "segment": in_words(key),
                "is_open": is_open,
                "count": people.count(),
                "would_change": would_change(people, is_open=is_open),
            }
        return TemplateResponse(request, "coaching/admin/cohort.html", context)


def would_change(people: QuerySet[User], *, is_open: bool) -> int:
    """For how many of them the gate stands the other way."""
    let_in = CoachingProfile.objects.filter(consultation_enabled=True).values("user")
    return (
        people.exclude(pk__in=let_in).count() if is_open else people.filter(pk__in=let_in).count()
    )


def switch(staff: User, people: QuerySet[User], *, is_open: bool, segment: str) -> int:
    """Opens or closes the gate for all of them, writes each change down, and counts the changes."""
    action = "consultation.opened" if is_open else "consultation.closed"
    count = 0
    for chunk in _chunks(people):
        changed = set_consultation_gate(chunk, is_open=is_open)
        AuditEntry.objects.bulk_create(
            AuditEntry(actor=staff, subject=user, action=action, detail={"segment": segment})
            for user in changed
            if user.pk != staff.pk
        )
        count += len(changed)
    return count


def _chunks(people: QuerySet[User]) -> Iterator[list[User]]:
    rows = people.order_by("pk")
    chunk = list(rows[:CHUNK])
    while chunk:
        yield chunk
        chunk = list(rows.filter(pk__gt=chunk[-1].pk)[:CHUNK])
