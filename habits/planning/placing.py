"""One habit's place in a phase: its days, its minutes, its first day, its cue and its words."""

import re
from math import ceil

from habits.catalogue.schema import Cadence, DayTime, HabitEntry, PlaybookHabit, PlaybookPhase
from habits.goals import fill

from . import pacing
from .config import CONFIG
from .cues import cue_for, trigger
from .draft import PlanHabit
from .work import Work, instead_of

FIXED_TIME_TAGS = {"sleep", "morning", "food", "screen", "preparation", "inbox", "alcohol", "money"}


def place(
    work: Work,
    phase: PlaybookPhase,
    part: PlaybookHabit,
    entry: HabitEntry,
    before: PlanHabit | None,
    number: int,
    weeks: int,
    first_day: int,
) -> PlanHabit | None:
    """The habit with its days, size and introduction; `None` when it does not fit."""
    is_swap = entry.slug != part.habit
    cadence = part.cadence or getattr(entry.cadence, phase.stage)
    size_name = part.size
    if work.inputs.difficulty == "challenging" and phase.stage == "optimization" and not part.steps:
        size_name = "stretch" if part.minutes is None else size_name
    if is_swap and part.role == "anchor" and phase.stage == "optimization":
        size_name = "stretch"
    size = entry.sizes.named(size_name)
    budget = work.inputs.minutes_per_day
    wanted = size.minutes if part.minutes is None or is_swap else part.minutes
    asked = wanted
    lines: list[str] = []
    if part.steps and not is_swap:
        lines, wanted = pacing.weekly(part.steps, weeks, budget)
        asked = wanted
    wanted = min(wanted, budget)
    is_new = before is None
    replacing = [key for key in (instead_of(work, k) for k in part.replaces) if key]
    is_upgrade = bool(replacing) and part.role == "anchor"

    day = 1
    if is_new and not is_upgrade:
        slot = _introduction(work, weeks, first_day)
        if slot is None and part.role != "anchor":
            if number < len(work.playbook.phases):
                work.postponed.append(part)
            else:
                work.no_slot.append(entry.name)
            return None
        if slot is None:  # the goal needs it: as late in this phase as keeps the distance
            spacing = dict(CONFIG.spacing_days)[work.inputs.difficulty]
            slot = min(7 * weeks, work.last_introduction + spacing - first_day + 1)
        day = slot

    placed = _place(work, part, entry, cadence, wanted, asked, before, is_training=bool(lines))
    if placed is None:
        if before is None:
            work.left_out.append(entry.name)
        return None
    days, minutes, tiny = placed
    if tiny and before is not None and before.minutes > minutes:
        return None  # it does not grow, but it does not shrink either
    if lines and minutes < wanted:
        lines, _ = pacing.weekly(part.steps, weeks, minutes)
    if is_new and not is_upgrade:
        absolute = first_day + day - 1
        work.at_that_day = work.at_that_day + 1 if absolute == work.last_introduction else 1
        work.last_introduction = absolute
    if tiny:
        size, size_name = entry.sizes.two_minute, "two_minute"
    elif minutes < size.minutes and not lines and part.minutes is None:
        size_name = "regular"
    words = work.analysis.words
    said = asked if part.do and not is_swap else size.minutes
    do = fill(part.do, words) if part.do and not is_swap and not tiny else size.do
    small = (
        CONFIG.small_start_days
        if number == 1
        and is_new
        and not lines
        and size_name != "two_minute"
        and size.measure == "yes_no"
        and minutes > entry.sizes.two_minute.minutes
        and (work.is_new_person or work.inputs.difficulty == "easy")
        else 0
    )
    time = _time_of(work, entry)
    parent = work.week.habits.get(instead_of(work, part.after)) if part.after else None
    follows = parent if parent and set(days) <= set(parent.on_days) else None
    cue = cue_for(entry, time, follows.name if follows else "", days)
    name = part.name if part.name and not is_swap else entry.name
    return PlanHabit(
        key=entry.slug,
        name=fill(name, words),
        category=entry.category,
        do=do if lines or tiny else _with_minutes(do, said, minutes, is_cut=minutes < asked),
        tiny=entry.sizes.two_minute.do,
        tiny_minutes=min(minutes, entry.sizes.two_minute.minutes),
        size=size_name,
        minutes=minutes,
        role=part.role,
        load=entry.load,
        cadence="daily"
        if cadence.kind == "daily"
        else (
            "interval" if cadence.kind == "interval" and (cadence.weeks or 1) > 1 else "weekdays"
        ),
        weekdays=[] if cadence.kind == "daily" else days,
        interval_days=7 * (cadence.weeks or 1)
        if cadence.kind == "interval" and (cadence.weeks or 1) > 1
        else None,
        introduction_day=day,
        is_new=is_new,
        starts_small_days=small,
        cue=cue,
        trigger=trigger(cue, name),
        time_of_day=time,
        measure=size.measure,
        target=size.target,
        unit=size.unit,
        difficulty=entry.difficulty,
        enjoyment=entry.enjoyment,
        outdoor=entry.outdoor,
        keystone=entry.keystone,
        rationale=fill(part.why, words) if part.why and not is_swap else entry.why,
        source=str(entry.source),
        progression=fill(part.grow, words) if part.grow and not is_swap else entry.progression,
        weekly=lines,
        replaces=[key for key in replacing if key != entry.slug],
    )


SPELLED = {2: "two", 5: "five", 10: "ten", 15: "fifteen", 20: "twenty"}


def _with_minutes(do: str, said: int, minutes: int, *, is_cut: bool) -> str:
    """`do` with the minutes it names brought to what the plan asks for."""
    if said == minutes:
        return do
    named = "|".join(filter(None, (str(said), SPELLED.get(said))))
    told, found = re.subn(
        rf"\b(?:{named})(?=[ -]minutes?\b)", str(minutes), do, flags=re.IGNORECASE
    )
    if found or not is_cut:
        return told
    return f"{do} (as much as fits into {minutes} minutes)"


def _introduction(work: Work, weeks: int, first_day: int) -> int | None:
    """The day of this phase on which one more habit may begin, if there is one."""
    at_once = dict(CONFIG.new_at_once)[work.inputs.difficulty]
    spacing = dict(CONFIG.spacing_days)[work.inputs.difficulty]
    if work.last_introduction >= first_day and work.at_that_day < at_once:
        return work.last_introduction - first_day + 1
    earliest = max(first_day, work.last_introduction + spacing)
    day = earliest - first_day + 1
    return day if day <= 7 * weeks - CONFIG.settle_days or day == 1 else None


def _place(
    work: Work,
    part: PlaybookHabit,
    entry: HabitEntry,
    cadence: Cadence,
    wanted: int,
    asked: int,
    before: PlanHabit | None,
    *,
    is_training: bool,
) -> tuple[list[int], int, bool] | None:
    """Weekdays, minutes and whether only the two-minute version fits; `None` when nothing does."""
    is_training = is_training or entry.load in ("run", "strength")
    # Measured against what it should take, not against what the day allows: ten minutes of a dinner
    # are no dinner.
    floor = min(asked, CONFIG.least_session) if is_training else ceil(asked * CONFIG.shrink_share)
    tiny = min(entry.sizes.two_minute.minutes, wanted)
    # An anchor gives up a quarter of its time before others make room for it.
    first = max(floor, ceil(wanted * 0.75)) if part.role == "anchor" else floor
    while True:
        for minutes in range(wanted, first - 1, -1):
            if days := _days(work, part, entry, cadence, minutes, before):
                return days, minutes, False
        if part.role != "anchor" or not _make_room(work):
            break
    for minutes in range(first - 1, floor - 1, -1):
        if days := _days(work, part, entry, cadence, minutes, before):
            return days, minutes, False
    if part.role != "anchor" and asked > CONFIG.tiny_worth_minutes:
        return None
    days = _days(work, part, entry, cadence, tiny, before)
    return (days, tiny, True) if days else None


def _days(
    work: Work,
    part: PlaybookHabit,
    entry: HabitEntry,
    cadence: Cadence,
    minutes: int,
    before: PlanHabit | None,
) -> list[int] | None:
    week = work.week
    if cadence.kind == "daily":
        return list(range(7)) if week.room(range(7)) >= minutes else None
    if cadence.kind == "weekdays":
        return list(cadence.weekdays) if week.room(cadence.weekdays) >= minutes else None
    times = cadence.times or 1
    among: list[int] = list(range(7))
    anchor = part.beside or part.after
    parent = week.habits.get(instead_of(work, anchor)) if anchor else None
    if parent and len(parent.on_days) >= times:
        among = parent.on_days
    elif "preparation" in entry.tags:
        training = next(
            (h for h in week.habits.values() if h.role == "anchor" and h.weekdays), None
        )
        if training and len(training.weekdays) >= times:
            among = [(day - 1) % 7 for day in training.weekdays]
    known = before or work.takes_over
    keep = known.weekdays if known else []
    for choice in (among, range(7)):
        if days := week.choose(
            times,
            minutes,
            load=entry.load,
            weekend=part.weekend,
            role=part.role,
            among=choice,
            before=keep,
        ):
            return days
    return None


def _make_room(work: Work) -> bool:
    """Shortens or rests the least important habit so that an anchor fits; false when none is left."""
    for habit in reversed(list(work.week.habits.values())):
        if habit.role == "anchor":
            continue
        entry = work.catalogue.habits[habit.key]
        tiny = entry.sizes.two_minute
        if habit.minutes > tiny.minutes:
            work.week.habits[habit.key] = habit.model_copy(
                update={"minutes": tiny.minutes, "size": "two_minute", "do": tiny.do}
            )
        else:
            del work.week.habits[habit.key]
        return True
    return False


def _time_of(work: Work, entry: HabitEntry) -> DayTime:
    wanted = work.inputs.preferred_time
    if wanted == "any" or FIXED_TIME_TAGS & set(entry.tags):
        return entry.time
    return wanted
