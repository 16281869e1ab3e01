"""What people see and do with what is remembered about them, on the web and through the API."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from accounts.tests.factories import UserFactory
from coaching.memory import commitments, remember
from coaching.models import (
    Commitment,
    CommitmentStatus,
    EpisodicMemory,
    LearnedPreference,
    MemoryState,
    MemoryStatus,
    MemoryVector,
    Preferences,
)

from .talks import NOW, learner

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def ada() -> User:
    return UserFactory.create(name="Ada", timezone="Europe/Berlin")


@pytest.fixture
def web(ada: User, client: Client) -> Client:
    client.force_login(ada, backend=BACKEND)
    return client


def promise(user: User, **more: Any) -> Commitment:
    due = timezone.now() + timedelta(days=1)
    return Commitment.objects.create(
        **{
            "user": user,
            "what": "walk",
            "quote": "I'll walk tomorrow",
            "due_at": due,
            "source_ref": f"test:{uuid4()}",
            **more,
        }
    )


def preference(user: User) -> LearnedPreference:
    return LearnedPreference.objects.create(
        user=user,
        preference_category="exercise",
        preference_key="running",
        preference_value="dislikes",
        confidence=0.4,
        evidence=[{"quote": "running bores me"}],
        learned_from=["conversation"],
    )


class TestMemories:
    def test_words_of_a_crisis_are_answered_and_not_kept(self, web: Client, ada: User) -> None:
        words = {"text": "I want to kill myself"}
        told = web.post("/knows/memories/", words)
        assert told.status_code == 422
        assert "ending your life right now" in told.content.decode()
        memory = remember(ada, "I work late on Thursdays.")
        for address in (
            f"/knows/memories/{memory.pk}/edit/",
            f"/coach/memories/{memory.pk}/receipt/",
        ):
            answer = web.post(address, words | {"do": "edit"})
            assert "ending your life right now" in answer.content.decode()
        api = "/api/v1/memories/"
        for answer in (
            web.post(api, words, "application/json"),
            web.patch(f"{api}{memory.pk}/", words, "application/json"),
        ):
            assert (answer.status_code, answer.json()["code"]) == (422, "crisis")
        assert [row.memory_description for row in EpisodicMemory.objects.all()] == [
            "I work late on Thursdays."
        ]

    def test_what_is_told_is_kept_once_however_often_the_button_is_pressed(
        self, web: Client, ada: User
    ) -> None:
        told = {"text": "I work late on Thursdays.", "token": str(uuid4())}
        web.post("/knows/memories/", told)
        answer = web.post("/knows/memories/", told, follow=True)
        assert "I work late on Thursdays." in answer.content.decode()
        assert EpisodicMemory.objects.filter(user=ada).count() == 1

    def test_an_empty_memory_is_refused_on_the_page(self, web: Client) -> None:
        answer = web.post("/knows/memories/", {"text": "  "})
        assert answer.status_code == 422
        assert "Write it in one sentence." in answer.content.decode()

    def test_an_inferred_one_is_confirmed_or_refused(self, web: Client, ada: User) -> None:
        inferred: dict[str, Any] = {"is_inferred": True, "status": MemoryStatus.WAITING}
        right = remember(ada, "You like early mornings.", **inferred)
        wrong = remember(ada, "You live alone.", **inferred)
        page = web.get("/knows/memories/?show=waiting").content.decode()
        assert "Is that so?" in page
        web.post(f"/knows/memories/{right.pk}/settle/", {"is_right": "yes"})
        web.post(f"/knows/memories/{wrong.pk}/settle/", {"is_right": "no"})
        assert MemoryState.objects.get(memory=right).status == MemoryStatus.KEPT
        page = web.get("/knows/memories/").content.decode()
        assert right.memory_description in page
        assert wrong.memory_description not in page

    def test_it_is_put_into_the_persons_own_words(self, web: Client, ada: User) -> None:
        memory = remember(ada, "Works on Mondays.")
        web.post(f"/knows/memories/{memory.pk}/edit/", {"text": "Works on Tuesdays."})
        page = web.get("/knows/memories/").content.decode()
        assert "Works on Tuesdays." in page
        assert "You edited it" in page

    def test_forgetting_leaves_nothing(self, web: Client, ada: User) -> None:
        memory = remember(ada, "Has a sister called Anna.")
        web.post(f"/knows/memories/{memory.pk}/forget/")
        assert not EpisodicMemory.objects.filter(user=ada).exists()
        assert not MemoryVector.objects.filter(user=ada).exists()

    def test_what_is_no_longer_so_says_what_is(self, web: Client, ada: User) -> None:
        now = timezone.now()
        old, new = remember(ada, "Trains at six."), remember(ada, "Trains at eight.")
        MemoryState.objects.filter(memory=old).update(
            valid_until=now - timedelta(days=1), superseded_by=new
        )
        assert "Trains at six." not in web.get("/knows/memories/").content.decode()
        page = web.get("/knows/memories/?show=closed").content.decode()
        assert "Trains at six." in page
        assert "No longer so: Trains at eight." in page

    def test_a_search_finds_by_meaning(self, web: Client, ada: User) -> None:
        remember(ada, "My knee hurts when I run downhill.")
        remember(ada, "I cook on Sundays with my kids.")
        page = web.get("/knows/memories/", {"q": "what is wrong with my joints?"}).content.decode()
        assert page.index("knee") < page.index("cook") if "cook" in page else "knee" in page

    def test_learning_is_paused_and_goes_on(self, web: Client, ada: User) -> None:
        web.post("/knows/learning/", {"learn": "no"})
        assert not Preferences.objects.get(user=ada).learning_enabled
        web.post("/knows/learning/", {"learn": "yes"})
        assert Preferences.objects.get(user=ada).learning_enabled

    def test_a_long_list_costs_as_many_queries_as_a_short_one(
        self, web: Client, ada: User, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        for number in range(12):
            remember(ada, f"Fact number {number}.")
        with django_assert_max_num_queries(16):
            web.get("/knows/memories/")


class TestPromisesAndPreferences:
    def test_a_promise_is_settled_moved_and_taken_back(self, web: Client, ada: User) -> None:
        row = promise(ada)
        web.post(f"/knows/promises/{row.pk}/move/", {"when": "in 3 days at 7am"})
        row.refresh_from_db()
        assert row.due_at.astimezone(ada.tz).hour == 7
        web.post(f"/knows/promises/{row.pk}/settle/", {"outcome": "kept"})
        row.refresh_from_db()
        assert row.status == CommitmentStatus.KEPT
        web.post(f"/knows/promises/{row.pk}/reopen/")
        web.post(f"/knows/promises/{row.pk}/settle/", {"outcome": "withdrawn"})
        row.refresh_from_db()
        assert row.status == CommitmentStatus.WITHDRAWN

    def test_a_wrong_preference_goes_from_the_page(self, web: Client, ada: User) -> None:
        row = preference(ada)
        assert "running bores me" in web.get("/knows/preferences/").content.decode()
        web.post(f"/knows/preferences/{row.pk}/settle/", {"is_right": "no"})
        assert "running bores me" not in web.get("/knows/preferences/").content.decode()


class TestTheApi:
    def test_memories_are_told_found_corrected_and_forgotten(self, web: Client) -> None:
        made = web.post("/api/v1/memories/", {"text": "I hate early meetings."}, "application/json")
        assert made.status_code == 201
        address = f"/api/v1/memories/{made.json()['id']}/"
        found = web.get("/api/v1/memories/search/", {"q": "meetings in the morning"}).json()
        assert [row["text"] for row in found] == ["I hate early meetings."]
        changed = web.patch(address, {"text": "I hate late meetings."}, "application/json")
        assert changed.json()["user_edited"]
        assert web.delete(address).status_code == 204
        assert web.get("/api/v1/memories/").json()["results"] == []

    def test_the_same_key_tells_once(self, web: Client, ada: User) -> None:
        for _ in range(2):
            web.post(
                "/api/v1/memories/",
                {"text": "I have two cats."},
                "application/json",
                HTTP_IDEMPOTENCY_KEY="cats",
            )
        assert EpisodicMemory.objects.filter(user=ada).count() == 1

    @pytest.mark.parametrize(
        "address",
        [
            "/api/v1/memories/?shelf=attic",
            "/api/v1/memories/search/",
            "/api/v1/memories/search/?q=x&limit=many",
        ],
    )
    def test_what_makes_no_sense_is_refused_as_a_problem(self, web: Client, address: str) -> None:
        answer = web.get(address)
        assert answer.status_code == 400
        assert answer["Content-Type"] == "application/problem+json"

    def test_a_note_of_a_crisis_is_not_remembered(self) -> None:
        person = learner()
        settled = commitments.settle(
            person, promise(person).pk, kept=False, note="I want to kill myself", now=NOW
        )
        assert settled.status == CommitmentStatus.MISSED
        assert EpisodicMemory.objects.get(user=person).quote == "I'll walk tomorrow"

    def test_promises_and_learning(self, web: Client, ada: User) -> None:
        row = promise(ada)
        told = {"outcome": "missed", "note": "It rained."}
        answer = web.post(f"/api/v1/promises/{row.pk}/settle/", told, "application/json")
        assert (answer.json()["status"], answer.json()["outcome_note"]) == ("missed", "It rained.")
        late = web.post(
            f"/api/v1/promises/{row.pk}/move/",
            {"due_at": "2001-01-01T00:00:00Z"},
            "application/json",
        )
        assert late.status_code == 400
        paused = web.put("/api/v1/learning/", {"learning_enabled": False}, "application/json")
        assert paused.json()["learning_enabled"] is False

    def test_nobody_reaches_what_is_anothers(self, web: Client) -> None:
        stranger = UserFactory.create()
        memory, row = remember(stranger, "Secret."), promise(stranger)
        liking = preference(stranger)
        for address in (
            f"/api/v1/memories/{memory.pk}/",
            f"/api/v1/promises/{row.pk}/",
            f"/api/v1/learned-preferences/{liking.pk}/",
        ):
            assert web.get(address).status_code == 404
        for address in (
            f"/knows/memories/{memory.pk}/forget/",
            f"/knows/memories/{memory.pk}/edit/",
            f"/knows/promises/{row.pk}/settle/",
            f"/knows/preferences/{liking.pk}/settle/",
        ):
            sent = {"text": "x", "outcome": "kept", "is_right": "no"}
            assert web.post(address, sent).status_code == 404
        assert EpisodicMemory.objects.filter(pk=memory.pk).exists()
