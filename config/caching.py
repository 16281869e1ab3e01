"""One Redis connection pool per process for Django's cache.

Under ASGI Django makes a new cache object, and with it a new pool and a new TCP connection, for every
request. Handing out one pool per URL keeps the connections.
"""

from threading import Lock
from typing import Any

from redis import ConnectionPool

_pools: dict[str, "SharedConnectionPool"] = {}
_lock = Lock()


class SharedConnectionPool(ConnectionPool):
    """A connection pool that exists once per URL in a process."""

    @classmethod
    def from_url(cls, url: str, **kwargs: Any) -> "SharedConnectionPool":
        with _lock:
            if url not in _pools:
                _pools[url] = super().from_url(url, **kwargs)
            return _pools[url]
