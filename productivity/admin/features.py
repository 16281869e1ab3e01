"""The measures of people, to look at; and the models behind them: their drift, and which of them is used."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_http_methods
from unfold.admin import ModelAdmin
from unfold.decorators import display

from accounts.staff import AuditedReading, OwnPeopleOnly, ReadOnly
from coaching.charts import Chart, ChartKind
from coaching.charts.canvas import Canvas
from productivity.features import training
from productivity.features.groups import TITLES
from productivity.features.numbers import GROUPS
from productivity.models import BehaviorModel, FeatureSnapshot

STEPS: dict[str, tuple[str, Callable[[BehaviorModel], bool]]] = {
    "activate": ("Use", training.activate),
    "deactivate": ("Stop using", training.deactivate),
}
WIDTH, LEFT, ROW, BAR = 520.0, 190.0, 26.0, 16.0


@admin.register(FeatureSnapshot)
class FeatureSnapshotAdmin(OwnPeopleOnly, AuditedReading, ReadOnly, ModelAdmin):
    list_display = ("date", "user", "score", "interval", "tasks_seen", "cluster_label", "certainty")
    list_filter = ("cluster_label", "is_provisional")
    list_per_page = 50
    list_select_related = ("user",)
    search_fields = ("user__email", "user__name")
    ordering = ("-date", "-id")
    show_full_result_count = False

    @admin.display(description="Putting things off", ordering="procrastination_score")
    def score(self, row: FeatureSnapshot) -> str:
        score = row.procrastination_score
        return "Too early to say" if score is None else f"{score:.0f}"

    @admin.display(description="Between")
    def interval(self, row: FeatureSnapshot) -> str:
        if row.score_low is None or row.score_high is None:
            return "–"
        return f"{row.score_low:.0f} and {row.score_high:.0f}"

    @admin.display(description="Final")
    def certainty(self, row: FeatureSnapshot) -> str:
        return "Provisional" if row.is_provisional else "Final"


@admin.register(BehaviorModel)
class BehaviorModelAdmin(ModelAdmin):
    """Models are made by `train_productivity`; here they are compared, and one of each kind is put to use."""

    list_display = ("__str__", "state", "trained_on", "created_at", "agreement", "changed")
    list_filter = ("kind", "is_active")
    ordering = ("kind", "-version")
    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What placed people is kept."""
        return False

    @display(description="State", label={"In use": "success", "Made-up people": "warning"})
    def state(self, row: BehaviorModel) -> str:
        if row.metrics.get("generated"):
            return "Made-up people"
        return "In use" if row.is_active else "Kept"

    @admin.display(description="Agreement with the one before")
    def agreement(self, row: BehaviorModel) -> str:
        found = row.drift.get("agreement")
        return "–" if found is None else f"{found:.2f}"

    @admin.display(description="People in another group")
    def changed(self, row: BehaviorModel) -> str:
        found = row.drift.get("changed")
        return "–" if found is None else f"{found:.0%}"

    def get_urls(self) -> list[URLPattern]:
        def at(key: str) -> URLPattern:
            view = require_http_methods(["GET", "HEAD", "POST"])(
                lambda request, object_id: self.step(request, object_id, key)
            )
            return path(
                f"<uuid:object_id>/{key}/",
                self.admin_site.admin_view(view),
                name=f"productivity_behaviormodel_{key}",
            )

        return [*(at(key) for key in STEPS), *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """What the model says, how it fared, and how far people have moved since the one before."""
        row = self._row(request, object_id)
        if request.method == "POST":
            raise PermissionDenied
        shares = row.metrics.get("shares", {})
        context = {
            "title": f"Model {row}",
            "model": row,
            "groups": [
                (label, f"{shares[number]:.0%}" if number in shares else "–")
                for number, label in sorted(row.labels.items())
            ],
            "chart": drift_chart(row),
            "is_made_up": bool(row.metrics.get("generated")),
            "may_change": self.has_change_permission(request, row),
        }
        return self._page(request, "model.html", context)

    def step(self, request: HttpRequest, object_id: Any, key: str) -> HttpResponse:
        """Asks on GET, acts on POST."""
        row = self._row(request, str(object_id))
        if not self.has_change_permission(request, row):
            raise PermissionDenied
        title, verb = STEPS[key]
        address = reverse("admin:productivity_behaviormodel_change", args=[row.pk])
        if request.method != "POST":
            context = {"title": f"{title} {row}", "model": row, "key": key}
            return self._page(request, "model_step.html", context)
        try:
            did = verb(row)
        except training.NotActivatable as problem:
            messages.error(request, str(problem))
        else:
            done = "in use" if key == "activate" else "not in use any more"
            if did:
                self.log_change(request, row, f"{row} is {done}.")
            messages.success(request, f"{row} is {done}.")
        return HttpResponseRedirect(address)

    def _row(self, request: HttpRequest, object_id: str) -> BehaviorModel:
        row: BehaviorModel | None = self.get_object(request, object_id)
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        if row is None:
            raise Http404
        return row

    def _page(self, request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
        whole = {
            **self.admin_site.each_context(request),
            "opts": self.model._meta,
            "has_view_permission": True,
            **context,
        }
        return TemplateResponse(request, f"productivity/admin/{template}", whole)


def drift_chart(row: BehaviorModel) -> Chart | None:
    """How far each measure has moved since the model before, as bars and as a table; nothing without one."""
    moved: dict[str, float | None] = row.drift.get("psi") or {}
    if not moved:
        return None
    title = "How far the measures have moved"
    strong = [name for name, psi in moved.items() if psi is not None and psi >= GROUPS.psi_notable]
    summary = (
        f"Notably: {', '.join(TITLES[name].lower() for name in strong if name in TITLES)}."
        if strong
        else "No measure has moved notably."
    )
    most = max(GROUPS.psi_strong, *(psi or 0.0 for psi in moved.values()))
    canvas = Canvas(WIDTH, len(moved) * ROW, title=title, description=summary, key="drift")
    rows = []
    for at, (name, psi) in enumerate(moved.items()):
        words = f"{TITLES.get(name, name)}: {_drift(psi)}"
        canvas.words(TITLES.get(name, name), 0, at * ROW + 13)
        width = max(2.0, (WIDTH - LEFT) * (psi or 0.0) / most)
        canvas.mark(
            "rect", "chart__bar chart__bar--1", words, x=LEFT, y=at * ROW, width=width, height=BAR
        )
        rows.append([TITLES.get(name, name), _drift(psi)])
    return Chart(
        ChartKind.BAR, title, canvas.markup(), summary, ["Measure", "Stability index"], rows, []
    )


def _drift(psi: float | None) -> str:
    if psi is None:
        return "too few people"
    if psi < GROUPS.psi_notable:
        return f"{psi:.2f}"
    return f"{psi:.2f}, {'strongly' if psi >= GROUPS.psi_strong else 'notably'}"
