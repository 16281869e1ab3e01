"""Lets go of what is older than the policies keep."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from momentum.retention import apply_retention


class Command(BaseCommand):
    help = (
        "Drop the months of the ledger and of the events, and delete the samples and what devices sent, that are older than "
        "LEDGER_KEEP_MONTHS, EVENTS_KEEP_MONTHS and BIOMETRIC_SAMPLE_KEEP_DAYS keep. Runs daily by itself."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only print what would go")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        found = apply_retention(now=timezone.now(), dry_run=dry_run)
        verb = "would go" if dry_run else "gone"
        for gone in found:
            self.stdout.write(f"{gone.place}: {gone.rows:,} rows {verb}")
        if not found:
            self.stdout.write("Nothing is older than the policies keep.")
