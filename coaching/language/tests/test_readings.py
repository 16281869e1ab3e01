"""What each reader makes of the ways people say things."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from coaching.language import (
    Emotion,
    GoalCategory,
    Obstacle,
    Unit,
    goal_category,
    parse_constraints,
    parse_difficulty,
    parse_frequency,
    parse_goal,
    parse_metrics,
    parse_minutes_per_day,
    parse_moment,
    parse_obstacle,
    parse_period,
    parse_time_of_day,
    parse_timeframe,
    tone,
)

TODAY = date(2026, 11, 21)  # a Saturday
NOW = datetime(2026, 11, 21, 14, 0, tzinfo=ZoneInfo("Europe/Berlin"))


@pytest.mark.parametrize(
    ("said", "deadline"),
    [
        ("in 3 months", "2027-02-21"),
        ("within six weeks", "2027-01-02"),
        ("by summer", "2027-06-21"),
        ("by 15 March", "2027-03-15"),
        ("by March 15th", "2027-03-15"),
        ("by March", "2027-03-01"),
        ("by the end of March", "2027-03-31"),
        ("before Christmas", "2026-12-25"),
        ("this year", "2026-12-31"),
        ("by the end of the month", "2026-11-30"),
        ("by the end of the quarter", "2026-12-31"),
        ("by end of next month", "2026-12-31"),
        ("next Friday", "2026-11-27"),
        ("12 weeks", "2027-02-13"),
        ("a 12-week plan", "2027-02-13"),
        ("over the next 90 days", "2027-02-19"),
        ("by 2027-03-01", "2027-03-01"),
        ("in half a year", "2027-05-21"),
        ("in a couple of months", "2027-01-21"),
        ("in a year and a half", "2028-05-21"),
        ("before easter", "2027-03-28"),
        ("until thanksgiving", "2026-11-26"),
        ("by the new year", "2027-01-01"),
        ("starting monday for 8 weeks", "2027-01-18"),
    ],
)
def test_deadlines_are_read(said, deadline):
    found = parse_timeframe(f"I want to run a 5K {said}", TODAY)
    assert found is not None
    assert found.deadline.isoformat() == deadline


@pytest.mark.parametrize(
    "said",
    [
        "3 times a week",
        "30 minutes a day",
        "I have been running for 3 years",
        "every 2 weeks",
        "no rush",
        "I may run",
        "5 days ago",
    ],
)
def test_what_is_no_deadline_is_not_read_as_one(said):
    assert parse_timeframe(said, TODAY) is None


def test_a_numeric_date_follows_the_locale_and_a_season_the_hemisphere():
    american = parse_timeframe("by 3/4", TODAY, locale="en-US")
    british = parse_timeframe("by 3/4", TODAY, locale="en-GB")
    southern = parse_timeframe("by summer", TODAY, southern=True)
    assert american is not None
    assert british is not None
    assert southern is not None
    assert american.deadline == date(2027, 3, 4)
    assert british.deadline == date(2027, 4, 3)
    assert southern.deadline == date(2026, 12, 21)


def test_the_last_day_of_the_year_means_the_next_one():
    found = parse_timeframe("this year", date(2026, 12, 31))
    assert found is not None
    assert found.deadline == date(2027, 12, 31)


@pytest.mark.parametrize(
    ("said", "minutes"),
    [
        ("45 minutes a day", 45),
        ("half an hour each morning", 30),
        ("an hour and a half", 90),
        ("20 min daily", 20),
        ("I have about 30 mins", 30),
        ("1h30 a day", 90),
        ("1 hour 20 minutes", 80),
        ("20-30 minutes", 20),
        ("5 hours a week", 43),
        ("two hours every evening", 120),
        ("45 minutes a day for a run of 20 minutes", 45),
        ("8 hours of sleep", None),
        ("run 5k in 25 minutes", None),
        ("I am tired", None),
        ("30", None),
    ],
)
def test_minutes_a_day_are_read(said, minutes):
    assert parse_minutes_per_day(said) == minutes


@pytest.mark.parametrize(
    ("said", "minutes"),
    [("30", 30), ("about 30", 30), ("maybe twenty or so", 20), ("no idea", None)],
)
def test_a_bare_number_counts_as_an_answer(said, minutes):
    assert parse_minutes_per_day(said, answering=True) == minutes


@pytest.mark.parametrize(
    ("said", "value", "unit"),
    [
        ("run a 5K", 5, Unit.KILOMETRES),
        ("lose 20 pounds", 20, Unit.POUNDS),
        ("lose 10 kg", 10, Unit.KILOGRAMS),
        ("save $10,000", 10000, Unit.USD),
        ("save £5k", 5000, Unit.GBP),
        ("learn 1500 words", 1500, Unit.WORDS),
        ("read 12 books", 12, Unit.BOOKS),
        ("8 hours of sleep", 8, Unit.HOURS_OF_SLEEP),
        ("reach B1 level", 3, Unit.LEVEL),
        ("10k steps", 10000, Unit.STEPS),
        ("a half marathon", 21.1, Unit.KILOMETRES),
    ],
)
def test_targets_are_read(said, value, unit):
    (metric,) = parse_metrics(said)
    assert (metric.value, metric.unit) == (value, unit)


@pytest.mark.parametrize(
    ("said", "per_week"),
    [
        ("3 times a week", 3),
        ("every other day", 3.5),
        ("on Mondays and Thursdays", 2),
        ("twice a day", 14),
        ("3x/week", 3),
        ("weekdays", 5),
        ("daily", 7),
        ("every 2 weeks", 0.5),
    ],
)
def test_frequencies_are_read(said, per_week):
    found = parse_frequency(said)
    assert found is not None
    assert found.per_week == per_week


@pytest.mark.parametrize(
    ("said", "at", "weekdays"),
    [
        ("tomorrow at 7", "2026-11-22 07:00", ()),
        ("every weekday at 7:30am", "2026-11-23 07:30", (0, 1, 2, 3, 4)),
        ("tonight", "2026-11-21 20:00", ()),
        ("in two hours", "2026-11-21 16:00", ()),
        ("on Friday evening", "2026-11-27 19:00", ()),
        ("at noon", "2026-11-22 12:00", ()),
        ("each Sunday 6pm", "2026-11-22 18:00", (6,)),
        ("at 7", "2026-11-21 19:00", ()),
        ("at 3", "2026-11-21 15:00", ()),
        ("Mondays and Wednesdays at 6", "2026-11-23 06:00", (0, 2)),
        ("quarter to nine tomorrow", "2026-11-22 08:45", ()),
        ("on 15 March at 9", "2027-03-15 09:00", ()),
        ("every evening at 9", "2026-11-21 21:00", (0, 1, 2, 3, 4, 5, 6)),
    ],
)
def test_moments_are_read(said, at, weekdays):
    found = parse_moment(said, NOW)
    assert found is not None
    assert (f"{found.at:%Y-%m-%d %H:%M}", found.weekdays) == (at, weekdays)


def test_a_text_without_a_time_has_no_moment():
    assert parse_moment("drink 5 glasses of water", NOW) is None


def test_hours_from_now_are_real_hours_over_a_change_of_the_clocks():
    before = datetime(2026, 10, 25, 1, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    found = parse_moment("in 3 hours", before)
    assert found is not None
    assert f"{found.at:%H:%M}" == "03:30"


@pytest.mark.parametrize(
    ("said", "goal"),
    [
        ("help me run a 5K in 3 months", "run a 5K"),
        ("Create a habit sequence to help me run a 5K in 3 months, 45 minutes a day", "run a 5K"),
        (
            "I want to learn conversational Spanish by summer, I have 30 minutes",
            "learn conversational Spanish",
        ),
        ("Save $10,000 for emergency fund this year", "Save $10,000 for emergency fund"),
        ("I want to lose 20 pounds in 6 months but I have a bad knee", "lose 20 pounds"),
        ("i am saving for a house", "save for a house"),
        ("wnat to lern french", "learn french"),
        ("conversational Spanish by summer", "conversational Spanish"),
        ("can you make me a plan for running a marathon?", "running a marathon"),
    ],
)
def test_the_goal_is_taken_out_of_its_sentence(said, goal):
    found = parse_goal(said)
    assert found is not None
    assert found.words == goal


@pytest.mark.parametrize(
    "said",
    [
        "make me a plan",
        "I want to see my progress",
        "help me",
        "I want to give up",
        "how am I doing?",
    ],
)
def test_what_is_no_goal_is_not_taken_for_one(said):
    assert parse_goal(said) is None


@pytest.mark.parametrize(
    ("said", "category"),
    [
        ("run a 5K", GoalCategory.FITNESS),
        ("learn conversational Spanish", GoalCategory.LEARNING),
        ("save $10,000", GoalCategory.FINANCIAL),
        ("sleep better", GoalCategory.WELLNESS),
        ("stop procrastinating at work", GoalCategory.PRODUCTIVITY),
        ("lose 20 pounds", GoalCategory.FITNESS),
        ("medtitate every day", GoalCategory.WELLNESS),
        ("write a novel", GoalCategory.PRODUCTIVITY),
        ("read 12 books", GoalCategory.LEARNING),
        ("qwerty", None),
    ],
)
def test_goals_have_their_category(said, category):
    assert goal_category(said) is category


@pytest.mark.parametrize(
    ("said", "emotion", "sign"),
    [
        ("I'm so frustrated, this isn't working", Emotion.FRUSTRATED, -1),
        ("I feel like giving up", Emotion.DISCOURAGED, -1),
        ("I'm not happy with it", Emotion.DISCOURAGED, -1),
        ("I did it!! so proud", Emotion.PROUD, 1),
        ("can't wait to start", Emotion.EXCITED, 1),
        ("I am a bit worried", Emotion.ANXIOUS, -1),
        ("not stressed at all", Emotion.NEUTRAL, 0),
        ("run a 5k", Emotion.NEUTRAL, 0),
    ],
)
def test_tone_is_heard(said, emotion, sign):
    found = tone(said)
    assert found.emotion is emotion
    assert (found.score > 0) - (found.score < 0) == sign
    assert bool(found.words) == (emotion is not Emotion.NEUTRAL)


def test_constraints_are_tags_with_the_words_that_said_them():
    found = parse_constraints("I have a bad knee, no gym, and I work night shifts")
    assert [(one.tag, one.words) for one in found] == [
        ("knee", "bad knee"),
        ("no_gym", "no gym"),
        ("shift_work", "night shifts"),
    ]


@pytest.mark.parametrize(
    ("said", "time"),
    [
        ("mornings", "morning"),
        ("I'm not a morning person", "evening"),
        ("after work", "evening"),
        ("at lunch", "midday"),
        ("whenever", "any"),
        ("good morning", None),
    ],
)
def test_the_time_of_day_is_read(said, time):
    assert parse_time_of_day(said) == time


@pytest.mark.parametrize(
    ("said", "level"),
    [
        ("make it easier", "easy"),
        ("not too hard please", "easy"),
        ("push me", "challenging"),
        ("just a plan", None),
    ],
)
def test_difficulty_is_read(said, level):
    assert parse_difficulty(said) == level


@pytest.mark.parametrize(
    ("said", "code"),
    [("last week", "7d"), ("the past 3 months", "90d"), ("all time", "all"), ("this month", "30d")],
)
def test_periods_are_read(said, code):
    found = parse_period(said)
    assert found is not None
    assert found.code == code


@pytest.mark.parametrize(
    ("said", "obstacle"),
    [
        ("I just forget", Obstacle.FORGOT),
        ("no time, really", Obstacle.NO_TIME),
        ("it's too hard", Obstacle.TOO_HARD),
        ("I don't feel like it", Obstacle.UNMOTIVATED),
        ("blue", None),
    ],
)
def test_obstacles_are_read(said, obstacle):
    assert parse_obstacle(said) is obstacle
