"""The staff's view of momentum, one module per idea."""

from . import backfills, biometrics, motivation, outcomes, scores, scoring_versions

__all__ = ["backfills", "biometrics", "motivation", "outcomes", "scores", "scoring_versions"]
