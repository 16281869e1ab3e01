"""How well momentum scores tell who stays and how far goals move."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from coaching.charts.picture import png, standalone
from coaching.experiments.intervals import Interval
from momentum import validating
from momentum.models import ScoringVersion
from momentum.scoring import versions
from momentum.validating import Validation, Validity


class Command(BaseCommand):
    help = (
        "Hold scores at the ends of past months against what came in the four weeks after: who stayed (area "
        "under the curve, calibration, Brier score) and how far goals moved (rank correlation), each with a "
        "95 % interval over people, beside last week's active days as the naive guess. Needs outcomes: see "
        "compute_outcomes."
    )

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Django's own `--version` gives way: here it is that of the scores."""
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--version", dest="scoring", help="a scoring version; default: the active"
        )
        parser.add_argument("--months", type=int, default=6, help="newest months looked at")
        parser.add_argument("--json", action="store_true", help="print one JSON document")
        parser.add_argument("--out", type=Path, help="also draw a picture: a file .svg or .png")

    def handle(
        self, *args: Any, scoring: str | None, months: int, out: Path | None, **options: Any
    ) -> None:
        if not 1 <= months <= 120:
            raise CommandError("--months is from 1 to 120.")
        if out is not None and out.suffix not in {".svg", ".png"}:
            raise CommandError("--out is a file that ends in .svg or .png.")
        found = validating.validate(_version(scoring), months=months, now=timezone.now())
        if options["json"]:
            self.stdout.write(json.dumps(asdict(found), default=str, indent=2))
        else:
            self._tell(found)
        if out is not None:
            self._draw(found, out)

    def _tell(self, found: Validation) -> None:
        first, last = found.months[0], found.months[-1]
        self.stdout.write(
            f"{found.version}: {found.cases:,} scores of {found.people:,} people at {len(found.months)} ends of "
            f"months from {first} to {last}."
        )
        if found.retained is not None:
            self.stdout.write(f"{found.retained:.0%} were active in the four weeks after.")
        self.stdout.write("")
        self.stdout.write(
            f"{'':25}{'people':>8}{'AUC':>22}{'Brier':>8}{'guess':>8}{'goals: rank correlation':>32}"
        )
        for one in found.validities:
            self.stdout.write(_row(one))
        self.stdout.write("")
        overall = found.validities[0]
        if overall.parts:
            self.stdout.write("Tenths of the overall score: who stayed")
        for part in overall.parts:
            self.stdout.write(
                f"  {part.low:5.1f} to {part.high:5.1f}{part.cases:8,}{part.retained:8.0%}"
            )
        for sentence in found.sentences:
            self.stdout.write(sentence)

    def _draw(self, found: Validation, out: Path) -> None:
        chart = validating.picture_of(found)
        if chart is None:
            self.stderr.write("Too few people for a picture.")
            return
        try:
            if out.suffix == ".svg":
                out.write_text(standalone(chart), encoding="utf-8")
            else:
                out.write_bytes(png(chart))
        except OSError as error:
            raise CommandError(f"{out}: {error.strerror}") from error


def _version(name: str | None) -> ScoringVersion:
    if name is None:
        return versions.active()
    try:
        return ScoringVersion.objects.get(name=name)
    except ScoringVersion.DoesNotExist:
        raise CommandError(f"There is no scoring version {name!r}.") from None


def _row(one: Validity) -> str:
    return (
        f"{one.title:25}{one.people:8,}{_value(one.auc, one.auc_interval):>22}{_plain(one.brier):>8}"
        f"{_plain(one.brier_of_guess):>8}{_value(one.correlation, one.correlation_interval):>32}"
    )


def _plain(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _value(value: float | None, interval: Interval | None) -> str:
    if value is None:
        return "–"
    return f"{value:.2f}" + (f" ({interval.low:.2f}–{interval.high:.2f})" if interval else "")
