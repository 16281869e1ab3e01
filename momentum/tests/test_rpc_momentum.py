"""Momentum over gRPC says what it says everywhere else."""

from datetime import timedelta
from typing import Any

import grpc
import pytest

from accounts.day import local_day
from accounts.tests.factories import UserFactory
from config.tests.grpc_house import Served, details_of, grpc_house, signed
from momentum.explaining import explain
from momentum.rpc.momentum import messages, services
from momentum.standing import history
from momentum.tests.factories import agree
from momentum.tests.scored import scored_person

__all__ = ["grpc_house"]


def code_of(call: Any, *args: Any, **kwargs: Any) -> grpc.StatusCode:
    with pytest.raises(grpc.RpcError) as caught:
        call(*args, **kwargs)
    found: grpc.StatusCode = caught.value.code()
    return found


def test_today_its_course_and_its_reasons_are_told(grpc_house: Served) -> None:
    user = scored_person(days=10)
    today, stub = local_day(user), grpc_house.stub(services, "Momentum")

    standing = stub.Today(messages.TodayRequest(), **signed(user))
    days = stub.Range(messages.RangeRequest(), **signed(user)).days
    reasons = stub.Explain(messages.ExplainRequest(), **signed(user))

    rows = history(user, today - timedelta(days=89), today)
    assert standing.day == today.isoformat()
    assert standing.overall == rows[-1].overall_score
    assert [day.day for day in days] == [row.date.isoformat() for row in rows]
    assert [day.overall for day in days] == [row.overall_score for row in rows]
    expected = explain(user, today)
    assert expected is not None
    assert reasons.change == expected.change
    assert [part.points for part in reasons.pillars] == [part.points for part in expected.pillars]
    assert any(kind.evidence for part in reasons.pillars for kind in part.kinds)


def test_what_has_no_score_is_not_nought(grpc_house: Served) -> None:
    user = scored_person(days=3)
    standing = grpc_house.stub(services, "Momentum").Today(messages.TodayRequest(), **signed(user))
    relational = next(pillar for pillar in standing.pillars if pillar.name == "relational")
    assert not relational.HasField("score")
    assert relational.evidence_on == ""


def test_a_range_is_of_the_person_alone_and_within_its_days(grpc_house: Served) -> None:
    user, stranger = scored_person(days=10), UserFactory.create()
    today, stub = local_day(user), grpc_house.stub(services, "Momentum")
    two = messages.RangeRequest(
        first=(today - timedelta(days=1)).isoformat(), last=today.isoformat()
    )
    assert len(stub.Range(two, **signed(user)).days) == 2
    assert not stub.Range(two, **signed(stranger)).days
    assert code_of(stub.Explain, messages.ExplainRequest(), **signed(stranger)) is (
        grpc.StatusCode.NOT_FOUND
    )


def test_without_consent_nothing_is_told(grpc_house: Served) -> None:
    user, stub = scored_person(days=5), grpc_house.stub(services, "Momentum")
    agree(user, granted=False)
    assert stub.Today(messages.TodayRequest(), **signed(user)).gap == "no_consent"
    assert not stub.Range(messages.RangeRequest(), **signed(user)).days
    assert code_of(stub.Explain, messages.ExplainRequest(), **signed(user)) is (
        grpc.StatusCode.NOT_FOUND
    )


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"first": "yesterday"}, "first"),
        ({"first": "2026-02-03", "last": "2026-02-01"}, "first"),
        ({"first": "2020-01-01", "last": "2026-02-01"}, "first"),
        ({"last": "9999-12-31"}, "last"),
        ({"version": "none such"}, "version"),
    ],
    ids=["words", "turned", "long", "far", "version"],
)
def test_a_range_that_cannot_be_is_refused_with_its_field(
    grpc_house: Served, wish: dict[str, str], field: str
) -> None:
    stub, user = grpc_house.stub(services, "Momentum"), UserFactory.create()
    with pytest.raises(grpc.RpcError) as caught:
        stub.Range(messages.RangeRequest(**wish), **signed(user))
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert list(details_of(caught.value)["fields"]) == [field]
