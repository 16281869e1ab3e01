"""Writes what analysts work with: Parquet files, a month each."""

import sys
import time
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from django.utils import timezone

from momentum.exporting import (
    TABLES,
    BadExport,
    Order,
    Written,
    count,
    export,
    exported_people,
)

# Exit codes: what was asked makes no sense; it could not be done.
WRONG, FAILED = 2, 1


class Command(BaseCommand):
    help = (
        "Write events, daily scores or the ledger as Parquet files for analysts, one a month: "
        "DIR/events/year=2026/month=11/events.parquet. Only of people who agree to behavioural tracking now, "
        "under pseudonyms. Progress goes to the error stream. Exit codes: 0 done, 1 failed, 2 wrong arguments."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", dest="first", required=True, type=_day, metavar="YYYY-MM-DD")
        parser.add_argument("--to", dest="last", required=True, type=_day, metavar="YYYY-MM-DD")
        parser.add_argument("--out", type=Path, metavar="DIR", help="not needed for a dry run")
        parser.add_argument("--table", choices=list(TABLES), default="events")
        parser.add_argument("--users", nargs="+", default=[], help="addresses or ids of people")
        parser.add_argument(
            "--with-user-ids",
            action="store_true",
            help="real ids instead of pseudonyms: such files are personal data",
        )
        parser.add_argument(
            "--resume", action="store_true", help="keep files finished under the same options"
        )
        parser.add_argument("--dry-run", action="store_true", help="only print the rows of months")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["out"] is None and not options["dry_run"]:
            raise CommandError("--out is needed.", returncode=WRONG)
        try:
            order = Order(
                table=TABLES[options["table"]],
                first=options["first"],
                last=options["last"],
                folder=options["out"] or Path(),
                people=self._people(options["users"]),
                with_user_ids=options["with_user_ids"],
                resume=options["resume"],
            )
        except BadExport as problem:
            raise CommandError(str(problem), returncode=WRONG) from None
        try:
            months = count(order)
            if options["dry_run"]:
                for month, rows in months.items():
                    self.stdout.write(f"{month:%Y-%m}: {rows:,} rows")
                self.stdout.write(f"{sum(months.values()):,} rows in {len(months)} files.")
                return
            progress = Progress(sum(months.values()), self.stderr)
            files = export(order, on_progress=progress)
        except (OSError, DatabaseError, BadExport) as problem:
            raise CommandError(f"The export stopped: {problem}", returncode=FAILED) from problem
        progress.end()
        self.stdout.write(f"{progress.rows:,} rows in {len(files)} files.")

    def _people(self, mails_or_ids: list[str]) -> tuple[Any, ...] | None:
        if not mails_or_ids:
            return None
        found = tuple(exported_people(mails_or_ids).values_list("pk", flat=True))
        if not found:
            raise BadExport("Nobody of them agrees to behavioural tracking.")
        if len(found) < len(set(mails_or_ids)):
            self.stderr.write(f"{len(found)} of {len(set(mails_or_ids))} people may be exported.")
        return found


class Progress:
    """Says on the error stream how far it is, how fast, and when it will be done; a line, or many in a file."""

    def __init__(self, total: int, out: Any) -> None:
        self.rows = 0
        self._new = 0
        self._total = total
        self._out = out
        self._begun = time.monotonic()
        self._said = 0.0
        self._is_terminal = sys.stderr.isatty()

    def __call__(self, written: Written) -> None:
        self._new += 0 if written.is_skipped else max(0, written.all_rows - self.rows)
        self.rows = written.all_rows
        now = time.monotonic()
        if now - self._said < (0.5 if self._is_terminal else 10):
            return
        self._said = now
        self._say(f"{written.month:%Y-%m}: {self._how_far(now)}")

    def end(self) -> None:
        now = time.monotonic()
        self._say(f"done: {self._how_far(now)}")
        if self._is_terminal:
            self._out.write("\n", ending="")

    def _how_far(self, now: float) -> str:
        rate = self._new / max(now - self._begun, 1e-6)
        words = f"{self.rows:,} of {self._total:,} rows, {rate:,.0f} rows/s"
        left = self._total - self.rows
        if rate and left > 0:
            ends = timezone.localtime() + timedelta(seconds=left / rate)
            words += f", done about {ends:%H:%M:%S} UTC"
        return words

    def _say(self, text: str) -> None:
        if self._is_terminal:
            self._out.write(f"\r\033[K{text}", ending="")
        else:
            self._out.write(text)


def _day(text: str) -> date:
    return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no zone
