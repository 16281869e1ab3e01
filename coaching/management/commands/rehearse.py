"""Plays a month of outreach through the product's own code and prints what it did."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from coaching.outreach.rehearsal.month import play
from coaching.outreach.rehearsal.report import Report, in_words, report_on


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
            "--json", type=Path, metavar="FILE", help="write the numbers there, too"
        )

    def handle(
        self,
        *args: Any,
        people: int,
        days: int,
        seed: int,
        start: date,
        json: Path | None,
        **options: Any,
    ) -> None:
        if people < 1 or days < 1:
            raise CommandError("There must be at least one person and one day.")
        report: Report = play(
            people,
            days,
            seed=seed,
            start=datetime(start.year, start.month, start.day, tzinfo=UTC),
            read=lambda played: report_on(played, seed),
            say=self.stderr.write,
        )
        self.stdout.write(in_words(report))
        if json is not None:
            json.write_text(_as_text(report))
        if not report.is_clean:
            raise CommandError(f"{sum(report.breaches.values())} promises were broken.")


def _as_text(report: Report) -> str:
    return json.dumps(report.as_json(), indent=1)
