"""Loads the reviewed message templates that come with the product."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from django.apps import apps
from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from coaching.models import MessageTemplate

DATA = Path(__file__).resolve().parents[2] / "outreach" / "data" / "message_templates.yaml"


def files() -> list[Path]:
    """The templates of every app: `<a room of the app>/data/message_templates.yaml`."""
    return sorted(
        found
        for app in apps.get_app_configs()
        for found in Path(app.path).glob("*/data/message_templates.yaml")
    )


def rows_of(file: Path) -> Iterator[dict[str, Any]]:
    """The templates of one file; an entry with `texts` stands for one each, with a number behind its key."""
    for row in yaml.safe_load(file.read_text()):
        texts = row.pop("texts", None)
        if texts is None:
            yield row
        for number, text in enumerate(texts or (), 1):
            yield {**row, "key": f"{row['key']}_{number}", "text": text}


class Command(BaseCommand):
    help = "Add message templates that are not there yet; those that staff edited stay as they are."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say what would be added")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        rows = [row for file in files() for row in rows_of(file)]
        with transaction.atomic():
            known = set(MessageTemplate.objects.values_list("key", flat=True))
            added = MessageTemplate.objects.bulk_create(
                [MessageTemplate(**row) for row in rows if row["key"] not in known],
                ignore_conflicts=True,
            )
            if dry_run:
                transaction.set_rollback(True)
        verb = "would be added" if dry_run else "added"
        self.stdout.write(f"{len(added)} of {len(rows)} message templates {verb}.")
