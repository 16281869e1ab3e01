"""The staff's view of the coach, one module per idea."""

from . import consultations, conversations, costs, experiments, outreach, people, safety

__all__ = ["consultations", "conversations", "costs", "experiments", "outreach", "people", "safety"]
