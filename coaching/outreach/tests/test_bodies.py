"""The beginning of a message says something whole."""

from hypothesis import given
from hypothesis import strategies as st

from coaching.outreach.bodies import BULLET, listed, opening

WEEK = "\n".join(
    ["This week", *listed(["19 of 22 done.", "Call family once."]), "Next week", *listed(["Rest."])]
)


def test_a_short_message_is_shown_whole() -> None:
    assert opening(WEEK, 200) == WEEK


def test_a_title_is_not_shown_without_its_list() -> None:
    assert opening(WEEK, len(WEEK) - 1) == "\n".join(WEEK.splitlines()[:3])


def test_a_long_first_line_is_cut_at_a_word() -> None:
    assert opening("one two three", 10) == "one two…"


@given(st.lists(st.text("ab cd", max_size=12).map(lambda text: f"{BULLET}{text}"), max_size=9))
def test_an_opening_is_no_longer_than_asked(lines: list[str]) -> None:
    assert len(opening("\n".join(lines), 40)) <= 41
