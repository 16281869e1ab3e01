"""Loads the library of articles that comes with the product."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from coaching.knowledge.loading import LIBRARY, BadArticle, load_library, read_library


class Command(BaseCommand):
    help = "Make the knowledge library equal to its files: new, changed and removed articles. Safe to run again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--folder", type=Path, default=LIBRARY, help="where the articles are")
        parser.add_argument("--check", action="store_true", help="only read the files")
        parser.add_argument(
            "--words-only",
            action="store_true",
            help="leave the vectors to the background; until then passages are found by words",
        )

    def handle(
        self, *args: Any, folder: Path, check: bool, words_only: bool, **options: Any
    ) -> None:
        try:
            articles = read_library(folder)
        except BadArticle as problem:
            raise CommandError(str(problem)) from None
        if check:
            self.stdout.write(f"{len(articles)} articles can be loaded.")
            return
        if not articles:
            raise CommandError(f"There are no articles in {folder}.")
        done = load_library(articles, now=timezone.now(), with_vectors=not words_only)
        if options["verbosity"] > 0:
            self.stdout.write(
                f"{done.added} articles added, {done.changed} changed, {done.removed} removed, "
                f"{done.same} as they were."
            )
