"""What became of an import, in words for the person."""

from dataclasses import dataclass
from datetime import date

from momentum.models import HealthImport, ImportStatus, Metric

from .files import MEGABYTE
from .jobs import OPEN

HINTS = {
    Metric.SLEEP_MINUTES: "nights",
}
MOST_LINES = 12


@dataclass(frozen=True, slots=True)
class FoundLine:
    """One metric of the file: its name, how many days, from when to when."""

    label: str
    days: int
    unit: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Summary:
    """One import as its page shows it; `percent` is 0 to 100."""

    headline: str
    percent: int
    is_open: bool
    is_receiving: bool
    is_failed: bool
    found: list[FoundLine]
    passed_over: list[tuple[str, int]]
    more_passed_over: int


def summary_of(row: HealthImport) -> Summary:
    """The words for one import."""
    passed = sorted(row.skipped.items(), key=lambda item: (-item[1], item[0]))
    return Summary(
        headline=headline(row),
        percent=percent_of(row),
        is_open=row.status in OPEN,
        is_receiving=row.status == ImportStatus.RECEIVING,
        is_failed=row.status == ImportStatus.FAILED,
        found=[
            FoundLine(
                Metric(name).label,
                told["days"],
                _unit(name, told["days"]),
                date.fromisoformat(told["first"]),
                date.fromisoformat(told["last"]),
            )
            for name, told in sorted(row.found.items(), key=lambda item: -item[1]["days"])
        ],
        passed_over=passed[:MOST_LINES],
        more_passed_over=sum(count for _, count in passed[MOST_LINES:]),
    )


def percent_of(row: HealthImport) -> int:
    """How much of the file was read, in per cent; while it is on its way, how much of it is here."""
    if row.status == ImportStatus.DONE:
        return 100
    done = row.bytes_received if row.status == ImportStatus.RECEIVING else row.bytes_read
    return min(99, 100 * done // row.size) if row.size else 0


def headline(row: HealthImport) -> str:
    """One sentence on where the import stands."""
    if row.status == ImportStatus.RECEIVING:
        here, whole = row.bytes_received // MEGABYTE, max(1, round(row.size / MEGABYTE))
        return f"{here:,} of {whole:,} MB are here."
    if row.status == ImportStatus.WAITING:
        return "Waiting for its turn."
    if row.status == ImportStatus.RUNNING:
        return f"Reading: {row.records_read:,} records so far."
    if row.status == ImportStatus.FAILED:
        return row.error
    if not row.found:
        return "Read to the end, and found nothing that I keep."
    if not row.days_changed:
        return "All of this was here already. Nothing changed."
    values = "value" if row.days_changed == 1 else "values"
    return f"{row.days_changed:,} daily {values} new or updated."


def _unit(metric: str, count: int) -> str:
    word = HINTS.get(Metric(metric), "days")
    return word.removesuffix("s") if count == 1 else word
