"""What the coach may know of how somebody goes about tasks: in kind words, with what they rest on, without a score."""

from datetime import datetime, timedelta

from accounts.models import User
from coaching.toolkit import Known, known_field, read_once
from productivity.features import telling
from productivity.features.current import snapshot_of
from productivity.features.formulas import IDLE, LAST_MOMENT, LATE, PUT_OFF
from productivity.features.numbers import NUMBERS
from productivity.models import FeatureSnapshot

# Ours: tasks at which this is as sure as it gets, and from which share on something is worth a word.
SURE_TASKS, SURELY = 60, 0.9
WORTH_A_WORD = 0.3
# Ours: a snapshot this old is not spoken of any more.
STALE = timedelta(days=14)
HINTS = {
    LATE: "Due moments of tasks often pass; smaller steps or later dates may fit better.",
    PUT_OFF: "Tasks are often put off; the first step may be too large or unclear.",
    LAST_MOMENT: "Much gets done close to its due moment; an earlier slot may take the pressure off.",
    IDLE: "There are quiet stretches while things are open; a small restart helps more than a plan.",
}


@known_field("productivity.peak_productivity_times", title="When tasks get done")
def when_tasks_get_done(user: User, now: datetime) -> Known | None:
    """The three hours of the day in which most tasks get done."""
    row = _fresh(user, now)
    times = telling.best_times(row.rhythm) if row else []
    if row is None or not times:
        return None
    first, last, share = times[0]
    done = sum(map(sum, row.rhythm))
    return Known(
        {"from": first, "until": last},
        f"Gets most tasks done between {first}:00 and {last}:00.",
        (f"{share:.0%} of {done} tasks done in {NUMBERS.window_days} days",),
        _sure(done),
    )


@known_field("productivity.struggle_patterns", title="What is hard about tasks")
def what_is_hard_about_tasks(user: User, now: datetime) -> Known | None:
    """What stands out most, as a hint for what helps; nothing while nothing stands out or it is early to say."""
    row = _fresh(user, now)
    if row is None or row.procrastination_score is None:
        return None
    told = [
        part
        for part in telling.parts_of(row)
        if part.key in HINTS and (part.share or 0) >= WORTH_A_WORD
    ]
    if not told:
        return None
    most = max(told, key=lambda part: part.share or 0)
    return Known([most.key], HINTS[most.key], (most.words,), _sure(row.tasks_seen))


@read_once
def _fresh(user: User, now: datetime) -> FeatureSnapshot | None:
    row = snapshot_of(user)
    return row if row is not None and row.date >= (now - STALE).date() else None


def _sure(tasks: int) -> float:
    return round(min(SURELY, 0.3 + 0.6 * tasks / SURE_TASKS), 2)
