"""Scores past days anew: `manage.py backfill_momentum --from 2026-01-01 --to 2026-03-31 --version v2`."""

from argparse import ArgumentParser
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.models import User
from momentum.models import ScoringVersion
from momentum.scoring import backfill, trial, versions

MOST_DAYS = 3660


class Command(BaseCommand):
    """Batches of people, with progress on stderr; after a kill `--resume` goes on where it stopped."""

    help = "Scores past days anew under a scoring version."

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        # Django's own --version gives way to ours.
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **kwargs)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--from", dest="first", required=True, help="first day, YYYY-MM-DD")
        parser.add_argument("--to", dest="last", help="last day, YYYY-MM-DD (default: today)")
        parser.add_argument(
            "--version", dest="scoring_version", help="scoring version (default: the active one)"
        )
        parser.add_argument("--users", default="", help="ids or addresses, with commas between")
        parser.add_argument("--batch-size", type=int, default=backfill.BATCH)
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="show the scores of a sample of people before and after, and keep nothing",
        )
        parser.add_argument(
            "--resume", action="store_true", help="go on with the same backfill where it stopped"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        first, last = self._days(options)
        version = self._version(options["scoring_version"])
        users = self._users(options["users"])
        if not 1 <= options["batch_size"] <= 100_000:
            raise CommandError("--batch-size is a number from 1 to 100000.")
        if options["dry_run"]:
            self._try_out(first, last, version, users)
            return
        resuming = None
        if options["resume"]:
            resuming = backfill.unfinished(first, last, version, users)
            if resuming is None:
                raise CommandError("There is no unfinished backfill of these days to resume.")
        try:
            if resuming is not None:
                resuming = backfill.resume(resuming)
            run = backfill.backfill(
                first,
                last,
                version,
                users,
                batch_size=options["batch_size"],
                resuming=resuming,
                on_progress=self._show,
            )
        except backfill.Busy as problem:
            raise CommandError(str(problem)) from None
        self.stdout.write(
            f"{run.get_status_display()}: {run.people_done} people, {run.events_read} events, "
            f"{first} to {last} under {version.name}."
        )

    def _days(self, options: dict[str, Any]) -> tuple[date, date]:
        # Days that have not begun for somebody are left out for them.
        tomorrow = timezone.now().date() + timedelta(days=1)
        try:
            first = date.fromisoformat(options["first"])
            last = date.fromisoformat(options["last"]) if options["last"] else tomorrow
        except ValueError:
            raise CommandError("A day is written as 2026-03-31.") from None
        last = min(last, tomorrow)
        if not 0 <= (last - first).days <= MOST_DAYS:
            raise CommandError("--from must not lie after --to, nor more than ten years before it.")
        return first, last

    def _version(self, name: str | None) -> ScoringVersion:
        if name is None:
            return versions.active()
        found = ScoringVersion.objects.filter(name=name).first()
        if found is None:
            known = ", ".join(ScoringVersion.objects.values_list("name", flat=True)) or "none yet"
            raise CommandError(f"There is no scoring version {name!r}; known: {known}.")
        return found

    def _users(self, named: str) -> list[UUID]:
        found = []
        for word in filter(None, (word.strip() for word in named.split(","))):
            people = User.objects.filter(deleted_at__isnull=True)
            try:
                person = people.filter(pk=UUID(word)).first()
            except ValueError:
                person = people.filter(email__iexact=word).first()
            if person is None:
                raise CommandError(f"There is nobody {word!r}.")
            found.append(person.pk)
        return sorted(found)

    def _show(self, progress: backfill.Progress) -> None:
        ends = f", done at {progress.ends_at:%H:%M:%S} UTC" if progress.ends_at else ""
        self.stderr.write(
            f"{progress.people_done} of {progress.people_total} people, {progress.events} events, "
            f"{progress.events_per_minute / 1e6:.2f} million events/min{ends}"
        )

    def _try_out(self, first: date, last: date, version: ScoringVersion, users: list[UUID]) -> None:
        try:
            found = trial.try_out(version, first, last, users=users, now=timezone.now())
        except trial.TooLong as problem:
            raise CommandError(str(problem)) from None
        self.stdout.write(
            f"{found.people} people, {found.after.total} days under {version.name}, "
            f"{trial.first_tried(first, last)} to {last}. Nothing is kept."
        )
        self.stdout.write(f"{'points':>10} {'before':>9} {'after':>9}")
        for ten, (before, after) in enumerate(
            zip(found.before.counts, found.after.counts, strict=True)
        ):
            self.stdout.write(f"{f'{ten * 10}-{ten * 10 + 10}':>10} {before:>9} {after:>9}")
        means = [
            "-" if each.mean is None else f"{each.mean:.1f}" for each in (found.before, found.after)
        ]
        self.stdout.write(f"{'mean':>10} {means[0]:>9} {means[1]:>9}")
