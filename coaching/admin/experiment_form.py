"""The form of an experiment: everything is chosen from what the apps declared, numbers stand in small tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import BASE_INPUT_CLASSES, UnfoldAdminSelectWidget

from coaching.models import Experiment, ExperimentStatus
from coaching.toolkit import (
    MetricKind,
    OutcomeMetric,
    outcome_metrics,
    segments,
    variations,
)

Choices = list[tuple[str, str]]


@dataclass(frozen=True)
class NumberRow:
    """One line of a table of numbers."""

    key: str
    label: str
    unit: str = ""


class NumberTable(forms.Widget):
    """A number per row; empty ones are allowed."""

    template_name = "coaching/admin/number_table.html"
    rows: Sequence[NumberRow] = ()

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        given: Mapping[str, Any] = value if isinstance(value, Mapping) else {}
        context["rows"] = [
            {"row": row, "name": f"{name}-{row.key}", "value": _typed(given.get(row.key))}
            for row in self.rows
        ]
        context["input_classes"] = " ".join([*BASE_INPUT_CLASSES, "max-w-32"])
        return context

    def value_from_datadict(self, data: Any, files: Any, name: str) -> dict[str, str]:
        return {row.key: data.get(f"{name}-{row.key}", "").strip() for row in self.rows}

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return not any(f"{name}-{row.key}" in data for row in self.rows)

    def id_for_label(self, id_: str, index: str | None = None) -> str:
        """No single input belongs to the whole table."""
        return ""


class NumbersField(forms.Field):
    """Reads a `NumberTable` into numbers by key, without the empty rows."""

    widget = NumberTable

    def set_rows(self, rows: Sequence[NumberRow]) -> None:
        self.widget.rows = rows

    def clean(self, value: Any) -> dict[str, float]:
        numbers: dict[str, float] = {}
        problems = []
        for row in self.widget.rows:
            written = str((value or {}).get(row.key, ""))
            if not written:
                continue
            try:
                number = float(written.replace(",", "."))
            except ValueError:
                problems.append(f"{row.label}: “{written}” is not a number.")
                continue
            if not 0 <= number <= 1_000_000:
                problems.append(f"{row.label}: give a number from 0 to 1,000,000.")
            numbers[row.key] = number
        if problems:
            raise ValidationError(problems)
        return numbers

    def has_changed(self, initial: Any, data: Any) -> bool:
        before = {key: _typed(number) for key, number in (initial or {}).items()}
        return {key: _typed(text) for key, text in (data or {}).items() if text} != before


def _points() -> Choices:
    return [(point.key, f"{point.title} ({', '.join(point.options)})") for point in variations]


def _metrics() -> Choices:
    return [(metric.key, metric.title) for metric in outcome_metrics]


def _segments() -> Choices:
    keys = segments.keys()
    return [("", "Everybody"), *((key, _described(key)) for key in keys)]


def _described(key: str) -> str:
    """A segment by the first line of what its function says of itself."""
    said = (segments.get(key).__doc__ or "").strip().split("\n", 1)[0].rstrip(".")
    return f"{said} ({key})" if said else key


class ExperimentForm(forms.ModelForm[Experiment]):
    """A draft. Which variants can be weighed follows from the point, so that comes first."""

    variation = forms.ChoiceField(
        choices=_points,
        widget=UnfoldAdminSelectWidget,
        label="What varies",
        help_text="The first option is the control: what everybody gets without an experiment.",
    )
    primary_metric = forms.ChoiceField(
        choices=_metrics, widget=UnfoldAdminSelectWidget, label="What counts"
    )
    segment = forms.ChoiceField(
        choices=_segments, widget=UnfoldAdminSelectWidget, label="Who takes part", required=False
    )
    weights = NumbersField(
        label="Weights of the variants",
        required=False,
        help_text="1 and 1 is half and half. Leave a variant empty to leave it out.",
    )
    limits = NumbersField(
        label="Guardrails",
        required=False,
        help_text="How much worse than with the control may it become before the experiment stops by "
        "itself? Empty: not watched.",
    )

    class Meta:
        model = Experiment
        fields = (
            "key",
            "name",
            "hypothesis",
            "variation",
            "segment",
            "primary_metric",
            "outcome_days",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.status != ExperimentStatus.DRAFT:
            # Declared fields are there whatever the page shows; of what has begun only words change.
            for name in (*type(self).declared_fields,):
                self.fields.pop(name, None)
        if isinstance(limits := self.fields.get("limits"), NumbersField):
            limits.set_rows(
                [NumberRow(metric.key, metric.title, _unit(metric)) for metric in outcome_metrics]
            )
            self.initial["limits"] = {
                row["metric"]: row["worst_difference"] * _parts(row["metric"])
                for row in self.instance.guardrails
            }
        if isinstance(weights := self.fields.get("weights"), NumbersField):
            weights.set_rows(self._weighable())
            self.initial["weights"] = {row["key"]: row["weight"] for row in self.instance.variants}

    def _weighable(self) -> list[NumberRow]:
        point = self.instance.variation
        if point not in variations:
            return []
        control, *others = variations.get(point).options
        return [
            NumberRow(control, f"{control} (control)"),
            *(NumberRow(key, key) for key in others),
        ]

    def clean_outcome_days(self) -> int:
        days: int = self.cleaned_data["outcome_days"]
        if not 1 <= days <= 365:
            raise ValidationError("Give 1 to 365 days.")
        return days

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        point = cleaned.get("variation")
        if point and "weights" in cleaned:
            self._set_variants(point, cleaned["weights"])
        if "limits" in cleaned:
            self._set_guardrails(cleaned.get("primary_metric", ""), cleaned["limits"])
        return cleaned

    def _set_variants(self, point: str, weights: Mapping[str, float]) -> None:
        options = variations.get(point).options
        if point != self.instance.variation or not self.instance.variants:
            # The tables on the page were those of another point: begin with equal shares.
            self.instance.variants = [{"key": key, "weight": 1} for key in options]
            return
        chosen = [{"key": key, "weight": weights[key]} for key in options if weights.get(key)]
        if not weights.get(options[0]):
            self.add_error("weights", f"The control “{options[0]}” needs a weight above 0.")
        elif len(chosen) < 2:
            self.add_error("weights", "Give at least one variant beside the control a weight.")
        else:
            self.instance.variants = chosen

    def _set_guardrails(self, primary: str, limits: Mapping[str, float]) -> None:
        if primary in limits:
            title = outcome_metrics.get(primary).title
            self.add_error("limits", f"“{title}” is what counts; a guardrail is another metric.")
        self.instance.guardrails = [
            {"metric": key, "worst_difference": limit / _parts(key)}
            for key, limit in limits.items()
        ]


def _parts(metric: str) -> int:
    """Shares are typed in points of a hundred."""
    if metric not in outcome_metrics:
        return 1
    return 100 if outcome_metrics.get(metric).kind is MetricKind.PROPORTION else 1


def _unit(metric: OutcomeMetric) -> str:
    direction = "less" if metric.higher_is_better else "more"
    return f"points {direction}" if metric.kind is MetricKind.PROPORTION else direction


def _typed(value: Any) -> str:
    """A number as it is typed: 1 and not 1.0."""
    if value is None or value == "":
        return ""
    try:
        return f"{float(str(value).replace(',', '.')):g}"
    except ValueError:
        return str(value)
