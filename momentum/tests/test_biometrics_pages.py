"""The page of measured days, and what the coach reads of them."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.day import local_day
from accounts.models import User
from accounts.tests.factories import UserFactory
from coaching.charts import ChartKind, draw
from coaching.toolkit import ToolContext, ToolRefused, card_views, data_sources, tool_named
from momentum.biometrics.days import DayValue, record_days
from momentum.biometrics.said import metrics_said, source_said, span_said
from momentum.models import BiometricChange, BiometricStream

pytestmark = pytest.mark.django_db
PAGE = "/momentum/data/"


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def some_days(user: User) -> date:
    today = local_day(user)
    nights = [DayValue("sleep_minutes", today - timedelta(days=n), 420 + n) for n in range(10)]
    weighed = [DayValue("weight_kg", today, 83.7)]
    record_days(user, nights + weighed, "garmin")
    return today


def test_nothing_measured_yet_says_what_to_do() -> None:
    page = client_of(UserFactory()).get(PAGE).content.decode()
    assert "Nothing measured yet" in page
    assert "Enter a day" in page


def test_the_page_shows_values_chart_sources_and_regularity(
    django_assert_max_num_queries: Any,
) -> None:
    user = UserFactory()
    some_days(user)
    client = client_of(user)
    client.get(PAGE)
    with django_assert_max_num_queries(25):
        page = client.get(PAGE).content.decode()
    for words in ("7 h 0 min", "Sleep, 30 days", "10 of 14 days have data", "Garmin"):
        assert words in page
    assert "83.7" not in page  # weight only where it is opened
    assert "83.7 kg" in client.get(PAGE, {"metric": "weight_kg"}).content.decode()


def test_a_value_is_entered_and_deleted_by_forms() -> None:
    user = UserFactory()
    client, today = client_of(user), local_day(user)
    form = {"metric": "steps", "day": today.isoformat(), "value": "4321"}
    page = client.post(reverse("momentum_data_enter"), form, follow=True).content.decode()
    assert "4,321" in page
    wrong = client.post(reverse("momentum_data_enter"), form | {"value": "-5"})
    assert wrong.status_code == 422
    assert "lies between" in wrong.content.decode()
    assert client.post(reverse("momentum_data_enter"), {}).status_code == 422
    address = reverse("momentum_data_forget", args=["steps", today])
    assert client_of(UserFactory()).post(address).status_code == 404
    assert client.post(address, follow=True).status_code == 200
    assert not BiometricStream.objects.exists()
    assert client.post(address).status_code == 404


def test_a_change_is_confirmed_and_taken_back_on_the_page() -> None:
    user = UserFactory()
    change = BiometricChange.objects.create(
        user=user,
        metric="steps",
        since=date(2026, 2, 1),
        until=date(2026, 2, 28),
        before=5000,
        after=8000,
    )
    client, address = client_of(user), reverse("momentum_data_change", args=[change.pk])
    assert "Is this so?" in client.get(PAGE).content.decode()
    page = client.post(address, {"answer": "confirm"}, follow=True).content.decode()
    assert "you confirmed the change" in page
    assert "Is this so?" not in page
    assert "Is this so?" in client.post(address, {"answer": "undo"}, follow=True).content.decode()
    assert client.post(address, {"answer": "maybe"}).status_code == 404
    stranger = client_of(UserFactory())
    assert stranger.post(address, {"answer": "confirm"}).status_code == 404


# --- The coach ----------------------------------------------------------------------------------
def ask(user: User, **args: str) -> Any:
    tool = tool_named("get_integration_data")
    context = ToolContext(user=user, now=timezone.now(), call_id="1")
    return tool.run(context, tool.args(**args))


def test_the_coach_tells_what_was_measured() -> None:
    user = UserFactory()
    some_days(user)
    card = ask(user, data_type="sleep", time_range="this week 7d")
    assert "7 h 0 min" in card.summary
    assert "Garmin" in card.summary
    view = card_views.get("momentum.biometrics")
    assert view.context(user, card)["rows"]
    everything = ask(user, integration="garmin")
    assert "Sleep" in everything.summary
    assert "83.7" not in everything.summary


def test_the_coach_says_that_there_is_nothing() -> None:
    user = UserFactory()
    card = ask(user, integration="garmin", data_type="sleep", time_range="last night")
    assert "no data from Garmin about sleep" in card.summary
    assert "not connected" in card.summary
    other = UserFactory()
    some_days(other)
    assert "no data" in ask(user).summary
    with pytest.raises(ToolRefused, match="Which one"):
        ask(user, data_type="blood sugar")


def test_series_can_be_drawn() -> None:
    user = UserFactory()
    today = some_days(user)
    for key in ("momentum.sleep", "momentum.steps", "momentum.resting_heart_rate"):
        source = data_sources.get(key)
        series = source.series(user, today - timedelta(days=29), today)
        assert len(series[0].points) == 30
        assert draw(ChartKind.LINE, series, title=source.title).svg


def test_words_for_data() -> None:
    assert metrics_said("how did I sleep last night") == ["sleep_minutes"]
    assert metrics_said("my resting heart rate") == ["resting_heart_rate"]
    assert metrics_said("heart rate variability") == ["hrv"]
    assert len(metrics_said("show my garmin data") or []) == 8
    assert metrics_said("mood") is None
    assert source_said("from my Apple Watch") == "healthkit"
    assert source_said("my steps") is None
    today = datetime(2026, 3, 18).date()  # a Wednesday
    for words, days in {
        "last night": (0, 0),
        "yesterday": (1, 1),
        "this week": (2, 0),
        "last week": (9, 3),
        "30d": (29, 0),
        "the last 2 weeks": (13, 0),
        "": (6, 0),
        "9999 years": (365, 0),
    }.items():
        span = span_said(words, today)
        assert ((today - span.first).days, (today - span.last).days) == days, words
