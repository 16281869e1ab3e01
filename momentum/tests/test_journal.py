"""The journal: written, changed, taken back; a crisis is answered first; another person's is not there."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from coaching.models import Conversation, CrisisAlert, RawBehavioralLog
from coaching.toolkit import ToolContext, ToolRefused, tool_named, undo_verbs
from momentum.models import JournalEntry, MotivationReading, ReadingSource
from momentum.motivation import journal, keeping, scores
from momentum.motivation.saying import entry_in

from .factories import TrackedUserFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 10, 18, 0, tzinfo=UTC)
CRISIS = "I don't want to live anymore"
URL = "/api/v1/momentum/journal/"


@pytest.fixture
def person() -> User:
    return TrackedUserFactory(timezone="UTC")


@pytest.fixture
def api(person: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(person)
    return client


@pytest.fixture
def web(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_an_entry_is_written_once_and_the_ledger_has_no_words(person: User) -> None:
    for _ in range(2):
        journal.write(person, "Quiet and green", client_id="a", source="web", now=NOW)
    entry = JournalEntry.objects.get()
    row = RawBehavioralLog.objects.get(interaction_type="journal.written")
    assert row.raw_data == {"entry": str(entry.pk), "local_date": "2026-03-10", "words": 3}


def test_a_crisis_is_answered_kept_and_feeds_nothing(person: User) -> None:
    written = journal.write(person, CRISIS, source="web", now=NOW)
    assert written.answer is not None
    assert written.row.is_crisis
    assert CrisisAlert.objects.filter(user=person, message_id=written.row.pk).count() == 1
    assert keeping.read(ReadingSource.JOURNAL, written.row.pk, now=NOW) is None
    assert scores.score_day(person.pk, written.row.local_date, now=NOW) == 0
    assert not MotivationReading.objects.exists()


def test_an_edit_into_a_crisis_is_answered_too(person: User) -> None:
    entry = journal.write(person, "I love my walks", source="web", now=NOW).row
    keeping.read(ReadingSource.JOURNAL, entry.pk, now=timezone.now())
    edited = journal.edit(entry, text=CRISIS, source="web", now=NOW)
    assert edited.answer is not None
    assert edited.row.is_crisis
    keeping.read(ReadingSource.JOURNAL, entry.pk, now=timezone.now())
    assert not MotivationReading.objects.exists()


def test_rest_keeps_changes_and_takes_back(api: APIClient) -> None:
    made = api.post(URL, {"text": "A good day", "client_id": "j1"}, format="json")
    assert made.status_code == 201
    assert (
        api.post(URL, {"text": "A good day", "client_id": "j1"}, format="json").json()["id"]
        == (made.json()["id"])
    )
    one = f"{URL}{made.json()['id']}/"
    assert api.patch(one, {"text": "A better day"}, format="json").json()["text"] == "A better day"
    assert api.delete(one).status_code == 204
    assert api.get(URL).json()["results"] == []
    assert api.post(f"{one}restore/").json()["deleted_at"] is None
    answer = api.post(URL, {"text": CRISIS}, format="json").json()
    assert answer["is_crisis"]
    assert "talk to a person now" in answer["crisis_answer"]
    assert api.post(URL, {"text": " "}, format="json").status_code == 400


def test_rest_shows_what_was_read(api: APIClient, person: User) -> None:
    entry = journal.write(person, "I love running in the rain", source="web", now=NOW).row
    keeping.read(ReadingSource.JOURNAL, entry.pk, now=timezone.now())
    scores.score_day(person.pk, entry.local_date, now=NOW)
    reading = api.get("/api/v1/momentum/motivation/readings/").json()["results"][0]
    assert reading["quotes"] == {"intrinsic": ["I love running in the rain"]}
    scored = api.get("/api/v1/momentum/motivation/scores/", {"kind": "internalization"}).json()
    assert scored["results"][0]["evidence_count"] == 1
    assert api.get("/api/v1/momentum/motivation/scores/", {"kind": "x"}).status_code == 400
    stranger = APIClient()
    stranger.force_authenticate(TrackedUserFactory())
    assert stranger.get("/api/v1/momentum/motivation/readings/").json()["results"] == []
    assert stranger.get("/api/v1/momentum/motivation/scores/").json()["results"] == []
    assert stranger.get(f"/api/v1/momentum/motivation/readings/{reading['id']}/").status_code == 404


def test_what_is_anothers_is_not_there(api: APIClient, web: Client) -> None:
    entry = journal.write(TrackedUserFactory(), "Mine alone", source="web", now=NOW).row
    one = f"{URL}{entry.pk}/"
    assert api.get(one).status_code == 404
    assert api.patch(one, {"text": "x"}, format="json").status_code == 404
    assert api.delete(one).status_code == 404
    for name in ("journal_edit", "journal_remove", "journal_restore"):
        assert web.post(reverse(name, args=[entry.pk]), {"text": "x"}).status_code == 404
    assert "Mine alone" not in web.get(reverse("journal")).content.decode()


def test_the_page_writes_changes_and_takes_back(web: Client, person: User) -> None:
    assert "An empty page" in web.get(reverse("journal")).content.decode()
    said = {"text": "I love running in the rain", "client_id": "c"}
    for _ in range(2):
        assert web.post(reverse("journal"), said).status_code == 302
    entry = JournalEntry.objects.get()
    keeping.read(ReadingSource.JOURNAL, entry.pk, now=timezone.now())
    page = web.get(reverse("journal")).content.decode()
    assert "<q>I love running in the rain</q>" in page
    assert "For its own sake" in page
    assert web.post(reverse("journal"), {"text": "  "}).status_code == 422
    assert web.post(reverse("journal_edit", args=[entry.pk]), {"text": "Dry"}).status_code == 302
    web.post(reverse("journal_remove", args=[entry.pk]))
    assert "Dry" not in web.get(reverse("journal")).content.decode()
    web.post(reverse("journal_restore", args=[entry.pk]))
    assert "Dry" in web.get(reverse("journal")).content.decode()
    crisis = web.post(reverse("journal"), {"text": CRISIS}).content.decode()
    assert 'class="crisis"' in crisis


def test_markup_in_an_entry_stays_words(web: Client) -> None:
    web.post(reverse("journal"), {"text": "<script>alert(1)</script>"})
    assert "<script>alert" not in web.get(reverse("journal")).content.decode()


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("journal: a quiet day", "a quiet day"),
        ("Dear diary, it rained", "it rained"),
        ("write in my journal that I finally slept", "I finally slept"),
        ("Please add to my journal: legs are tired", "legs are tired"),
        ("Write I am proud of today in my journal.", "I am proud of today"),
        ("just words", "just words"),
    ],
)
def test_the_order_to_write_is_not_written(words: str, text: str) -> None:
    assert entry_in(words) == text


def test_the_coach_writes_and_takes_back(person: User) -> None:
    entry = tool_named("journal")
    context = ToolContext(user=person, now=timezone.now(), call_id="c1")
    card: Any = None
    for _ in range(2):
        card = entry.run(context, entry.args(text="journal: what a view"))
    row = JournalEntry.objects.get()
    assert row.text == "what a view"
    undo_verbs.get(card.undo.verb)(person, card.undo.args)
    row.refresh_from_db()
    assert row.deleted_at is not None


def test_nothing_of_a_temporary_chat_is_written(person: User) -> None:
    talk = Conversation.objects.create(user=person, is_temporary=True)
    entry = tool_named("journal")
    context = ToolContext(user=person, now=timezone.now(), call_id="c", conversation_id=talk.pk)
    with pytest.raises(ToolRefused):
        entry.run(context, entry.args(text="journal: what a view"))
    assert not JournalEntry.objects.exists()
