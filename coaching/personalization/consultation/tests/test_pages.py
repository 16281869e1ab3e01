"""The consultation without script: every state of its pages."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import User
from accounts.tests.factories import UserFactory
from coaching.models import CoachingProfile, Consultation, Message, PromptStatus
from coaching.personalization.consultation.access import make_keys

from .talking import ENOUGH, begun, somebody, tell

pytestmark = pytest.mark.django_db


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


def words(answer: Any) -> str:
    return answer.content.decode()


@pytest.fixture
def ada() -> User:
    return somebody(name="Ada")


@pytest.fixture
def web(ada: User) -> Client:
    return signed_in(ada)


def test_a_closed_gate_explains_itself_and_takes_a_key() -> None:
    user = UserFactory.create()
    web = signed_in(user)
    assert "Not open for you yet" in words(web.get("/consultation/"))
    assert b"A coach that knows you" not in web.get("/").content
    refused = web.post("/consultation/begin/", {"key": "nonsense"})
    assert refused.status_code == 403
    assert 'value="nonsense"' in words(refused)
    (key,) = make_keys("Friends", 1)
    begun_with_key = web.post("/consultation/begin/", {"key": key})
    talk = Consultation.objects.get(user=user)
    assert begun_with_key["Location"] == f"/consultation/{talk.pk}/"


def test_the_whole_way_by_forms(ada: User, web: Client) -> None:
    assert "Begin" in words(web.get("/consultation/"))
    assert "A coach that knows you" in words(web.get("/"))
    address = web.post("/consultation/begin/")["Location"]
    for text in ENOUGH:
        assert web.post(f"{address}say/", {"text": text}).status_code == 302
    page = words(web.get(address))
    assert "There is enough for your coach" in page
    assert "Running, twice a week" in page
    assert "“I run twice a week”" in page
    assert "waits for you" in words(web.get("/"))
    assert web.get("/consultation/")["Location"] == address
    done = web.post(f"{address}finish/")
    assert done["Location"] == f"{address}coach/"
    page = words(web.get(f"{address}coach/"))
    assert "Generating your personal coach…" in page
    assert 'hx-trigger="every 2s"' in page
    assert "is being written" in words(web.get("/"))
    assert web.get("/consultation/")["Location"] == f"{address}coach/"


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (PromptStatus.READY, "Your coach is ready"),
        (PromptStatus.FAILED, "could not be written just now"),
    ],
)
def test_the_end_is_shown_whatever_it_is(
    ada: User, web: Client, status: PromptStatus, said: str
) -> None:
    talk = begun(ada)
    tell(talk, *ENOUGH)
    web.post(f"/consultation/{talk.pk}/finish/")
    CoachingProfile.objects.filter(user=ada).update(
        prompt_status=status, conversational_profile="Ada runs."
    )
    page = words(web.get(f"/consultation/{talk.pk}/coach/", headers={"HX-Request": "true"}))
    assert said in page
    assert "<html" not in page
    assert "every 2s" not in page


def test_what_cannot_be_taken_stays_in_the_field(ada: User, web: Client) -> None:
    talk = begun(ada)
    too_long = "y" * 2001
    answer = web.post(f"/consultation/{talk.pk}/say/", {"text": too_long, "client_id": "c"})
    assert answer.status_code == 422
    assert too_long in words(answer)
    assert 'value="c"' in words(answer)
    part = web.post(f"/consultation/{talk.pk}/say/", {"text": ""}, headers={"HX-Request": "true"})
    assert part.status_code == 200
    assert "Write something first." in words(part)
    assert "<html" not in words(part)


def test_an_item_is_taken_out_by_a_form(ada: User, web: Client) -> None:
    talk = begun(ada)
    tell(talk, "I run on Mondays")
    talk.refresh_from_db()
    item = talk.extracted["training"][0]["id"]
    web.post(f"/consultation/{talk.pk}/items/{item}/remove/")
    assert "Take out: running" not in words(web.get(f"/consultation/{talk.pk}/"))


def test_abandoning_asks_first_and_finishing_too_early_says_what_is_open(
    ada: User, web: Client
) -> None:
    talk = begun(ada)
    page = web.post(f"/consultation/{talk.pk}/finish/", follow=True)
    assert "Still open" in words(page)
    assert "Abandon the consultation?" in words(web.get(f"/consultation/{talk.pk}/abandon/"))
    talk.refresh_from_db()
    assert talk.status == "active"
    web.post(f"/consultation/{talk.pk}/abandon/")
    talk.refresh_from_db()
    assert talk.status == "abandoned"
    assert "ended without a coach" in words(web.get(f"/consultation/{talk.pk}/"))


def test_stopping_for_now_keeps_everything(ada: User, web: Client) -> None:
    talk = begun(ada)
    tell(talk, "I run on Mondays")
    assert web.post(f"/consultation/{talk.pk}/pause/")["Location"] == "/"
    assert "Running, once a week" in words(web.get(f"/consultation/{talk.pk}/"))


def test_a_crisis_answer_keeps_its_links_and_text_is_escaped(ada: User, web: Client) -> None:
    talk = begun(ada)
    tell(talk, "<b>I want to kill myself</b>")
    page = words(web.get(f"/consultation/{talk.pk}/"))
    assert 'class="crisis"' in page
    assert "&lt;b&gt;I want to kill myself" in page
    assert "Go on with the questions" in page


def test_a_strangers_pages_are_not_found(web: Client) -> None:
    talk = begun()
    for path in ("", "abandon/", "coach/"):
        assert web.get(f"/consultation/{talk.pk}/{path}").status_code == 404
    for path in ("say/", "pause/", "finish/", "abandon/"):
        assert web.post(f"/consultation/{talk.pk}/{path}", {"text": "hi"}).status_code == 404
    assert Message.objects.filter(conversation=talk.conversation).count() == 1
