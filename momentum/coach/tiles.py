"""The tile of momentum on the Today page."""

from datetime import datetime, timedelta
from typing import Any

from accounts.models import User
from coaching.charts import spark
from coaching.toolkit import today_tile
from momentum.standing import Gap, Standing, history, standing_of

KEY = "momentum.score"
SPARK_DAYS = 14


@today_tile(KEY, template="momentum/tiles/score.html", order=15)
def score_tile(user: User, now: datetime) -> dict[str, Any] | None:
    """Score, direction and what moved it; nothing for somebody who does not want to be tracked."""
    standing = standing_of(user, now)
    if standing.gap is Gap.NO_CONSENT:
        return None
    return {
        "standing": standing,
        "spark": _spark(user, standing),
        "announcement": _announcement(standing),
    }


def _spark(user: User, standing: Standing) -> str:
    if standing.gap is not None:
        return ""
    first = standing.today - timedelta(days=SPARK_DAYS - 1)
    known = {row.date: row.overall_score for row in history(user, first, standing.today)}
    return spark([known.get(first + timedelta(days=at)) for at in range(SPARK_DAYS)])


def _announcement(standing: Standing) -> str:
    """What is said aloud when the tile changes."""
    if standing.overall is None:
        return ""
    return f"Momentum is now {standing.overall:.0f}, {standing.state.lower()}."
