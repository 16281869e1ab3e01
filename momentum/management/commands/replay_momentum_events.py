"""Rebuilds the events of momentum from the ledger: safe beside live traffic, and as often as one likes."""

import time
from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, transaction
from django.db.models import Q

from accounts.models import User
from coaching.models import RawBehavioralLog
from momentum.course import EARLIEST, LATEST
from momentum.projecting import replay

TRIES = 8
PAUSE_SECONDS = 0.25


class Command(BaseCommand):
    help = "Rebuilds momentum's events from the ledger, for people and days; what changed is scored again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", dest="since", type=_day, help="first day (YYYY-MM-DD)")
        parser.add_argument("--to", dest="until", type=_day, help="last day (YYYY-MM-DD)")
        parser.add_argument("--users", nargs="*", default=[], help="e-mail addresses or ids")
        parser.add_argument("--batch-size", type=int, default=200, help="people a transaction")
        parser.add_argument("--dry-run", action="store_true", help="say what would change")

    def handle(self, *args: Any, **options: Any) -> None:
        since, until = options["since"], options["until"]
        if since and until and until < since:
            raise CommandError("--to lies before --from.")
        if options["batch_size"] < 1:
            raise CommandError("--batch-size is at least 1.")
        people = _named(options["users"]) if options["users"] else _everybody()
        changed = done = 0
        started = time.monotonic()
        size = 1 if options["users"] else options["batch_size"]
        for start in range(0, len(people), size):
            batch = people[start : start + size]
            changed += self._batch(batch[0], batch[-1], since, until, options["dry_run"])
            done += len(batch)
            if options["verbosity"]:
                self._progress(done, len(people), changed, time.monotonic() - started)
        verb = "would change" if options["dry_run"] else "changed"
        self.stdout.write(f"{changed} events of {done} people {verb}.")

    def _batch(
        self, first: UUID, last: UUID, since: date | None, until: date | None, is_trial: bool
    ) -> int:
        """Gives way to live traffic and tries again: a rebuild waits for nobody's row for long."""
        for attempt in range(1, TRIES + 1):
            try:
                with transaction.atomic():
                    changed = replay(first, last, since, until)
                    transaction.set_rollback(is_trial)
                return changed
            except OperationalError as problem:
                if attempt == TRIES:
                    raise CommandError(
                        f"People {first} to {last} are too busy: {problem}"
                    ) from problem
                time.sleep(PAUSE_SECONDS * attempt)
        raise AssertionError("unreachable")

    def _progress(self, done: int, total: int, changed: int, seconds: float) -> None:
        rate = done / seconds if seconds else 0.0
        left = (total - done) / rate if rate else 0.0
        self.stdout.write(
            f"{done} of {total} people, {changed} events, {rate:.0f} people/s, {left:.0f} s left"
        )


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise CommandError(f"{text!r} is not a day (YYYY-MM-DD).") from None
    # Room for the time zones at both ends of the calendar.
    if not EARLIEST <= day <= LATEST:
        raise CommandError(f"A day lies between {EARLIEST} and {LATEST}.")
    return day


def _everybody() -> list[UUID]:
    """Everybody the ledger tells of, in the order of their ids."""
    return list(
        User.objects.filter(pk__in=RawBehavioralLog.objects.values("user"))
        .order_by("pk")
        .values_list("pk", flat=True)
    )


def _named(names: list[str]) -> list[UUID]:
    return sorted(set(_find(names)))


def _find(names: list[str]) -> Iterator[UUID]:
    for name in names:
        try:
            meant = Q(pk=UUID(name))
        except ValueError:
            meant = Q(email__iexact=name)
        found = User.objects.filter(meant).values_list("pk", flat=True).first()
        if found is None:
            raise CommandError(f"Nobody is called {name!r}.")
        yield found
