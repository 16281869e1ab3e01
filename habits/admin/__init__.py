"""The staff's view of habits, one module per idea."""

from . import habits

__all__ = ["habits"]
