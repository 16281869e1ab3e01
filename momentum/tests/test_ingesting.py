"""Taking in measurements: in any order, any number of times, in any pieces."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.day import local_day
from accounts.models import User
from accounts.tests.factories import UserFactory
from coaching.models import RawBehavioralLog
from momentum.biometrics.ingesting import DayValue, ingest, record_days
from momentum.biometrics.metrics import METRICS, day_of
from momentum.models import (
    BiometricSample,
    BiometricSource,
    BiometricStream,
    Metric,
    MomentumEvent,
)
from momentum.tests.factories import TrackedUserFactory, agree

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
DAY = date(2026, 3, 10)


def sample(
    start: Any = "2026-03-10T10:00:00Z",
    end: Any = "2026-03-10T10:30:00Z",
    value: Any = 500,
    metric: Any = "steps",
    **more: Any,
) -> dict[str, Any]:
    return {
        "metric": metric,
        "start": start,
        "end": end,
        "value": value,
        "source": "healthkit",
    } | more


def value_of(user: User, metric: str = "steps", day: date = DAY) -> float | None:
    row = BiometricStream.objects.filter(user=user, metric=metric, date=day, is_preferred=True)
    return row.values_list("value", flat=True).first()


def rows_of(user: User) -> list[tuple[Any, ...]]:
    return list(
        BiometricStream.objects.filter(user=user)
        .order_by("metric", "date", "source")
        .values_list("metric", "date", "source", "value", "measured_until", "is_preferred", "unit")
    )


def ledger(user: User) -> list[tuple[str, Any]]:
    rows = RawBehavioralLog.objects.filter(user=user, interaction_type__startswith="biometrics.")
    return [
        (r.interaction_type, r.raw_data.get("value")) for r in rows.order_by("received_at", "id")
    ]


# --- Days ---------------------------------------------------------------------------------------
def test_samples_add_up_to_a_day() -> None:
    user = UserFactory()
    result = ingest(
        user,
        [sample(), sample("2026-03-10T11:00:00Z", "2026-03-10T11:20:00Z", 300)],
        now=NOW,
    )
    assert (result.accepted, result.unchanged, result.failed) == (2, 0, [])
    assert result.days_changed == 1
    assert value_of(user) == 800


def test_a_repeat_changes_nothing() -> None:
    user = TrackedUserFactory()
    items = [sample(), sample(metric="weight_kg", value=80.5), {**day_item(), "source": "garmin"}]
    ingest(user, items, now=NOW)
    before, told = rows_of(user), ledger(user)
    result = ingest(user, items, now=NOW + timedelta(hours=1))
    assert (result.accepted, result.unchanged, result.days_changed) == (0, 3, 0)
    assert rows_of(user) == before
    assert ledger(user) == told


def day_item(value: float = 9000, metric: str = "steps", day: str = "2026-03-10") -> dict[str, Any]:
    return {"metric": metric, "date": day, "value": value, "source": "healthkit"}


def test_in_each_hour_the_device_counts_that_counted_most() -> None:
    user = UserFactory()
    ingest(
        user,
        [
            sample("2026-03-10T10:00:00Z", "2026-03-10T10:30:00Z", 500, device="iPhone"),
            sample("2026-03-10T10:00:00Z", "2026-03-10T10:40:00Z", 700, device="Watch"),
            sample("2026-03-10T11:00:00Z", "2026-03-10T11:40:00Z", 900, device="iPhone"),
            sample("2026-03-10T11:00:00Z", "2026-03-10T11:40:00Z", 100, device="Watch"),
        ],
        now=NOW,
    )
    assert value_of(user) == 1600


def test_a_span_over_hours_is_shared_out_among_them() -> None:
    user = UserFactory()
    ingest(
        user,
        [
            sample("2026-03-10T10:30:00Z", "2026-03-10T11:30:00Z", 1000, device="iPhone"),
            sample("2026-03-10T10:00:00Z", "2026-03-10T11:00:00Z", 800, device="Watch"),
        ],
        now=NOW,
    )
    assert value_of(user) == 1300


def test_a_night_belongs_to_the_day_of_waking_also_in_pieces() -> None:
    user = UserFactory(timezone="UTC")
    pieces = [
        ("2026-03-09T22:30:00Z", "2026-03-09T23:30:00Z"),
        ("2026-03-09T23:30:00Z", "2026-03-10T01:00:00Z"),
        ("2026-03-10T01:00:00Z", "2026-03-10T06:30:00Z"),
    ]
    ingest(user, [sleep(*piece) for piece in pieces], now=NOW)
    assert value_of(user, "sleep_minutes") == 480
    assert BiometricStream.objects.filter(user=user).count() == 1


def sleep(start: str, end: str, value: float | None = None, **more: Any) -> dict[str, Any]:
    span = datetime.fromisoformat(end) - datetime.fromisoformat(start)
    minutes = span.total_seconds() / 60 if value is None else value
    return sample(start, end, minutes, "sleep_minutes", **more)


def test_overlapping_sleep_of_a_device_is_not_doubled() -> None:
    user = UserFactory(timezone="UTC")
    ingest(
        user,
        [
            sleep("2026-03-09T23:00:00Z", "2026-03-10T05:00:00Z"),
            sleep("2026-03-10T03:00:00Z", "2026-03-10T07:00:00Z"),
            sleep("2026-03-10T04:00:00Z", "2026-03-10T04:30:00Z"),
        ],
        now=NOW,
    )
    assert value_of(user, "sleep_minutes") == 480


def test_two_devices_that_saw_the_same_night_count_once() -> None:
    user = UserFactory(timezone="UTC")
    night = ("2026-03-09T23:00:00Z", "2026-03-10T06:00:00Z")
    ingest(user, [sleep(*night, device="Watch"), sleep(*night, 400, device="Ring")], now=NOW)
    assert value_of(user, "sleep_minutes") == 420


def test_of_readings_the_last_counts_and_of_variability_the_mean() -> None:
    user = UserFactory()
    ingest(
        user,
        [
            sample("2026-03-10T18:00:00Z", "2026-03-10T18:00:00Z", 80, "weight_kg"),
            sample("2026-03-10T07:00:00Z", "2026-03-10T07:00:00Z", 82, "weight_kg"),
            sample("2026-03-10T07:00:00Z", "2026-03-10T07:00:00Z", 40, "hrv"),
            sample("2026-03-10T09:00:00Z", "2026-03-10T09:00:00Z", 60, "hrv"),
        ],
        now=NOW,
    )
    assert value_of(user, "weight_kg") == 80
    assert value_of(user, "hrv") == 50


def test_days_begin_in_the_persons_zone_at_their_hour() -> None:
    user = UserFactory(timezone="America/New_York", day_start_hour=3)
    ingest(user, [sample("2026-03-11T06:30:00Z", "2026-03-11T06:40:00Z", 100)], now=NOW)
    assert value_of(user, day=date(2026, 3, 10)) == 100  # half past two at night


@given(
    minutes=st.integers(0, 60 * 24 * 365),
    length=st.integers(0, 47 * 60),
    zone=st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Apia"]),
    day_start=st.integers(0, 6),
)
def test_a_span_counts_for_the_day_of_its_beginning_and_sleep_for_that_of_waking(
    minutes: int, length: int, zone: str, day_start: int
) -> None:
    user = User(timezone=zone, day_start_hour=day_start)
    start = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    end = start + timedelta(minutes=length)
    tz = ZoneInfo(zone)
    assert day_of("steps", start, end, tz, day_start) == local_day(user, start)
    slept = day_of("sleep_minutes", start, end, tz, day_start)
    assert (
        local_day(user, end)
        <= slept
        <= max(local_day(user, end), start.astimezone(tz).date() + timedelta(days=1))
    )


# --- Order --------------------------------------------------------------------------------------
MOMENTS = st.integers(0, 3 * 24 * 12).map(
    lambda fives: datetime(2026, 3, 28, tzinfo=UTC) + timedelta(minutes=5 * fives)
)


@st.composite
def items(draw: st.DrawFn) -> dict[str, Any]:
    metric = draw(st.sampled_from(["steps", "sleep_minutes", "weight_kg", "hrv", "distance_km"]))
    source = draw(st.sampled_from(["healthkit", "garmin"]))
    if draw(st.integers(0, 5)) == 0:
        day = draw(st.sampled_from(["2026-03-28", "2026-03-29", "2026-03-30"]))
        value = draw(st.integers(20, 500))
        return {"metric": metric, "date": day, "value": value, "source": source}
    start = draw(MOMENTS)
    length = draw(st.sampled_from([0, 5, 30, 90, 480])) if metric != "sleep_minutes" else 90
    end = start + timedelta(minutes=length)
    high = 90 if metric == "sleep_minutes" else 500
    return {
        "metric": metric,
        "start": start.isoformat(),
        "end": end.isoformat(),
        "value": draw(st.integers(20, high)),
        "source": source,
        "device": draw(st.sampled_from(["", "Watch"])),
    }


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    told=st.lists(items(), min_size=1, max_size=25),
    data=st.data(),
    zone=st.sampled_from(["Europe/Berlin", "UTC"]),
)
def test_no_order_and_no_splitting_makes_a_difference(
    told: list[dict[str, Any]], data: st.DataObject, zone: str
) -> None:
    now = datetime(2026, 4, 10, tzinfo=UTC)
    one, other = UserFactory(timezone=zone), UserFactory(timezone=zone)
    assert not ingest(one, told, now=now).failed
    shuffled = data.draw(st.permutations(told + told[:3]))
    cuts = sorted(data.draw(st.sets(st.integers(0, len(shuffled)), max_size=5)))
    for first, last in pairwise([0, *cuts, len(shuffled)]):
        ingest(other, shuffled[first:last], now=now)
    assert rows_of(one) == rows_of(other)


def test_a_late_sample_does_not_lower_a_day_whose_samples_were_deleted() -> None:
    user = UserFactory()
    ingest(user, [sample(value=8000)], now=NOW)
    BiometricSample.objects.filter(user=user).delete()
    ingest(user, [sample("2026-03-10T20:00:00Z", "2026-03-10T20:10:00Z", 200)], now=NOW)
    assert value_of(user) == 8000


def test_of_two_statements_about_a_day_the_one_measured_longer_counts() -> None:
    for order in ([0, 1], [1, 0]):
        user = UserFactory()
        told = [
            DayValue("steps", DAY, 7000, datetime(2026, 3, 10, 20, tzinfo=UTC)),
            DayValue("steps", DAY, 6800, datetime(2026, 3, 11, 0, tzinfo=UTC)),
        ]
        for index in order:
            record_days(user, [told[index]], "garmin", now=NOW)
        assert value_of(user) == 6800


# --- Precedence ---------------------------------------------------------------------------------
def test_the_source_counts_that_is_believed_most() -> None:
    user = UserFactory()
    record_days(user, [DayValue("steps", DAY, 5000)], "healthkit", now=NOW)
    record_days(user, [DayValue("steps", DAY, 4000)], "garmin", now=NOW)
    assert value_of(user) == 4000
    record_days(user, [DayValue("steps", DAY, 9000)], "fit_file", now=NOW)
    assert value_of(user) == 4000
    assert BiometricStream.objects.filter(user=user, is_preferred=True).count() == 1


# --- The ledger ---------------------------------------------------------------------------------
def test_each_change_of_what_counts_is_told_once() -> None:
    user = TrackedUserFactory()
    record_days(user, [DayValue("steps", DAY, 5000)], "healthkit", now=NOW)
    record_days(user, [DayValue("steps", DAY, 5000)], "garmin", now=NOW)
    record_days(user, [DayValue("steps", DAY, 100)], "fit_file", now=NOW)
    record_days(user, [DayValue("weight_kg", DAY, 80)], "garmin", now=NOW)
    record_days(user, [DayValue("sleep_minutes", DAY, 400)], "garmin", now=NOW)
    assert ledger(user) == [("biometrics.steps", 5000), ("biometrics.sleep", 400)]


def test_a_call_that_waited_for_a_later_one_has_the_last_word() -> None:
    user = TrackedUserFactory()
    ingest(user, [sample()], now=NOW)
    # It came first, and was let in last: its day holds the samples of both.
    ingest(
        user,
        [sample("2026-03-10T11:00:00Z", "2026-03-10T11:20:00Z", 300)],
        now=NOW - timedelta(seconds=2),
    )
    assert value_of(user) == 800
    assert MomentumEvent.objects.get(user=user).raw_value == 800


def test_nothing_is_told_without_consent() -> None:
    for user in (UserFactory(), TrackedUserFactory()):
        agree(user, False)
        ingest(user, [sample()], now=NOW)
        assert value_of(user) == 500
        assert ledger(user) == []


# --- What is refused ----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("item", "code"),
    [
        ("x", "not_an_object"),
        (sample(metric="mood"), "metric_unknown"),
        (sample(metric=["steps"]), "metric_unknown"),
        (sample(source="pebble"), "source_unknown"),
        (sample(value="7"), "value_invalid"),
        (sample(value=True), "value_invalid"),
        (sample(value=float("nan")), "value_invalid"),
        (sample(value=float("inf")), "value_invalid"),
        (sample(value=10**400), "value_invalid"),
        (sample(value=-1), "value_out_of_bounds"),
        (sample(value=200_000), "value_out_of_bounds"),
        (sample(unit="kg"), "unit_unknown"),
        (sample(unit=5), "unit_unknown"),
        (sample(start="2026-03-10T10:00:00"), "time_naive"),
        (sample(start="yesterday"), "time_invalid"),
        (sample(start="0001-01-01T00:00:00+10:00"), "time_invalid"),
        (sample(start=None), "time_invalid"),
        (sample(end="2026-03-10T09:00:00Z"), "time_order"),
        (sample(end="2026-03-20T12:30:00Z"), "time_future"),
        (sample(end="2026-03-12T11:00:00Z"), "span_too_long"),
        (sample("1999-03-10T10:00:00Z", "1999-03-10T10:00:00Z"), "time_too_old"),
        (sample(device="a\nb"), "device_invalid"),
        (sample(device="x" * 81), "device_invalid"),
        (sample(metric="sleep_minutes", value=45), "value_out_of_bounds"),
        ({**day_item(), "date": "2026-03-21"}, "time_future"),
        ({**day_item(), "date": "20260310"}, "date_invalid"),
        ({**day_item(), "date": 5}, "date_invalid"),
        ({**sample(), "date": "2026-03-10"}, "time_invalid"),
    ],
)
def test_what_cannot_be_is_refused_and_the_rest_counts(item: Any, code: str) -> None:
    user = UserFactory(timezone="UTC")
    result = ingest(user, [item, sample()], now=NOW)
    assert [(f.index, f.code) for f in result.failed] == [(0, code)]
    assert result.failed[0].words
    assert value_of(user) == 500


def test_an_unknown_metric_is_refused_by_its_name() -> None:
    result = ingest(UserFactory(), [sample(metric="blood_sugar")], now=NOW)
    assert "blood_sugar" in result.failed[0].words


@pytest.mark.parametrize(
    ("metric", "value", "unit", "stored"),
    [
        ("weight_kg", 200, "lb", 90.718474),
        ("distance_km", 1, "mi", 1.609344),
        ("distance_km", 1500, "m", 1.5),
        ("sleep_minutes", 0.5, "hours", 30),
        ("active_energy_kcal", 418.4, "kJ", 100),
        ("steps", 70, "count", 70),
    ],
)
def test_known_units_are_converted(metric: str, value: float, unit: str, stored: float) -> None:
    user = UserFactory()
    ingest(user, [sample(metric=metric, value=value, unit=unit)], now=NOW)
    assert value_of(user, metric) == pytest.approx(stored, abs=1e-4)


def test_all_metrics_are_described() -> None:
    assert set(METRICS) == set(Metric.values)
    for info in METRICS.values():
        assert set(info.precedence) == set(BiometricSource)
