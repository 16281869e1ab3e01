"""`manage.py import_tasks`: a Todoist CSV or a calendar file for one person."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import User
from productivity.transfer import bringing
from productivity.transfer.reading import MAX_BYTES, Unreadable, read


class Command(BaseCommand):
    help = "Brings tasks from a Todoist CSV or an .ics file. The same again changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--user", required=True, help="The person's email address")
        parser.add_argument("--dry-run", action="store_true", help="Tell, write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email__iexact=options["user"], is_active=True).first()
        if user is None:
            raise CommandError(f"Nobody has the address {options['user']}.")
        path: Path = options["file"]
        now = timezone.now()
        try:
            with path.open("rb") as source:
                file = read(user, source.read(MAX_BYTES + 1), now=now)
        except OSError as problem:
            raise CommandError(f"{path}: {problem.strerror}") from None
        except Unreadable as problem:
            raise CommandError(str(problem)) from None
        if options["dry_run"]:
            report = bringing.preview(user, file)
        else:
            report = bringing.bring_in(user, file, now=now, tell=self._progress(options))
        if options["verbosity"] > 0:
            self._tell(report, end=" (dry run)" if options["dry_run"] else "")
        if report.refused:
            raise CommandError(f"{report.refused} tasks could not be brought in.", returncode=2)

    def _progress(self, options: dict[str, Any]) -> Any:
        def tell(done: int, of: int) -> None:
            if options["verbosity"] > 0:
                self.stderr.write(f"{done} of {of}")

        return tell

    def _tell(self, report: bringing.Report, *, end: str) -> None:
        for line in report.lines:
            notes = f" ({'; '.join(line.notes)})" if line.notes else ""
            self.stdout.write(f"Line {line.line}: {line.title}: {line.outcome}{notes}")
        for words in report.left_out:
            self.stdout.write(f"Left out: {words}")
        self.stdout.write(f"{report.new} new, {report.known} here already{end}")
