"""What nudges may say: every reviewed line, and every text of a model, is held to the same checks."""

import random
import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coaching.management.commands.load_message_templates import rows_of
from coaching.outreach.policy.words import filled, names_in
from productivity.models import NudgeMode, NudgeTrigger
from productivity.nudging import checking
from productivity.nudging.checking import problem_with
from productivity.nudging.lines import line_for
from productivity.nudging.modes import kind_of, read_kind
from productivity.nudging.triggers import SAMPLES, purpose_of

FILE = Path(checking.__file__).parent / "data" / "message_templates.yaml"
ROWS = list(rows_of(FILE))
BY_PURPOSE = {purpose_of(trigger): trigger for trigger in NudgeTrigger}
TITLES = st.one_of(
    st.sampled_from(
        ["Tax form", "Pay the rent", "You lazy idiot", "Lose weight", "Kill the weeds"]
    ),
    st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=200),
)


def say(text: str, mode: NudgeMode = NudgeMode.ROAST, title: str = "Tax form") -> str:
    return problem_with(text, mode=mode, title=title)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["key"])
def test_every_reviewed_line_passes_the_checks_and_has_its_facts(row):
    mode, intensity = read_kind(row["kind"])
    assert (intensity > 0) == (mode == NudgeMode.ROAST)
    facts = SAMPLES[BY_PURPOSE[row["purpose"]]]
    assert names_in(row["text"]) <= set(facts)
    said = filled(row["text"], facts)
    assert problem_with(said, mode=mode, title=facts["task"], facts=facts.values()) == ""
    assert len(said) <= 160
    assert "!" not in said


def test_each_trigger_has_six_lines_in_each_tone_and_roasts_of_each_strength():
    counts = Counter((row["purpose"], row["kind"]) for row in ROWS)
    for trigger in NudgeTrigger:
        for mode in NudgeMode:
            if mode == NudgeMode.ROAST:
                of_strength = [counts[purpose_of(trigger), f"roast_{n}"] for n in (1, 2, 3)]
                assert min(of_strength) >= 2
                assert sum(of_strength) >= 6
            else:
                assert counts[purpose_of(trigger), str(mode)] >= 6
    assert len({row["key"] for row in ROWS}) == len(ROWS)
    assert len({row["text"] for row in ROWS}) == len(ROWS)


@given(title=TITLES, row=st.sampled_from(ROWS))
def test_whatever_a_task_is_called_its_line_passes(title, row):
    """The title is the person's own: no word of it is held against the line."""
    mode, _ = read_kind(row["kind"])
    facts = {**SAMPLES[BY_PURPOSE[row["purpose"]]], "task": filled("{task}", {"task": title})}
    said = filled(row["text"], facts)
    if len(said) <= checking.LONGEST:
        problem = problem_with(said, mode=mode, title=facts["task"], facts=facts.values())
        assert problem == ""


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "empty"),
        ("One. Two. Three.", "too_many_sentences"),
        ("“Tax form” waits. " + "x" * 300, "too_long"),
        ("Open https://evil.example for “Tax form”.", "form"),
        ("**Tax form** now.", "form"),
        ("You are too lazy for “Tax form”.", "insult"),
        ("Only a lazy bum skips “Tax form”.", "insult"),
        ("What a loser move with “Tax form”.", "insult"),
        ("Your belly grows faster than “Tax form”.", "body"),
        ("“Tax form” is as broke as your bank account.", "money"),
        ("Your mother would have done “Tax form”.", "identity"),
        ("“Tax form”? Typical ADHD.", "identity"),
        ("You should have done “Tax form” already.", "guilt"),
        ("Damn, “Tax form” is still there.", "swearing"),
        ("You should just kill yourself instead of “Tax form”.", "unsafe"),
        ("“Tax form” takes 17 minutes.", "made_up_number"),
        ("“Tax form” has been so quiet, it could be a library.", ""),
    ],
)
def test_a_text_of_a_model_is_refused_for_what_it_says(text, problem):
    assert say(text) == problem


def test_numbers_and_subjects_that_the_person_named_may_be_said():
    assert say("“Pay 17 bills” waits.", title="Pay 17 bills") == ""
    assert say("“Pay 17 bills” is a bill too far.", title="Pay 17 bills") == "money"
    assert say("“Pay 17 bills” takes 7 minutes.", title="Pay 17 bills") == "made_up_number"


def test_a_text_that_sounds_bleak_is_refused():
    bleak = "Everything is hopeless, exhausting and miserable around “Tax form”."
    assert say(bleak, NudgeMode.NEUTRAL) == "tone"


def test_a_line_is_there_even_without_templates(db):
    line = line_for(
        NudgeTrigger.ASKED, NudgeMode.ROAST, 3, {"task": "Tax form"}, rng=random.Random(1)
    )
    assert (line.text, line.template_key) == ("Next: “Tax form”.", "")


@given(mode=st.sampled_from(list(NudgeMode)), intensity=st.integers(1, 3))
def test_a_kind_reads_back(mode, intensity):
    strength = intensity if mode == NudgeMode.ROAST else 0
    assert read_kind(kind_of(mode, strength)) == (mode, strength)
    assert re.fullmatch(r"[a-z_]+[0-9]?", kind_of(mode, strength))
