"""The Coach page without script, files, undo, feedback and preferences."""

import asyncio
import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import User
from accounts.tests.factories import UserFactory
from coaching.agent.background import background_loop, end_background
from coaching.agent.branches import path_with_versions
from coaching.agent.runs import send
from coaching.agent.tests.factories import ConversationFactory, MessageFactory
from coaching.chat import attachments
from coaching.chat.thread import Thread
from coaching.llm.gateway import settle
from coaching.models import Attachment, Conversation, Message, MessageRole, Run, RunStatus
from coaching.toolkit import Card, ToolRefused, Undo, undo_verbs

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def user() -> User:
    return UserFactory.create()


@pytest.fixture
def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def _background_rests() -> Iterator[None]:

    yield
    asyncio.run_coroutine_threadsafe(settle(), background_loop()).result(20)
    end_background()


@pytest.mark.usefixtures("_background_rests")
def test_a_message_sent_as_a_form_is_answered_also_under_wsgi(user: User, browser: Client) -> None:
    answer = browser.post(reverse("coach_send"), {"text": "Hello", "client_id": "one"})
    conversation = Conversation.objects.get(user=user)
    assert answer.status_code == 302
    assert str(conversation.pk) in answer["Location"]
    again = browser.post(reverse("coach_send"), {"text": "Hello", "client_id": "one"})
    assert again["Location"] == answer["Location"]
    run = Run.objects.get(user=user)
    stream = browser.get(reverse("api-run-events", args=[run.pk]))
    said = b"".join(stream.streaming_content).decode()  # type: ignore[attr-defined]
    assert "event: run.finished" in said
    run.refresh_from_db()
    assert run.status == RunStatus.COMPLETED
    page = browser.get(answer["Location"])
    assert page.status_code == 200
    assert Message.objects.filter(user=user).count() == 2


def test_pages_and_sheet_are_there_and_search_finds_words(user: User, browser: Client) -> None:
    conversation = ConversationFactory.create(user=user, title="Evening walks")
    message = MessageFactory.create(conversation=conversation, content="Something about zebras")
    Conversation.objects.filter(pk=conversation.pk).update(head=message)
    for name in ("coach", "coach_sheet"):
        assert browser.get(reverse(name)).status_code == 200
    assert "zebras" in browser.get(reverse("coach"), {"q": "ZEBRA"}).content.decode()
    assert "Evening" not in browser.get(reverse("coach"), {"q": "lion"}).content.decode()


def test_nobody_sees_anothers_conversation(browser: Client) -> None:
    other = ConversationFactory.create()
    assert browser.get(reverse("coach_conversation", args=[other.pk])).status_code == 404
    assert browser.post(reverse("coach_conversation_delete", args=[other.pk])).status_code == 404
    assert browser.get(f"/api/v1/coach/conversations/{other.pk}/messages/").status_code == 404


def test_a_long_thread_takes_four_queries_and_shows_its_end(
    user: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    conversation = ConversationFactory.create(user=user)
    parent = None
    for number in range(130):
        role = MessageRole.ASSISTANT if number % 2 else MessageRole.USER
        parent = MessageFactory.create(
            conversation=conversation, parent=parent, role=role, content=f"turn {number}"
        )
    conversation.head = parent
    conversation.save()
    with django_assert_num_queries(4):
        thread = Thread(user, conversation)
        shown = thread.messages()
    assert [message["text"] for message in shown] == [f"turn {n}" for n in range(80, 130)]
    before = Thread(user, conversation, before=thread.earlier).messages()
    assert before[-1]["text"] == "turn 79"
    assert parent is not None
    assert path_with_versions(parent.pk, limit=1)[0].versions == (parent.pk,)


def test_a_run_without_a_heart_is_failed_when_somebody_looks(
    user: User, browser: Client, settings: Settings
) -> None:
    started = send(user, "Hello", client_id="a")
    Run.objects.update(heartbeat_at=timezone.now() - timedelta(minutes=5))
    page = browser.get(reverse("coach_conversation", args=[started.run.conversation_id]))
    assert "Try again" in page.content.decode()
    started.run.refresh_from_db()
    assert started.run.status == RunStatus.FAILED


def picture() -> io.BytesIO:
    """A photograph that knows where it was taken."""
    exif = Image.Exif()
    exif[0x010F] = "Camera of a person"
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(out, "JPEG", exif=exif)
    out.seek(0)
    out.name = "../photo.exe"
    return out


def test_a_picture_is_known_by_its_content_and_loses_its_notes(
    user: User, browser: Client, settings: Settings, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    answer = browser.post("/api/v1/coach/attachments/", {"file": picture()})
    assert answer.status_code == 201
    file = Attachment.objects.get(user=user)
    assert (file.type, file.name) == ("image/jpeg", "photo.exe")
    with file.file.open() as kept:
        assert b"Camera" not in kept.read()
    served = browser.get(reverse("coach_attachment", args=[file.pk]))
    assert served["X-Content-Type-Options"] == "nosniff"
    b"".join(served.streaming_content)  # type: ignore[attr-defined]
    served.close()
    stranger = Client()
    stranger.force_login(UserFactory.create())
    assert stranger.get(reverse("coach_attachment", args=[file.pk])).status_code == 404


def test_a_file_that_was_never_sent_is_gone_after_a_day(
    browser: Client, settings: Settings, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    browser.post("/api/v1/coach/attachments/", {"file": picture()})
    file = Attachment.objects.get()
    assert attachments.sweep_unsent(now=timezone.now()) == 0
    assert attachments.sweep_unsent(now=timezone.now() + timedelta(days=1, minutes=1)) == 1
    assert not Attachment.objects.exists()
    assert not file.file.storage.exists(str(file.file.name))


@pytest.mark.parametrize(
    ("name", "data", "status"),
    [
        ("notes.md", b"# Plan\nrun", 201),
        ("table.csv", b"a,b\n1,2\n", 201),
        ("page.html", b"<script>alert(1)</script>", 201),  # kept as plain text
        ("photo.png", b"MZ\x90\x00\x03\x00\x00\x00\xff\xff", 415),
        ("empty.txt", b"", 400),
    ],
)
def test_files_are_taken_for_what_they_are(
    user: User,
    browser: Client,
    settings: Settings,
    tmp_path: Any,
    name: str,
    data: bytes,
    status: int,
) -> None:
    settings.MEDIA_ROOT = tmp_path
    upload = io.BytesIO(data)
    upload.name = name
    assert browser.post("/api/v1/coach/attachments/", {"file": upload}).status_code == status
    if status == 201:
        assert Attachment.objects.get(user=user).type.startswith("text/")


def test_a_deleted_conversation_takes_its_files_along(
    user: User, browser: Client, settings: Settings, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    browser.post("/api/v1/coach/attachments/", {"file": picture()})
    message = MessageFactory.create(conversation__user=user)
    Attachment.objects.update(message=message)
    name = Attachment.objects.get().file.name
    assert (tmp_path / name).exists()
    browser.post(reverse("coach_conversation_delete", args=[message.conversation_id]))
    assert not Conversation.objects.filter(user=user).exists()
    assert not (tmp_path / name).exists()


def test_undo_runs_once(user: User, browser: Client) -> None:
    undone: list[str] = []

    def forget(user: User, args: dict[str, Any]) -> Card:
        undone.append(args["what"])
        return Card(title="Undone", summary="Taken back.")

    card = Card(title="Done", summary="Done.", undo=Undo(verb="test.forget", args={"what": "x"}))
    call = {"id": "c1", "name": "do", "status": "done", "card": card.model_dump(mode="json")}
    message = MessageFactory.create(
        conversation__user=user, role=MessageRole.ASSISTANT, function_calls=[call]
    )
    url = f"/api/v1/coach/messages/{message.pk}/undo"
    with undo_verbs.temporarily(test__forget=forget):
        for _ in range(2):
            answer = browser.post(url, {"call": "c1"}, content_type="application/json")
            assert (answer.status_code, answer.json()["summary"]) == (200, "Taken back.")
    assert undone == ["x"]
    assert browser.post(url, {"call": "c2"}, content_type="application/json").status_code == 404


@pytest.mark.parametrize(
    ("trouble", "words"),
    [(ToolRefused("You ticked it already."), "ticked"), (User.DoesNotExist(), "no longer there")],
)
def test_an_undo_that_is_refused_says_why(
    user: User, browser: Client, trouble: Exception, words: str
) -> None:
    def refuse(user: User, args: dict[str, Any]) -> Card:
        raise trouble

    card = Card(title="Done", summary="Done.", undo=Undo(verb="test.refuse"))
    call = {"id": "c1", "name": "do", "status": "done", "card": card.model_dump(mode="json")}
    message = MessageFactory.create(
        conversation__user=user, role=MessageRole.ASSISTANT, function_calls=[call]
    )
    url = f"/api/v1/coach/messages/{message.pk}/undo"
    with undo_verbs.temporarily(test__refuse=refuse):
        answer = browser.post(url, {"call": "c1"}, content_type="application/json")
    assert answer.status_code == 409
    assert words in answer.json()["detail"]


def test_feedback_keeps_the_latest_opinion(user: User, browser: Client) -> None:
    message = MessageFactory.create(conversation__user=user, role=MessageRole.ASSISTANT)
    for rating in (1, -1):
        answer = browser.post(
            f"/api/v1/coach/messages/{message.pk}/feedback",
            {"rating": rating},
            content_type="application/json",
        )
        assert answer.status_code == 200
    assert message.feedback.rating == -1


def test_how_helpful_and_in_ones_words_leave_the_thumb_as_it_was(
    user: User, browser: Client
) -> None:
    message = MessageFactory.create(conversation__user=user, role=MessageRole.ASSISTANT)
    address = reverse("coach_message_feedback", args=[message.pk])
    browser.post(address, {"rating": "1"})
    browser.post(address, {"helpfulness": "2", "text": "Shorter, please"})
    browser.post(address, {"helpfulness": "6"})
    browser.post(address, {})
    message.refresh_from_db()
    opinion = message.feedback
    assert (opinion.rating, opinion.helpfulness, opinion.text) == (1, 2, "Shorter, please")


def test_a_new_name_leaves_an_answer_that_is_on_its_way_alone(user: User, browser: Client) -> None:
    conversation = ConversationFactory.create(user=user)
    with CaptureQueriesContext(connection) as queries:
        answer = browser.patch(
            reverse("api-conversation-detail", args=[conversation.pk]),
            {"title": "Evenings"},
            content_type="application/json",
        )
    assert answer.json()["title"] == "Evenings"
    writes = [query["sql"] for query in queries if query["sql"].startswith("UPDATE")]
    assert not [sql for sql in writes if "head_id" in sql or "message_count" in sql]


def test_preferences_are_changed_by_who_saw_the_present_ones(browser: Client) -> None:
    url = reverse("api-preferences")
    seen = browser.get(url)
    change = {"communication_style": "direct"}
    tag = seen["ETag"]
    first = browser.patch(url, change, content_type="application/json", headers={"If-Match": tag})
    assert (first.status_code, first.json()["communication_style"]) == (200, "direct")
    late = browser.patch(url, change, content_type="application/json", headers={"If-Match": tag})
    assert late.status_code == 412
    bad = browser.patch(url, {"humor_intensity": 9}, content_type="application/json")
    assert bad.status_code == 400
