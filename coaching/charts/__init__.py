"""Charts drawn on the server: accessible SVG with the same numbers as a table beside it."""

from .drawing import Chart, ChartKind, draw

__all__ = ["Chart", "ChartKind", "draw"]
