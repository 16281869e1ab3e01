"""Checking in and the journal: written, changed, taken back, on pages that work without script."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.current import person
from accounts.day import local_day
from accounts.models import User
from coaching.charts import ChartKind, draw
from coaching.safety import CrisisAnswer
from momentum.coach.motivation import check_in_tile
from momentum.models import CheckIn, JournalEntry, MotivationReading, MotivationType, ReadingSource
from momentum.motivation import checking_in, course, journal

WEB = "web"
PAGE = 10
CHART_DAYS = 30


class CheckInForm(forms.Form):
    """Two figures, a mood and a note, all of them free to leave out. `client_id` makes a double click one."""

    energy = forms.IntegerField(
        min_value=checking_in.ENERGY[0], max_value=checking_in.ENERGY[1], required=False
    )
    motivation = forms.IntegerField(
        min_value=checking_in.MOTIVATION[0], max_value=checking_in.MOTIVATION[1], required=False
    )
    mood = forms.CharField(max_length=checking_in.LONGEST_MOOD, required=False)
    note = forms.CharField(max_length=checking_in.LONGEST_NOTE, required=False)
    client_id = forms.CharField(max_length=64, required=False)

    def told(self) -> dict[str, Any]:
        """What was said."""
        return {name: self.cleaned_data[name] for name in ("energy", "motivation", "mood", "note")}


class EntryForm(forms.Form):
    """An entry of the journal."""

    text = forms.CharField(
        max_length=journal.LONGEST,
        strip=True,
        error_messages={"required": "Write a few words first."},
    )
    client_id = forms.CharField(max_length=64, required=False)


# --- Checking in --------------------------------------------------------------------------------
@login_required
@require_http_methods(["GET", "POST"])
def check_ins(request: HttpRequest) -> HttpResponse:
    """What was said so far, drawn and listed; a POST says it anew, from here or from the tile."""
    user, now = person(request), timezone.now()
    if request.method == "GET":
        return _check_ins_page(request, CheckInForm(initial={"client_id": uuid4().hex}))
    form = CheckInForm(request.POST)
    if form.is_valid():
        try:
            told = checking_in.check_in(
                user,
                **form.told(),
                client_id=form.cleaned_data["client_id"] or None,
                source=WEB,
                now=now,
            )
        except checking_in.CheckInRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            if told.answer is not None:
                return _answered(request, told.answer)
            if _is_tile(request):
                return _tile(request) if _is_partial(request) else redirect("today")
            _noted(request, told.row)
            return redirect("check_ins")
    if _is_tile(request) and _is_partial(request):
        return _tile(request, form)
    return _check_ins_page(request, form, status=422)


@login_required
@require_http_methods(["GET", "POST"])
def check_in_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Changes a check-in."""
    row = _own_check_in(request, pk)
    said = {name: getattr(row, name) for name in ("energy", "motivation", "mood", "note")}
    form = CheckInForm(request.POST if request.method == "POST" else None, initial=said)
    if form.is_bound and form.is_valid():
        try:
            told = checking_in.edit(row, form.told(), source=WEB, now=timezone.now())
        except checking_in.CheckInRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            if told.answer is not None:
                return _answered(request, told.answer)
            messages.success(request, "Saved.")
            return redirect("today" if _is_tile(request) else "check_ins")
    return render(
        request,
        "momentum/motivation/check_in_edit.html",
        {"form": form, "row": row, "from": "today" if _is_tile(request) else "", **course.scales()},
        status=422 if form.is_bound else 200,
    )


@login_required
@require_POST
def check_in_remove(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Takes a check-in back, with the offer to bring it back."""
    row = checking_in.remove(_own_check_in(request, pk), source=WEB, now=timezone.now())
    if _is_tile(request):
        return _tile(request) if _is_partial(request) else redirect("today")
    back = reverse("check_in_restore", args=[row.pk])
    messages.success(request, "Taken back.", extra_tags=back)
    return redirect("check_ins")


@login_required
@require_POST
def check_in_restore(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Brings a check-in back."""
    checking_in.restore(_own_check_in(request, pk), source=WEB, now=timezone.now())
    messages.success(request, "Brought back.")
    return redirect("check_ins")


def _check_ins_page(request: HttpRequest, form: CheckInForm, status: int = 200) -> HttpResponse:
    user, now = person(request), timezone.now()
    today = local_day(user, now)
    first = today - timedelta(days=CHART_DAYS - 1)
    page = Paginator(checking_in.standing_rows(user), PAGE).get_page(request.GET.get("page"))
    lines = (course.motivation(user, first, today), course.energy(user, first, today))
    charts = [
        draw(ChartKind.LINE, [line], title=f"{line.name}, {CHART_DAYS} days", key=line.name.lower())
        for line in lines
        if any(point.value is not None for point in line.points)
    ]
    rows = [
        {"row": row, "at": row.at.astimezone(user.tz), "words": checking_in.in_words(row)}
        for row in page.object_list
    ]
    return render(
        request,
        "momentum/motivation/check_ins.html",
        {
            "tab": "check_ins",
            "form": form,
            "client_id": form["client_id"].value() or uuid4().hex,
            "page": page,
            "rows": rows,
            "charts": charts,
            "today": today,
            **course.scales(),
        },
        status=status,
    )


def _tile(request: HttpRequest, form: CheckInForm | None = None) -> HttpResponse:
    tile: dict[str, Any] = {**(check_in_tile(person(request), timezone.now()) or {})}
    if form is not None:
        tile |= {"row": None, "form": form}
    return render(request, "momentum/motivation/tile.html", {"tile": tile})


def _is_tile(request: HttpRequest) -> bool:
    return (request.POST.get("from") or request.GET.get("from")) == "today"


def _is_partial(request: HttpRequest) -> bool:
    return bool(request.headers.get("HX-Request"))


def _noted(request: HttpRequest, row: CheckIn) -> None:
    undo = reverse("check_in_remove", args=[row.pk])
    messages.success(request, f"Noted: {checking_in.in_words(row)}.", extra_tags=undo)


def _own_check_in(request: HttpRequest, pk: UUID) -> CheckIn:
    return get_object_or_404(CheckIn, pk=pk, user=person(request))


# --- The journal --------------------------------------------------------------------------------
@login_required
@require_http_methods(["GET", "POST"])
def journal_page(request: HttpRequest) -> HttpResponse:
    """The entries, newest first; a POST writes another one."""
    if request.method == "GET":
        return _journal(request, EntryForm(initial={"client_id": uuid4().hex}))
    form = EntryForm(request.POST)
    if form.is_valid():
        try:
            written = journal.write(
                person(request),
                form.cleaned_data["text"],
                client_id=form.cleaned_data["client_id"] or None,
                source=WEB,
                now=timezone.now(),
            )
        except journal.EntryRefused as refusal:
            form.add_error("text", str(refusal))
        else:
            if written.answer is not None:
                return _answered(request, written.answer, written.row)
            undo = reverse("journal_remove", args=[written.row.pk])
            messages.success(request, "It is in your journal.", extra_tags=undo)
            return redirect("journal")
    return _journal(request, form, status=422)


@login_required
@require_http_methods(["GET", "POST"])
def journal_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Changes an entry."""
    entry = _own_entry(request, pk)
    form = EntryForm(
        request.POST if request.method == "POST" else None, initial={"text": entry.text}
    )
    if form.is_bound and form.is_valid():
        try:
            written = journal.edit(
                entry, text=form.cleaned_data["text"], source=WEB, now=timezone.now()
            )
        except journal.EntryRefused as refusal:
            form.add_error("text", str(refusal))
        else:
            if written.answer is not None:
                return _answered(request, written.answer, written.row)
            messages.success(request, "Saved.")
            return redirect("journal")
    return render(
        request,
        "momentum/motivation/journal_edit.html",
        {"form": form, "entry": entry, "longest": journal.LONGEST},
        status=422 if form.is_bound else 200,
    )


@login_required
@require_POST
def journal_remove(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Takes an entry back, with the offer to bring it back."""
    entry = journal.remove(_own_entry(request, pk), source=WEB, now=timezone.now())
    back = reverse("journal_restore", args=[entry.pk])
    messages.success(request, "Taken out of your journal.", extra_tags=back)
    return redirect("journal")


@login_required
@require_POST
def journal_restore(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Brings an entry back."""
    journal.restore(_own_entry(request, pk), source=WEB, now=timezone.now())
    messages.success(request, "Brought back.")
    return redirect("journal")


def _journal(request: HttpRequest, form: EntryForm, status: int = 200) -> HttpResponse:
    user = person(request)
    page = Paginator(journal.standing_entries(user), PAGE).get_page(request.GET.get("page"))
    entries = list(page.object_list)
    readings = MotivationReading.objects.filter(
        source=ReadingSource.JOURNAL, source_id__in=[entry.pk for entry in entries], user=user
    ).exclude(motivation_type=MotivationType.UNCLEAR)
    of_entry = {reading.source_id: reading for reading in readings}
    return render(
        request,
        "momentum/motivation/journal.html",
        {
            "tab": "journal",
            "form": form,
            "client_id": form["client_id"].value() or uuid4().hex,
            "longest": journal.LONGEST,
            "page": page,
            "entries": [_entry_shown(user, entry, of_entry.get(entry.pk)) for entry in entries],
        },
        status=status,
    )


def _entry_shown(
    user: User, entry: JournalEntry, reading: MotivationReading | None
) -> dict[str, Any]:
    at: datetime = entry.at.astimezone(user.tz)
    shown: dict[str, Any] = {"entry": entry, "at": at}
    if reading is not None and not entry.is_crisis:
        shown["kinds"] = [
            {
                "label": MotivationType(kind).label,
                "share": round(share * 100),
                "quotes": reading.quotes.get(kind, []),
            }
            for kind, share in sorted(reading.distribution.items(), key=lambda pair: -pair[1])
        ]
        shown["by_model"] = reading.method == "model"
    return shown


def _own_entry(request: HttpRequest, pk: UUID) -> JournalEntry:
    return get_object_or_404(JournalEntry, pk=pk, user=person(request))


def _answered(
    request: HttpRequest, answer: CrisisAnswer, entry: JournalEntry | None = None
) -> HttpResponse:
    """Fixed words for somebody in a crisis, before anything else."""
    template = (
        "momentum/motivation/answer_tile.html"
        if _is_tile(request) and _is_partial(request)
        else "momentum/motivation/answer.html"
    )
    context = {"answer": answer.html, "entry": entry}
    return render(request, template, context)


PAGES: list[tuple[str, Callable[..., HttpResponse], str]] = [
    ("check-ins/", check_ins, "check_ins"),
    ("check-ins/<uuid:pk>/", check_in_edit, "check_in_edit"),
    ("check-ins/<uuid:pk>/remove/", check_in_remove, "check_in_remove"),
    ("check-ins/<uuid:pk>/restore/", check_in_restore, "check_in_restore"),
    ("journal/", journal_page, "journal"),
    ("journal/<uuid:pk>/", journal_edit, "journal_edit"),
    ("journal/<uuid:pk>/remove/", journal_remove, "journal_remove"),
    ("journal/<uuid:pk>/restore/", journal_restore, "journal_restore"),
]
