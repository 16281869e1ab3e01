"""One row of the owner's in every table of momentum."""

from datetime import timedelta
from uuid import uuid4

from django.core.files.base import ContentFile
from django.utils import timezone

from accounts.day import local_day
from accounts.models import User
from momentum import visits
from momentum.models import (
    Backfill,
    BiometricChange,
    BiometricSample,
    BiometricSource,
    BiometricStream,
    ChangeStatus,
    CheckIn,
    DeviceConnection,
    GoalProgressLog,
    HealthImport,
    ImportStatus,
    JournalEntry,
    Metric,
    MomentumPillar,
    MotivationReading,
    MotivationScore,
    MotivationType,
    OutcomeMetric,
    PendingScore,
    ProviderPush,
    ReadingMethod,
    ReadingSource,
)
from momentum.scoring import versions
from momentum.tests.factories import add_events, an_event


def momentum_of(owner: User) -> None:
    """Events, scores, measurements, words about motivation, visits and what came of it all."""
    _scored(owner)
    _measured(owner)
    _said(owner)
    _came_of_it(owner)


def _scored(owner: User) -> None:
    day = local_day(owner)
    add_events([an_event(owner, day)])
    MomentumPillar.objects.create(
        user=owner,
        date=day,
        version=versions.active().name,
        behavioral_score=61,
        behavioral_evidence_on=day,
        overall_score=61,
        coverage=1,
        average_7=61,
        average_42=61,
        evidence_days=1,
    )
    PendingScore.objects.create(user=owner, since=day, reason="secret")
    Backfill.objects.create(version="v1", first_day=day, last_day=day, only=[str(owner.pk)])


def _measured(owner: User) -> None:
    now, day = timezone.now(), local_day(owner)
    BiometricSample.objects.create(
        user=owner,
        metric=Metric.STEPS,
        source=BiometricSource.HEALTHKIT,
        device="secret watch",
        started_at=now - timedelta(hours=1),
        ended_at=now,
        local_date=day,
        value=4321,
    )
    for source in (BiometricSource.HEALTHKIT, BiometricSource.MANUAL):
        BiometricStream.objects.create(
            user=owner,
            metric=Metric.STEPS,
            date=day,
            value=4321,
            unit="steps",
            source=source,
            is_preferred=source == BiometricSource.HEALTHKIT,
            measured_until=now,
        )
    for number, status in enumerate(ChangeStatus):
        BiometricChange.objects.create(
            user=owner,
            metric=Metric.RESTING_HEART_RATE,
            since=day - timedelta(days=28 + number),
            until=day - timedelta(days=number),
            before=64,
            after=58,
            status=status,
            answered_at=None if status == ChangeStatus.ASKED else now,
        )
    DeviceConnection.objects.create(
        user=owner, provider=BiometricSource.GARMIN, provider_user_id="secret-account"
    )
    ProviderPush.objects.create(
        user=owner,
        provider=BiometricSource.GARMIN,
        kind="dailies",
        digest="secret",
        body={"steps": 4321},
    )
    HealthImport.objects.create(
        user=owner,
        kind="apple_health",
        file=ContentFile(b"secret of the owner", name="export.xml"),
        filename="secret.xml",
        size=19,
        status=ImportStatus.DONE,
    )


def _said(owner: User) -> None:
    day = local_day(owner)
    CheckIn.objects.create(
        user=owner, energy=3, motivation=7, note="secret", local_date=day, source="web"
    )
    entry = JournalEntry.objects.create(
        user=owner, text="secret of the owner", local_date=day, source="web"
    )
    MotivationReading.objects.create(
        user=owner,
        source=ReadingSource.JOURNAL,
        source_id=entry.pk,
        motivation_type=MotivationType.INTRINSIC,
        distribution={"intrinsic": 1.0},
        quotes={"intrinsic": "secret"},
        confidence=0.9,
        internalization=100,
        method=ReadingMethod.LEXICON,
        at=entry.at,
        local_date=day,
    )
    MotivationScore.objects.create(user=owner, date=day, score=70, evidence_count=1, version="v1")


def _came_of_it(owner: User) -> None:
    now, day = timezone.now(), local_day(owner)
    visits.schedule(owner, now + timedelta(days=2), now=now)
    GoalProgressLog.objects.create(
        user=owner,
        goal_id=uuid4(),
        goal_text="secret",
        percent_complete=40,
        at=now,
        log_id=uuid4(),
    )
    OutcomeMetric.objects.create(
        user=owner,
        week=day - timedelta(days=day.weekday()),
        was_active=True,
        active_days=3,
        mean_score=61,
    )
