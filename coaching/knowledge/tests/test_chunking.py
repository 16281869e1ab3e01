"""Passages keep every word, their headings, and whole sentences."""

from hypothesis import given, settings
from hypothesis import strategies as st

from coaching.knowledge.chunking import NUMBERS, passages, sentences

WORD = st.sampled_from(
    ["walk", "Tea", "after", "bed,", "10", "habit", "it", "small.", "Why?", "e.g."]
)
LINE = st.lists(WORD, min_size=1, max_size=60).map(" ".join)
BLOCK = st.one_of(
    LINE,
    LINE.map(lambda line: f"## {' '.join(line.split()[:6])}"),
    st.lists(LINE, min_size=1, max_size=4).map(
        lambda lines: "\n".join(f"- {one}" for one in lines)
    ),
)
TEXT = st.lists(BLOCK, max_size=25).map("\n\n".join)


@settings(max_examples=60)
@given(TEXT)
def test_every_word_is_in_exactly_one_passage_in_order(text: str) -> None:
    assert " ".join(piece.text for piece in passages(text)).split() == text.split()


@settings(max_examples=60)
@given(TEXT)
def test_no_passage_is_longer_than_it_may_be_and_its_count_is_true(text: str) -> None:
    for piece in passages(text):
        assert 0 < piece.word_count <= NUMBERS.most
        assert piece.word_count == len(piece.text.split())


@settings(max_examples=30)
@given(st.text(max_size=3000))
def test_any_text_at_all_can_be_cut(text: str) -> None:
    assert "".join("".join(piece.text for piece in passages(text)).split()) == "".join(text.split())


def test_a_short_article_is_one_passage_and_keeps_its_headings() -> None:
    [piece] = passages("# Tea\n\nDrink it warm.\n\n## When\n\nAfter lunch.")
    assert piece.heading == "Tea"
    assert piece.text == "# Tea\n\nDrink it warm.\n\n## When\n\nAfter lunch."


def test_a_long_section_is_shared_out_evenly_between_sentences() -> None:
    text = "# Guide\n\n## Start\n\n" + " ".join(
        f"This is sentence number {number} of a long section." for number in range(60)
    )
    found = passages(text)
    assert {piece.heading for piece in found} == {"Guide › Start"}
    assert all(piece.text.endswith(".") for piece in found)
    assert max(piece.word_count for piece in found) - min(p.word_count for p in found) < 40


def test_a_heading_never_stands_at_the_end_of_a_passage() -> None:
    section = "Word after word makes a sentence here. " * 27
    found = passages(f"# One\n\n{section}\n\n# Two\n\n{section}\n\n# Three\n\n{section}")
    assert [piece.heading for piece in found] == ["One", "Two", "Three"]
    assert all(not piece.text.splitlines()[-1].startswith("#") for piece in found)


def test_abbreviations_and_initials_end_no_sentence() -> None:
    text = "Wood et al. (2002) kept diaries. B. F. Skinner did not, e.g. Because he had rats."
    assert sentences(text)[0] == "Wood et al. (2002) kept diaries."
    assert sentences(text)[1].startswith("B. F. Skinner did not")


def test_text_without_an_end_is_cut_all_the_same() -> None:
    assert max(piece.word_count for piece in passages("word " * 2000)) <= NUMBERS.most
