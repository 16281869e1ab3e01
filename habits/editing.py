"""Making and editing habits and goals: what must hold of a habit, said in plain words, and the writes themselves."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.day import local_day
from accounts.models import User
from coaching import ledger
from coaching.models import RawBehavioralLog
from habits import standing
from habits.cadence import cadence_of
from habits.models import CadenceKind, CueKind, Goal, Habit, HabitStack, HabitStatus, MeasureKind

MAX_HABITS = 200
PROGRESSED = "goal.progressed"
MAX_STACKS = 5
# Every day since the start is counted: a start long before anybody could know would cost seconds each time.
EARLIEST_START, LATEST_START = date(2000, 1, 1), date(2100, 12, 31)
# Changing one of these changes what the days before are worth.
MEASURING = {
    "cadence",
    "times_per_week",
    "weekdays",
    "interval_days",
    "starts_on",
    "ends_on",
    "measure",
    "target_value",
}


def check(habit: Habit) -> None:
    """Raises `ValidationError` with a sentence for every field of `habit` that does not fit the rest."""
    faults: dict[str, str] = {}
    if habit.cadence == CadenceKind.TIMES_PER_WEEK and not 1 <= (habit.times_per_week or 0) <= 7:
        faults["times_per_week"] = "Say how many times a week, from 1 to 7."
    if habit.cadence == CadenceKind.WEEKDAYS and not habit.weekdays:
        faults["weekdays"] = "Choose at least one weekday, from 0 (Monday) to 6 (Sunday)."
    if habit.cadence == CadenceKind.INTERVAL and not 2 <= (habit.interval_days or 0) <= 90:
        faults["interval_days"] = "Say every how many days, from 2 to 90."
    if habit.measure != MeasureKind.YES_NO:
        if habit.target_value is None:
            faults["target_value"] = "Say how much is asked for."
        elif habit.target_value < 0 or (
            habit.measure == MeasureKind.AT_LEAST and habit.target_value == 0
        ):
            faults["target_value"] = "The amount must be greater than zero."
    if not EARLIEST_START <= habit.starts_on <= LATEST_START:
        years = f"{EARLIEST_START.year} to {LATEST_START.year}"
        faults["starts_on"] = f"A habit starts in one of the years {years}."
    if habit.ends_on is not None and habit.ends_on < habit.starts_on:
        faults["ends_on"] = "The end lies before the start."
    if not habit.name.strip():
        faults["name"] = "Give it a name."
    if faults:
        raise ValidationError(faults)


def create(
    user: User, fields: Mapping[str, Any], *, stacks: Iterable[Mapping[str, Any]] = (), source: str
) -> Habit:
    """Makes a habit of `user`; without `starts_on` it begins today.

    Raises `ValidationError` when the fields do not fit together, or there are too many habits.
    """
    habit = Habit(user=user, **{"starts_on": local_day(user), **fields})
    check(habit)
    if Habit.objects.for_user(user).exclude(status=HabitStatus.ARCHIVED).count() >= MAX_HABITS:
        raise ValidationError(
            f"{MAX_HABITS} habits are as many as there is room for. Put one away first."
        )
    with transaction.atomic():
        habit.save(force_insert=True)
        _add_stacks(habit, stacks)
        standing.refresh(habit, local_day(user), cadence=cadence_of(habit, ()), marks={})
        _record(user, habit, "habit.created", source, sorted(fields))
    return habit


def edit(
    user: User,
    habit: Habit,
    changes: Mapping[str, Any],
    *,
    stacks: Iterable[Mapping[str, Any]] | None = None,
    source: str,
) -> Habit:
    """Changes fields of `habit`, which the caller read for this person; `stacks` replaces its cues.

    Raises `ValidationError` when the fields do not fit together.
    """
    different = {name: value for name, value in changes.items() if getattr(habit, name) != value}
    for name, value in different.items():
        setattr(habit, name, value)
    check(habit)
    with transaction.atomic():
        habit.save(update_fields=[*different, "updated_at"])
        if stacks is not None:
            replace_stacks(habit, stacks)
        if MEASURING & different.keys():
            standing.refresh(habit, local_day(user))
        if different or stacks is not None:
            _record(user, habit, "habit.edited", source, sorted(different))
    return habit


def replace_stacks(habit: Habit, stacks: Iterable[Mapping[str, Any]]) -> None:
    """Makes `stacks` (cue, and optionally cue_kind and sentence) the cues of `habit`, in this order."""
    HabitStack.objects.filter(habit=habit).delete()
    _add_stacks(habit, stacks)


def _add_stacks(habit: Habit, stacks: Iterable[Mapping[str, Any]]) -> None:
    HabitStack.objects.bulk_create(
        HabitStack(
            habit=habit,
            cue_kind=stack.get("cue_kind") or CueKind.ROUTINE,
            cue=stack["cue"],
            sentence=stack.get("sentence") or sentence(stack["cue"], habit.name),
            order=order,
        )
        for order, stack in enumerate(stacks)
    )


def sentence(cue: str, name: str) -> str:
    """An implementation intention: "After my coffee, I will do: morning walk."."""
    start = cue.strip().rstrip(".,")
    lowered = start.lower()
    lead = "" if lowered.startswith(("after ", "at ", "when ", "before ", "in ")) else "After "
    start = start[:1].upper() + start[1:] if not lead else start
    return f"{lead}{start}: {name[:1].lower() + name[1:]}"[:240]


def create_goal(user: User, fields: Mapping[str, Any], *, source: str) -> Goal:
    """Makes a goal of `user`."""
    with transaction.atomic():
        goal = Goal(user=user, **fields)
        goal.save(force_insert=True)
        _record_goal(goal, "goal.created", source, sorted(fields))
        if goal.percent_complete:
            record_progress(goal, before=0, source=source)
    return goal


def edit_goal(goal: Goal, changes: Mapping[str, Any], *, source: str) -> Goal:
    """Changes fields of `goal`, which the caller read for its person."""
    different = {name: value for name, value in changes.items() if getattr(goal, name) != value}
    before = goal.percent_complete
    for name, value in different.items():
        setattr(goal, name, value)
    with transaction.atomic():
        goal.save(update_fields=[*different, "updated_at"])
        if different:
            _record_goal(goal, "goal.edited", source, sorted(different))
        if "percent_complete" in different:
            record_progress(goal, before=before, source=source)
    return goal


def delete_goal(goal: Goal, *, source: str) -> None:
    """Takes `goal` out of sight; its habits stay."""
    edit_goal(goal, {"deleted_at": timezone.now()}, source=source)


def restore_goal(goal: Goal, *, source: str) -> Goal:
    """Brings a deleted goal back."""
    return edit_goal(goal, {"deleted_at": None}, source=source)


def record_progress(goal: Goal, *, before: int, source: str) -> None:
    """Tells the ledger how far `goal` is now, in per cent, and how far it came today; in the transaction that
    moved it from `before`. A slip that is mended the same day leaves nothing behind."""
    today = local_day(goal.user).isoformat()
    latest = RawBehavioralLog.objects.filter(
        user=goal.user,
        interaction_type=PROGRESSED,
        # Today's rows are of the last hours: without a bound every month of the ledger would be looked into.
        occurred_at__gte=timezone.now() - timedelta(days=2),
        raw_data__goal=str(goal.pk),
        raw_data__local_date=today,
    ).order_by("-received_at", "-id")
    told = latest.values_list("raw_data", flat=True).first()
    morning = told["percent"] - told["moved"] if told else before
    ledger.record(
        goal.user,
        PROGRESSED,
        raw_data={
            "goal": str(goal.pk),
            "text": goal.text,
            "percent": goal.percent_complete,
            "moved": goal.percent_complete - morning,
            "local_date": today,
        },
        source=source,
        idempotency_key=f"{PROGRESSED}:{goal.pk}:{goal.updated_at.isoformat()}",
    )


def _record_goal(goal: Goal, what: str, source: str, fields: list[str]) -> None:
    ledger.record(
        goal.user,
        what,
        raw_data={"goal": str(goal.pk), "category": goal.category, "fields": fields},
        source=source,
        idempotency_key=f"{what}:{goal.pk}:{goal.updated_at.isoformat()}",
    )


def _record(user: User, habit: Habit, what: str, source: str, fields: list[str]) -> None:
    ledger.record(
        user,
        what,
        raw_data={"habit": str(habit.pk), "category": habit.category, "fields": fields},
        source=source,
        idempotency_key=f"{what}:{habit.pk}:{habit.updated_at.isoformat()}",
    )
