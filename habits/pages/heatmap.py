"""The heatmap of the last weeks: where its cells stand, in columns of weeks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

STEP = 15
CELL = 12
TOP = 18
LEFT = 30


class Cell(Protocol):
    """One day with words for it."""

    @property
    def day(self) -> date: ...
    @property
    def label(self) -> str: ...


@dataclass(frozen=True)
class PlacedCell:
    """A cell with its place in the drawing and the class of its shade."""

    x: int
    y: int
    shade: str
    label: str


@dataclass(frozen=True)
class MonthLabel:
    x: int
    name: str


@dataclass(frozen=True)
class Heatmap:
    """A drawing `width` by `height`, with a table of the same days."""

    width: int
    height: int
    cells: list[PlacedCell]
    months: list[MonthLabel]

    @classmethod
    def of(cls, cells: Sequence[Cell]) -> "Heatmap | None":
        """Places `cells`, which follow day by day from a Monday; `None` when there are none."""
        if not cells:
            return None
        placed = [
            PlacedCell(
                x=LEFT + (index // 7) * STEP,
                y=TOP + (index % 7) * STEP,
                shade=shade_of(cell),
                label=cell.label,
            )
            for index, cell in enumerate(cells)
        ]
        months: list[MonthLabel] = []
        for index in range(0, len(cells), 7):
            month = f"{cells[index].day:%b}"
            if (not months or months[-1].name != month) and (
                not months or LEFT + (index // 7) * STEP - months[-1].x >= 2 * STEP
            ):
                months.append(MonthLabel(LEFT + (index // 7) * STEP, month))
        return cls(LEFT + -(-len(cells) // 7) * STEP, TOP + 7 * STEP, placed, months)


def shade_of(cell: Cell) -> str:
    """The class of a cell: `heat-0` to `heat-4`, or `heat-none` where nothing was asked."""
    if getattr(cell, "asked", None) == 0:
        return "heat-none"
    level = getattr(cell, "level", None)
    if level is not None:
        return f"heat-{level}"
    state = str(getattr(cell, "state", ""))
    return {
        "done": "heat-4",
        "partial": "heat-2",
        "missed": "heat-0",
        "open": "heat-0",
        "skipped": "heat-skip",
        "paused": "heat-skip",
    }.get(state, "heat-none")
