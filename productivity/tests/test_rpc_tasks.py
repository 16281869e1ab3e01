"""Tasks over gRPC, from a client's side: two lines at once, mistakes, strangers, and being offline."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import uuid4

import grpc
import pytest
from django.utils import timezone
from google.protobuf.field_mask_pb2 import FieldMask

from accounts.models import User
from accounts.rpc.moments import stamp
from accounts.tests.factories import UserFactory
from config.tests.grpc_house import Served, details_of, grpc_house, signed
from productivity import changing
from productivity.models import Task, TaskEvent, TaskStatus
from productivity.rpc.task_messages import messages, services

__all__ = ["grpc_house"]


class Client:
    """A signed-in client: `client.Create(fields=…)`."""

    def __init__(self, house: Served, user: User) -> None:
        self._stub = house.stub(services, "Tasks")
        self._signed = signed(user)
        methods = services.TasksStub, messages.DESCRIPTOR.services_by_name["Tasks"].methods_by_name
        self._methods = methods[1]

    def __getattr__(self, name: str) -> Callable[..., Any]:
        request = getattr(messages, self._methods[name].input_type.name)
        return lambda **fields: getattr(self._stub, name)(request(**fields), **self._signed)

    def make(self, title: str = "Write the report", **fields: Any) -> Any:
        return self.Create(fields=messages.Fields(title=title, **fields))


@pytest.fixture
def user(transactional_db: None) -> User:
    return UserFactory.create()


@pytest.fixture
def client(grpc_house: Served, user: User) -> Client:
    return Client(grpc_house, user)


def refused(call: Callable[..., Any], **fields: Any) -> grpc.RpcError:
    with pytest.raises(grpc.RpcError) as caught:
        call(**fields)
    return caught.value


def test_a_task_is_made_read_changed_and_done(client: Client, user: User) -> None:
    due = timezone.now() + timedelta(days=2)
    made = client.make(
        "  Call   mum ", category="#Family", priority=3, estimated_minutes=15, due_at=stamp(due)
    )
    assert (made.title, made.category, made.status) == ("Call mum", "family", messages.PENDING)
    assert client.Get(id=made.id).due_at == stamp(due)

    edited = client.Edit(id=made.id, fields=messages.Fields(title="Call Mum"))
    assert (edited.title, edited.priority, edited.edit_count) == ("Call Mum", 3, 1)

    done = client.Complete(id=made.id)
    assert done.status == messages.COMPLETED
    assert done.HasField("completed_at")
    assert Task.objects.get().status == TaskStatus.COMPLETED
    assert list(TaskEvent.objects.values_list("source", flat=True)) == ["api"] * 3


def test_a_mask_names_what_is_changed_and_what_is_emptied(client: Client) -> None:
    made = client.make(category="work", estimated_minutes=30, due_on="2030-05-01")
    changed = client.Edit(
        id=made.id,
        fields=messages.Fields(title="Not this", category="home"),
        update_mask=FieldMask(paths=["category", "estimated_minutes", "due_on"]),
    )
    assert (changed.title, changed.category, changed.due_on) == ("Write the report", "home", "")
    assert not changed.HasField("estimated_minutes")
    assert not changed.HasField("due_at")


def test_plain_words_become_a_task_and_say_what_was_understood(client: Client) -> None:
    words = "call mum tomorrow 6pm 15 min !high #family"
    preview = client.QuickAdd(text=words, preview=True)
    assert not preview.HasField("task")
    assert not Task.objects.exists()

    added = client.QuickAdd(text=words, client_id="phone-1")
    assert (added.task.title, added.task.category) == ("call mum", "family")
    assert (added.task.priority, added.task.estimated_minutes) == (3, 15)
    assert added.task.HasField("due_at")
    assert [span.kind for span in added.understood] == [span.kind for span in preview.understood]
    assert len(added.understood) >= 4
    assert client.QuickAdd(text=words, client_id="phone-1").task.id == added.task.id


def test_the_same_client_id_makes_one_task_even_at_the_same_moment(
    grpc_house: Served, user: User
) -> None:
    request = messages.CreateRequest(fields=messages.Fields(title="Once"), client_id="a-1")
    known = signed(user)
    stubs = [grpc_house.stub(services, "Tasks") for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda stub: stub.Create(request, **known), stubs))
    assert len({task.id for task in made}) == 1
    assert Task.objects.count() == 1


def test_two_edits_of_one_version_cannot_both_win(client: Client) -> None:
    made = client.make()
    client.Edit(id=made.id, fields=messages.Fields(title="First"), expected_etag=made.etag)

    error = refused(
        client.Edit, id=made.id, fields=messages.Fields(title="Second"), expected_etag=made.etag
    )

    assert error.code() is grpc.StatusCode.ABORTED
    told = details_of(error)
    assert told["reason"] == "CHANGED_MEANWHILE"
    conflict = messages.Conflict.FromString(told["packed"]["Conflict"])
    assert (conflict.current.title, conflict.yours.title) == ("First", "Second")
    taken = client.Edit(
        id=made.id,
        fields=messages.Fields(title="Second"),
        expected_etag=conflict.current.etag,
    )
    assert taken.title == "Second"


def test_a_conflict_with_long_words_still_fits_into_an_answer(client: Client) -> None:
    made = client.make(description="€" * 15_000)
    client.Edit(id=made.id, fields=messages.Fields(title="First"))
    error = refused(client.Complete, id=made.id, expected_etag=made.etag)
    conflict = messages.Conflict.FromString(details_of(error)["packed"]["Conflict"])
    assert conflict.yours.status == messages.COMPLETED


def test_snoozing_deleting_and_taking_back(client: Client) -> None:
    made = client.make()
    until = timezone.now() + timedelta(days=1)
    assert client.Snooze(id=made.id, until=stamp(until)).status == messages.SNOOZED
    assert client.Start(id=made.id).status == messages.PENDING
    assert client.Complete(id=made.id).status == messages.COMPLETED
    assert client.Reopen(id=made.id).status == messages.PENDING
    gone = client.Delete(id=made.id)
    assert gone.status == messages.DELETED
    assert client.Restore(id=made.id).status == messages.PENDING

    again = client.Delete(id=made.id)
    undone = client.Undo(change_id=again.change_id).tasks
    assert [task.status for task in undone] == [messages.PENDING]


def test_saying_it_again_changes_nothing(client: Client) -> None:
    made = client.make()
    client.Complete(id=made.id)
    assert client.Complete(id=made.id).change_id == ""
    assert TaskEvent.objects.count() == 2


def test_what_is_deleted_is_brought_back_before_it_is_changed(client: Client) -> None:
    made = client.make()
    client.Delete(id=made.id)
    error = refused(client.Edit, id=made.id, fields=messages.Fields(title="New"))
    assert error.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert details_of(error)["reason"] == "TASK_DELETED"


def test_every_verb_keeps_strangers_out(client: Client) -> None:
    hers = changing.create(UserFactory.create(), {"title": "Secret"}, source="web")
    event = TaskEvent.objects.get()
    later = stamp(timezone.now() + timedelta(days=1))
    wishes: list[tuple[str, dict[str, Any]]] = [
        ("Get", {}),
        ("Edit", {"fields": messages.Fields(title="Mine")}),
        ("Complete", {}),
        ("Reopen", {}),
        ("Snooze", {"until": later}),
        ("Start", {}),
        ("Delete", {}),
        ("Restore", {}),
    ]
    for name, more in wishes:
        for unknown in (str(hers.pk), str(uuid4())):
            error = refused(getattr(client, name), id=unknown, **more)
            assert error.code() is grpc.StatusCode.NOT_FOUND, name
            assert "Secret" not in str(error)
    undone = refused(client.Undo, change_id=str(event.pk))
    assert undone.code() is grpc.StatusCode.NOT_FOUND
    step = refused(client.make, title="Step", parent=str(hers.pk))
    assert details_of(step)["fields"] == {"parent": "There is no such task."}
    assert not client.List().tasks
    assert not client.Changes().tasks
    hers.refresh_from_db()
    assert hers.title == "Secret"
    assert TaskEvent.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"title": "a\0b"}, "title"),
        ({"priority": 9}, "priority"),
        ({"estimated_minutes": 0}, "estimated_minutes"),
        ({"estimated_minutes": 4_000_000_000}, "estimated_minutes"),
        ({"due_on": "soon"}, "due_on"),
        ({"parent": "mine"}, "parent"),
        ({"repeat": messages.Repeat(rule="FREQ=NEVER", starts_on="2026-01-05")}, "repeat.rule"),
        ({"repeat": messages.Repeat(rule="FREQ=DAILY", starts_on="x")}, "repeat.starts_on"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_not_valid_is_refused_field_by_field(
    client: Client, fields: dict[str, Any], field: str
) -> None:
    error = refused(client.Create, fields=messages.Fields(**{"title": "Fine", **fields}))
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert list(details_of(error)["fields"]) == [field]
    assert not Task.objects.exists()


@pytest.mark.parametrize(
    ("name", "fields", "field"),
    [
        ("Get", {"id": "mine"}, "id"),
        ("Snooze", {"id": str(uuid4())}, "until"),
        ("Undo", {"change_id": ""}, "change_id"),
        ("Edit", {"id": str(uuid4()), "update_mask": FieldMask(paths=["user"])}, "update_mask"),
        ("List", {"page_size": 201}, "page_size"),
        ("List", {"page_token": "bm90aGluZw=="}, "page_token"),
        ("Changes", {"page_token": "x"}, "page_token"),
        ("QuickAdd", {"text": ""}, "text"),
    ],
    ids=["get", "snooze", "undo", "mask", "size", "token", "changes", "words"],
)
def test_odd_requests_are_refused_field_by_field(
    client: Client, name: str, fields: dict[str, Any], field: str
) -> None:
    error = refused(getattr(client, name), **fields)
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert list(details_of(error)["fields"]) == [field]


@pytest.mark.parametrize("order", [messages.ListRequest.NEWEST, messages.ListRequest.DUE])
def test_pages_follow_each_other_without_a_gap(client: Client, user: User, order: Any) -> None:
    day = timezone.now() + timedelta(days=1)
    for number in range(11):
        due = None if number % 3 == 0 else day + timedelta(days=number % 2)
        changing.create(user, {"title": f"Task {number}", "due_at": due}, source="web")
    seen: list[Any] = []
    token = ""
    while True:
        page = client.List(order=order, page_size=4, page_token=token)
        seen += page.tasks
        token = page.next_page_token
        if not token:
            break
    assert len({task.id for task in seen}) == len(seen) == 11
    if order == messages.ListRequest.DUE:
        dated = [task.due_at.ToDatetime() for task in seen if task.HasField("due_at")]
        assert dated == sorted(dated)
        assert not any(task.HasField("due_at") for task in seen[len(dated) :])


def test_the_list_is_filtered_as_over_rest(client: Client, user: User) -> None:
    changing.create(user, {"title": "Crème brûlée", "category": "food"}, source="web")
    done = changing.create(user, {"title": "Taxes"}, source="web")
    changing.complete(user, done.pk, source="web")
    titles = lambda **wish: [task.title for task in client.List(**wish).tasks]  # noqa: E731
    assert titles(query="creme") == ["Crème brûlée"]
    assert titles(status=messages.OPEN) == ["Crème brûlée"]
    assert titles(status=messages.COMPLETED) == ["Taxes"]
    assert titles(category="food") == ["Crème brûlée"]
    assert titles(category="") == ["Taxes"]


def test_a_client_that_was_offline_hears_of_every_change_once(client: Client) -> None:
    first, second = client.make("First"), client.make("Second")
    before = client.Changes()
    assert {task.id for task in before.tasks} == {first.id, second.id}

    Task.objects.update(updated_at=timezone.now() - timedelta(hours=1))
    client.Delete(id=first.id)
    third = client.make("Third")

    heard = client.Changes(since=before.synced_at)
    assert [task.id for task in heard.tasks] == [third.id]
    assert [tomb.id for tomb in heard.deleted] == [first.id]

    one = client.Changes(page_size=1)
    ids = [one.tasks[0].id]
    while one.next_page_token:
        one = client.Changes(page_size=1, page_token=one.next_page_token)
        ids += [each.id for each in (*one.tasks, *one.deleted)]
    assert ids == [second.id, first.id, third.id]


def test_a_repeating_task_comes_again_over_grpc_too(client: Client) -> None:
    made = client.make(repeat=messages.Repeat(rule="FREQ=DAILY", starts_on="2026-01-05"))
    assert made.repeat.words
    assert made.due_on == "2026-01-05"
    client.Complete(id=made.id)
    assert len(client.List(status=messages.OPEN).tasks) == 1
    ended = client.Edit(
        id=client.List(status=messages.OPEN).tasks[0].id,
        update_mask=FieldMask(paths=["repeat"]),
    )
    assert not ended.HasField("repeat") or ended.repeat.ended
