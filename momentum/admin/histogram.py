"""Two distributions of scores side by side, laid out as a picture and as a table."""

from dataclasses import dataclass

from momentum.scoring.trial import Distribution

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 600.0, 200.0, 34.0, 24.0, 8.0
_STEPS = (5, 10, 20, 25, 50, 100)


@dataclass(frozen=True, slots=True)
class Bar:
    x: str
    y: str
    width: str
    height: str
    is_after: bool
    words: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A word of an axis; `y` also says where its line runs."""

    x: str
    y: str
    words: str


@dataclass(frozen=True, slots=True)
class Histogram:
    """`rows` are (points, days before, share, days after, share)."""

    bars: tuple[Bar, ...]
    across: tuple[Mark, ...]
    up: tuple[Mark, ...]
    rows: tuple[tuple[str, int, str, int, str], ...]
    summary: str


def histogram_of(before: Distribution, after: Distribution) -> Histogram | None:
    """Shares of days by ten points of score; nothing when there are no days."""
    if not before.total or not after.total:
        return None
    shares = [[100 * count / side.total for count in side.counts] for side in (before, after)]
    most = max(max(side) for side in shares)
    top = next(step for step in _STEPS if most <= step)
    tall, wide = HEIGHT - BOTTOM - TOP, (WIDTH - LEFT) / 10
    bars, rows = [], []
    for ten in range(10):
        points = f"{ten * 10} to {ten * 10 + 10}"
        for side, name in enumerate(("before", "after")):
            height = tall * shares[side][ten] / top
            bars.append(
                Bar(
                    x=_at(LEFT + wide * ten + wide * (0.1 + 0.41 * side)),
                    y=_at(HEIGHT - BOTTOM - height),
                    width=_at(wide * 0.39),
                    height=_at(height),
                    is_after=bool(side),
                    words=f"{points} points, {name}: {shares[side][ten]:.0f} % of days",
                )
            )
        rows.append(
            (
                points,
                before.counts[ten],
                f"{shares[0][ten]:.0f} %",
                after.counts[ten],
                f"{shares[1][ten]:.0f} %",
            )
        )
    across = tuple(
        Mark(_at(LEFT + wide * ten), _at(HEIGHT - 6), str(ten * 10)) for ten in range(11)
    )
    up = tuple(
        Mark(_at(LEFT - 6), _at(HEIGHT - BOTTOM - tall * part), f"{top * part:g} %")
        for part in (0.0, 0.5, 1.0)
    )
    return Histogram(tuple(bars), across, up, tuple(rows), _summary(before, after))


def _summary(before: Distribution, after: Distribution) -> str:
    return f"On average {before.mean or 0:.1f} points before and {after.mean or 0:.1f} after."


def _at(number: float) -> str:
    """A coordinate, whatever the language of the page."""
    return f"{number:.1f}"
