"""What the habits domain hands the coach. Found at start-up by `autodiscover_modules("coach")`."""

from . import briefs, changes, metrics, needs, plans, progress, tiles, today

__all__ = ["briefs", "changes", "metrics", "needs", "plans", "progress", "tiles", "today"]
