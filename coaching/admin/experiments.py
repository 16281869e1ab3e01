"""Experiments: drafted from what the apps declared, started and ended with a confirmation, read by their results.

Results are counts and averages. No list of the people in an experiment is shown to anybody.
"""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.forms import ModelForm
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET
from unfold.admin import ModelAdmin
from unfold.decorators import display

from accounts.current import person
from accounts.staff import confirmed
from coaching.experiments.lifecycle import ExperimentRefused, complete, problems_of, start, stop
from coaching.experiments.numbers import NUMBERS
from coaching.experiments.picture import picture_of
from coaching.experiments.results import MetricResult, is_shown, results_of
from coaching.experiments.words import (
    amount,
    difference_words,
    interval_words,
    value_words,
    verdict,
)
from coaching.models import Experiment, ExperimentStatus
from coaching.toolkit import outcome_metrics, variations

from .experiment_form import ExperimentForm

WORDS = ("name", "hypothesis")
STATE = ("status", "started_at", "ended_at", "end_reason")
FRAME = ("variation", "segment", "primary_metric", "outcome_days")
SHOWN = ("point", "variants_in_words", "who", "metric", "guardrails_in_words", "outcome_days")
STATUS_COLORS = {
    ExperimentStatus.DRAFT.label: "info",
    ExperimentStatus.RUNNING.label: "success",
    ExperimentStatus.STOPPED.label: "danger",
    ExperimentStatus.COMPLETED.label: "primary",
}


@admin.register(Experiment)
class ExperimentAdmin(ModelAdmin):
    """Drafts can be changed; of one that has started only its name and hypothesis."""

    form = ExperimentForm
    list_display = ("name", "state", "point", "exposed", "started_at", "ended_at", "results_link")
    list_filter = ("status",)
    search_fields = ("name", "key", "hypothesis")
    ordering = ("-created_at",)
    prepopulated_fields = {"key": ("name",)}
    actions = ("start_experiment", "complete_experiment", "stop_experiment")
    change_form_outer_before_template = "coaching/admin/experiment_state.html"

    # --- Who may do what ------------------------------------------------------------------------

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What has begun is kept, so that what was tried on people can be read later."""
        is_draft = obj is None or obj.status == ExperimentStatus.DRAFT
        return is_draft and super().has_delete_permission(request, obj)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions: dict[str, Any] = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        words = (None, {"fields": (*WORDS, "key")})
        if obj is None:
            return (words, ("Comparison", {"fields": (*FRAME, "limits")}))
        if self._is_open(request, obj):
            fields = ("variation", "weights", *FRAME[1:], "limits")
            return (words, ("Comparison", {"fields": fields}))
        return (words, ("Comparison", {"fields": SHOWN}), ("Life", {"fields": STATE}))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        if obj is None or self._is_open(request, obj):
            return ()
        return ("key", *SHOWN, *STATE)

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> dict[str, Any]:
        return {} if obj is not None else {"key": ("name",)}

    def _is_open(self, request: HttpRequest, row: Experiment) -> bool:
        return row.status == ExperimentStatus.DRAFT and self.has_change_permission(request, row)

    # --- The list -------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[Experiment]:
        met = Q(assignments__exposed_at__isnull=False)
        return super().get_queryset(request).annotate(met=Count("assignments", filter=met))

    @display(description="Status", ordering="status", label=STATUS_COLORS)
    def state(self, row: Experiment) -> str:
        return row.get_status_display()

    @admin.display(description="What varies", ordering="variation")
    def point(self, row: Experiment) -> str:
        return _title(variations, row.variation)

    @admin.display(description="People who met it", ordering="met")
    def exposed(self, row: Experiment) -> int:
        return int(getattr(row, "met", 0))

    @admin.display(description="Results")
    def results_link(self, row: Experiment) -> SafeString | str:
        if row.status == ExperimentStatus.DRAFT:
            return "–"
        return format_html(
            '<a class="text-primary-600 dark:text-primary-500 underline" href="{}">Results</a>',
            _results_address(row),
        )

    # --- One of them ----------------------------------------------------------------------------

    @admin.display(description="Variants")
    def variants_in_words(self, row: Experiment) -> str:
        return ", ".join(f"{each['key']} ({each['weight']:g})" for each in row.variants)

    @admin.display(description="Who takes part")
    def who(self, row: Experiment) -> str:
        return row.segment or "Everybody"

    @admin.display(description="What counts")
    def metric(self, row: Experiment) -> str:
        return _title(outcome_metrics, row.primary_metric)

    @admin.display(description="Guardrails")
    def guardrails_in_words(self, row: Experiment) -> str:
        return "; ".join(_limit_words(each) for each in row.guardrails) or "None"

    def save_model(
        self, request: HttpRequest, obj: Experiment, form: ModelForm[Experiment], change: bool
    ) -> None:
        """Writes what the form may change and nothing else.

        An experiment that was started or stopped since the page was read stays as it is.
        """
        if not change:
            super().save_model(request, obj, form, change)
            return
        now = Experiment.objects.select_for_update().get(pk=obj.pk)
        is_open = now.status == obj.status == ExperimentStatus.DRAFT
        frame = ("key", *FRAME, "variants", "guardrails") if is_open else ()
        obj.save(update_fields=(*WORDS, *frame))

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        context = dict(extra_context or {})
        row = self.get_object(request, object_id) if object_id else None
        if row is not None:
            context |= self._steps(request, row)
        return super().changeform_view(request, object_id, form_url, context)

    def _steps(self, request: HttpRequest, row: Experiment) -> dict[str, Any]:
        """What can be done with an experiment now, and what is in the way."""
        is_draft = row.status == ExperimentStatus.DRAFT
        in_the_way = problems_of(row) if is_draft else []
        steps: list[tuple[str, str]] = []
        if self.has_change_permission(request, row):
            if is_draft and not in_the_way:
                steps = [("start_experiment", "Start")]
            elif row.status == ExperimentStatus.RUNNING:
                steps = [("complete_experiment", "Complete"), ("stop_experiment", "Stop")]
        return {
            "experiment": row,
            "steps": steps,
            "in_the_way": in_the_way,
            "results_address": "" if is_draft else _results_address(row),
        }

    # --- Its life -------------------------------------------------------------------------------

    @confirmed("Start", "Let these experiments run? People will be drawn from now on.")
    def start_experiment(self, request: HttpRequest, rows: QuerySet[Experiment]) -> None:
        self._step(request, rows, "Started", lambda row: start(row, now=timezone.now()))

    @confirmed(
        "Complete",
        "End these experiments as planned? Everybody gets the usual option again, and people whose time is "
        "not over yet do not count.",
    )
    def complete_experiment(self, request: HttpRequest, rows: QuerySet[Experiment]) -> None:
        self._step(request, rows, "Completed", lambda row: complete(row, now=timezone.now()))

    @confirmed("Stop", "Stop these experiments early? Everybody gets the usual option again.")
    def stop_experiment(self, request: HttpRequest, rows: QuerySet[Experiment]) -> None:
        reason = f"Stopped by {person(request)}."
        self._step(
            request, rows, "Stopped", lambda row: stop(row, reason=reason, now=timezone.now())
        )

    def _step(
        self,
        request: HttpRequest,
        rows: QuerySet[Experiment],
        done: str,
        step: Callable[[Experiment], Experiment],
    ) -> None:
        for row in rows:
            try:
                step(row)
            except ExperimentRefused as refused:
                messages.error(request, f"{row.name}: {refused}")
                continue
            self.log_change(request, row, f"{done}.")
            messages.success(request, f"{row.name}: {done.lower()}.")

    # --- Its results ----------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        results = path(
            "<uuid:object_id>/results/",
            self.admin_site.admin_view(require_GET(self.results_view)),
            name="coaching_experiment_results",
        )
        return [results, *super().get_urls()]

    def results_view(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        """Counts, differences and what may be said of them."""
        row = self.get_object(request, str(object_id))
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        if row is None or row.status == ExperimentStatus.DRAFT:
            raise Http404
        results = results_of(row)
        context = {
            **self.admin_site.each_context(request),
            **self._steps(request, row),
            "title": row.name,
            "opts": self.model._meta,
            "results": results,
            "point": _title(variations, row.variation),
            "primary": _shown(results.primary, "primary") if results.primary else None,
            "guardrails": [
                _shown(result, f"guardrail-{at}") for at, result in enumerate(results.guardrails)
            ],
            "numbers": NUMBERS,
        }
        return TemplateResponse(request, "coaching/admin/experiment_results.html", context)


def _results_address(row: Experiment) -> str:
    return reverse("admin:coaching_experiment_results", args=[row.pk])


def _title(registry: Any, key: str) -> str:
    """The title of what was declared under `key`, or the key when nothing is any more."""
    return str(registry.get(key).title) if key in registry else key


def _limit_words(guardrail: dict[str, Any]) -> str:
    key, worst = guardrail["metric"], guardrail["worst_difference"]
    if key not in outcome_metrics:
        return f"{key}: {worst:g}"
    metric = outcome_metrics.get(key)
    return f"{metric.title}: at most {amount(metric.kind, worst)} worse"


def _shown(result: MetricResult, key: str) -> dict[str, Any]:
    """One metric as the page shows it."""
    kind = result.metric.kind
    rows = []
    for arm in result.arms:
        beside = arm.comparison if is_shown(result, arm) else None
        enough = arm.sample.n >= NUMBERS.enough_to_show
        rows.append(
            {
                "variant": arm.variant,
                "measured": arm.sample.n,
                "value": value_words(kind, arm.sample.mean) if enough else "–",
                "difference": difference_words(kind, beside.difference) if beside else "–",
                "interval": interval_words(kind, beside.interval) if beside else "–",
                "whenever": interval_words(kind, beside.whenever) if beside else "–",
                "verdict": "" if arm.is_control else verdict(result, arm),
            }
        )
    return {
        "title": result.metric.title,
        "days": result.days,
        "better": "more is better" if result.metric.higher_is_better else "less is better",
        "tolerated": None if result.worst is None else amount(kind, result.worst),
        "picture": picture_of(result, key=key),
        "rows": rows,
    }
