"""The comparison as a picture: for each variant its difference to the control, with both intervals."""

from math import isfinite

from django.utils.safestring import SafeString

from coaching.charts.canvas import Canvas

from .results import Arm, Comparison, MetricResult, is_shown
from .words import difference_words, interval_words

WIDTH, ROW, TOP, BOTTOM = 380.0, 46.0, 14.0, 26.0
LEFT, RIGHT = 12.0, 12.0


def picture_of(result: MetricResult, *, key: str) -> SafeString | None:
    """A row per variant; nothing while no interval is known. `key` makes its ids unique on the page."""
    rows = [
        (arm, arm.comparison)
        for arm in result.arms
        if arm.comparison is not None and is_shown(result, arm)
    ]
    if not rows:
        return None
    kind = result.metric.kind
    scale = _Scale(rows, result.worst)
    canvas = Canvas(
        WIDTH,
        TOP + ROW * len(rows) + BOTTOM,
        title=f"{result.metric.title}: difference to the control",
        description=" ".join(_in_words(result, arm, comparison) for arm, comparison in rows),
        key=key,
    )
    floor = TOP + ROW * len(rows)
    canvas.mark("line", "chart__zero", x1=scale.x(0), x2=scale.x(0), y1=TOP, y2=floor)
    if result.worst:
        worst = -result.worst if result.metric.higher_is_better else result.worst
        canvas.mark(
            "line",
            "chart__limit",
            f"tolerated: {difference_words(kind, worst)}",
            x1=scale.x(worst),
            x2=scale.x(worst),
            y1=TOP,
            y2=floor,
        )
    for at, (arm, comparison) in enumerate(rows):
        _draw_row(canvas, scale, result, arm, comparison, TOP + ROW * at)
    canvas.words(difference_words(kind, -scale.reach), LEFT, floor + 18)
    canvas.words("no difference", scale.x(0), floor + 18, anchor="middle")
    canvas.words(difference_words(kind, scale.reach), WIDTH - RIGHT, floor + 18, anchor="end")
    return canvas.markup()


class _Scale:
    """From differences to places, with zero in the middle and everything known in sight."""

    def __init__(self, rows: list[tuple[Arm, Comparison]], worst: float | None) -> None:
        ends = [abs(worst or 0.0)]
        for _, comparison in rows:
            for interval in (comparison.interval, comparison.whenever):
                ends += [abs(end) for end in (interval.low, interval.high) if isfinite(end)]
        self.reach = max(ends) * 1.05 or 1.0

    def x(self, difference: float) -> float:
        share = max(-1.0, min(1.0, difference / self.reach))
        return LEFT + (WIDTH - LEFT - RIGHT) * (share + 1) / 2


def _draw_row(
    canvas: Canvas,
    scale: _Scale,
    result: MetricResult,
    arm: Arm,
    comparison: Comparison,
    top: float,
) -> None:
    middle = top + 30.0
    canvas.words(arm.variant, LEFT, top + 14)
    for kind, interval in (
        ("chart__whenever", comparison.whenever),
        ("chart__interval", comparison.interval),
    ):
        canvas.mark(
            "line",
            kind,
            interval_words(result.metric.kind, interval),
            x1=scale.x(interval.low),
            x2=scale.x(interval.high),
            y1=middle,
            y2=middle,
        )
    canvas.mark(
        "circle",
        "chart__dot",
        difference_words(result.metric.kind, comparison.difference),
        cx=scale.x(comparison.difference),
        cy=middle,
        r=5.0,
    )


def _in_words(result: MetricResult, arm: Arm, comparison: Comparison) -> str:
    kind = result.metric.kind
    return (
        f"{arm.variant}: {difference_words(kind, comparison.difference)}, "
        f"95 % interval {interval_words(kind, comparison.interval)}."
    )
