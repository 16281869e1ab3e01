"""The line about momentum that the coach always has at hand."""

from collections.abc import Iterable
from datetime import datetime

from accounts.models import User
from coaching.toolkit import context_block
from momentum.standing import Gap, standing_of


@context_block("momentum.today", title="Momentum", priority=35, tokens=60)
def momentum_today(user: User, now: datetime) -> Iterable[str]:
    """The score with its direction, the weakest pillar, and what moved it most."""
    standing = standing_of(user, now)
    if standing.gap is not None or standing.overall is None:
        if standing.gap is Gap.TOO_LONG_AGO:
            yield "No momentum score now: nothing fresh to go by."
        return
    yield f"Momentum {standing.overall:.0f} of 100, {standing.state.lower()}."
    scored = [pillar for pillar in standing.pillars if pillar.score is not None]
    yield ", ".join(f"{pillar.title} {pillar.score:.0f}" for pillar in scored) + "."
    if standing.movers:
        mover = standing.movers[0]
        yield f"Moved most by {mover.title.lower()} ({mover.points:+.1f})."
