"""Reviewed ways to say something unasked: edited by admins, imported and exported, with what came of each."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.db.models import Field, QuerySet
from django.forms import ChoiceField, ModelForm
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from import_export.admin import ImportExportModelAdmin
from import_export.resources import ModelResource
from unfold.admin import ModelAdmin
from unfold.contrib.import_export.forms import ExportForm, ImportForm
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from coaching.models import MessageTemplate
from coaching.outreach.figures import SMOOTHING_USES, WordingFigures, wording_figures
from coaching.outreach.nudging import CHECK_IN
from coaching.outreach.policy.words import filled, names_in
from coaching.toolkit import need_sources

FIGURES_DAYS = 90


class WordingResource(ModelResource):
    """What is imported and exported; a template is known by its key."""

    class Meta:
        model = MessageTemplate
        import_id_fields = ("key",)
        fields = ("key", "purpose", "kind", "cause", "text", "is_active")
        clean_model_instances = True
        skip_unchanged = True
        use_bulk = False


def samples_for(purpose: str) -> Mapping[str, str]:
    """An example of every fact the need of this `purpose` may bring; none for an unknown need."""
    return need_sources.get(purpose).samples if purpose in need_sources else {}


def unknown_names(template: MessageTemplate) -> list[str]:
    """The `{names}` that no fact of the need will ever fill: with one of them, the wording is never used."""
    return sorted(names_in(template.text) - set(samples_for(template.purpose)))


@admin.register(MessageTemplate)
class MessageTemplateAdmin(ImportExportModelAdmin, ModelAdmin):
    """One wording a row. Figures are of the last days and drawn towards the average while uses are few."""

    resource_classes = [WordingResource]
    import_form_class = ImportForm
    export_form_class = ExportForm
    list_display = ("words", "use", "is_active", "sent", "followed", "done", "rate", "unknown")
    list_filter = ("is_active", "purpose", "kind", "cause")
    search_fields = ("key", "text")
    ordering = ("purpose", "key")
    list_per_page = 100
    list_before_template = "coaching/admin/wordings_note.html"
    fieldsets = (
        (None, {"fields": ("key", "purpose", "kind", "cause", "text", "is_active")}),
        ("As a person would read it", {"fields": ("preview", "warning")}),
        ("What came of it", {"fields": ("record", "created_at", "updated_at")}),
    )
    readonly_fields = ("preview", "warning", "record", "created_at", "updated_at")

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "purpose":
            known = [(source.key, f"{source.title} ({source.key})") for source in need_sources]
            choices = [*known, (CHECK_IN, "A check-in after a silence")]
            return ChoiceField(choices=choices, widget=UnfoldAdminSelectWidget)
        if db_field.name == "text":
            kwargs["widget"] = UnfoldAdminTextareaWidget({"rows": 4})
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """A key is how decisions and imports know a wording: it stays."""
        return (*self.readonly_fields, "key") if obj else self.readonly_fields

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A wording that was used is turned off, so that the record of what was said stays whole."""
        if obj is None or not super().has_delete_permission(request, obj):
            return False
        return not (obj.messages.exists() or obj.nudge_decisions.exists())

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        plain: type[ChangeList] = super().get_changelist(request, **kwargs)
        return type("FiguredChangeList", (_Figured, plain), {})

    def save_model(
        self, request: HttpRequest, obj: MessageTemplate, form: ModelForm, change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        if unknown := unknown_names(obj):
            messages.warning(request, _unknown_words(unknown))

    @display(description="Text")
    def words(self, template: MessageTemplate) -> str:
        return Truncator(template.text).chars(110)

    @display(description="For", ordering="key")
    def use(self, template: MessageTemplate) -> str:
        return f"{template.purpose} · {template.kind.replace('_', ' ')}"

    @display(description="Unknown names")
    def unknown(self, template: MessageTemplate) -> str:
        return ", ".join(f"{{{name}}}" for name in unknown_names(template)) or "–"

    @display(description="Sent")
    def sent(self, template: MessageTemplate) -> int:
        return _figures_of(template).sent

    @display(description="Followed")
    def followed(self, template: MessageTemplate) -> int:
        return _figures_of(template).followed

    @display(description="Action done")
    def done(self, template: MessageTemplate) -> str:
        figures = _figures_of(template)
        return f"{figures.done} of {figures.settled}"

    @display(description="Rate, smoothed")
    def rate(self, template: MessageTemplate) -> str:
        figures = _figures_of(template)
        return "–" if figures.rate is None else f"{figures.rate:.0%}"

    @display(description="Warning", empty_value="–")
    def warning(self, template: MessageTemplate) -> str:
        unknown = unknown_names(template)
        return _unknown_words(unknown) if unknown else ""

    @display(description="Preview")
    def preview(self, template: MessageTemplate) -> SafeString | str:
        if not template.text:
            return "Save it to see it."
        samples = {name: f"{{{name}}}" for name in names_in(template.text)}
        words = filled(template.text, {**samples, **samples_for(template.purpose)})
        context = {"words": words, "known": sorted(samples_for(template.purpose))}
        return render_to_string("coaching/admin/wording_preview.html", context)

    @display(description=f"In the last {FIGURES_DAYS} days")
    def record(self, template: MessageTemplate) -> str:
        figures = wording_figures(timezone.now() - timedelta(days=FIGURES_DAYS)).get(
            template.pk, WordingFigures()
        )
        rate = "" if figures.rate is None else f" That is {figures.rate:.0%} when smoothed."
        return (
            f"Sent {figures.sent} times, followed {figures.followed} times; the action was done after "
            f"{figures.done} of {figures.settled}.{rate}"
        )


class _Figured(ChangeList):
    """Gives every row of the page its figures, with two queries for all."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        found = wording_figures(timezone.now() - timedelta(days=FIGURES_DAYS))
        rows: list[Any] = list(self.result_list)
        for row in rows:
            row.figures = found.get(row.pk, WordingFigures())
        self.result_list: QuerySet[Any] | list[Any] = rows

    smoothing = SMOOTHING_USES
    days = FIGURES_DAYS


def _figures_of(template: MessageTemplate) -> WordingFigures:
    found: WordingFigures = getattr(template, "figures", WordingFigures())
    return found


def _unknown_words(names: list[str]) -> str:
    listed = ", ".join(f"{{{name}}}" for name in names)
    return f"Nothing fills {listed}, so this wording is never used."
