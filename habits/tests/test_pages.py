"""The pages of habits: telling what happened, in any order, by script or by plain form."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.day import local_day
from accounts.models import User
from habits.models import Goal, Habit, HabitCompletion, HabitStatus

pytestmark = pytest.mark.django_db
SCRIPT = {"HX-Request": "true"}


@pytest.fixture
def person() -> User:
    return User.objects.create_user("ada@example.org", name="Ada Lovelace")


@pytest.fixture
def habit(person: User) -> Habit:
    return Habit.objects.create(
        user=person,
        name="Morning walk",
        category="fitness",
        starts_on=local_day(person) - timedelta(days=30),
    )


@pytest.fixture
def browser_of(person: User, client: Client) -> Client:
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def tell(client: Client, habit: Habit, what: str, *, days_ago: int = 0, **fields: Any):
    day = local_day(habit.user) - timedelta(days=days_ago)
    headers = SCRIPT if fields.pop("script", True) else {}
    address = reverse(f"habit_{what}", args=[habit.pk])
    return client.post(address, {"day": day, **fields}, headers=headers)


def test_the_board_shows_what_is_due(browser_of: Client, habit: Habit) -> None:
    page = browser_of.get(reverse("habits")).content.decode()
    assert "Morning walk" in page
    assert "0 of 1 done" in page


def test_a_tick_answers_with_the_row_and_the_count(browser_of: Client, habit: Habit) -> None:
    answer = tell(browser_of, habit, "tick", done="1").content.decode()
    assert 'data-done="true"' in answer
    assert "1 of 1 done" in answer


def test_a_tick_twice_counts_once(browser_of: Client, habit: Habit) -> None:
    tell(browser_of, habit, "tick", done="1")
    tell(browser_of, habit, "tick", done="1")
    assert HabitCompletion.objects.get().status == "done"


def test_a_tick_is_taken_back(browser_of: Client, habit: Habit) -> None:
    tell(browser_of, habit, "tick", done="1")
    answer = tell(browser_of, habit, "tick", done="0").content.decode()
    assert 'data-done="false"' in answer
    assert not HabitCompletion.objects.exists()


def test_without_script_it_is_a_form_and_a_redirect(browser_of: Client, habit: Habit) -> None:
    answer = tell(browser_of, habit, "tick", done="1", script=False)
    assert answer.status_code == 302
    assert HabitCompletion.objects.exists()


def test_it_never_redirects_to_another_site(browser_of: Client, habit: Habit) -> None:
    answer = tell(browser_of, habit, "tick", done="1", script=False, next="https://evil.example/")
    assert answer["Location"] == reverse("habits")


def test_a_skip_keeps_its_reason(browser_of: Client, habit: Habit) -> None:
    answer = tell(browser_of, habit, "skip", reason="Travelling").content.decode()
    assert "travelling" in answer
    assert HabitCompletion.objects.get().status == "skipped"


def test_partly_is_partly(browser_of: Client, habit: Habit) -> None:
    tell(browser_of, habit, "partly")
    assert HabitCompletion.objects.get().status == "partial"


def test_yesterday_can_be_told(browser_of: Client, habit: Habit) -> None:
    tell(browser_of, habit, "tick", done="1", days_ago=1)
    day = local_day(habit.user) - timedelta(days=1)
    assert HabitCompletion.objects.get().local_date == day
    assert (
        "Yesterday" in browser_of.get(reverse("habits"), {"day": day.isoformat()}).content.decode()
    )


@pytest.mark.parametrize("days_ago", [-1, 8, 400])
def test_days_too_far_away_are_refused(browser_of: Client, habit: Habit, days_ago: int) -> None:
    assert tell(browser_of, habit, "tick", done="1", days_ago=days_ago).status_code == 422
    assert not HabitCompletion.objects.exists()


@pytest.mark.parametrize("day", ["nonsense", "2020-01-01", ""])
def test_a_page_of_such_a_day_is_not_found(browser_of: Client, habit: Habit, day: str) -> None:
    assert browser_of.get(reverse("habits"), {"day": day}).status_code == 404


def test_an_amount_decides_whether_it_is_done(browser_of: Client, person: User) -> None:
    reading = Habit.objects.create(
        user=person,
        name="Read",
        category="learning",
        starts_on=local_day(person),
        measure="at_least",
        target_value=20,
        unit="pages",
    )
    tell(browser_of, reading, "amount", value="5")
    assert HabitCompletion.objects.get().status == "partial"
    answer = tell(browser_of, reading, "amount", value="25").content.decode()
    assert HabitCompletion.objects.get().status == "done"
    assert "25 pages" in answer


def test_anothers_habit_is_not_found(browser_of: Client) -> None:
    other = User.objects.create_user("bob@example.org", name="Bob")
    theirs = Habit.objects.create(
        user=other, name="Secret", category="fitness", starts_on=local_day(other)
    )
    assert tell(browser_of, theirs, "tick", done="1").status_code == 404
    assert browser_of.get(reverse("habit", args=[theirs.pk])).status_code == 404


def test_a_new_habit_begins_today_with_its_cue(browser_of: Client, person: User) -> None:
    browser_of.post(
        reverse("habit_new"),
        {
            "name": "Stretch",
            "category": "wellness",
            "cadence": "weekdays",
            "weekdays": ["0", "2"],
            "measure": "yes_no",
            "cue": "I brush my teeth",
        },
    )
    made = Habit.objects.get()
    assert (made.weekdays, made.starts_on) == ([0, 2], local_day(person))
    assert "brush my teeth" in made.stacks.get().sentence


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"cadence": "weekdays"}, "Choose at least one weekday"),
        ({"cadence": "times_per_week"}, "how many times a week"),
        ({"cadence": "interval"}, "every how many days"),
        ({"cadence": "daily", "measure": "at_least"}, "how much"),
        ({"cadence": "daily", "name": ""}, "required"),
    ],
)
def test_what_is_missing_is_said(browser_of: Client, fields: dict, words: str) -> None:
    given = {"name": "Stretch", "category": "wellness", "measure": "yes_no", **fields}
    answer = browser_of.post(reverse("habit_new"), given)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Habit.objects.exists()


def test_an_edit_changes_the_cadence_and_shows_it(browser_of: Client, habit: Habit) -> None:
    given = {
        "name": "Evening walk",
        "category": "fitness",
        "cadence": "times_per_week",
        "times_per_week": "3",
        "measure": "yes_no",
    }
    browser_of.post(reverse("habit_edit", args=[habit.pk]), given)
    page = browser_of.get(reverse("habit", args=[habit.pk])).content.decode()
    assert "Evening walk" in page
    assert "3 times a week" in page


def test_it_rests_and_comes_back(browser_of: Client, habit: Habit) -> None:
    browser_of.post(reverse("habit_pause", args=[habit.pk]))
    habit.refresh_from_db()
    assert habit.status == HabitStatus.PAUSED
    browser_of.post(reverse("habit_resume", args=[habit.pk]))
    habit.refresh_from_db()
    assert habit.status == HabitStatus.ACTIVE


def test_a_deleted_habit_comes_back_from_the_shelf(browser_of: Client, habit: Habit) -> None:
    browser_of.post(reverse("habit_delete", args=[habit.pk]))
    assert browser_of.get(reverse("habit", args=[habit.pk])).status_code == 404
    assert "Morning walk" in browser_of.get(reverse("habits_shelf")).content.decode()
    browser_of.post(reverse("habit_restore", args=[habit.pk]))
    assert browser_of.get(reverse("habit", args=[habit.pk])).status_code == 200


def test_a_change_by_get_is_refused(browser_of: Client, habit: Habit) -> None:
    assert browser_of.get(reverse("habit_delete", args=[habit.pk])).status_code == 405


def test_the_board_asks_the_database_little(
    browser_of: Client, habit: Habit, django_assert_max_num_queries
) -> None:
    for number in range(20):
        Habit.objects.create(
            user=habit.user,
            name=f"Habit {number}",
            category="fitness",
            starts_on=local_day(habit.user),
        )
    browser_of.get(reverse("habits"))
    with django_assert_max_num_queries(12):
        browser_of.get(reverse("habits"))


def test_a_goal_is_changed_and_shows_its_habits(browser_of: Client, habit: Habit) -> None:
    goal = Goal.objects.create(
        user=habit.user, text="Run a 5K", category="fitness", primary_objective="Run 5 km"
    )
    Habit.objects.filter(pk=habit.pk).update(goal=goal)
    address = reverse("goal", args=[goal.pk])
    browser_of.post(
        address, {"text": "Run a 10K", "percent_complete": "40", "status": "active", "deadline": ""}
    )
    page = browser_of.get(address).content.decode()
    assert "Run a 10K" in page
    assert "Morning walk" in page
    assert "40%" in browser_of.get(reverse("goals")).content.decode()


def test_a_goal_beyond_reason_is_refused(browser_of: Client, person: User) -> None:
    goal = Goal.objects.create(
        user=person, text="Run a 5K", category="fitness", primary_objective="Run 5 km"
    )
    given = {"text": "Run", "percent_complete": "400", "status": "active"}
    assert browser_of.post(reverse("goal", args=[goal.pk]), given).status_code == 422


def test_a_habit_of_a_coming_day_is_not_yet_to_be_ticked(browser_of: Client, person: User) -> None:
    Habit.objects.create(
        user=person,
        name="Later walk",
        category="fitness",
        starts_on=local_day(person) + timedelta(days=3),
    )
    page = browser_of.get(reverse("habits")).content.decode()
    assert "Coming up" in page
    assert "data-tick" not in page
