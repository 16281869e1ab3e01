"""Reading motivation from words: what counts, what does not, and how often it is right."""

import json
from io import StringIO

import pytest
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from momentum.models import MotivationType
from momentum.motivation import evaluation
from momentum.motivation.by_model import ReadText, checked
from momentum.motivation.internalization import AUTONOMOUS, CONTROLLED, internalization
from momentum.motivation.lexicon import read_words
from momentum.motivation.read import Read

KINDS = [kind for kind in MotivationType if kind is not MotivationType.UNCLEAR]


# --- How often it is right ------------------------------------------------------------------------
def test_there_are_enough_sentences_of_every_kind() -> None:
    labelled = evaluation.sentences()
    assert len(labelled) >= 300
    assert len({one.text for one in labelled}) == len(labelled)
    for kind in MotivationType:
        assert sum(kind in one.kinds for one in labelled) >= 25


@pytest.mark.parametrize("is_held", [True, False])
def test_when_the_word_list_speaks_it_is_mostly_right(is_held: bool) -> None:
    labelled = [one for one in evaluation.sentences() if one.is_held == is_held]
    result = evaluation.evaluate(read_words, labelled)
    assert result.spoke >= len(labelled) // 2
    assert result.precision >= 0.85
    assert result.recall >= 0.8


def test_the_command_prints_the_confusion_matrix() -> None:
    out = StringIO()
    call_command("evaluate_motivation", "--part", "held", stdout=out)
    lines = out.getvalue().splitlines()
    assert "precision" in lines[0]
    assert [line.split()[0] for line in lines[2:]] == list(MotivationType)


# --- What counts ----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("I really love running in the rain.", MotivationType.INTRINSIC),
        ("It's important to me to stay healthy.", MotivationType.IDENTIFIED),
        ("I'm a runner, it's who I am.", MotivationType.INTEGRATED),
        ("I feel so guilty when I skip it.", MotivationType.INTROJECTED),
        ("My doctor told me to walk more.", MotivationType.EXTERNAL),
        ("I don’t see the point anymore.", MotivationType.AMOTIVATION),
        ("Why bother?", MotivationType.AMOTIVATION),
        (
            "It's not because my wife wants me to run, but because I love it.",
            MotivationType.INTRINSIC,
        ),
    ],
)
def test_a_plain_word_is_understood(text: str, kind: MotivationType) -> None:
    assert read_words(text).kind is kind


@pytest.mark.parametrize(
    "text",
    [
        "My wife wants to run a marathon.",
        "My sister says running is fun.",
        "She feels so guilty when she skips it.",
        "Should I feel guilty when I skip it?",
        '"I feel so guilty when I skip it" was the title.',
        "> I love running\nwhat a quote",
        "I don't feel guilty.",
        "I don't think I love running.",
        "I used to love running.",
        "I wish I loved running.",
        "My boss wants me to finish the report.",
        "",
        "ok",
    ],
)
def test_what_is_not_the_persons_own_motive_says_nothing(text: str) -> None:
    told = read_words(text)
    assert told.kind is MotivationType.UNCLEAR
    assert told.internalization is None
    assert told.distribution() == {"unclear": 1.0}


def test_two_kinds_share() -> None:
    told = read_words("I love running, but I feel guilty when I rest.")
    assert set(told.shares) == {MotivationType.INTRINSIC, MotivationType.INTROJECTED}
    assert told.internalization == pytest.approx(50, abs=1)
    assert told.quotes[MotivationType.INTROJECTED] == ("I feel guilty when I rest.",)


@given(st.text(max_size=300) | st.sampled_from([one.text for one in evaluation.sentences()]))
def test_quotes_are_literal_and_shares_add_up(text: str) -> None:
    told = read_words(text)
    assert 0 <= told.confidence <= 1
    assert sum(told.distribution().values()) == pytest.approx(1, abs=0.001)
    for found in told.quotes.values():
        assert all(quote and quote in text for quote in found)


# --- The number -----------------------------------------------------------------------------------
shares = st.dictionaries(st.sampled_from(KINDS), st.floats(0, 1), max_size=6)


@given(shares)
def test_internalization_is_bounded_and_null_without_a_kind(given_shares: dict) -> None:
    score = internalization(given_shares)
    if sum(given_shares.values()) <= 0:
        assert score is None
    else:
        assert score is not None
        assert -1e-9 <= score <= 100 + 1e-9


@given(shares, st.sampled_from(sorted(AUTONOMOUS)), st.floats(0.01, 1))
def test_more_of_ones_own_never_lowers_it(
    given_shares: dict, kind: MotivationType, more: float
) -> None:
    before = internalization(given_shares)
    after = internalization({**given_shares, kind: given_shares.get(kind, 0) + more})
    assert after is not None
    assert before is None or after >= before - 1e-9


def test_every_kind_stands_on_one_side() -> None:
    assert set(KINDS) == AUTONOMOUS | CONTROLLED
    assert not AUTONOMOUS & CONTROLLED
    assert internalization({MotivationType.AMOTIVATION: 1.0}) == 0
    assert internalization({MotivationType.INTRINSIC: 0.2, MotivationType.EXTERNAL: 0.2}) == 50


# --- A model's answer -----------------------------------------------------------------------------
TEXT = "I run because it matters to me, and my doctor is pleased."


def of_model(**answer: object) -> Read:
    return checked(ReadText.model_validate_json(json.dumps(answer)), TEXT)


def test_a_quote_the_person_never_wrote_is_dropped_with_its_kind() -> None:
    told = of_model(
        confidence=0.9,
        kinds=[
            {"kind": "identified", "weight": 0.5, "quote": "it matters to me"},
            {"kind": "external", "weight": 0.5, "quote": "my doctor forces me"},
        ],
    )
    assert told.shares == {MotivationType.IDENTIFIED: 1.0}
    assert told.internalization == 100


def test_an_unsure_model_says_nothing() -> None:
    kinds = [{"kind": "identified", "weight": 1, "quote": "it matters to me"}]
    assert not of_model(confidence=0.2, kinds=kinds).is_clear
    assert of_model(confidence=0.8, kinds=kinds).is_clear


@given(
    st.builds(
        ReadText,
        confidence=st.floats(),
        tone=st.none() | st.floats(),
        tone_quote=st.sampled_from(["", "matters", "never said"]),
        kinds=st.lists(
            st.builds(
                dict,
                kind=st.sampled_from(list(MotivationType)),
                weight=st.floats(),
                quote=st.sampled_from(["it matters to me", "my doctor", "never said", ""]),
            ),
            max_size=5,
        ),
    )
)
def test_whatever_a_model_answers_what_is_kept_holds(answer: ReadText) -> None:
    told = checked(answer, TEXT)
    assert 0 <= told.confidence <= 1
    assert sum(told.distribution().values()) == pytest.approx(1, abs=0.001)
    assert all(quote in TEXT for found in told.quotes.values() for quote in found)
    assert told.tone is None or (-1 <= told.tone <= 1 and told.tone_quote in TEXT)
