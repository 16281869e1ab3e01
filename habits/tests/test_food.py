"""Meals: read from words, logged once, taken back, found again; figures hidden and targets refused."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from accounts.consent import set_consent
from accounts.models import ConsentKind, ConsentSource, User
from accounts.tests.factories import UserFactory
from coaching.models import (
    Conversation,
    ConversationChannel,
    EpisodicMemory,
    Message,
    MessageRole,
    RawBehavioralLog,
)
from coaching.toolkit import (
    ToolContext,
    behavior_sources,
    tool_named,
    undo_verbs,
    who_is_left_alone,
)
from habits.models import FoodEntry, NutritionTarget
from habits.nutrition import meals, targets
from habits.nutrition.days import food_day
from habits.nutrition.reading import read_meal
from habits.nutrition.similar import match_similar_foods

pytestmark = pytest.mark.django_db
BERLIN = ZoneInfo("Europe/Berlin")
EVENING = datetime(2026, 3, 10, 20, 15, tzinfo=BERLIN)
MORNING = datetime(2026, 3, 10, 9, 0, tzinfo=BERLIN)


@pytest.fixture
def person() -> User:
    return UserFactory(birth_year=1990, timezone="Europe/Berlin")


@pytest.fixture
def tracked(person: User) -> User:
    """Somebody who agreed to behavioural tracking."""
    set_consent(person, ConsentKind.BEHAVIORAL_TRACKING, True, ConsentSource.WEB)
    return person


def logged(person: User, text: str, **more: Any) -> FoodEntry:
    return meals.log_food(person, text, source="web", **{"now": EVENING, **more})


# --- Reading ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("words", "text", "at", "calories"),
    [
        ("I had lasagna for dinner, 650 kcal", "Lasagna", "10 19:00", 650),
        (
            "for breakfast I had oatmeal with berries (350 calories)",
            "Oatmeal with berries",
            "10 07:30",
            350,
        ),
        ("yesterday at 13:00 a salad", "A salad", "09 13:00", None),
        ("2 eggs and toast at 8", "2 eggs and toast", "10 20:00", None),
        ("ate a banana around 3pm", "A banana", "10 15:00", None),
        ("I ate 200 g of rice for lunch", "200 g of rice", "10 12:30", None),
        ("log my lunch: rice and beans ~1,200kcal", "Rice and beans", "10 12:30", 1200),
        ("pizza last night", "Pizza", "09 21:30", None),
        ("500 kcal", "", "10 20:15", 500),
    ],
)
def test_a_meal_is_read_from_words(words: str, text: str, at: str, calories: int | None) -> None:
    meal = read_meal(words, now=EVENING)
    assert (meal.text, f"{meal.eaten_at:%d %H:%M}", meal.calories) == (text, at, calories)


def test_macros_are_read_only_when_they_were_given() -> None:
    meal = read_meal("chicken with rice, protein 45g, 60g carbs and 20.5 g fat", now=EVENING)
    assert (meal.text, meal.protein_g, meal.carbs_g, meal.fat_g) == (
        "Chicken with rice",
        Decimal(45),
        Decimal(60),
        Decimal("20.5"),
    )
    assert read_meal("chicken with rice", now=EVENING).protein_g is None


def test_dinner_told_in_the_morning_was_yesterdays() -> None:
    assert f"{read_meal('lasagna for dinner', now=MORNING).eaten_at:%d %H:%M}" == "09 19:00"


@settings(max_examples=60, deadline=None)
@given(words=st.text(max_size=80), hours=st.integers(0, 200))
def test_whatever_is_typed_no_meal_lies_in_the_future(words: str, hours: int) -> None:
    now = (datetime(2026, 3, 26, tzinfo=UTC) + timedelta(hours=hours)).astimezone(BERLIN)
    assert read_meal(words, now=now).eaten_at <= now


# --- Logging ------------------------------------------------------------------------------------
def test_the_same_client_id_is_one_meal_and_one_ledger_entry(tracked: User) -> None:
    first = logged(tracked, "Soup", client_id="a", calories=300)
    assert logged(tracked, "Soup", client_id="a") == first
    assert RawBehavioralLog.objects.filter(interaction_type="food.logged").count() == 1
    assert "Soup" not in str(RawBehavioralLog.objects.get(interaction_type="food.logged").raw_data)


def test_without_consent_the_meal_stands_and_the_ledger_stays_empty(person: User) -> None:
    logged(person, "Soup")
    assert FoodEntry.objects.count() == 1
    assert not RawBehavioralLog.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_posts_at_once_are_one_meal() -> None:
    user = UserFactory(birth_year=1990)

    def post(_: int) -> Any:
        try:
            return logged(user, "Soup", client_id="twin").pk
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        assert len(set(pool.map(post, range(2)))) == 1
    assert FoodEntry.objects.count() == 1


@pytest.mark.parametrize(
    "wish",
    [
        {"text": "  "},
        {"text": "Soup", "calories": 10_001},
        {"text": "Soup", "eaten_at": EVENING + timedelta(hours=1)},
        {"text": "Soup", "eaten_at": EVENING - timedelta(days=400)},
    ],
)
def test_what_cannot_be_is_refused_in_words(person: User, wish: dict[str, Any]) -> None:
    with pytest.raises(meals.MealRefused, match=r"\w+ \w+"):
        logged(person, **wish)


def test_taking_back_and_bringing_back_twice_is_once(tracked: User) -> None:
    entry = logged(tracked, "Soup")
    for _ in range(2):
        meals.remove(entry, source="web", now=EVENING)
    assert not food_day(tracked, entry.local_date, now=EVENING).lines
    for _ in range(2):
        meals.restore(entry, source="web", now=EVENING)
    assert food_day(tracked, entry.local_date, now=EVENING).lines
    assert RawBehavioralLog.objects.count() == 3


# --- Similar ------------------------------------------------------------------------------------
def test_similar_meals_are_ones_own_and_each_once(person: User) -> None:
    for text in ("Lasagna", "Lasagna", "Vegetable lasagna with salad", "Apple"):
        logged(person, text)
    logged(UserFactory(), "Lasagna of a stranger")
    meals.remove(logged(person, "Cold lasagna"), source="web", now=EVENING)
    found = match_similar_foods(person, "lasagna", match_count=5, by_meaning=False)
    assert [each.entry.text for each in found] == ["Lasagna", "Vegetable lasagna with salad"]
    assert found[0].similarity > found[1].similarity
    assert len(match_similar_foods(person, "lasagna", match_count=1, by_meaning=False)) == 1


def test_nothing_alike_is_found_below_the_threshold(person: User) -> None:
    logged(person, "Vegetable lasagna with salad")
    assert not match_similar_foods(person, "apple pie", by_meaning=False)
    assert not match_similar_foods(person, "", by_meaning=False)


# --- The guardrail ------------------------------------------------------------------------------
def said(person: User, text: str) -> None:
    talk = Conversation.objects.create(user=person, channel=ConversationChannel.WEB)
    Message.objects.create(conversation=talk, user=person, role=MessageRole.USER, content=text)


def test_a_range_needs_a_known_age_of_eighteen(person: User) -> None:
    for year in (None, EVENING.year - 17):
        person.birth_year = year
        with pytest.raises(targets.TargetRefused):
            targets.set_target(person, 1800, 2200, now=EVENING)
    person.birth_year = EVENING.year - 18
    assert targets.set_target(person, 1800, 2200, now=EVENING).calories_low == 1800


@pytest.mark.parametrize(("low", "high"), [(1199, 2000), (1200, 1499), (2500, 2000), (2000, 9000)])
def test_a_range_has_a_floor_and_an_end(person: User, low: int, high: int) -> None:
    with pytest.raises(targets.TargetRefused):
        targets.set_target(person, low, high, now=EVENING)
    assert not NutritionTarget.objects.exists()


@pytest.mark.parametrize("words", ["I had anorexia as a teenager", "we're happy, I am pregnant!"])
def test_what_was_told_takes_the_numbers_away(person: User, words: str) -> None:
    targets.set_target(person, 1800, 2200, now=EVENING)
    said(person, words)
    assert targets.numbers_of(person, now=EVENING) == targets.Numbers(are_hidden=True)
    with pytest.raises(targets.TargetRefused, match="doctor"):
        targets.set_target(person, 1800, 2200, now=EVENING)


def test_a_memory_of_it_counts_as_well(person: User) -> None:
    EpisodicMemory.objects.create(
        user=person,
        memory_description="Recovered from an eating disorder",
        original_timestamp=EVENING,
    )
    assert targets.why_not(person, now=EVENING)


def test_who_is_left_alone_about_weight_is_whose_numbers_are_hidden(person: User) -> None:
    from_words, from_memory, from_goal, young, by_choice = (
        User.objects.create_user(f"{name}@example.org", name=name) for name in "abcde"
    )
    said(from_words, "I had anorexia as a teenager")
    said(person, "my sister had anorexia")
    EpisodicMemory.objects.create(
        user=from_memory, memory_description="Was bulimic once", original_timestamp=EVENING
    )
    User.objects.filter(pk=from_goal.pk).update(stated_goal="A calm pregnancy: I'm pregnant")
    User.objects.filter(pk=young.pk).update(birth_year=EVENING.year - 17)
    targets.hide_numbers(by_choice, True)
    everybody = list(User.objects.all())
    assert (
        who_is_left_alone([user.pk for user in everybody], EVENING)
        == {user.pk for user in everybody if targets.numbers_of(user, now=EVENING).are_hidden}
        == {user.pk for user in (from_words, from_memory, from_goal, young, by_choice)}
    )
    assert who_is_left_alone([person.pk], EVENING) == who_is_left_alone([], EVENING) == set()


@pytest.mark.parametrize("words", ["I'm not pregnant", "my sister is pregnant", "I had soup"])
def test_what_is_not_about_the_person_takes_nothing_away(person: User, words: str) -> None:
    said(person, words)
    assert not targets.why_not(person, now=EVENING)


def test_hidden_numbers_are_nowhere(person: User, client: Client) -> None:
    entry = logged(person, "Soup", calories=321, now=timezone.now())
    targets.hide_numbers(person, True)
    client.force_login(person)
    for page in (
        reverse("food"),
        f"{reverse('food')}?day={entry.local_date}",
        reverse("food_edit", args=[entry.pk]),
    ):
        assert "321" not in client.get(page).content.decode()


# --- Pages and API ------------------------------------------------------------------------------
def test_the_page_logs_repeats_takes_back_and_brings_back(person: User, client: Client) -> None:
    client.force_login(person)
    form = {"words": "Soup, 300 kcal", "client_id": "x"}
    for _ in range(2):
        answer = client.post(reverse("food_log"), form, follow=True)
    entry = FoodEntry.objects.get()
    assert "Soup" in answer.content.decode()
    assert "300 kcal" in answer.content.decode()
    client.post(reverse("food_again", args=[entry.pk]), {"client_id": "y"})
    assert FoodEntry.objects.filter(text="Soup", calories=300).count() == 2
    client.post(reverse("food_remove", args=[entry.pk]))
    client.post(reverse("food_restore", args=[entry.pk]))
    assert FoodEntry.objects.filter(deleted_at__isnull=True).count() == 2
    assert client.post(reverse("food_log"), {"words": "500 kcal"}).status_code == 422
    assert "Soup" in client.get(reverse("food_similar"), {"words": "sou"}).content.decode()


def test_strangers_find_nothing(person: User, client: Client) -> None:
    entry = logged(person, "Soup")
    client.force_login(UserFactory())
    for name in ("food_again", "food_remove", "food_restore"):
        assert client.post(reverse(name, args=[entry.pk])).status_code == 404
    assert client.get(reverse("food_edit", args=[entry.pk])).status_code == 404


def test_a_meal_over_rest(person: User) -> None:
    api = APIClient()
    api.force_authenticate(person)
    body = {"text": "Soup", "calories": 300, "eaten": "yesterday at 13:00", "client_id": "phone-1"}
    first, second = (api.post("/api/v1/food/", body, format="json") for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["id"] == second.json()["id"]
    address = f"/api/v1/food/{first.json()['id']}/"
    tag = api.get(address)["ETag"]
    assert (
        api.patch(address, {"calories": 250}, format="json", HTTP_IF_MATCH=tag).status_code == 200
    )
    assert api.patch(address, {"calories": 1}, format="json", HTTP_IF_MATCH=tag).status_code == 412
    assert api.delete(address).status_code == 204
    assert api.get("/api/v1/food/").json()["results"] == []
    assert api.post(f"{address}restore/").status_code == 200
    assert api.get("/api/v1/food/").json()["results"][0]["calories"] == 250
    assert api.get("/api/v1/food/similar/", {"text": "soup"}).json()[0]["entry"]["text"] == "Soup"
    assert api.post("/api/v1/food/", {"text": " "}, format="json").status_code == 400
    tomorrow = (timezone.now() + timedelta(days=1)).isoformat()
    late = api.post("/api/v1/food/", {"text": "Soup", "eaten_at": tomorrow}, format="json")
    assert (late.status_code, late.json()["code"]) == (422, "meal_refused")


def test_the_range_over_rest(person: User) -> None:
    api = APIClient()
    api.force_authenticate(person)
    low = {"calories_low": 900, "calories_high": 1100}
    refused = api.patch("/api/v1/food/numbers/", low, format="json")
    assert (refused.status_code, refused.json()["code"]) == (409, "target_refused")
    fine = {"calories_low": 1800, "calories_high": 2200, "numbers_hidden": True}
    assert api.patch("/api/v1/food/numbers/", fine, format="json").json() == {**fine, "why_not": ""}
    gone = api.patch(
        "/api/v1/food/numbers/", {"calories_low": None, "calories_high": None}, format="json"
    )
    assert gone.json()["calories_low"] is None
    assert (
        api.patch("/api/v1/food/numbers/", {"calories_low": 1800}, format="json").status_code == 400
    )


# --- The coach ----------------------------------------------------------------------------------
def test_the_coach_notes_a_meal_and_takes_it_back(person: User) -> None:
    tool = tool_named("log_food")
    context = ToolContext(user=person, now=EVENING, call_id="call-1")
    for _ in range(2):
        card = tool.run(context, tool.args(food="I had lasagna for dinner, 650 kcal"))
    entry = FoodEntry.objects.get()
    assert (entry.text, entry.calories, entry.source) == ("Lasagna", 650, "chat")
    assert card.summary == "Noted: Lasagna, today at 19:00 (650 kcal)."
    assert card.undo is not None
    undo_verbs.get(card.undo.verb)(person, card.undo.args)
    entry.refresh_from_db()
    assert entry.deleted_at is not None


def test_meals_count_as_logged_and_their_calories_as_intake(person: User) -> None:
    targets.set_target(person, 1800, 2200, now=EVENING)
    logged(person, "Soup", calories=300)
    entry = logged(person, "Bread")
    days = [entry.local_date, entry.local_date]
    found = {
        source.key: [(day.fulfilled, day.asked) for day in source.days(person.pk, person.pk, *days)]
        for source in behavior_sources
        if source.key in ("habits.meals_logged", "habits.intake")
    }
    assert found == {"habits.meals_logged": [(2.0, 0.0)], "habits.intake": [(300.0, 2200.0)]}
