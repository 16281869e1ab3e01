"""Checking in: by tile, page, API and words; once, changed, taken back; another person's is not there."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import UserFactory
from coaching.llm.builtin.tests.conversation import Conversation
from coaching.models import Conversation as Talk
from coaching.models import CrisisAlert, RawBehavioralLog
from coaching.toolkit import ToolContext, ToolRefused, tool_named, tools, undo_verbs
from momentum.models import CheckIn, MomentumEvent, MotivationScore
from momentum.motivation import checking_in, course, scores
from momentum.motivation.saying import read_figures

from .factories import TrackedUserFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 10, 18, 0, tzinfo=UTC)
CRISIS = "I want to kill myself"


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


def told(person: User, **said: Any) -> CheckIn:
    return checking_in.check_in(person, source="web", **{"now": NOW, **said}).row


# --- Once, changed, taken back --------------------------------------------------------------------
def test_the_same_id_is_one_check_in(person: User) -> None:
    first = told(person, energy=3, client_id="a")
    assert told(person, energy=5, client_id="a") == first
    assert CheckIn.objects.get().energy == 3
    assert RawBehavioralLog.objects.filter(interaction_type="check_in.told").count() == 1


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"note": "   "},
        {"energy": 6},
        {"energy": 0},
        {"motivation": 11},
        {"energy": 3, "at": NOW + timedelta(hours=1)},
        {"energy": 3, "at": NOW - timedelta(days=400)},
    ],
)
def test_nonsense_is_refused_in_words(person: User, said: dict) -> None:
    with pytest.raises(checking_in.CheckInRefused):
        told(person, **said)
    assert not CheckIn.objects.exists()


def test_the_day_is_the_persons_own(person: User) -> None:
    person.day_start_hour = 3
    person.timezone = "Pacific/Auckland"
    person.save()
    row = told(person, energy=3, at=datetime(2026, 3, 9, 12, 30, tzinfo=UTC))
    assert row.local_date.isoformat() == "2026-03-09"  # half past one at night there


def test_taking_back_twice_is_once_and_it_comes_back(person: User) -> None:
    row = told(person, energy=3)
    for _ in range(2):
        checking_in.remove(row, source="web", now=NOW)
    assert RawBehavioralLog.objects.filter(interaction_type="check_in.removed").count() == 1
    assert not checking_in.standing_rows(person).exists()
    checking_in.restore(row, source="web", now=NOW)
    assert checking_in.standing_rows(person).get() == row


def test_without_consent_it_is_kept_and_nothing_is_made_of_it() -> None:
    untracked = UserFactory(timezone="UTC")
    row = told(untracked, motivation=9)
    assert scores.score_day(untracked.pk, row.local_date, now=NOW) == 0
    assert CheckIn.objects.filter(user=untracked).exists()
    assert not RawBehavioralLog.objects.filter(user=untracked).exists()
    assert not MotivationScore.objects.exists()


def test_an_empty_id_of_a_client_makes_no_two_check_ins_one(api: APIClient) -> None:
    for energy in (2, 4):
        told_ = api.post(
            "/api/v1/momentum/check-ins/", {"energy": energy, "client_id": ""}, format="json"
        )
        assert (told_.status_code, told_.data["energy"]) == (201, energy)
    for text in ("Morning", "Evening"):
        written = api.post(
            "/api/v1/momentum/journal/", {"text": text, "client_id": ""}, format="json"
        )
        assert (written.status_code, written.data["text"]) == (201, text)


def test_nobody_checks_in_by_a_temporary_chat(person: User) -> None:
    talk = Talk.objects.create(user=person, is_temporary=True)
    entry = tool_named("check_in")
    context = ToolContext(user=person, now=NOW, call_id="c", conversation_id=talk.pk)
    with pytest.raises(ToolRefused):
        entry.run(context, entry.args(words="energy 2 of 5"))
    assert not CheckIn.objects.exists()


def test_a_note_in_crisis_is_answered_kept_and_feeds_nothing(person: User) -> None:
    told_ = checking_in.check_in(person, energy=1, motivation=1, note=CRISIS, source="web", now=NOW)
    assert told_.answer is not None
    assert told_.row.is_crisis
    assert CrisisAlert.objects.filter(user=person).count() == 1
    assert scores.score_day(person.pk, told_.row.local_date, now=NOW) == 0
    raw = RawBehavioralLog.objects.get(interaction_type="check_in.told").raw_data
    assert raw["energy"] is None
    day = told_.row.local_date
    assert [point.value for point in course.motivation(person, day, day).points] == [None]
    better = checking_in.edit(told_.row, {"note": "A long day"}, source="web", now=NOW)
    assert better.answer is None
    assert not better.row.is_crisis


@pytest.mark.django_db(transaction=True)
def test_two_connections_with_one_id_make_one_check_in() -> None:
    person = TrackedUserFactory(timezone="UTC")
    at_once = threading.Barrier(2)
    rows: list[CheckIn] = []

    def work() -> None:
        try:
            at_once.wait(10)
            rows.append(told(person, energy=4, client_id="same"))
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    assert len({row.pk for row in rows}) == 1
    assert CheckIn.objects.count() == 1


# --- Over REST ------------------------------------------------------------------------------------
URL = "/api/v1/momentum/check-ins/"


def test_rest_keeps_changes_and_takes_back(api: APIClient, person: User) -> None:
    body = {"energy": 2, "motivation": 7, "mood": "Calm", "client_id": "p1"}
    made = api.post(URL, body, format="json")
    assert made.status_code == 201
    assert (made.json()["mood"], made.json()["crisis_answer"]) == ("calm", "")
    again = api.post(URL, body, format="json")
    assert again.json()["id"] == made.json()["id"]
    one = f"{URL}{made.json()['id']}/"
    changed = api.patch(one, {"energy": 5}, format="json", headers={"If-Match": made["ETag"]})
    assert changed.json()["energy"] == 5
    stale = api.patch(one, {"energy": 1}, format="json", headers={"If-Match": made["ETag"]})
    assert stale.status_code == 412
    assert api.delete(one).status_code == 204
    assert api.get(URL).json()["results"] == []
    since = (timezone.now() - timedelta(hours=1)).isoformat()
    gone = api.get(URL, {"updated_since": since}).json()["results"]
    assert [row["id"] for row in gone] == [made.json()["id"]]
    assert set(gone[0]) == {"id", "deleted_at"}
    assert api.post(f"{one}restore/").json()["deleted_at"] is None


def test_rest_refuses_in_problem_details(api: APIClient) -> None:
    assert api.post(URL, {"energy": 9}, format="json").status_code == 400
    empty = api.post(URL, {}, format="json")
    assert (empty.status_code, empty.json()["code"]) == (422, "check_in_refused")


def test_rest_gives_the_answer_to_a_crisis(api: APIClient) -> None:
    body = api.post(URL, {"energy": 1, "note": CRISIS}, format="json").json()
    assert body["is_crisis"] is True
    assert "talk to a person now" in body["crisis_answer"]


def test_what_is_anothers_is_not_there(api: APIClient, web: Client) -> None:
    row = told(TrackedUserFactory(), energy=3)
    one = f"{URL}{row.pk}/"
    assert api.get(one).status_code == 404
    assert api.patch(one, {"energy": 1}, format="json").status_code == 404
    assert api.delete(one).status_code == 404
    for name in ("check_in_edit", "check_in_remove", "check_in_restore"):
        assert web.post(reverse(name, args=[row.pk])).status_code == 404
    row.refresh_from_db()
    assert (row.energy, row.deleted_at) == (3, None)


# --- Tile and page --------------------------------------------------------------------------------
def test_the_tile_asks_and_then_shows_what_was_said(web: Client, person: User) -> None:
    assert "How are you today?" in web.get("/").content.decode()
    said = {"from": "today", "energy": "3", "motivation": "7", "client_id": uuid4().hex}
    for _ in range(2):  # a double click
        answer = web.post(reverse("check_ins"), said)
        assert answer.status_code == 302
        assert answer["Location"] == "/"
    row = CheckIn.objects.get()
    page = web.get("/").content.decode()
    assert "Energy 3 of 5, motivation 7 of 10" in page
    web.post(reverse("check_in_remove", args=[row.pk]), {"from": "today"})
    assert "How are you today?" in web.get("/").content.decode()
    assert "Energy 3 of 5" not in web.get("/").content.decode()


def test_htmx_gets_the_tile_alone(web: Client) -> None:
    said = {"from": "today", "energy": "3"}
    answer = web.post(reverse("check_ins"), said, headers={"HX-Request": "true"})
    body = answer.content.decode()
    assert "<html" not in body
    assert "Energy 3 of 5" in body
    nothing = web.post(reverse("check_ins"), {"from": "today"}, headers={"HX-Request": "true"})
    assert "Pick a number" in nothing.content.decode()


def test_the_tile_answers_a_crisis(web: Client) -> None:
    said = {"from": "today", "energy": "1", "note": CRISIS}
    tile = web.post(reverse("check_ins"), said, headers={"HX-Request": "true"}).content.decode()
    assert 'class="crisis"' in tile
    page = web.post(reverse("check_ins"), {"note": CRISIS}).content.decode()
    assert 'class="crisis"' in page


def test_the_page_lists_draws_and_changes(web: Client, person: User) -> None:
    row = told(person, energy=2, motivation=4, note="Long day", now=timezone.now())
    page = web.get(reverse("check_ins")).content.decode()
    assert "Energy 2 of 5, motivation 4 of 10" in page
    assert page.count("<svg class=") >= 2 or page.count("<figure") == 2
    assert web.post(reverse("check_ins"), {}).status_code == 422
    edit = reverse("check_in_edit", args=[row.pk])
    assert "Long day" in web.get(edit).content.decode()
    assert web.post(edit, {"energy": "9"}).status_code == 422
    assert web.post(edit, {"energy": "4", "motivation": "", "note": ""}).status_code == 302
    row.refresh_from_db()
    assert (row.energy, row.motivation, row.note) == (4, None, "")


# --- In words -------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("words", "energy", "motivation", "mood"),
    [
        ("my energy is 3", 3, None, ""),
        ("Motivation 7 out of 10", None, 7, ""),
        ("feeling tired today 2/5", 2, None, "tired"),
        ("energy two, motivation eight", 2, 8, ""),
        ("energy: 6/10", 3, None, ""),
        ("motivation is 3/5", None, 6, ""),
        ("I feel 7/10 today", None, 7, ""),
        ("I'm so tired, 4/10", 2, None, "tired"),
        ("my energy level today is about 4", 4, None, ""),
        ("energy 9", 9, None, ""),
        ("increase my motivation in 10 days", None, None, ""),
        ("motivation for 3 habits", None, None, ""),
        ("I ran 5 km", None, None, ""),
        ("energy eleven", 11, None, ""),
        ("motivation twenty-five minutes", None, None, ""),
    ],
)
def test_figures_are_read_from_words(
    words: str, energy: int | None, motivation: int | None, mood: str
) -> None:
    figures = read_figures(words)
    assert (figures.energy, figures.motivation, figures.mood) == (energy, motivation, mood)


def test_the_coach_notes_it_once_and_takes_it_back(person: User) -> None:
    entry = tool_named("check_in")
    context = ToolContext(user=person, now=timezone.now(), call_id="c1")
    for _ in range(2):
        card = entry.run(context, entry.args(words="my energy is 3 and motivation 7/10"))
    assert card.summary == "Noted: Energy 3 of 5, motivation 7 of 10."
    row = CheckIn.objects.get()
    assert card.undo is not None
    undo_verbs.get(card.undo.verb)(person, card.undo.args)
    row.refresh_from_db()
    assert row.deleted_at is not None


@pytest.mark.parametrize("words", ["how do I get more energy", "energy 9"])
def test_the_coach_refuses_what_is_no_figure(person: User, words: str) -> None:
    entry = tool_named("check_in")
    with pytest.raises(ToolRefused):
        entry.run(
            ToolContext(user=person, now=timezone.now(), call_id="c"), entry.args(words=words)
        )


@pytest.mark.parametrize(
    ("words", "tool"),
    [
        ("my energy is 3", "check_in"),
        ("motivation 7 out of 10", "check_in"),
        ("feeling tired today 2/5", "check_in"),
        ("journal: I love how quiet it was", "journal"),
        ("write in my journal that I finally slept", "journal"),
        ("how can I get more energy?", None),
        ("is a motivation of 7/10 good?", None),
        ("increase my motivation in 10 days", None),
        ("my energy is low today", None),
        ("remind me to write in my journal at 9pm", "set_reminder"),
    ],
)
def test_the_built_in_coach_knows_when_it_is_meant(words: str, tool: str | None) -> None:
    conversation = Conversation(tools=[each.schema() for each in tools])
    conversation.say(words)
    assert [call.name for call in conversation.calls] == ([tool] if tool else [])


def test_a_check_in_moves_momentum(person: User) -> None:
    row = told(person, energy=5, motivation=10)
    scores.score_day(person.pk, row.local_date, now=NOW)
    event = MomentumEvent.objects.get(user=person, event_type="motivation.score")
    assert (event.normalized_score, event.local_date) == (1.0, row.local_date)
