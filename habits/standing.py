"""Where each habit stands today: strength and streak, with a stored copy for fast pages.

The copy (`UserStreak`) is good for one of the person's days. Whoever changes completions, pauses or the
cadence of a habit calls `refresh` in the same transaction; the first read of a new day computes the rest.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import prefetch_related_objects

from habits.cadence import Cadence, cadence_of
from habits.evidence import Marks, marks_of
from habits.models import Habit, UserStreak
from habits.streaks import streak_given
from habits.strength import strength_now

_STORED = [
    "current",
    "longest",
    "freezes_left",
    "last_date",
    "total_done",
    "strength",
    "as_of",
    "updated_at",
]


@dataclass(frozen=True, slots=True)
class Standing:
    """Strength in [0, 1], the streak in the habit's own occasions, and all that was ever done."""

    strength: float
    current: int
    longest: int
    freezes_left: int
    unit: str
    total_done: int
    last_date: date | None

    @property
    def percent(self) -> int:
        return round(self.strength * 100)

    def streak_in_words(self) -> str:
        """ "12 days in a row", or nothing to say below two."""
        return f"{self.current} {self.unit}s in a row" if self.current > 1 else ""


def standing_given(cadence: Cadence, marks: Marks, today: date) -> Standing:
    """Where a habit stands during `today`, from its days."""
    streak = streak_given(cadence, marks, today)
    return Standing(
        strength=min(1.0, max(0.0, strength_now(cadence, marks, today))),
        current=streak.current,
        longest=streak.longest,
        freezes_left=streak.freezes_left,
        unit=streak.unit,
        total_done=streak.total_done,
        last_date=streak.last_date,
    )


def store(standings: dict[UUID, Standing], user_id: UUID, today: date) -> None:
    """Keeps the copies, in one statement."""
    rows = [
        _row(habit_id, user_id, standing, today)
        # One order for everybody: two requests that store the same rows cannot wait for each other.
        for habit_id, standing in sorted(standings.items())
    ]
    _upsert(rows)


def _row(habit_id: UUID, user_id: UUID, standing: Standing, today: date) -> UserStreak:
    return UserStreak(
        user_id=user_id,
        habit_id=habit_id,
        current=standing.current,
        longest=standing.longest,
        freezes_left=standing.freezes_left,
        last_date=standing.last_date,
        total_done=standing.total_done,
        strength=standing.strength,
        as_of=today,
    )


def _upsert(rows: list[UserStreak]) -> None:
    UserStreak.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["habit"], update_fields=_STORED
    )


def refresh(
    habit: Habit, today: date, *, cadence: Cadence | None = None, marks: Marks | None = None
) -> Standing:
    """Computes `habit` anew from its completions and stores the copy; call it after a change."""
    standing = standing_given(
        cadence or cadence_of(habit),
        marks if marks is not None else marks_of([habit])[habit.pk],
        today,
    )
    row = _row(habit.pk, habit.user_id, standing, today)
    _upsert([row])
    row.habit = habit  # so that `habit.streak` is the fresh copy, without another query
    return standing


def standings(habits: Sequence[Habit], today: date) -> dict[UUID, Standing]:
    """Where each of one person's `habits` stands today, by its id.

    One query when every copy is of today; four more on the first read of a day.
    """
    rows = UserStreak.objects.filter(habit__in=[habit.pk for habit in habits])
    return from_copies(habits, rows, today)


def joined(habits: Sequence[Habit], today: date) -> dict[UUID, Standing]:
    """The same for habits read with `select_related("streak")`: no query while the copies are of today."""
    return from_copies(habits, [h.streak for h in habits if hasattr(h, "streak")], today)


def standing_of(habit: Habit, today: date) -> Standing:
    """Where one habit stands today; no query when it was just refreshed or its copy was joined."""
    return joined([habit], today)[habit.pk]


def from_copies(
    habits: Sequence[Habit], rows: Iterable[UserStreak], today: date
) -> dict[UUID, Standing]:
    """The same for copies that were read already."""
    units = {habit.pk: _unit(habit) for habit in habits}
    found = {
        row.habit_id: Standing(
            strength=row.strength,
            current=row.current,
            longest=row.longest,
            freezes_left=row.freezes_left,
            unit=units[row.habit_id],
            total_done=row.total_done,
            last_date=row.last_date,
        )
        for row in rows
        if row.as_of == today
    }
    stale = [habit for habit in habits if habit.pk not in found]
    if stale:
        found |= _compute(stale, today)
    return found


def _compute(habits: list[Habit], today: date) -> dict[UUID, Standing]:
    with transaction.atomic():
        # A tick that comes in between must not be overwritten by what was read before it.
        list(
            Habit.objects.filter(pk__in=[habit.pk for habit in habits])
            .select_for_update(no_key=True)
            .order_by("pk")
            .values_list("pk", flat=True)
        )
        if any(not hasattr(habit, "rests") for habit in habits):
            prefetch_related_objects(habits, "pauses")
        marks = marks_of(habits)
        computed = {
            habit.pk: standing_given(cadence_of(habit), marks[habit.pk], today) for habit in habits
        }
        store(computed, habits[0].user_id, today)
    return computed


def _unit(habit: Habit) -> str:
    return cadence_of(habit, pauses=()).unit
