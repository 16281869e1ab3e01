"""From a goal to a proposed plan: phases that fit the deadline, habits that fit the week."""

from collections.abc import Iterable
from datetime import date, timedelta

from accounts.day import local_day
from accounts.models import User
from coaching import language
from habits.catalogue.library import library
from habits.catalogue.schema import (
    Cadence,
    DayTime,
    HabitEntry,
    PlaybookHabit,
    PlaybookPhase,
)
from habits.goals import analyze_goal, fill
from habits.models import Habit, HabitCompletion

from . import pacing, safety
from .config import CONFIG
from .draft import (
    Criterion,
    Difficulty,
    Note,
    PlanDraft,
    PlanHabit,
    PlanInputs,
    PlanPhase,
)
from .honesty import pace
from .placing import place
from .week import Week
from .work import Work, instead_of

ROLE_ORDER = {"anchor": 0, "support": 1, "review": 2}
GENTLER: dict[str, str] = {
    "foundation": "Gentle base",
    "core": "Building stamina",
    "optimization": "Stronger and ready",
}
GENTLER_FOCUS = "The same rhythm, with movement that your body takes well"
GENTLER_DONE = "You keep your sessions without pain, and they feel easier than four weeks ago"
OTHER_WORDS: dict[str, DayTime] = {
    "afternoon": "midday",
    "noon": "midday",
    "lunch": "midday",
    "night": "evening",
}


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
    playbook, weeks, feasibility, pace_notes = pace(playbook, catalogue, analysis, inputs, start)
    notes += pace_notes
    work = Work(
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
    if not phases:
        raise safety.PlanRefused(
            "With what you told me, none of my habits for this goal is right for you. Let us look for "
            "another way, or ask somebody who knows your health or situation."
            if tags
            else "Nothing would be left of the plan. Keep at least one habit."
        )
    ends_on = phases[-1].end_date
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
        description=f"{fill(playbook.objective, analysis.words)}: {len(phases)} phase{'' if len(phases) == 1 else 's'} over {total} weeks, at most {inputs.minutes_per_day} minutes a day.",
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
    return OTHER_WORDS.get(value, "any")


# --- A phase --------------------------------------------------------------------------------------
def _phase(work: Work, phase: PlaybookPhase, number: int, weeks: int, first_day: int) -> PlanPhase:
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
    freed: dict[str, PlanHabit] = {}
    for part in parts:
        for key in part.replaces:
            gone = instead_of(work, key)
            if gone in work.week.habits and gone not in chosen:
                freed[part.habit] = work.week.habits.pop(gone)
    # What this phase places anew leaves the week first, so that nothing waits for its old place.
    lifted = {key: work.week.habits.pop(key) for key in chosen if key in work.week.habits}
    for key, (part, entry) in chosen.items():
        earlier = lifted.get(key)
        work.takes_over = freed.get(part.habit)
        habit = place(work, phase, part, entry, earlier, number, weeks, first_day)
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


def _entry(work: Work, part: PlaybookHabit) -> HabitEntry | None:
    slug = instead_of(work, part.habit)
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


def _criteria(
    work: Work, phase: PlaybookPhase, made: list[PlanHabit], weeks: int
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
        key = instead_of(work, slug)
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


def _closing_notes(work: Work, user: User, ends_on: date, tags: list[str]) -> None:
    deadline = work.analysis.deadline
    if work.left_out:
        names = ", ".join(f"“{name}”" for name in dict.fromkeys(work.left_out))
        work.note(
            "time",
            f"Within {work.inputs.minutes_per_day} minutes a day there was no room for {names}. Say if you have more time on some days.",
        )
    if work.no_slot:
        names = ", ".join(f"“{name}”" for name in dict.fromkeys(work.no_slot))
        work.note(
            "time",
            f"I kept {names} for after this plan, so that you never begin too much at once.",
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
