"""Tasks over REST: an owner, a stranger, two devices at once, and lists that end."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.renderers import JSONRenderer
from rest_framework.test import APIClient

from accounts.consent import set_consent
from accounts.models import ConsentKind, ConsentSource
from accounts.tests.factories import UserFactory
from coaching.models import RawBehavioralLog
from productivity import changing
from productivity.api.serializers import TaskSerializer, task_data
from productivity.models import Task, TaskEvent, TaskStatus

pytestmark = pytest.mark.django_db
TASKS = "/api/v1/tasks/"
LATER = datetime(2126, 3, 1, 12, tzinfo=UTC)
# A rest ends within ten years.
SOON = timezone.now().replace(microsecond=0) + timedelta(days=30)


def client_of(user):
    client = APIClient()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def owner():
    user = UserFactory()
    set_consent(user, ConsentKind.BEHAVIORAL_TRACKING, True, ConsentSource.WEB)
    return user


@pytest.fixture
def client(owner):
    return client_of(owner)


def made(client, **fields):
    response = client.post(TASKS, {"title": "Call mum", **fields}, format="json")
    assert response.status_code in {200, 201}, response.content
    return response.json()


def url_of(task):
    return f"{TASKS}{task['id']}/"


def post(client, url, body=None, **headers):
    return client.post(url, body or {}, format="json", headers=headers)


def test_a_task_is_made_read_changed_done_reopened_deleted_and_restored(client):
    body = made(
        client,
        title="  Call   mum ",
        category="#Family",
        priority=3,
        estimated_minutes=15,
        due_on="2126-03-01",
    )
    assert (body["title"], body["category"], body["status"]) == ("Call mum", "family", "pending")
    assert body["due_on"] == "2126-03-01"
    assert body["due_at"] > "2126-03-01"
    url = url_of(body)
    assert client.get(url).json()["title"] == "Call mum"
    changed = client.patch(url, {"title": "Call dad"}, format="json")
    assert changed.json()["title"] == "Call dad"
    assert changed.json()["edit_count"] == 1
    done = post(client, f"{url}complete/").json()
    assert done["status"] == "completed"
    assert done["completed_at"]
    assert post(client, f"{url}reopen/").json()["status"] == "pending"
    snoozed = post(client, f"{url}snooze/", {"until": SOON.isoformat()}).json()
    assert (snoozed["status"], snoozed["snooze_count"]) == ("snoozed", 1)
    assert post(client, f"{url}start/").json()["started_at"]
    planned = post(client, f"{url}plan/", {"start": LATER.isoformat()}).json()
    assert planned["planned_end"] == (LATER + timedelta(minutes=15)).isoformat().replace(
        "+00:00", "Z"
    )
    assert client.delete(url).status_code == 204
    assert client.delete(url).status_code == 204
    assert TaskEvent.objects.filter(event_type="delete").count() == 1
    assert client.get(TASKS).json()["results"] == []
    assert post(client, f"{url}restore/").json()["title"] == "Call dad"
    assert len(client.get(TASKS).json()["results"]) == 1


def test_the_answer_is_the_declared_one(client, owner):
    task = Task.objects.get(pk=made(client)["id"])
    declared = TaskSerializer().fields
    assert list(task_data(task)) == sorted(task_data(task), key=list(task_data(task)).index)
    assert set(task_data(task)) == set(declared)


def test_every_change_has_an_event_and_a_row_in_the_ledger(client, owner):
    task = made(client)
    client.patch(url_of(task), {"title": "Call dad"}, format="json")
    post(client, f"{url_of(task)}complete/")
    assert [event.source for event in TaskEvent.objects.order_by("id")] == ["api"] * 3
    told = RawBehavioralLog.objects.filter(user=owner).values_list("interaction_type", flat=True)
    assert sorted(told) == ["task.completed", "task.created", "task.edited"]


def test_without_consent_tasks_work_and_nothing_is_profiled():
    user = UserFactory()
    client = client_of(user)
    task = made(client)
    assert post(client, f"{url_of(task)}complete/").json()["status"] == "completed"
    assert TaskEvent.objects.filter(user=user).count() == 2
    assert not RawBehavioralLog.objects.filter(user=user).exists()


def test_anothers_task_is_not_found(client):
    mine = made(client)
    other = client_of(UserFactory())
    url = url_of(mine)
    assert other.get(url).status_code == 404
    for step in ("complete/", "reopen/", "restore/", "start/"):
        assert post(other, url + step).status_code == 404
    assert post(other, f"{url}snooze/", {"until": SOON.isoformat()}).status_code == 404
    assert other.get(f"{url}history/").status_code == 404
    assert other.patch(url, {"title": "Mine now"}, format="json").status_code == 404
    # Not even whether it exists can be learned by naming a task of one's own or none at all.
    for parent in (mine["id"], str(uuid4())):
        answer = other.patch(url, {"parent": parent}, format="json")
        assert answer.status_code == 404
    assert other.delete(url).status_code == 404
    change = client.get(f"{url}history/").json()["results"][0]["change_id"]
    assert post(other, f"{TASKS}undo/", {"change_id": change}).status_code == 404
    bulk = {"ids": [mine["id"]], "action": "delete"}
    assert post(other, f"{TASKS}bulk/", bulk).status_code == 404
    assert client.get(url).json()["title"] == "Call mum"


def test_a_parent_of_somebody_else_is_not_taken(client):
    theirs = made(client_of(UserFactory()))
    answer = client.post(TASKS, {"title": "Step", "parent": theirs["id"]}, format="json")
    assert answer.status_code == 400
    assert answer.json()["errors"] == {"parent": ["There is no such task."]}
    mine = made(client)
    answer = client.patch(url_of(mine), {"parent": theirs["id"]}, format="json")
    assert answer.status_code == 400


def test_an_old_version_is_answered_with_both(client):
    task = made(client)
    url = url_of(task)
    old = client.get(url)["ETag"]
    client.patch(url, {"title": "Call dad"}, format="json")
    answer = client.patch(
        url, {"title": "Call aunt", "priority": 2}, format="json", headers={"If-Match": old}
    )
    assert answer.status_code == 412
    problem = answer.json()
    assert problem["current"]["title"] == "Call dad"
    assert (problem["yours"]["title"], problem["yours"]["priority"]) == ("Call aunt", 2)
    assert client.get(url).json()["title"] == "Call dad"
    again = client.patch(
        url, {"title": "Call aunt"}, format="json", headers={"If-Match": answer["ETag"]}
    )
    assert again.status_code == 200
    assert again["ETag"] == client.get(url)["ETag"]


@pytest.mark.parametrize(
    ("step", "body", "status"),
    [
        ("complete/", {}, "completed"),
        ("snooze/", {"until": SOON.isoformat()}, "snoozed"),
        ("start/", {}, "pending"),
    ],
    ids=["complete", "snooze", "start"],
)
def test_every_action_minds_the_version(client, step, body, status):
    url = url_of(made(client))
    old = client.get(url)["ETag"]
    client.patch(url, {"title": "Call dad"}, format="json")
    answer = post(client, url + step, body, **{"If-Match": old})
    assert answer.status_code == 412
    assert answer.json()["yours"]["status"] == status
    assert client.get(url).json()["edit_count"] == 1
    assert post(client, url + step, body, **{"If-Match": answer["ETag"]}).status_code == 200


def test_deleting_an_old_version_is_answered_with_both(client):
    url = url_of(made(client))
    old = client.get(url)["ETag"]
    client.patch(url, {"title": "Call dad"}, format="json")
    answer = client.delete(url, headers={"If-Match": old})
    assert answer.status_code == 412
    assert answer.json()["yours"]["status"] == "deleted"
    assert client.get(url).status_code == 200


def test_what_is_deleted_says_so_and_how_it_comes_back(client):
    task = made(client)
    url = url_of(task)
    tag = client.get(url)["ETag"]
    client.delete(url)
    for answer in (
        client.get(url),
        client.patch(url, {"title": "Call dad"}, format="json"),
        post(client, f"{url}complete/"),
    ):
        assert answer.status_code == 410
        assert answer.json()["task"]["id"] == task["id"]
        assert answer.json()["task"]["deleted_at"]
    answer = client.patch(url, {"title": "Dad"}, format="json", headers={"If-Match": tag})
    assert answer.status_code in {410, 412}
    assert post(client, client.get(url).json()["restore"]).status_code == 200
    assert client.get(url).status_code == 200


def test_a_client_id_makes_one_task_however_often_it_is_sent(client, owner):
    first = client.post(TASKS, {"title": "Once", "client_id": "phone-1"}, format="json")
    again = client.post(TASKS, {"title": "Once", "client_id": "phone-1"}, format="json")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]
    assert again.json()["client_id"] == "phone-1"
    assert Task.objects.filter(user=owner).count() == 1
    other = client_of(UserFactory())
    theirs = other.post(TASKS, {"title": "Other", "client_id": "phone-1"}, format="json")
    assert theirs.status_code == 201


def test_a_repeating_task_comes_again_and_says_how(client):
    repeat = {"rule": "freq=weekly;byday=mo", "starts_on": "2126-03-04"}
    task = made(client, repeat=repeat)
    assert task["repeat"]["rule"] == "FREQ=WEEKLY;BYDAY=MO"
    assert task["repeat"]["words"]
    assert post(client, f"{url_of(task)}complete/").json()["status"] == "completed"
    rows = client.get(TASKS, {"status": "open"}).json()["results"]
    assert [row["title"] for row in rows] == ["Call mum"]
    assert rows[0]["id"] != task["id"]
    ended = client.patch(url_of(rows[0]), {"repeat": None}, format="json")
    assert ended.json()["repeat"] is None
    bad = client.post(
        TASKS, {"title": "x", "repeat": {**repeat, "rule": "FREQ=NEVER"}}, format="json"
    )
    assert bad.status_code == 400


def test_history_tells_every_change_and_each_can_be_taken_back(client):
    task = made(client)
    url = url_of(task)
    client.patch(url, {"title": "Call dad"}, format="json")
    post(client, f"{url}complete/")
    events = client.get(f"{url}history/").json()["results"]
    assert [event["event_type"] for event in events] == ["complete", "modify", "create"]
    assert events[1]["before"] == {"title": "Call mum", "edit_count": 0}
    undone = post(client, f"{TASKS}undo/", {"change_id": events[1]["change_id"]})
    assert undone.json()["results"][0]["title"] == "Call mum"
    again = post(client, f"{TASKS}undo/", {"change_id": events[1]["change_id"]})
    assert again.status_code == 200
    events = client.get(f"{url}history/").json()["results"]
    assert [event["is_undone"] for event in events] == [False, False, True, False]
    page = client.get(f"{url}history/", {"page_size": 2}).json()
    assert len(page["results"]) == 2
    assert len(client.get(page["next"]).json()["results"]) == 2


def test_what_a_change_answers_takes_it_back(client):
    task = made(client)
    done = post(client, f"{url_of(task)}complete/").json()
    undone = post(client, f"{TASKS}undo/", {"change_id": done["change_id"]})
    assert undone.json()["results"][0]["status"] == "pending"
    client.patch(url_of(task), {"title": "Call dad"}, format="json")
    changed = client.patch(url_of(task), {"title": "Call aunt"}, format="json").json()
    client.patch(url_of(task), {"title": "Call uncle"}, format="json")
    refused = post(client, f"{TASKS}undo/", {"change_id": changed["change_id"]})
    assert refused.status_code == 409


def test_search_finds_every_word_whatever_its_case_and_accents(client):
    made(client, title="Crème brûlée kaufen", category="Küche")
    made(client, title="Straße kehren", description="mit Møller")
    made(client, title="100% fertig_werden")

    def found(words):
        return [row["title"] for row in client.get(TASKS, {"q": words}).json()["results"]]

    assert found("creme KUCHE") == ["Crème brûlée kaufen"]
    assert found("brûlée") == ["Crème brûlée kaufen"]
    assert found("strasse moller") == ["Straße kehren"]
    assert found("creme moller") == []
    assert found("100%") == ["100% fertig_werden"]
    assert found("%") == ["100% fertig_werden"]
    assert found("l_") == []
    assert found("g_w") == ["100% fertig_werden"]
    assert len(found("   ")) == 3
    assert client.get(TASKS, {"q": "x" * 201}).status_code == 400


def test_filters(client):
    parent = made(client, title="Move", category="home", priority=3, due_on="2126-03-01")
    step = made(client, title="Boxes", parent=parent["id"])
    done = made(client, title="Flat found")
    gone = made(client, title="Gone")
    post(client, f"{url_of(done)}complete/")
    client.delete(url_of(gone))

    def titles(**wanted):
        answer = client.get(TASKS, wanted)
        assert answer.status_code == 200, answer.content
        return [row["title"] for row in answer.json()["results"]]

    assert titles() == ["Flat found", "Boxes", "Move"]
    assert titles(status="open") == ["Boxes", "Move"]
    assert titles(status="completed") == ["Flat found"]
    assert titles(status="deleted") == ["Gone"]
    assert titles(category="Home") == ["Move"]
    assert titles(category="") == ["Flat found", "Boxes"]
    assert titles(priority=3) == ["Move"]
    assert titles(parent=parent["id"]) == [step["title"]]
    assert titles(top="true") == ["Flat found", "Move"]
    assert titles(due_from="2126-03-01T00:00:00Z", due_to="2126-03-03T00:00:00Z") == ["Move"]
    assert titles(due_to="2126-03-01T00:00:00Z") == []
    for odd in ({"status": "lost"}, {"priority": 9}, {"due_from": "soon"}, {"ordering": "luck"}):
        assert client.get(TASKS, odd).status_code == 400


@pytest.mark.parametrize("ordering", ["due", "-due", "urgency", "-urgency", "created", "updated"])
def test_pages_of_every_order_hold_every_task_once(client, owner, ordering):
    due = [None, None, LATER, LATER, LATER + timedelta(days=1), None, timezone.now(), None]
    for number, moment in enumerate(due):
        changing.create(
            owner,
            {"title": f"Task {number}", "due_at": moment, "priority": number % 4},
            source="web",
        )
    # As after an import: one moment for all.
    Task.objects.filter(user=owner).update(updated_at=LATER)
    whole = client.get(TASKS, {"ordering": ordering}).json()["results"]
    assert len(whole) == len(due)
    paged, page = [], client.get(TASKS, {"ordering": ordering, "page_size": 3}).json()
    while True:
        paged += page["results"]
        if page["next"] is None:
            break
        page = client.get(page["next"]).json()
    assert [row["id"] for row in paged] == [row["id"] for row in whole]
    if ordering == "due":
        assert [row["due_at"] is None for row in whole] == [False] * 4 + [True] * 4
    if ordering == "urgency":
        assert whole[0]["title"] == "Task 6"


@pytest.mark.parametrize(
    "cursor", ["x", "e30=", "WyJkdWUiXQ==", "////", "W251bGwsbnVsbCwieCIsIngiXQ=="]
)
def test_a_made_up_cursor_is_not_found(client, cursor):
    assert client.get(TASKS, {"cursor": cursor}).status_code == 404


def test_changes_since_come_in_their_order_with_tombstones_and_without_an_end(client, owner):
    kept, gone = made(client, title="Kept"), made(client, title="Gone")
    client.delete(url_of(gone))
    since = (timezone.now() - timedelta(minutes=1)).isoformat()
    answer = client.get(TASKS, {"updated_since": since})
    rows = answer.json()["results"]
    assert [row["id"] for row in rows] == [kept["id"], gone["id"]]
    assert set(rows[1]) == {"id", "deleted_at"}
    assert answer["X-Synced-At"]
    assert client.get(TASKS, {"updated_since": since, "status": "open"}).status_code == 400
    # More rows of one moment than a counting cursor could pass.
    Task.objects.bulk_create(Task(user=owner, title="Imported") for _ in range(1250))
    Task.objects.filter(title="Imported").update(updated_at=timezone.now())
    seen, page = set(), client.get(TASKS, {"updated_since": since, "page_size": 200}).json()
    for _ in range(10):
        seen |= {row["id"] for row in page["results"]}
        if page["next"] is None:
            break
        page = client.get(page["next"]).json()
    assert page["next"] is None
    assert len(seen) == 1252


def test_categories_are_counted_renamed_and_joined(client):
    for title, category in (("A", "famly"), ("B", "famly"), ("C", "family"), ("D", "")):
        task = made(client, title=title, category=category)
        if title == "B":
            post(client, f"{url_of(task)}complete/")
    assert client.get(f"{TASKS}categories/").json()["results"] == [
        {"category": "famly", "open": 1, "done": 1},
        {"category": "family", "open": 1, "done": 0},
    ]
    wish = {"category": "Famly", "to": "#Family"}
    moved = post(client, f"{TASKS}categories/rename/", wish).json()
    assert moved["changed"] == 2
    assert client.get(f"{TASKS}categories/").json()["results"] == [
        {"category": "family", "open": 2, "done": 1}
    ]
    assert post(client, f"{TASKS}categories/rename/", wish).json() == {
        "changed": 0,
        "change_id": None,
    }
    post(client, f"{TASKS}undo/", {"change_id": moved["change_id"]})
    assert len(client.get(f"{TASKS}categories/").json()["results"]) == 2


def test_many_at_once(client):
    one, two, three = (made(client, title=title) for title in "ABC")
    post(client, f"{url_of(two)}complete/")
    ids = [each["id"] for each in (one, two, three)]
    later = {"ids": ids, "action": "snooze", "until": SOON.isoformat()}
    answer = post(client, f"{TASKS}bulk/", later).json()
    assert [row["status"] for row in answer["results"]] == ["snoozed", "completed", "snoozed"]
    assert [row["id"] for row in answer["refused"]] == [two["id"]]
    post(client, f"{TASKS}undo/", {"change_id": answer["change_id"]})
    assert client.get(url_of(one)).json()["status"] == "pending"
    edited = {"ids": ids, "action": "edit", "changes": {"category": "Home"}}
    assert {row["category"] for row in post(client, f"{TASKS}bulk/", edited).json()["results"]} == {
        "home"
    }
    assert post(client, f"{TASKS}bulk/", {"ids": ids, "action": "edit"}).status_code == 400
    assert post(client, f"{TASKS}bulk/", {"ids": ids, "action": "snooze"}).status_code == 400
    many = [str(uuid4()) for _ in range(201)]
    assert post(client, f"{TASKS}bulk/", {"ids": many, "action": "delete"}).status_code == 400


def test_plain_words_become_a_task(client, owner):
    text = "call mum tomorrow 6pm 15 min !high #family"
    shown = post(client, f"{TASKS}quick-add/", {"text": text, "preview": True})
    assert shown.status_code == 200
    assert shown.json()["title"] == "call mum"
    assert {span["kind"] for span in shown.json()["understood"]} >= {"due", "category"}
    assert not Task.objects.filter(user=owner).exists()
    added = post(client, f"{TASKS}quick-add/", {"text": text, "client_id": "q-1"})
    assert added.status_code == 201
    body = added.json()
    assert (body["category"], body["priority"], body["estimated_minutes"]) == ("family", 3, 15)
    again = post(client, f"{TASKS}quick-add/", {"text": text, "client_id": "q-1"})
    assert (again.status_code, again.json()["id"]) == (200, body["id"])
    assert post(client, f"{TASKS}quick-add/", {"text": " "}).status_code == 400


def test_a_write_sent_twice_with_one_key_is_done_once(client, owner):
    for _ in range(2):
        answer = client.post(
            TASKS, {"title": "Once"}, format="json", headers={"Idempotency-Key": "k1"}
        )
        assert answer.status_code == 201
    assert Task.objects.filter(user=owner).count() == 1


def queries_of(act):
    with CaptureQueriesContext(connection) as captured:
        response = act()
    assert response.status_code < 300, response.content
    return [q["sql"] for q in captured if "SAVEPOINT" not in q["sql"]]


def test_reads_and_writes_take_a_handful_of_queries_however_many_tasks_there_are(client, owner):
    repeat = {"rule": "FREQ=DAILY", "starts_on": "2126-03-01"}
    task = made(client, repeat=repeat)
    for number in range(30):
        made(client, title=f"Task {number}", repeat=repeat if number % 2 else None)
    url = url_of(made(client))
    sign_in = 2  # the session and the person
    for wanted in ({}, {"q": "task 1"}, {"ordering": "urgency"}, {"ordering": "due"}):
        assert len(queries_of(lambda wanted=wanted: client.get(TASKS, wanted))) <= sign_in + 1
    assert len(queries_of(lambda: client.get(url_of(task)))) <= sign_in + 1
    assert len(queries_of(lambda: client.get(f"{url}history/"))) <= sign_in + 2
    assert len(queries_of(lambda: client.get(f"{TASKS}categories/"))) <= sign_in + 1
    # The lock, the row, its change, the event, the consent, the ledger, and what momentum derives from that.
    for write in (
        lambda: client.post(TASKS, {"title": "New"}, format="json"),
        lambda: client.patch(url, {"title": "Call dad"}, format="json"),
        lambda: post(client, f"{url}snooze/", {"until": SOON.isoformat()}),
        lambda: post(client, f"{url}start/"),
        lambda: client.delete(url),
    ):
        found = queries_of(write)
        assert len(found) <= sign_in + 7, "\n".join(found)


def test_a_page_is_bounded(client, owner):
    Task.objects.bulk_create(Task(user=owner, title=f"Task {n}") for n in range(210))
    assert len(client.get(TASKS).json()["results"]) == 50
    assert len(client.get(TASKS, {"page_size": 200}).json()["results"]) == 200
    assert client.get(TASKS, {"page_size": 201}).status_code == 400


def test_moments_are_written_as_they_are_read(client):
    task = made(client, due_at="2126-03-01T18:00:00+02:00")
    assert task["due_at"] == "2126-03-01T16:00:00Z"
    row = Task.objects.get(pk=task["id"])
    assert JSONRenderer().render(task_data(row))
    assert row.status == TaskStatus.PENDING
