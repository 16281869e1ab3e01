"""Rows of calls are written behind the stream, and one that cannot be takes no other with it."""

from uuid import UUID, uuid4

import pytest
from asgiref.sync import sync_to_async

from accounts.tests.factories import UserFactory
from coaching.llm.call_log import record, settle
from coaching.models import ModelCall

pytestmark = pytest.mark.django_db(transaction=True)


def call(user_id: UUID | None = None) -> ModelCall:
    return ModelCall(user_id=user_id, purpose="test", model="m", outcome="ok", total_ms=1)


async def test_a_row_of_a_person_who_is_gone_does_not_take_the_others_with_it() -> None:
    person = await sync_to_async(UserFactory.create)()
    kept = [call(), call(person.pk), call()]
    for row in (kept[0], call(uuid4()), *kept[1:]):
        record(row)

    await settle()

    assert {row.pk async for row in ModelCall.objects.all()} == {row.pk for row in kept}


async def test_what_is_recorded_while_a_write_is_under_way_is_written_too() -> None:
    for _ in range(3):
        record(call())
    await sync_to_async(lambda: None)()
    record(call())

    await settle()
    await settle()

    assert await ModelCall.objects.acount() == 4
