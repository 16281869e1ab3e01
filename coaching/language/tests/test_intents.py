"""How well messages are understood, on the ones the patterns were made with and on ones they were not."""

from pathlib import Path

import pytest
import yaml

from coaching.language import Intent, intent_of

DATA = yaml.safe_load((Path(__file__).parent / "data" / "utterances.yaml").read_text())
SEEN: list[tuple[str, str]] = []
HELD_OUT: list[tuple[str, str]] = []
for _label, _texts in DATA.items():
    for _number, _text in enumerate(_texts, 1):
        (HELD_OUT if _number % 3 == 0 else SEEN).append((_text, _label))

# A goal and a plan for it are answered in the same way: telling them apart is not what matters.
SAME = {Intent.HABIT_SEQUENCE.value: Intent.CREATE_GOAL.value}


def accuracy(rows: list[tuple[str, str]], *, merged: bool = False) -> float:
    right = 0
    for text, label in rows:
        read = intent_of(text).intent.value
        right += read == label or (merged and SAME.get(read, read) == SAME.get(label, label))
    return right / len(rows)


def test_there_are_enough_labelled_messages_of_every_intent():
    assert sum(map(len, DATA.values())) >= 250
    assert {Intent(label) for label in DATA} == set(Intent)
    assert all(len(texts) >= 9 for texts in DATA.values())
    every = [text.lower() for texts in DATA.values() for text in texts]
    assert len(every) == len(set(every))


def test_the_messages_it_was_made_with_are_understood():
    assert accuracy(SEEN) >= 0.97


def test_messages_it_was_not_made_with_are_understood():
    assert accuracy(HELD_OUT) >= 0.85
    assert accuracy(HELD_OUT, merged=True) >= 0.87


@pytest.mark.parametrize(
    ("said", "intent"),
    [
        ("hi! can you remind me to stretch at 5?", Intent.SET_REMINDER),
        ("thanks, and how am i doing this month?", Intent.ANALYZE_PROGRESS),
        ("Hey coach, i want to run a marathon", Intent.CREATE_GOAL),
        ("yes but what can you do?", Intent.CAPABILITIES),
    ],
)
def test_a_greeting_or_thanks_does_not_hide_the_wish_after_it(said, intent):
    assert intent_of(said).intent is intent


def test_nothing_is_unknown():
    assert intent_of("").intent is Intent.UNKNOWN
    assert intent_of("  \n ").intent is Intent.UNKNOWN
