"""What habits tell about a person right now, what counts as momentum, and what can be drawn."""

from collections.abc import Iterable
from datetime import date, datetime

from accounts.day import local_day
from accounts.models import User
from coaching.toolkit import (
    Gathering,
    Normalizer,
    Pillar,
    Series,
    SeriesPoint,
    SignalKind,
    context_block,
    data_source,
    retraction,
    signal,
)
from habits import progress
from habits.cadence import cadence_of
from habits.evidence import marks_of
from habits.models import Habit
from habits.overview import HeatCell, heat, overview
from habits.streaks import occasions_of, with_freezes
from habits.strength import curve

MOST_LINES = 12
SERIES_SHOWN = 5

# --- Momentum: what was done counts. It is the only kind of its pillar, so its weight compares with nothing.
_OCCASION = ("habit", "ordinal")
signal(
    "habit.completed",
    kind=SignalKind.ACTION_STEP,
    pillar=Pillar.BEHAVIORAL,
    weight=1.0,
    subject=_OCCASION,
    words="done",
)
# As far as it went: three of five kilometres are three fifths.
signal(
    "habit.partial",
    kind=SignalKind.ACTION_STEP,
    pillar=Pillar.BEHAVIORAL,
    weight=1.0,
    normalizer=Normalizer.LINEAR,
    parameters={"low": 0.0, "high": 1.0},
    value="credit",
    subject=_OCCASION,
    words="partly done",
)
# Told to be missed: evidence, of nothing.
signal(
    "habit.missed",
    kind=SignalKind.ACTION_STEP,
    pillar=Pillar.BEHAVIORAL,
    weight=1.0,
    normalizer=Normalizer.LINEAR,
    parameters={"low": 1.0, "high": 2.0},
    subject=_OCCASION,
    words="not this time",
)
# A skip on purpose neither strengthens nor weakens, so it is no evidence.
retraction("habit.skipped", kind=SignalKind.ACTION_STEP, subject=_OCCASION)
retraction("habit.undone", kind=SignalKind.ACTION_STEP, subject=_OCCASION)
# Planning is thinking ahead: half of what people say of their motivation, and twice a day is enough.
for _planned in ("habit.created", "habit.edited", "habit.change_accepted"):
    signal(
        _planned,
        kind=SignalKind.PLANNING,
        pillar=Pillar.COGNITIVE,
        weight=0.5,
        saturation=2,
        gathering=Gathering.COUNT,
        words="a change of plans",
    )


@context_block("habits.today", title="Habits", priority=20, tokens=220)
def habits_today(user: User, now: datetime) -> Iterable[str]:
    """What today asks for, what was done of it, streaks, what is hard, and the goals."""
    shown = overview(user, local_day(user, now))
    if not shown.views:
        yield "No habits yet."
    for goal in shown.goals[:3]:
        until = f", by {goal.deadline.isoformat()}" if goal.deadline else ""
        yield f"Goal: {goal.text} ({goal.category}{until})"
    if shown.due:
        yield f"Today {shown.done} of {shown.asked} done."
    asked = [(view, view.told.status if view.told else "open") for view in shown.due]
    others = [(view, "not asked today") for view in shown.others]
    lines = [*asked, *others]
    for view, state in lines[:MOST_LINES]:
        week = f", {view.week.in_words()}" if view.week else ""
        run = view.standing.streak_in_words()
        yield (
            f"- {view.habit.name} ({view.cadence_words}): {state}{week}, "
            f"strength {view.standing.percent}%{', ' + run if run else ''}"
        )
    if len(lines) > MOST_LINES:
        yield f"and {len(lines) - MOST_LINES} more"
    if shown.resting:
        yield "Resting: " + ", ".join(view.habit.name for view in shown.resting[:5])
    if shown.planned:
        yield "Coming in a later phase: " + ", ".join(v.habit.name for v in shown.planned[:5])


@context_block("habits.struggling", title="A struggle", priority=40, tokens=60)
def struggling_habit(user: User, now: datetime) -> Iterable[str]:
    """The habit that finds it hardest, with its figures, when there is one."""
    found = progress.analyze(user, "30d").struggling
    if found is not None:
        yield (
            f"{found.habit.name}: {found.tally.done} of {found.tally.asked} in 30 days. "
            "A smaller version may help; no blame."
        )


@data_source(
    "habits.completions",
    title="Habits done",
    cues=("completions", "habits done", "habits", "progress", "consistency", "done", "heatmap"),
)
def completion_series(user: User, first: date, last: date) -> list[Series]:
    """Per day, the share done of what the day asked for, over all running habits."""
    habits = _running(user)
    marks = marks_of(habits, since=first)
    cells = heat([(cadence_of(habit), marks[habit.pk]) for habit in habits], first, last)
    today = local_day(user)
    points = [_share(cell, is_open=cell.day >= today) for cell in cells]
    return [Series("Habits done", points)]


def _share(cell: HeatCell, *, is_open: bool) -> SeriesPoint:
    """A day's share; a day that still runs has none before all of it is done: nothing was missed yet."""
    if not cell.asked:
        return SeriesPoint(cell.day, None, "none asked")
    if is_open and cell.done < cell.asked:
        return SeriesPoint(cell.day, None, f"{cell.done} of {cell.asked} so far")
    return SeriesPoint(cell.day, cell.share, f"{cell.done} of {cell.asked}")


@data_source(
    "habits.strength",
    title="Habit strength",
    cues=("strength", "habit strength", "how strong", "trend"),
)
def strength_series(user: User, first: date, last: date) -> list[Series]:
    """Per day, the strength of each running habit: the strongest few."""
    habits = _running(user)
    marks = marks_of(habits)
    found = []
    for habit in habits:
        cadence = cadence_of(habit)
        by_day = curve(cadence, marks[habit.pk], last)
        points = []
        for offset in range((last - first).days + 1):
            day = date.fromordinal(first.toordinal() + offset)
            index = (day - cadence.starts_on).days
            value = by_day[min(index, len(by_day) - 1)] if index >= 0 and by_day else None
            label = "not begun" if value is None else f"{round(value * 100)}%"
            points.append(SeriesPoint(day, value, label))
        found.append(Series(habit.name, points))
    return _strongest(found)


@data_source("habits.streaks", title="Streaks", cues=("streak", "streaks", "in a row", "run"))
def streak_series(user: User, first: date, last: date) -> list[Series]:
    """Per day, how many occasions in a row each running habit stood at."""
    habits = _running(user)
    marks = marks_of(habits)
    found = []
    for habit in habits:
        cadence = cadence_of(habit)
        occasions, _, _ = with_freezes(
            occasions_of(cadence, marks[habit.pk], cadence.starts_on, last)
        )
        standing_at: dict[date, int] = {}
        run = 0
        for occasion in occasions:
            run = {"kept": run + 1, "missed": 0}.get(occasion.outcome.value, run)
            standing_at[occasion.days.starts_on] = run
        points = []
        current = 0
        for ordinal in range(min(cadence.starts_on, first).toordinal() - 6, last.toordinal() + 1):
            day = date.fromordinal(ordinal)
            current = standing_at.get(day, current)
            if day >= first:
                begun = day >= cadence.starts_on
                points.append(
                    SeriesPoint(
                        day,
                        float(current) if begun else None,
                        f"{current} in a row" if begun else "not begun",
                    )
                )
        top = max([point.value or 0 for point in points], default=0)
        found.append(Series(habit.name, points, high=max(1.0, top), unit="in a row"))
    return _strongest(found)


def _running(user: User) -> list[Habit]:
    return list(Habit.objects.for_user(user).current().prefetch_related("pauses").in_order())


def _strongest(series: list[Series]) -> list[Series]:
    """More lines than this cannot be read apart."""

    def last_value(each: Series) -> float:
        return (each.points[-1].value or 0.0) if each.points else 0.0

    return sorted(series, key=last_value, reverse=True)[:SERIES_SHOWN]
