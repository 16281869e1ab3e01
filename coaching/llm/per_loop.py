"""Things that belong to an event loop: its tasks cannot be carried to another."""

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

Thing = TypeVar("Thing")


class PerLoop(Generic[Thing]):
    """One thing per running event loop, made when first asked for."""

    def __init__(self, make: Callable[[], Thing]) -> None:
        self._make = make
        self._things: dict[asyncio.AbstractEventLoop, Thing] = {}

    def get(self) -> Thing:
        """The thing of the running loop; raises `RuntimeError` outside of one."""
        loop = asyncio.get_running_loop()
        thing = self._things.get(loop)
        if thing is None:
            # Weak keys would not do: a thing with tasks holds on to its loop.
            for other in [other for other in self._things if other.is_closed()]:
                del self._things[other]
            thing = self._things[loop] = self._make()
        return thing
