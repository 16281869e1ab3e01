"""What scores are made of goes when its time is over; the days' values and the scores stay."""

from datetime import UTC, date, datetime, timedelta
from io import StringIO
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.core.checks import run_checks
from django.core.management import call_command
from django.db import connection
from django.test import override_settings
from django.utils import timezone

from accounts.models import User
from accounts.tests.factories import UserFactory
from coaching import partitioning
from coaching.models import RawBehavioralLog
from momentum import retention
from momentum.models import BiometricSample, MomentumEvent, MomentumPillar, ProviderPush
from momentum.retention import apply_retention
from momentum.scoring import versions
from momentum.scoring.days import score_days
from momentum.tests.factories import TrackedUserFactory, add_events, an_event

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def sample(user: User, received: datetime, steps: int = 100) -> BiometricSample:
    made = BiometricSample(
        user=user,
        metric="steps",
        source="garmin",
        started_at=received - timedelta(minutes=5),
        ended_at=received,
        local_date=received.date(),
        value=steps,
        received_at=received,
    )
    # Keys tell when they were made, and these are to be of another day.
    made.id = type(made.id)(int=(int(received.timestamp() * 1000) << 80) | uuid4().int >> 48)
    made.save(force_insert=True)
    return made


@pytest.fixture
def ada(db: None) -> User:
    return UserFactory()


def test_samples_go_after_their_days_and_no_others(
    ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    for days in range(91, 96):
        sample(ada, NOW - timedelta(days=days))
    kept = {sample(ada, NOW - timedelta(days=days)).pk for days in (0, 30, 89)}
    would = apply_retention(now=NOW, dry_run=True)
    assert BiometricSample.objects.count() == 8
    gone = apply_retention(now=NOW)
    assert gone == would
    assert [(one.place, one.rows) for one in gone] == [("momentum_biometricsample", 5)]
    assert set(BiometricSample.objects.values_list("pk", flat=True)) == kept
    assert apply_retention(now=NOW) == []


def test_samples_of_old_days_are_kept_from_their_arrival_on(ada: User) -> None:
    lately = sample(ada, NOW)
    BiometricSample.objects.filter(pk=lately.pk).update(
        started_at=NOW - timedelta(days=900), local_date=date(2024, 1, 1)
    )
    assert apply_retention(now=NOW) == []


def test_what_a_maker_of_devices_sent_goes_once_it_is_processed_and_old(ada: User) -> None:
    for status in ("received", "processed", "failed"):
        for days in (30, 91):
            at = NOW - timedelta(days=days)
            ProviderPush.objects.create(
                id=UUID(int=(int(at.timestamp() * 1000) << 80) | uuid4().int >> 48),
                user=ada,
                provider="garmin",
                kind="dailies",
                digest=f"{status}{days}",
                body={"steps": 5},
                status=status,
                received_at=at,
            )
    would = apply_retention(now=NOW, dry_run=True)
    assert [(one.place, one.rows) for one in would] == [("momentum_providerpush", 2)]
    assert ProviderPush.objects.count() == 6
    assert apply_retention(now=NOW) == would
    assert set(ProviderPush.objects.values_list("digest", flat=True)) == {
        *("received30", "processed30", "failed30", "received91")
    }


def test_zero_days_keep_samples_for_ever(ada: User) -> None:
    sample(ada, NOW - timedelta(days=2000))
    with override_settings(BIOMETRIC_SAMPLE_KEEP_DAYS=0):
        assert apply_retention(now=NOW) == []


@pytest.mark.django_db(transaction=True)
def test_events_older_than_the_policy_go_and_the_ledger_and_scores_stay() -> None:
    ada = UserFactory()
    old, edge = date(2024, 9, 30), date(2024, 10, 1)
    partitioning.ensure_partitions(retention.EVENTS, [old, edge])
    add_events([an_event(ada, day) for day in (old, edge, NOW.date())])
    add_events([an_event(ada, date(2019, 5, 5))])  # a month without a part of its own
    MomentumPillar.objects.create(user=ada, date=old, overall_score=50)
    RawBehavioralLog.objects.create(
        user=ada,
        interaction_type="habit.completed",
        source="web",
        occurred_at=datetime(2019, 1, 1, tzinfo=UTC),
        idempotency_key="1",
    )
    gone = apply_retention(now=NOW)
    assert [(one.place, one.rows) for one in gone] == [
        ("momentum_momentumevent_2024_09", 1),
        ("momentum_momentumevent_default", 1),
    ]
    assert set(MomentumEvent.objects.values_list("local_date", flat=True)) == {edge, NOW.date()}
    assert RawBehavioralLog.objects.count() == MomentumPillar.objects.count() == 1
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE momentum_momentumevent_2024_10")


def test_the_ledger_goes_too_when_its_policy_says_so(ada: User) -> None:
    RawBehavioralLog.objects.create(
        user=ada,
        interaction_type="habit.completed",
        source="web",
        occurred_at=datetime(2019, 1, 1, tzinfo=UTC),
        idempotency_key="1",
    )
    with override_settings(LEDGER_KEEP_MONTHS=36):
        apply_retention(now=NOW)
    assert not RawBehavioralLog.objects.exists()


def test_by_default_the_ledger_stays_for_ever() -> None:
    assert settings.LEDGER_KEEP_MONTHS == 0


def test_a_dry_run_prints_what_would_go_and_deletes_nothing(ada: User) -> None:
    sample(ada, timezone.now() - timedelta(days=400))
    told = StringIO()
    call_command("apply_retention", dry_run=True, stdout=told)
    assert told.getvalue() == "momentum_biometricsample: 1 rows would go\n"
    assert BiometricSample.objects.exists()
    call_command("apply_retention", stdout=StringIO())
    told = StringIO()
    call_command("apply_retention", stdout=told)
    assert told.getvalue() == "Nothing is older than the policies keep.\n"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"EVENTS_KEEP_MONTHS": 2}, "momentum.E001"),
        ({"EVENTS_KEEP_MONTHS": -1}, "momentum.E001"),
        ({"BIOMETRIC_SAMPLE_KEEP_DAYS": -1}, "momentum.E001"),
        ({"LEDGER_KEEP_MONTHS": 12}, "momentum.W001"),
        ({"LEDGER_KEEP_MONTHS": 12, "EVENTS_KEEP_MONTHS": 0}, "momentum.W001"),
    ],
)
def test_policies_that_do_harm_are_told(given: dict[str, int], told: str) -> None:
    assert told not in {found.id for found in run_checks()}
    with override_settings(**given):
        assert told in {found.id for found in run_checks()}


def test_a_day_or_a_month_of_events_touches_its_own_month_only(ada: User) -> None:
    asked = [
        MomentumEvent.objects.filter(local_date=date(2026, 11, 5)),
        MomentumEvent.objects.filter(
            user=ada, local_date__gte=date(2026, 11, 1), local_date__lte=date(2026, 11, 30)
        ),
    ]
    for rows in asked:
        plan = rows.explain()
        assert "momentum_momentumevent_2026_11" in plan or "momentum_momentumevent_default" in plan
        assert plan.count("Scan on momentum") + plan.count(" using ") == 1


@pytest.mark.django_db
def test_scores_outlive_their_events_when_something_late_comes_for_those_days() -> None:
    user = TrackedUserFactory(timezone="UTC")
    first = date(2021, 5, 1)
    add_events([an_event(user, first + timedelta(days=n), "sleep", 0.5) for n in range(3)])
    version = versions.active()
    score_days(first, NOW.date(), people=[user.pk], version=version, now=NOW)
    rows = MomentumPillar.objects.filter(user=user).order_by("date")
    before = list(rows.values_list("date", "overall_score", "evidence_days"))
    assert len(before) > 3
    apply_retention(now=NOW)
    assert not MomentumEvent.objects.filter(user=user).exists()
    add_events([an_event(user, first, "sleep", 1.0), an_event(user, NOW.date(), "sleep", 1.0)])
    score_days(first, NOW.date(), people=[user.pk], version=version, now=NOW)
    after = list(rows.values_list("date", "overall_score", "evidence_days"))
    assert after[:-1] == before
    assert after[-1][:2] == (NOW.date(), 100)
