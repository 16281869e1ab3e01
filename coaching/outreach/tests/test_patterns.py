"""What is learned of a person's hours, days and answers, what it takes, and that it is forgotten."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from math import isclose
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.template.loader import render_to_string
from django.test import RequestFactory
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from accounts.consent import set_consent
from accounts.models import ConsentKind, ConsentSource, User
from accounts.tests.factories import UserFactory
from coaching import ledger
from coaching.models import (
    CoachMessage,
    InteractionPattern,
    MessageTemplate,
    NudgeDecision,
    RawBehavioralLog,
)
from coaching.outreach import patterns
from coaching.outreach.answering import Engagement, preferred_channel
from coaching.outreach.rhythm import CONSTANTS, Rhythm, rhythm_of, rhythms

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)  # eight days after Berlin's clocks went back
EVERYBODY = User.objects.all


def agrees(person: User, *, granted: bool = True) -> None:
    set_consent(person, ConsentKind.BEHAVIORAL_TRACKING, granted, ConsentSource.WEB)


@pytest.fixture
def person(db: None) -> User:
    person = UserFactory()
    agrees(person)
    return person


def was_active(
    person: User, moments: list[datetime], *, source: str = "web", **raw: object
) -> None:
    RawBehavioralLog.objects.bulk_create(
        RawBehavioralLog(
            user=person,
            interaction_type="habit.completed",
            source=source,
            occurred_at=moment,
            raw_data=raw,
            idempotency_key=uuid4().hex,
        )
        for moment in moments
    )


def at_local(hour: int, minute: int = 0, *, days: int, zone: ZoneInfo = BERLIN) -> list[datetime]:
    """That clock time on each of the last `days` days before NOW."""
    return [
        datetime.combine(
            NOW.date() - timedelta(days=back), datetime.min.time(), tzinfo=zone
        ).replace(hour=hour, minute=minute)
        for back in range(1, days + 1)
    ]


def learned(person: User) -> InteractionPattern:
    patterns.analyze(EVERYBODY(), now=NOW)
    return InteractionPattern.objects.get(user=person)


# --- The circle -----------------------------------------------------------------------------------
@given(st.integers(0, 1439), st.integers(0, 300))
def test_times_around_any_hour_meet_at_that_hour(middle: int, spread: int) -> None:
    """Also around midnight: 23:30 and 00:30 agree on midnight, not on noon."""
    start = datetime(2026, 6, 1) + timedelta(minutes=middle)
    moments = [
        start + timedelta(days=day, minutes=sign * spread)
        for day in range(0, 40, 2)
        for sign in (-1, 1)
    ]
    rhythm = rhythm_of(moments)
    assert rhythm.mean_hour is not None
    apart = abs(rhythm.mean_hour - middle / 60)
    assert min(apart, 24 - apart) < 0.01
    assert rhythm.concentration is not None
    assert rhythm.concentration > 0.2


@given(st.integers(0, 23), st.sampled_from([1, 5, 7, 11, 13]))
def test_hours_spread_over_the_whole_day_are_varied(first: int, step: int) -> None:
    moments = [
        datetime(2026, 6, 1) + timedelta(days=day, hours=(first + step * day) % 24)
        for day in range(48)
    ]
    rhythm = rhythm_of(moments)
    assert rhythm.concentration is not None
    assert rhythm.concentration < CONSTANTS.varied_below
    assert rhythm.busiest_hours() == []


def test_one_busy_hour_of_a_day_counts_once() -> None:
    once = rhythm_of([datetime(2026, 6, 1, 7, 10)])
    often = rhythm_of([datetime(2026, 6, 1, 7, 5), datetime(2026, 6, 1, 7, 15)] * 20)
    assert often.hours == once.hours
    assert often.mean_hour == pytest.approx(once.mean_hour)


@given(st.lists(st.integers(0, 23), max_size=60))
def test_shares_of_the_hours_add_up_and_start_out_even(hours: list[int]) -> None:
    rhythm = rhythm_of(
        [datetime(2026, 6, 1) + timedelta(days=d, hours=h) for d, h in enumerate(hours)]
    )
    assert isclose(sum(rhythm.share_at(hour) for hour in range(24)), 1)
    assert isclose(Rhythm().share_near(9), 1 / 8)
    assert len(rhythm.busiest_hours()) <= CONSTANTS.most_hours


def test_a_weekday_is_named_only_when_it_stands_out() -> None:
    every_day = rhythm_of([datetime(2026, 6, 1, 8) + timedelta(days=d) for d in range(56)])
    assert every_day.busiest_weekdays(date(2026, 7, 26)) == []
    mondays = [datetime(2026, 6, 1, 8) + timedelta(weeks=w) for w in range(8)]
    others = [datetime(2026, 6, 2, 8) + timedelta(days=9 * n) for n in range(6)]
    assert rhythm_of(mondays + others).busiest_weekdays(date(2026, 7, 26)) == ["monday"]


# --- From the ledger ------------------------------------------------------------------------------
@settings(max_examples=15)
@given(
    st.lists(st.integers(0, 30 * 24 * 60), min_size=1, max_size=30),
    st.sampled_from(["Europe/Berlin", "America/St_Johns", "Pacific/Kiritimati", "Asia/Kathmandu"]),
    st.integers(0, 6),
)
@pytest.mark.django_db
def test_the_database_and_python_see_the_same_rhythm(
    minutes_ago: list[int], zone: str, day_start: int
) -> None:
    person = UserFactory(timezone=zone, day_start_hour=day_start)
    moments = [NOW - timedelta(minutes=ago + 1) for ago in minutes_ago]
    was_active(person, moments)
    seen = rhythms([person], now=NOW)[person.pk]
    expected = rhythm_of([m.astimezone(ZoneInfo(zone)) for m in moments], day_start)
    assert (seen.hours, seen.weekdays, seen.days, seen.first_day) == (
        expected.hours,
        expected.weekdays,
        expected.days,
        expected.first_day,
    )
    assert seen.x == pytest.approx(expected.x, abs=1e-9)
    assert seen.y == pytest.approx(expected.y, abs=1e-9)


def test_the_clock_time_counts_on_both_sides_of_a_daylight_saving_night(person: User) -> None:
    was_active(person, at_local(7, 30, days=20))
    pattern = learned(person)
    assert pattern.usual_hour == pytest.approx(7.5)
    assert pattern.hours_concentration == pytest.approx(1)
    assert pattern.most_active_hours == [7]
    assert patterns.usual_hours_in_words(pattern) == "around 07:30"


def test_below_fourteen_active_days_there_are_only_counts(person: User) -> None:
    was_active(person, at_local(7, days=13))
    pattern = learned(person)
    assert (pattern.most_active_hours, pattern.most_active_days) == ([], [])
    assert (pattern.usual_hour, pattern.hours_concentration) == (None, None)
    assert pattern.active_days_seen == 13
    assert 0 < pattern.confidence_score < 0.5
    assert patterns.usual_hours_in_words(pattern) == "too early to say"


def test_hours_all_over_the_day_are_called_varied(person: User) -> None:
    was_active(person, [at_local(day, days=day + 1)[-1] for day in range(24)])
    pattern = learned(person)
    assert (pattern.hours_concentration or 0) < 0.3
    assert patterns.usual_hours_in_words(pattern) == "varied"
    assert pattern.most_active_hours == []


def test_guessed_moments_and_what_no_hand_made_do_not_count(person: User) -> None:
    was_active(person, at_local(7, days=20))
    was_active(person, at_local(12, days=20), time_known=False)
    was_active(person, at_local(3, days=20), source="system")
    was_active(person, at_local(22, days=100)[61:])
    assert learned(person).most_active_hours == [7]


def test_it_costs_the_same_queries_for_one_and_for_many(
    person: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    patterns.analyze(EVERYBODY(), now=NOW)  # the zones that the database knows are read once
    with django_assert_num_queries(6):
        patterns.analyze(EVERYBODY(), now=NOW)
    for _ in range(5):
        agrees(UserFactory())
    with django_assert_num_queries(6):
        assert patterns.analyze(EVERYBODY(), now=NOW) == 6


def test_a_second_run_writes_the_same_row(person: User) -> None:
    was_active(person, at_local(7, days=20))
    first = learned(person)
    again = learned(person)
    assert first.pk == again.pk
    assert first.most_active_hours == again.most_active_hours


def test_a_zone_that_the_database_does_not_know_counts_as_utc(person: User) -> None:
    User.objects.filter(pk=person.pk).update(timezone="Mars/Olympus")
    was_active(person, at_local(7, days=20, zone=ZoneInfo("UTC")))
    person.refresh_from_db()
    assert rhythms([person], now=NOW)[person.pk].hours[7] == 20


# --- Consent --------------------------------------------------------------------------------------
def test_without_consent_nothing_is_learned_and_what_was_is_forgotten(person: User) -> None:
    was_active(person, at_local(7, days=20))
    assert learned(person).most_active_hours == [7]
    agrees(person, granted=False)
    assert patterns.pattern_of(person) is None
    assert patterns.forget_those_who_withdrew() == 1
    assert patterns.analyze(EVERYBODY(), now=NOW) == 0
    assert not InteractionPattern.objects.exists()


def test_it_is_learned_once_in_the_persons_own_night(person: User) -> None:
    far = UserFactory(timezone="Pacific/Auckland")
    agrees(far)
    UserFactory()  # did not agree
    night = datetime(2026, 11, 2, 3, 20, tzinfo=UTC)  # 04:20 in Berlin, afternoon in Auckland
    assert list(patterns.due_for_learning(now=night)) == [person]
    patterns.analyze(patterns.due_for_learning(now=night), now=night)
    assert not patterns.due_for_learning(now=night + timedelta(hours=1)).exists()
    assert patterns.due_for_learning(now=night + timedelta(days=1)).exists()


# --- Answers --------------------------------------------------------------------------------------
def was_told(
    person: User,
    count: int,
    *,
    channel: str = "in_app",
    followed: int = 0,
    after: int = 30,
    template: MessageTemplate | None = None,
    cause: str = "nudge",
) -> None:
    sent = NOW - timedelta(days=3)
    CoachMessage.objects.bulk_create(
        CoachMessage(
            user=person,
            channel=channel,
            cause=cause,
            cause_key=uuid4().hex,
            body="Hello",
            state="sent",
            template=template,
            sent_at=sent,
            engaged_at=sent + timedelta(minutes=after) if index < followed else None,
        )
        for index in range(count)
    )


def test_a_channel_is_preferred_only_when_two_were_tried_often_enough(person: User) -> None:
    was_told(person, 9, channel="push", followed=8)
    assert learned(person).preferred_communication_channel == ""
    was_told(person, 9, channel="in_app", followed=2)
    assert learned(person).preferred_communication_channel == "push"


@pytest.mark.parametrize(
    ("push", "in_app", "preferred"),
    [
        ((4, 4), (20, 0), ""),
        ((9, 5), (9, 5), ""),
        ((20, 12), (20, 3), "push"),
        ((9, 0), (9, 0), ""),
    ],
)
def test_a_preference_needs_enough_messages_and_a_difference(
    push: tuple[int, int], in_app: tuple[int, int], preferred: str
) -> None:
    found = {"push": Engagement(*push), "in_app": Engagement(*in_app)}
    assert preferred_channel(found) == preferred


def test_kinds_that_are_followed_more_and_less_are_named(person: User) -> None:
    tiny, why = (
        MessageTemplate.objects.create(key=kind, purpose="habits.due", kind=kind, text="…")
        for kind in ("tiny_step", "why")
    )
    was_told(person, 8, template=tiny, followed=7)
    was_told(person, 8, template=why)
    was_told(person, 3, cause="digest", followed=3)
    pattern = learned(person)
    assert pattern.most_engaging_message_types == ["tiny_step"]
    assert pattern.least_engaging_message_types == ["why"]


def test_the_usual_time_to_an_answer_is_the_median_of_at_least_five(person: User) -> None:
    was_told(person, 4, followed=4, after=20)
    assert learned(person).average_response_time_minutes is None
    was_told(person, 1, followed=1, after=2000)
    assert learned(person).average_response_time_minutes == 20


def explained(person: User, *done: bool) -> None:
    """One thing that was explained so many times, with whether it was done after each."""
    template, _ = MessageTemplate.objects.get_or_create(
        key="tiny", defaults={"purpose": "habits.due", "kind": "tiny_step", "text": "…"}
    )
    subject = uuid4()
    for index, was_done in enumerate(done):
        at = NOW - timedelta(days=40 - index)
        NudgeDecision.objects.create(
            user=person,
            at=at,
            local_date=at.date(),
            point=subject.hex[:10],
            policy_version="1",
            subject_type="habits.habit",
            subject_id=subject,
            is_available=True,
            probability=0.5,
            random_number=0.1,
            sent=True,
            template=template,
            window_ends_at=at + timedelta(hours=4),
            action_done=was_done,
            resolved_at=at + timedelta(hours=4),
        )


def test_repetition_is_counted_from_what_was_explained_until_it_was_done(person: User) -> None:
    explained(person, False, True)
    explained(person, True)
    assert learned(person).needs_repetition_count is None
    explained(person, False, False, True)
    pattern = learned(person)
    assert (pattern.needs_repetition_count, pattern.concept_mastery_speed) == (2, "medium")


def test_what_was_mostly_never_done_says_nothing_about_repetition(person: User) -> None:
    explained(person, True)
    explained(person, False, False)
    explained(person, False, False, False)
    pattern = learned(person)
    assert (pattern.needs_repetition_count, pattern.concept_mastery_speed) == (None, "")


# --- For the person -------------------------------------------------------------------------------
@pytest.fixture
def part_of_page(rf: RequestFactory) -> Callable[[User], str]:
    def shown(person: User) -> str:
        request = rf.get("/")
        request.user = person
        return render_to_string("coaching/outreach/_pattern.html", {"request": request})

    return shown


def test_the_person_sees_what_was_learned_and_how_to_have_it_forgotten(
    person: User, part_of_page: Callable[[User], str]
) -> None:
    was_active(person, at_local(7, 30, days=20))
    learned(person)
    page = part_of_page(person)
    assert "around 07:30" in page
    assert "20 active days" in page
    assert "turn behavioural tracking off" in page
    agrees(person, granted=False)
    assert "Nothing is learned" in part_of_page(person)


def test_a_person_who_just_agreed_reads_that_it_is_too_early(
    person: User, part_of_page: Callable[[User], str]
) -> None:
    ledger.record(person, "habit.completed", source="web", idempotency_key="1", occurred_at=NOW)
    learned(person)
    assert "too early to say" in part_of_page(person)
