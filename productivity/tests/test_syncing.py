"""Two devices that were offline change the same tasks, tell it in any order, and agree in the end."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.factories import UserFactory
from productivity import changing, snoozing, syncing
from productivity.models import SyncedChange, Task, TaskEvent

pytestmark = pytest.mark.django_db
TASKS = "/api/v1/tasks/"
EVER = "2000-01-01T00:00:00Z"


def moment(days):
    return (timezone.now() + timedelta(days=days)).replace(microsecond=0).isoformat()


class Device:
    """A phone: what it knows, and what it has not told yet."""

    def __init__(self, user: User, name: str) -> None:
        self.http, self.name = APIClient(), name
        self.http.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        self.known: dict[str, dict[str, Any]] = {}
        self.untold: list[dict[str, Any]] = []

    def pull(self) -> None:
        self.known, url = {}, f"{TASKS}?updated_since={EVER}"
        while url:
            page = self.http.get(url).json()
            self.known |= {row["id"]: row for row in page["results"]}
            url = page["next"]

    def did(self, action: str, task: str | None = None, **told: Any) -> dict[str, Any]:
        change = {"change_id": uuid4().hex, "action": action, **told}
        if task is not None:
            change["task"] = task
            base = self.known.get(task, {}).get("updated_at")
            if base:
                change["base"] = base
        self.untold.append(change)
        return change

    def tell(self) -> list[dict[str, Any]]:
        if not self.untold:
            return []
        body = {"client": self.name, "changes": self.untold}
        answer = self.http.post(f"{TASKS}sync/", body, format="json")
        assert answer.status_code == 200, answer.content
        self.told, self.untold = self.untold, []
        results: list[dict[str, Any]] = answer.json()["results"]
        return results


@pytest.fixture
def user():
    return UserFactory()


@pytest.fixture
def phone(user):
    return Device(user, "phone")


@pytest.fixture
def tablet(user):
    return Device(user, "tablet")


@pytest.fixture
def task(user, phone, tablet):
    row = changing.create(user, {"title": "Call mum"}, source="web")
    phone.pull()
    tablet.pull()
    return str(row.pk)


def outcomes(answers):
    return [answer["outcome"] for answer in answers]


def row_of(task):
    return Task.objects.get(pk=task)


def test_what_only_one_side_changed_is_merged_whoever_tells_first(phone, tablet, task):
    phone.did("edit", task, fields={"title": "Call dad"})
    tablet.did("edit", task, fields={"priority": 3, "category": "Family"})
    assert outcomes(tablet.tell()) == ["applied"]
    assert outcomes(phone.tell()) == ["applied"]
    row = row_of(task)
    assert (row.title, row.priority, row.category) == ("Call dad", 3, "family")


def test_the_same_field_changed_on_both_sides_is_a_conflict_and_the_rest_is_merged(
    phone, tablet, task
):
    phone.did("edit", task, fields={"title": "Call dad", "priority": 2})
    tablet.did("edit", task, fields={"title": "Call aunt"})
    tablet.tell()
    [answer] = phone.tell()
    assert answer["outcome"] == "conflict"
    assert answer["fields"] == ["title"]
    assert answer["task"]["title"] == "Call aunt"
    assert answer["task"]["priority"] == 2
    assert answer["yours"]["title"] == "Call dad"
    phone.pull()
    phone.did("edit", task, fields={"title": "Call dad"})
    assert outcomes(phone.tell()) == ["applied"]
    assert row_of(task).title == "Call dad"


def test_the_same_value_on_both_sides_is_no_conflict(phone, tablet, task):
    for device in (phone, tablet):
        device.did("edit", task, fields={"title": "Call dad"})
    assert outcomes(phone.tell() + tablet.tell()) == ["applied", "unchanged"]


def test_what_was_changed_and_changed_back_is_free(user, phone, task):
    changing.edit(user, task, {"title": "Call dad"}, source="web")
    changing.edit(user, task, {"title": "Call mum"}, source="web")
    phone.did("edit", task, fields={"title": "Call aunt"})
    assert outcomes(phone.tell()) == ["applied"]


def test_a_due_day_and_a_due_moment_are_one_field(user, phone, task):
    changing.edit(user, task, {"due_on": timezone.now().date()}, source="web")
    phone.did("edit", task, fields={"due_at": moment(3)})
    [answer] = phone.tell()
    assert (answer["outcome"], answer["fields"]) == ("conflict", ["due_at"])


def test_ones_own_changes_are_nobody_elses(phone, task):
    phone.did("edit", task, fields={"title": "Call dad"})
    assert outcomes(phone.tell()) == ["applied"]
    # Not pulled in between: the base is still the first version.
    phone.did("edit", task, fields={"title": "Call aunt"})
    phone.did("complete", task)
    phone.did("reopen", task)
    phone.did("delete", task)
    assert outcomes(phone.tell()) == ["applied"] * 4


def test_a_snooze_that_ended_is_nobodys_change(user, phone, task):
    now = timezone.now()
    changing.snooze(user, task, now + timedelta(minutes=5), source="web", now=now)
    phone.pull()
    snoozing.wake_due(now + timedelta(minutes=6))
    phone.did("snooze", task, until=moment(1))
    phone.did("delete", task)
    assert outcomes(phone.tell()) == ["applied", "applied"]


def test_a_version_from_a_snooze_that_ended_is_known(user, phone, task):
    now = timezone.now()
    changing.edit(user, task, {"title": "Call dad"}, source="web")
    changing.snooze(user, task, now + timedelta(minutes=5), source="web", now=now)
    snoozing.wake_due(now + timedelta(minutes=6))
    phone.pull()
    phone.did("edit", task, fields={"title": "Call aunt"})
    assert outcomes(phone.tell()) == ["applied"]


@pytest.mark.parametrize("done_first", [True, False], ids=["done first", "snoozed first"])
def test_done_beats_snoozed(phone, tablet, task, done_first):
    phone.did("complete", task, at=moment(-1))
    tablet.did("snooze", task, until=moment(2))
    for device in (phone, tablet) if done_first else (tablet, phone):
        answers = device.tell()
        assert answers[0]["outcome"] in {"applied", "unchanged"}
    row = row_of(task)
    assert row.status == "completed"
    assert row.completed_at == datetime.fromisoformat(phone.told[0]["at"])
    if done_first:
        assert answers[0]["code"] == "completed_meanwhile"
        assert answers[0]["why"]


def test_two_snoozes_are_a_conflict(phone, tablet, task):
    phone.did("snooze", task, until=moment(1))
    tablet.did("snooze", task, until=moment(2))
    assert outcomes(phone.tell() + tablet.tell()) == ["applied", "conflict"]


@pytest.mark.parametrize("action", ["edit", "complete", "snooze"])
def test_a_change_of_what_was_deleted_loses_nothing(phone, tablet, task, action):
    told = {"edit": {"fields": {"title": "Call dad"}}, "snooze": {"until": moment(1)}}
    phone.did("delete", task)
    tablet.did(action, task, **told.get(action, {}))
    phone.tell()
    [answer] = tablet.tell()
    assert (answer["outcome"], answer["code"]) == ("conflict", "deleted_meanwhile")
    assert answer["task"]["deleted_at"]
    assert answer["yours"]["id"] == task
    # The answer is the version that is decided about.
    tablet.known[task] = answer["task"]
    tablet.did("restore", task)
    tablet.did(action, task, **told.get(action, {}))
    assert outcomes(tablet.tell()) == ["applied", "applied"]


def test_deleting_what_somebody_else_changed_is_a_conflict(phone, tablet, task):
    phone.did("edit", task, fields={"title": "Call dad"})
    tablet.did("delete", task)
    phone.tell()
    [answer] = tablet.tell()
    assert answer["outcome"] == "conflict"
    assert answer["yours"]["status"] == "deleted"
    assert row_of(task).status == "pending"
    tablet.pull()
    tablet.did("delete", task)
    assert outcomes(tablet.tell()) == ["applied"]


def test_deleted_on_both_sides_is_deleted(phone, tablet, task):
    phone.did("delete", task)
    tablet.did("delete", task)
    assert outcomes(phone.tell() + tablet.tell()) == ["applied", "unchanged"]


def test_a_task_made_offline_can_be_changed_and_get_steps_before_anybody_knows_it(phone, user):
    phone.did("create", client_id="n1", fields={"title": "Move"}, at=moment(-2))
    phone.did("create", client_id="n2", parent_client_id="n1", fields={"title": "Boxes"})
    phone.did("edit", client_id="n1", fields={"priority": 3})
    phone.did("complete", client_id="n2")
    changes = list(phone.untold)
    assert outcomes(phone.tell()) == ["applied"] * 4
    move = Task.objects.get(user=user, origin="client", origin_id="n1")
    assert (move.priority, move.steps.get().status) == (3, "completed")
    # The answer got lost: everything is told again, and once more as new changes.
    phone.untold = changes
    assert outcomes(phone.tell()) == ["applied"] * 4
    phone.untold = [{**change, "change_id": uuid4().hex} for change in changes]
    assert outcomes(phone.tell()) == ["unchanged"] * 4
    assert Task.objects.filter(user=user).count() == 2
    assert TaskEvent.objects.filter(user=user).count() == 4


def test_a_change_told_again_is_answered_alike_and_changes_nothing(user, phone, task):
    change = phone.did("edit", task, fields={"title": "Call dad"})
    first = phone.tell()
    changing.edit(user, task, {"title": "Call aunt"}, source="web")
    phone.untold = [change]
    assert phone.tell() == first
    assert row_of(task).title == "Call aunt"
    phone.untold = [{**change, "fields": {"title": "Something else"}}]
    [answer] = phone.tell()
    assert (answer["outcome"], answer["code"]) == ("refused", "change_id_reused")


def test_one_refusal_holds_nobody_up(phone, task):
    phone.did("edit", str(uuid4()), fields={"title": "Nobody's"})
    phone.did("snooze", task, until=moment(-1))
    phone.did("edit", task, fields={"parent": str(uuid4())})
    phone.did("edit", task, fields={"title": "Call dad"})
    answers = phone.tell()
    assert outcomes(answers) == ["refused"] * 3 + ["applied"]
    assert all(answer["why"] for answer in answers[:3])


def test_anothers_task_is_as_unknown_as_none(phone, task):
    stranger = Device(UserFactory(), "phone")
    stranger.did("edit", task, fields={"title": "Mine now"})
    stranger.did("create", client_id="s", fields={"title": "Step", "parent": task})
    answers = stranger.tell()
    assert [answer["code"] for answer in answers] == ["not_found", "parent_not_found"]
    assert row_of(task).title == "Call mum"


def test_what_is_not_understood_is_refused_as_a_whole(phone, task):
    for change in (
        {"change_id": "1", "action": "edit", "task": task},
        {"change_id": "1", "action": "create", "fields": {"title": "No name"}},
        {"change_id": "1", "action": "snooze", "task": task},
        {"change_id": "1", "action": "edit", "fields": {"title": "x"}},
        {"change_id": "1", "action": "delete", "task": task, "base": "yesterday"},
        {"action": "delete", "task": task},
    ):
        body = {"client": "phone", "changes": [change]}
        assert phone.http.post(f"{TASKS}sync/", body, format="json").status_code == 400
    many = [{"change_id": str(n), "action": "delete", "task": task} for n in range(501)]
    body = {"client": "phone", "changes": many}
    assert phone.http.post(f"{TASKS}sync/", body, format="json").status_code == 400


def test_what_was_told_long_ago_is_forgotten(phone, task):
    phone.did("complete", task)
    phone.tell()
    assert syncing.prune(timezone.now() - timedelta(days=1)) == 0
    assert syncing.prune(timezone.now() + timedelta(days=1)) == 1
    assert not SyncedChange.objects.exists()


class TwoDevices(RuleBasedStateMachine):
    """Two devices and the web change the same few tasks in any order; whatever happens, nothing is lost silently."""

    tasks = Bundle("tasks")

    @initialize(target=tasks)
    def begin(self):
        self.user = UserFactory()
        self.devices = [Device(self.user, name) for name in ("phone", "tablet")]
        rows = [changing.create(self.user, {"title": f"Task {n}"}, source="web") for n in range(2)]
        for device in self.devices:
            device.pull()
        return multiple(*(str(row.pk) for row in rows))

    @rule(task=tasks, who=st.sampled_from([0, 1]), title=st.sampled_from("ABC"))
    def edits_the_title(self, task, who, title):
        self.devices[who].did("edit", task, fields={"title": title})

    @rule(task=tasks, who=st.sampled_from([0, 1]), priority=st.integers(0, 3))
    def edits_the_priority(self, task, who, priority):
        self.devices[who].did("edit", task, fields={"priority": priority})

    @rule(
        task=tasks,
        who=st.sampled_from([0, 1]),
        action=st.sampled_from(["complete", "reopen", "delete", "restore"]),
    )
    def acts(self, task, who, action):
        self.devices[who].did(action, task)

    @rule(task=tasks, who=st.sampled_from([0, 1]), days=st.integers(1, 3))
    def snoozes(self, task, who, days):
        self.devices[who].did("snooze", task, until=moment(days))

    @rule(who=st.sampled_from([0, 1]), number=st.integers(0, 2))
    def makes_one(self, who, number):
        self.devices[who].did("create", client_id=f"n{number}", fields={"title": f"New {number}"})

    @rule(task=tasks, title=st.sampled_from("XYZ"))
    def the_web_edits(self, task, title):
        if row_of(task).status != "deleted":
            changing.edit(self.user, task, {"title": title}, source="web")

    @rule(who=st.sampled_from([0, 1]))
    def pulls(self, who):
        # What is untold stays with the base it was made on.
        self.devices[who].pull()

    @rule(who=st.sampled_from([0, 1]), answer_is_lost=st.booleans())
    def tells(self, who, answer_is_lost):
        device = self.devices[who]
        before = list(device.untold)
        answers = device.tell()
        self.nothing_is_lost(before, answers)
        if answer_is_lost and before:
            events = TaskEvent.objects.filter(user=self.user).count()
            device.untold = before
            assert device.tell() == answers
            assert TaskEvent.objects.filter(user=self.user).count() == events

    @rule(task=consumes(tasks))
    def nobody_touches_it_any_more(self, task):
        """Leaves a task as it is."""

    def nothing_is_lost(self, changes, answers):
        assert [answer["change_id"] for answer in answers] == [c["change_id"] for c in changes]
        for change, answer in zip(changes, answers, strict=True):
            fields = change.get("fields", {})
            if answer["outcome"] == "refused":
                assert answer["why"]
            elif answer["outcome"] == "conflict":
                # Both versions are in the answer, and what is not in conflict was taken.
                for name, value in fields.items():
                    assert answer["yours"][name] == value
                    if name not in answer["fields"]:
                        assert answer["task"][name] == value
            elif change["action"] == "edit":
                assert all(answer["task"][name] == value for name, value in fields.items())
            elif change["action"] in ("complete", "delete"):
                expected = {"complete": "completed", "delete": "deleted"}[change["action"]]
                assert answer["task"]["status"] == expected
            elif change["action"] == "snooze":
                assert answer["task"]["status"] in ("snoozed", "completed")
                assert answer["task"]["status"] == "snoozed" or answer["code"]

    @invariant()
    def every_row_is_what_its_events_say(self):
        for task in Task.objects.filter(user=getattr(self, "user", None)):
            events = list(task.events.order_by("id"))
            assert events[-1].event_payload["version"]
            for name, value in events[-1].event_payload["after"].items():
                if name in ("title", "priority", "status"):
                    assert getattr(task, name) == value

    def teardown(self):
        if not hasattr(self, "user"):
            return
        for device in self.devices:
            device.tell()
        for device in self.devices:
            device.pull()
        phone, tablet = self.devices
        assert phone.known == tablet.known
        for row in Task.objects.filter(user=self.user):
            known = phone.known[str(row.pk)]
            if row.deleted_at is None:
                assert (known["title"], known["status"]) == (row.title, row.status)
            else:
                assert set(known) == {"id", "deleted_at"}


def test_two_devices_agree_in_the_end_and_lose_nothing():
    run_state_machine_as_test(
        TwoDevices,
        settings=settings(
            max_examples=25,
            stateful_step_count=14,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
