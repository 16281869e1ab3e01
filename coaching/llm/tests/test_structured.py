"""An object comes back only when it fits its schema."""

import pytest
from asgiref.sync import sync_to_async
from pydantic import BaseModel, Field
from pytest_django import Settings

from accounts.tests.factories import UserFactory
from coaching.llm.gateway import ModelUnavailable, StructuredOutputInvalid, complete_structured
from coaching.models import ModelCall
from coaching.toolkit import slot

from .model_server import Count, Cut, ModelServer, Say, Status, whole

pytestmark = pytest.mark.django_db(transaction=True)
QUESTION = [{"role": "user", "content": "How does this person feel?"}]


class Mood(BaseModel):
    word: str = Field(json_schema_extra=slot("text"))
    strength: int = Field(ge=1, le=5)


async def mood() -> Mood:
    return await complete_structured(Mood, QUESTION, purpose="mood")


async def test_a_fitting_answer_becomes_an_object(model_server: ModelServer) -> None:
    model_server.will(whole('{"word": "cal', 'm", "strength": 4}', usage=Count(10, 5)))

    assert await mood() == Mood(word="calm", strength=4)

    [request] = model_server.received
    wanted = request.body["response_format"]
    assert wanted["type"] == "json_schema"
    assert wanted["json_schema"]["name"] == "Mood"
    assert "x-slot" not in str(wanted)
    assert request.body["temperature"] == 0.0
    call = await ModelCall.objects.aget()
    assert (call.purpose, call.cost_microdollars) == ("mood", 20)


async def test_a_fence_around_the_object_does_no_harm(model_server: ModelServer) -> None:
    model_server.will(whole('```json\n{"word": "calm", "strength": 4}\n```'))

    assert (await mood()).word == "calm"


async def test_a_model_may_mend_its_answer_once(model_server: ModelServer) -> None:
    model_server.will(
        whole('{"word": "calm", "strength": 9}'), whole('{"word": "calm", "strength": 5}')
    )

    assert (await mood()).strength == 5

    *_, answered, told = model_server.received[1].body["messages"]
    assert answered == {"role": "assistant", "content": '{"word": "calm", "strength": 9}'}
    assert "strength" in told["content"]


async def test_what_does_not_fit_twice_is_refused(model_server: ModelServer) -> None:
    model_server.will(whole("I would say calm."), whole('{"word": "calm"}'))

    with pytest.raises(StructuredOutputInvalid) as refused:
        await mood()

    assert refused.value.raw == '{"word": "calm"}'
    assert "strength" in refused.value.errors
    assert await ModelCall.objects.acount() == 2


async def test_half_an_object_is_dropped_for_the_next_models_whole_one(
    model_server: ModelServer, fallback_server: ModelServer
) -> None:
    model_server.will([Say('{"word": "ang'), Cut()])
    fallback_server.will(whole('{"word": "calm", "strength": 4}'))

    assert (await mood()).word == "calm"


async def test_the_built_in_coach_is_not_asked_for_objects(
    model_server: ModelServer, settings: Settings
) -> None:
    model_server.will([Status(500)], [Status(500)])
    with pytest.raises(ModelUnavailable):
        await mood()

    settings.COACH_MODEL = "builtin/coach"
    with pytest.raises(ModelUnavailable):
        await mood()


async def test_nothing_is_asked_over_the_budget(
    model_server: ModelServer, settings: Settings
) -> None:
    settings.COACH_DAILY_BUDGET_MICRODOLLARS = 0
    person = await sync_to_async(UserFactory.create)()

    with pytest.raises(ModelUnavailable):
        await complete_structured(Mood, QUESTION, purpose="mood", user_id=person.pk)
    assert model_server.received == []


async def test_a_nul_is_left_out_since_no_row_can_hold_it(model_server: ModelServer) -> None:
    model_server.will(whole('{"word": "ca\\u0000lm", "strength": 4}'))

    assert (await mood()).word == "calm"
