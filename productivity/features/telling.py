"""The measures in words for the person: what they rest on, what they cannot say yet, and never a verdict."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from coaching.charts import Chart, ChartKind
from coaching.charts.canvas import Canvas
from productivity.models import FeatureSnapshot

from .formulas import IDLE, LAST_MOMENT, LATE, OVERDUE_TIME, PUT_OFF
from .groups import MEANINGS
from .numbers import NUMBERS

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
TITLES = {
    LATE: "Due moments that passed",
    PUT_OFF: "Putting off",
    OVERDUE_TIME: "How long past due",
    LAST_MOMENT: "At the last moment",
    IDLE: "Quiet stretches",
}
CELL, GAP, LEFT, TOP = 13.0, 2.0, 34.0, 18.0
STEPS = 4


@dataclass(frozen=True, slots=True)
class ToldPart:
    """A part of the score: its title, what was seen, and how much of the whole it makes (percent)."""

    key: str
    title: str
    words: str
    share: float | None
    weight: int


@dataclass(frozen=True, slots=True)
class Missing:
    """What is still needed before there is a score."""

    tasks: int
    due: int

    @property
    def words(self) -> str:
        needs = []
        if self.tasks:
            needs.append(f"{_many(self.tasks, 'more task')}")
        if self.due:
            needs.append(
                f"{_many(self.due, 'more task')} with a due date that is done or has passed"
            )
        return f"It takes {' and '.join(needs)} to say something that holds." if needs else ""


def missing_of(snapshot: FeatureSnapshot | None) -> Missing:
    """How many tasks are missing until the score can be told."""
    tasks = snapshot.tasks_seen if snapshot else 0
    due = snapshot.score_parts.get("due_decided", 0) if snapshot else 0
    return Missing(max(0, NUMBERS.fewest_tasks - tasks), max(0, NUMBERS.fewest_due - due))


def parts_of(snapshot: FeatureSnapshot) -> list[ToldPart]:
    """The parts of the score with their evidence, as they weigh."""
    parts = snapshot.score_parts.get("parts", [])
    whole = sum(part["weight"] for part in parts if part["share"] is not None) or 1.0
    return [
        ToldPart(
            part["key"],
            TITLES[part["key"]],
            _words(part, snapshot),
            part["share"],
            round(100 * part["weight"] / whole) if part["share"] is not None else 0,
        )
        for part in parts
        if part["key"] in TITLES
    ]


def since_of(snapshot: FeatureSnapshot) -> datetime | None:
    """The first moment the measures rest on."""
    written = snapshot.score_parts.get("since")
    return datetime.fromisoformat(written) if written else None


def _words(part: dict[str, Any], snapshot: FeatureSnapshot) -> str:
    key, total, of = part["key"], part["total"], part["of"]
    if part["share"] is None:
        return "Nothing to go by yet."
    if key == LATE:
        return f"{total:.0f} of {_many(round(of), 'due moment')} passed before the task was done."
    if key == PUT_OFF:
        if not total:
            return f"None of {_many(round(of), 'task')} was snoozed or moved to later."
        return (
            f"Over {_many(round(of), 'task')}, a snooze or a later date came up about {total * 3 / of:.1f} times each "
            f"(counted up to {NUMBERS.most_put_offs})."
        )
    if key == OVERDUE_TIME:
        hours = snapshot.completion_vs_due_hours
        if hours is None:
            return "How long things stay open once their due moment has passed."
        if hours <= 0:
            return f"Half of what was due was done {_span(-hours)} before its moment, or earlier."
        return f"Half of what was due was done {_span(hours)} after its moment, or later."
    if key == LAST_MOMENT:
        return f"{total:.0f} of {_many(round(of), 'task')} done in time were done in the last tenth of it."
    days = snapshot.inactivity_days
    longest = f" The longest without a change was {_span(days * 24)}." if days is not None else ""
    return f"Stretches of more than {NUMBERS.idle_after_days:.0f} days while something was open.{longest}"


def _span(hours: float) -> str:
    if hours < 1.5:
        return "an hour"
    return f"{hours:.0f} hours" if hours < 48 else f"{hours / 24:.0f} days"


def _many(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def group_words(snapshot: FeatureSnapshot) -> str:
    """What the person's group means; empty without one."""
    if not snapshot.cluster_label:
        return ""
    return MEANINGS.get(snapshot.cluster_label, "Something of everything; no habit stands out.")


# --- Rhythm -------------------------------------------------------------------------------------
def best_times(rhythm: Sequence[Sequence[int]], fewest: int = 10) -> list[tuple[int, int, float]]:
    """The stretches of three hours (first hour, last hour, share) in which most gets done; none below `fewest`."""
    by_hour = [sum(day[hour] for day in rhythm) for hour in range(24)] if rhythm else [0] * 24
    whole = sum(by_hour)
    if whole < fewest:
        return []
    spans = [(sum(by_hour[at : at + 3]) / whole, at) for at in range(22)]
    share, first = max(spans, key=lambda span: (span[0], -span[1]))
    return [(first, first + 3, share)]


def rhythm_chart(rhythm: Sequence[Sequence[int]]) -> Chart | None:
    """When things get done, by weekday and hour, as a picture and as a table; nothing without any."""
    if not rhythm or not any(map(sum, rhythm)):
        return None
    title = "When you get things done"
    times = best_times(rhythm, fewest=1)
    first, last, share = times[0]
    summary = f"Most between {first}:00 and {last}:00: {share:.0%} of what was done."
    width, height = LEFT + 24 * (CELL + GAP), TOP + 7 * (CELL + GAP)
    canvas = Canvas(width, height, title=title, description=summary, key="rhythm")
    most = max(map(max, rhythm))
    for hour in range(0, 24, 6):
        canvas.words(f"{hour}:00", LEFT + hour * (CELL + GAP), 12)
    for weekday, day in enumerate(rhythm):
        y = TOP + weekday * (CELL + GAP)
        canvas.words(WEEKDAYS[weekday], 0, y + 11)
        for hour, many in enumerate(day):
            step = -(-many * STEPS // most)
            label = f"{WEEKDAYS[weekday]} {hour}:00: {many} done"
            x = LEFT + hour * (CELL + GAP)
            canvas.mark("rect", f"heat-{step}", label, x=x, y=y, width=CELL, height=CELL, rx=3.0)
    rows = [
        [f"{hour}:00", *(str(day[hour]) for day in rhythm)]
        for hour in range(24)
        if any(day[hour] for day in rhythm)
    ]
    return Chart(ChartKind.HEATMAP, title, canvas.markup(), summary, ["Hour", *WEEKDAYS], rows, [])
