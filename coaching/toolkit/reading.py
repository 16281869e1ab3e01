"""Reading once per answer: parts that several apps or tiles declare often rest on the same rows."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")
_read: ContextVar[dict[Any, Any] | None] = ContextVar("read_for_this_answer", default=None)


@contextmanager
def one_answer() -> Iterator[None]:
    """Until the block ends, functions marked `read_once` read only once for the same arguments.

    For reading alone: what is written within the block is not seen by what was read before.
    """
    token = _read.set({})
    try:
        yield
    finally:
        _read.reset(token)


def read_once(function: Callable[P, R]) -> Callable[P, R]:
    """Keeps what `function` read (hashable arguments) until the surrounding `one_answer` ends."""

    @wraps(function)
    def reading(*args: P.args, **kwargs: P.kwargs) -> R:
        known = _read.get()
        if known is None:
            return function(*args, **kwargs)
        key = (function, args, tuple(sorted(kwargs.items())))
        if key not in known:
            known[key] = function(*args, **kwargs)
        found: R = known[key]
        return found

    return reading
