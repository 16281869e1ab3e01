"""The other things an app can hand the coach: context, signals, tiles, channels, segments, series."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

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


class Normalizer(StrEnum):
    """How a raw value becomes a score in [0, 1]."""

    BINARY = "binary"
    LINEAR = "linear"
    RATIO = "ratio"
    U_SHAPE = "u_shape"


@dataclass(frozen=True)
class Signal:
    """How one interaction type of the ledger counts towards momentum.

    `parameters` belong to the normalizer: linear {low, high}; ratio {target}; u_shape {target,
    tolerance}. `saturation` is how many events a day count fully.
    """

    key: str
    pillar: Pillar
    weight: float
    normalizer: Normalizer
    parameters: dict[str, float] = field(default_factory=dict)
    saturation: int = 1


signals: Registry[Signal] = Registry("signal")


def signal(
    key: str,
    *,
    pillar: Pillar,
    weight: float,
    normalizer: Normalizer = Normalizer.BINARY,
    parameters: dict[str, float] | None = None,
    saturation: int = 1,
) -> None:
    """Declares that ledger events of type `key` count, and how."""
    signals.register(key, Signal(key, pillar, weight, normalizer, parameters or {}, saturation))


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
