"""The form of a scoring version: every number it chooses, in words, with the published one beside it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from unfold.widgets import BASE_INPUT_CLASSES, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from coaching.toolkit import Gathering, Normalizer, Pillar, signals
from momentum.models import PillarName
from momentum.naming import title_of
from momentum.normalizing import check
from momentum.scoring.parameters import NormalizerWay, Parameters

RULES = {
    Normalizer.BINARY: "counts fully when it happened",
    Normalizer.LINEAR: "rises evenly from nothing to full",
    Normalizer.RATIO: "rises evenly from 0 to full",
    Normalizer.U_SHAPE: "full around the best value, less to either side",
}
PARAMETERS = {
    "low": "Nothing at",
    "high": "Full at",
    "target": "Full from",
    "tolerance": "As good within ±",
    "reach": "Nothing after a further",
}
TOP_OF_U = "Best at"


@dataclass(frozen=True, slots=True)
class Number:
    """A number of a version: where it stands in its parameters, how it is called, and between what it lies."""

    path: tuple[str, ...]
    label: str
    least: float | None = None
    most: float | None = None
    is_whole: bool = False

    @property
    def name(self) -> str:
        return "__".join(self.path).replace(".", "-")

    def read(self, parameters: Mapping[str, Any]) -> float | None:
        found: Any = parameters
        for step in self.path:
            if not isinstance(found, Mapping) or step not in found:
                return None
            found = found[step]
        return float(found)

    def field(self) -> forms.Field:
        widget = forms.NumberInput(
            attrs={
                "class": " ".join([*BASE_INPUT_CLASSES, "max-w-32"]),
                "step": "1" if self.is_whole else "any",
                "autocomplete": "off",
            }
        )
        if self.is_whole:
            bounds = [None if end is None else int(end) for end in (self.least, self.most)]
            return forms.IntegerField(
                label=self.label, min_value=bounds[0], max_value=bounds[1], widget=widget
            )
        return forms.FloatField(
            label=self.label, min_value=self.least, max_value=self.most, widget=widget
        )


@dataclass(frozen=True, slots=True)
class Row:
    """Numbers that belong together, under one label."""

    label: str
    hint: str
    numbers: tuple[Number, ...]


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    hint: str
    rows: tuple[Row, ...]


def sections_of(parameters: Parameters) -> list[Section]:
    """Everything a version may choose, in the order of the page."""
    return [
        Section(
            "Pillars",
            "Weights compare with each other. After one half-life without a change, half of the way to where "
            "the evidence points is gone.",
            tuple(_pillar(pillar) for pillar in Pillar),
        ),
        *(
            Section(
                f"Signals of {PillarName(pillar).label}",
                "Weights compare the signals of this pillar with each other; 0 leaves one out.",
                rows,
            )
            for pillar in Pillar
            if (rows := tuple(_kinds(pillar)))
        ),
        Section(
            "From a value to a score",
            "How what was measured becomes a score between nothing and full.",
            tuple(_rules(parameters)),
        ),
    ]


def _pillar(pillar: Pillar) -> Row:
    is_paced = pillar is Pillar.BEHAVIORAL
    hint = (
        "Its half-life is that of one action step a day; more of them shorten it."
        if is_paced
        else ""
    )
    return Row(
        PillarName(pillar).label,
        hint,
        (
            Number(("pillars", pillar, "weight"), "Weight", 0.01, 100),
            Number(("pillars", pillar, "half_life_days"), "Half-life in days", 0.01, 3650),
        ),
    )


def _kinds(pillar: Pillar) -> Iterator[Row]:
    """The kinds of a pillar, each once: their signals are declared alike."""
    for kind, one in {one.kind: one for one in signals if one.pillar is pillar}.items():
        numbers = [Number(("kinds", kind, "weight"), "Weight", 0, 100)]
        if one.gathering is Gathering.COUNT:
            path = ("kinds", kind, "saturation")
            numbers.append(Number(path, "All that counts in a day", 1, 10_000, is_whole=True))
        yield Row(title_of(kind), "", tuple(numbers))


def _rules(parameters: Parameters) -> Iterator[Row]:
    for key, rule in sorted(parameters.normalizers.items()):
        words = signals.get(key).words if key in signals else ""
        title = (words or key.rsplit(".", 1)[-1].replace("_", " ")).capitalize()
        if rule.parameters:
            yield Row(title, f"{key}: {RULES[rule.normalizer]}", tuple(_numbers_of(key, rule)))


def _numbers_of(key: str, rule: NormalizerWay) -> Iterator[Number]:
    for name in sorted(rule.parameters, key=list(PARAMETERS).index):
        is_top = name == "target" and rule.normalizer is Normalizer.U_SHAPE
        path = ("normalizers", key, "parameters", name)
        yield Number(path, TOP_OF_U if is_top else PARAMETERS[name])


@dataclass(frozen=True, slots=True)
class Cell:
    """A number as the page shows it: to be typed (`field`) or to be read, with the published one."""

    label: str
    value: str
    published: str
    is_changed: bool
    field: forms.BoundField | None = None


def shown(
    parameters: Parameters, published: Parameters, form: "VersionForm | None" = None
) -> list[dict[str, Any]]:
    """The sections for the template."""
    own, beside = parameters.as_json(), published.as_json()

    def cell(number: Number) -> Cell:
        value, other = number.read(own), number.read(beside)
        field = form[number.name] if form is not None else None
        return Cell(number.label, _typed(value), _typed(other), value != other, field)

    return [
        {
            "title": section.title,
            "hint": section.hint,
            "rows": [
                {"row": row, "cells": [cell(number) for number in row.numbers]}
                for row in section.rows
            ],
        }
        for section in sections_of(parameters)
    ]


class VersionForm(forms.Form):
    """A draft: its name, why it is made, and all of its numbers."""

    name = forms.CharField(
        max_length=32,
        validators=[
            RegexValidator(
                r"\A[A-Za-z0-9][A-Za-z0-9._-]*\Z",
                "Use letters, digits, points, dashes and underscores.",
            )
        ],
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
        help_text="Short: it stands beside every score.",
    )
    notes = forms.CharField(
        required=False,
        max_length=4000,
        label="Why",
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text="What is changed, and what you expect of it.",
    )

    def __init__(self, *args: Any, parameters: Parameters, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.parameters = parameters
        self.numbers = [
            number
            for section in sections_of(parameters)
            for row in section.rows
            for number in row.numbers
        ]
        values = parameters.as_json()
        for number in self.numbers:
            self.fields[number.name] = number.field()
            self.initial.setdefault(number.name, _typed(number.read(values)))

    def words(self) -> list[forms.BoundField]:
        """The fields that are no numbers."""
        return [self["name"], self["notes"]]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for key, rule in self.parameters.normalizers.items():
            own = list(_numbers_of(key, rule))
            if not own or any(number.name not in cleaned for number in own):
                continue
            try:
                check(rule.normalizer, {each.path[-1]: cleaned[each.name] for each in own})
            except ValueError as problem:
                self.add_error(own[0].name, str(problem))
        return cleaned

    def changes(self) -> dict[str, Any]:
        """All the numbers as a part of the tree of parameters."""
        tree: dict[str, Any] = {}
        for number in self.numbers:
            branch = tree
            for step in number.path[:-1]:
                branch = branch.setdefault(step, {})
            branch[number.path[-1]] = self.cleaned_data[number.name]
        return tree


def _typed(value: float | None) -> str:
    """A number as it is typed: 13 and not 13.0; all of its digits, so that saving changes nothing."""
    if value is None:
        return ""
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)
