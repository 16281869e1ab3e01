"""Gathers what shows whether the coach was of use, from everything on record."""

from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from coaching.learning import events
from coaching.learning_permission import learners
from coaching.outreach.clock import ranges


class Command(BaseCommand):
    help = (
        "Read learning events off the ledger, opinions and settled nudges of everybody who agreed to it. Run "
        "again it writes the same rows. --rebuild deletes a range's events first; --after goes on behind an id "
        "that an earlier run printed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--rebuild", action="store_true", help="delete what is there first")
        parser.add_argument("--after", type=UUID, help="only people with larger ids than this one")
        parser.add_argument("--batch-size", type=int, default=500, help="people at a time")
        parser.add_argument("--dry-run", action="store_true", help="only say for how many people")

    def handle(
        self,
        *args: Any,
        rebuild: bool,
        after: UUID | None,
        batch_size: int,
        dry_run: bool,
        **options: Any,
    ) -> None:
        if batch_size < 1:
            raise CommandError("--batch-size is at least 1.")
        people = learners().filter(pk__gt=after) if after else learners()
        if dry_run:
            self.stdout.write(f"{people.count()} people would be gone through.")
            return
        total = 0
        for first, last in ranges(people, batch_size):
            if rebuild:
                total += events.rebuild(first, last)
            else:
                total += events.gather(first, last, since=events.BEGINNING)
            self.stdout.write(f"{total} events, up to {last}")
        self.stdout.write(self.style.SUCCESS(f"{total} events."))
