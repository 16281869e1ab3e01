"""Guardrail 7, clause by clause: when nothing may be teased."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from accounts.models import User
from accounts.tests.factories import UserFactory
from coaching.models import (
    Conversation,
    CrisisAlert,
    Message,
    MessageRole,
    Preferences,
)
from coaching.outreach.open_hours import OpenHours
from productivity.models import CoachingNudge, NudgeMode, NudgeTrigger, PersonaProfile
from productivity.nudging.easing import ease_up, end_ease, is_eased, wants_ease
from productivity.nudging.humor import (
    IN_WORDS,
    NoRoast,
    Standing,
    intensity_allowed,
    reasons_against,
    standing_of,
    standings,
)

from .factories import TaskFactory

NOON = datetime(2026, 6, 10, 10, tzinfo=UTC)  # 12:00 in Berlin, a Wednesday
DAY = timedelta(days=1)


def free(**changes) -> Standing:
    """Somebody of whom nothing speaks against a roast."""
    user = User(
        timezone="Europe/Berlin", created_at=NOON - 30 * DAY, birth_year=1985, day_start_hour=3
    )
    return replace(Standing(user=user, intensity=2), **changes)


def joined(days: float) -> User:
    return User(timezone="Europe/Berlin", created_at=NOON - days * DAY, birth_year=1985)


@pytest.mark.parametrize(
    ("standing", "reason"),
    [
        (free(intensity=0), NoRoast.NOT_OPTED_IN),
        (free(eased_until=NOON + timedelta(minutes=1)), NoRoast.EASED_UP),
        (free(roasted_today=True), NoRoast.ONE_A_DAY),
        (free(misses_in_a_row=3), NoRoast.MISSES_IN_A_ROW),
        (free(user=joined(6.9)), NoRoast.FIRST_WEEK),
        (free(in_crisis_pause=True), NoRoast.CRISIS_PAUSE),
        (free(in_distress=True), NoRoast.DISTRESS),
        (free(window=OpenHours(time(17), time(21))), NoRoast.QUIET_HOURS),
        (
            free(user=User(timezone="UTC", created_at=NOON - 30 * DAY, birth_year=2010)),
            NoRoast.MINOR,
        ),
    ],
    ids=lambda value: str(value) if isinstance(value, NoRoast) else "",
)
def test_each_clause_alone_forbids_a_roast(standing, reason):
    assert reasons_against(standing, now=NOON) == (reason,)
    assert intensity_allowed(standing, now=NOON) == 0
    assert IN_WORDS[reason]


@pytest.mark.parametrize("intensity", [1, 2, 3])
def test_where_nothing_speaks_against_it_the_chosen_strength_holds(intensity):
    assert intensity_allowed(free(intensity=intensity), now=NOON) == intensity
    assert intensity_allowed(free(misses_in_a_row=2), now=NOON) == 2
    assert intensity_allowed(free(user=joined(7)), now=NOON) == 2
    assert intensity_allowed(free(eased_until=NOON), now=NOON) == 2


@pytest.mark.parametrize(("hour", "quiet"), [(5, True), (6, False), (18, False), (19, True)])
def test_the_quiet_hours_of_the_house_hold_even_for_a_wide_window(hour, quiet):
    """21:00 to 08:00 in Berlin, whatever the person opened for other messages."""
    at = NOON.replace(hour=hour)
    standing = free(window=OpenHours(time(6), time(23, 30)))
    assert (NoRoast.QUIET_HOURS in reasons_against(standing, now=at)) is quiet


# --- What is read from the tables ------------------------------------------------------------------


@pytest.fixture
def ada(db: None) -> User:
    user = UserFactory(timezone="Europe/Berlin", birth_year=1985)
    User.objects.filter(pk=user.pk).update(created_at=NOON - 30 * DAY)
    user.refresh_from_db()
    Preferences.objects.create(user=user, humor_intensity=2)
    return user


def a_nudge(user: User, at: datetime, mode: NudgeMode = NudgeMode.ROAST, **fields) -> CoachingNudge:
    row: CoachingNudge = CoachingNudge.objects.create(
        user=user,
        trigger=NudgeTrigger.ASKED,
        mode=mode,
        persona_type="roast",
        humor_intensity=2 if mode == NudgeMode.ROAST else 0,
        generated_text="“Tax form” has stared at you long enough.",
        facts={"task": "Tax form"},
        created_at=at,
        **{"source": "template", "delivered": True, "delivered_at": at, **fields},
    )
    return row


def why(user: User, now: datetime = NOON) -> tuple[NoRoast, ...]:
    return reasons_against(standing_of(user, now=now), now=now)


def test_teasing_is_off_unless_the_person_turned_it_on(db):
    stranger = UserFactory()
    User.objects.filter(pk=stranger.pk).update(created_at=NOON - 30 * DAY)
    assert why(stranger) == (NoRoast.NOT_OPTED_IN,)
    Preferences.objects.create(user=stranger)
    assert NoRoast.NOT_OPTED_IN in why(stranger)


def test_one_roast_a_day_on_the_persons_own_day(ada):
    assert why(ada) == ()
    first = a_nudge(ada, NOON - timedelta(hours=1))
    assert why(ada) == (NoRoast.ONE_A_DAY,)
    assert why(ada, NOON + DAY) == ()
    assert reasons_against(standing_of(ada, now=NOON, besides=first.pk), now=NOON) == ()


def test_plain_nudges_do_not_count_as_roasts(ada):
    a_nudge(ada, NOON - timedelta(hours=1), NudgeMode.NEUTRAL)
    assert why(ada) == ()


def test_three_dates_missed_in_a_row_forbid_it_and_one_thing_done_ends_the_row(ada):
    for hours in (30, 20, 10):
        TaskFactory(user=ada, due_at=NOON - timedelta(hours=hours))
    assert why(ada) == (NoRoast.MISSES_IN_A_ROW,)
    TaskFactory(user=ada, status="completed", completed_at=NOON - timedelta(hours=15))
    assert why(ada) == ()


def test_a_crisis_pause_forbids_it(ada):
    conversation = Conversation.objects.create(user=ada)
    said = Message.objects.create(
        conversation=conversation,
        user=ada,
        role=MessageRole.USER,
        content="…",
        created_at=NOON - 6 * DAY,
    )
    CrisisAlert.objects.create(
        user=ada, message_id=said.pk, category="suicide", paused_until=NOON + DAY
    )
    assert why(ada) == (NoRoast.CRISIS_PAUSE,)


@pytest.mark.parametrize(
    ("fields", "distressed"),
    [
        ({"sentiment_score": -0.9}, True),
        ({"is_crisis": True}, True),
        ({"sentiment_score": -0.3}, False),
        ({"sentiment_score": -0.9, "role": MessageRole.ASSISTANT}, False),
        ({"sentiment_score": -0.9, "created_at": NOON - 3 * DAY}, False),
    ],
)
def test_distress_in_what_they_wrote_lately_forbids_it(ada, fields, distressed):
    conversation = Conversation.objects.create(user=ada)
    Message.objects.create(
        conversation=conversation,
        user=ada,
        **{
            "role": MessageRole.USER,
            "content": "I can not do this any more",
            "created_at": NOON - timedelta(hours=3),
            **fields,
        },
    )
    assert (NoRoast.DISTRESS in why(ada)) is distressed


def test_many_people_cost_three_queries(ada, django_assert_num_queries):
    people = [ada.pk, *(UserFactory().pk for _ in range(5))]
    with django_assert_num_queries(3):
        assert len(standings(people, now=NOON)) == 6


# --- Ease up -------------------------------------------------------------------------------------


def test_ease_up_holds_for_two_weeks_and_marks_the_roast_it_was_about(ada):
    roast = a_nudge(ada, NOON - timedelta(hours=1))
    assert ease_up(ada, now=NOON) == NOON + 14 * DAY
    roast.refresh_from_db()
    assert roast.misfire == "eased_up"
    assert NoRoast.EASED_UP in why(ada, NOON + 13.9 * DAY)
    assert NoRoast.EASED_UP not in why(ada, NOON + 14 * DAY)
    assert is_eased(ada, now=NOON) == NOON + 14 * DAY
    end_ease(ada)
    assert is_eased(ada, now=NOON) is None


def test_the_same_word_again_makes_it_two_weeks_from_then(ada):
    ease_up(ada, now=NOON)
    ease_up(ada, now=NOON + DAY)
    assert PersonaProfile.objects.get(user=ada).eased_until == NOON + 15 * DAY


@pytest.mark.parametrize(
    "text",
    ["Ease up", "ease up on me please", "Please tone it down!", "no more roasts", "Stop teasing me.",
     "Could you be nicer?", "go easy on me", "stop making fun of me"],
)  # fmt: skip
def test_plain_words_always_count(ada, text):
    assert wants_ease(ada, text, now=NOON)


@pytest.mark.parametrize("text", ["That was mean.", "not funny", "ouch", "that was a bit harsh"])
def test_hurt_words_count_after_a_roast(ada, text):
    assert not wants_ease(ada, text, now=NOON)
    a_nudge(ada, NOON - timedelta(hours=5))
    assert wants_ease(ada, text, now=NOON)
    assert not wants_ease(ada, text, now=NOON + 3 * DAY)


@pytest.mark.parametrize(
    "text",
    ["My boss was mean to me", "How can I ease up my back?", "that was funny", "this is nice",
     "Add a task: be nicer to Tom", "stop reminding me", "I was not nice to my sister today"],
)  # fmt: skip
def test_other_sentences_do_not(ada, text):
    a_nudge(ada, NOON - timedelta(hours=5))
    assert not wants_ease(ada, text, now=NOON)
