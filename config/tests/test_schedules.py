"""Every periodic job names a real task, and staff's changes survive the next start."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django_celery_beat.models import PeriodicTask
from kombu import Connection

from config.celery import app
from config.schedules import SCHEDULES

pytestmark = pytest.mark.django_db


def test_every_job_names_a_task_that_exists() -> None:
    app.loader.import_default_modules()
    assert {schedule.task for schedule in SCHEDULES} <= set(app.tasks)


def test_every_job_can_be_queued() -> None:
    """Limits that contradict each other are refused only then, and the schedule would go on in silence."""
    app.loader.import_default_modules()
    with Connection("memory://") as nowhere:
        options: dict[str, Any] = {"connection": nowhere}
        for schedule in SCHEDULES:
            app.tasks[schedule.task].apply_async(**options)


def test_every_job_says_when_in_one_way() -> None:
    for schedule in SCHEDULES:
        assert (schedule.every_minutes is None) != (schedule.daily_at is None), schedule.name


def test_a_change_by_staff_survives_the_next_start() -> None:
    call_command("load_schedules", verbosity=0)
    PeriodicTask.objects.filter(name=SCHEDULES[0].name).update(enabled=False)
    call_command("load_schedules", verbosity=0)
    assert not PeriodicTask.objects.get(name=SCHEDULES[0].name).enabled
    assert PeriodicTask.objects.filter(name__in=[s.name for s in SCHEDULES]).count() == len(
        SCHEDULES
    )


def test_a_dry_run_adds_nothing() -> None:
    before = PeriodicTask.objects.count()
    call_command("load_schedules", dry_run=True, verbosity=0)
    assert PeriodicTask.objects.count() == before


def test_what_people_wait_for_begins_with_the_minute() -> None:
    call_command("load_schedules", verbosity=0)
    job = PeriodicTask.objects.get(task="coaching.tasks.deliver_reminders")
    assert job.crontab is not None
    begun = datetime(2026, 5, 4, 9, 29, 59, tzinfo=UTC)
    last, ahead, _ = job.crontab.schedule.remaining_delta(begun)
    assert last + ahead == begun + timedelta(seconds=1)
