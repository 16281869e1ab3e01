"""Writes personal prompts anew: of some people, of a segment, of those who changed, or of all."""

from argparse import ArgumentTypeError
from collections import Counter
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from coaching.models import RevisionReason
from coaching.personalization import weekly
from coaching.personalization.config import coaching_config
from coaching.personalization.trying import write_and_try
from coaching.toolkit import segments

POSITION = "regenerate-prompts:done-up-to"
KEEP_SECONDS = 7 * 24 * 3600
SHOWN = 20
# The exit code when everything was tried and some did not come off.
SOME_FAILED = 3
REASONS = [RevisionReason.MANUAL, RevisionReason.WEEKLY, RevisionReason.EVENT]


def _positive(value: str) -> int:
    if not value.isdigit() or int(value) < 1:
        raise ArgumentTypeError("a number from 1 on")
    return int(value)


class Command(BaseCommand):
    help = (
        "Write personal prompts anew. Each new version is tried on what its person liked before it goes live. "
        f"Exit code {SOME_FAILED}: some did not come off; the prompt before stays with those."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        who = parser.add_mutually_exclusive_group(required=True)
        who.add_argument("--user", action="append", default=[], metavar="EMAIL", help="repeatable")
        who.add_argument("--segment", metavar="KEY", help="everybody of a segment who has a prompt")
        who.add_argument(
            "--due",
            action="store_true",
            help="look at everybody whose prompt is old enough, and write what changed",
        )
        who.add_argument("--all", action="store_true", help="everybody who has a prompt")
        parser.add_argument("--reason", choices=[str(each) for each in REASONS], default="manual")
        parser.add_argument("--dry-run", action="store_true", help="say how many and what it costs")
        parser.add_argument("--batch-size", type=_positive, default=100, help="people at a time")
        parser.add_argument(
            "--resume", action="store_true", help="go on after the last batch that was finished"
        )

    def handle(
        self,
        *args: Any,
        user: list[str],
        segment: str | None,
        due: bool,
        reason: str,
        dry_run: bool,
        batch_size: int,
        resume: bool,
        **options: Any,
    ) -> None:
        people = self._people(user, segment, due)
        if resume and (done := cache.get(POSITION)):
            people = people.filter(pk__gt=UUID(done))
        ids = list(people.order_by("pk").values_list("pk", flat=True))
        if dry_run:
            self._rehearse(ids, due=due)
            return
        came: Counter[str] = Counter()
        for start in range(0, len(ids), batch_size):
            batch = ids[start : start + batch_size]
            came += self._changed(batch) if due else self._each(batch, reason)
            cache.set(POSITION, str(batch[-1]), KEEP_SECONDS)
            if options["verbosity"] > 0:
                self.stdout.write(f"{start + len(batch)} of {len(ids)}")
        cache.delete(POSITION)
        told = ", ".join(f"{count} {decision}" for decision, count in sorted(came.items()))
        self.stdout.write(f"Done: {told or 'nobody to write for'}.")
        if came["failed"]:
            raise CommandError(f"{came['failed']} failed; see the log.", returncode=SOME_FAILED)

    def _people(self, emails: list[str], segment: str | None, due: bool) -> QuerySet[User]:
        people = weekly.with_prompts()
        if emails:
            return self._named(emails)
        if segment:
            if segment not in segments:
                raise CommandError(f"No such segment; there are {', '.join(segments.keys())}.")
            return people.filter(pk__in=segments.get(segment)().order_by().values("pk"))
        return weekly.old_enough(people, now=timezone.now()) if due else people

    @staticmethod
    def _named(emails: list[str]) -> QuerySet[User]:
        ids = []
        for email in emails:
            person = User.objects.filter(deleted_at__isnull=True, email__iexact=email).first()
            if person is None:
                raise CommandError(f"Nobody is called {email}.")
            ids.append(person.pk)
        return User.objects.filter(pk__in=ids)

    def _rehearse(self, ids: list[UUID], *, due: bool) -> None:
        each = weekly.cost_of_writing(coaching_config(), now=timezone.now())
        verb = "looked at" if due else "written anew"
        dollars = f"${len(ids) * each / 1_000_000:.2f}"
        most = "at most " if due else "about "
        prompts = "1 prompt" if len(ids) == 1 else f"{len(ids)} prompts"
        self.stdout.write(f"{prompts} would be {verb}, for {most}{dollars}.")
        for email in User.objects.filter(pk__in=ids[:SHOWN]).values_list("email", flat=True):
            self.stdout.write(f"  {email}")
        if len(ids) > SHOWN:
            self.stdout.write(f"  and {len(ids) - SHOWN} more")

    @staticmethod
    def _each(batch: list[UUID], reason: str) -> Counter[str]:
        weekly.bring_up_to_date(batch[0], batch[-1], now=timezone.now())
        came: Counter[str] = Counter()
        for user_id in batch:
            outcome = write_and_try(user_id, reason=reason, now=timezone.now())
            came[str(outcome.decision or "changed meanwhile")] += 1
        return came

    @staticmethod
    def _changed(batch: list[UUID]) -> Counter[str]:
        found = weekly.review(
            batch[0],
            batch[-1],
            now=timezone.now(),
            people=User.objects.filter(pk__in=batch),
        )
        came = Counter(weekly.write(review_id, now=timezone.now()) for review_id in found.to_write)
        came.update(skipped=found.skipped, too_early=found.too_early)
        return +came
