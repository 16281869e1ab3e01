"""Past days scored anew: in batches, watched, resumed after a kill, tried without a trace."""

import os
import signal
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import User
from coaching.ledger import record
from coaching.toolkit.knowing import BehaviorDay, BehaviorSource, Measure, behavior_sources
from config.runtime.live import database_url
from momentum.models import (
    Backfill,
    BackfillStatus,
    MomentumEvent,
    MomentumPillar,
    PendingScore,
    ScoringVersion,
    VersionStatus,
)
from momentum.projecting import replay
from momentum.scoring import backfill, daily, live, locks, trial, versions
from momentum.scoring.days import score_days
from momentum.tests.factories import TrackedUserFactory, add_events, an_event

FIRST = date(2026, 3, 1)
LAST = date(2026, 3, 20)
NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def crowd(size: int, days: int = 20) -> list[User]:
    people = sorted((TrackedUserFactory.create() for _ in range(size)), key=lambda user: user.pk)
    add_events(
        an_event(user, FIRST + n * DAY, "sleep", (n + m) % 5 / 4)
        for m, user in enumerate(people)
        for n in range(days)
    )
    return people


def scores(version: str) -> dict[tuple[object, date], float | None]:
    rows = MomentumPillar.objects.filter(version=version)
    return {(row.user_id, row.date): row.overall_score for row in rows}


def run(*arguments: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command(
        "backfill_momentum",
        f"--from={FIRST}",
        f"--to={LAST}",
        *arguments,
        stdout=out,
        stderr=err,
    )
    return out.getvalue(), err.getvalue()


@pytest.mark.django_db
def test_the_command_scores_everybody_and_tells_how_it_goes() -> None:
    crowd(5)
    out, err = run("--batch-size=2")
    assert "Done: 5 people, 100 events" in out
    assert "2 of 5 people" in err
    assert "million events/min, done at" in err
    assert len(scores("v1")) == 100
    done = Backfill.objects.get()
    assert (done.status, done.people_done, done.events_read) == (BackfillStatus.DONE, 5, 100)


@pytest.mark.django_db
def test_it_says_what_live_scoring_says() -> None:
    crowd(3)
    for n in range(20):
        score_days(FIRST + n * DAY, FIRST + n * DAY, version=versions.active(), now=NOW)
    live = scores("v1")
    MomentumPillar.objects.all().delete()
    run()
    again = scores("v1")
    assert set(again) == set(live)
    assert all(again[key] == pytest.approx(live[key], abs=1e-6) for key in live)


@pytest.mark.django_db
def test_days_after_the_last_follow_it() -> None:
    (user,) = crowd(1, days=25)
    score_days(FIRST + 5 * DAY, FIRST + 24 * DAY, version=versions.active(), now=NOW)
    run()
    kept = scores("v1")
    MomentumPillar.objects.all().delete()
    score_days(FIRST, FIRST + 24 * DAY, version=versions.active(), now=NOW)
    assert kept == pytest.approx(scores("v1"), abs=1e-6)
    assert (user.pk, FIRST + 24 * DAY) in kept


@pytest.mark.django_db
def test_a_draft_is_ready_when_its_past_is_scored() -> None:
    crowd(2)
    draft = versions.draft_from(
        versions.active(), {"pillars": {"biometric": {"half_life_days": 2.0}}}, name="v2"
    )
    run("--version=v2")
    draft.refresh_from_db()
    assert draft.status == VersionStatus.READY
    assert scores("v2")
    assert not scores("v1")


def table(out: str) -> list[tuple[int, int]]:
    """How many days lie in each ten points, before and after."""
    lines = [line.split() for line in out.splitlines()[2:12]]
    return [(int(before), int(after)) for _, before, after in lines]


@pytest.mark.django_db
def test_a_dry_run_shows_both_distributions_and_keeps_nothing() -> None:
    crowd(3)
    run()
    before = scores("v1")
    draft = versions.draft_from(
        versions.active(), {"pillars": {"biometric": {"half_life_days": 2.0}}}, name="v2"
    )
    out, _ = run("--version=v2", "--dry-run")
    assert "3 people, 60 days under v2, 2026-03-01 to 2026-03-20. Nothing is kept." in out
    assert [sum(side) for side in zip(*table(out), strict=True)] == [60, 60]
    assert any(one != other for one, other in table(out))
    assert out.splitlines()[-1].split()[0] == "mean"
    assert scores("v2") == {}
    assert scores("v1") == before
    assert Backfill.objects.count() == 1
    draft.refresh_from_db()
    assert draft.status == VersionStatus.DRAFT


@pytest.mark.django_db
def test_a_dry_run_of_what_nobody_scored_yet_shows_what_there_would_be() -> None:
    one, _, _ = crowd(3)
    out, _ = run("--dry-run")
    assert [sum(side) for side in zip(*table(out), strict=True)] == [0, 60]
    out, _ = run("--dry-run", f"--users={one.pk}")
    assert "1 people, 20 days" in out
    assert scores("v1") == {}


@pytest.mark.django_db
def test_a_trial_is_about_few_people_and_the_last_days() -> None:
    """Few enough that each of them is locked, and the version is left to those who score live."""
    crowd(3)
    run()
    found = trial.try_out(
        versions.active(), LAST - 365 * DAY, LAST, sample=2, now=datetime.now(UTC)
    )
    assert (found.people, found.after.total, found.mean_change) == (2, 40, pytest.approx(0))
    assert trial.first_tried(LAST - 365 * DAY, LAST) == LAST - 89 * DAY
    assert trial.MOST_PEOPLE <= locks.FEW


@pytest.mark.django_db
def test_a_version_without_the_whole_past_is_not_published_unawares() -> None:
    crowd(2)
    run()
    late, empty = (
        ScoringVersion.objects.create(
            name=name, parameters=versions.active().parameters, status=VersionStatus.READY
        )
        for name in ("late", "empty")
    )
    backfill.backfill(FIRST + 5 * DAY, LAST, late)
    with pytest.raises(versions.VersionNotReady, match="no scores before 06 Mar 2026"):
        versions.publish(late)
    with pytest.raises(versions.VersionNotReady, match="no scores before 21 Mar 2026"):
        versions.publish(empty)
    assert versions.active().name == "v1"
    assert versions.publish(late, may_lose_past=True).is_active
    # The one before has the whole past.
    assert versions.publish(ScoringVersion.objects.get(name="v1")).is_active


@pytest.mark.django_db
def test_only_named_people_are_scored() -> None:
    one, _, three = crowd(3)
    run(f"--users={one.pk},{three.email}")
    assert {person for person, _ in scores("v1")} == {one.pk, three.pk}
    with pytest.raises(CommandError, match="nobody"):
        run("--users=nobody@example.org")


@pytest.mark.django_db
def test_bad_input_ends_with_a_sentence() -> None:
    with pytest.raises(CommandError, match="no scoring version"):
        run("--version=v9")
    with pytest.raises(CommandError, match="no unfinished backfill"):
        run("--resume")
    with pytest.raises(CommandError, match="written as"):
        call_command("backfill_momentum", "--from=yesterday")
    with pytest.raises(CommandError, match="must not lie after"):
        call_command("backfill_momentum", "--from=2026-03-02", "--to=2026-03-01")


@pytest.mark.django_db
def test_the_same_backfill_does_not_run_twice_at_once() -> None:
    crowd(1)
    backfill.start(FIRST, LAST, versions.active())
    with pytest.raises(CommandError, match="being backfilled"):
        run()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_after_a_kill_it_goes_on_where_it_stopped() -> None:
    crowd(60)
    versions.active()
    environment = {**os.environ, "DATABASE_URL": database_url(connection.settings_dict)}
    command = [sys.executable, "manage.py", "backfill_momentum", f"--from={FIRST}", f"--to={LAST}"]
    process = subprocess.Popen(
        [*command, "--batch-size=1"],
        env=environment,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("3 of 60"):
                break
        process.send_signal(signal.SIGKILL)
        process.wait(30)
    finally:
        process.kill()
        process.communicate()
    broken = Backfill.objects.get()
    assert broken.status == BackfillStatus.RUNNING
    assert 3 <= broken.people_done < 60
    Backfill.objects.update(heartbeat_at=datetime.now(UTC) - timedelta(hours=1))
    _, err = run("--resume", "--batch-size=10")
    assert f"{broken.people_done + 10} of 60 people" in err
    done = Backfill.objects.get()
    assert (done.status, done.people_done) == (BackfillStatus.DONE, 60)
    assert len(scores("v1")) == 60 * 20
    assert ScoringVersion.objects.get().is_active


@pytest.mark.django_db
def test_a_replay_of_the_ledger_and_a_backfill_say_what_was_scored_live() -> None:
    """Everything derived is thrown away, made from the ledger again, and scored at one go."""
    user = TrackedUserFactory.create()
    asked = [BehaviorDay(user.pk, FIRST + n * DAY, (n % 4) / 1.0, 4.0) for n in range(20)]

    def source(*_: object) -> list[BehaviorDay]:
        return asked

    with behavior_sources.instead(
        test__asked=BehaviorSource("test.asked", Measure.IN_TARGET, source)
    ):
        for n in range(20):
            at = datetime(2026, 3, 1, 9, tzinfo=UTC) + n * DAY
            daily.begin_days([user.pk], now=at)
            for ordinal in range(n % 4):
                record(
                    user,
                    "habit.completed",
                    raw_data={"habit": "h", "ordinal": ordinal},
                    source="web",
                    idempotency_key=f"{n}-{ordinal}",
                    occurred_at=at,
                )
            live.score_person(user.pk, now=at + timedelta(minutes=1))
        daily.begin_days([user.pk], now=datetime(2026, 3, 21, 9, tzinfo=UTC))
        before = scores("v1")
        assert (
            len(before) == 20
        )  # from the second day, the first of which anything is told, to the 21st
        for model in (MomentumEvent, MomentumPillar, PendingScore):
            model.objects.all().delete()
        assert replay(None, None, None, None) > 0
        backfill.backfill(FIRST, LAST + DAY, versions.active())
        assert scores("v1") == pytest.approx(before, abs=1e-6)
