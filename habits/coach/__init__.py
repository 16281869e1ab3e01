"""What the habits domain hands the coach. Found at start-up by `autodiscover_modules("coach")`."""

from . import (
    behavior,
    briefs,
    busy,
    changes,
    food,
    known,
    metrics,
    names,
    needs,
    plans,
    progress,
    tiles,
    today,
)

__all__ = [
    "behavior",
    "briefs",
    "busy",
    "changes",
    "food",
    "known",
    "metrics",
    "names",
    "needs",
    "plans",
    "progress",
    "tiles",
    "today",
]
