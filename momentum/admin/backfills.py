"""Backfills: started for a version, watched while they run, stopped and taken up again."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Min
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts.current import person
from accounts.staff import ReadOnly
from momentum import tasks
from momentum.models import Backfill, BackfillStatus, MomentumPillar, ScoringVersion
from momentum.scoring import backfill, versions

Busy = backfill.Busy
STATUS_COLORS = {
    BackfillStatus.RUNNING.label: "info",
    BackfillStatus.DONE.label: "success",
    BackfillStatus.FAILED.label: "danger",
    BackfillStatus.STOPPED.label: "warning",
}
USUAL_DAYS = 90
MOST_DAYS = 3660
RESUMABLE = (BackfillStatus.STOPPED, BackfillStatus.FAILED)


class BackfillForm(forms.Form):
    """From which to which day, both included."""

    first = forms.DateField(label="From", widget=UnfoldAdminTextInputWidget(attrs={"type": "date"}))
    last = forms.DateField(label="To", widget=UnfoldAdminTextInputWidget(attrs={"type": "date"}))

    def clean_last(self) -> date:
        last: date = self.cleaned_data["last"]
        return min(last, _latest())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if {"first", "last"} <= cleaned.keys():
            days = (cleaned["last"] - cleaned["first"]).days
            if days < 0:
                self.add_error("first", "It begins after it ends, or in the future.")
            elif days > MOST_DAYS:
                self.add_error("first", "No more than ten years at once.")
        return cleaned


def usual_days() -> dict[str, str]:
    """All days that people see scores of, so that nobody's history is cut short; else the last ninety."""
    shown = MomentumPillar.objects.filter(version=versions.active_or_to_be().name)
    first = shown.aggregate(first=Min("date"))["first"]
    return {
        "first": (first or _latest() - timedelta(days=USUAL_DAYS)).isoformat(),
        "last": _latest().isoformat(),
    }


def _latest() -> date:
    """Somewhere on earth it is tomorrow already; days that have not begun for somebody are left out for them."""
    return timezone.now().date() + timedelta(days=1)


def address_of(run: UUID) -> str:
    return reverse("admin:momentum_backfill_change", args=[run])


def begin(version: ScoringVersion, first: date, last: date) -> Backfill:
    """Starts a backfill of everybody in the background.

    Raises `Busy` while any backfill of the version is running, whichever its days: two would wait for each other.
    """
    with transaction.atomic():
        ScoringVersion.objects.select_for_update().get(pk=version.pk)
        _must_be_alone(version.name)
        return tasks.start_backfill(first, last, version)


def take_up(run: Backfill) -> None:
    """Goes on with a backfill that was stopped or failed. Raises `Busy` as `begin` does."""
    with transaction.atomic():
        ScoringVersion.objects.select_for_update().get(name=run.version)
        _must_be_alone(run.version)
        backfill.resume(run)
        transaction.on_commit(lambda: tasks.continue_backfill.delay(str(run.pk)))


def _must_be_alone(version: str) -> None:
    if Backfill.objects.filter(version=version, status=BackfillStatus.RUNNING).exists():
        raise Busy(f"A backfill of {version} is running already: stop it or wait for its end.")


@dataclass(frozen=True, slots=True)
class Watched:
    """How far a backfill is. Rates are of the time from its start to its last sign of life."""

    share: int
    people_per_minute: int | None
    events_per_minute: int | None
    ends_at: datetime | None
    is_silent: bool


def watch(run: Backfill, now: datetime) -> Watched:
    seconds = (run.heartbeat_at - run.started_at).total_seconds()
    is_running = run.status == BackfillStatus.RUNNING
    share = 100 if run.status == BackfillStatus.DONE else 0
    if run.people_total and run.status != BackfillStatus.DONE:
        share = min(100, 100 * run.people_done // run.people_total)
    if seconds < 1 or not run.people_done:
        return Watched(share, None, None, None, is_running and _is_silent(run, now))
    rate = run.people_done / seconds
    left = max(0, run.people_total - run.people_done)
    ends_at = now + timedelta(seconds=left / rate) if is_running else None
    return Watched(
        share,
        round(rate * 60),
        round(run.events_read / seconds * 60),
        ends_at,
        is_running and _is_silent(run, now),
    )


def _is_silent(run: Backfill, now: datetime) -> bool:
    return run.heartbeat_at < now - timedelta(minutes=2)


@admin.register(Backfill)
class BackfillAdmin(ReadOnly, ModelAdmin):
    """Who may change versions may stop and resume; it is the same right."""

    list_display = (
        "started_at",
        "version",
        "first_day",
        "last_day",
        "state",
        "people",
        "finished_at",
    )
    list_filter = ("version", "status")
    ordering = ("-started_at",)

    @display(description="Status", ordering="status", label=STATUS_COLORS)
    def state(self, row: Backfill) -> str:
        return row.get_status_display()

    @admin.display(description="People")
    def people(self, row: Backfill) -> str:
        return f"{row.people_done:,} of {row.people_total:,}"

    def get_urls(self) -> list[URLPattern]:
        def at(name: str, view: Any) -> URLPattern:
            return path(
                f"<uuid:object_id>/{name}/",
                self.admin_site.admin_view(view),
                name=f"momentum_backfill_{name}",
            )

        asked = require_http_methods(["GET", "HEAD", "POST"])
        return [
            at("progress", require_safe(self.progress)),
            at("stop", asked(self.stop)),
            at("resume", asked(self.resume)),
            *super().get_urls(),
        ]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The page that shows how far it is, renewing itself while it runs."""
        if request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        run = self._run(request, object_id)
        return self._page(request, "backfill.html", self._progress_context(request, run))

    def progress(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        """The part of the page that changes; when it is over the whole page is asked for again."""
        run = self._run(request, object_id)
        page = self._page(request, "backfill_progress.html", self._progress_context(request, run))
        if run.status != BackfillStatus.RUNNING:
            page["HX-Refresh"] = "true"
        return page

    def stop(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        """Asks, then has it end after the batch it is at."""
        run = self._steered(request, object_id)
        if request.method == "POST":
            backfill.stop(run)
            self.log_change(request, run, "Stopped.")
            messages.success(request, "Stopped. What is scored so far stays; it can be resumed.")
            return HttpResponseRedirect(address_of(run.pk))
        question = "Stop this backfill after the people it is at? It can be resumed later."
        return self._ask(request, run, "Stop", question)

    def resume(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        """Asks, then goes on where it ended."""
        run = self._steered(request, object_id)
        if request.method == "POST":
            if run.status not in RESUMABLE:
                messages.error(request, f"It is {run.get_status_display().lower()}.")
                return HttpResponseRedirect(address_of(run.pk))
            try:
                take_up(run)
            except Busy as problem:
                messages.error(request, str(problem))
            else:
                self.log_change(request, run, "Resumed.")
                messages.success(request, "It goes on where it ended.")
            return HttpResponseRedirect(address_of(run.pk))
        return self._ask(request, run, "Resume", "Go on with this backfill where it ended?")

    def _ask(self, request: HttpRequest, run: Backfill, title: str, question: str) -> HttpResponse:
        context = {"title": f"{title} backfill", "word": title, "run": run, "question": question}
        return self._page(request, "backfill_confirm.html", context)

    def _progress_context(self, request: HttpRequest, run: Backfill) -> dict[str, Any]:
        may = _may_steer(request)
        return {
            "title": f"Backfill of {run.version}",
            "run": run,
            "watched": watch(run, timezone.now()),
            "version": ScoringVersion.objects.filter(name=run.version).first(),
            "is_running": run.status == BackfillStatus.RUNNING,
            "may_stop": may and run.status == BackfillStatus.RUNNING,
            "may_resume": may and run.status in RESUMABLE,
        }

    def _run(self, request: HttpRequest, object_id: Any) -> Backfill:
        if not self.has_view_permission(request):
            raise PermissionDenied
        run: Backfill | None = self.get_object(request, str(object_id))
        if run is None:
            raise Http404
        return run

    def _steered(self, request: HttpRequest, object_id: Any) -> Backfill:
        run = self._run(request, object_id)
        if not _may_steer(request):
            raise PermissionDenied
        return run

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who may see versions sees how their backfills go."""
        return bool(super().has_view_permission(request, obj)) or any(
            person(request).has_perm(f"momentum.{verb}_scoringversion")
            for verb in ("view", "change")
        )

    def _page(self, request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
        whole = {**self.admin_site.each_context(request), "opts": self.model._meta, **context}
        return TemplateResponse(request, f"momentum/admin/{template}", whole)


def _may_steer(request: HttpRequest) -> bool:
    return person(request).has_perm("momentum.change_scoringversion")
