"""Scoring versions: drafted in a form, tried on a sample, backfilled in the background, and then published.

Whoever may change versions may do all of it; others may look. What has scored a day stays as it is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import (
    Avg,
    Count,
    DateField,
    ExpressionWrapper,
    F,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods
from pydantic import ValidationError as ParametersInvalid
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.widgets import UnfoldAdminIntegerFieldWidget

from accounts.current import person
from accounts.models import User
from coaching.learning_permission import agreed_people
from momentum.models import Backfill, BackfillStatus, MomentumPillar, ScoringVersion, VersionStatus
from momentum.scoring import trial, versions
from momentum.scoring.parameters import parameters_of

from . import backfills
from .histogram import histogram_of
from .scoring_form import VersionForm, shown

STATUS_COLORS = {
    VersionStatus.DRAFT.label: "info",
    VersionStatus.BACKFILLING.label: "warning",
    VersionStatus.READY.label: "primary",
    VersionStatus.PUBLISHED.label: "success",
}
USUAL_PEOPLE, USUAL_DAYS = 200, 30
CLEARLY = trial.CLEARLY


@dataclass(frozen=True, slots=True)
class Step:
    """A step in a version's life that is asked about before it is taken."""

    title: str
    verb: Callable[[ScoringVersion, User, QueryDict], object]
    done: str
    template: str


STEPS = {
    "publish": Step(
        "Publish",
        # What people lose is taken from them only by who was told of it on the page before.
        lambda row, by, said: versions.publish(row, by, may_lose_past="warned" in said),
        "Published",
        "version_publish.html",
    ),
    "retire": Step(
        "Retire", lambda row, *_: versions.retire(row), "Retired", "version_retire.html"
    ),
}


class TrialForm(forms.Form):
    """How large a trial is."""

    people = forms.IntegerField(
        min_value=1,
        max_value=trial.MOST_PEOPLE,
        initial=USUAL_PEOPLE,
        label="People, drawn by lot",
        widget=UnfoldAdminIntegerFieldWidget,
    )
    days = forms.IntegerField(
        min_value=1,
        max_value=trial.MOST_DAYS,
        initial=USUAL_DAYS,
        label="Days until yesterday",
        widget=UnfoldAdminIntegerFieldWidget,
    )


@admin.register(ScoringVersion)
class ScoringVersionAdmin(ModelAdmin):
    """The list, the page of each version, and its steps."""

    list_display = ("name", "state", "shown_since", "days", "people", "progress")
    list_filter = ("status",)
    search_fields = ("name", "notes")
    ordering = ("-is_active", "-created_at")
    actions = None

    # --- Who may do what ------------------------------------------------------------------------

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A draft can be backfilled and published: making one asks for the right to change them."""
        return bool(super().has_change_permission(request))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only a draft that scored nothing goes; what was shown to people is kept."""
        may = super().has_delete_permission(request, obj)
        return bool(may) and (obj is None or versions.is_open(obj))

    # --- The list -------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[ScoringVersion]:
        """With the first and last day that each scored, and of how many people the last whole day tells."""
        rows = MomentumPillar.objects.filter(version=OuterRef("name")).order_by().values("version")
        before_last = ExpressionWrapper(
            OuterRef("last_scored") - timedelta(days=1), output_field=DateField()
        )
        runs = Backfill.objects.filter(version=OuterRef("name")).order_by("-started_at")
        return (
            super()
            .get_queryset(request)
            .annotate(
                first_scored=Subquery(rows.annotate(at=Min("date")).values("at")),
                last_scored=Subquery(rows.annotate(at=Max("date")).values("at")),
                run=Subquery(runs.values("pk")[:1]),
                run_status=Subquery(runs.values("status")[:1]),
                run_done=Subquery(runs.values("people_done")[:1]),
                run_total=Subquery(runs.values("people_total")[:1]),
            )
            .annotate(
                people_scored=Subquery(
                    rows.filter(date__gte=before_last)
                    .annotate(many=Count("user", distinct=True))
                    .values("many")
                )
            )
        )

    @display(description="Status", ordering="status", label=STATUS_COLORS)
    def state(self, row: ScoringVersion) -> str:
        return row.get_status_display()

    @admin.display(description="People see it since", ordering="published_at")
    def shown_since(self, row: ScoringVersion) -> str:
        if not row.is_active or row.published_at is None:
            return "–"
        return f"{timezone.localtime(row.published_at):%-d %b %Y}"

    @admin.display(description="Days scored")
    def days(self, row: Any) -> str:
        if row.first_scored is None:
            return "None yet"
        many = (row.last_scored - row.first_scored).days + 1
        return f"{many}, from {row.first_scored:%-d %b %Y} to {row.last_scored:%-d %b %Y}"

    @admin.display(description="People scored of late")
    def people(self, row: Any) -> int:
        return row.people_scored or 0

    @admin.display(description="Last backfill")
    def progress(self, row: Any) -> SafeString | str:
        if row.run is None:
            return "–"
        return format_html(
            '<a class="text-primary-600 dark:text-primary-500 underline" href="{}">{}: {} of {} people</a>',
            backfills.address_of(row.run),
            BackfillStatus(row.run_status).label,
            row.run_done,
            row.run_total,
        )

    # --- Drafts ---------------------------------------------------------------------------------

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A new draft from another version, by default from the one people see."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        base = self._base(request)
        form = VersionForm(
            _posted(request),
            parameters=parameters_of(base),
            initial={"name": _next_name(), "notes": ""},
        )
        if request.method == "POST" and form.is_valid():
            draft = self._save(
                form,
                lambda words: versions.draft_from(base, form.changes(), **words),
            )
            if draft is not None:
                self.log_addition(request, draft, f"Drafted from {base.name}.")
                messages.success(request, f"{draft.name} is a draft now. Try it on a sample next.")
                return HttpResponseRedirect(_address(draft))
        context = {
            "title": "New draft",
            "base": base,
            "bases": ScoringVersion.objects.order_by("-is_active", "-created_at"),
            "form": form,
            "sections": shown(form.parameters, parameters_of(versions.active_or_to_be()), form),
            "published": versions.active_or_to_be(),
        }
        return self._page(request, "version_form.html", context)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """A version: its numbers beside the published ones, what can be done next, and its backfills."""
        row = self._row(request, object_id)
        may_change = self.has_change_permission(request, row)
        is_open = may_change and versions.is_open(row)
        form = None
        if request.method == "POST":
            if not may_change:
                raise PermissionDenied
            if not is_open:
                messages.error(request, f"{row.name} is a draft no longer: it stays as it is.")
                return HttpResponseRedirect(_address(row))
        if is_open:
            form = VersionForm(
                _posted(request),
                parameters=parameters_of(row),
                initial={"name": row.name, "notes": row.notes},
            )
            if request.method == "POST" and form.is_valid():
                saved = self._save(
                    form, lambda words: versions.revise(row, form.changes(), **words)
                )
                if saved is not None:
                    self.log_change(request, saved, "Changed the draft.")
                    messages.success(request, f"{saved.name} is saved.")
                    return HttpResponseRedirect(_address(saved))
        published = versions.active_or_to_be()
        context = {
            "title": f"Scoring version {row.name}",
            "version": row,
            "form": form,
            "sections": shown(parameters_of(row), parameters_of(published), form),
            "published": published,
            "runs": Backfill.objects.filter(version=row.name).order_by("-started_at")[:10],
            "may_delete": self.has_delete_permission(request, row),
            **self._next_steps(request, row),
        }
        return self._page(request, "version.html", context)

    def _base(self, request: HttpRequest) -> ScoringVersion:
        wanted = request.POST.get("from") or request.GET.get("from") or ""
        found = ScoringVersion.objects.filter(name=wanted).first() if wanted else None
        if found is not None:
            return found
        return versions.active() if request.method == "POST" else versions.active_or_to_be()

    def _save(
        self, form: VersionForm, verb: Callable[[dict[str, str]], ScoringVersion]
    ) -> ScoringVersion | None:
        """Saves what `form` says, or tells in it why not."""
        words = {"name": form.cleaned_data["name"], "notes": form.cleaned_data["notes"]}
        try:
            with transaction.atomic():
                return verb(words)
        except ParametersInvalid as problem:
            for each in problem.errors():
                name = "__".join(str(step) for step in each["loc"]).replace(".", "-")
                form.add_error(name if name in form.fields else None, each["msg"])
        except ValidationError as problem:
            for name, said in problem.message_dict.items():
                form.add_error(name if name in form.fields else None, said)
        except versions.VersionFixed as problem:
            form.add_error(None, str(problem))
        return None

    def _next_steps(self, request: HttpRequest, row: ScoringVersion) -> dict[str, Any]:
        """What can be done with a version now; nothing for those who may only look."""
        running = Backfill.objects.filter(version=row.name, status=BackfillStatus.RUNNING).first()
        may = self.has_change_permission(request, row)
        return {
            "running": running,
            "may_change": may,
            "may_try": may and not row.is_active and row.status != VersionStatus.RETIRED,
            "may_backfill": may and running is None,
            "may_publish": may and row.status == VersionStatus.READY,
            "may_retire": may and running is None and _is_retirable(row),
        }

    # --- Steps ----------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        def at(address: str, view: Callable[..., HttpResponse], name: str) -> URLPattern:
            safe = require_http_methods(["GET", "HEAD", "POST"])(view)
            return path(
                f"<uuid:object_id>/{address}",
                self.admin_site.admin_view(safe),
                name=f"momentum_scoringversion_{name}",
            )

        steps = [
            at(
                f"{key}/",
                lambda request, object_id, key=key: self.step(request, object_id, key),
                key,
            )
            for key in STEPS
        ]
        return [
            at("try/", self.try_out, "try"),
            at("backfill/", self.backfill, "backfill"),
            *steps,
            *super().get_urls(),
        ]

    def try_out(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        """A trial on a sample: asked for by a form, shown at once, kept nowhere."""
        row = self._changeable(request, object_id)
        if not self._next_steps(request, row)["may_try"]:
            raise Http404
        form = TrialForm(_posted(request))
        context: dict[str, Any] = {"title": f"Try {row.name}", "version": row, "form": form}
        if request.method == "POST" and form.is_valid():
            now = timezone.now()
            last = now.date() - timedelta(days=1)
            first = last - timedelta(days=form.cleaned_data["days"] - 1)
            try:
                found = trial.try_out(row, first, last, sample=form.cleaned_data["people"], now=now)
            except trial.TooLong as problem:
                form.add_error(None, str(problem))
            else:
                context |= {"first": first, "last": last, **_trial_context(request, found)}
        return self._page(
            request, "version_trial.html", {**context, "published": versions.active_or_to_be()}
        )

    def backfill(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        """Which days; then everybody's are scored in the background."""
        row = self._changeable(request, object_id)
        form = backfills.BackfillForm(_posted(request), initial=backfills.usual_days())
        if request.method == "POST" and form.is_valid():
            first, last = form.cleaned_data["first"], form.cleaned_data["last"]
            try:
                run = backfills.begin(row, first, last)
            except backfills.Busy as problem:
                form.add_error(None, str(problem))
            else:
                said = f"Started a backfill from {first} to {last}."
                self.log_change(request, row, said)
                messages.success(request, f"{row.name}: {said}")
                return HttpResponseRedirect(backfills.address_of(run.pk))
        context = {
            "title": f"Backfill {row.name}",
            "version": row,
            "form": form,
            "many": agreed_people().count(),
            "running": self._next_steps(request, row)["running"],
        }
        return self._page(request, "version_backfill.html", context)

    def step(self, request: HttpRequest, object_id: Any, key: str) -> HttpResponse:
        """Asks on GET, acts on POST; a step that is out of time is refused with a sentence."""
        row, step = self._changeable(request, object_id), STEPS[key]
        if not self._next_steps(request, row)[f"may_{key}"]:
            state = row.get_status_display().lower()
            messages.error(request, f"{row.name} cannot be {step.done.lower()} now: it is {state}.")
            return HttpResponseRedirect(_address(row))
        if request.method == "POST":
            try:
                step.verb(row, person(request), request.POST)
            except versions.VersionNotReady as problem:
                messages.error(request, str(problem))
            else:
                self.log_change(request, row, f"{step.done}.")
                messages.success(request, f"{row.name}: {step.done.lower()}.")
            return HttpResponseRedirect(_address(row))
        context = {
            "title": f"{step.title} {row.name}",
            "version": row,
            "published": versions.active_or_to_be(),
        }
        if key == "publish":
            context |= {"seen": _what_people_will_see(row), "missing": versions.begins_late(row)}
        return self._page(request, step.template, context)

    # --- Shared ---------------------------------------------------------------------------------

    def _row(self, request: HttpRequest, object_id: Any) -> ScoringVersion:
        row: ScoringVersion | None = self.get_object(request, str(object_id))
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        if row is None:
            raise Http404
        return row

    def _changeable(self, request: HttpRequest, object_id: Any) -> ScoringVersion:
        row = self._row(request, object_id)
        if not self.has_change_permission(request, row):
            raise PermissionDenied
        return row

    def _page(self, request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
        whole = {
            **self.admin_site.each_context(request),
            "opts": self.model._meta,
            "has_view_permission": True,
            **context,
        }
        return TemplateResponse(request, f"momentum/admin/{template}", whole)


def _address(row: ScoringVersion) -> str:
    return reverse("admin:momentum_scoringversion_change", args=[row.pk])


def _is_retirable(row: ScoringVersion) -> bool:
    return not row.is_active and row.status in (VersionStatus.READY, VersionStatus.BACKFILLING)


def _next_name() -> str:
    """The next of v1, v2, v3 ... that is free."""
    taken = {versions.FIRST, *ScoringVersion.objects.values_list("name", flat=True)}
    number = len(taken) + 1
    while f"v{number}" in taken:
        number += 1
    return f"v{number}"


def _trial_context(request: HttpRequest, found: trial.Trial) -> dict[str, Any]:
    """What a trial found, with the names of those people only whom the member of staff may see."""
    people = User.objects.filter(pk__in=[mover.user_id for mover in found.movers])
    if not person(request).is_superuser:
        people = people.filter(coach=person(request))
    by_id = {user.pk: user for user in people}
    named = [
        {"person": by_id[mover.user_id], "mover": mover, "change": f"{mover.points:+.1f}"}
        for mover in found.movers
        if mover.user_id in by_id
    ]
    return {
        "trial": found,
        "clearly": CLEARLY,
        "change": "–" if found.mean_change is None else f"{found.mean_change:+.1f}",
        "histogram": histogram_of(found.before, found.after),
        "turned_share": f"{found.turned / found.compared:.0%}" if found.compared else "–",
        "clear_share": f"{found.clear_days / found.days:.0%}" if found.days else "–",
        "movers": named,
        "others": len(found.movers) - len(named),
    }


def _what_people_will_see(row: ScoringVersion) -> dict[str, Any] | None:
    """How the scores of the last whole day change for people, from the rows of both versions."""
    shown_now = versions.active_or_to_be().name
    last = MomentumPillar.objects.filter(version=row.name).aggregate(at=Max("date"))["at"]
    if last is None:
        return None
    day: date = last - timedelta(days=1)
    theirs = MomentumPillar.objects.filter(version=shown_now, date=day, user=OuterRef("user"))
    both = (
        MomentumPillar.objects.filter(version=row.name, date=day)
        .annotate(
            now=Subquery(theirs.values("overall_score")[:1]),
            way=Subquery(theirs.values("direction")[:1]),
        )
        .exclude(Q(overall_score=None) | Q(now=None))
    )
    up, down = Q(overall_score__gte=F("now") + CLEARLY), Q(overall_score__lte=F("now") - CLEARLY)
    found = both.aggregate(
        people=Count("pk"),
        before=Avg("now"),
        after=Avg("overall_score"),
        higher=Count("pk", filter=up),
        lower=Count("pk", filter=down),
        turned=Count("pk", filter=~Q(direction=F("way"))),
    )
    return {**found, "day": day, "clearly": CLEARLY} if found["people"] else None


def _posted(request: HttpRequest) -> QueryDict | None:
    """What a form is filled with: nothing on GET, whatever came (be it nothing) on POST."""
    return request.POST if request.method == "POST" else None
