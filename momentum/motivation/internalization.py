"""How much of a person's motivation is their own, as one number.

`50 + 50 * (autonomous - controlled) / total` over the shares of the kinds. Autonomous are identified,
integrated and intrinsic motivation, controlled external and introjected (Ryan and Connell 1989; the two sides
of the Treatment Self-Regulation Questionnaire). Amotivation stands with the controlled kinds here: in the
Relative Autonomy Index it has the most negative weight of all (-3; Markland and Tobin 2004), and left out of
both sides somebody without any motivation would get a middling 50.
"""

from collections.abc import Mapping

from momentum.models import MotivationType

AUTONOMOUS = frozenset(
    {MotivationType.IDENTIFIED, MotivationType.INTEGRATED, MotivationType.INTRINSIC}
)
CONTROLLED = frozenset(
    {MotivationType.AMOTIVATION, MotivationType.EXTERNAL, MotivationType.INTROJECTED}
)


def internalization(shares: Mapping[MotivationType, float]) -> float | None:
    """0 (all controlled, or none) to 100 (all one's own); `None` when no kind has a share."""
    own = sum(max(0.0, shares.get(kind, 0.0)) for kind in AUTONOMOUS)
    other = sum(max(0.0, shares.get(kind, 0.0)) for kind in CONTROLLED)
    total = own + other
    if total <= 0:
        return None
    return 50.0 + 50.0 * (own - other) / total
