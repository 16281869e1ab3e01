"""What an entry of the catalogue must look like, wherever it comes from: a data file or the admin.

The same models validate the YAML files, the rows that staff edit, and what the planner reads, so a
plan is never built on an entry that was not checked.
"""

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal, get_args

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=400)]
Share = Annotated[float, Field(ge=0, le=1)]
CategoryName = Literal["fitness", "learning", "financial", "wellness", "productivity"]
Stage = Literal["foundation", "core", "optimization"]
SizeName = Literal["two_minute", "regular", "stretch"]
DayTime = Literal["morning", "midday", "evening", "any"]
Load = Literal["", "run", "strength", "mobility"]
Constraint = Literal[
    "knee",
    "back",
    "shoulder",
    "foot",
    "heart",
    "pregnant",
    "asthma",
    "no_gym",
    "no_equipment",
    "no_running",
    "no_floor",
    "shift_work",
    "small_children",
    "no_money",
    "diabetes",
    "eating_disorder",
]

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Strict(BaseModel):
    """A misspelt key is an error, not a silently ignored line."""

    model_config = ConfigDict(extra="forbid")


class Cadence(Strict):
    """How often: `daily`, `3x` (a week), `mon wed sat`, or `every 2 weeks`."""

    kind: Literal["daily", "times_per_week", "weekdays", "interval"]
    times: int | None = Field(default=None, ge=1, le=7)
    weekdays: list[int] = Field(default_factory=list)
    weeks: int | None = Field(default=None, ge=1, le=12, description="Interval in weeks")

    @model_validator(mode="before")
    @classmethod
    def _from_words(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        words = value.strip().lower()
        if words == "daily":
            return {"kind": "daily"}
        if found := re.fullmatch(r"([1-7])x", words):
            return {"kind": "times_per_week", "times": int(found[1])}
        if words == "weekdays":
            return {"kind": "weekdays", "weekdays": [0, 1, 2, 3, 4]}
        if found := re.fullmatch(r"every (\d+) weeks", words):
            return {"kind": "interval", "weeks": int(found[1])}
        days = words.split()
        if days and all(day in WEEKDAYS for day in days):
            return {"kind": "weekdays", "weekdays": [WEEKDAYS.index(day) for day in days]}
        raise ValueError(
            f"{value!r} is not a cadence: write 'daily', '3x', 'weekdays', 'mon wed sat' or 'every 4 weeks'"
        )

    @model_validator(mode="after")
    def _complete(self) -> "Cadence":
        needed: dict[str, Any] = {
            "times_per_week": self.times,
            "weekdays": self.weekdays,
            "interval": self.weeks,
        }
        if self.kind in needed and not needed[self.kind]:
            raise ValueError(f"a {self.kind} cadence needs its number")
        if len(set(self.weekdays)) != len(self.weekdays) or not all(
            0 <= day <= 6 for day in self.weekdays
        ):
            raise ValueError("weekdays are distinct numbers from 0 (Monday) to 6 (Sunday)")
        return self

    @property
    def per_week(self) -> float:
        """Repetitions a week."""
        if self.kind == "daily":
            return 7
        if self.kind == "times_per_week":
            return float(self.times or 1)
        if self.kind == "weekdays":
            return float(len(self.weekdays))
        return 1 / (self.weeks or 1)

    def __str__(self) -> str:
        if self.kind == "daily":
            return "daily"
        if self.kind == "times_per_week":
            return f"{self.times}x"
        if self.kind == "weekdays":
            return " ".join(WEEKDAYS[day] for day in sorted(self.weekdays))
        return f"every {self.weeks} weeks"


class Size(Strict):
    """One size of a habit: what exactly is done, and how long it takes (minutes, whole)."""

    do: Words
    minutes: int = Field(ge=0, le=240)
    measure: Literal["yes_no", "at_least", "at_most"] = "yes_no"
    target: float | None = Field(default=None, gt=0)
    unit: str = Field(default="", max_length=24)

    @model_validator(mode="after")
    def _target_fits(self) -> "Size":
        if self.measure != "yes_no" and (self.target is None or not self.unit):
            raise ValueError("a counted size needs a target and a unit")
        return self


class Sizes(Strict):
    two_minute: Size
    regular: Size
    stretch: Size

    @model_validator(mode="after")
    def _grow(self) -> "Sizes":
        if self.two_minute.minutes > 5:
            raise ValueError("the two-minute version takes five minutes at most")
        if self.regular.minutes > self.stretch.minutes:
            raise ValueError("sizes grow: regular ≤ stretch (minutes)")
        return self

    def named(self, name: SizeName) -> Size:
        return {
            "two_minute": self.two_minute,
            "regular": self.regular,
            "stretch": self.stretch,
        }[name]


class Source(Strict):
    """A published work: author, year, title."""

    author: Words
    year: int = Field(ge=1900, le=2100)
    title: Words

    def __str__(self) -> str:
        return f"{self.author} ({self.year}), {self.title}"


class Cadences(Strict):
    """The cadence of each stage; a list of three reads foundation, core, optimization."""

    foundation: Cadence
    core: Cadence
    optimization: Cadence

    @model_validator(mode="before")
    @classmethod
    def _from_list(cls, value: Any) -> Any:
        if isinstance(value, list) and len(value) == 3:
            return dict(zip(("foundation", "core", "optimization"), value, strict=True))
        return value


def _empty_swap(value: Any) -> Any:
    return value or ""


Swap = Annotated[Literal[""] | Slug, BeforeValidator(_empty_swap)]


class HabitEntry(Strict):
    """A habit of the catalogue. `swap` names what to do instead under a constraint ("" = leave out)."""

    slug: Slug
    name: Annotated[str, StringConstraints(min_length=3, max_length=120)]
    category: CategoryName
    tags: list[Slug] = Field(default_factory=list)
    load: Load = ""
    sizes: Sizes
    cadence: Cadences
    cues: list[Words] = Field(min_length=1, description="Continue 'After …' or 'When …'")
    time: DayTime = "any"
    difficulty: Share = 0.4
    enjoyment: Share = 0.5
    outdoor: bool = False
    keystone: bool = False
    equipment: list[Words] = Field(default_factory=list)
    swap: dict[Constraint, Swap] = Field(default_factory=dict)
    why: Words
    source: Source
    progression: Words
    after: list[Slug] = Field(default_factory=list, description="Habits that should come first")

    @field_validator("cues")
    @classmethod
    def _cues_continue_a_sentence(cls, cues: list[str]) -> list[str]:
        for cue in cues:
            if not re.match(r"(after|when|before|at|as soon as|while|on)\b", cue, re.IGNORECASE):
                raise ValueError(
                    f"cue {cue!r} must begin with after, when, before, at, while or on"
                )
        return cues


class Step(Strict):
    """One week's prescription. Intervals are given in minutes: `run`, `walk`, `rounds`."""

    do: str = ""
    minutes: int | None = Field(default=None, ge=1, le=300)
    run: float | None = Field(default=None, gt=0, le=180)
    walk: float = Field(default=0, ge=0, le=30)
    rounds: int = Field(default=1, ge=1, le=20)

    @model_validator(mode="before")
    @classmethod
    def _from_words(cls, value: Any) -> Any:
        return {"do": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _says_something(self) -> "Step":
        if not self.do and self.run is None:
            raise ValueError("a step needs words or intervals")
        return self


class PlaybookHabit(Strict):
    """A habit's part in a phase.

    `anchor` habits carry the goal and open the gate; `support` ones give way when time is short;
    `review` ones look back. `steps` is the weekly progression of this phase, spread over its weeks.
    """

    habit: Slug
    role: Literal["anchor", "support", "review"] = "support"
    size: SizeName = "regular"
    cadence: Cadence | None = None
    do: str = Field(default="", max_length=300, description="Wording for this goal")
    name: str = Field(default="", max_length=120)
    minutes: int | None = Field(default=None, ge=0, le=240)
    why: str = Field(default="", max_length=400)
    grow: str = Field(default="", max_length=200)
    weekend: bool = False
    replaces: list[Slug] = Field(default_factory=list)
    after: Slug | None = Field(default=None, description="The earlier habit it is stacked onto")
    beside: Slug | None = Field(default=None, description="Falls on the days of this habit")
    steps: list[Step] = Field(default_factory=list)


class PlaybookPhase(Strict):
    name: Words
    stage: Stage
    weeks: tuple[int, int, int] = Field(description="Least, usual and most weeks")
    focus: Words
    done: Words
    habits: list[PlaybookHabit] = Field(min_length=1)
    completions: dict[Slug, int] = Field(
        default_factory=dict, description="How often a habit must have been done in this phase"
    )

    @model_validator(mode="after")
    def _weeks_ordered(self) -> "PlaybookPhase":
        least, usual, most = self.weeks
        if not 1 <= least <= usual <= most <= 52:
            raise ValueError("weeks are least ≤ usual ≤ most, within a year")
        return self


class Obstacle(Strict):
    what: Words
    then: Words


class Metric(Strict):
    name: Words
    target: float | None = None
    unit: str = Field(default="", max_length=24)


class PlaybookEntry(Strict):
    """How an experienced coach would take somebody towards one kind of goal."""

    slug: Slug
    name: Annotated[str, StringConstraints(min_length=3, max_length=120)]
    category: CategoryName
    match: list[Words] = Field(default_factory=list, description="Words by which it is recognized")
    fallback: bool = False
    objective: Words
    metrics: list[Metric] = Field(default_factory=list)
    difficulty: Share = 0.5
    least_minutes: int = Field(ge=2, le=240, description="Below this a day it cannot work")
    usual_minutes: int = Field(ge=2, le=240)
    instead: Slug | None = Field(default=None, description="The stepping stone when it cannot work")
    sub_goals: list[Words] = Field(default_factory=list)
    dependencies: list[Words] = Field(default_factory=list)
    obstacles: list[Obstacle] = Field(default_factory=list)
    indicators: list[Words] = Field(min_length=1)
    too_short: Words
    too_long: Words
    safety: list[Literal["exercise", "weight", "money", "mind", "alcohol", "smoking", "sleep"]] = (
        Field(default_factory=list)
    )
    phases: list[PlaybookPhase] = Field(min_length=2, max_length=5)

    @model_validator(mode="after")
    def _recognizable(self) -> "PlaybookEntry":
        if not self.match and not self.fallback:
            raise ValueError("a playbook that is not a fallback needs words to be recognized by")
        if self.phases[0].stage != "foundation":
            raise ValueError("the first phase is a foundation")
        if self.least_minutes > self.usual_minutes:
            raise ValueError("least_minutes ≤ usual_minutes")
        return self

    @property
    def least_weeks(self) -> int:
        return sum(phase.weeks[0] for phase in self.phases)

    @property
    def usual_weeks(self) -> int:
        return sum(phase.weeks[1] for phase in self.phases)

    @property
    def most_weeks(self) -> int:
        return sum(phase.weeks[2] for phase in self.phases)


def cross_check(habits: dict[str, HabitEntry], playbooks: dict[str, PlaybookEntry]) -> list[str]:
    """What does not fit together between entries, one sentence each; empty when all is well."""
    problems = [
        f"Habit {habit.slug}: there is no habit {name!r}."
        for habit in habits.values()
        for name in [*habit.after, *filter(None, habit.swap.values())]
        if name not in habits
    ]
    fallbacks = {entry.category for entry in playbooks.values() if entry.fallback}
    problems += [
        f"Category {category} has no fallback playbook."
        for category in get_args(CategoryName)
        if category not in fallbacks
    ]
    for playbook in playbooks.values():
        if playbook.instead and playbook.instead not in playbooks:
            problems.append(f"Playbook {playbook.slug}: no playbook {playbook.instead!r}.")
        seen: set[str] = set()
        for phase in playbook.phases:
            where = f"Playbook {playbook.slug}, {phase.name}"
            slugs = [part.habit for part in phase.habits]
            seen.update(slugs)
            problems += [f"{where}: {fault}" for fault in _phase_faults(phase, slugs, seen, habits)]
    return problems


def _phase_faults(
    phase: PlaybookPhase, slugs: list[str], seen: set[str], habits: dict[str, HabitEntry]
) -> Iterator[str]:
    """`seen` are the habits of this phase and of those before it."""
    if len(set(slugs)) != len(slugs):
        yield "a habit stands twice."
    if all(part.role != "anchor" for part in phase.habits):
        yield "no anchor habit."
    for part in phase.habits:
        if part.habit not in habits:
            yield f"no habit {part.habit!r}."
        for name in [*part.replaces, *filter(None, [part.after, part.beside])]:
            if name not in seen:
                yield f"{part.habit} refers to {name!r}, which no phase up to here has."
    for slug in phase.completions:
        if slug not in seen:
            yield f"the gate counts {slug!r}, which is not part of it."


def readable(problem: ValidationError) -> list[str]:
    """The errors of a pydantic validation as short sentences for people."""
    lines = []
    for error in problem.errors():
        place = " → ".join(str(part) for part in error["loc"]) or "entry"
        lines.append(f"{place}: {error['msg'].removeprefix('Value error, ')}")
    return lines
