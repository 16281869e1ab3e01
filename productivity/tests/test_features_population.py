"""Made-up people follow from their seed alone, and their histories from their traits."""

from statistics import mean

import numpy as np

from productivity.features.population import CATEGORIES, Made, Population, generate


def late_share(who: Made, made: Population) -> float:
    due = [task for task in who.tasks if task.due_at is not None]
    return mean((task.completed_at or made.ends_at) > task.due_at for task in due if task.due_at)


def test_the_same_seed_makes_the_same_people_whoever_else_there_is() -> None:
    few, many = generate(3, seed=5, weeks=4), generate(6, seed=5, weeks=4)
    assert [who.id for who in few.people] == [who.id for who in many.people[:3]]
    assert few.people[2].tasks == many.people[2].tasks
    assert generate(3, seed=6, weeks=4).people[0].id != few.people[0].id


def test_outcomes_of_slots_come_as_often_as_the_odds_say() -> None:
    who = generate(1, seed=1, weeks=1).people[0]
    chance = np.random.default_rng(0)
    for category in CATEGORIES:
        odds = who.odds(2, 10, category)
        assert 0 < odds < 1
        drawn = mean(who.outcome(2, 10, category, chance) for _ in range(4000))
        assert abs(drawn - odds) < 0.035


def test_who_puts_things_off_more_is_late_more_often() -> None:
    made = generate(60, seed=3, weeks=8)
    lates = [late_share(who, made) for who in made.people]
    assert np.corrcoef(lates, [who.trait for who in made.people])[0, 1] > 0.4


def test_histories_are_in_order_and_say_the_same_as_their_tasks() -> None:
    made = generate(5, seed=9, weeks=6)
    for who in made.people:
        for task in who.tasks:
            told = task.happenings
            assert told[0].kind == "create"
            assert [each.at for each in told] == sorted(each.at for each in told)
            assert (told[-1].kind == "complete") == (task.completed_at is not None)
            assert task.completed_at is None or task.completed_at < made.ends_at
            assert sum(each.kind == "snooze" for each in told) == task.snoozes
