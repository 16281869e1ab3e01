"""What the habits domain hands the coach. Found at start-up by `autodiscover_modules("coach")`."""

from . import progress, today

__all__ = ["progress", "today"]
