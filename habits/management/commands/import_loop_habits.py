"""`manage.py import_loop_habits`: an export of Loop Habit Tracker for one person."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from habits import loop_import


class Command(BaseCommand):
    help = "Brings habits and their days from Loop's CSV export. The same again changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--user", required=True, help="The person's email address")
        parser.add_argument("--dry-run", action="store_true", help="Tell, write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email__iexact=options["user"], is_active=True).first()
        if user is None:
            raise CommandError(f"Nobody has the address {options['user']}.")
        path: Path = options["file"]
        try:
            with path.open("rb") as file:
                export = loop_import.read_upload(file, path.stat().st_size)
        except OSError as problem:
            raise CommandError(f"{path}: {problem.strerror}") from None
        except loop_import.LoopUnreadable as problem:
            raise CommandError(str(problem)) from None
        act = loop_import.preview if options["dry_run"] else loop_import.bring_in
        report = act(user, export)
        if options["verbosity"] == 0:
            return
        for habit in report.habits:
            what = habit.refused or (
                f"{'new' if habit.is_new else 'here already'}, {habit.new_days} days to add, "
                f"{habit.known_days} known"
            )
            self.stdout.write(f"{habit.name} ({habit.cadence}): {what}")
        end = " (dry run)" if options["dry_run"] else ""
        self.stdout.write(f"{report.new_habits} habits and {report.new_days} days{end}")
