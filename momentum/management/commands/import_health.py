"""`manage.py import_health`: a file of health data for one person, read right here."""

import sys
import time
from argparse import ArgumentParser
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import User
from momentum.biometrics.importing import jobs
from momentum.biometrics.importing.files import MEGABYTE, Unreadable
from momentum.biometrics.importing.reading import Read, read
from momentum.models import ImportKind, Metric

BROKEN = 3


class Command(BaseCommand):
    help = (
        "Reads an export of Apple Health, a CSV of Garmin or Fitbit, or a FIT file for one person. "
        "The same file again changes nothing. Exit codes: 0 read to the end, 1 not read at all, "
        "3 read up to where the file is broken."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--user", required=True, help="The person's email address")
        parser.add_argument("--dry-run", action="store_true", help="Read and tell, write nothing")
        parser.add_argument(
            "--kind", choices=ImportKind.values, help="Refuse the file when it is another kind"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email__iexact=options["user"], is_active=True).first()
        if user is None:
            raise CommandError(f"Nobody has the address {options['user']}.")
        path: Path = options["file"]
        now = timezone.now()
        show = _Shown(path.stat().st_size if path.is_file() else 0, options["verbosity"] > 0)
        try:
            with path.open("rb") as file:
                told = read(
                    file,
                    jobs.clock_of(user, now),
                    kind=ImportKind(options["kind"]) if options["kind"] else None,
                    progress=show,
                )
        except OSError as problem:
            raise CommandError(f"{path}: {problem.strerror}") from None
        except Unreadable as problem:
            show.end()
            raise CommandError(str(problem)) from None
        show.end()
        changed: int | None = None
        if not options["dry_run"]:
            changed, refused = jobs.store(user, told, now=now)
            told.gathered.passed_over.update(refused)
        if options["verbosity"] > 0:
            self._tell(told, changed)
        if told.stopped:
            self.stderr.write(f"Not read to the end: {told.stopped}")
            sys.exit(BROKEN)

    def _tell(self, told: Read, changed: int | None) -> None:
        self.stdout.write(f"{told.kind.label}: {told.records:,} records")
        for metric, found in jobs.found_in(told).items():
            self.stdout.write(
                f"  {Metric(metric).label}: {found['days']:,} days, {found['first']} to {found['last']}"
            )
        for why, count in told.gathered.passed_over.most_common():
            self.stdout.write(f"  passed over: {why}: {count:,}")
        if changed is None:
            self.stdout.write("Nothing was written (dry run).")
        else:
            self.stdout.write(f"{changed:,} daily values new or updated.")


class _Shown:
    """Progress on stderr: how much, how fast, and when it will be done."""

    def __init__(self, size: int, is_on: bool) -> None:
        self._size = size
        self._is_on = is_on
        self._began = self._last = time.monotonic()
        self._told = False

    def __call__(self, share: float, records: int, /) -> None:
        now = time.monotonic()
        if not self._is_on or now - self._last < 1:
            return
        self._last, self._told = now, True
        passed = now - self._began
        ends = timezone.localtime() + timedelta(seconds=passed / share - passed) if share else None
        rate = self._size * share / MEGABYTE / passed
        when = f", done about {ends:%H:%M:%S}" if ends else ""
        sys.stderr.write(f"\r{share:4.0%}  {records:,} records  {rate:.1f} MB/s{when}   ")
        sys.stderr.flush()

    def end(self) -> None:
        """Ends the line."""
        if self._told:
            sys.stderr.write("\n")
