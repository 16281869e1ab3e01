"""The REST face: an owner, a stranger, and a client that was offline."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.renderers import JSONRenderer
from rest_framework.test import APIClient

from accounts.consent import set_consent
from accounts.day import local_day
from accounts.models import ConsentKind, ConsentSource
from coaching.models.ledger import RawBehavioralLog
from habits import editing
from habits.api.serializers import HabitSerializer
from habits.models import Goal, Habit, HabitCompletion

from .factories import GoalFactory, HabitFactory, UserFactory

pytestmark = pytest.mark.django_db
HABITS = "/api/v1/habits/"
WALK = {"name": "Morning walk", "category": "fitness"}


@pytest.fixture
def owner():
    user = UserFactory()
    set_consent(user, ConsentKind.BEHAVIORAL_TRACKING, True, ConsentSource.WEB)
    return user


def client_of(user):
    client = APIClient()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def client(owner):
    return client_of(owner)


@pytest.fixture
def today(owner):
    return local_day(owner)


@pytest.fixture
def habit(owner, today):
    return HabitFactory(user=owner, starts_on=today - timedelta(days=20))


def queries_of(act):
    with CaptureQueriesContext(connection) as captured:
        act()
    return [q["sql"] for q in captured if "SAVEPOINT" not in q["sql"]]


def test_a_habit_is_made_read_changed_deleted_and_restored(client, owner, today):
    made = client.post(
        HABITS,
        {**WALK, "cadence": "weekdays", "weekdays": [5, 0], "stacks": [{"cue": "my coffee"}]},
        format="json",
    )
    assert made.status_code == 201, made.content
    body = made.json()
    assert body["cadence_words"] == "Mon, Sat"
    assert body["starts_on"] == today.isoformat()
    assert body["stacks"][0]["sentence"] == "After my coffee: morning walk"
    assert body["standing"]["strength"] == 0
    url = f"{HABITS}{body['id']}/"
    changed = client.patch(url, {"name": "Evening walk"}, format="json")
    assert changed.json()["name"] == "Evening walk"
    assert len(changed.json()["stacks"]) == 1
    assert client.delete(url).status_code == 204
    assert client.get(url).status_code == 404
    assert client.post(f"{url}restore/").status_code == 200
    assert client.get(url).status_code == 200


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"cadence": "times_per_week"}, "times_per_week"),
        ({"cadence": "weekdays"}, "weekdays"),
        ({"cadence": "interval"}, "interval_days"),
        ({"measure": "at_least"}, "target_value"),
        ({"starts_on": "2026-03-02", "ends_on": "2026-03-01"}, "ends_on"),
        ({"weekdays": [9]}, "weekdays"),
        ({"category": "magic"}, "category"),
        ({"starts_on": "0001-01-01"}, "starts_on"),
        ({"starts_on": "9999-12-31"}, "starts_on"),
        ({"difficulty": 2}, "difficulty"),
        ({"cadence": "times_per_week", "times_per_week": 8}, "times_per_week"),
    ],
)
def test_what_does_not_fit_is_said_in_plain_words(client, fields, field):
    answer = client.post(HABITS, {**WALK, **fields}, format="json")
    assert answer.status_code == 400
    assert "Constraint" not in answer.content.decode()
    assert field in answer.json()["errors"]


def test_a_day_is_told_changed_and_taken_back(client, habit, today):
    url = f"{HABITS}{habit.pk}/completions/{today}/"
    told = client.put(url, {}, format="json")
    assert told.status_code == 200, told.content
    assert told.json()["completion"]["status"] == "done"
    assert told.json()["standing"]["streak"] == 1
    skipped = client.put(url, {"status": "skipped", "reason": "ill"}, format="json")
    assert skipped.json()["completion"]["reason"] == "ill"
    days = client.get(f"{HABITS}{habit.pk}/completions/").json()["results"]
    assert [row["day"] for row in days] == [today.isoformat()]
    assert client.delete(url).status_code == 204
    assert client.delete(url).status_code == 204
    assert client.get(f"{HABITS}{habit.pk}/completions/").json()["results"] == []


def test_an_offline_queue_that_is_replayed_counts_once(client, owner, habit, today):
    for _ in range(2):
        for back in (2, 1, 0):
            day = today - timedelta(days=back)
            answer = client.put(
                f"{HABITS}{habit.pk}/completions/{day}/",
                {},
                format="json",
                headers={"Idempotency-Key": f"tick-{back}"},
            )
            assert answer.status_code == 200
    assert HabitCompletion.objects.filter(habit=habit).count() == 3
    assert RawBehavioralLog.objects.filter(user=owner).count() == 3


@pytest.mark.parametrize("back", [-1, 21])
def test_a_day_outside_the_habit_is_refused_in_words(client, habit, today, back):
    day = today - timedelta(days=back)
    answer = client.put(f"{HABITS}{habit.pk}/completions/{day}/", {}, format="json")
    assert answer.status_code == 409
    assert answer.json()["detail"]


def test_a_day_that_is_no_date_is_not_found(client, habit):
    assert client.put(f"{HABITS}{habit.pk}/completions/2026-02-31/").status_code == 404


def test_today_shows_what_is_due_and_what_was_told(client, owner, habit, today):
    HabitFactory(user=owner, cadence="times_per_week", times_per_week=3, starts_on=today)
    client.put(f"{HABITS}{habit.pk}/completions/{today}/", {}, format="json")
    shown = client.get(f"{HABITS}today/").json()
    assert (shown["done"], shown["asked"]) == (1, 2)
    assert [row["week"] for row in shown["due"]] == [None, "0 of 3 this week"]
    assert shown["due"][0]["days"][-1]["state"] == "done"


def test_pause_resume_archive(client, habit):
    url = f"{HABITS}{habit.pk}/"
    assert client.post(f"{url}pause/").json()["status"] == "paused"
    assert client.get(f"{HABITS}today/").json()["due"] == []
    assert client.post(f"{url}resume/").json()["status"] == "active"
    assert client.post(f"{url}archive/").json()["status"] == "archived"
    assert client.post(f"{url}pause/").status_code == 409
    assert client.post(f"{url}unarchive/").json()["status"] == "active"


def test_stats_and_heatmap(client, habit, today):
    client.put(f"{HABITS}{habit.pk}/completions/{today}/", {}, format="json")
    stats = client.get(f"{HABITS}{habit.pk}/stats/?period=30d").json()
    assert (stats["done"], stats["asked"]) == (1, 21)
    cells = client.get(f"{HABITS}{habit.pk}/heatmap/?weeks=4").json()["results"]
    assert cells[-1]["state"] == "done"
    assert client.get(f"{HABITS}{habit.pk}/stats/?period=2y").status_code == 400
    assert client.get(f"{HABITS}{habit.pk}/heatmap/?weeks=0").status_code == 400


def test_another_persons_habits_and_goals_are_not_there(habit, today):
    goal = GoalFactory(user=habit.user)
    stranger = client_of(UserFactory())
    url = f"{HABITS}{habit.pk}/"
    for suffix in ("", "stats/", "heatmap/", "completions/"):
        assert stranger.get(url + suffix).status_code == 404
    for verb in ("pause", "resume", "archive", "unarchive", "restore"):
        assert stranger.post(f"{url}{verb}/").status_code == 404
    assert stranger.patch(url, {"name": "Mine"}, format="json").status_code == 404
    assert stranger.delete(url).status_code == 404
    day = f"{url}completions/{today}/"
    assert stranger.put(day, {}, format="json").status_code == 404
    assert stranger.delete(day).status_code == 404
    assert stranger.get(f"{HABITS}goals/{goal.pk}/").status_code == 404
    made = stranger.post(HABITS, {**WALK, "goal": str(goal.pk)}, format="json")
    assert made.status_code == 400
    assert stranger.get(HABITS).json()["results"] == []


def test_nobody_gets_in_without_signing_in():
    assert APIClient().get(HABITS).status_code in (401, 403)


def test_goals_are_made_changed_and_deleted(client):
    made = client.post(
        f"{HABITS}goals/", {"text": "Run a 5K", "category": "fitness"}, format="json"
    )
    assert made.status_code == 201, made.content
    url = f"{HABITS}goals/{made.json()['id']}/"
    tag = client.get(url)["ETag"]
    changed = client.patch(url, {"percent_complete": 40}, format="json", headers={"If-Match": tag})
    assert changed.json()["percent_complete"] == 40
    stale = client.patch(url, {"percent_complete": 50}, format="json", headers={"If-Match": tag})
    assert stale.status_code == 412
    assert client.delete(url).status_code == 204
    assert Goal.objects.get().deleted_at is not None
    assert client.post(f"{url}restore/").status_code == 200
    told = RawBehavioralLog.objects.order_by("id").values_list("interaction_type", flat=True)
    assert list(told) == [
        *("goal.created", "goal.edited", "goal.progressed", "goal.edited", "goal.edited")
    ]


def test_a_client_that_was_away_gets_changes_and_tombstones(client, owner, habit):
    gone = HabitFactory(user=owner)
    since = timezone.now() - timedelta(seconds=1)
    client.delete(f"{HABITS}{gone.pk}/")
    rows = client.get(HABITS, {"updated_since": since.isoformat()}).json()["results"]
    assert {row["id"]: bool(row.get("deleted_at")) for row in rows}[str(gone.pk)] is True


def test_lists_and_writes_take_few_queries_however_many_rows(client, owner, habit, today):
    for _ in range(12):
        HabitFactory(user=owner, starts_on=today)
        GoalFactory(user=owner)
    day = f"{HABITS}{habit.pk}/completions/{today}/"
    client.get(HABITS)  # computes the standings of the day
    another = HabitFactory(user=owner, starts_on=today)
    client.put(f"{HABITS}{another.pk}/completions/{today}/", {}, format="json")  # the first ever
    sign_in = 2  # the session and the person
    assert len(queries_of(lambda: client.get(HABITS))) <= sign_in + 2
    assert len(queries_of(lambda: client.get(f"{HABITS}goals/"))) <= sign_in + 1
    assert len(queries_of(lambda: client.get(f"{HABITS}today/"))) <= sign_in + 6
    assert len(queries_of(lambda: client.get(f"{HABITS}{habit.pk}/"))) <= sign_in + 2
    told = queries_of(lambda: client.put(day, {}, format="json"))
    # Two statements of each write derive what it means for momentum.
    assert len(told) <= sign_in + 8, told
    made = queries_of(lambda: client.post(HABITS, WALK, format="json"))
    assert len(made) <= sign_in + 8, made
    assert len(Habit.objects.for_user(owner)) == 15


def test_a_page_is_bounded(client, owner, today):
    Habit.objects.bulk_create(HabitFactory.build(user=owner, starts_on=today) for _ in range(60))
    assert client.get(HABITS, {"page_size": 1000}).status_code == 400
    assert len(client.get(HABITS, {"page_size": 200}).json()["results"]) == 60
    assert len(client.get(HABITS).json()["results"]) == 50


def test_the_written_out_answer_is_the_declared_one(owner, today):
    habit = HabitFactory(
        user=owner,
        starts_on=today,
        measure="at_least",
        target_value="12.50",
        scheduled_time="07:30",
        goal=GoalFactory(user=owner),
    )
    editing.replace_stacks(habit, [{"cue": "my coffee"}])
    habit.refresh_from_db()
    serializer = HabitSerializer(habit, context={"today": today})
    declared = super(HabitSerializer, serializer).to_representation(habit)
    render = JSONRenderer().render
    assert json.loads(render(serializer.data)) == json.loads(render(declared))


def test_a_goal_keeps_no_books(client):
    answer = client.post(
        "/api/v1/habits/goals/",
        {"text": "Read", "category": "learning", "target_metrics": {"a": "y" * 30_000}},
        format="json",
    )
    assert answer.status_code == 400
    assert "target_metrics" in answer.json()["errors"]


def test_a_clock_time_is_told_without_fractions_of_a_second(client, today):
    body = {**WALK, "starts_on": today.isoformat(), "scheduled_time": "07:30:15.350000"}

    answer = client.post(HABITS, body, format="json")

    assert answer.status_code == 201
    assert answer.json()["scheduled_time"] == "07:30:15"
