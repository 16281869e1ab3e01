"""What came of past weeks, computed anew."""

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from momentum import outcomes


class Command(BaseCommand):
    help = (
        "Compute the outcomes (retention, goals, body) of the weeks of the given days for everybody who agrees "
        "to tracking. Weeks that are not over for a person are left out. Running it again changes only what "
        "the data changed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", dest="first", type=date.fromisoformat, required=True)
        parser.add_argument("--to", dest="last", type=date.fromisoformat, required=True)
        parser.add_argument("--dry-run", action="store_true", help="only say what would change")

    def handle(self, *args: Any, first: date, last: date, dry_run: bool, **options: Any) -> None:
        if last < first:
            raise CommandError("--to lies before --from.")
        said = "would be new or changed" if dry_run else "new or changed"
        total = 0
        for one in outcomes.compute(first, last, now=timezone.now(), dry_run=dry_run):
            total += one.rows
            self.stdout.write(
                f"week of {one.week}: {one.rows:,} rows {said} ({one.people:,} people)"
            )
        self.stdout.write(f"{total:,} rows {said}.")
