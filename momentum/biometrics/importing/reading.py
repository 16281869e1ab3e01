"""Reading a file of health data: what it is, by its content, and what it says."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

from momentum.models import BiometricSource, ImportKind

from . import apple_health, fit_file, fitbit_csv, garmin_csv
from .files import MAX_TABLES, Part, Progress, StoppedShort, Unreadable, parts_of, silent
from .gathering import Clock, Gathered
from .tables import head_of_table

Reader = Callable[[Part, Gathered, Progress], None]
READERS: dict[ImportKind, Reader] = {
    ImportKind.APPLE_HEALTH: apple_health.read,
    ImportKind.GARMIN_CSV: garmin_csv.read,
    ImportKind.FITBIT_CSV: fitbit_csv.read,
    ImportKind.FIT: fit_file.read,
}
SOURCES = {
    ImportKind.APPLE_HEALTH: BiometricSource.HEALTHKIT,
    ImportKind.GARMIN_CSV: BiometricSource.GARMIN,
    ImportKind.FITBIT_CSV: BiometricSource.FITBIT,
    ImportKind.FIT: BiometricSource.FIT_FILE,
}
UNKNOWN = (
    "I do not know this kind of file. I can read an export of Apple Health, tables (CSV) of Garmin Connect and "
    "Fitbit, and FIT files."
)
OTHER_FILES = "other files in the archive"


@dataclass(frozen=True, slots=True)
class Read:
    """What was read. `stopped` says in words where the file broke, empty when it was read to its end."""

    kind: ImportKind
    gathered: Gathered
    stopped: str = ""

    @property
    def records(self) -> int:
        """How many records counted for something or were passed over."""
        return self.gathered.records + sum(self.gathered.passed_over.values())


def recognized(part: Part) -> ImportKind | None:
    """What a part is, by its content."""
    try:
        head = part.head()
    except (Unreadable, StoppedShort):
        raise
    except Exception:
        return None  # packed and broken: what is wrong is said when nothing else is found
    if apple_health.looks_like(head):
        return ImportKind.APPLE_HEALTH
    if fit_file.looks_like(head):
        return ImportKind.FIT
    rows = head_of_table(head)
    if fitbit_csv.looks_like(rows):
        return ImportKind.FITBIT_CSV
    return ImportKind.GARMIN_CSV if garmin_csv.looks_like(rows) else None


def read(
    file: IO[bytes],
    clock: Clock,
    *,
    kind: ImportKind | None = None,
    progress: Progress = silent,
) -> Read:
    """Reads a whole file, plain or zipped.

    Of an archive everything of one kind is read: the first kind found, in the order of `ImportKind`.

    Raises `Unreadable` when nothing in it can be read, or it is not of the `kind` that was asked for.
    """
    with parts_of(file) as parts:
        found: dict[ImportKind, list[Part]] = {}
        others = 0
        for part in parts[:MAX_TABLES]:
            what = recognized(part) if _may_be(part) else None
            if what is None:
                others += 1
            else:
                found.setdefault(what, []).append(part)
        chosen = kind or next((each for each in ImportKind if each in found), None)
        if chosen is None:
            raise Unreadable(UNKNOWN)
        if chosen not in found:
            raise Unreadable(f"This is not a file of the kind “{chosen.label}”.")
        gathered = Gathered(clock)
        stopped = _read_all(READERS[chosen], found[chosen], gathered, progress)
        if len(parts) > 1:
            others += sum(len(each) for what, each in found.items() if what is not chosen)
            if others:
                gathered.passed_over[OTHER_FILES] += others
        return Read(chosen, gathered, stopped)


def _read_all(reader: Reader, parts: list[Part], gathered: Gathered, progress: Progress) -> str:
    """Reads the parts one after another; returns where the first broken one stopped."""
    whole = sum(part.size for part in parts)
    before, stopped = 0, ""
    for part in parts:

        def told(share: float, records: int, part: Part = part, done: int = before) -> None:
            progress(min(1.0, (done + share * part.size) / whole), records)

        try:
            reader(part, gathered, told)
        except StoppedShort as stop:
            where = f"“{part.name.rsplit('/', 1)[-1]}”: " if part.name else ""
            stopped = stopped or f"{where}{stop}"
        before += part.size
    return stopped


def _may_be(part: Part) -> bool:
    """Routes and cardiograms of an archive need not be looked into: thousands of them, none of ours."""
    lower = part.name.lower()
    return not lower.endswith((".gpx", ".json", ".jpg", ".jpeg", ".png", ".pdf", ".html", ".txt"))
