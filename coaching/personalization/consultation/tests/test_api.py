"""The consultation for a phone app."""

from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import User
from accounts.tests.factories import UserFactory
from coaching.models import CoachingProfile, Consultation, Message
from coaching.personalization.consultation.access import make_keys

from .talking import ENOUGH, begun, somebody, tell

pytestmark = pytest.mark.django_db
START, MESSAGE = "/api/v1/consultation/start", "/api/v1/consultation/message"


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


def post(client: Client, path: str, **body: Any) -> Any:
    return client.post(path, body, content_type="application/json")


@pytest.fixture
def ada() -> User:
    return somebody(name="Ada")


@pytest.fixture
def phone(ada: User) -> Client:
    return signed_in(ada)


def test_a_closed_gate_is_a_problem_document() -> None:
    answer = post(signed_in(UserFactory.create()), START)
    assert answer.status_code == 403
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "consultation_not_enabled"
    assert "not open for you yet" in answer.json()["detail"]


def test_a_key_lets_in_and_a_bad_one_says_why() -> None:
    client = signed_in(UserFactory.create())
    (key,) = make_keys("Friends", 1)
    assert post(client, START, key="nonsense").json()["code"] == "consultation_key_unknown"
    assert post(client, START, key=key).status_code == 201


def test_starting_again_goes_on_with_the_open_one(phone: Client) -> None:
    first, second = post(phone, START), post(phone, START)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["session_id"] == second.json()["session_id"]
    assert first["Location"] == f"/api/v1/consultation/{first.json()['session_id']}"
    assert first.json()["messages"]["results"][0]["role"] == "assistant"


def test_the_whole_way_with_a_token_of_a_phone_app(ada: User) -> None:
    token = signed_in(ada).session.session_key or ""
    app = Client(headers={"X-Session-Token": token}, enforce_csrf_checks=True)
    session_id = post(app, START).json()["session_id"]
    early = post(app, f"/api/v1/consultation/{session_id}/complete")
    assert early.status_code == 409
    assert early.json()["code"] == "consultation_incomplete"
    assert "meals" in early.json()["missing"]
    for text in ENOUGH:
        said = post(app, MESSAGE, session_id=session_id, text=text, client_id=uuid4().hex)
        assert said.status_code == 200
    state = said.json()["state"]
    assert state["can_complete"]
    assert state["progress"] > 0.6
    done = post(app, f"/api/v1/consultation/{session_id}/complete")
    assert done.status_code == 202
    assert done.json()["prompt_status"] == "generating"
    assert post(app, f"/api/v1/consultation/{session_id}/complete").json() == done.json()
    seen = app.get(done.json()["status_url"]).json()
    assert (seen["status"], seen["prompt_status"]) == ("completed", "generating")
    late = post(app, MESSAGE, session_id=session_id, text="more", client_id="late")
    assert late.status_code == 409


def test_a_message_sent_twice_is_said_once(phone: Client) -> None:
    session_id = post(phone, START).json()["session_id"]
    body = {"session_id": session_id, "text": "I run on Mondays", "client_id": "c1"}
    first, second = post(phone, MESSAGE, **body).json(), post(phone, MESSAGE, **body).json()
    assert second["duplicate"]
    assert first["reply"] == second["reply"]
    assert Message.objects.filter(client_id="c1").count() == 1


@pytest.mark.parametrize(
    "body", [{"text": ""}, {"text": "x" * 2001}, {"text": "hi", "session_id": "1"}, {}]
)
def test_bad_input_is_a_400(phone: Client, body: dict[str, str]) -> None:
    session_id = post(phone, START).json()["session_id"]
    answer = post(phone, MESSAGE, **{"session_id": session_id, **body})
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"


def test_the_state_shows_what_was_understood_and_pages_through_what_was_said(
    ada: User, phone: Client
) -> None:
    talk = begun(ada)
    tell(talk, "I run on Mondays")
    address = f"/api/v1/consultation/{talk.pk}"
    state = phone.get(address).json()
    training = next(each for each in state["topics"] if each["topic"] == "training")
    assert training["items"][0]["quote"] == "I run on Mondays"
    assert training["state"] == "told"
    newest = state["messages"]["results"][-1]["id"]
    before = phone.get(f"{address}?before={newest}").json()["messages"]["results"]
    assert len(before) == 2
    assert phone.get(f"{address}?before=x").status_code == 400


def test_an_item_is_taken_out(ada: User, phone: Client) -> None:
    talk = begun(ada)
    tell(talk, "I run on Mondays")
    address = f"/api/v1/consultation/{talk.pk}"
    topics = phone.get(address).json()["topics"]
    item = next(each for each in topics if each["topic"] == "training")["items"][0]["id"]
    assert phone.delete(f"{address}/items/{item}").status_code == 204
    assert phone.delete(f"{address}/items/{item}").status_code == 404


def test_abandoning_ends_it(ada: User, phone: Client) -> None:
    talk = begun(ada)
    for _ in range(2):
        assert phone.delete(f"/api/v1/consultation/{talk.pk}").status_code == 204
    answer = post(phone, MESSAGE, session_id=str(talk.pk), text="hello", client_id="a")
    assert (answer.status_code, answer.json()["code"]) == (409, "consultation_abandoned")


def test_a_strangers_consultation_is_not_found(phone: Client) -> None:
    talk = begun()
    tell(talk, "I run on Mondays")
    talk.refresh_from_db()
    item = talk.extracted["training"][0]["id"]
    address = f"/api/v1/consultation/{talk.pk}"
    assert phone.get(address).status_code == 404
    assert phone.delete(address).status_code == 404
    assert post(phone, f"{address}/complete").status_code == 404
    assert phone.delete(f"{address}/items/{item}").status_code == 404
    assert post(phone, MESSAGE, session_id=str(talk.pk), text="hi").status_code == 404


def test_the_chat_neither_lists_nor_goes_on_with_a_consultation(ada: User, phone: Client) -> None:
    talk = begun(ada)
    listed = phone.get("/api/v1/coach/conversations/").json()["results"]
    assert listed == []
    body = {"conversation": str(talk.conversation_id), "text": "hi", "client_id": "x"}
    assert post(phone, "/api/v1/coach/message", **body).status_code == 404
    assert phone.get(f"/coach/{talk.conversation_id}/").status_code == 404
    assert phone.delete(f"/api/v1/coach/conversations/{talk.conversation_id}/").status_code == 404


def test_it_costs_the_same_few_queries_however_long_it_is(
    ada: User, phone: Client, django_assert_max_num_queries: Any
) -> None:
    talk = begun(ada)
    tell(talk, *ENOUGH)
    with django_assert_max_num_queries(8):
        phone.get(f"/api/v1/consultation/{talk.pk}")


def test_nobody_unsigned_gets_in() -> None:
    assert post(Client(), START).status_code in {401, 403}
    assert not Consultation.objects.exists()
    assert not CoachingProfile.objects.exists()
