"""What the coach was told about a person, kept for a while, and thrown away at once when it changed.

Each person has a version. The context is stored under the version that held before it was read from
the database, so that a change which commits in the meantime makes the stored one unreachable. Several
parts can be kept under one version; parts that are dear to build are kept longer.
"""

import logging
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.core.cache import cache
from django.db import transaction
from redis.exceptions import RedisError

KEEP = timedelta(seconds=60)
# The parts that are kept.
ABOUT, PICTURE = "about", "picture"
# As long as the part that is kept longest: a version that went would make it unreachable.
VERSION_KEEP_SECONDS = 6 * 3600
logger = logging.getLogger(__name__)


def invalidate(user_id: UUID) -> None:
    """Forgets the person's context once the surrounding transaction has committed."""
    transaction.on_commit(lambda: _new_version(user_id), robust=True)


def erase(user_id: UUID) -> None:
    """Leaves nothing of the person in the cache once the surrounding transaction has committed."""
    transaction.on_commit(lambda: _erase(user_id), robust=True)


def _erase(user_id: UUID) -> None:
    try:
        cache.delete_many(
            [_version_key(user_id), *(_key(user_id, part) for part in (ABOUT, PICTURE))]
        )
    except (RedisError, OSError) as error:
        logger.warning("context_cache_unreachable reason=%s", error)


def read(user_id: UUID, part: str = ABOUT) -> tuple[Any | None, str]:
    """The stored `part` of the context, if it is fresh, and the version under which a new one is to be stored.

    Without the cache nothing is found, and an empty version says that nothing can be stored.
    """
    try:
        found = cache.get_many([_version_key(user_id), _key(user_id, part)])
        version = found.get(_version_key(user_id)) or _first_version(user_id)
    except (RedisError, OSError) as error:
        logger.warning("context_cache_unreachable reason=%s", error)
        return None, ""
    stored = found.get(_key(user_id, part))
    if stored is None or stored[0] != version:
        return None, version
    return stored[1], version


def version_of(user_id: UUID) -> str:
    """The person's version now; empty without the cache."""
    try:
        return cache.get(_version_key(user_id)) or _first_version(user_id)
    except (RedisError, OSError) as error:
        logger.warning("context_cache_unreachable reason=%s", error)
        return ""


def store(
    user_id: UUID, version: str, context: Any, *, part: str = ABOUT, keep: timedelta = KEEP
) -> None:
    """Keeps `context` as what held under `version`."""
    if not version:
        return
    try:
        cache.set(_key(user_id, part), (version, context), keep.total_seconds())
    except (RedisError, OSError) as error:
        logger.warning("context_cache_unreachable reason=%s", error)


def _first_version(user_id: UUID) -> str:
    version = uuid4().hex
    cache.add(_version_key(user_id), version, VERSION_KEEP_SECONDS)
    return str(cache.get(_version_key(user_id), version))


def _new_version(user_id: UUID) -> None:
    try:
        cache.set(_version_key(user_id), uuid4().hex, VERSION_KEEP_SECONDS)
    except (RedisError, OSError) as error:
        logger.warning("context_cache_unreachable reason=%s", error)


def _version_key(user_id: UUID) -> str:
    return f"coach-context-version:{user_id.hex}"


def _key(user_id: UUID, part: str) -> str:
    return f"coach-context:{part}:{user_id.hex}"
