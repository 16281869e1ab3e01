"""Tasks and what is derived from them, for staff."""

from . import features as features
from . import nudging as nudging
from . import scheduling as scheduling
from . import tasks as tasks
