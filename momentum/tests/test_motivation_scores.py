"""The two scores of a day: bounded, shrunk when evidence is weak, and the same in whatever order it came."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from coaching.models import RawBehavioralLog
from momentum.models import MomentumEvent, MotivationReading, MotivationScore
from momentum.motivation import checking_in, scores
from momentum.motivation.scores import internalization_of, motivation_of

from .factories import TrackedUserFactory

NOW = datetime(2026, 3, 10, 18, 0, tzinfo=UTC)
DAY = date(2026, 3, 10)
readings = st.lists(st.tuples(st.floats(0, 100), st.floats(0.01, 1)), max_size=6)


def test_motivation_counts_more_than_energy() -> None:
    high = motivation_of([1], [10], [], 1)
    low = motivation_of([5], [1], [], 1)
    assert high is not None
    assert low is not None
    assert (high.score, low.score) == (pytest.approx(70), pytest.approx(30))


def test_one_figure_alone_counts_whole_and_the_journal_less() -> None:
    only = motivation_of([], [10], [], 1)
    assert only is not None
    assert only.score == 100
    both = motivation_of([], [10], [-1.0], 1)
    assert both is not None
    assert both.score == pytest.approx(100 / 1.3)
    assert both.evidence == 2


@given(
    st.lists(st.integers(1, 5), max_size=5),
    st.lists(st.integers(1, 10), max_size=5),
    st.lists(st.floats(-1, 1), max_size=5),
)
def test_motivation_is_bounded_and_missing_is_not_zero(
    energies: list, motivations: list, tones: list
) -> None:
    score = motivation_of(energies, motivations, tones, len(energies) + len(motivations))
    if not (energies or motivations or tones):
        assert score is None
    else:
        assert score is not None
        assert 0 <= score.score <= 100


@given(readings, readings)
def test_internalization_is_bounded_and_null_without_a_reading(here: list, before: list) -> None:
    score = internalization_of(here, before)
    if not here:
        assert score is None
    else:
        assert score is not None
        assert 0 <= score <= 100


@given(readings.filter(bool), readings, st.floats(0, 100), st.floats(0, 100))
def test_a_higher_reading_never_lowers_it(
    here: list, before: list, one: float, other: float
) -> None:
    low, high = sorted((one, other))
    lower = internalization_of([*here, (low, 0.7)], before)
    higher = internalization_of([*here, (high, 0.7)], before)
    assert lower is not None
    assert higher is not None
    assert higher >= lower - 1e-9


def test_a_weak_reading_counts_little() -> None:
    usual = [(80.0, 0.9)] * 10
    weak = internalization_of([(0.0, 0.1)], usual)
    sure = internalization_of([(0.0, 0.9)], usual)
    assert weak is not None
    assert sure is not None
    assert weak == pytest.approx(80 / 1.1)
    assert sure == pytest.approx(80 / 1.9)
    assert internalization_of([(100.0, 1.0)], []) == 75


# --- With the database ----------------------------------------------------------------------------
@pytest.fixture
def person(db: None) -> User:
    return TrackedUserFactory(timezone="UTC")


def reading(person: User, day: date, value: float, confidence: float = 0.8) -> MotivationReading:
    at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    return MotivationReading.objects.create(
        user=person,
        source="message",
        source_id=uuid4(),
        motivation_type="intrinsic" if value > 50 else "external",
        distribution={},
        confidence=confidence,
        internalization=value,
        method="lexicon",
        at=at,
        local_date=day,
    )


def kept(person: User) -> list[tuple]:
    return list(
        MotivationScore.objects.filter(user=person)
        .order_by("date", "kind")
        .values_list("date", "kind", "score", "evidence_count")
    )


def test_the_order_of_arrival_does_not_matter(person: User) -> None:
    other = TrackedUserFactory(timezone="UTC")
    told = [(DAY - timedelta(days=ahead), value) for ahead, value in ((9, 10), (4, 90), (0, 70))]
    for day, value in told:
        reading(person, day, value)
        scores.score_day(person.pk, day, now=NOW)
    for day, value in reversed(told):
        reading(other, day, value)
        scores.score_day(other.pk, day, now=NOW)
    assert kept(person) == kept(other)
    assert len(kept(person)) == 3


def test_a_recomputed_day_replaces_and_nothing_new_says_nothing(person: User) -> None:
    checking_in.check_in(person, motivation=10, source="web", now=NOW)
    assert scores.score_day(person.pk, DAY, now=NOW) == 1
    assert scores.score_day(person.pk, DAY, now=NOW) == 0
    row = checking_in.check_in(person, motivation=1, source="web", now=NOW).row
    assert scores.score_day(person.pk, DAY, now=NOW) == 1
    assert MomentumEvent.objects.get(user=person, tag="motivation").normalized_score == 0.5
    checking_in.remove(row, source="web", now=NOW)
    assert scores.score_day(person.pk, DAY, now=NOW) == 1
    assert MomentumEvent.objects.get(user=person, tag="motivation").normalized_score == 1.0
    told = RawBehavioralLog.objects.filter(interaction_type="motivation.score")
    assert told.count() == 3
    assert told.first().raw_data["local_date"] == "2026-03-10"  # type: ignore[union-attr]


def test_a_day_without_evidence_any_more_has_no_score(person: User) -> None:
    row = checking_in.check_in(person, motivation=10, source="web", now=NOW).row
    scores.score_day(person.pk, DAY, now=NOW)
    checking_in.remove(row, source="web", now=NOW)
    assert scores.score_day(person.pk, DAY, now=NOW) == 1
    assert kept(person) == []
    assert not MomentumEvent.objects.filter(user=person, units__gt=0).exists()


def test_people_who_left_are_not_scored(person: User) -> None:
    checking_in.check_in(person, motivation=10, source="web", now=NOW)
    person.is_active = False
    person.save()
    assert scores.score_day(person.pk, DAY, now=NOW) == 0
