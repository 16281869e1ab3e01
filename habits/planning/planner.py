"""From a goal to a proposed plan: phases that fit the deadline, habits that fit the week."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import ceil

from accounts.day import local_day
from accounts.models import User
from coaching import language
from habits.catalogue.library import Library, library
from habits.catalogue.schema import (
    Cadence,
    DayTime,
    HabitEntry,
    PlaybookEntry,
    PlaybookHabit,
    PlaybookPhase,
)
from habits.goals import GoalAnalysis, analyze_goal, fill
from habits.models import Habit, HabitCompletion

from . import pacing, safety
from .config import CONFIG
from .cues import cue_for, trigger
from .draft import (
    Criterion,
    Difficulty,
    Note,
    PlanDraft,
    PlanHabit,
    PlanInputs,
    PlanPhase,
)
from .week import Week

ROLE_ORDER = {"anchor": 0, "support": 1, "review": 2}
GENTLER: dict[str, str] = {
    "foundation": "Gentle base",
    "core": "Building stamina",
    "optimization": "Stronger and ready",
}
GENTLER_FOCUS = "The same rhythm, with movement that your body takes well"
GENTLER_DONE = "You keep your sessions without pain, and they feel easier than four weeks ago"
FIXED_TIME_TAGS = {"sleep", "morning", "food", "screen", "preparation", "inbox", "alcohol", "money"}


@dataclass
class _Work:
    """What is carried from phase to phase while a plan is made."""

    inputs: PlanInputs
    catalogue: Library
    analysis: GoalAnalysis
    playbook: PlaybookEntry
    week: Week
    starts_on: date
    is_new_person: bool
    known: dict[str, PlanHabit] = field(default_factory=dict)
    last_introduction: int = -10_000  # day of the plan, from 1
    at_that_day: int = 0
    notes: list[Note] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    swapped: list[str] = field(default_factory=list)
    replaced_by_limits: set[str] = field(default_factory=set)
    postponed: list[PlaybookHabit] = field(default_factory=list)

    def note(self, kind: str, text: str) -> None:
        if all(note.text != text for note in self.notes):
            self.notes.append(Note.model_validate({"kind": kind, "text": text}))


def plan(
    goal_text: str,
    *,
    user: User,
    today: date | None = None,
    timeline: str = "",
    difficulty: str = "",
    minutes_per_day: int | None = None,
    preferred_time: str = "",
    constraints: str | Iterable[str] = (),
    starts_on: date | None = None,
    leave_out: Iterable[str] = (),
    swaps: dict[str, str] | None = None,
) -> PlanDraft:
    """Proposes a plan towards `goal_text`; nothing is written.

    Args:
        timeline: until when, in words ("3 months", "by summer"); else the goal's own words count.
        difficulty: easy, moderate (default) or challenging.
        minutes_per_day: the most minutes the plan may ask for on any day (default: what the goal
            usually takes).
        preferred_time: morning, midday, evening or any.
        constraints: what to respect: words ("bad knee") or tags ("knee").
        leave_out, swaps: habits (slugs) not wanted, and slug → slug to use instead.

    Raises `PlanRefused` where no plan may be made, `ValueError` for an empty goal.
    """
    today = today or local_day(user)
    catalogue = library()
    analysis = analyze_goal(
        goal_text, today, timeline=timeline, locale=user.locale, catalogue=catalogue
    )
    playbook = catalogue.playbooks[analysis.playbook]
    tags, unknown = safety.constraints_of(constraints, goal_text)
    safety.check_allowed(playbook, tags, user, today)
    minutes = minutes_per_day or language.parse_minutes_per_day(goal_text)
    level = _difficulty(
        difficulty or str(getattr(language.parse_difficulty(goal_text), "value", ""))
    )
    time = preferred_time or str(getattr(language.parse_time_of_day(goal_text), "value", ""))
    start = starts_on or _next_start(today)
    inputs = PlanInputs(
        goal=analysis.text,
        timeline=timeline or analysis.timeline,
        difficulty=level,
        minutes_per_day=max(
            CONFIG.minutes_low, min(CONFIG.minutes_high, minutes or playbook.usual_minutes)
        ),
        preferred_time=_day_time(time),
        constraints=[*tags, *unknown],
        starts_on=starts_on,
        leave_out=list(leave_out),
        swaps=swaps or {},
    )
    notes: list[Note] = []
    if minutes is None:
        notes.append(
            Note(
                kind="assumption",
                text=f"You did not say how much time you have, so I planned with up to {inputs.minutes_per_day} minutes a day.",
            )
        )
    if unknown:
        notes.append(
            Note(
                kind="assumption",
                text=f"I noted “{'; '.join(unknown)}”, but I have no rule for it: please look whether the habits fit.",
            )
        )
    if not analysis.is_known:
        notes.append(
            Note(
                kind="assumption",
                text="I have no special plan for this goal yet, so this is a general one: change the habits to fit.",
            )
        )
    playbook, weeks, feasibility, pace_notes = _pace(
        playbook, catalogue, analysis, inputs, start, tags
    )
    notes += pace_notes
    work = _Work(
        inputs=inputs,
        catalogue=catalogue,
        analysis=analysis,
        playbook=playbook,
        week=Week(inputs.minutes_per_day),
        starts_on=start,
        is_new_person=not HabitCompletion.objects.filter(user=user).exists(),
        notes=notes,
    )
    lengths = pacing.phase_weeks(playbook, weeks)
    phases: list[PlanPhase] = []
    first_day = 1
    for phase, length in zip(playbook.phases, lengths, strict=True):
        made = _phase(work, phase, len(phases) + 1, length, first_day)
        first_day += 7 * length
        if made.habits:
            phases.append(made)
        elif phases:  # nothing of it fits: the phase before goes on instead
            before = phases[-1]
            before.duration_weeks += length
            before.end_date += timedelta(weeks=length)
        else:
            first_day -= 7 * length
    ends_on = phases[-1].end_date if phases else start
    _closing_notes(work, user, ends_on, tags)
    name = fill(playbook.name, analysis.words)
    if work.replaced_by_limits:
        name = f"{name}: gentle preparation"
    if feasibility == "adjusted":
        name = f"First step: {name[:1].lower() + name[1:]}"
    total = sum(phase.duration_weeks for phase in phases)
    return PlanDraft(
        playbook=playbook.slug,
        name=name,
        description=f"{fill(playbook.objective, analysis.words)}: {len(phases)} phases over {total} weeks, at most {inputs.minutes_per_day} minutes a day.",
        category=playbook.category,
        analysis=analysis.model_dump(mode="json"),
        inputs=inputs,
        starts_on=start,
        ends_on=ends_on,
        deadline=analysis.deadline,
        weeks=total,
        feasibility=feasibility,
        phases=phases,
        notes=work.notes,
    )


def _next_start(today: date) -> date:
    """The coming Monday when it is near, else tomorrow."""
    to_monday = (7 - today.weekday()) % 7 or 7
    return today + timedelta(days=to_monday if to_monday <= 3 else 1)


def _difficulty(words: str) -> Difficulty:
    if words in ("easy", "moderate", "challenging"):
        return words  # type: ignore[return-value]
    return "moderate"


def _day_time(words: str) -> DayTime:
    value = words.strip().lower()
    if value in ("morning", "midday", "evening"):
        return value  # type: ignore[return-value]
    found = {"afternoon": "midday", "noon": "midday", "lunch": "midday", "night": "evening"}.get(
        value
    )
    return found or "any"  # type: ignore[return-value]


# --- How long -------------------------------------------------------------------------------------
def _pace(
    playbook: PlaybookEntry,
    catalogue: Library,
    analysis: GoalAnalysis,
    inputs: PlanInputs,
    start: date,
    tags: list[str],
) -> tuple[PlaybookEntry, int, str, list[Note]]:
    """The playbook to follow, its weeks, how that meets the wish, and what honesty asks to say."""
    wanted = playbook
    weeks = ((analysis.deadline - start).days + 1) // 7 if analysis.deadline else None
    notes: list[Note] = []
    budget = inputs.minutes_per_day
    while playbook.instead and (
        (weeks is not None and weeks < playbook.least_weeks * CONFIG.tight_share)
        or budget < playbook.least_minutes
    ):
        playbook = catalogue.playbooks[playbook.instead]
    if playbook is not wanted:
        goal = fill(wanted.name, analysis.words)
        reasons = []
        if weeks is not None and weeks < wanted.least_weeks * CONFIG.tight_share:
            reasons.append(
                f"“{goal}” needs at least {wanted.least_weeks} weeks, and there {'is' if weeks == 1 else 'are'} {max(0, weeks)}"
            )
        if budget < wanted.least_minutes:
            reasons.append(
                f"it needs about {wanted.least_minutes} minutes on training days, and you have {budget}"
            )
        honest = start + timedelta(weeks=wanted.usual_weeks)
        notes.append(
            Note(
                kind="deadline",
                text=f"Honestly: {'; and '.join(reasons)}. {wanted.too_short} So I planned a first step you can reach: {fill(playbook.name, analysis.words).lower()}. With more time a day, {honest:%B %Y} would be a sensible date for the whole goal.",
            )
        )
        room = playbook.usual_weeks if weeks is None else max(weeks, playbook.least_weeks)
        return playbook, min(room, playbook.usual_weeks), "adjusted", notes
    if budget < playbook.least_minutes:
        notes.append(
            Note(
                kind="time",
                text=f"This usually needs about {playbook.least_minutes} minutes a day. With {budget} I kept what matters most, in small sizes.",
            )
        )
    if weeks is None:
        notes.append(
            Note(
                kind="assumption",
                text=f"You named no date, so I planned the usual {playbook.usual_weeks} weeks.",
            )
        )
        return playbook, playbook.usual_weeks, "ok", notes
    if weeks < playbook.least_weeks:
        end = start + timedelta(weeks=playbook.least_weeks) - timedelta(days=1)
        notes.append(
            Note(
                kind="deadline",
                text=f"Your date is near: {max(0, weeks)} week{'' if weeks == 1 else 's'}, where {playbook.least_weeks} are the least that works. {playbook.too_short} The plan runs until {end.day} {end:%B}.",
            )
        )
        return playbook, playbook.least_weeks, "tight", notes
    if weeks > playbook.most_weeks:
        notes.append(
            Note(
                kind="deadline",
                text=f"{playbook.too_long} It takes {playbook.most_weeks} weeks; the {weeks - playbook.most_weeks} weeks after that are for keeping it up.",
            )
        )
        return playbook, playbook.most_weeks, "roomy", notes
    return playbook, weeks, "ok", notes


# --- A phase --------------------------------------------------------------------------------------
def _phase(work: _Work, phase: PlaybookPhase, number: int, weeks: int, first_day: int) -> PlanPhase:
    starts = work.starts_on + timedelta(days=first_day - 1)
    before = dict(work.week.habits)
    parts = sorted([*work.postponed, *phase.habits], key=lambda part: ROLE_ORDER[part.role])
    work.postponed = []
    made: list[PlanHabit] = []
    chosen: dict[str, tuple[PlaybookHabit, HabitEntry]] = {}
    for part in parts:
        entry = _entry(work, part)
        if entry is None:
            continue
        earlier_part = chosen.get(entry.slug, (None, entry))[0]
        if earlier_part is not None and earlier_part.habit != part.habit:
            # Two habits became the same one: it takes both places in the week.
            part = _together(earlier_part, part)
        chosen[entry.slug] = (part, entry)
    is_gentler = any(
        part.role == "anchor" and part.habit in work.replaced_by_limits for part in phase.habits
    )
    for part in parts:
        for key in part.replaces:
            if (gone := _instead(work, key)) not in chosen:
                work.week.habits.pop(gone, None)
    # What this phase places anew leaves the week first, so that nothing waits for its old place.
    lifted = {key: work.week.habits.pop(key) for key in chosen if key in work.week.habits}
    for key, (part, entry) in chosen.items():
        earlier = lifted.get(key)
        habit = _habit(work, phase, part, entry, earlier, number, weeks, first_day)
        if habit is None:
            if earlier is not None and work.week.room(earlier.on_days) >= earlier.minutes:
                work.week.habits[key] = earlier  # it goes on as it was
            continue
        work.week.habits[habit.key] = habit
        work.known.setdefault(habit.key, habit)
        made.append(habit)
    # A habit that made room while later parts were placed shows the size it ended with.
    made = [work.week.habits[habit.key] for habit in made if habit.key in work.week.habits]
    made += [
        habit.model_copy(
            update={
                "is_new": False,
                "introduction_day": 1,
                "replaces": [],
                "weekly": [],
                "starts_small_days": 0,
            }
        )
        for key, habit in work.week.habits.items()
        if key in before and key not in chosen and habit is not before[key]
    ]
    made_keys = {habit.key for habit in made}
    made.sort(key=lambda habit: (habit.introduction_day, ROLE_ORDER[habit.role]))
    return PlanPhase(
        number=number,
        name=GENTLER[phase.stage] if is_gentler else fill(phase.name, work.analysis.words),
        stage=phase.stage,
        focus=GENTLER_FOCUS if is_gentler else fill(phase.focus, work.analysis.words),
        done=GENTLER_DONE if is_gentler else fill(phase.done, work.analysis.words),
        duration_weeks=weeks,
        start_date=starts,
        end_date=starts + timedelta(days=7 * weeks - 1),
        habits=made,
        continues=[key for key in before if key in work.week.habits and key not in made_keys],
        rests=[key for key in before if key not in work.week.habits],
        success_criteria=_criteria(work, phase, made, weeks),
        day_minutes=[work.week.minutes(day) for day in range(7)],
    )


def _together(one: PlaybookHabit, other: PlaybookHabit) -> PlaybookHabit:
    """`one`, as often as both of them."""
    if one.cadence is None or other.cadence is None:
        return one
    times = min(7, round(one.cadence.per_week + other.cadence.per_week))
    cadence = Cadence(kind="times_per_week", times=times)
    return one.model_copy(update={"cadence": cadence})


def _instead(work: _Work, slug: str) -> str:
    """The slug that stands for `slug` under this person's constraints; "" when it is left out."""
    seen: set[str] = set()
    while slug and slug not in seen:
        seen.add(slug)
        if slug in work.inputs.leave_out:
            return ""
        if wanted := work.inputs.swaps.get(slug):
            slug = wanted
            continue
        swap = work.catalogue.habits[slug].swap if slug in work.catalogue.habits else {}
        found = next((swap[tag] for tag in work.inputs.constraints if tag in swap), None)  # type: ignore[index]
        if found is None:
            return slug
        slug = found
    return slug if slug not in work.inputs.leave_out else ""


def _entry(work: _Work, part: PlaybookHabit) -> HabitEntry | None:
    slug = _instead(work, part.habit)
    if slug != part.habit and part.habit not in work.swapped:
        work.swapped.append(part.habit)
        original = work.catalogue.habits[part.habit].name
        if slug and part.habit not in work.inputs.swaps and part.habit not in work.inputs.leave_out:
            if part.role == "anchor":
                work.replaced_by_limits.add(part.habit)
            work.note(
                "assumption",
                f"Instead of “{original}” I planned “{work.catalogue.habits[slug].name}”, to respect what you told me.",
            )
    return work.catalogue.habits.get(slug) if slug else None


def _habit(
    work: _Work,
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
    replacing = [key for key in (_instead(work, k) for k in part.replaces) if key]
    is_upgrade = bool(replacing) and part.role == "anchor"

    day = 1
    if is_new and not is_upgrade:
        slot = _introduction(work, weeks, first_day)
        if slot is None and part.role != "anchor":
            if number < len(work.playbook.phases):
                work.postponed.append(part)
            else:
                work.left_out.append(entry.name)
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
    parent = work.week.habits.get(_instead(work, part.after)) if part.after else None
    cue = cue_for(entry, time, parent.name if parent else "", days)
    name = part.name if part.name and not is_swap else entry.name
    return PlanHabit(
        key=entry.slug,
        name=fill(name, words),
        category=entry.category,
        do=do if minutes >= asked or lines or tiny else _shorter(do, minutes),
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


def _shorter(do: str, minutes: int) -> str:
    return f"{do} (as much as fits into {minutes} minutes)"


def _introduction(work: _Work, weeks: int, first_day: int) -> int | None:
    """The day of this phase on which one more habit may begin, if there is one."""
    at_once = dict(CONFIG.new_at_once)[work.inputs.difficulty]
    spacing = dict(CONFIG.spacing_days)[work.inputs.difficulty]
    if work.last_introduction >= first_day and work.at_that_day < at_once:
        return work.last_introduction - first_day + 1
    earliest = max(first_day, work.last_introduction + spacing)
    day = earliest - first_day + 1
    return day if day <= 7 * weeks - CONFIG.settle_days or day == 1 else None


def _place(
    work: _Work,
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
    if part.role == "anchor" or asked <= CONFIG.tiny_worth_minutes:
        if days := _days(work, part, entry, cadence, tiny, before):
            return days, tiny, True
    return None


def _days(
    work: _Work,
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
    parent = week.habits.get(_instead(work, anchor)) if anchor else None
    if parent and len(parent.on_days) >= times:
        among = parent.on_days
    elif "preparation" in entry.tags:
        training = next(
            (h for h in week.habits.values() if h.role == "anchor" and h.weekdays), None
        )
        if training and len(training.weekdays) >= times:
            among = [(day - 1) % 7 for day in training.weekdays]
    keep = before.weekdays if before else []
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


def _make_room(work: _Work) -> bool:
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


def _time_of(work: _Work, entry: HabitEntry) -> DayTime:
    wanted = work.inputs.preferred_time
    if wanted == "any" or FIXED_TIME_TAGS & set(entry.tags):
        return entry.time
    return wanted


def _criteria(
    work: _Work, phase: PlaybookPhase, made: list[PlanHabit], weeks: int
) -> list[Criterion]:
    """The gate of a phase: strength of its foundation habits, enough repetitions, enough time."""
    anchors = [habit for habit in made if habit.role == "anchor"]
    if not anchors:
        anchors = [habit for habit in work.week.habits.values() if habit.role == "anchor"]
    percent = round(100 * CONFIG.gate_strength)
    found = [
        Criterion(
            kind="strength",
            habit=habit.key,
            at_least=CONFIG.gate_strength,
            words=f"“{habit.name}” has a strength of {percent}%",
        )
        for habit in anchors
        if habit.per_week >= CONFIG.gate_per_week
    ]
    usual = phase.weeks[1]
    for slug, times in phase.completions.items():
        key = _instead(work, slug)
        habit = work.week.habits.get(key)
        if habit is None:
            continue
        asked = habit.per_week * max(1, weeks - (habit.introduction_day - 1) / 7)
        need = max(1, min(round(times * weeks / usual), int(asked * 0.8)))
        found.append(
            Criterion(
                kind="completions",
                habit=key,
                at_least=need,
                words=f"“{habit.name}” done {need} time{'' if need == 1 else 's'} in this phase",
            )
        )
    least = min(weeks, phase.weeks[0])
    found.append(
        Criterion(
            kind="weeks",
            at_least=least,
            words=f"{least} week{'' if least == 1 else 's'} in this phase, so that it can settle",
        )
    )
    return found


def _closing_notes(work: _Work, user: User, ends_on: date, tags: list[str]) -> None:
    deadline = work.analysis.deadline
    if work.left_out:
        names = ", ".join(f"“{name}”" for name in dict.fromkeys(work.left_out))
        work.note(
            "time",
            f"Within {work.inputs.minutes_per_day} minutes a day there was no room for {names}. Say if you have more time on some days.",
        )
    longest = max(
        (
            step.run + 2 * pacing.WARM_UP
            for phase in work.playbook.phases
            for part in phase.habits
            for step in part.steps
            if step.run and step.rounds == 1
        ),
        default=0,
    )
    if longest > work.inputs.minutes_per_day and "run" in {h.load for h in work.known.values()}:
        work.note(
            "time",
            f"The longest runs of this goal take about {round(longest)} minutes. I kept to your {work.inputs.minutes_per_day}; one longer slot at the weekend would bring you closer.",
        )
    if deadline and ends_on < deadline and (deadline - ends_on).days > 14:
        work.note(
            "deadline",
            f"The plan ends on {ends_on.day} {ends_on:%B}, before your date: room for weeks that go differently.",
        )
    if work.replaced_by_limits:
        work.note(
            "deadline",
            "This builds your fitness without the strain. When you have been free of pain for two weeks, say so, and I plan the way back to the original goal.",
        )
    own = set(
        Habit.objects.for_user(user)
        .current()
        .filter(catalogue_slug__in=list(work.known))
        .values_list("name", flat=True)
    )
    if own:
        work.note(
            "assumption",
            f"You already do {', '.join(f'“{name}”' for name in sorted(own))}: leave it out here if once is enough.",
        )
    seen = {note.text for note in work.notes}
    work.notes += [n for n in safety.notes_for(work.playbook, tags) if n.text not in seen]
