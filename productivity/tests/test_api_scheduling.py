"""Scheduling over REST: what an app asks, answers and gets told."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import UserFactory
from productivity.models import PlanningHours, ScheduleRecommendation, Task, TaskEvent
from productivity.tests.factories import TaskFactory

BASE = "/api/v1/productivity/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    made: User = UserFactory(timezone="Europe/Berlin")
    return made


@pytest.fixture
def client(user: User) -> APIClient:
    app = APIClient()
    app.force_authenticate(user)
    return app


def stranger() -> APIClient:
    app = APIClient()
    app.force_authenticate(UserFactory())
    return app


def suggested(client: APIClient, task: Task) -> list[dict[str, Any]]:
    response = client.post(f"{BASE}recommendations/", {"task": str(task.pk)}, format="json")
    assert response.status_code == 200, response.data
    found: list[dict[str, Any]] = response.data["suggestions"]
    return found


def test_slots_are_asked_for_listed_and_accepted_once(user: User, client: APIClient) -> None:
    task = TaskFactory(user=user, estimated_minutes=30)
    rows = suggested(client, task)
    assert len(rows) == 3
    listed = client.get(f"{BASE}recommendations/", {"task": str(task.pk)}).data["results"]
    assert [row["id"] for row in listed] == [row["id"] for row in rows]
    for _ in range(2):
        response = client.post(f"{BASE}recommendations/{rows[0]['id']}/accept/")
        assert response.status_code == 200
        assert response.data["accepted"]
    assert TaskEvent.objects.filter(task=task).count() == 1
    assert client.get(f"{BASE}recommendations/").data["results"] == []


def test_a_refusal_answers_with_what_comes_instead(user: User, client: APIClient) -> None:
    task = TaskFactory(user=user, estimated_minutes=30)
    rows = suggested(client, task)
    response = client.post(
        f"{BASE}recommendations/{rows[0]['id']}/refuse/", {"reason": "wrong_day"}, format="json"
    )
    assert response.status_code == 200
    instead = {row["id"] for row in response.data["suggestions"]}
    assert rows[0]["id"] not in instead
    assert len(instead) == 3


def test_a_taken_slot_answers_409_with_alternatives(user: User, client: APIClient) -> None:
    task = TaskFactory(user=user, estimated_minutes=30)
    row = ScheduleRecommendation.objects.get(pk=suggested(client, task)[0]["id"])
    TaskFactory(user=user, planned_start=row.recommended_due, planned_end=row.recommended_end)
    response = client.post(f"{BASE}recommendations/{row.pk}/accept/")
    assert response.status_code == 409
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == "slot_taken"
    assert len(response.json()["suggestions"]) == 3


def test_strangers_find_nothing(user: User, client: APIClient) -> None:
    task = TaskFactory(user=user)
    pk, other = suggested(client, task)[0]["id"], stranger()
    moment = (timezone.now() + timedelta(days=1)).isoformat()
    slot = {"task": str(task.pk), "starts_at": moment, "ends_at": moment}
    answers = [
        other.post(f"{BASE}recommendations/", {"task": str(task.pk)}, format="json"),
        other.post(f"{BASE}recommendations/{pk}/accept/"),
        other.post(f"{BASE}recommendations/{pk}/refuse/", {"reason": "other"}, format="json"),
        other.get(f"{BASE}why-not/", {"task": str(task.pk), "at": moment}),
        other.get(f"{BASE}snooze-offers/", {"task": str(task.pk)}),
        other.post(f"{BASE}plan-day/accept/", {"items": [slot]}, format="json"),
        other.post(
            f"{BASE}renegotiation/",
            {"task": str(task.pk), "what": "let_go", "answer": "accept"},
            format="json",
        ),
        other.post(
            f"{BASE}renegotiation/",
            {"task": str(uuid4()), "what": "later", "answer": "leave"},
            format="json",
        ),
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert other.get(f"{BASE}recommendations/").data["results"] == []


def test_why_not_names_a_filter_and_offers_come_as_snoozes(user: User, client: APIClient) -> None:
    task = TaskFactory(user=user, estimated_minutes=30)
    past = client.get(f"{BASE}why-not/", {"task": str(task.pk), "at": "2020-01-01T10:00:00Z"})
    assert past.data["filter"] == "past"
    offers = client.get(f"{BASE}snooze-offers/", {"task": str(task.pk)}).data
    assert offers
    until = offers[0]["until"]
    snoozed = client.post(f"/api/v1/tasks/{task.pk}/snooze/", {"until": until}, format="json")
    assert snoozed.status_code == 200


@pytest.mark.parametrize(
    "at",
    ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "soon", "\x00", ""],
    ids=["first", "last", "words", "nul", "empty"],
)
def test_odd_moments_are_bad_input(user: User, client: APIClient, at: str) -> None:
    task = TaskFactory(user=user)
    response = client.get(f"{BASE}why-not/", {"task": str(task.pk), "at": at})
    assert response.status_code == 400


def test_a_day_is_planned_and_accepted_as_one_change(user: User, client: APIClient) -> None:
    TaskFactory(user=user, estimated_minutes=30, priority=3)
    TaskFactory(user=user, estimated_minutes=45)
    tomorrow = (timezone.now().astimezone(user.tz) + timedelta(days=1)).date().isoformat()
    plan = client.get(f"{BASE}plan-day/", {"day": tomorrow}).data
    assert len(plan["items"]) == 2
    items = [
        {"task": item["task"], "starts_at": item["starts_at"], "ends_at": item["ends_at"]}
        for item in plan["items"]
    ]
    for _ in range(2):
        accepted = client.post(f"{BASE}plan-day/accept/", {"items": items}, format="json")
        assert accepted.status_code == 200, accepted.data
    batches = set(TaskEvent.objects.filter(user=user).values_list("batch", flat=True))
    assert len(batches) == 1
    assert TaskEvent.objects.count() == 2


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "2020-01-01"], ids=str)
def test_days_that_cannot_be_planned_are_refused(client: APIClient, day: str) -> None:
    assert client.get(f"{BASE}plan-day/", {"day": day}).status_code == 409


def test_an_overfull_week_is_said_and_a_proposal_is_taken_up(user: User, client: APIClient) -> None:
    due = timezone.now() + timedelta(days=2)
    for _ in range(14):
        TaskFactory(user=user, estimated_minutes=480, due_at=due)
    week = client.get(f"{BASE}capacity/").data
    assert not week["fits"]
    body = client.get(f"{BASE}renegotiation/").data
    first = body["proposals"][0]
    answer = {"task": first["task"], "what": first["what"], "answer": "accept"}
    after = client.post(f"{BASE}renegotiation/", answer, format="json")
    assert after.status_code == 200
    assert after.data["capacity"]["asked_minutes"] < week["asked_minutes"]
    assert first["task"] not in {one["task"] for one in after.data["proposals"]}


def test_hours_are_set_and_read_back(user: User, client: APIClient) -> None:
    hours = {
        "work_hours": {"mon": {"opens": "22:00", "closes": "06:00"}},
        "window": {"opens": "10:00", "closes": "23:00"},
        "buffer_minutes": 20,
        "work_categories": ["Ward", "ward"],
        "private_categories": [],
    }
    response = client.put(f"{BASE}planning-hours/", hours, format="json")
    assert response.status_code == 200, response.data
    assert client.get(f"{BASE}planning-hours/").data == response.data
    assert response.data["work_categories"] == ["ward"]
    user.refresh_from_db()
    assert user.work_hours == {"mon": ["22:00", "06:00"]}
    assert PlanningHours.objects.get(user=user).buffer_minutes == 20


def test_hours_without_length_and_unknown_days_are_bad_input(client: APIClient) -> None:
    good = client.get(f"{BASE}planning-hours/").data
    wrongs: list[dict[str, Any]] = [
        {"mon": {"opens": "09:00", "closes": "09:00"}},
        {"someday": {}},
    ]
    for wrong in wrongs:
        body = {**good, "work_hours": wrong}
        assert client.put(f"{BASE}planning-hours/", body, format="json").status_code == 400


@pytest.mark.parametrize("path", ["recommendations/", "capacity/", "plan-day/", "renegotiation/"])
def test_reading_takes_a_bounded_number_of_queries(
    user: User, client: APIClient, path: str, django_assert_max_num_queries: Any
) -> None:
    Task.objects.bulk_create(
        Task(user=user, title=f"Task {n}", estimated_minutes=60, due_at=timezone.now())
        for n in range(200)
    )
    with django_assert_max_num_queries(26):
        assert client.get(f"{BASE}{path}").status_code == 200
