"""Answers as HTML: harmless, and the same whether rendered at once or bit by bit."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coaching.chat.markdown import Sealer, render

BLOCKS = [
    "A plain paragraph.",
    "Two lines\nof one paragraph.",
    "# Heading",
    "Setext\n---",
    "---",
    "- one\n- two",
    "- loose\n\n- list",
    "- nested\n  - inner\n\n  more",
    "1. first\n2. second",
    "3. third",
    "* other bullet",
    "> quote\nlazy",
    "> quote\n\n> again",
    "```python\ncode\n\nmore\n```",
    "```\nnever closed",
    "    indented\n\n    code",
    "| a | b |\n|---|---|\n| 1 | 2 |",
    "[ref]: https://example.org",
    "see [ref] and [x](https://example.org)",
    "**bold\n\nnot bold**",
    "<b>html</b>",
    "![picture](https://example.org/p.png)",
    "   three spaces",
    "\ttab",
]
TEXTS = st.lists(st.sampled_from(BLOCKS), max_size=8).flatmap(
    lambda blocks: st.lists(
        st.sampled_from(["\n", "\n\n", "\n\n\n", " \n", "\n \n"]),
        min_size=len(blocks),
        max_size=len(blocks),
    ).map(lambda gaps: "".join(block + gap for block, gap in zip(blocks, gaps, strict=True)))
)
WILD = st.text(alphabet="ab \n\t-*#>`|1.[]()_~:!<&=", max_size=60)


@settings(max_examples=400, deadline=None)
@given(text=TEXTS | WILD, data=st.data())
def test_sealed_blocks_and_tail_are_always_the_whole(text: str, data: st.DataObject) -> None:
    cuts = data.draw(st.lists(st.integers(0, len(text)), max_size=12))
    edges = sorted({0, len(text), *cuts})
    sealer, sealed = Sealer(), ""
    for begin, end in pairwise(edges):
        finished, tail = sealer.add(text[begin:end])
        sealed += "".join(finished)
        assert sealed + tail == render(text[:end])


@pytest.mark.parametrize(
    ("text", "unwanted"),
    [
        ("<script>alert(1)</script>", "<script"),
        ("[x](javascript:alert(1))", "href"),
        ("[x](data:text/html,hi)", "href"),
        ("![cat](https://evil.example/pixel.png)", "evil.example"),
        ("![cat](https://evil.example/pixel.png)", "<img"),
        ('<a href="https://x" onclick="x()">y</a>', "<a"),
        ("<https://example.org/\"onmouseover='x'>", "onmouseover='x'>"),
    ],
)
def test_nothing_harmful_comes_out(text: str, unwanted: str) -> None:
    assert unwanted not in render(text)


def test_a_picture_is_its_description() -> None:
    assert render("![a cat & dog](https://x.example/p.png)") == "<p>a cat &amp; dog</p>\n"


def test_links_are_kept_at_arms_length() -> None:
    html = render("[site](https://example.org)")
    assert 'href="https://example.org"' in html
    assert 'rel="nofollow noopener noreferrer"' in html


def test_a_finished_block_is_rendered_once() -> None:
    sealer = Sealer()
    assert sealer.add("One.\n\nTwo") == ([], "<p>One.</p>\n<p>Two</p>\n")
    assert sealer.add(" goes on.\n\n") == (["<p>One.</p>\n"], "<p>Two goes on.</p>\n")
