"""What the habits domain hands the coach. Found at start-up by `autodiscover_modules("coach")`."""

from . import plans, progress, tiles, today

__all__ = ["plans", "progress", "tiles", "today"]
