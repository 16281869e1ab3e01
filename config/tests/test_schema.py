"""The API does what its document says, whatever is sent to it.

Every operation is tried with what its document allows and with what it does not. The routes that stream an
answer are not: their runs are made outside this test's transaction. The journey through the API hears them.
"""

import logging
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from itertools import pairwise
from typing import Any

import pytest
from django.conf import settings
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import FailureGroup
from schemathesis.generation import GenerationMode
from schemathesis.generation.case import Case
from schemathesis.openapi import from_dict
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from accounts.models import User
from coaching.chat import conversing
from coaching.chat.limits import PerPerson
from config.wsgi import application

from .cast import an_owner, ids_of_everything

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
METHODS = {"get", "post", "put", "patch", "delete"}
EXAMPLES = 8
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
DOCUMENT: dict[str, Any] = SchemaGenerator().get_schema(public=True)
SCHEMA = from_dict(DOCUMENT, config=SchemathesisConfig())
SCHEMA.app = application


def streams(operation: dict[str, Any]) -> bool:
    return "text/event-stream" in operation["responses"].get("200", {}).get("content", {})


OPERATIONS = [
    (method, path)
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
    if method in METHODS
    and (not streams(operation) or path.endswith("/ai/insights"))
    and not path.endswith("/download/")  # a file
]
# Whose rows an identifier in a path names, by what the path has before it.
ROWS = {
    "habits": "habits.Habit",
    "goals": "habits.Goal",
    "changes": "habits.HabitChange",
    "sequences": "habits.HabitSequence",
    "consultation": "coaching.Consultation",
    "conversations": "coaching.Conversation",
    "messages": "coaching.Message",
    "mutes": "coaching.Mute",
    "runs": "coaching.Run",
    "reminders": "coaching.Reminder",
    "devices": "accounts.Device",
    "data-requests": "accounts.DataRequest",
    "tasks": "productivity.Task",
    "stuck": "productivity.StuckReport",
    "breakdown": "productivity.Breakdown",
    "recommendations": "productivity.ScheduleRecommendation",
    "nudges": "productivity.CoachingNudge",
}


@pytest.fixture(scope="module")
def _cast(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[User]:
    """The person whose token is used, made once for the module."""
    with django_db_blocker.unblock(), transaction.atomic():
        storage, settings.MEDIA_ROOT = settings.MEDIA_ROOT, str(tmp_path_factory.mktemp("media"))
        yield an_owner()
        settings.MEDIA_ROOT = storage
        transaction.set_rollback(True)


@pytest.fixture
def token(_cast: User, db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    client = Client()
    client.force_login(_cast, backend=BACKEND)
    monkeypatch.setattr(conversing, "_sends", PerPerson(1_000_000))
    logging.disable(logging.WARNING)
    # A request would give the connection back to the pool, and with it this test's transaction.
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield str(client.session.session_key)
    for signal in signals:
        signal.connect(close_old_connections)
    logging.disable(logging.NOTSET)


def own_rows(path: str) -> dict[str, str]:
    """Values for the path's identifiers that name rows of the person."""
    parts = [part for part in path.split("/") if part]
    known = dict(ids_of_everything())
    found = {}
    for before, part in pairwise(parts):
        if part.startswith("{") and before in ROWS:
            label = ROWS[before]
            if path.startswith("/api/v1/messages/"):
                label = "coaching.CoachMessage"
            found[part.strip("{}")] = str(known[label])
    return found


def says_what_is_wrong(response: Any) -> None:
    """Refusals are problem documents (RFC 9457)."""
    if response.status_code < 400:
        return
    assert response.headers["content-type"] == ["application/problem+json"], response.status_code
    problem = response.json()
    assert problem["status"] == response.status_code
    assert problem["title"]


def test_the_document_speaks_of_every_part() -> None:
    assert len(OPERATIONS) > 50
    for part in (
        "coach/conversations",
        "habits/goals",
        "habits/sequences",
        "users/me",
        "reminders",
        "tasks",
        "tasks/sync",
        "productivity/recommendations",
    ):
        assert f"/api/v1/{part}/" in DOCUMENT["paths"]


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize(
    ("method", "path"), OPERATIONS, ids=lambda part: part.removeprefix("/api/v1/")
)
def test_an_operation_does_what_its_document_says(
    method: str, path: str, mode: GenerationMode, token: str
) -> None:
    own = own_rows(path)

    @hypothesis(
        max_examples=EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=SCHEMA[path][method].as_strategy(generation_mode=mode), names_own=st.booleans())
    def holds(case: Case, names_own: bool) -> None:
        if own and (names_own or mode == GenerationMode.POSITIVE):
            case.path_parameters = {**(case.path_parameters or {}), **own}
        headers = {"X-Session-Token": token}
        if "text/event-stream" in str(SCHEMA[path][method].definition.raw):
            headers["Accept"] = "application/json"
        with transaction.atomic():
            response = case.call(headers=headers)
            transaction.set_rollback(True)
        assert response.status_code != 401
        try:
            case.validate_response(response, checks=CHECKS)
        except FailureGroup as failures:
            raise AssertionError("\n".join(str(each) for each in failures.exceptions)) from None
        says_what_is_wrong(response)

    # Where nothing can be sent wrongly there is nothing to try.
    with suppress(Unsatisfiable) if mode == GenerationMode.NEGATIVE else nullcontext():
        holds()
