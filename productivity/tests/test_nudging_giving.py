"""Nudges that are asked for: by the API and the pages, with the model and without."""

import json
import threading
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.tests.factories import UserFactory
from coaching.llm.tests.model_server import ModelServer, Status, Wait, whole
from coaching.models import CrisisAlert, Preferences
from productivity.models import CoachingNudge, NudgeMode, PersonaProfile, Task, WrittenBy
from productivity.nudging import easing, giving
from productivity.nudging.giving import NudgeRefused, nudge_now

from .factories import TaskFactory

pytestmark = pytest.mark.django_db(transaction=True)
NOON = datetime(2026, 6, 10, 10, tzinfo=UTC)
DAY = timedelta(days=1)
API = "/api/v1/productivity"


@pytest.fixture
def ada(settings) -> User:
    settings.NUDGE_MODEL_SECONDS = 60.0  # a busy machine is no reason for a template
    call_command("load_message_templates", verbosity=0)
    user = UserFactory(timezone="Europe/Berlin", birth_year=1985)
    User.objects.filter(pk=user.pk).update(created_at=NOON - 30 * DAY)
    user.refresh_from_db()
    return user


@pytest.fixture
def task(ada: User) -> Task:
    made: Task = TaskFactory(user=ada, title="Tax form")
    return made


@pytest.fixture
def client(ada: User) -> Client:
    browser = Client()
    browser.force_login(ada)
    return browser


def text_of(words: str) -> list:
    return whole(json.dumps({"text": words}))


def refusal(user: User, now: datetime = NOON, **asked) -> str:
    with pytest.raises(NudgeRefused) as refused:
        nudge_now(user, now=now, **asked)
    assert str(refused.value)
    return refused.value.code


def test_without_a_model_a_template_speaks_at_once(ada, task):
    nudge = nudge_now(ada, task=task.pk, now=NOON)
    assert (nudge.source, nudge.fallback_reason) == (WrittenBy.TEMPLATE, "no_model")
    assert "Tax form" in nudge.generated_text
    assert (nudge.delivered, nudge.delivered_at, nudge.delivery_channel) == (True, NOON, "in_app")
    assert nudge.trigger == "asked"


def test_the_models_words_are_used_when_they_come_in_time(ada, task, model_server: ModelServer):
    words = "Open “Tax form” and read the first line."
    model_server.will(text_of(words))
    nudge = nudge_now(ada, task=task.pk, now=NOON)
    assert (nudge.source, nudge.generated_text) == (WrittenBy.LLM, words)


def test_a_slow_model_is_not_waited_for(ada, task, model_server: ModelServer, settings):
    settings.NUDGE_MODEL_SECONDS = 0.3
    model_server.will([Wait(5)])
    nudge = nudge_now(ada, task=task.pk, now=NOON)
    assert (nudge.source, nudge.fallback_reason) == (WrittenBy.TEMPLATE, "too_slow")


def test_a_model_that_is_slow_again_and_again_rests(ada, task, model_server, settings):
    settings.NUDGE_MODEL_SECONDS = 0.2
    settings.COACH_BREAKER_FAILURES = 2
    model_server.will([Wait(5)], [Wait(5)])
    reasons = [nudge_now(ada, now=NOON).fallback_reason for _ in range(3)]
    assert reasons == ["too_slow", "too_slow", "resting"]
    assert len(model_server.received) == 2


def test_a_model_that_is_down_leaves_the_template(ada, task, model_server):
    model_server.will(*[[Status(503)]] * 3)
    assert nudge_now(ada, now=NOON).fallback_reason == "unavailable"


def test_a_text_that_may_not_be_said_leaves_the_template(ada, task, model_server):
    model_server.will(text_of("You lazy person: “Tax form”."))
    nudge = nudge_now(ada, now=NOON)
    assert (nudge.source, nudge.fallback_reason) == (WrittenBy.TEMPLATE, "insult")
    assert "lazy" not in nudge.generated_text


def test_the_same_request_speaks_once_also_at_once(ada, task):
    barrier, found = threading.Barrier(2), []

    def ask() -> None:
        barrier.wait()
        try:
            found.append(nudge_now(ada, request_key="k", now=NOON).pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert CoachingNudge.objects.count() == 1


def test_two_requests_at_once_tease_once(ada, task):
    Preferences.objects.create(user=ada, humor_intensity=3)
    PersonaProfile.objects.create(user=ada, persona_type="roast")
    barrier = threading.Barrier(3)

    def ask() -> None:
        barrier.wait()
        try:
            nudge_now(ada, now=NOON)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert CoachingNudge.objects.filter(mode=NudgeMode.ROAST).count() == 1
    assert CoachingNudge.objects.count() == 3


def test_ease_up_while_the_model_writes_makes_it_a_plain_line(ada, task, model_server, monkeypatch):
    Preferences.objects.create(user=ada, humor_intensity=3)
    PersonaProfile.objects.create(user=ada, persona_type="roast")
    written = giving.write

    def slowly(order, *, seconds):
        outcome = written(order, seconds=seconds)
        easing.ease_up(ada, now=NOON)
        return outcome

    monkeypatch.setattr(giving, "write", slowly)
    model_server.will(text_of("“Tax form” has posed for a statue long enough."))
    nudge = nudge_now(ada, now=NOON)
    assert (nudge.mode, nudge.source) == (NudgeMode.NEUTRAL, WrittenBy.TEMPLATE)
    assert "statue" not in nudge.generated_text


def test_without_a_named_task_the_first_open_one_is_meant(ada):
    TaskFactory(user=ada, title="Later", due_at=NOON + 5 * DAY)
    TaskFactory(user=ada, title="Asleep", status="snoozed", snoozed_until=NOON + DAY)
    first = TaskFactory(user=ada, title="Sooner", due_at=NOON + DAY)
    assert nudge_now(ada, now=NOON).task == first


def test_what_is_refused_is_said_in_words(ada):
    assert refusal(ada) == "nothing_open"
    done = TaskFactory(user=ada, status="completed", completed_at=NOON)
    assert refusal(ada, task=done.pk) == "task_not_open"
    TaskFactory(user=ada)
    CrisisAlert.objects.create(
        user=ada, message_id=uuid4(), category="suicide", paused_until=NOON + DAY
    )
    assert refusal(ada) == "crisis_pause"
    assert not CoachingNudge.objects.exists()


def test_there_is_an_end_to_asking_in_one_day(ada, task, settings):
    settings.NUDGES_ASKED_PER_DAY = 2
    nudge_now(ada, now=NOON)
    nudge_now(ada, now=NOON)
    assert refusal(ada) == "enough_for_today"
    assert nudge_now(ada, now=NOON + DAY)


def test_a_night_owl_who_asks_at_night_is_not_roasted(ada, task):
    Preferences.objects.create(user=ada, humor_intensity=3)
    PersonaProfile.objects.create(user=ada, persona_type="roast")
    night = NOON + timedelta(hours=12)
    assert nudge_now(ada, now=night).mode == NudgeMode.NEUTRAL
    assert nudge_now(ada, now=NOON + DAY).mode == NudgeMode.ROAST


# --- REST ------------------------------------------------------------------------------------------


def test_the_api_gives_rates_and_lists(client, ada, task):
    asked = {"task": str(task.pk)}
    headers = {"Idempotency-Key": "once"}
    first = client.post(f"{API}/nudges/", asked, "application/json", headers=headers)
    assert first.status_code == 201
    again = client.post(f"{API}/nudges/", asked, "application/json", headers=headers)
    assert (again.status_code, again.json()["id"]) == (200, first.json()["id"])
    pk = first.json()["id"]
    rated = client.post(f"{API}/nudges/{pk}/rating/", {"rating": 1}, "application/json")
    assert rated.json()["usefulness_rating"] == 1
    bad = client.post(f"{API}/nudges/{pk}/rating/", {"rating": 2}, "application/json")
    assert bad.status_code == 400
    assert [row["id"] for row in client.get(f"{API}/nudges/").json()["results"]] == [pk]
    assert client.get(f"{API}/nudges/{pk}/").json()["generated_text"]


def test_anothers_task_and_nudge_are_not_found(client, task, ada):
    stranger = UserFactory()
    theirs = TaskFactory(user=stranger)
    asked = client.post(f"{API}/nudges/", {"task": str(theirs.pk)}, "application/json")
    assert asked.status_code == 404
    other = CoachingNudge.objects.create(
        user=stranger, trigger="asked", mode="neutral", persona_type="coach",
        generated_text="x", source="template", delivered=True, delivered_at=timezone.now(),
    )  # fmt: skip
    url = f"{API}/nudges/{other.pk}/rating/"
    assert client.post(url, {"rating": 1}, "application/json").status_code == 404
    assert client.post(reverse("nudge_rate", args=[other.pk]), {"rating": 1}).status_code == 404
    assert client.post(reverse("task_nudge"), {"task": theirs.pk}).status_code == 404


def test_the_api_refuses_with_problem_details(client, ada):
    answer = client.post(f"{API}/nudges/", {}, "application/json")
    assert (answer.status_code, answer.json()["code"]) == (409, "nothing_open")
    odd = client.post(f"{API}/nudges/", {"task": "\x00"}, "application/json")
    assert odd.status_code == 400


def test_the_persona_is_chosen_and_eased_by_the_api(client, ada):
    assert client.get(f"{API}/persona/").json() | {"learned": []} == {
        "persona_type": "coach",
        "adaptation_enabled": True,
        "humor_intensity": 0,
        "eased_until": None,
        "may_learn": False,
        "learned": [],
    }
    changed = client.patch(
        f"{API}/persona/",
        {"persona_type": "chill", "adaptation_enabled": False},
        "application/json",
    )
    assert (changed.json()["persona_type"], changed.json()["adaptation_enabled"]) == (
        "chill",
        False,
    )
    bad = client.patch(f"{API}/persona/", {"persona_type": "pirate"}, "application/json")
    assert bad.status_code == 400
    assert client.post(f"{API}/nudges/ease-up/").json()["eased_until"]
    assert client.delete(f"{API}/nudges/ease-up/").json()["eased_until"] is None


# --- Pages -----------------------------------------------------------------------------------------


def test_the_button_gives_a_nudge_in_place_and_as_a_page(client, task):
    fragment = client.post(reverse("task_nudge"), {"task": task.pk}, headers={"HX-Request": "true"})
    assert "Tax form" in fragment.content.decode()
    assert "<html" not in fragment.content.decode()
    plain = client.post(reverse("task_nudge"), {"task": task.pk})
    nudge = CoachingNudge.objects.latest("id")
    assert plain.headers["Location"] == f"{reverse('nudges')}#n-{nudge.pk}"
    page = client.get(reverse("nudges")).content.decode()
    assert page.count("Tax form") >= 2
    rated = client.post(
        reverse("nudge_rate", args=[nudge.pk]), {"rating": 1}, headers={"HX-Request": "true"}
    )
    assert "Thank you" in rated.content.decode()


def test_asking_is_refused_kindly_on_the_page(client, ada):
    fragment = client.post(reverse("task_nudge"), headers={"HX-Request": "true"})
    assert (fragment.status_code, "Nothing is open" in fragment.content.decode()) == (200, True)
    followed = client.post(reverse("task_nudge"), follow=True)
    assert "Nothing is open" in followed.content.decode()


def test_ease_up_is_one_tap_and_can_be_taken_back(client, ada):
    now = timezone.now()
    assert client.post(reverse("nudges_ease_up"), {"from": "settings"}).status_code == 302
    assert easing.is_eased(ada, now=now)
    assert "No teasing until" in client.get(reverse("settings_preferences")).content.decode()
    client.post(reverse("nudges_ease_up"), {"off": "1"})
    assert easing.is_eased(ada, now=now) is None


def test_the_preferences_page_keeps_persona_and_switch(client, ada):
    url = reverse("settings_preferences")
    page = client.get(url).content.decode()
    assert "The roaster: “Tax form” has stared at you long enough." in page
    kept = {
        "communication_style": "encouraging",
        "detail_level": "moderate",
        "emoji_preference": "sometimes",
        "humor_intensity": "2",
        "persona_type": "roast",
    }
    assert client.post(url, kept).status_code == 302
    profile = PersonaProfile.objects.get(user=ada)
    assert (profile.persona_type, profile.adaptation_enabled) == ("roast", False)
    assert Preferences.objects.get(user=ada).humor_intensity == 2
    assert client.post(url, {**kept, "persona_type": "pirate"}).status_code == 422
