"""The staff's view of momentum, one module per idea."""

from . import biometrics, motivation, outcomes, scores

__all__ = ["biometrics", "motivation", "outcomes", "scores"]
