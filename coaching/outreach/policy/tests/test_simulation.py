"""The policy learns whom a message helps, in simulated people with fixed seeds."""

import random
from dataclasses import dataclass

from coaching.outreach.policy import thompson
from coaching.outreach.policy.config import NUMBERS
from coaching.outreach.policy.features import FEATURES, features_of, vector
from coaching.outreach.policy.regression import Belief, prior

DAYS = 75
REST = (
    12  # decision points without a message after one, as back-off has it for those who are active
)


@dataclass
class Lived:
    """The odds a person got late in the time, and their rewards."""

    late_odds: float
    gained: float


def live(effect: float, seed: int) -> Lived:
    """One person for whom a message changes the odds of the action by `effect`."""
    rng = random.Random(seed)
    belief: Belief = prior(FEATURES)
    learned_tonight: list[tuple[list[float], float]] = []
    dosage, resting = 0.0, 0
    late: list[float] = []
    rewards: list[float] = []
    for step in range(DAYS * 4):
        if step % 4 == 0:
            for row, reward in learned_tonight:
                belief = belief.after(row, reward, NUMBERS.noise)
            learned_tonight = []
        features = vector(
            features_of(
                gap=rng.random(),
                hour_share=rng.uniform(0.05, 0.3),
                dosage=dosage,
                active_days_in_week=rng.randint(2, 6),
                days_since_active=rng.choice([0, 1, 2]),
            )
        )
        sent = False
        if resting > 0:
            resting -= 1
        else:
            odds = NUMBERS.warm_up
            if step >= 4 * NUMBERS.warm_up_days:
                odds = thompson.clipped(thompson.chance_of_benefit(belief, features))
            sent = rng.random() < odds
            reward = float(rng.random() < 0.45 + effect * sent)
            learned_tonight.append((thompson.regressors(features, odds, sent=sent), reward))
            rewards.append(reward)
            if step >= 4 * 45:
                late.append(odds)
            resting = REST if sent else 0
        dosage = thompson.next_dosage(dosage, sent=sent)
    return Lived(sum(late) / len(late), sum(rewards) / len(rewards))


def mean_late_odds(effect: float) -> float:
    found = [live(effect, seed).late_odds for seed in range(20)]
    return sum(found) / len(found)


def test_where_messages_help_the_odds_rise_and_where_they_harm_they_fall_to_the_floor():
    assert mean_late_odds(+0.35) > 0.65
    assert mean_late_odds(-0.35) < 0.22


def test_where_messages_change_nothing_the_odds_stay_low():
    assert 0.2 <= mean_late_odds(0.0) < 0.5
