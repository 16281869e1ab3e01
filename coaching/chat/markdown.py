"""An answer's Markdown as HTML that cannot harm: parsed here, cleaned by an allow-list, rendered bit by bit.

While an answer grows, blocks that no further text can change are sealed: rendered once and never again.
Only the open tail is rendered anew. `"".join(sealed) + open` is always what rendering the whole gives.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

TAGS = {
    *("p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "strong", "em", "s", "code", "pre"),
    *("blockquote", "ul", "ol", "li", "a", "table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}, "code": {"class"}}
SCHEMES = {"http", "https", "mailto", "tel", "sms"}


def _picture_as_text(
    renderer: RendererHTML,
    tokens: Sequence[Token],
    index: int,
    options: OptionsDict,
    env: EnvType,
) -> str:
    """Nothing is ever fetched because a model wrote an address: a picture is its description."""
    children = tokens[index].children or []
    return escapeHtml(renderer.renderInlineAsText(children, options, env))


# A reference definition could change blocks far above it, so that nothing could ever be sealed.
_parser = (
    MarkdownIt("commonmark", {"html": False, "linkify": False})
    .enable(["table", "strikethrough"])
    .disable(["reference", "html_block", "html_inline"])
)
_parser.add_render_rule("image", _picture_as_text)
_cleaner = nh3.Cleaner(
    tags=TAGS,
    attributes=ATTRIBUTES,
    url_schemes=SCHEMES,
    link_rel="nofollow noopener noreferrer",
)


def render(text: str) -> str:
    """The whole of `text` as clean HTML."""
    return _clean(_parser.render(_lines(text)))


class Sealer:
    """Renders a growing text, block by block."""

    def __init__(self) -> None:
        self._open_text = ""

    def add(self, delta: str) -> tuple[list[str], str]:
        """Takes the next piece; gives the HTML of blocks finished by it, and that of the open tail."""
        self._open_text += _lines(delta)
        sealed = self._seal()
        return sealed, _clean(_parser.render(self._open_text))

    def skip(self, delta: str) -> None:
        """Takes a piece that the reader has seen already, with the blocks that it finished."""
        self._open_text += _lines(delta)
        self._seal()

    def reset(self) -> None:
        """Forgets everything, because the text begins anew."""
        self._open_text = ""

    def _seal(self) -> list[str]:
        # The last line may still grow and become something else, so only whole lines are looked at.
        whole = self._open_text[: self._open_text.rfind("\n") + 1]
        if "\n\n" not in whole:
            return []
        env: dict[str, Any] = {}
        tokens = _parser.parse(whole, env)
        starts = [
            (index, token.map[0])
            for index, token in enumerate(tokens)
            if token.level == 0 and token.nesting >= 0 and token.map
        ]
        if len(starts) < 2:
            return []
        lines = whole.split("\n")
        # The last block may go on; one that follows it without a blank line could have been part of it.
        for position in range(len(starts) - 1, 0, -1):
            token_index, line = starts[position]
            if not lines[line - 1].strip() and lines[line][:1].strip():
                break
        else:
            return []
        done = [index for index, _ in starts[:position]] + [token_index]
        html = [
            _clean(_parser.renderer.render(tokens[begin:end], _parser.options, env))
            for begin, end in pairwise(done)
        ]
        self._open_text = "\n".join(lines[line:]) + self._open_text[len(whole) :]
        return html


def _lines(text: str) -> str:
    return text.replace("\r", "").replace("\0", "�")


def _clean(html: str) -> str:
    return _cleaner.clean(html)
