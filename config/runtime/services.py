"""The stores a run needs: those named by DATABASE_URL and REDIS_URL, or embedded ones."""

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from config.runtime.postgres import EmbeddedPostgres
from config.runtime.redis import EmbeddedRedis


class Services:
    """PostgreSQL and Redis under `directory`, each only when `environment` does not name one already."""

    def __init__(
        self, directory: Path, environment: Mapping[str, str], *, durable: bool = True
    ) -> None:
        self._given = environment
        self.postgres: EmbeddedPostgres | None = None
        self.redis: EmbeddedRedis | None = None
        if not environment.get("DATABASE_URL"):
            self.postgres = EmbeddedPostgres(directory / "postgres", durable=durable)
        if not environment.get("REDIS_URL"):
            self.redis = EmbeddedRedis(directory / "redis", durable=durable)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start what is ours; nothing keeps running when one of them fails.

        Raises `StartupError` with a sentence.
        """
        try:
            if self.postgres is not None:
                self.postgres.start()
            if self.redis is not None:
                self.redis.start()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop what is ours."""
        if self.redis is not None:
            self.redis.stop()
        if self.postgres is not None:
            self.postgres.stop()

    def urls(self) -> dict[str, str]:
        """DATABASE_URL and REDIS_URL as the processes of the house need them."""
        return {
            "DATABASE_URL": self.postgres.url() if self.postgres else self._given["DATABASE_URL"],
            "REDIS_URL": self.redis.url() if self.redis else self._given["REDIS_URL"],
        }
