"""Builds the ready-made contexts of people anew."""

from argparse import ArgumentTypeError
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import User
from coaching.personalization import context_store

POSITION = "refresh-context:done-up-to"
KEEP_SECONDS = 7 * 24 * 3600


def _positive(value: str) -> int:
    if not value.isdigit() or int(value) < 1:
        raise ArgumentTypeError("a number from 1 on")
    return int(value)


class Command(BaseCommand):
    help = (
        "Build the ready-made context of people anew: of all, of --users, or of those whose "
        "context is --stale. A run that was interrupted goes on with --resume."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--users", nargs="+", default=[], help="ids or e-mail addresses")
        parser.add_argument("--stale", action="store_true", help="only those that are stale")
        parser.add_argument("--dry-run", action="store_true", help="say how many it would be")
        parser.add_argument("--batch-size", type=_positive, default=200, help="people at a time")
        parser.add_argument(
            "--resume", action="store_true", help="go on after the last batch that was finished"
        )

    def handle(
        self,
        *args: Any,
        users: list[str],
        stale: bool,
        dry_run: bool,
        batch_size: int,
        resume: bool,
        **options: Any,
    ) -> None:
        now = timezone.now()
        if stale and not dry_run:
            context_store.mark_stale(now=now)
        people = context_store.with_stale_context() if stale else context_store.everybody()
        people = self._named(people, users) if users else people
        if resume and (done := cache.get(POSITION)):
            people = people.filter(pk__gt=UUID(done))
        ids = list(people.order_by("pk").values_list("pk", flat=True))
        if dry_run:
            self.stdout.write(f"{len(ids)} contexts would be built anew.")
            return
        for start in range(0, len(ids), batch_size):
            batch = ids[start : start + batch_size]
            context_store.refresh_people(User.objects.filter(pk__in=batch), now=now)
            cache.set(POSITION, str(batch[-1]), KEEP_SECONDS)
            self.stdout.write(f"{start + len(batch)} of {len(ids)}")
        cache.delete(POSITION)
        self.stdout.write(f"{len(ids)} contexts built anew.")

    @staticmethod
    def _named(people: QuerySet[User], users: list[str]) -> QuerySet[User]:
        wanted = Q()
        for user in users:
            try:
                wanted |= Q(pk=UUID(user))
            except ValueError:
                wanted |= Q(email__iexact=user)
        found = people.filter(wanted)
        if not found.exists():
            raise CommandError("Nobody is called that, or nothing of theirs is stale.")
        return found
