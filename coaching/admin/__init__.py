"""The staff's view of the coach, one module per idea."""

from . import conversations, costs, outreach, people, safety

__all__ = ["conversations", "costs", "outreach", "people", "safety"]
