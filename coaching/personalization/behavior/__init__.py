"""What people do, measured over a month of their own days, for everybody of a range at once."""

from .metrics import BehavioralMetrics, FailurePattern
from .tracker import BehavioralTracker

__all__ = ["BehavioralMetrics", "BehavioralTracker", "FailurePattern"]
