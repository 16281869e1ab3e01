"""The ledger keeps what people agreed to, once, together with the change it tells of."""

import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.consent import set_consent
from accounts.models import ConsentKind, ConsentSource, User
from coaching.ledger import NewRow, record, record_many
from coaching.models import Preferences, RawBehavioralLog
from coaching.toolkit import Happening, many_projections, projections


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


# --- Many at once -----------------------------------------------------------------------------------
NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)


def a_row(key: str, at: datetime = NOON) -> NewRow:
    return NewRow("biometrics.steps", key, at, NOON, {"value": 5, "key": key})


def test_many_rows_are_added_once_each_whatever_their_month(
    person: User, projected: list[Happening]
) -> None:
    rows = [a_row("1"), a_row("2"), a_row("1", datetime(2026, 9, 1, tzinfo=UTC))]
    assert record_many(person, rows, source="import") == []
    agree(person)
    added = record_many(person, rows, source="import")
    stored = list(RawBehavioralLog.objects.order_by("idempotency_key"))
    assert {row.pk for row in stored} == set(added)
    assert [(row.idempotency_key, row.occurred_at, row.source) for row in stored] == [
        ("1", NOON, "import"),
        ("2", NOON, "import"),
    ]
    # Known by another row, of another month.
    later = [a_row("1", datetime(2027, 1, 1, tzinfo=UTC)), a_row("3")]
    assert len(record_many(person, later, source="import")) == 1
    assert record(person, "x.y", source="web", idempotency_key="2") == stored[1]
    assert [each.raw_data["key"] for each in projected] == ["1", "2", "3"]
    assert [each.log_id for each in projected[:2]] == [row.pk for row in stored]
    assert record_many(person, [], source="import") == []


def test_a_projection_is_told_of_many_at_once_if_it_can_be(
    person: User, projected: list[Happening], monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Sequence[UUID]] = []
    monkeypatch.setattr(many_projections, "_entries", {"test.keep": told.append})
    agree(person)
    added = record_many(person, [a_row("1"), a_row("2")], source="import")
    assert told == [added]
    assert projected == []
    record_many(person, [a_row("1")], source="import")
    assert len(told) == 1


def test_many_rows_go_with_a_projection_that_fails(
    person: User, projected: list[Happening]
) -> None:
    agree(person)
    bad = NewRow("biometrics.steps", "1", NOON, NOON, {"fails": 1})
    with pytest.raises(RuntimeError, match="projection"), transaction.atomic():
        record_many(person, [a_row("2"), bad], source="import")
    assert not RawBehavioralLog.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_that_add_the_same_keys_at_once_add_them_once() -> None:
    person = User.objects.create_user("ada@example.org", name="Ada")
    agree(person)
    keys = [str(number) for number in range(50)]
    start = threading.Barrier(2)

    def add(month: int, order: int) -> None:
        start.wait()
        at = datetime(2026, month, 1, tzinfo=UTC)
        record_many(person, [a_row(key, at) for key in keys[::order]], source="import")
        connection.close()

    threads = [threading.Thread(target=add, args=given) for given in ((9, 1), (11, -1))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert RawBehavioralLog.objects.filter(idempotency_key__in=keys).count() == len(keys)
