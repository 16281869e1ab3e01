"""The other things an app can hand the coach: context, signals, tiles, channels, segments, series."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db.models import QuerySet

from accounts.models import User

from .registry import Registry

# --- Context ------------------------------------------------------------------------------------
ContextFunction = Callable[[User, datetime], Iterable[str]]


@dataclass(frozen=True)
class ContextBlock:
    """Lines about a person right now. Low `priority` numbers stay longest when space is short."""

    key: str
    title: str
    priority: int
    tokens: int
    lines: ContextFunction


context_blocks: Registry[ContextBlock] = Registry("context block")


def context_block(
    key: str, *, title: str, priority: int, tokens: int
) -> Callable[[ContextFunction], ContextFunction]:
    """Declares lines of context; `tokens` is an estimate of their length."""

    def declare(function: ContextFunction) -> ContextFunction:
        context_blocks.register(key, ContextBlock(key, title, priority, tokens, function))
        return function

    return declare


# --- Signals of momentum ------------------------------------------------------------------------
class Pillar(StrEnum):
    COGNITIVE = "cognitive"
    BEHAVIORAL = "behavioral"
    RELATIONAL = "relational"
    BIOMETRIC = "biometric"


class SignalKind(StrEnum):
    """What a signal tells of. All events of a kind on one day are gathered into one value."""

    ACTION_STEP = "action_step"
    COACH_INTERACTION = "coach_interaction"
    COACH_TONE = "coach_tone"
    TILE_INTERACTION = "tile_interaction"
    PLANNING = "planning"
    SLEEP = "sleep"
    STEPS = "steps"
    GOAL_PROGRESS = "goal_progress"
    MOTIVATION = "motivation"
    INTERNAL_MOTIVATION = "internal_motivation"
    BIOMETRIC_CHANGE = "biometric_change"
    VISIT = "visit"


class Normalizer(StrEnum):
    """How a raw value becomes a score in [0, 1].

    binary: above 0 or not. linear: {low, high}, falling when high lies below low. ratio: {target}, full from
    there on. u_shape: {target, tolerance, reach}: full within `tolerance` of the target, nothing from
    `tolerance + reach` on, linear between.
    """

    BINARY = "binary"
    LINEAR = "linear"
    RATIO = "ratio"
    U_SHAPE = "u_shape"


class Gathering(StrEnum):
    """What a day's events of a kind amount to.

    mean: how well it went; each event weighs as much as it speaks for. count: how much there was of it;
    `saturation` events are all that counts.
    """

    MEAN = "mean"
    COUNT = "count"


@dataclass(frozen=True)
class Signal:
    """How one interaction type of the ledger counts towards momentum.

    `value` names the member of `raw_data` that is the raw value (none: 1.0). `subject` names the members that
    say what it is about: of all that is told of one subject on one day, the latest counts. `is_summary`
    marks what speaks for the whole day: it stands in the place of all other events of its kind. `words` say
    what such an event tells of ("habit done").
    """

    key: str
    kind: SignalKind
    pillar: Pillar
    weight: float
    normalizer: Normalizer
    parameters: dict[str, float] = field(default_factory=dict)
    saturation: int = 1
    gathering: Gathering = Gathering.MEAN
    value: str = ""
    subject: tuple[str, ...] = ()
    is_summary: bool = False
    words: str = ""


@dataclass(frozen=True)
class Retraction:
    """An interaction type that takes back what was told of the same subject on the same day."""

    key: str
    kind: SignalKind
    subject: tuple[str, ...]


signals: Registry[Signal] = Registry("signal")
retractions: Registry[Retraction] = Registry("retraction")


def signal(
    key: str,
    *,
    kind: SignalKind,
    pillar: Pillar,
    weight: float,
    normalizer: Normalizer = Normalizer.BINARY,
    parameters: dict[str, float] | None = None,
    saturation: int = 1,
    gathering: Gathering = Gathering.MEAN,
    value: str = "",
    subject: tuple[str, ...] = (),
    is_summary: bool = False,
    words: str = "",
) -> None:
    """Declares that ledger events of type `key` count, and how.

    Raises `ImproperlyConfigured` when another signal of the kind has another pillar, weight, saturation or
    gathering: a kind counts in one way.
    """
    declared = Signal(
        key,
        kind,
        pillar,
        weight,
        normalizer,
        parameters or {},
        saturation,
        gathering,
        value,
        subject,
        is_summary,
        words,
    )
    for other in signals:
        if other.kind == kind and _way(other) != _way(declared):
            raise ImproperlyConfigured(f"Signals {key!r} and {other.key!r} of {kind} differ.")
    signals.register(key, declared)


def _way(one: Signal) -> tuple[Pillar, float, int, Gathering]:
    return one.pillar, one.weight, one.saturation, one.gathering


def retraction(key: str, *, kind: SignalKind, subject: tuple[str, ...]) -> None:
    """Declares that ledger events of type `key` take back what `subject` stood for on that day."""
    retractions.register(key, Retraction(key, kind, subject))


# --- Tiles of the Today page --------------------------------------------------------------------
TileContext = Callable[[User, datetime], dict[str, Any] | None]


@dataclass(frozen=True)
class TodayTile:
    """A tile of the Today page; a context of `None` leaves it out today."""

    key: str
    template: str
    order: int
    context: TileContext


today_tiles: Registry[TodayTile] = Registry("tile")


def today_tile(key: str, *, template: str, order: int) -> Callable[[TileContext], TileContext]:
    """Declares a tile; tiles stand in rising `order`."""

    def declare(function: TileContext) -> TileContext:
        today_tiles.register(key, TodayTile(key, template, order, function))
        return function

    return declare


def tiles_in_order() -> list[TodayTile]:
    return sorted(today_tiles, key=lambda tile: (tile.order, tile.key))


# --- Segments -----------------------------------------------------------------------------------
SegmentFunction = Callable[[], QuerySet[User]]
segments: Registry[SegmentFunction] = Registry("segment")


def segment(key: str) -> Callable[[SegmentFunction], SegmentFunction]:
    """Declares a named set of people."""

    def declare(function: SegmentFunction) -> SegmentFunction:
        segments.register(key, function)
        return function

    return declare


# --- Series for charts --------------------------------------------------------------------------
@dataclass(frozen=True)
class SeriesPoint:
    """One day of a series. `label` says the value in words ("2 of 3"); `None` means no evidence."""

    day: date
    value: float | None
    label: str


@dataclass(frozen=True)
class Series:
    """A named line of points in rising order of days, with the bounds of its values."""

    name: str
    points: Sequence[SeriesPoint]
    low: float = 0.0
    high: float = 1.0
    unit: str = ""


SeriesFunction = Callable[[User, date, date], list[Series]]


@dataclass(frozen=True)
class DataSource:
    """Something that can be drawn: series of a person between two of their days, both included."""

    key: str
    title: str
    cues: tuple[str, ...]
    series: SeriesFunction


data_sources: Registry[DataSource] = Registry("data source")


def data_source(
    key: str, *, title: str, cues: tuple[str, ...] = ()
) -> Callable[[SeriesFunction], SeriesFunction]:
    """Declares series that charts can show; `cues` are words by which people ask for them."""

    def declare(function: SeriesFunction) -> SeriesFunction:
        data_sources.register(key, DataSource(key, title, cues, function))
        return function

    return declare
