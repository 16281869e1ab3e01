"""The catalogue as the planner reads it: checked entries, by slug.

Comes from the database, where staff may have edited it; before the catalogue was loaded, from the data
files that the product brings along. Parsed once per state of the tables.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import yaml
from django.db.models import Count, Max
from pydantic import BaseModel, ValidationError

from habits.models import CatalogueHabit, Playbook

from .schema import HabitEntry, PlaybookEntry, Source, cross_check, readable

DATA = Path(__file__).parent / "data"
CATEGORIES = ("fitness", "learning", "financial", "wellness", "productivity")
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
Entry = TypeVar("Entry", bound=BaseModel)


class CatalogueInvalid(Exception):
    """The data do not fit the schema or each other; `problems` are sentences."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Library:
    """All active habits and playbooks."""

    habits: dict[str, HabitEntry]
    playbooks: dict[str, PlaybookEntry]

    def fallback(self, category: str) -> PlaybookEntry:
        """The playbook for goals of `category` that no other playbook knows."""
        return next(
            entry
            for entry in self.playbooks.values()
            if entry.fallback and entry.category == category
        )


def _yaml(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=LOADER) or []  # noqa: S506 (a safe loader)


def _parse(kind: type[Entry], raw: dict[str, Any], where: str, problems: list[str]) -> Entry | None:
    try:
        return kind.model_validate(raw)
    except ValidationError as problem:
        name = raw.get("slug") or "entry without slug"
        problems += [f"{where}, {name}: {line}" for line in readable(problem)]
        return None


def read_files(folder: Path = DATA) -> Library:
    """The catalogue of the data files; raises `CatalogueInvalid` with every problem found."""
    problems: list[str] = []
    sources = {
        key: Source.model_validate(raw) for key, raw in dict(_yaml(folder / "sources.yaml")).items()
    }
    habits: dict[str, HabitEntry] = {}
    playbooks: dict[str, PlaybookEntry] = {}
    for category in CATEGORIES:
        path = folder / f"{category}.yaml"
        for raw in _yaml(path):
            key = raw.get("source")
            if key not in sources:
                problems.append(f"{path.name}, {raw.get('slug')}: no source {key!r}.")
                continue
            full = {"category": category, **raw, "source": sources[key].model_dump()}
            habit = _parse(HabitEntry, full, path.name, problems)
            if habit:
                if habit.slug in habits:
                    problems.append(f"{path.name}: {habit.slug} stands twice.")
                habits[habit.slug] = habit
        path = folder / "playbooks" / f"{category}.yaml"
        for raw in _yaml(path):
            playbook = _parse(
                PlaybookEntry, {"category": category, **raw}, f"playbooks/{path.name}", problems
            )
            if playbook:
                if playbook.slug in playbooks:
                    problems.append(f"playbooks/{path.name}: {playbook.slug} stands twice.")
                playbooks[playbook.slug] = playbook
    problems += [] if problems else cross_check(habits, playbooks)
    if problems:
        raise CatalogueInvalid(problems)
    return Library(habits, playbooks)


@lru_cache(maxsize=1)
def _packaged() -> Library:
    return read_files()


@lru_cache(maxsize=2)
def _from_database(state: tuple[Any, ...]) -> Library:
    """`state` is the key of the cache: it changes with every edit of the tables."""
    habits = {row.slug: row.entry() for row in CatalogueHabit.objects.filter(is_active=True)}
    playbooks = {row.slug: row.entry() for row in Playbook.objects.filter(is_active=True)}
    if cross_check(habits, playbooks):
        # Somebody switched off a habit that playbooks use: those parts come from the data files.
        packaged = _packaged()
        habits = {**packaged.habits, **habits}
        playbooks = {**packaged.playbooks, **playbooks}
    return Library(habits, playbooks)


def library() -> Library:
    """The current catalogue (two small queries; parsed again only after an edit)."""
    state: list[Any] = []
    for model in (CatalogueHabit, Playbook):
        found = model.objects.aggregate(rows=Count("id"), newest=Max("updated_at"))
        state += [found["rows"], found["newest"]]
    if not state[0] or not state[2]:
        return _packaged()
    return _from_database(tuple(state))


def words_of(text: str) -> str:
    """`text` in lower case with single spaces, for matching."""
    return re.sub(r"\s+", " ", text.lower().replace("’", "'")).strip()
