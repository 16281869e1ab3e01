"""The numbers of experiments that are our own choice, with their meaning and unit."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ExperimentNumbers:
    """Thresholds of analysis and monitoring (ours).

    confidence: of the intervals shown. power: the odds at which a true difference should be found, for the
    number of people needed. guardrail_error: the odds that an experiment without any harm is ever stopped
    by its guardrails, over all of them and all looks. sharpest_at: people measured in both groups together
    at which the always-valid interval is tightest. enough_people: measured per variant before anything is
    concluded or stopped. enough_to_show: measured per variant before a value is shown, so that none is one
    person's own. guardrail_days: how long after the exposure a guardrail metric is measured, in
    days; shorter than most outcomes, so that harm shows early. mismatch_below: p-value under which the
    shares of the variants are no longer chance. batch: people measured in one transaction.
    """

    confidence: float = 0.95
    power: float = 0.8
    guardrail_error: float = 0.05
    sharpest_at: int = 400
    enough_people: int = 30
    enough_to_show: int = 5
    guardrail_days: int = 7
    mismatch_below: float = 0.001
    batch: int = 500


NUMBERS = ExperimentNumbers()
