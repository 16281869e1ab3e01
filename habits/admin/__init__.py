"""The staff's view of habits, one module per idea."""

from . import catalogue, habits, plans

__all__ = ["catalogue", "habits", "plans"]
