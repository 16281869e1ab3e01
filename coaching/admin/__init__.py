"""The staff's view of the coach, one module per idea."""

from . import conversations, costs, experiments, outreach, people, safety

__all__ = ["conversations", "costs", "experiments", "outreach", "people", "safety"]
