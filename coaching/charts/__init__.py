"""Charts drawn on the server: accessible SVG with the same numbers as a table beside it."""

from .drawing import Chart, ChartKind, draw
from .picture import png, standalone
from .spark import spark

__all__ = ["Chart", "ChartKind", "draw", "png", "spark", "standalone"]
