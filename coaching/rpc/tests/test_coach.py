"""Talking with the coach over gRPC: nothing lost, nothing doubled, nobody else's."""

from typing import Any
from uuid import uuid4

import grpc
import pytest

from accounts.tests.factories import UserFactory
from coaching.llm.tests.model_server import Done, Finish, ModelServer, Say, Step, Wait, whole
from coaching.models import Message, Run, RunStatus
from coaching.rpc.coach import message_of, messages, services
from config.runtime.processes import wait_until
from config.tests.grpc_house import Served, details_of, grpc_house, signed

__all__ = ["grpc_house"]
TEXT = "One small step. Then another one, and one more. That is all there is to it."


def slowly(text: str, pause: float = 0.05, size: int = 6) -> list[Step]:
    steps: list[Step] = []
    for at in range(0, len(text), size):
        steps += [Say(text[at : at + size]), Wait(pause)]
    return [*steps, Finish(), Done()]


def said_in(events: list[Any]) -> str:
    text = ""
    for event in events:
        if event.WhichOneof("what") == "text":
            text = event.text.delta if event.text.reset else text + event.text.delta
    return text


def refusal(stream: Any) -> grpc.RpcError:
    with pytest.raises(grpc.RpcError) as caught:
        list(stream)
    return caught.value


def test_an_answer_streams_from_the_acknowledgement_to_its_end(
    grpc_house: Served, model_server: ModelServer
) -> None:
    model_server.will(slowly(TEXT))
    user, stub = UserFactory.create(), grpc_house.stub(services, "Coach")

    ack, *events = stub.Send(messages.SendRequest(text="Hello", client_id="a"), **signed(user))

    assert (ack.seq, ack.WhichOneof("what"), ack.ack.duplicate) == (0, "ack", False)
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert events[0].began.reply == ack.ack.reply
    assert len([event for event in events if event.WhichOneof("what") == "text"]) > 3
    assert said_in(events) == events[-1].finished.text == TEXT
    assert events[-1].finished.status == "completed"
    assert Message.objects.get(pk=ack.ack.reply).content == TEXT


def test_a_dropped_line_is_taken_up_where_it_broke(
    grpc_house: Served, model_server: ModelServer
) -> None:
    model_server.will(slowly(TEXT))
    user, stub = UserFactory.create(), grpc_house.stub(services, "Coach")
    stream = stub.Send(messages.SendRequest(text="Hello"), **signed(user))
    ack = next(stream)
    before = []
    for event in stream:
        before.append(event)
        if len(before) == 4:
            stream.cancel()
            break

    rest = stub.Resume(messages.ResumeRequest(run=ack.run, after=before[-1].seq), **signed(user))

    events = [*before, *rest]
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert said_in(events) == TEXT


def test_an_answer_that_is_over_can_be_heard_again(
    grpc_house: Served, model_server: ModelServer
) -> None:
    model_server.will(whole(TEXT))
    user, stub = UserFactory.create(), grpc_house.stub(services, "Coach")
    ack, *heard = stub.Send(messages.SendRequest(text="Hello"), **signed(user))

    again = list(stub.Resume(messages.ResumeRequest(run=ack.run), **signed(user)))
    nothing = list(
        stub.Resume(messages.ResumeRequest(run=ack.run, after=heard[-1].seq), **signed(user))
    )

    assert again == heard
    assert nothing == []


def test_the_same_message_sent_twice_is_said_once(
    grpc_house: Served, model_server: ModelServer
) -> None:
    model_server.will(whole(TEXT))
    user, stub = UserFactory.create(), grpc_house.stub(services, "Coach")
    request = messages.SendRequest(text="Hello", client_id="once")
    first, *_ = stub.Send(request, **signed(user))

    second, *events = stub.Send(request, **signed(user))

    assert second.ack.duplicate
    assert second.run == first.run
    assert said_in(events) == TEXT
    assert Run.objects.count() == 1


def test_stop_ends_the_answer_and_keeps_what_was_said(
    grpc_house: Served, model_server: ModelServer
) -> None:
    model_server.will(slowly(TEXT * 20))
    user, stub = UserFactory.create(), grpc_house.stub(services, "Coach")
    stream = stub.Send(messages.SendRequest(text="Hello"), **signed(user))
    ack = next(stream)
    heard = []
    for event in stream:
        heard.append(event)
        if event.WhichOneof("what") == "text" and len(heard) < 6:
            assert stub.Stop(messages.StopRequest(run=ack.run), **signed(user)).id == ack.run
    assert heard[-1].finished.status == "stopped"
    assert 0 < len(heard[-1].finished.text) < len(TEXT * 20)
    again = stub.Stop(messages.StopRequest(run=ack.run), **signed(user))
    assert again.status == "stopped"


def test_a_line_that_drops_leaves_the_answer_running(
    grpc_house: Served, model_server: ModelServer
) -> None:
    model_server.will(slowly(TEXT))
    user, stub = UserFactory.create(), grpc_house.stub(services, "Coach")
    stream = stub.Send(messages.SendRequest(text="Hello"), **signed(user))
    ack = next(stream)
    stream.cancel()

    done = Run.objects.filter(pk=ack.run, status=RunStatus.COMPLETED)
    assert wait_until(done.exists, seconds=20, every=0.05)
    assert Message.objects.get(pk=ack.ack.reply).content == TEXT


def test_nobody_hears_or_stops_the_answer_of_somebody_else(
    grpc_house: Served, model_server: ModelServer
) -> None:
    model_server.will(whole(TEXT))
    user, stranger = UserFactory.create(), UserFactory.create()
    stub = grpc_house.stub(services, "Coach")
    ack, *_ = stub.Send(messages.SendRequest(text="Hello"), **signed(user))

    heard = refusal(stub.Resume(messages.ResumeRequest(run=ack.run), **signed(stranger)))
    with pytest.raises(grpc.RpcError) as stopped:
        stub.Stop(messages.StopRequest(run=ack.run), **signed(stranger))
    talked = refusal(
        stub.Send(
            messages.SendRequest(text="Hi", conversation=ack.ack.conversation), **signed(stranger)
        )
    )

    for error in (heard, stopped.value, talked):
        assert error.code() is grpc.StatusCode.NOT_FOUND
        assert details_of(error)["reason"] == "NOT_FOUND"


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (messages.SendRequest(text="  "), "EMPTY"),
        (messages.SendRequest(text="x" * 9000), "TOO_LONG"),
        (messages.SendRequest(text="Hi", client_id="x" * 65), "CLIENT_ID_INVALID"),
        (messages.SendRequest(text="Hi", conversation="mine"), "INVALID"),
        (messages.SendRequest(text="Hi", attachments=["a"] * 9), "INVALID"),
    ],
    ids=["empty", "long", "client id", "conversation", "attachments"],
)
def test_what_cannot_be_said_is_refused_in_words(
    grpc_house: Served, request_: Any, reason: str
) -> None:
    stub = grpc_house.stub(services, "Coach")
    error = refusal(stub.Send(request_, **signed(UserFactory.create())))
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert details_of(error)["reason"] == reason
    assert not Run.objects.exists()


def test_one_person_may_have_only_so_many_streams(
    grpc_house: Served, model_server: ModelServer, settings: Any
) -> None:
    settings.GRPC_STREAMS_PER_PERSON = 1
    model_server.will(slowly(TEXT))
    user, stub = UserFactory.create(), grpc_house.stub(services, "Coach")
    first = stub.Send(messages.SendRequest(text="Hello"), **signed(user))
    ack = next(first)

    error = refusal(stub.Resume(messages.ResumeRequest(run=ack.run), **signed(user)))
    assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED

    assert said_in(list(first)) == TEXT
    assert list(stub.Resume(messages.ResumeRequest(run=ack.run), **signed(user)))


def test_cards_and_what_has_no_shape_yet_keep_all_they_hold() -> None:
    identifier = uuid4()
    card = message_of(
        {
            "seq": 3,
            "run": "r",
            "type": "card",
            "call": "c",
            "name": "add_task",
            "label": "Adding",
            "state": "done",
            "card": {"title": "Tasks", "data": {"id": identifier, "steps": [1, None]}},
        }
    )
    assert card.card.card["data"]["id"] == str(identifier)
    assert list(card.card.card["data"]["steps"]) == [1, None]
    other = message_of({"seq": 4, "run": "r", "type": "new.kind", "value": {"a": True}})
    assert other.other.type == "new.kind"
    assert other.other.members["value"]["a"] is True
