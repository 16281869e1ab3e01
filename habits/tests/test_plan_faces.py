"""Plans as people and programs meet them: the coach's tool, the pages, the API."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from coaching.toolkit import (
    ToolContext,
    ToolRefused,
    card_views,
    context_blocks,
    segments,
    tool_named,
    undo_verbs,
)
from habits import sequences
from habits.models import Habit, HabitSequence
from habits.planning import plan

from .factories import UserFactory

pytestmark = pytest.mark.django_db
API = "/api/v1/habits/sequences/"


@pytest.fixture
def user():
    return UserFactory(locale="en-US")


@pytest.fixture
def proposal(user):
    return sequences.save_draft(user, plan("run a 5K in 3 months", user=user, minutes_per_day=45))


@pytest.fixture
def web(client, user):
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def api_of(user):
    client = APIClient()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def api(user):
    return api_of(user)


@pytest.fixture
def stranger():
    return UserFactory()


def call(user, name, call_id="c1", **args):
    entry = tool_named(name)
    context = ToolContext(user=user, now=timezone.now(), call_id=call_id)
    return entry.run(context, entry.args.model_validate(args))


# --- The tool -------------------------------------------------------------------------------------
def test_the_coach_proposes_a_plan_and_writes_nothing_else(user):
    card = call(user, "create_habit_sequence", goal="Run a 5K in 3 months", time_available=45)
    assert card.is_proposal
    assert card.kind == "habits.plan"
    assert "3 phases" in card.summary
    assert not Habit.objects.filter(user=user).exists()
    assert call(user, "create_habit_sequence", goal="x y", time_available=5).subject == card.subject


def test_arguments_come_in_words_too(user):
    card = call(
        user,
        "create_habit_sequence",
        goal="Run a 10K",
        timeline="16 weeks",
        time_available="45 minutes",
        constraints=["bad knee"],
    )
    draft = sequences.draft_of(HabitSequence.objects.get(pk=card.subject))
    assert draft.inputs.minutes_per_day == 45
    assert "knee" in draft.inputs.constraints


def test_the_tool_refuses_what_is_not_ours_to_plan(user):
    with pytest.raises(ToolRefused, match="specialist"):
        call(user, "create_habit_sequence", goal="lose weight", constraints="eating disorder")


def test_the_schema_carries_slots_and_cues():
    schema = tool_named("create_habit_sequence").schema()["function"]["parameters"]
    assert schema["x-cues"]
    assert schema["properties"]["goal"]["x-slot"]["kind"] == "goal"
    assert schema["properties"]["time_available"]["x-slot"]["essential"]
    json.dumps(schema)


def test_accepting_in_words_can_be_undone(user, proposal):
    card = call(user, "accept_plan", call_id="c2")
    assert HabitSequence.objects.get().status == "active"
    undone = undo_verbs.get(card.undo.verb)(user, card.undo.args)
    assert HabitSequence.objects.get().status == "draft"
    assert undone.is_proposal
    with pytest.raises(ToolRefused):
        undo_verbs.get(card.undo.verb)(UserFactory(), card.undo.args)


def test_the_card_shows_the_present_state(user, proposal):
    card = call(user, "create_habit_sequence", goal="Sleep better", time_available=20, call_id="c3")
    view = card_views.get("habits.plan")
    html = render_to_string(view.template, {"card": card, **view.context(user, card)})
    assert "Accept" in html
    assert "Decline" in html
    sequences.accept(user, HabitSequence.objects.get(pk=card.subject))
    html = render_to_string(view.template, {"card": card, **view.context(user, card)})
    assert "Running" in html
    assert ">Accept<" not in html
    html = render_to_string(view.template, view.context(UserFactory(), card))
    assert "gone" in html


def test_the_context_names_the_plan_and_its_gate(user, proposal):
    lines = list(context_blocks.get("habits.plans").lines(user, timezone.now()))
    assert "Proposal waiting" in lines[0]
    sequences.accept(user, proposal)
    lines = list(context_blocks.get("habits.plans").lines(user, timezone.now()))
    assert "phase 1 of 3" in lines[0]
    assert "Still growing" in lines[0]
    assert user in segments.get("habits.with_plan")()
    assert user not in segments.get("habits.proposal_waiting")()


# --- The pages ------------------------------------------------------------------------------------
def test_the_pages_open(web, proposal):
    assert web.get(reverse("plans")).status_code == 200
    assert web.get(reverse("plan", args=[proposal.pk])).status_code == 200
    assert web.get(reverse("plan_edit", args=[proposal.pk])).status_code == 200
    sequences.accept(proposal.user, proposal)
    page = web.get(reverse("plan", args=[proposal.pk]))
    assert b"Pause" in page.content


@pytest.mark.parametrize("verb", ["accept", "decline", "take_back", "pause", "resume", "abandon"])
def test_a_plain_form_answers_and_leads_back(web, proposal, verb):
    answer = web.post(reverse(f"plan_{verb}", args=[proposal.pk]))
    assert answer.status_code == 302
    assert answer.url == reverse("plan", args=[proposal.pk])
    assert web.get(reverse(f"plan_{verb}", args=[proposal.pk])).status_code == 405


def test_htmx_gets_the_card_back(web, proposal):
    answer = web.post(reverse("plan_accept", args=[proposal.pk]), headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert b"data-plan" in answer.content
    assert b"<html" not in answer.content
    again = web.post(reverse("plan_decline", args=[proposal.pk]), headers={"HX-Request": "true"})
    assert b"already accepted" in again.content


def test_the_form_changes_the_proposal(web, proposal):
    draft = sequences.draft_of(proposal)
    data = {
        "minutes_per_day": 30,
        "preferred_time": "morning",
        "difficulty": "easy",
        "keys": [key for key in draft.keys if key != "runner-strength"],
        "starts_on": draft.starts_on.isoformat(),
    }
    url = reverse("plan_edit", args=[proposal.pk])
    assert web.post(url, data).status_code == 302
    proposal.refresh_from_db()
    after = sequences.draft_of(proposal)
    assert after.inputs.minutes_per_day == 30
    assert "runner-strength" not in after.keys
    assert web.post(url, {**data, "minutes_per_day": 0}).status_code == 422


def test_a_stranger_finds_nothing(client, stranger, proposal):
    client.force_login(stranger, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(reverse("plan", args=[proposal.pk])).status_code == 404
    assert client.get(reverse("plan_edit", args=[proposal.pk])).status_code == 404
    assert client.post(reverse("plan_accept", args=[proposal.pk])).status_code == 404
    other = api_of(stranger)
    assert other.get(f"{API}{proposal.pk}/").status_code == 404
    assert other.post(f"{API}{proposal.pk}/accept/").status_code == 404
    assert other.get(API).json()["results"] == []


# --- The API --------------------------------------------------------------------------------------
def test_a_program_makes_changes_and_accepts_a_plan(api, user):
    made = api.post(API, {"goal": "Learn Spanish by summer", "time_available": 40}, format="json")
    assert made.status_code == 201, made.content
    pk = made.json()["id"]
    assert made.json()["state"] == "draft"
    assert made.json()["phases"][0]["habits"]
    revised = api.post(f"{API}{pk}/revise/", {"minutes_per_day": 25}, format="json")
    assert revised.status_code == 200
    assert revised.json()["inputs"]["minutes_per_day"] == 25
    accepted = api.post(f"{API}{pk}/accept/")
    assert accepted.json()["state"] == "active"
    assert api.post(f"{API}{pk}/accept/").status_code == 200
    assert accepted.json()["gate"]["conditions"]
    assert accepted.json()["can_take_back"]
    assert api.post(f"{API}{pk}/take-back/").json()["state"] == "draft"


def test_the_list_can_be_narrowed(api, proposal):
    assert len(api.get(API).json()["results"]) == 1
    assert api.get(API, {"status": "active"}).json()["results"] == []
    assert api.get(API, {"status": "nonsense"}).status_code == 400


def test_a_stale_look_is_refused(api, proposal):
    seen = api.get(f"{API}{proposal.pk}/")
    api.post(f"{API}{proposal.pk}/revise/", {"minutes_per_day": 30}, format="json")
    stale = api.post(f"{API}{proposal.pk}/accept/", headers={"If-Match": seen["ETag"]})
    assert stale.status_code == 412
    assert not Habit.objects.exists()


def test_the_same_key_is_one_write(api, user):
    key = {"Idempotency-Key": str(uuid4())}
    first = api.post(API, {"goal": "Read more books"}, format="json", headers=key)
    second = api.post(API, {"goal": "Read more books"}, format="json", headers=key)
    assert first.json()["id"] == second.json()["id"]
    assert HabitSequence.objects.filter(user=user).count() == 1


def test_what_cannot_be_done_is_a_problem_document(api, proposal):
    api.post(f"{API}{proposal.pk}/decline/", {"reason": "Not now"}, format="json")
    answer = api.post(f"{API}{proposal.pk}/accept/")
    assert answer.status_code == 409
    assert answer["Content-Type"].startswith("application/problem+json")
    refused = api.post(API, {"goal": "lose weight", "constraints": "I am pregnant"}, format="json")
    assert refused.status_code == 422
    assert api.post(API, {"goal": ""}, format="json").status_code == 400


def test_pause_resume_and_letting_go(api, proposal):
    base = f"{API}{proposal.pk}/"
    api.post(f"{base}accept/")
    assert api.post(f"{base}pause/").json()["state"] == "paused"
    assert api.post(f"{base}resume/").json()["state"] == "active"
    let_go = api.post(f"{base}abandon/", {"keep_habits": True}, format="json")
    assert let_go.json()["state"] == "abandoned"


def test_a_goal_is_taken_apart_before_any_plan(api):
    answer = api.post(
        "/api/v1/habits/goals/analysis/", {"goal": "Save $10,000 in 2 years"}, format="json"
    )
    assert answer.status_code == 200, answer.content
    assert answer.json()["category"] == "financial"
    assert answer.json()["target_metrics"]["savings"]["target"] == 10000


def test_a_list_of_plans_needs_few_queries(api, user, django_assert_max_num_queries):
    for number in range(5):
        sequences.save_draft(user, plan("drink more water", user=user), call_id=f"n{number}")
    with django_assert_max_num_queries(6):
        api.get(API)


def test_the_page_of_plans_costs_the_same_however_many_are_over(
    web, user, proposal, django_assert_max_num_queries
):
    sequences.accept(user, proposal)
    draft = plan("drink more water", user=user)
    for _ in range(8):
        sequences.decline(user, sequences.save_draft(user, draft))
    with django_assert_max_num_queries(16):
        page = web.get(reverse("plans")).content.decode()
    assert page.count("Declined") == 8
    assert "Phase 1 of" in page


def test_an_expired_proposal_says_so(web, proposal):
    HabitSequence.objects.update(expires_at=timezone.now() - timedelta(days=1))
    assert b"Expired" in web.get(reverse("plan", args=[proposal.pk])).content
