"""What of tasks counts as momentum."""

from coaching.toolkit import Gathering, Pillar, SignalKind, retraction, signal

_TASK = ("task",)
signal(
    "task.completed",
    kind=SignalKind.ACTION_STEP,
    pillar=Pillar.BEHAVIORAL,
    weight=1.0,
    subject=_TASK,
    words="a task done",
)
# Opened again is no evidence of anything; the ledger tells it of the moment it was said to be done.
retraction("task.reopened", kind=SignalKind.ACTION_STEP, subject=_TASK)
# As with habits: planning is thinking ahead, and twice a day is enough.
for _planned in ("task.created", "task.planned"):
    signal(
        _planned,
        kind=SignalKind.PLANNING,
        pillar=Pillar.COGNITIVE,
        weight=0.5,
        saturation=2,
        gathering=Gathering.COUNT,
        words="a change of plans",
    )
