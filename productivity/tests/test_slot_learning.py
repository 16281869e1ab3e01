"""What came of slots: settled once, learned only with consent, summed up equal in any way."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.consent import set_consent
from accounts.models import ConsentKind, ConsentSource, User
from accounts.tests.factories import UserFactory
from productivity import withdrawal
from productivity.models import ScheduleRecommendation, SlotOdds, SlotTrial, Task, TrialKind
from productivity.scheduling import learning
from productivity.scheduling.odds import Cell, Rhythm, Trials
from productivity.scheduling.recommending import accept, clear_old, recommend
from productivity.scheduling.rhythm import known_of
from productivity.tests.factories import TaskFactory

NOW = datetime(2026, 3, 2, 9, 7, tzinfo=UTC)
HOUR = timedelta(hours=1)
pytestmark = pytest.mark.django_db


def agreeing() -> User:
    user: User = UserFactory(timezone="Europe/Berlin")
    set_consent(user, ConsentKind.BEHAVIORAL_TRACKING, True, ConsentSource.WEB)
    return user


def accepted(user: User, **fields: object) -> ScheduleRecommendation:
    task = TaskFactory(user=user, created_at=NOW - HOUR, **fields)
    return accept(user, recommend(user, task, now=NOW)[0].pk, source="web", now=NOW)


def planned_slots(user: User) -> list[tuple[bool, float | None]]:
    rows = SlotTrial.objects.filter(user=user, kind=TrialKind.PLAN).order_by("starts_at")
    return list(rows.values_list("worked", "predicted"))


def test_a_slot_in_which_the_task_was_done_counts_as_worked_once() -> None:
    user = agreeing()
    row = accepted(user)
    Task.objects.filter(pk=row.task_id).update(status="completed", completed_at=row.recommended_end)
    later = row.recommended_end + 3 * HOUR
    assert learning.to_settle(now=later) == [user.pk]
    assert learning.settle(user, now=later) == 1
    assert learning.settle(user, now=later) == 0
    assert learning.to_settle(now=later) == []
    row.refresh_from_db()
    assert row.was_done is True
    assert planned_slots(user) == [(True, row.odds)]


def test_a_slot_that_passed_without_the_task_counts_as_not_worked() -> None:
    user = agreeing()
    row = accepted(user)
    learning.settle(user, now=row.recommended_end + 3 * HOUR)
    row.refresh_from_db()
    assert row.was_done is False
    assert planned_slots(user) == [(False, row.odds)]


def test_a_slot_is_not_settled_before_it_has_been_over_for_a_while() -> None:
    user = agreeing()
    row = accepted(user)
    assert learning.to_settle(now=row.recommended_end + HOUR) == []


def test_what_was_moved_away_before_is_no_evidence() -> None:
    user = agreeing()
    row = accepted(user)
    Task.objects.filter(pk=row.task_id).update(planned_start=None, planned_end=None)
    learning.settle(user, now=row.recommended_end + 3 * HOUR)
    assert planned_slots(user) == []


def test_what_was_done_long_before_its_slot_is_no_evidence() -> None:
    user = agreeing()
    row = accepted(user)
    done = row.recommended_due - 2 * HOUR
    Task.objects.filter(pk=row.task_id).update(status="completed", completed_at=done)
    learning.settle(user, now=row.recommended_end + 3 * HOUR)
    assert planned_slots(user) == []


def test_slots_planned_by_hand_are_learned_from_as_well() -> None:
    user = agreeing()
    TaskFactory(user=user, planned_start=NOW - 5 * HOUR, planned_end=NOW - 4 * HOUR)
    assert learning.settle(user, now=NOW) == 1
    assert planned_slots(user) == [(False, None)]
    odds = SlotOdds.objects.get(user=user)
    assert (odds.weekday, odds.hour, odds.tried, odds.worked) == (0, 5, 1, 0)


def test_without_consent_only_the_answer_is_noted() -> None:
    user: User = UserFactory()
    row = accepted(user)
    learning.settle(user, now=row.recommended_end + 3 * HOUR)
    row.refresh_from_db()
    assert row.was_done is False
    assert not SlotTrial.objects.exists()
    assert not SlotOdds.objects.exists()


def test_what_was_learned_goes_with_the_consent() -> None:
    user, other = agreeing(), agreeing()
    for person in (user, other):
        learning.settle(person, now=accepted(person).recommended_end + 3 * HOUR)
    set_consent(user, ConsentKind.BEHAVIORAL_TRACKING, False, ConsentSource.WEB)
    assert known_of(user, now=NOW).odds.tried == 0
    assert withdrawal.forget_those_who_withdrew() > 0
    assert set(SlotOdds.objects.values_list("user", flat=True)) == {other.pk}
    assert set(SlotTrial.objects.values_list("user", flat=True)) == {other.pk}


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 6),
            st.integers(0, 23),
            st.sampled_from(["", "work"]),
            st.booleans(),
            st.sampled_from([0.25, 0.5, 1.0]),
        ),
        max_size=25,
    )
)
def test_the_rebuild_equals_what_was_added_one_by_one(
    trials: list[tuple[int, int, str, bool, float]],
) -> None:
    user = agreeing()
    monday = datetime(2026, 3, 2, tzinfo=user.tz)
    for number, (weekday, hour, category, worked, weight) in enumerate(trials):
        task = TaskFactory(user=user, category=category)
        at = monday + timedelta(days=weekday - 7 * number, hours=hour)
        learning._learn(
            task, user, TrialKind.PLAN, at.replace(hour=hour), worked=worked, weight=weight, at=NOW
        )
    fields = ("weekday", "hour", "category", "tried", "worked")
    added = sorted(SlotOdds.objects.filter(user=user).values_list(*fields))
    assert learning.rebuild([user.pk], now=NOW) == 0
    SlotOdds.objects.filter(user=user).delete()
    SlotOdds.objects.create(user=user, weekday=0, hour=0, category="never", tried=1, worked=1)
    learning.rebuild([user.pk], now=NOW)
    assert sorted(SlotOdds.objects.filter(user=user).values_list(*fields)) == added
    assert sum(row[3] for row in added) == sum(trial[4] for trial in trials)


def test_the_rebuild_leaves_others_alone_and_finds_its_people() -> None:
    user, other = agreeing(), agreeing()
    for person in (user, other):
        SlotOdds.objects.create(user=person, weekday=0, hour=0, tried=1, worked=1)
    assert set(learning.people_to_rebuild(None, 10)) == {user.pk, other.pk}
    learning.rebuild([user.pk], now=NOW)
    assert set(SlotOdds.objects.values_list("user", flat=True)) == {other.pk}


def test_old_unanswered_suggestions_go_and_answers_stay() -> None:
    user = agreeing()
    row = accepted(user)
    assert clear_old(now=NOW + timedelta(days=200)) == 2
    assert list(ScheduleRecommendation.objects.all()) == [row]


def test_learned_odds_move_what_is_suggested() -> None:
    user = agreeing()
    for week in range(8):
        for weekday in range(7):
            for hour, worked in ((9, False), (19, True)):
                task = TaskFactory(user=user, category="writing")
                at = datetime(2026, 1, 5, hour, tzinfo=user.tz) + timedelta(
                    weeks=week, days=weekday
                )
                learning._learn(task, user, TrialKind.PLAN, at, worked=worked, weight=1.0, at=NOW)
    task = TaskFactory(user=user, category="writing")
    best = recommend(user, task, now=NOW)[0]
    assert 17 <= best.recommended_due.astimezone(user.tz).hour <= 20
    assert any("You often finish writing tasks" in reason for reason in best.reasons)
    assert best.confidence_score > 0.5


# --- The odds themselves ----------------------------------------------------------------------------
CELLS = st.builds(
    Cell, st.integers(0, 6), st.integers(0, 23), st.sampled_from(["work", "home", ""])
)
TRIALS = st.builds(
    lambda tried, share: Trials(tried, tried * share),
    st.integers(1, 40),
    st.sampled_from([0, 0.5, 1]),
)


@given(st.dictionaries(CELLS, TRIALS, max_size=20), CELLS)
def test_odds_lie_within_their_interval_and_in_0_to_1(
    trials: dict[Cell, Trials], cell: Cell
) -> None:
    odds = Rhythm(trials).of(cell)
    assert 0 < odds.mean < 1
    assert 0 <= odds.low <= odds.mean <= odds.high <= 1
    assert 0 <= odds.confidence <= 1


@given(st.dictionaries(CELLS, TRIALS, max_size=12), CELLS)
def test_a_success_never_lowers_the_odds_of_its_cell(
    trials: dict[Cell, Trials], cell: Cell
) -> None:
    seen = trials.get(cell, Trials(0, 0))
    more = trials | {cell: Trials(seen.tried + 1, seen.worked + 1)}
    less = trials | {cell: Trials(seen.tried + 1, seen.worked)}
    assert Rhythm(more).of(cell).mean >= Rhythm(less).of(cell).mean


@given(CELLS, st.integers(1, 30), st.integers(31, 200))
def test_more_of_the_same_makes_surer(cell: Cell, few: int, many: int) -> None:
    little = Rhythm({cell: Trials(few, few / 2)}).of(cell)
    much = Rhythm({cell: Trials(many, many / 2)}).of(cell)
    assert much.confidence > little.confidence


def test_nobody_known_has_the_general_prior_and_little_confidence() -> None:
    odds = Rhythm({}).of(Cell(0, 9, "work"))
    assert odds.mean == pytest.approx(0.5)
    assert odds.confidence < 0.1


def test_an_hour_borrows_from_its_neighbours_and_other_days() -> None:
    rhythm = Rhythm({Cell(0, 9, "work"): Trials(20, 20), Cell(0, 20, "work"): Trials(20, 0)})
    assert rhythm.of(Cell(3, 10, "work")).mean > rhythm.of(Cell(3, 19, "work")).mean
    assert rhythm.of(Cell(3, 9, "home")).mean > rhythm.of(Cell(3, 20, "home")).mean
