"""Why a task is stuck, over REST: the tap, what fits, and drafts of steps, once each."""

from typing import Any
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from productivity import changing
from productivity.models import StuckReport, Task

from .factories import TaskFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    made: User = UserFactory()
    return made


def client_of(user: User) -> APIClient:
    app = APIClient()
    app.force_authenticate(user)
    return app


def at(task: Task, *parts: Any) -> str:
    return "/".join(["/api/v1/tasks", str(task.pk), *map(str, parts), ""])


def test_a_tap_is_answered_with_what_fits_and_taken_up_once(user: User) -> None:
    task, app = TaskFactory(user=user), client_of(user)
    reasons = app.get(at(task, "stuck")).data
    assert len(reasons["reasons"]) == 6
    assert reasons["report"] is None
    told = app.post(at(task, "stuck"), {"reason": "boring"}, format="json")
    assert told.status_code == 201
    assert told.data["strategy"] == "timebox"
    assert app.get(at(task, "stuck")).data["report"]["id"] == told.data["id"]
    for _ in range(2):
        done = app.post(at(task, "stuck", told.data["id"], "take-up"))
        assert done.status_code == 200
        assert done.data["planned_start"]
    assert task.events.count() == 2


def test_steps_are_drafted_edited_and_accepted_once(user: User) -> None:
    task, app = TaskFactory(user=user, estimated_minutes=60), client_of(user)
    assert app.get(at(task, "breakdown")).status_code == 404
    draft = app.post(at(task, "breakdown")).data
    assert app.get(at(task, "breakdown")).data["id"] == draft["id"]
    steps = [{"title": "Open it", "minutes": 5}, {"title": "Close it", "minutes": 55}]
    for _ in range(2):
        made = app.post(
            at(task, "breakdown", draft["id"], "accept"), {"steps": steps}, format="json"
        )
        assert made.status_code == 200
        assert [step["title"] for step in made.data["steps"]] == ["Open it", "Close it"]
    assert Task.objects.filter(parent=task).count() == 2
    refused = app.post(at(task, "breakdown", draft["id"], "decline"))
    assert (refused.status_code, refused.data["code"]) == (409, "breakdown_closed")
    undone = app.post("/api/v1/tasks/undo/", {"change_id": made.data["change_id"]}, format="json")
    assert undone.status_code == 200
    assert not Task.objects.filter(parent=task, deleted_at__isnull=True).exists()


def test_a_declined_draft_makes_nothing(user: User) -> None:
    task, app = TaskFactory(user=user), client_of(user)
    draft = app.post(at(task, "breakdown")).data
    assert app.post(at(task, "breakdown", draft["id"], "decline")).data["status"] == "declined"
    assert not Task.objects.filter(parent=task).exists()


def test_strangers_find_nothing(user: User) -> None:
    task, app = TaskFactory(user=user), client_of(user)
    told = app.post(at(task, "stuck"), {"reason": "boring"}, format="json").data
    draft = app.post(at(task, "breakdown")).data
    stranger = client_of(UserFactory())
    for path in ("stuck", "breakdown"):
        assert stranger.get(at(task, path)).status_code == 404
        assert stranger.post(at(task, path), {"reason": "boring"}, format="json").status_code == 404
    for path in (
        at(task, "stuck", told["id"], "take-up"),
        at(task, "breakdown", draft["id"], "accept"),
        at(task, "breakdown", draft["id"], "decline"),
        at(task, "breakdown", uuid4(), "accept"),
    ):
        assert stranger.post(path).status_code == 404
    assert StuckReport.objects.get().taken_up_at is None
    assert APIClient().get(at(task, "stuck")).status_code in (401, 403)


@pytest.mark.parametrize("reason", ["", "lazy", None, 7, ["boring"], "\x00"], ids=range(6))
def test_another_reason_is_refused(user: User, reason: Any) -> None:
    task = TaskFactory(user=user)
    answer = client_of(user).post(at(task, "stuck"), {"reason": reason}, format="json")
    assert answer.status_code == 400


@pytest.mark.parametrize("steps", [[], [{}], "x", [{"title": "", "minutes": 5}], [{"title": "x", "minutes": 10**30}], [{"title": "x" * 201, "minutes": 5}], [{"title": "x", "minutes": 5}] * 9], ids=range(7))  # fmt: skip
def test_what_are_no_steps_is_refused(user: User, steps: Any) -> None:
    task, app = TaskFactory(user=user), client_of(user)
    draft = app.post(at(task, "breakdown")).data
    path = at(task, "breakdown", draft["id"], "accept")
    assert app.post(path, {"steps": steps}, format="json").status_code == 400
    assert not Task.objects.filter(parent=task).exists()


def test_what_is_done_or_deleted_says_so(user: User) -> None:
    task, app = TaskFactory(user=user), client_of(user)
    changing.complete(user, task.pk, source="web")
    assert app.post(at(task, "stuck"), {"reason": "boring"}, format="json").status_code == 409
    changing.delete(user, task.pk, source="web")
    assert app.post(at(task, "breakdown")).status_code == 410
