"""A line so small that it only shows a direction: the words stand beside it, so it is not read out."""

from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, tostring

from django.utils.safestring import SafeString, mark_safe

WIDTH, HEIGHT, MARGIN = 120.0, 36.0, 4.0
# A flat week must not look like a storm: at least this much of the scale is shown.
LEAST_SPAN = 10.0


def spark(values: Sequence[float | None]) -> SafeString:
    """A picture of `values` (0-100) in their order; gaps where there is none. Nothing for less than two."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return mark_safe("")
    middle, half = (
        (max(known) + min(known)) / 2,
        max(LEAST_SPAN, max(known) - min(known)) / 2,
    )
    wide = (WIDTH - 2 * MARGIN) / (len(values) - 1)
    path, is_gap, last = "", True, (0.0, 0.0)
    for at, value in enumerate(values):
        if value is None:
            is_gap = True
            continue
        last = (
            MARGIN + wide * at,
            HEIGHT / 2 - (value - middle) / half * (HEIGHT / 2 - MARGIN),
        )
        path += f"{'M' if is_gap else 'L'}{last[0]:.1f} {last[1]:.1f}{'h0' if is_gap else ''}"
        is_gap = False
    picture = Element(
        "svg",
        {"class": "spark", "viewBox": f"0 0 {WIDTH:g} {HEIGHT:g}", "aria-hidden": "true"},
    )
    SubElement(picture, "path", {"class": "chart__line", "d": path})
    SubElement(
        picture,
        "circle",
        {"class": "chart__dot", "cx": f"{last[0]:.1f}", "cy": f"{last[1]:.1f}", "r": "3.5"},
    )
    return mark_safe(tostring(picture, encoding="unicode"))  # noqa: S308
