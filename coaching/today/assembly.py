"""Which tiles a person sees now."""

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.models import User
from coaching.ledger import record
from coaching.toolkit import TodayTile, tiles_in_order

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class FilledTile:
    """A tile with what it shows."""

    tile: TodayTile
    context: dict[str, Any]


def tiles_for(user: User, now: datetime) -> list[FilledTile]:
    """The tiles that have something to show, in their order.

    A tile that fails is left out and logged: one domain's trouble must not take the page away.
    """
    filled = [fill(tile, user, now) for tile in tiles_in_order()]
    return [each for each in filled if each is not None]


def fill(tile: TodayTile, user: User, now: datetime) -> FilledTile | None:
    """The tile with what it shows now; nothing when it has nothing to show, or failed."""
    try:
        context = tile.context(user, now)
    except Exception:
        logger.exception("tile_failed key=%s", tile.key)
        return None
    return None if context is None else FilledTile(tile, context)


def note_tap(user: User, tile_key: str, token: str) -> None:
    """Tells the ledger that the person used a tile; the same `token` counts once."""
    record(
        user,
        "today_tile.tapped",
        raw_data={"tile": tile_key},
        source="web",
        idempotency_key=f"tap:{tile_key}:{token}",
    )


def note_view(user: User, tile_key: str, token: str) -> None:
    """Tells the ledger that the person scrolled to a tile and stayed; the same `token` counts once."""
    record(
        user,
        "today_tile.seen",
        raw_data={"tile": tile_key},
        source="web",
        idempotency_key=f"view:{tile_key}:{token}",
    )
