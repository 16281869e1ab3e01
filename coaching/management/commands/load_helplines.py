"""Loads the crisis lines that come with the product."""

from datetime import date
from pathlib import Path
from typing import Any

import yaml
from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from coaching.models import Helpline

DATA = Path(__file__).resolve().parents[2] / "safety" / "data" / "helplines.yaml"


class Command(BaseCommand):
    help = "Add crisis lines that are not there yet; lines that staff edited stay as they are."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say what would be added")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        rows: list[dict[str, Any]] = yaml.safe_load(DATA.read_text())
        added = 0
        with transaction.atomic():
            for row in rows:
                verified_on: date | None = row.get("verified_on")
                _, created = Helpline.objects.get_or_create(
                    country=row["country"],
                    name=row["name"],
                    defaults={**row, "verified_on": verified_on},
                )
                added += created
            if dry_run:
                transaction.set_rollback(True)
        verb = "would be added" if dry_run else "added"
        self.stdout.write(f"{added} of {len(rows)} crisis lines {verb}.")
