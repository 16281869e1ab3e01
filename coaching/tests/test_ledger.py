"""The ledger keeps what people agreed to, once, together with the change it tells of."""

import threading
import time
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.consent import set_consent
from accounts.models import ConsentKind, ConsentSource, User
from coaching.ledger import record
from coaching.models import Preferences, RawBehavioralLog
from coaching.toolkit import Happening, projections


def agree(user: User, granted: bool = True) -> None:
    set_consent(user, ConsentKind.BEHAVIORAL_TRACKING, granted, ConsentSource.WEB)


@pytest.fixture
def person(db: None) -> User:
    return User.objects.create_user("ada@example.org", name="Ada")


def test_without_consent_nothing_is_kept(person: User) -> None:
    assert record(person, "habit.completed", source="web", idempotency_key="1") is None
    assert not RawBehavioralLog.objects.exists()


def test_with_consent_one_row_is_kept(person: User) -> None:
    agree(person)
    row = record(person, "habit.completed", raw_data={"n": 1}, source="web", idempotency_key="1")
    assert row is not None
    assert RawBehavioralLog.objects.get() == row


def test_withdrawn_consent_stops_at_once(person: User) -> None:
    agree(person)
    agree(person, granted=False)
    assert record(person, "habit.completed", source="web", idempotency_key="1") is None


def test_the_same_key_adds_nothing(person: User) -> None:
    agree(person)
    first = record(person, "habit.completed", source="web", idempotency_key="1")
    second = record(person, "habit.completed", source="api", idempotency_key="1")
    assert first == second
    assert RawBehavioralLog.objects.count() == 1


def test_the_row_goes_with_a_change_that_is_rolled_back(person: User) -> None:
    agree(person)
    with pytest.raises(RuntimeError), transaction.atomic():
        record(person, "habit.completed", source="web", idempotency_key="1")
        raise RuntimeError
    assert not RawBehavioralLog.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_connections_with_one_key_make_one_row() -> None:
    user = User.objects.create_user("ada@example.org", name="Ada")
    agree(user)
    barrier = threading.Barrier(2)

    def tell() -> None:
        barrier.wait()
        record(user, "habit.completed", source="web", idempotency_key="same")
        connection.close()

    threads = [threading.Thread(target=tell) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert RawBehavioralLog.objects.filter(user=user).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_connections_with_one_key_in_two_months_make_one_row() -> None:
    user = User.objects.create_user("ada@example.org", name="Ada")
    agree(user)
    barrier = threading.Barrier(2)
    kept: list[RawBehavioralLog | None] = []

    def tell(at: datetime) -> None:
        barrier.wait()
        with transaction.atomic():
            kept.append(
                record(
                    user,
                    "habit.completed",
                    source="web",
                    idempotency_key="same",
                    occurred_at=at,
                )
            )
            # The other one comes while this one's row is there but not committed.
            time.sleep(0.1)
        connection.close()

    moments = (datetime(2026, 10, 31, 23, tzinfo=UTC), datetime(2026, 11, 1, 1, tzinfo=UTC))
    threads = [threading.Thread(target=tell, args=[at]) for at in moments]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    row = RawBehavioralLog.objects.get(user=user)
    assert kept == [row, row]


def test_the_same_key_adds_nothing_in_another_month(person: User) -> None:
    agree(person)
    october, november = datetime(2026, 10, 5, tzinfo=UTC), datetime(2026, 11, 5, tzinfo=UTC)
    first, second = (
        record(person, "habit.completed", source="api", idempotency_key="1", occurred_at=at)
        for at in (november, october)
    )
    assert first == second
    assert RawBehavioralLog.objects.get().occurred_at == november


# --- What is derived from a row at once -----------------------------------------------------------
@pytest.fixture
def projected(monkeypatch: pytest.MonkeyPatch) -> list[Happening]:
    """What the only projection was called with; it leaves a row of its own behind."""
    seen: list[Happening] = []

    def keep(happening: Happening) -> None:
        seen.append(happening)
        Preferences.objects.get_or_create(user=happening.user)
        if happening.raw_data.get("fails"):
            raise RuntimeError("projection")

    monkeypatch.setattr(projections, "_entries", {"test.keep": keep})
    return seen


def test_a_projection_is_told_of_the_row(person: User, projected: list[Happening]) -> None:
    agree(person)
    row = record(person, "habit.completed", raw_data={"n": 1}, source="web", idempotency_key="1")
    assert row is not None
    assert projected == [
        Happening(
            row.pk,
            person,
            "habit.completed",
            {"n": 1},
            "web",
            row.occurred_at,
            row.received_at,
            None,
        )
    ]


def test_a_repeated_key_is_projected_once(person: User, projected: list[Happening]) -> None:
    agree(person)
    for _ in range(2):
        record(person, "habit.completed", source="web", idempotency_key="1")
    assert len(projected) == 1


def test_without_consent_nothing_is_projected(person: User, projected: list[Happening]) -> None:
    record(person, "habit.completed", source="web", idempotency_key="1")
    assert projected == []


def test_what_is_derived_goes_with_a_change_that_is_rolled_back(
    person: User, projected: list[Happening]
) -> None:
    agree(person)
    with pytest.raises(RuntimeError), transaction.atomic():
        record(person, "habit.completed", source="web", idempotency_key="1")
        raise RuntimeError
    assert len(projected) == 1
    assert not Preferences.objects.filter(user=person).exists()


def test_a_projection_that_fails_takes_the_row_along(
    person: User, projected: list[Happening]
) -> None:
    agree(person)
    with pytest.raises(RuntimeError, match="projection"), transaction.atomic():
        record(person, "habit.completed", raw_data={"fails": 1}, source="web", idempotency_key="1")
    assert not RawBehavioralLog.objects.exists()


def test_without_projections_a_record_is_one_insert(
    person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    agree(person)
    monkeypatch.setattr(projections, "_entries", {})
    with CaptureQueriesContext(connection) as queries:
        record(person, "habit.completed", source="web", idempotency_key="1")
    statements = [query["sql"].split()[0] for query in queries]
    assert statements == ["SELECT", "INSERT"]  # whether they agree, and the row
