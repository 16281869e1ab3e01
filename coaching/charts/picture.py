"""Charts that stand alone, for messages, shares and other programs: as SVG with its colours in it, and as PNG.

On a page the colours come from the style sheet. A picture that leaves the house has none, so each mark is given
what its class means, on white paper: one picture for light and dark. The title, the legend and the sentence that
goes with the chart are part of it.
"""

from textwrap import wrap
from xml.etree.ElementTree import Element, SubElement, fromstring, tostring

from .drawing import Chart

WIDTH = 800
MARGIN = 32.0
INK, SOFT_INK, LINE, PAPER = "#18212f", "#535e70", "#dde2e8", "#ffffff"
FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
TITLE_SIZE, TEXT_SIZE = 26.0, 16.0
# So many letters of a sentence fit beside each other.
LETTERS = 96
HEADING = 64.0
LEGEND = 34.0
MOST_LINES = 3
SERIES_COLOURS = ("#3d6198", "#23694f", "#85530f", "#7a3e8e")
SERIES_DASHES = ("", "6 4", "2 4", "9 3 2 3")
_TEXT = {"fill": SOFT_INK, "font-size": "11", "font-family": FONT}
_LINE = {"fill": "none", "stroke-width": "2.5", "stroke-linecap": "round"}
# What the classes of a drawing mean on paper; the same as the style sheet says of the light theme.
ATTRIBUTES: dict[str, dict[str, str]] = {
    "chart__label": _TEXT,
    "chart__grid": {"stroke": LINE, "stroke-width": "1"},
    "chart__dot": {"fill": PAPER, "stroke": SERIES_COLOURS[0], "stroke-width": "2"},
    "chart__none": {"fill": "#edf0f3"},
    "chart__line": {**_LINE, "stroke-linejoin": "round", "stroke": SERIES_COLOURS[0]},
    "chart__bar": {"fill": SERIES_COLOURS[0]},
    "heat-none": {"fill": "none", "stroke": LINE},
    "heat-0": {"fill": "#e3e7ec"},
    "heat-1": {"fill": "#c3d5ee"},
    "heat-2": {"fill": "#93b2dd"},
    "heat-3": {"fill": "#6088c0"},
    "heat-4": {"fill": "#35588e"},
}
for _number, _colour in enumerate(SERIES_COLOURS, start=1):
    ATTRIBUTES[f"chart__bar--{_number}"] = {"fill": _colour}
    ATTRIBUTES[f"chart__line--{_number}"] = {"stroke": _colour}
    ATTRIBUTES[f"chart__dot--{_number}"] = {"stroke": _colour}
    if SERIES_DASHES[_number - 1]:
        ATTRIBUTES[f"chart__line--{_number}"]["stroke-dasharray"] = SERIES_DASHES[_number - 1]
# What only a pointer on a page can use.
NOT_ON_PAPER = "chart__hit"
SVG = "{http://www.w3.org/2000/svg}"


def standalone(chart: Chart, *, subtitle: str = "") -> str:
    """The chart as one SVG document that needs nothing else: title, `subtitle`, legend, drawing, sentence."""
    drawing = _on_paper(chart.svg)
    width, height = (float(part) for part in drawing.attrib["viewBox"].split()[2:])
    drawn_width = WIDTH - 2 * MARGIN
    drawn_height = height * drawn_width / width
    said = wrap(chart.summary, LETTERS)[:MOST_LINES]
    top = MARGIN + HEADING + (LEGEND if chart.legend else 0)
    tall = top + drawn_height + 28 + TEXT_SIZE * 1.5 * len(said) + MARGIN / 2
    page = Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {WIDTH} {tall:.0f}",
            "width": str(WIDTH),
            "height": f"{tall:.0f}",
            "role": "img",
        },
    )
    SubElement(page, "title").text = chart.title
    SubElement(page, "desc").text = chart.summary
    SubElement(page, "rect", {"width": "100%", "height": "100%", "fill": PAPER})
    _words(page, chart.title, MARGIN, MARGIN + 22, size=TITLE_SIZE, ink=INK, weight="bold")
    if subtitle:
        _words(page, subtitle, MARGIN, MARGIN + 48)
    _legend(page, chart.legend, MARGIN + HEADING)
    drawing.attrib |= {
        "x": f"{MARGIN:g}",
        "y": f"{top:g}",
        "width": f"{drawn_width:g}",
        "height": f"{drawn_height:g}",
    }
    page.append(drawing)
    for row, line in enumerate(said):
        y = top + drawn_height + 28 + TEXT_SIZE * 1.5 * row + TEXT_SIZE / 2
        _words(page, line, MARGIN, y)
    return tostring(page, encoding="unicode")


def png(chart: Chart, *, subtitle: str = "", scale: float = 1.0) -> bytes:
    """The same as a PNG, 800 pixels wide times `scale`. Takes some milliseconds: not for an event loop."""
    import vl_convert  # with its fonts 30 MB, so only where pictures are made

    picture: bytes = vl_convert.svg_to_png(standalone(chart, subtitle=subtitle), scale=scale)
    return picture


def _on_paper(svg: str) -> Element:
    """A drawing without classes and ids: every mark carries its colours itself."""
    drawing = fromstring(svg)  # noqa: S314 - drawn by us
    for name in ("role", "aria-labelledby"):
        drawing.attrib.pop(name, None)
    for parent in list(drawing.iter()):
        for mark in list(parent):
            kinds = mark.attrib.pop("class", "").split()
            if NOT_ON_PAPER in kinds or mark.tag in (f"{SVG}title", f"{SVG}desc"):
                parent.remove(mark)
                continue
            for kind in kinds:
                mark.attrib |= ATTRIBUTES.get(kind, {})
    for element in drawing.iter():
        element.tag = element.tag.removeprefix(SVG)
    return drawing


def _words(
    page: Element,
    text: str,
    x: float,
    y: float,
    *,
    size: float = TEXT_SIZE,
    ink: str = SOFT_INK,
    weight: str = "normal",
) -> None:
    SubElement(
        page,
        "text",
        {
            "x": f"{x:g}",
            "y": f"{y:g}",
            "fill": ink,
            "font-family": FONT,
            "font-size": f"{size:g}",
            "font-weight": weight,
        },
    ).text = text


def _legend(page: Element, names: list[str], y: float) -> None:
    """A piece of each line with its name; a name takes about half its size per letter."""
    x = MARGIN
    for number, name in enumerate(names, start=1):
        look = ATTRIBUTES["chart__line"] | ATTRIBUTES.get(f"chart__line--{number}", {})
        SubElement(page, "path", {**look, "d": f"M{x:g} {y + 10:g}h28"})
        _words(page, name, x + 36, y + 16)
        x += 36 + len(name) * TEXT_SIZE * 0.56 + 28
