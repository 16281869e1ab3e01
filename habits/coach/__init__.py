"""What the habits domain hands the coach. Found at start-up by `autodiscover_modules("coach")`."""

from . import changes, plans, progress, tiles, today

__all__ = ["changes", "plans", "progress", "tiles", "today"]
