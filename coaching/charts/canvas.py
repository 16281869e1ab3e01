"""Building SVG: elements with classes instead of styles, so that themes and high contrast reach every mark."""

from xml.etree.ElementTree import Element, SubElement, tostring

from django.utils.safestring import SafeString, mark_safe


class Canvas:
    """An SVG picture of `width` by `height` units with a title and a description that are read out."""

    def __init__(
        self, width: float, height: float, *, title: str, description: str, key: str
    ) -> None:
        self.width, self.height = width, height
        self.root = Element(
            "svg",
            {
                "viewBox": f"0 0 {width:g} {height:g}",
                "xmlns": "http://www.w3.org/2000/svg",
                "role": "img",
                "aria-labelledby": f"{key}-title {key}-description",
            },
        )
        SubElement(self.root, "title", {"id": f"{key}-title"}).text = title
        SubElement(self.root, "desc", {"id": f"{key}-description"}).text = description

    def mark(self, tag: str, kind: str, label: str = "", **attributes: float | str) -> Element:
        """Adds an element of class `kind`; `label` shows under the pointer."""
        named = {
            name.replace("_", "-"): f"{value:.2f}".rstrip("0").rstrip(".")
            if isinstance(value, float)
            else str(value)
            for name, value in attributes.items()
        }
        element = SubElement(self.root, tag, {"class": kind, **named})
        if label:
            SubElement(element, "title").text = label
        return element

    def words(self, text: str, x: float, y: float, *, anchor: str = "start") -> None:
        """Adds a label whose `anchor` (start, middle, end) stands at (x, y)."""
        self.mark("text", "chart__label", x=x, y=y, text_anchor=anchor).text = text

    def markup(self) -> SafeString:
        """The picture as HTML. Texts were escaped by the serializer."""
        return mark_safe(tostring(self.root, encoding="unicode"))  # noqa: S308
