"""Cuts Markdown into passages of about two hundred words, with their headings, without cutting a sentence.

What is found is a passage, so each must make sense alone: short sections stay together, long ones are
shared out evenly, and a heading always stands with the text below it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True)
class ChunkingNumbers:
    """How long a passage is, in words (ours).

    The embedding model reads about 190 English words and cuts off the rest, hence `target`. `most` is where a
    passage is closed; `longest_sentence` is where text without an end of a sentence, as bad scans have it, is cut
    all the same.
    """

    target: int = 200
    most: int = 240
    longest_sentence: int = 120


NUMBERS = ChunkingNumbers()
_HEADING = re.compile(r"^ {0,3}(?P<marks>#{1,6})[ \t]+(?P<title>.*?)[ \t]*#*[ \t]*$")
_FENCE = re.compile(r"^ {0,3}(?:```|~~~)")
_LIST_ITEM = re.compile(r"^\s*(?:[-*+]|\d{1,3}[.)])\s+\S")
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"”’')\]]*\s+(?=[\"“‘'(\[]*[A-Z0-9À-Ý])")
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|vs|cf|al|Mr|Mrs|Ms|Dr|Prof|St|No|approx|p|pp|vol)|\b[A-Z])\.$"
)
LONGEST_HEADING = 200


@dataclass(frozen=True)
class Piece:
    """A passage: the headings above it ("Guide › First week"), its Markdown, its length in words."""

    heading: str
    text: str
    word_count: int


@dataclass
class _Unit:
    """What is never cut: a sentence, an item of a list, a heading. `joint` stands before it."""

    text: str
    joint: str
    path: str
    is_heading: bool = False
    words: int = field(init=False)

    def __post_init__(self) -> None:
        self.words = len(self.text.split())


def passages(markdown: str, numbers: ChunkingNumbers = NUMBERS) -> list[Piece]:
    """The passages of a text in order; every word of it is in exactly one of them.

    None is longer than `most` words, unless one list item or line of code is.
    """
    units = list(_units(markdown, numbers))
    found: list[Piece] = []
    for group in _groups(units, numbers):
        text = group[0].text + "".join(f"{unit.joint}{unit.text}" for unit in group[1:])
        body = next((unit for unit in group if not unit.is_heading), group[0])
        found.append(Piece(body.path[:LONGEST_HEADING], text, len(text.split())))
    return found


def _groups(units: list[_Unit], numbers: ChunkingNumbers) -> Iterator[list[_Unit]]:
    """Shares units out into groups of even length; a heading goes with what follows it."""
    for run in _sections(units, numbers):
        total = sum(unit.words for unit in run)
        share = total / max(1, round(total / numbers.target))
        group: list[_Unit] = []
        size = 0
        for at, unit in enumerate(run):
            follower = run[at + 1].words if unit.is_heading and at + 1 < len(run) else 0
            is_full = size + unit.words / 2 > share or size + unit.words + follower > numbers.most
            if is_full and any(not each.is_heading for each in group):
                yield group
                group, size = [], 0
            group.append(unit)
            size += unit.words
        if group:
            yield group


def _sections(units: list[_Unit], numbers: ChunkingNumbers) -> Iterator[list[_Unit]]:
    """Runs of whole sections that fit into one passage together, and sections that are longer than one."""
    run: list[_Unit] = []
    size = 0
    for section in _by_heading(units):
        words = sum(unit.words for unit in section)
        has_body = any(not unit.is_heading for unit in run)
        if has_body and size + words > numbers.target:
            yield run
            run, size = [], 0
        run = run + section
        size += words
    if run:
        yield run


def _by_heading(units: list[_Unit]) -> Iterator[list[_Unit]]:
    section: list[_Unit] = []
    for unit in units:
        if unit.is_heading and any(not each.is_heading for each in section):
            yield section
            section = []
        section.append(unit)
    if section:
        yield section


def _units(markdown: str, numbers: ChunkingNumbers) -> Iterator[_Unit]:
    titles: list[tuple[int, str]] = []
    for block in _blocks(markdown.replace("\r\n", "\n").replace("\r", "\n")):
        heading = _HEADING.match(block)
        if heading and heading["title"]:
            level = len(heading["marks"])
            titles = [each for each in titles if each[0] < level] + [(level, heading["title"])]
            path = " › ".join(title for _, title in titles)
            yield _Unit(block, "\n\n", path, is_heading=True)
            continue
        path = " › ".join(title for _, title in titles)
        joint = "\n\n"
        for part, own_joint in _parts(block, numbers):
            yield _Unit(part, joint, path)
            joint = own_joint


def _blocks(text: str) -> Iterator[str]:
    """Paragraphs, lists, headings and fenced code, each whole."""
    lines: list[str] = []
    is_code = False
    for line in text.split("\n"):
        if _FENCE.match(line):
            is_code = not is_code
        is_heading = not is_code and bool(_HEADING.match(line))
        if is_heading or (not is_code and not line.strip()):
            if lines:
                yield "\n".join(lines)
            lines = []
            if is_heading:
                yield line.strip()
        else:
            lines.append(line.rstrip())
    if any(line.strip() for line in lines):
        yield "\n".join(lines)


def _parts(block: str, numbers: ChunkingNumbers) -> Iterator[tuple[str, str]]:
    """What a block may be cut into, each with what joins it to the next."""
    lines = block.split("\n")
    if (
        _FENCE.match(block)
        or _LIST_ITEM.match(lines[0])
        or lines[0].lstrip().startswith(("|", ">"))
    ):
        for item in _items(lines):
            yield item, "\n"
        return
    for sentence in sentences(" ".join(block.split())):
        words = sentence.split(" ")
        for start in range(0, len(words), numbers.longest_sentence):
            yield " ".join(words[start : start + numbers.longest_sentence]), " "


def _items(lines: list[str]) -> Iterator[str]:
    """List items with their continuation lines; other lines one by one."""
    is_list = bool(_LIST_ITEM.match(lines[0]))
    item: list[str] = []
    for line in lines:
        if item and (not is_list or _LIST_ITEM.match(line)):
            yield "\n".join(item)
            item = []
        item.append(line)
    yield "\n".join(item)


def sentences(text: str) -> list[str]:
    """The sentences of one line of prose; an abbreviation or an initial ends none."""
    found: list[str] = []
    start = 0
    for end in _SENTENCE_END.finditer(text):
        if _ABBREVIATION.search(text[start : end.start()]):
            continue
        found.append(text[start : end.end()].strip())
        start = end.end()
    if rest := text[start:].strip():
        found.append(rest)
    return found
