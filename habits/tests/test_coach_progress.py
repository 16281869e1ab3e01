"""The coach's tools for habits: what they say, what they write, and that it can be taken back."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.day import local_day, local_moment
from coaching.toolkit import (
    ToolContext,
    ToolRefused,
    card_views,
    context_blocks,
    data_sources,
    tool_named,
    undo_verbs,
)
from habits import automaticity, modification, naming, progress
from habits.models import ChangeStatus, HabitChange, HabitCompletion

from .factories import GoalFactory, HabitFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    return UserFactory()


@pytest.fixture
def today(person):
    return local_day(person)


def call(person, name, call_id="call-1", **args):
    tool = tool_named(name)
    context = ToolContext(user=person, now=timezone.now(), call_id=call_id)
    return tool.run(context, tool.args(**args))


def shown(person, card):
    view = card_views.get(card.kind)
    return render_to_string(view.template, view.context(person, card))


def lived(person, name, days, keeps, hour=None, **fields):
    """A habit that began `days` ago and was done on those days back for which `keeps` says so."""
    today = local_day(person)
    habit = HabitFactory(user=person, name=name, starts_on=today - timedelta(days=days), **fields)
    HabitCompletion.objects.bulk_create(
        HabitCompletion(
            habit=habit,
            user=person,
            local_date=today - timedelta(days=back),
            status="done",
            source="web",
            completed_at=None
            if hour is None
            else local_moment(
                person,
                today - timedelta(days=back),
                datetime(2026, 1, 1, hour, (back * 7) % 30).time(),
            ),
        )
        for back in range(1, days + 1)
        if keeps(back)
    )
    return habit


def test_progress_names_the_best_and_the_hardest(person):
    lived(person, "Morning walk", 40, lambda back: True, hour=7)
    lived(person, "Evening reading", 40, lambda back: back % 4 == 0, hour=7)
    GoalFactory(user=person)
    card = call(person, "analyze_progress", time_period="30d")
    assert "Morning walk goes best" in card.summary
    assert "Evening reading finds it hardest" in card.summary
    assert "around 07:" in card.summary
    assert card.suggestions[0] == "Make Evening reading easier"
    assert "Morning walk" in shown(person, card)


def test_progress_of_one_named_habit_is_about_that_one(person):
    lived(person, "Morning walk", 40, lambda back: True)
    lived(person, "Evening reading", 40, lambda back: False)
    card = call(person, "analyze_progress", habit_ids=["walking"], time_period="14d")
    assert card.data["period"] == "30d"
    assert (card.data["done"], card.data["asked"]) == (29, 29)


def test_progress_says_when_it_is_too_early(person, today):
    HabitFactory(user=person, starts_on=today)
    assert "too early" in call(person, "analyze_progress").summary


def test_progress_without_habits_offers_a_beginning(person):
    card = call(person, "analyze_progress")
    assert "no habits running" in card.summary
    assert shown(person, card)


def test_a_trend_is_told_against_the_time_before(person):
    lived(person, "Morning walk", 60, lambda back: back < 30 or back % 2)
    assert "points more than the month before" in call(person, "analyze_progress").summary


def test_ticking_by_name_can_be_taken_back(person, today):
    habit = HabitFactory(user=person, name="Read ten pages", starts_on=today)
    card = call(person, "complete_habit", habit="reading")
    assert card.summary == "Read ten pages: done today. That was all for today."
    assert habit.completions.get().source == "chat"
    assert "Done" in shown(person, card)
    back = undo_verbs.get(card.undo.verb)(person, card.undo.args)
    undo_verbs.get(card.undo.verb)(person, card.undo.args)
    assert "taken back" in back.summary
    assert not habit.completions.exists()
    assert "Not done" in shown(person, card)


def test_an_unknown_habit_is_asked_about(person, today):
    HabitFactory(user=person, name="Read ten pages", starts_on=today)
    HabitFactory(user=person, name="Stretch", starts_on=today)
    with pytest.raises(ToolRefused, match="Read ten pages, Stretch"):
        call(person, "complete_habit", habit="the piano")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("walk", "Morning walk"),
        ("my morning walk", "Morning walk"),
        ("walked", "Morning walk"),
        ("meditation", None),
        ("run", "Easy run"),
        ("running", "Easy run"),
        ("", None),
    ],
)
def test_habits_are_known_by_a_few_words(text, name):
    habits = [
        HabitFactory.build(user=None, name=known)
        for known in ("Morning walk", "Easy run", "Evening stretch")
    ]
    found = naming.meant_by(text, habits)
    assert (found.name if found else None) == name


@pytest.mark.parametrize("issue", ["too_hard", "no_time", "forgot", "unmotivated"])
def test_a_change_is_proposed_and_applied_once_accepted(person, issue):
    habit = lived(person, "Easy run", 30, lambda back: back % 3 == 0, duration_minutes=30)
    lived(person, "Morning coffee ritual", 60, lambda back: True)
    before = (habit.cadence, habit.duration_minutes)
    card = call(person, "suggest_habit_modification", habit="run", issue=issue)
    again = call(person, "suggest_habit_modification", habit="run", issue=issue)
    assert card.subject == again.subject
    habit.refresh_from_db()
    assert (habit.cadence, habit.duration_minutes) == before
    change = HabitChange.objects.get(pk=card.subject)
    assert "Accept" in shown(person, card)
    for _ in range(2):
        modification.accept(person, change, source="web")
    habit.refresh_from_db()
    expected = {
        "too_hard": habit.duration_minutes == 2,
        "no_time": (habit.cadence, habit.times_per_week) == ("times_per_week", 4),
        "forgot": habit.stacks.count() == 1,
        "unmotivated": habit.size == "two_minute",
    }
    assert expected[issue]
    assert "Accepted" in shown(person, card)


def test_a_declined_or_stale_change_is_not_applied(person):
    habit = lived(person, "Easy run", 30, lambda back: False)
    declined = modification.propose(person, habit, "too_hard")
    modification.decline(person, declined, source="web")
    stale = modification.propose(person, habit, "too_hard")
    stale.expires_at = timezone.now() - timedelta(days=1)
    stale.save()
    for change in (declined, stale):
        with pytest.raises(modification.ChangeRefused):
            modification.accept(person, change, source="web")
    assert HabitChange.objects.filter(status=ChangeStatus.ACCEPTED).count() == 0


def test_a_stranger_cannot_accept(person):
    change = modification.propose(person, lived(person, "Run", 9, lambda b: False), "forgot")
    with pytest.raises(HabitChange.DoesNotExist):
        modification.accept(UserFactory(), change, source="web")


def test_chances_come_with_their_reasons(person):
    lived(person, "Morning walk", 40, lambda back: True)
    card = call(person, "predict_success", habit="walk")
    assert card.data["percent"] >= 80
    assert "you did 40 of the last 40" in card.summary
    assert "%" in shown(person, card)


def test_low_chances_offer_the_small_version(person):
    lived(person, "Easy run", 40, lambda back: back > 35, tiny_version="Put on your shoes")
    card = call(person, "predict_success", habit="run")
    assert card.data["percent"] < 50
    assert "Put on your shoes" in card.summary


def test_below_five_observations_there_is_no_number(person, today):
    HabitFactory(user=person, name="Easy run", starts_on=today - timedelta(days=3))
    card = call(person, "predict_success", habit="run")
    assert card.data["percent"] is None
    assert "too early" in card.summary
    proposed = call(person, "predict_success", habit="learn the trumpet")
    assert proposed.data["percent"] is None
    assert "%" not in proposed.summary


def test_a_good_time_comes_from_the_persons_own_hours(person):
    lived(person, "Evening stretch", 30, lambda back: True, hour=19)
    card = call(person, "find_optimal_time", habit_type="stretch")
    assert card.data["known"] is True
    assert card.data["slots"][0]["at"][:2] in ("18", "19")
    assert "19:" in shown(person, card)


def test_without_known_hours_it_says_so(person):
    card = call(person, "find_optimal_time", habit_type="reading")
    assert card.data["known"] is False
    assert "don't know your usual hours yet" in card.summary


def test_hours_all_around_the_clock_are_called_varied(person):
    zone = ZoneInfo("Europe/Berlin")
    moments = [datetime(2026, 3, day, day % 24, tzinfo=zone) for day in range(1, 25)]
    assert progress.usual_hours(moments, zone).in_words() == "varied"


def test_midnight_is_between_late_and_early(person):
    zone = ZoneInfo("UTC")
    moments = [datetime(2026, 3, day, 23 if day % 2 else 1, tzinfo=zone) for day in range(1, 21)]
    found = progress.usual_hours(moments, zone)
    assert found.hour is not None
    assert min(found.hour, 24 - found.hour) < 0.01


def test_the_context_tells_today_and_the_goals(person):
    lived(person, "Morning walk", 40, lambda back: True)
    lived(person, "Easy run", 40, lambda back: back % 5 == 0)
    GoalFactory(user=person, text="Run a 5K")
    lines = "\n".join(context_blocks.get("habits.today").lines(person, timezone.now()))
    assert "Goal: Run a 5K" in lines
    assert "Morning walk (every day): open" in lines
    assert "40 days in a row" in lines
    struggle = list(context_blocks.get("habits.struggling").lines(person, timezone.now()))
    assert struggle[0].startswith("Easy run: 5 of 29")


@pytest.mark.parametrize("key", ["habits.completions", "habits.strength", "habits.streaks"])
def test_series_cover_every_day_asked_for(person, today, key):
    lived(person, "Morning walk", 20, lambda back: back % 5)
    lived(person, "Gym", 20, lambda back: back % 3, cadence="times_per_week", times_per_week=3)
    first = today - timedelta(days=29)
    for series in data_sources.get(key).series(person, first, today):
        assert [point.day for point in series.points] == [
            first + timedelta(days=offset) for offset in range(30)
        ]
        assert all(
            point.value is None or series.low <= point.value <= series.high
            for point in series.points
        )
    assert data_sources.get(key).series(UserFactory(), first, today) is not None


def test_the_curve_is_fitted_only_with_enough_days_and_says_usually_two_to_eight_months():
    assert automaticity.fit([(day, 1.0) for day in range(20)]).state == "early"
    assert automaticity.fit([(day, 1.0) for day in range(60)]).state == "flat"
    rising = [(day, min(1.0, 1 - 0.8 * 2.718 ** (-day / 20))) for day in range(150)]
    fitted = automaticity.fit(rising)
    assert fitted.state == "fitted"
    assert fitted.low is not None
    assert fitted.high is not None
    assert 55 <= fitted.low <= fitted.high <= 65
    for curve in (fitted, automaticity.fit([])):
        assert "usually two to eight months" in curve.in_words()


def test_a_day_that_still_runs_is_no_miss_in_the_series(person, today):
    lived(person, "Morning walk", 10, lambda back: True)
    [series] = data_sources.get("habits.completions").series(
        person, today - timedelta(days=3), today
    )
    assert [point.value for point in series.points] == [1.0, 1.0, 1.0, None]
    assert series.points[-1].label == "0 of 1 so far"


def test_the_newest_change_is_accepted_by_word(person):
    lived(person, "Evening reading", 20, lambda back: back % 3 == 0)
    call(person, "suggest_habit_modification", habit="reading", issue="too_hard")
    card = call(person, "accept_change", call_id="call-2")
    assert "Evening reading is changed" in card.summary
    assert HabitChange.objects.get().status == ChangeStatus.ACCEPTED
    with pytest.raises(ToolRefused):
        call(person, "accept_change", call_id="call-3")


def test_a_part_is_left_out_of_a_plan_by_its_words(person):
    whole = call(person, "create_habit_sequence", goal="Run a 5K", time_available=40)
    part = call(
        person,
        "create_habit_sequence",
        "call-2",
        goal="Run a 5K",
        time_available=40,
        leave_out=["strength"],
    )
    assert "trength" in str([phase["habits"] for phase in whole.data["phases"]])
    assert "trength" not in str([phase["habits"] for phase in part.data["phases"]])
    with pytest.raises(ToolRefused, match="no “banana”"):
        call(person, "create_habit_sequence", "call-3", goal="Run a 5K", leave_out=["banana"])
