"""Habits and their days out of a CSV export of Loop Habit Tracker.

The export is a zip file with `Habits.csv` and, for every habit, a folder with its `Checkmarks.csv`. A habit that
is here already, by its name, gets the days it does not have; what the person told here is never overwritten, so
the same export again changes nothing.

The ledger gets one row a habit and none a day: the days lie years back, nobody told them here, and tens of
thousands of rows would be derived from one by one. Strength and streaks are computed from the days themselves
and know them all; scores derived from the ledger begin when somebody begins here.
"""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import IO, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from pydantic import TypeAdapter

from accounts.day import local_day
from accounts.models import User
from coaching import ledger
from habits import editing, standing
from habits.evidence import fulfilment
from habits.models import (
    CadenceKind,
    Category,
    CompletionSource,
    CompletionStatus,
    Habit,
    HabitCompletion,
    HabitStatus,
    MeasureKind,
)

MEGABYTE = 1024 * 1024
MAX_UPLOAD = 50 * MEGABYTE
MAX_MEMBER = 20 * MEGABYTE
MAX_UNPACKED = 200 * MEGABYTE
MAX_MEMBERS = 4000
MAX_HABITS = 500
MAX_AMOUNT = Decimal("99999999.99")
# Loop keeps amounts in thousandths.
THOUSANDTHS = 1000
WRITTEN_AT_ONCE = 2000
SOURCE = CompletionSource.IMPORT.value
_FOLDER = re.compile(r"(?:^|/)(\d{3,}) ?[^/]*/Checkmarks\.csv$")
# Older exports wrote numbers for the words.
_WORDS = {"-1": "UNKNOWN", "0": "NO", "1": "YES_AUTO", "2": "YES_MANUAL", "3": "SKIP"}
_NOT_THE_EXPORT = (
    "This is not a CSV export of Loop Habit Tracker. In Loop, choose Settings, then “Export as CSV”, and bring "
    "the zip file it makes."
)


class LoopUnreadable(Exception):
    """The file is no export of Loop, or broken; the text says what to do, in words for the person."""


@dataclass(frozen=True, slots=True)
class LoopDay:
    """What Loop says of one day: done, skipped, or an amount (in the habit's unit)."""

    day: date
    is_skipped: bool = False
    amount: Decimal | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class LoopHabit:
    """One habit of the export. `numerator` times in `denominator` days."""

    name: str
    question: str
    description: str
    numerator: int
    denominator: int
    is_numeric: bool
    is_at_most: bool
    target: Decimal
    unit: str
    is_archived: bool
    days: tuple[LoopDay, ...] = ()


_EXPORT = TypeAdapter(list[LoopHabit])


@dataclass(slots=True)
class Outcome:
    """What one habit of the export becomes, or became."""

    name: str
    cadence: str
    is_new: bool
    new_days: int
    known_days: int
    first: date | None
    last: date | None
    is_archived: bool
    refused: str = ""


@dataclass(slots=True)
class Report:
    """What an import makes, or made."""

    habits: list[Outcome] = field(default_factory=list)

    @property
    def new_habits(self) -> int:
        return sum(each.is_new and not each.refused for each in self.habits)

    @property
    def new_days(self) -> int:
        return sum(each.new_days for each in self.habits)

    @property
    def changes_anything(self) -> bool:
        return bool(self.new_habits or self.new_days)


# --- Reading ------------------------------------------------------------------------------------
def read_upload(file: IO[bytes], size: int) -> list[LoopHabit]:
    """The habits of an uploaded export of `size` bytes. Raises `LoopUnreadable`."""
    if size > MAX_UPLOAD:
        raise LoopUnreadable(f"A file has at most {MAX_UPLOAD // MEGABYTE} MB.")
    return read(file)


def packed(export: Sequence[LoopHabit]) -> bytes:
    """An export as bytes, to wait for a yes."""
    return zlib.compress(_EXPORT.dump_json(list(export)))


def unpacked(data: bytes) -> list[LoopHabit]:
    """What `packed` made."""
    return _EXPORT.validate_json(zlib.decompress(data))


def read(file: IO[bytes]) -> list[LoopHabit]:
    """The habits of an export. Raises `LoopUnreadable`."""
    try:
        with zipfile.ZipFile(file) as archive:
            return _read(archive)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, EOFError, NotImplementedError):
        raise LoopUnreadable(_NOT_THE_EXPORT) from None
    except (RuntimeError, ValueError, OSError):
        raise LoopUnreadable(
            "This zip file is damaged or locked. Please export it again."
        ) from None


def _read(archive: zipfile.ZipFile) -> list[LoopHabit]:
    members = [info for info in archive.infolist() if not info.is_dir()]
    if len(members) > MAX_MEMBERS or sum(info.file_size for info in members) > MAX_UNPACKED:
        raise LoopUnreadable("This zip file is far larger than any export of Loop.")
    tables: dict[int, zipfile.ZipInfo] = {}
    listed = together = None
    for info in members:
        name = info.filename
        if found := _FOLDER.search(name):
            tables[int(found[1])] = info
        elif name.rsplit("/", 1)[-1] == "Habits.csv":
            listed = info
        elif name.rsplit("/", 1)[-1] == "Checkmarks.csv":
            together = info
    if listed is None:
        raise LoopUnreadable(_NOT_THE_EXPORT)
    rows = _rows(archive, listed)
    headings = [heading.strip().lower() for heading in next(rows, [])]
    if "name" not in headings:
        raise LoopUnreadable(_NOT_THE_EXPORT)
    plain = [dict(zip(headings, row, strict=False)) for row in rows if any(row)][:MAX_HABITS]
    if tables:
        days = {
            place: [(row[0], row[1], "".join(row[2:3])) for row in _rows(archive, info) if row[1:]]
            for place, info in tables.items()
        }
    else:
        days = _days_together(archive, together, len(plain))
    return [
        _habit(row, days.get(_whole(row.get("position", ""), index + 1), []))
        for index, row in enumerate(plain)
        if row.get("name", "").strip()
    ]


def _rows(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[list[str]]:
    with archive.open(info) as member:
        data = member.read(MAX_MEMBER + 1)
    if len(data) > MAX_MEMBER:
        raise LoopUnreadable("This zip file is far larger than any export of Loop.")
    text = data.decode("utf-8-sig", "replace").replace("\0", "")
    try:
        yield from csv.reader(io.StringIO(text))
    except csv.Error:
        raise LoopUnreadable(f"“{info.filename[:60]}” in it is damaged.") from None


def _days_together(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo | None, count: int
) -> dict[int, list[tuple[str, str, str]]]:
    """The days of all habits out of the one table with a column a habit, for exports without folders."""
    days: dict[int, list[tuple[str, str, str]]] = {}
    for row in _rows(archive, info) if info is not None else ():
        for place in range(1, min(count + 1, len(row))):
            days.setdefault(place, []).append((row[0], row[place], ""))
    return days


def _habit(row: dict[str, str], told: Sequence[tuple[str, str, str]]) -> LoopHabit:
    numerator = row.get("frequencynumerator") or row.get("numrepetitions") or "1"
    denominator = row.get("frequencydenominator") or row.get("interval") or "1"
    is_numeric = row.get("type", "").strip().upper() in ("NUMERICAL", "1")
    days: dict[date, LoopDay] = {}
    for on, value, note in told:
        day = _day(on, value.strip(), note.strip(), is_numeric)
        if day is not None:
            days[day.day] = day
    return LoopHabit(
        name=" ".join(row["name"].split())[:120],
        question=row.get("question", "").strip()[:1000],
        description=row.get("description", "").strip()[:2000],
        numerator=max(1, _whole(numerator, 1)),
        denominator=max(1, _whole(denominator, 1)),
        is_numeric=is_numeric,
        is_at_most=row.get("target type", "").strip().upper() in ("AT_MOST", "1"),
        target=_amount(row.get("target value", "")) or Decimal(0),
        unit=row.get("unit", "").strip()[:24],
        is_archived=row.get("archived?", "").strip().lower() in ("true", "1"),
        days=tuple(days[on] for on in sorted(days)),
    )


def _day(on: str, value: str, note: str, is_numeric: bool) -> LoopDay | None:
    """One checkmark; `None` for what nobody marked, and for what Loop filled in by itself."""
    try:
        day = date.fromisoformat(on.strip())
    except ValueError:
        return None
    word = value.upper() if is_numeric else _WORDS.get(value, value.upper())
    note = note[:2000]
    if word == "SKIP" or (is_numeric and word == "3"):
        return LoopDay(day, is_skipped=True, note=note)
    if is_numeric:
        thousandths = {"NO": Decimal(0), "YES_MANUAL": Decimal(2), "YES_AUTO": Decimal(1)}.get(word)
        amount = thousandths if thousandths is not None else _amount(value)
        if amount is None or amount < 0:
            return None
        return LoopDay(day, amount=min(MAX_AMOUNT, amount / THOUSANDTHS), note=note)
    return LoopDay(day, note=note) if word == "YES_MANUAL" else None


def _whole(text: str, otherwise: int) -> int:
    plain = text.strip()
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 6 else otherwise


def _amount(text: str) -> Decimal | None:
    try:
        amount = Decimal(text.strip() or "x")
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and abs(amount) < Decimal(10) ** 12 else None


# --- What becomes of it -------------------------------------------------------------------------
def cadence_fields(numerator: int, denominator: int) -> dict[str, Any]:
    """Our cadence for "`numerator` times in `denominator` days", the nearest there is."""
    a_week = numerator * 7 / denominator
    if a_week >= 6.5:
        return {"cadence": CadenceKind.DAILY}
    if numerator == 1 and denominator != 7 and 2 <= denominator <= 90:
        return {"cadence": CadenceKind.INTERVAL, "interval_days": denominator}
    if a_week >= 1:
        return {"cadence": CadenceKind.TIMES_PER_WEEK, "times_per_week": round(a_week)}
    return {
        "cadence": CadenceKind.INTERVAL,
        "interval_days": max(2, min(90, round(denominator / numerator))),
    }


def preview(user: User, export: Sequence[LoopHabit]) -> Report:
    """What `bring_in` would do now; writes nothing."""
    return _through(user, export, is_real=False)


def bring_in(user: User, export: Sequence[LoopHabit]) -> Report:
    """Makes the habits that are not here and adds the days they do not have; all of it or nothing."""
    with transaction.atomic():
        # Two imports at once would both find the habits missing.
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        return _through(user, export, is_real=True)


def _through(user: User, export: Sequence[LoopHabit], *, is_real: bool) -> Report:
    today = local_day(user)
    by_name = {habit.name.casefold(): habit for habit in Habit.objects.for_user(user)}
    names = {habit.pk: name for name, habit in by_name.items()}
    known_days: dict[str, set[date]] = {name: set() for name in by_name}
    for habit_id, day in HabitCompletion.objects.filter(habit__in=list(names)).values_list(
        "habit_id", "local_date"
    ):
        known_days[names[habit_id]].add(day)
    report = Report()
    for told in export:
        name = told.name.casefold()
        # Of two habits with one name the second adds its days to the first.
        is_new = name not in known_days
        habit = by_name.get(name)
        days = [day for day in told.days if editing.EARLIEST_START <= day.day <= today]
        known = known_days.get(name, set())
        fresh = [day for day in days if day.day not in known]
        outcome = Outcome(
            name=told.name,
            cadence=in_words(told),
            is_new=is_new,
            new_days=len(fresh),
            known_days=len(days) - len(fresh),
            first=days[0].day if days else None,
            last=days[-1].day if days else None,
            is_archived=told.is_archived,
        )
        report.habits.append(outcome)
        if is_real:
            try:
                by_name[name] = _brought_in(user, told, habit, fresh, today)
            except ValidationError as problem:
                outcome.refused, outcome.new_days = " ".join(problem.messages), 0
                continue
        known_days[name] = known | {day.day for day in fresh}
    return report


def _brought_in(
    user: User, told: LoopHabit, habit: Habit | None, fresh: Sequence[LoopDay], today: date
) -> Habit:
    with transaction.atomic():
        made = habit or _made(user, told, fresh[0].day if fresh else today)
        if fresh:
            _add_days(user, made, fresh, today)
        elif habit is None:
            standing.refresh(made, today, marks={})
        if fresh or habit is None:
            _tell(user, made, fresh, is_new=habit is None)
    return made


def in_words(told: LoopHabit) -> str:
    """How often, as Loop has it: "3 times in 7 days"."""
    if told.numerator >= told.denominator:
        return "Every day"
    if told.numerator == 1:
        return "Once a week" if told.denominator == 7 else f"Every {told.denominator} days"
    days = "a week" if told.denominator == 7 else f"in {told.denominator} days"
    return f"{told.numerator} times {days}"


def _made(user: User, told: LoopHabit, starts_on: date) -> Habit:
    """The habit, saved; raises `ValidationError` when there is no room for it."""
    is_measured = told.is_numeric and (told.is_at_most or told.target > 0)
    habit = Habit(
        user=user,
        name=told.name,
        category=Category.WELLNESS,
        rationale=told.question or told.description,
        starts_on=starts_on,
        status=HabitStatus.ARCHIVED if told.is_archived else HabitStatus.ACTIVE,
        measure=_measure(told) if is_measured else MeasureKind.YES_NO,
        target_value=min(MAX_AMOUNT, told.target) if is_measured else None,
        unit=told.unit if told.is_numeric else "",
        **cadence_fields(told.numerator, told.denominator),
    )
    editing.check(habit)
    if not told.is_archived:
        held = Habit.objects.for_user(user).exclude(status=HabitStatus.ARCHIVED).count()
        if held >= editing.MAX_HABITS:
            raise ValidationError(
                f"{editing.MAX_HABITS} habits are as many as there is room for. Put one away first."
            )
    habit.save(force_insert=True)
    return habit


def _measure(told: LoopHabit) -> MeasureKind:
    return MeasureKind.AT_MOST if told.is_at_most else MeasureKind.AT_LEAST


def _add_days(user: User, habit: Habit, fresh: Sequence[LoopDay], today: date) -> None:
    """Adds rows for days that have none; the habit's start moves back to the first of them."""
    # A tick that comes meanwhile waits, so that the copy of the standing knows both.
    Habit.objects.select_for_update(no_key=True).get(pk=habit.pk)
    HabitCompletion.objects.bulk_create(
        (_row(user, habit, day) for day in fresh),
        batch_size=WRITTEN_AT_ONCE,
        ignore_conflicts=True,
    )
    if fresh[0].day < habit.starts_on:
        habit.starts_on = fresh[0].day
        habit.save(update_fields=["starts_on", "updated_at"])
    standing.refresh(habit, today)


def _row(user: User, habit: Habit, day: LoopDay) -> HabitCompletion:
    return HabitCompletion(
        habit=habit,
        user=user,
        local_date=day.day,
        status=_status(habit, day),
        value=None if day.amount is None else day.amount.quantize(Decimal("0.01")),
        note=day.note,
        source=SOURCE,
    )


def _status(habit: Habit, day: LoopDay) -> str:
    if day.is_skipped:
        return CompletionStatus.SKIPPED
    if day.amount is None:
        return CompletionStatus.DONE
    if habit.measure == MeasureKind.YES_NO or habit.target_value is None:
        return CompletionStatus.DONE if day.amount > 0 else CompletionStatus.MISSED
    credit = fulfilment(habit.measure, float(day.amount), float(habit.target_value))
    if credit >= 1:
        return CompletionStatus.DONE
    return CompletionStatus.PARTIAL if credit > 0 else CompletionStatus.MISSED


def _tell(user: User, habit: Habit, fresh: Sequence[LoopDay], *, is_new: bool) -> None:
    first, last = (fresh[0].day, fresh[-1].day) if fresh else (None, None)
    ledger.record(
        user,
        "habit.imported",
        raw_data={
            "habit": str(habit.pk),
            "category": habit.category,
            "is_new": is_new,
            "days": len(fresh),
            "first": first and first.isoformat(),
            "last": last and last.isoformat(),
            ledger.TIME_KNOWN: False,
        },
        source=SOURCE,
        idempotency_key=f"habit.imported:{habit.pk}:{first}:{last}:{len(fresh)}",
    )
