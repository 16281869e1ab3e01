"""Insights: found when they are there, silent when chance explains it, early when it is early."""

import random
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from accounts.tests.factories import UserFactory
from coaching.toolkit import Pillar
from coaching.toolkit.naming import names_of_things
from momentum.insights import Condition, Days, days_of, found_in, insights, look
from momentum.models import BiometricStream, JournalEntry
from momentum.scoring.versions import active

from .factories import TrackedUserFactory, add_events, an_event

TODAY = date(2026, 6, 1)
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
FIRST = TODAY - timedelta(days=90)
WORDS = ("On days with it", "On days after it", "Two days after it")
OWN = [Pillar.BIOMETRIC, Pillar.BIOMETRIC, Pillar.COGNITIVE, Pillar.RELATIONAL]


def chance_days(rng, *, sticks):
    """A person of whom nothing depends on anything; with `sticks` days resemble the day before."""
    days = Days(FIRST, TODAY - timedelta(days=1))
    span = [FIRST + timedelta(days=n) for n in range(90)]
    shapes = [
        lambda level: 100.0 * (level > 0.2),
        lambda level: 100 * min(1.0, max(0.0, 0.6 + 0.25 * level)),
        lambda level: min(100, 20 * round(5 * min(1, max(0, 0.7 + 0.3 * level)))),
        lambda level: 100.0 * (level < 1.5),
    ]
    rng.shuffle(shapes)
    for pillar, shape in zip(Pillar, shapes, strict=True):
        level = rng.gauss(0, 1)
        for day in span:
            level = sticks * level + (1 - sticks**2) ** 0.5 * rng.gauss(0, 1)
            if rng.random() < 0.85:
                days.evidence[pillar][day] = shape(level)
    for number, pillar in enumerate([*OWN, *[Pillar.BEHAVIORAL] * 6]):
        often, level, so = rng.uniform(0.1, 0.9), rng.gauss(0, 1), {}
        cut = sorted(rng.gauss(0, 1) for _ in range(200))[int(200 * (1 - often))]
        for day in span:
            level = sticks * level + (1 - sticks**2) ** 0.5 * rng.gauss(0, 1)
            so[day] = level > cut
        days.conditions.append(Condition(f"c{number}", "Something", pillar, WORDS, so))
    return days


@pytest.mark.parametrize("sticks", [0.0, 0.6])
def test_of_people_of_whom_nothing_is_to_be_found_at_most_one_in_twenty_is_told_anything(sticks):
    rng = random.Random(20260601)
    told = sum(bool(found_in(chance_days(rng, sticks=sticks)).found) for _ in range(200))
    assert told <= 10


@pytest.mark.parametrize("lag", [0, 1, 2])
def test_a_planted_effect_is_found_with_its_lag(lag):
    rng = random.Random(3)
    found = 0
    for _ in range(20):
        days = chance_days(rng, sticks=0.0)
        planted = days.conditions[0]
        days.evidence[Pillar.BEHAVIORAL] = {
            day + timedelta(days=lag): min(100, max(0, (80 if so else 50) + rng.gauss(0, 20)))
            for day, so in planted.days.items()
        }
        first = found_in(days).found[:1]
        found += bool(first) and (first[0].key, first[0].lag) == (f"c0:behavioral:{lag}", lag)
    assert found >= 18


def test_five_days_with_and_five_without_are_needed():
    days = Days(FIRST, TODAY - timedelta(days=1))
    span = [FIRST + timedelta(days=n) for n in range(30)]
    so = {day: n < 4 for n, day in enumerate(span)}
    days.evidence[Pillar.BEHAVIORAL] = {
        day: 100.0 if so[day] else n % 3 for n, day in enumerate(span)
    }
    days.conditions = [Condition("sleep", "Sleep", Pillar.BIOMETRIC, WORDS, so)]
    early = found_in(days)
    assert (early.found, early.days_needed) == ((), 1)
    assert early.words == "Too early: it needs 1 more day."
    so[span[4]] = True
    days.evidence[Pillar.BEHAVIORAL][span[4]] = 100.0
    days.conditions = [Condition("sleep", "Sleep", Pillar.BIOMETRIC, WORDS, so)]
    assert found_in(days).found


def test_what_a_pillar_is_made_of_is_not_held_against_itself():
    days = chance_days(random.Random(1), sticks=0.0)
    days.evidence[Pillar.BIOMETRIC] = {
        day: 100.0 * so for day, so in days.conditions[0].days.items()
    }
    assert not any("c0:biometric" in one.key for one in found_in(days).found)


@pytest.fixture
def sleeper(db):
    """Somebody who does more after longer nights, walks as it comes, and weighs in."""
    person = TrackedUserFactory(timezone="UTC")
    rng = random.Random(5)
    walk, read = uuid4(), uuid4()
    events = []
    for number in range(60):
        day = TODAY - timedelta(days=60 - number)
        slept = rng.choice([360, 380, 430, 450])
        events.append(an_event(person, day, "sleep", slept / 480, raw_value=slept))
        events.append(an_event(person, day, "steps", 0.5, raw_value=rng.uniform(3000, 9000)))
        for thing in (walk, read):
            did = rng.random() < (0.9 if slept >= 405 else 0.4)
            event_type = "habit.completed" if did else "habit.missed"
            subject = f"action_step:{thing}:1"
            events.append(
                an_event(person, day, score=float(did), subject=subject, event_type=event_type)
            )
        BiometricStream.objects.create(
            user=person,
            metric="weight_kg",
            date=day,
            value=80 + did,
            unit="kg",
            source="manual",
            measured_until=NOW,
        )
    add_events(events)
    return person


def test_people_read_what_goes_together_in_their_own_words(sleeper):
    first = insights(sleeper, NOW)[0]
    assert first.key == "sleep:behavioral:0"
    assert first.words.startswith(
        "After 7 h 10 min of sleep or more you did more of what you planned: "
    )
    assert (
        f"({first.days_with} and {first.days_without} days; the difference lies between"
        in first.words
    )
    assert first.low > 0
    assert first.days_with + first.days_without == 60
    words = " ".join(one.words for one in insights(sleeper, NOW)).lower()
    assert not any(word in words for word in ("weight", "kg", "cause", "because", "leads to"))


def test_habits_are_named_where_their_domain_tells_their_names(sleeper):
    def names(user, ids):
        return dict.fromkeys(ids, "Morning walk")

    with names_of_things.instead(test__things=names):
        told = insights(sleeper, NOW)
    assert len(told) <= 5
    assert any("“Morning walk”" in one.words for one in told)


def test_the_journal_and_the_running_day_count_as_they_should(sleeper):
    for number in range(1, 21):
        JournalEntry.objects.create(
            user=sleeper,
            text="Fine.",
            source="web",
            local_date=TODAY - timedelta(days=number),
            is_crisis=number % 2 == 0,
        )
    add_events([an_event(sleeper, TODAY, "sleep", 1.0, raw_value=480)])
    days = days_of(sleeper, TODAY)
    journal = next(one for one in days.conditions if one.key == "journal")
    assert sum(journal.days.values()) == 10
    assert all(TODAY not in one.days for one in days.conditions)


@pytest.mark.django_db
def test_without_consent_or_days_nothing_is_told():
    assert look(UserFactory(), NOW).words == "Nothing is looked at without your consent."
    fresh = look(TrackedUserFactory(), NOW)
    assert (fresh.found, fresh.days_needed) == ((), 10)


def test_insights_cost_few_queries(sleeper, django_assert_max_num_queries):
    active()
    with django_assert_max_num_queries(7):
        look(sleeper, NOW)
