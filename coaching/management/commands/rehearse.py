"""Plays a month of outreach through the product's own code and prints what it did."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from coaching.outreach.rehearsal.groups import rehearse


class Command(BaseCommand):
    help = (
        "Rehearse outreach: simulated people and a simulated clock, the product's own code; nothing is sent or "
        "kept. Exits with 1 when a promise was broken."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--people", type=int, default=200)
        parser.add_argument("--days", type=int, default=30)
        parser.add_argument(
            "--seed", type=int, default=1, help="the same seed gives the same month"
        )
        parser.add_argument(
            "--start",
            type=date.fromisoformat,
            default=date(2026, 10, 1),
            help="the first day, for example 2026-10-01 (summer time ends in Europe on the 25th)",
        )
        parser.add_argument(
            "--json", dest="file", type=Path, metavar="FILE", help="write the numbers there, too"
        )

    def handle(
        self,
        *args: Any,
        people: int,
        days: int,
        seed: int,
        start: date,
        file: Path | None,
        **options: Any,
    ) -> None:
        if people < 1 or days < 1:
            raise CommandError("There must be at least one person and one day.")
        report = rehearse(
            people,
            days,
            seed=seed,
            start=datetime(start.year, start.month, start.day, tzinfo=UTC),
            say=self.stderr.write,
        )
        self.stdout.write("\n".join(report.lines()))
        if file is not None:
            file.write_text(json.dumps(report.as_json(), indent=1))
        if not report.is_clean:
            broken = report.found.breaches.total() + report.found.promises.total()
            raise CommandError(f"{broken} promises were broken.")
