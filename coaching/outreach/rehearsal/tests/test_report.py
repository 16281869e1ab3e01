"""What groups found adds up, and the report says it."""

import json
import pickle
from collections import Counter

from coaching.outreach.rehearsal.breaches import Rule
from coaching.outreach.rehearsal.findings import EVERYBODY, Findings
from coaching.outreach.rehearsal.people import Kind
from coaching.outreach.rehearsal.report import Report, Spread
from coaching.outreach.rehearsal.truth import Earnings

ONE = Findings(
    people=1,
    per_person_day={EVERYBODY: [1, 2], Kind.STEADY: [1, 2]},
    by_cause=Counter(nudge=3),
    attempts=Counter({"handed over": 3, "processes died": 0}),
    earned=Earnings(points=2, policy=0.5, best=0.75),
    came=Counter({EVERYBODY: 3}),
    read=Counter({EVERYBODY: 2}),
)
OTHER = Findings(
    people=1,
    per_person_day={EVERYBODY: [3], Kind.KEEN: [3]},
    by_cause=Counter(brief=3),
    breaches=Counter({Rule.AWAY.value: 1}),
    earned=Earnings(points=2, policy=0.5, best=0.75),
)


def report_of(found: Findings) -> Report:
    return Report(people=2, days=3, seed=1, start="2026-10-01", seconds=1.0, found=found)


def test_groups_that_come_from_other_processes_add_up() -> None:
    both = pickle.loads(pickle.dumps(ONE)) + pickle.loads(pickle.dumps(OTHER))  # noqa: S301 - our own
    assert both.people == 2
    assert both.per_person_day == {EVERYBODY: [1, 2, 3], Kind.STEADY: [1, 2], Kind.KEEN: [3]}
    assert both.by_cause == {"nudge": 3, "brief": 3}
    assert both.attempts == {"handed over": 3, "processes died": 0}
    assert both.earned == Earnings(points=4, policy=1.0, best=1.5)


def test_one_broken_promise_is_enough() -> None:
    assert report_of(ONE).is_clean
    assert not report_of(ONE + OTHER).is_clean


def test_every_rule_is_named_in_words_and_in_numbers() -> None:
    report = report_of(ONE + OTHER)
    text = "\n".join(report.lines())
    assert all(f"  {rule}" in text for rule in Rule)
    assert "Breaches: 1" in text
    numbers = json.loads(json.dumps(report.as_json()))
    assert numbers["breaches"] == {rule.value: int(rule is Rule.AWAY) for rule in Rule}
    assert numbers["per_person_day"][EVERYBODY]["mean"] == 2


def test_a_spread_of_nothing_is_none() -> None:
    assert Spread.of([]) == Spread(0, 0, 0, 0)
    assert Spread.of(list(range(1, 101))) == Spread(50.5, 51, 96, 100)
