"""Reads conversations of the past for memories, with the same care as new ones."""

from argparse import ArgumentParser
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from coaching.learning_permission import learners
from coaching.memory import reading
from coaching.models import Conversation


class Command(BaseCommand):
    help = (
        "Reads conversations that were not read for memories yet, oldest first, of people from whom the coach "
        "may learn. It can be stopped and run again at any time: what was read is not read twice."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--users", nargs="+", default=[], help="Addresses or ids of people")
        parser.add_argument("--since", default="", help="Only talks since this day or moment")
        parser.add_argument("--dry-run", action="store_true", help="Only say how many there are")
        parser.add_argument("--batch-size", type=int, default=50, help="Talks between two reports")
        parser.add_argument(
            "--resume", default="", metavar="ID", help="Begin after this conversation"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["batch_size"] < 1:
            raise CommandError("--batch-size is at least 1.")
        waiting = self._waiting(options["users"], options["since"])
        after = _id(options["resume"]) if options["resume"] else None
        if after is not None:
            waiting = waiting.filter(pk__gt=after)
        total = waiting.count()
        if options["dry_run"]:
            self.stdout.write(f"{total} conversations to read.")
            return
        done = read = kept = 0
        while True:
            # Those that fail are passed by: each is met once in a run, by its id.
            batch = list(
                (waiting if after is None else waiting.filter(pk__gt=after))
                .order_by("pk")
                .values_list("pk", flat=True)[: options["batch_size"]]
            )
            if not batch:
                break
            for pk in batch:
                written = reading.read_conversation(pk, now=timezone.now())
                done += 1
                if written is not None:
                    read += 1
                    kept += len(written.new)
            after = batch[-1]
            self.stdout.write(f"{done} of {total} read, {kept} memories; --resume {after}")
        self.stdout.write(self.style.SUCCESS(f"Read {read}, failed {done - read}, kept {kept}."))

    def _waiting(self, people: list[str], since: str) -> QuerySet[Conversation]:
        chosen = learners()
        if people:
            ids = [_id(each) for each in people if "@" not in each]
            mails = [each for each in people if "@" in each]
            chosen = chosen.filter(pk__in=ids) | chosen.filter(email__in=mails)
            found = chosen.count()
            if found < len(set(people)):
                self.stderr.write(f"The coach may learn from {found} of them.")
        waiting = reading.unread(chosen)
        return waiting.filter(last_message_at__gte=_moment(since)) if since else waiting


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise CommandError(f"{text!r} is no id.") from None


def _moment(text: str) -> datetime:
    try:
        moment, day = parse_datetime(text), parse_date(text)
    except ValueError:
        moment = day = None
    if moment is None and day is not None:
        moment = datetime(day.year, day.month, day.day, tzinfo=timezone.get_current_timezone())
    if moment is None:
        raise CommandError(f"{text!r} is no day: write 2026-05-31.")
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)
