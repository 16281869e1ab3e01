"""The one event that momentum makes itself: how much was done of all that a day asked for."""

from coaching.toolkit import Normalizer, Pillar, SignalKind, signal
from momentum.scoring.closing import DAY_CLOSED

signal(
    DAY_CLOSED,
    kind=SignalKind.ACTION_STEP,
    pillar=Pillar.BEHAVIORAL,
    weight=1.0,
    normalizer=Normalizer.LINEAR,
    parameters={"low": 0.0, "high": 100.0},
    value="percent",
    is_summary=True,
)
