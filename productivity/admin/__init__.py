"""Tasks and what is derived from them, for staff."""

from . import tasks as tasks
