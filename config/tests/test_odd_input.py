"""Whatever is written into whatever field of whatever address: an answer, never a failure of the server."""

import json
import logging
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client

from accounts.models import User
from coaching.chat import conversing
from coaching.chat.limits import PerPerson

from .addresses import Address, addresses
from .cast import an_owner, ids_of_everything

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
# Ends the session, answers with a file, or reads nothing.
LEFT_OUT = {
    *("settings/privacy/erase/", "settings/security/sign-out/", "api/v1/schema/"),
    *("settings/privacy/exports/<uuid:pk>/", "coach/attachments/<uuid:attachment_id>/"),
    *("api/v1/users/me/data-requests/<pk>/download/", "healthz", "readyz", "sw.js"),
}
# Every name under which an address reads something.
FIELDS = [
    *("text", "title", "name", "client_id", "call", "rating", "helpfulness", "status", "day"),
    *("until", "minutes", "category", "primary_objective", "cadence", "starts_on", "ends_on"),
    *("measure", "value", "reason", "note", "unit", "target_value", "weekdays", "stacks"),
    *("times_per_week", "interval_days", "duration_minutes", "order", "deadline", "difficulty"),
    *("conversation", "goal", "attachments", "timezone", "day_start_hour", "locale", "country"),
    *("phone", "work_hours", "stated_goal", "kind", "granted", "evidence", "token", "platform"),
    *("keys", "remind_at", "when", "timeline", "minutes_per_day", "preferred_time", "constraints"),
    *("target_metrics", "sub_goals", "communication_style", "notification_window", "tracking"),
    *("q", "before", "after", "period", "weeks", "from", "to", "page_size", "cursor", "next"),
    *("show", "page", "state", "what", "for", "id", "opens", "closes", "away_from", "away_until"),
    *("notification_frequency", "preferred_channel", "engaged", "quietly", "back", "words"),
    *("ordinal", "at", "done", "cue", "swap_from", "swap_to", "updated_since", "render"),
    *("task", "ids", "action", "changes", "client", "base", "due_at", "due_on", "due_from"),
    *("due_to", "priority", "estimated_minutes", "parent", "position", "repeat", "start", "end"),
    *("planned_start", "planned_end", "change_id", "items", "steps", "preview", "ordering"),
    *("asked_minutes", "count", "window", "buffer_minutes", "work_categories", "clock", "own"),
    *("private_categories", "persona_type", "adaptation_enabled", "dry_run", "file", "in", "top"),
    *("ends_series", "filter", "clear", "off", "version", "confirmed", "edit", "close"),
]
ALONE = ["text", "title", "name", "day", "goal", "next", "when", "conversation", "value", "keys"]
ODD: dict[str, Any] = {
    "a NUL byte": "a\0b",
    "pictures and both directions": "\U0001f9d1‍\U0001f680 שלום \u202e",
    "half a character": "\ud800",
    "the first day": "0001-01-01",
    "the last day": "9999-12-31",
    "a number without end": "9" * 400,
    "not a number": "NaN",
    "a list of itself": [["x"], {"a": ["\0"]}],
}
# Whose rows the identifiers of a route name, by a part of the route.
ROWS = {
    "goals/<uuid": "habits.Goal",
    "breakdowns/": "productivity.Breakdown",
    "breakdown_id": "productivity.Breakdown",
    "report_id": "productivity.StuckReport",
    "tasks/stuck/": "productivity.StuckReport",
    "tasks/slots/": "productivity.ScheduleRecommendation",
    "recommendations/": "productivity.ScheduleRecommendation",
    "nudges/<uuid": "productivity.CoachingNudge",
    "tasks/undo/": "productivity.TaskEvent",
    "api/v1/tasks/<uuid": "productivity.Task",
    "tasks/<uuid": "productivity.Task",
    "changes/": "habits.HabitChange",
    "plans/": "habits.HabitSequence",
    "sequences/": "habits.HabitSequence",
    "conversation": "coaching.Conversation",
    "message_id": "coaching.Message",
    "run_id": "coaching.Run",
    "attachment_id": "coaching.Attachment",
    "messages/<": "coaching.CoachMessage",
    "mutes/": "coaching.Mute",
    "reminders": "coaching.Reminder",
    "devices": "accounts.Device",
    "exports": "accounts.DataRequest",
    "data-requests": "accounts.DataRequest",
    "habits/": "habits.Habit",
}


@pytest.fixture
def owner(db: None, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[User]:
    monkeypatch.setattr(settings, "MEDIA_ROOT", str(tmp_path))
    monkeypatch.setattr(conversing, "_sends", PerPerson(1_000_000))
    # Runs are made outside this test's transaction; what is tested here ends before one begins.
    for module in ("coaching.chat.pages", "coaching.api.streams"):
        monkeypatch.setattr(f"{module}.launch_for", lambda *_: None)
    logging.disable(logging.WARNING)
    yield an_owner()
    logging.disable(logging.NOTSET)


def own(route: str, known: dict[str, UUID]) -> UUID:
    label = next((label for part, label in ROWS.items() if part in route), "accounts.User")
    return known[label]


def requests(address: Address, path: str, odd: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """What is asked of an address: every field odd at once, then some of them alone."""
    bodies = [dict.fromkeys(FIELDS, odd), *({name: odd} for name in ALONE)]
    if address.route.startswith("api/"):
        for method in ("post", "patch", "put"):
            for body in bodies:
                yield method, {"data": json.dumps(body), "content_type": "application/json"}
    elif (isinstance(odd, str) and odd.isprintable()) or odd == ODD["a NUL byte"]:
        for body in bodies:
            yield "post", {"data": body}
    if isinstance(odd, str) and "\ud800" not in odd:
        yield "get", {"data": bodies[0]}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD.keys())
def test_nothing_fails(odd: Any, owner: User) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    known = dict(ids_of_everything())
    failed = []
    for address in addresses():
        if address.route in LEFT_OUT or address.route.endswith("/events"):
            continue
        path = address.with_value(own(address.route, known))
        not_taken = ""
        for method, request in requests(address, path, odd):
            if method == not_taken:
                continue
            with transaction.atomic():
                response = getattr(client, method)(path, **request)
                transaction.set_rollback(True)
            if response.status_code == 405:
                not_taken = method
            if response.status_code >= 500 and response.status_code != 503:
                failed.append(f"{method.upper()} {address.route} {str(request['data'])[:60]}")
    assert not failed, "\n".join(failed)
