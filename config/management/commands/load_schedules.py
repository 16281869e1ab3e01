"""Puts the periodic jobs into the database, where staff can change them."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

from config.schedules import SCHEDULES, Schedule


class Command(BaseCommand):
    help = "Add periodic jobs that are not there yet; jobs that staff changed stay as they are."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say what would be added")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        known = set(PeriodicTask.objects.values_list("name", flat=True))
        missing = [schedule for schedule in SCHEDULES if schedule.name not in known]
        if not dry_run:
            with transaction.atomic():
                for schedule in missing:
                    _add(schedule)
        verb = "would be added" if dry_run else "added"
        self.stdout.write(f"{len(missing)} of {len(SCHEDULES)} periodic jobs {verb}.")


def _add(schedule: Schedule) -> None:
    when: dict[str, Any] = {}
    if schedule.every_minutes is not None and schedule.on_the_minute:
        when["crontab"], _ = CrontabSchedule.objects.get_or_create(
            minute=f"*/{schedule.every_minutes}", hour="*", timezone="UTC"
        )
    elif schedule.every_minutes is not None:
        when["interval"], _ = IntervalSchedule.objects.get_or_create(
            every=schedule.every_minutes, period=IntervalSchedule.MINUTES
        )
    elif schedule.daily_at is not None:
        hour, minute = schedule.daily_at
        when["crontab"], _ = CrontabSchedule.objects.get_or_create(
            hour=str(hour), minute=str(minute), timezone="UTC"
        )
    PeriodicTask.objects.get_or_create(name=schedule.name, defaults={"task": schedule.task, **when})
