"""Judging a policy by the record of another."""

import random
from datetime import UTC, datetime, timedelta
from io import StringIO
from math import isclose
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from accounts.consent import set_consent
from accounts.models import ConsentKind, ConsentSource
from accounts.tests.factories import UserFactory
from coaching.models import NudgeDecision
from coaching.outreach.policy.config import NUMBERS
from coaching.outreach.policy.evaluation import (
    Believing,
    Decided,
    Estimate,
    always,
    fixed,
    judged,
    logged,
    never,
    policies,
)
from coaching.outreach.policy.features import FEATURES
from coaching.outreach.policy.learning import update_posteriors

CANDIDATES = {"logged": logged, "always": always, "never": never, "fixed": fixed}
LIFT, PERSONAL = 0.2, 0.15


def a_log(rng: random.Random, people: int = 40, decisions: int = 25) -> list[Decided]:
    """People with a baseline of their own, for whom a message adds 0.2, told at varying odds."""
    found = []
    for person in range(people):
        base = 0.4 + rng.uniform(-PERSONAL, PERSONAL)
        for _ in range(decisions):
            probability = rng.choice([0.2, 0.25, 0.5, 0.8])
            sent = rng.random() < probability
            reward = float(rng.random() < base + LIFT * sent)
            found.append(Decided(UUID(int=person), {}, probability, sent, reward))
    return found


def test_the_estimates_are_unbiased_and_their_intervals_hold_on_a_simulated_record():
    rng = random.Random(7)
    truth = {"always": 0.6, "never": 0.4, "fixed": 0.45}
    runs = [judged(a_log(rng), CANDIDATES) for _ in range(60)]
    for name, value in truth.items():
        for form in ("ips", "self_normalised"):
            found = [getattr(run[name], form) for run in runs]
            mean = sum(estimate.value for estimate in found) / len(found)
            assert abs(mean - value) < 0.015, (name, form, mean)
            held = sum(estimate.low <= value <= estimate.high for estimate in found)
            assert 0.85 <= held / len(found) <= 1, (name, form, held)


def width(estimate: Estimate) -> float:
    assert estimate.low is not None
    assert estimate.high is not None
    return estimate.high - estimate.low


def test_the_interval_of_dependent_decisions_is_wider_than_of_independent_ones():
    rng = random.Random(3)
    record = a_log(rng)
    together = judged(record, {"never": never})["never"].ips
    apart = [
        Decided(UUID(int=number), {}, row.probability, row.sent, row.reward)
        for number, row in enumerate(record)
    ]
    separate = judged(apart, {"never": never})["never"].ips
    assert together.value == pytest.approx(separate.value)
    assert width(together) > width(separate)


def test_beliefs_of_an_earlier_day_know_nothing_of_what_came_later(db):
    person = UserFactory()
    start = datetime(2026, 5, 1, 9, tzinfo=UTC)
    features = dict.fromkeys(FEATURES, 0.5)
    for day in range(40):
        sent = day % 2 == 0
        NudgeDecision.objects.create(
            user=person,
            at=start + timedelta(days=day),
            local_date=(start + timedelta(days=day)).date(),
            point="midday",
            policy_version=NUMBERS.version,
            is_available=True,
            features=features,
            probability=0.5,
            random_number=0.1 if sent else 0.9,
            sent=sent,
            window_ends_at=start + timedelta(days=day),
            resolved_at=start + timedelta(days=day),
            # A message does harm in the first half and helps in the second.
            reward=float(sent == (day >= 20)),
        )
    set_consent(person, ConsentKind.BEHAVIORAL_TRACKING, True, ConsentSource.WEB)
    update_posteriors(now=start + timedelta(days=60))
    decided = Decided(person.pk, features, 0.5, True, 1.0)
    middle = Believing(before=start + timedelta(days=20))(decided)
    assert middle == pytest.approx(0.2)
    assert Believing(before=None)(decided) > 0.2
    assert Believing(before=start)(decided) == Believing(before=None)(
        Decided(UUID(int=1), features, 0.5, True, 1.0)
    ), "nothing is known of either"


@given(
    st.lists(
        st.builds(
            Decided,
            st.integers(0, 5).map(lambda number: UUID(int=number)),
            st.just({}),
            st.floats(0.2, 0.8),
            st.booleans(),
            st.floats(-0.1, 1),
        ),
        min_size=1,
        max_size=40,
    )
)
def test_what_was_done_is_worth_its_mean_and_all_its_decisions(record):
    found = judged(record, CANDIDATES)
    mean = sum(row.reward for row in record) / len(record)
    assert isclose(found["logged"].ips.value, mean, abs_tol=1e-9)
    assert isclose(found["logged"].self_normalised.value, mean, abs_tol=1e-9)
    assert isclose(found["logged"].effective, len(record))
    lowest, highest = min(r.reward for r in record), max(r.reward for r in record)
    for judgement in found.values():
        assert judgement.effective <= len(record) + 1e-9
        if judgement.effective:
            assert lowest - 1e-9 <= judgement.self_normalised.value <= highest + 1e-9


def test_a_record_of_what_had_no_odds_is_refused():
    with pytest.raises(ValueError, match="no odds"):
        judged([Decided(UUID(int=1), {}, 0.0, True, 1.0)], CANDIDATES)


def test_too_little_is_said_in_plain_words():
    found = judged([Decided(UUID(int=1), {}, 0.25, True, 1.0)], {"always": always})["always"]
    assert found.ips.low is None
    assert found.doubts() == (
        "Too little to tell: 1 person (of at least 30), 1 effective decision (of at least 200)."
    )


# --- The command ----------------------------------------------------------------------------------


def told(*arguments: str) -> str:
    out = StringIO()
    call_command("evaluate_nudge_policy", *arguments, stdout=out)
    return out.getvalue()


def test_without_decisions_the_command_says_so(db: None):
    assert "No settled decisions yet" in told()


def test_a_date_that_is_none_is_an_error():
    with pytest.raises(CommandError, match="not a date"):
        told("--since", "yesterday")


def test_the_command_judges_the_stored_record(db: None):
    rng = random.Random(5)
    people = [UserFactory() for _ in range(6)]
    start = datetime(2026, 5, 1, 9, tzinfo=UTC)
    rows = []
    for number in range(120):
        at = start + timedelta(hours=6 * number)
        probability = rng.choice([0.2, 0.8])
        sent = rng.random() < probability
        rows.append(
            NudgeDecision(
                user=people[number % 6],
                at=at,
                local_date=at.date(),
                point=f"point {number % 4}",
                policy_version=NUMBERS.version,
                is_available=True,
                features=dict.fromkeys(FEATURES, 0.5),
                probability=probability,
                random_number=0.1 if sent else 0.9,
                sent=sent,
                window_ends_at=at,
                resolved_at=at,
                action_done=sent,
                reward=float(sent),
            )
        )
    NudgeDecision.objects.bulk_create(rows)
    update_posteriors(now=start + timedelta(days=60))
    said = told()
    assert "120 settled decisions of 6 people" in said
    assert all(name in said for name in policies(since=None))
    assert "always: Too little to tell: 6 people" in said
    assert "flatters" in said
    late = told("--since", "2026-05-25", "--policy", "always")
    assert "25 settled decisions of 6 people" in late
    assert "never" not in late
    assert "flatters" not in late
    line = next(line for line in late.splitlines() if line.startswith("always"))
    assert "1.000" in line, "every message was followed"
