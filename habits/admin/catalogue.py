"""The catalogue, edited by staff: every save and every imported row is checked against the schema."""

import json
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import JSONField, Model
from django.http import HttpRequest
from import_export import resources
from import_export.admin import ImportExportModelAdmin
from import_export.fields import Field
from import_export.widgets import JSONWidget
from unfold.admin import ModelAdmin
from unfold.contrib.import_export.forms import ExportForm, ImportForm
from unfold.widgets import UnfoldAdminTextareaWidget

from habits.catalogue.library import library
from habits.catalogue.schema import cross_check
from habits.models import CatalogueHabit, Playbook
from habits.models.catalogue import CatalogueRow


class ReadableJSON(forms.JSONField):
    """JSON in the form as people can read it: indented, letters as letters."""

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, str):
            return value
        return json.dumps(value, indent=2, ensure_ascii=False)


class CatalogueForm(forms.ModelForm):
    """Refuses what does not fit the rest of the catalogue, with the reason."""

    def clean(self) -> dict[str, Any] | None:
        data = super().clean()
        if self.errors:
            return data
        row = self._meta.model(**{k: v for k, v in self.cleaned_data.items() if k != "id"})
        row.clean()
        current = library()
        habits, playbooks = dict(current.habits), dict(current.playbooks)
        before = set(cross_check(habits, playbooks))
        (habits if isinstance(row, CatalogueHabit) else playbooks)[row.slug] = row.entry()
        if found := [p for p in cross_check(habits, playbooks) if p not in before]:
            raise ValidationError(found)
        return data


class CatalogueResource(resources.ModelResource):
    """Rows in and out by slug; a row that does not fit the schema is refused with its reasons."""

    class Meta:
        import_id_fields = ("slug",)
        exclude = ("id", "created_at", "updated_at", "edited_by_staff")
        clean_model_instances = True
        skip_unchanged = True
        use_transactions = True

    @classmethod
    def field_from_django_field(cls, field_name: str, django_field: Any, readonly: bool) -> Field:
        field = super().field_from_django_field(field_name, django_field, readonly)
        if isinstance(django_field, JSONField):
            field.widget = JSONWidget()
        return field

    def before_save_instance(self, instance: CatalogueRow, row: Any, **kwargs: Any) -> None:
        instance.edited_by_staff = True


class HabitResource(CatalogueResource):
    class Meta(CatalogueResource.Meta):
        model = CatalogueHabit


class PlaybookResource(CatalogueResource):
    class Meta(CatalogueResource.Meta):
        model = Playbook


class CatalogueAdmin(ImportExportModelAdmin, ModelAdmin):
    """What habits and playbooks share in the admin."""

    form = CatalogueForm
    import_form_class = ImportForm
    export_form_class = ExportForm
    list_filter = ("category", "is_active", "edited_by_staff")
    search_fields = ("name", "slug")
    readonly_fields = ("edited_by_staff", "created_at", "updated_at")
    ordering = ("category", "name")
    formfield_overrides = {
        JSONField: {"form_class": ReadableJSON, "widget": UnfoldAdminTextareaWidget},
    }

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        obj.edited_by_staff = True  # type: ignore[attr-defined]
        super().save_model(request, obj, form, change)


@admin.register(CatalogueHabit)
class CatalogueHabitAdmin(CatalogueAdmin):
    resource_classes = [HabitResource]
    list_display = ("name", "category", "difficulty", "keystone", "is_active", "edited_by_staff")


@admin.register(Playbook)
class PlaybookAdmin(CatalogueAdmin):
    resource_classes = [PlaybookResource]
    list_display = ("name", "category", "phase_names", "fallback", "is_active", "edited_by_staff")

    @admin.display(description="Phases")
    def phase_names(self, row: Playbook) -> str:
        return ", ".join(phase["name"] for phase in row.phases)
