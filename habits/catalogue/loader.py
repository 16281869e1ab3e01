"""Loads the data files into the tables: all of them or nothing, and never over what staff edited."""

from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from habits.models import CatalogueHabit, Playbook

from .library import read_files


@dataclass
class Loaded:
    """What loading did, or would do: slugs by what happened to them."""

    created: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


def load(*, force: bool = False, dry_run: bool = False) -> dict[str, Loaded]:
    """Writes the data files into the tables.

    Rows that staff edited are kept unless `force`; rows that exist only in the database stay. Raises
    `CatalogueInvalid` before anything is written when the files have a problem.
    """
    files = read_files()
    result = {"habits": Loaded(), "playbooks": Loaded()}
    with transaction.atomic():
        for entry in files.habits.values():
            data = entry.model_dump(mode="json")
            data["cadence"] = {stage: str(value) for stage, value in entry.cadence}
            _write(CatalogueHabit, data, result["habits"], force, dry_run)
        for playbook in files.playbooks.values():
            data = playbook.model_dump(mode="json", exclude_defaults=False)
            data["instead"] = playbook.instead or ""
            data["phases"] = [
                phase.model_dump(mode="json", exclude_defaults=True) for phase in playbook.phases
            ]
            for phase, raw in zip(playbook.phases, data["phases"], strict=True):
                for part, raw_part in zip(phase.habits, raw["habits"], strict=True):
                    if part.cadence:
                        raw_part["cadence"] = str(part.cadence)
            _write(Playbook, data, result["playbooks"], force, dry_run)
    return result


def _write(
    model: type[CatalogueHabit] | type[Playbook],
    data: dict[str, Any],
    result: Loaded,
    force: bool,
    dry_run: bool,
) -> None:
    slug = data["slug"]
    row: Any = model.objects.select_for_update().filter(slug=slug).first()
    if row is None:
        result.created.append(slug)
        if not dry_run:
            model.objects.create(**data)
        return
    if row.edited_by_staff and not force:
        result.kept.append(slug)
        return
    changed = [name for name, value in data.items() if getattr(row, name) != value]
    if not changed and not row.edited_by_staff:
        result.unchanged.append(slug)
        return
    result.updated.append(slug)
    if not dry_run:
        for name in changed:
            setattr(row, name, data[name])
        row.edited_by_staff = False
        row.save()
