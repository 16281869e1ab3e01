"""A contradiction closes the older by event time; both stay, and unrelated memories are left alone."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from coaching.memory.contradiction import Relation, Statement, closings, relation_by_rules

START = datetime(2026, 1, 1, tzinfo=UTC)


def said(
    text: str,
    day: int = 0,
    *,
    subject: str = "self",
    slot: str = "",
    value: str = "",
    number: int = 0,
) -> Statement:
    return Statement(
        text, START + timedelta(days=day), subject, slot, value, UUID(int=number or day + 1)
    )


def test_another_value_of_the_same_fact_contradicts() -> None:
    old = said("I live in Berlin.", slot="home", value="Berlin")
    new = said("I live in Lyon.", 9, slot="home", value="Lyon")
    assert relation_by_rules(new, old) == Relation.CONTRADICTS


def test_the_value_is_read_from_an_old_sentence() -> None:
    old = said("I love cooking on Mondays.", slot="likes cook monday")
    new = said("I hate cooking on Mondays.", 9, slot="likes cook monday", value="no")
    assert relation_by_rules(new, old) == Relation.CONTRADICTS


def test_the_same_fact_of_somebody_else_does_not() -> None:
    old = said("My sister lives in Berlin.", subject="sister", slot="home", value="Berlin")
    new = said("I live in Lyon.", 9, slot="home", value="Lyon")
    assert relation_by_rules(new, old) == Relation.NEITHER


def test_mentioning_somebody_touches_nothing_else() -> None:
    new = said("My boss Eva retired on 3 May 2026.", 9, subject="Eva")
    for old in (
        said("My boss Eva likes early meetings.", subject="Eva"),
        said("I have a meeting every Monday."),
        said("I want to retire at 60.", slot="main goal", value="retire at 60"),
    ):
        assert relation_by_rules(new, old) == Relation.NEITHER


def test_nearly_the_same_words_are_the_same() -> None:
    old = said("I keep skipping my evening walk.")
    new = said("I always keep skipping my evening walks!", 3)
    assert relation_by_rules(new, old) == Relation.SAME


def test_other_numbers_are_not_the_same() -> None:
    old = said("I lost 3 kg on 1 May 2026.")
    new = said("I lost 4 kg on 9 May 2026.", 3)
    assert relation_by_rules(new, old, cosine=0.99) == Relation.NEITHER


TOWNS = ["Berlin", "Lyon", "Rome", "Oslo"]
histories = st.lists(
    st.tuples(st.integers(0, 30), st.sampled_from(TOWNS)), min_size=1, max_size=7
).map(
    lambda rows: [
        said(f"I live in {town}.", day, slot="home", value=town, number=number)
        for number, (day, town) in enumerate(rows, 1)
    ]
)


@settings(max_examples=60, deadline=None)
@given(histories, st.integers(0, 1000))
def test_the_order_of_hearing_of_it_does_not_matter(line: list[Statement], seed: int) -> None:
    shuffled = line[:]
    Random(seed).shuffle(shuffled)
    texts = {one.id: (one.at, one.text) for one in line}

    def told(order: list[Statement]) -> Sequence[object]:
        ended = closings(order)
        return sorted(
            (texts[pk], end and (end[0], texts[end[1]])) for pk, end in ended.items() if pk
        )

    assert told(line) == told(shuffled)


@settings(max_examples=60, deadline=None)
@given(histories)
def test_never_all_are_closed_and_nothing_by_an_older_one(line: list[Statement]) -> None:
    ended = closings(line)
    assert None in ended.values()
    by_id = {one.id: one for one in line}
    for pk, end in ended.items():
        if end is not None:
            assert end[0] >= by_id[pk].at
            assert by_id[end[1]].value != by_id[pk].value
            assert (ended[end[1]] or (end[0], end[1]))[1] != pk
    newest = max(line, key=lambda one: one.position)
    assert ended[newest.id] is None if newest.id else False


@settings(max_examples=40, deadline=None)
@given(histories, histories)
def test_unrelated_facts_are_untouched(line: list[Statement], other: list[Statement]) -> None:
    for one in line:
        for two in other:
            elsewhere = Statement(two.text, two.at, two.subject, "work place", two.value)
            assert relation_by_rules(one, elsewhere) != Relation.CONTRADICTS
            about_anna = Statement(two.text, two.at, "Anna", two.slot, two.value)
            assert relation_by_rules(one, about_anna) == Relation.NEITHER
