"""`manage.py load_catalogue`: habits and playbooks from the data files into the tables."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from habits.catalogue.library import CatalogueInvalid
from habits.catalogue.loader import load


class Command(BaseCommand):
    help = "Loads the habit catalogue. Safe to run again; keeps what staff edited unless --force."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="Check everything, write nothing"
        )
        parser.add_argument("--force", action="store_true", help="Overwrite rows that staff edited")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            result = load(force=options["force"], dry_run=options["dry_run"])
        except CatalogueInvalid as problem:
            raise CommandError(
                "The catalogue was not loaded; nothing was written:\n- "
                + "\n- ".join(problem.problems)
            ) from None
        if options["verbosity"] == 0:
            return
        for kind, loaded in result.items():
            self.stdout.write(
                f"{kind}: {len(loaded.created)} created, {len(loaded.updated)} updated, "
                f"{len(loaded.unchanged)} unchanged, {len(loaded.kept)} kept as edited by staff"
                + (" (dry run)" if options["dry_run"] else "")
            )
