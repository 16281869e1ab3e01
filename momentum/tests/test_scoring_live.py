"""Scores that follow what happens, and those a new day brings."""

import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from django.core.cache import cache
from django.db import connections, transaction

from accounts.day import local_day
from accounts.models import User
from coaching.ledger import record
from coaching.toolkit.knowing import BehaviorDay, BehaviorSource, Measure, behavior_sources
from momentum import tasks
from momentum.models import MomentumEvent, MomentumPillar, PendingScore
from momentum.projecting import replay
from momentum.scoring import closing, daily, live, versions
from momentum.scoring.days import score_days
from momentum.tests.factories import TrackedUserFactory, add_events, agree, an_event

NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)
TODAY = NOW.date()
DAY = timedelta(days=1)
YESTERDAY = TODAY - DAY


def pending(user: User, since: date, reason: str = "") -> None:
    PendingScore.objects.create(user=user, since=since, reason=reason)


def row(user: User, day: date = TODAY) -> MomentumPillar | None:
    return MomentumPillar.objects.filter(user=user, date=day, version="v1").first()


@pytest.fixture
def asked() -> Iterator[list[BehaviorDay]]:
    """What habits say was asked for and done, day by day."""
    days: list[BehaviorDay] = []

    def source(first: UUID, last: UUID, since: date, until: date) -> Sequence[BehaviorDay]:
        return [
            each for each in days if first <= each.user_id <= last and since <= each.day <= until
        ]

    with behavior_sources.instead(
        test__asked=BehaviorSource("test.asked", Measure.IN_TARGET, source)
    ):
        yield days


@pytest.mark.django_db
def test_what_is_pending_is_scored_up_to_today_and_claimed() -> None:
    user, other = TrackedUserFactory.create(), TrackedUserFactory.create()
    add_events([an_event(user, TODAY - 3 * DAY, "sleep", 0.5), an_event(other, TODAY, "sleep")])
    for person in (user, other):
        pending(person, TODAY - 3 * DAY)
    found = live.score_person(user.pk, now=NOW)
    assert found is not None
    assert (found.date, found.overall_score) == (TODAY, 50.0)
    assert MomentumPillar.objects.filter(user=user).count() == 4
    assert row(other) is None
    assert set(PendingScore.objects.values_list("user", flat=True)) == {other.pk}


@pytest.mark.django_db
def test_a_correction_of_long_ago_changes_every_day_since_and_says_why() -> None:
    user = TrackedUserFactory.create()
    add_events(an_event(user, TODAY - n * DAY, "sleep", 0.5) for n in range(30))
    pending(user, TODAY - 29 * DAY)
    live.score_person(user.pk, now=NOW)
    MomentumEvent.objects.filter(user=user, local_date=TODAY - 29 * DAY).update(normalized_score=1)
    pending(user, TODAY - 29 * DAY, "Sleep of 21 Apr arrived on 20 May")
    live.score_person(user.pk, now=NOW)
    old = row(user, TODAY - 29 * DAY)
    assert old is not None
    assert (old.overall_score, old.revision_reason) == (100.0, "Sleep of 21 Apr arrived on 20 May")
    today = row(user)
    assert today is not None
    assert 50 < (today.overall_score or 0) < 100
    assert today.revised_at is None


@pytest.mark.django_db
def test_who_withdrew_is_not_scored() -> None:
    user = TrackedUserFactory.create()
    add_events([an_event(user, TODAY, "sleep")])
    pending(user, TODAY)
    agree(user, False)
    assert live.score_person(user.pk, now=NOW) is None
    assert not MomentumPillar.objects.exists()


@pytest.mark.django_db
def test_a_late_tick_closes_its_day_anew(asked: list[BehaviorDay]) -> None:
    user = TrackedUserFactory.create()
    add_events([an_event(user, YESTERDAY), an_event(user, TODAY)])
    asked.append(BehaviorDay(user.pk, YESTERDAY, 1.0, 4.0))
    asked.append(BehaviorDay(user.pk, TODAY, 1.0, 4.0))
    pending(user, YESTERDAY)
    live.score_person(user.pk, now=NOW)
    yesterday, today = row(user, YESTERDAY), row(user)
    assert yesterday is not None
    assert yesterday.behavioral_score == 25.0
    assert today is not None
    assert (today.behavioral_score or 0) > 25.0  # what is open today is not missed yet
    asked[0] = BehaviorDay(user.pk, YESTERDAY, 3.0, 4.0)
    pending(user, YESTERDAY)
    live.score_person(user.pk, now=NOW)
    yesterday = row(user, YESTERDAY)
    assert yesterday is not None
    assert yesterday.behavioral_score == 75.0


@pytest.mark.django_db
def test_after_a_rebuild_every_day_with_a_changed_action_step_is_summed_up_anew(
    asked: list[BehaviorDay],
) -> None:
    user = TrackedUserFactory.create()
    days = [TODAY - n * DAY for n in (9, 5, 2)]
    for day in days:
        record(
            user,
            "habit.completed",
            raw_data={"habit": "h", "ordinal": 1, "local_date": day.isoformat()},
            source="web",
            idempotency_key=str(day),
            occurred_at=NOW,
        )
        asked.append(BehaviorDay(user.pk, day, 1.0, 4.0))
    live.score_person(user.pk, now=NOW)
    asked[:] = [BehaviorDay(user.pk, day, 3.0, 4.0) for day in days]
    MomentumEvent.objects.filter(log_id__isnull=False).update(raw_value=-1)
    assert replay(user.pk, user.pk, None, None) == 3
    live.score_person(user.pk, now=NOW)
    sums = MomentumEvent.objects.filter(event_type=closing.DAY_CLOSED)
    assert list(sums.values_list("raw_value", flat=True)) == [75.0, 75.0, 75.0]


@pytest.mark.django_db
def test_sources_are_asked_about_neighbours_at_once_and_about_nobody_between_strangers() -> None:
    near, next_to_it = TrackedUserFactory.create(), TrackedUserFactory.create()
    User.objects.bulk_create(User(email=f"between{n}@example.org") for n in range(200))
    far = TrackedUserFactory.create()
    ranges: list[tuple[UUID, UUID, date, date]] = []

    def source(first: UUID, last: UUID, since: date, until: date) -> Sequence[BehaviorDay]:
        ranges.append((first, last, since, until))
        return [BehaviorDay(person.pk, YESTERDAY, 1.0, 2.0) for person in (near, next_to_it, far)]

    add_events([an_event(person, YESTERDAY) for person in (near, next_to_it, far)])
    with behavior_sources.instead(
        test__asked=BehaviorSource("test.asked", Measure.IN_TARGET, source)
    ):
        closing.close_days({near.pk: [YESTERDAY], next_to_it.pk: [YESTERDAY]}, now=NOW)
        assert ranges == [(near.pk, next_to_it.pk, YESTERDAY, YESTERDAY)]
        ranges.clear()
        closing.close_days({near.pk: [YESTERDAY], far.pk: [YESTERDAY]}, now=NOW)
        assert sorted(ranges) == [
            (person.pk, person.pk, YESTERDAY, YESTERDAY) for person in (near, far)
        ]
    sums = MomentumEvent.objects.filter(event_type=closing.DAY_CLOSED)
    assert set(sums.values_list("user", "raw_value", "units")) == {
        (person.pk, 50.0, 2.0) for person in (near, next_to_it, far)
    }


@pytest.mark.django_db
def test_a_day_of_which_nothing_was_told_is_missing_and_its_summary_goes(
    asked: list[BehaviorDay],
) -> None:
    user = TrackedUserFactory.create()
    asked.append(BehaviorDay(user.pk, YESTERDAY, 0.0, 4.0))
    assert closing.close_days({user.pk: [YESTERDAY]}, now=NOW) == {}
    (event,) = add_events([an_event(user, YESTERDAY)])
    assert closing.close_days({user.pk: [YESTERDAY]}, now=NOW) == {user.pk: YESTERDAY}
    assert closing.close_days({user.pk: [YESTERDAY]}, now=NOW) == {}
    summary = MomentumEvent.objects.get(event_type=closing.DAY_CLOSED)
    assert (summary.raw_value, summary.units, summary.is_summary) == (0.0, 4.0, True)
    event.delete()
    assert closing.close_days({user.pk: [YESTERDAY]}, now=NOW) == {user.pk: YESTERDAY}
    assert not MomentumEvent.objects.exists()


@pytest.mark.django_db
def test_a_day_that_still_runs_for_its_person_is_not_closed(asked: list[BehaviorDay]) -> None:
    user = TrackedUserFactory.create(timezone="America/Los_Angeles")
    late = datetime(2026, 5, 20, 5, tzinfo=UTC)  # 22:00 on the 19th over there
    add_events([an_event(user, YESTERDAY)])
    asked.append(BehaviorDay(user.pk, YESTERDAY, 1.0, 4.0))
    assert closing.close_days({user.pk: [YESTERDAY]}, now=late) == {}
    assert closing.close_days({user.pk: [YESTERDAY]}, now=late + DAY) == {user.pk: YESTERDAY}


@pytest.mark.django_db
def test_a_new_day_closes_the_last_scores_both_and_finalizes_old_ones(
    asked: list[BehaviorDay],
) -> None:
    user = TrackedUserFactory.create()
    first = TODAY - 4 * DAY
    add_events([an_event(user, first), an_event(user, YESTERDAY)])
    asked.append(BehaviorDay(user.pk, YESTERDAY, 1.0, 2.0))
    pending(user, first)
    live.score_person(user.pk, now=NOW - DAY)
    assert row(user) is None
    daily.begin_days([user.pk], now=NOW)
    today, yesterday, old = row(user), row(user, YESTERDAY), row(user, TODAY - 3 * DAY)
    assert today is not None
    assert yesterday is not None
    assert old is not None
    assert old.finalized_at == NOW
    assert yesterday.finalized_at is None
    assert (yesterday.behavioral_score or 0) < 100
    assert daily.begin_days([user.pk], now=NOW).changed == 0


@pytest.mark.django_db
def test_a_day_begins_by_the_clock_of_its_person() -> None:
    berlin = TrackedUserFactory.create(timezone="Europe/Berlin", day_start_hour=3)
    TrackedUserFactory.create(timezone="UTC", day_start_hour=6)
    begun = daily.people_whose_day_began(now=datetime(2026, 5, 20, 1, 30, tzinfo=UTC))
    assert set(begun) == {berlin}


@pytest.mark.django_db
def test_what_nobody_came_for_is_swept_each_from_a_day_of_their_own() -> None:
    people = [TrackedUserFactory.create() for _ in range(3)]
    for n, user in enumerate(people):
        add_events([an_event(user, TODAY - n * 10 * DAY, "sleep", 0.5)])
        pending(user, TODAY - n * 10 * DAY)
    cache.delete(live.HANDED_OUT)
    assert live.hand_out(now=datetime.now(UTC)) == []
    (group,) = live.hand_out(now=datetime.now(UTC) + timedelta(minutes=5))
    assert live.score_pending(group, now=NOW) == 3
    counts = [MomentumPillar.objects.filter(user=user).count() for user in people]
    assert counts == [1, 11, 21]
    assert not PendingScore.objects.exists()


@pytest.mark.django_db
def test_what_was_handed_out_is_handed_out_again_only_after_a_while() -> None:
    cache.delete(live.HANDED_OUT)
    one, two, three = (TrackedUserFactory.create() for _ in range(3))
    soon = datetime.now(UTC) + timedelta(minutes=5)
    for user in (one, two, one):
        pending(user, TODAY)
    assert live.hand_out(now=soon, most=2) == [[one.pk, two.pk]]
    assert live.hand_out(now=soon, most=2) == [[one.pk]]
    assert live.hand_out(now=soon, most=2) == []
    pending(three, TODAY)
    assert live.hand_out(now=soon) == [[three.pk]]
    assert live.hand_out(now=soon + timedelta(minutes=9)) == []
    # Their workers died; that others come every minute changes nothing.
    pending(three, YESTERDAY)
    assert live.hand_out(now=soon + timedelta(minutes=10), size=2) == [
        [one.pk, two.pk],
        [three.pk],
    ]


@pytest.mark.django_db
def test_a_long_past_does_not_wait_where_people_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[list[str]] = []
    monkeypatch.setattr(tasks.score_people, "delay", sent.append)
    user = TrackedUserFactory.create()
    today = local_day(user, datetime.now(UTC))
    add_events([an_event(user, today, "sleep", 0.5)])
    pending(user, today - 390 * DAY)
    assert tasks.score_person(str(user.pk))
    assert sent == []
    pending(user, today - 410 * DAY)
    assert not tasks.score_person(str(user.pk))
    assert sent == [[str(user.pk)]]
    assert tasks.score_people(sent[0]) == 1
    assert not PendingScore.objects.exists()


@pytest.mark.django_db
def test_a_day_that_has_begun_for_somebody_is_not_begun_again(asked: list[BehaviorDay]) -> None:
    user, other = TrackedUserFactory.create(), TrackedUserFactory.create()
    both = [user.pk, other.pk]
    for person in (user, other):
        add_events([an_event(person, YESTERDAY), an_event(person, TODAY, "sleep", 0.5)])
        asked.append(BehaviorDay(person.pk, YESTERDAY, 1.0, 2.0))
    # Scored, but yesterday is not summed up: its day has not begun.
    score_days(YESTERDAY, TODAY, version=versions.active(), now=NOW)
    assert set(daily.still_to_begin(both, now=NOW)) == set(both)
    daily.begin_days([user.pk], now=NOW)
    assert daily.still_to_begin(both, now=NOW) == [other.pk]
    assert set(daily.still_to_begin(both, now=NOW + DAY)) == set(both)
    MomentumPillar.objects.filter(user=user, date=YESTERDAY).update(date=TODAY - 3 * DAY)
    assert set(daily.still_to_begin(both, now=NOW)) == set(both)


@pytest.mark.django_db(transaction=True)
def test_nothing_is_lost_when_a_worker_dies() -> None:
    user = TrackedUserFactory.create()
    add_events([an_event(user, TODAY, "sleep", 0.5)])
    pending(user, TODAY)
    with pytest.raises(KeyboardInterrupt), transaction.atomic():
        live.score_pending([user.pk], now=NOW)
        raise KeyboardInterrupt
    assert row(user) is None
    assert PendingScore.objects.filter(user=user).exists()
    assert live.score_person(user.pk, now=NOW) is not None


@pytest.mark.django_db(transaction=True)
def test_live_scoring_and_the_job_of_the_day_at_once_leave_the_right_rows() -> None:
    """Each round changes yesterday's evidence while others score; nobody builds on what is old by then."""
    versions.active()
    people = [TrackedUserFactory.create() for _ in range(4)]
    ids = [user.pk for user in people]
    add_events(an_event(user, TODAY - 5 * DAY, "sleep", 0.5) for user in people)
    for user in people:
        pending(user, TODAY - 5 * DAY)
    live.score_pending(ids, now=NOW)
    problems: list[BaseException] = []
    rounds = 12

    def work(change: int) -> None:
        try:
            for n in range(rounds):
                if change:
                    user = people[(n * change) % len(people)]
                    with transaction.atomic():
                        add_events([an_event(user, TODAY - (n % 4) * DAY, "sleep", n / rounds)])
                        pending(user, TODAY - (n % 4) * DAY)
                    live.score_person(user.pk, now=NOW)
                else:
                    daily.begin_days(ids, now=NOW)
        except BaseException as error:
            problems.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(change,)) for change in (1, 3, 0)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert problems == []
    assert not PendingScore.objects.exists()
    kept = {(r.user_id, r.date): r.overall_score for r in MomentumPillar.objects.all()}
    MomentumPillar.objects.all().delete()
    score_days(TODAY - 5 * DAY, TODAY, version=versions.active(), now=NOW)
    for one in MomentumPillar.objects.all():
        assert kept[one.user_id, one.date] == pytest.approx(one.overall_score, abs=1e-6)
