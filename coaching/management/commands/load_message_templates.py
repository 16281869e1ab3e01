"""Loads the reviewed message templates that come with the product."""

from pathlib import Path
from typing import Any

import yaml
from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from coaching.models import MessageTemplate

DATA = Path(__file__).resolve().parents[2] / "outreach" / "data" / "message_templates.yaml"


class Command(BaseCommand):
    help = "Add message templates that are not there yet; those that staff edited stay as they are."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say what would be added")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        rows: list[dict[str, Any]] = yaml.safe_load(DATA.read_text())
        added = 0
        with transaction.atomic():
            for row in rows:
                fields = {name: value for name, value in row.items() if name != "key"}
                _, created = MessageTemplate.objects.get_or_create(key=row["key"], defaults=fields)
                added += created
            if dry_run:
                transaction.set_rollback(True)
        verb = "would be added" if dry_run else "added"
        self.stdout.write(f"{added} of {len(rows)} message templates {verb}.")
