"""Tables as makers of devices export them: encodings, separators, numbers and dates of any country.

A table says nowhere how it writes numbers and dates, so it is found out from the table itself.
"""

import codecs
import csv
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import chain, islice, pairwise
from zoneinfo import ZoneInfo

from .files import Counting, Part, Progress, StoppedShort, broken_archive

MAX_LINE = 64 * 1024
MAX_COLUMNS = 400
MAX_ROWS = 5_000_000
SAMPLE = 400
_SPACES = dict.fromkeys(map(ord, "   '’"), "")
_UNIT = re.compile(r"^(.*?\d)\s*([A-Za-z%/]+\.?)?$")
_THOUSANDS = re.compile(r"^-?\d{1,3}([.,]\d{3})+$")
_DURATION = re.compile(
    r"^(?:(\d+)\s*(?:h|hr|hrs|hours?|std)\.?)?\s*(?:(\d+)\s*(?:m|min|mins|minutes?)\.?)?\s*(?:(\d+)\s*s(?:ec)?\.?)?$",
    re.IGNORECASE,
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMED = re.compile(
    r"^(?:[A-Za-z]{3,9},?\s+)?(?:(?P<a>[A-Za-z]{3,9})\.?\s+(?P<b>\d{1,2})|(?P<c>\d{1,2})\.?\s+(?P<d>[A-Za-z]{3,9})\.?)"
    r"(?:,?\s+(?P<year>\d{4}))?(?![\d:])"
)
_FIGURES = re.compile(r"^(\d{1,4})[-/.](\d{1,2})[-/.](\d{1,4})(?!\d)")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?\s*([AaPp])?")


def name_of(heading: str) -> str:
    """A heading without its case, its signs and its unit: "Avg. Steps (count)" is "avg steps"."""
    plain = re.sub(r"\(.*?\)", " ", heading)
    return re.sub(r"[^a-z0-9]+", " ", plain.lower()).strip()


def unit_of(heading: str) -> str:
    """The unit in the brackets of a heading."""
    found = re.search(r"\(([A-Za-z/]+)\)", heading)
    return found[1].lower() if found else ""


@dataclass
class Table:
    """The rows of one part, as cells, and how this table writes."""

    rows: Iterator[list[str]]
    delimiter: str
    dates: "Dates"
    sample: list[list[str]] = field(default_factory=list)

    def number(self, text: str, *, whole: bool = False, most: float = 1e9) -> float | None:
        """The number in a cell (a unit behind it is left out), or `None`."""
        return number(text, self.delimiter, whole=whole, most=most)


def read_table(part: Part, progress: Progress, today: date) -> Table:
    """The rows of a part as they come; they raise `StoppedShort` where it breaks."""
    raw = part.open()
    stream = Counting(raw, part.limit)
    lines = _lines(_Text(stream), stream, part, progress)
    first = list(islice(lines, SAMPLE))
    delimiter = _delimiter(first)
    rows = list(_cells(iter(first), delimiter))
    # A row that the sample cuts in two is rare, and only what is found out from the sample sees it so.
    return Table(
        rows=_cells(chain(first, lines), delimiter),
        delimiter=delimiter,
        dates=Dates.found_in(rows, today),
        sample=rows,
    )


def head_of_table(head: bytes) -> list[list[str]]:
    """The first rows of a table that begins with `head`; empty when it is no text."""
    if b"\0" in head and head[:2] not in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return []
    decode, _ = _decoder(head)
    text = decode(head, False)
    if any(ord(sign) < 32 and sign not in "\t\r\n\f" for sign in text[:4000]):
        return []
    lines = [line[:MAX_LINE] for line in text.splitlines()[:SAMPLE] if line.strip()]
    try:
        return list(_cells(iter(lines), _delimiter(lines)))
    except StoppedShort:
        return []


def _decoder(head: bytes) -> tuple[Callable[[bytes, bool], str], int]:
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if head.startswith(mark):
            return codecs.getincrementaldecoder(name)("replace").decode, len(mark)
    try:
        codecs.getincrementaldecoder("utf-8")("strict").decode(head, False)
        name = "utf-8"
    except UnicodeDecodeError:
        name = "cp1252"
    return codecs.getincrementaldecoder(name)("replace").decode, 0


class _Text:
    """Lines of text out of bytes; a line longer than any table has ends the reading."""

    def __init__(self, stream: Counting) -> None:
        self._stream = stream
        head = stream.read(MAX_LINE)
        self._decode, skip = _decoder(head)
        self._rest = self._decode(head[skip:], False)

    def __iter__(self) -> Iterator[str]:
        while True:
            lines = self._rest.splitlines(keepends=True)
            # The last one may go on in the next piece, and a carriage return may be half a line's end.
            self._rest = lines.pop() if lines else ""
            yield from lines
            if len(self._rest) > MAX_LINE:
                raise StoppedShort("a line is longer than in any table")
            data = self._stream.read(MAX_LINE)
            self._rest += self._decode(data, not data)
            if not data:
                yield from self._rest.splitlines(keepends=True)
                return


def _lines(text: _Text, stream: Counting, part: Part, progress: Progress) -> Iterator[str]:
    try:
        for count, line in enumerate(text):
            if count >= MAX_ROWS:
                raise StoppedShort(f"it has more than {MAX_ROWS:,} lines")
            if count % 1000 == 0:
                progress(min(1.0, stream.count / part.size), count)
            yield line.replace("\0", "")
    except StoppedShort:
        raise
    except Exception as error:
        if (broken := broken_archive(error)) is not None:
            raise broken from None
        raise


def _cells(lines: Iterator[str], delimiter: str) -> Iterator[list[str]]:
    reader = csv.reader(lines, delimiter=delimiter)
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise StoppedShort(f"line {reader.line_num:,} is not a row of a table") from None
        yield [cell.strip() for cell in row[:MAX_COLUMNS]]


def _delimiter(lines: Sequence[str]) -> str:
    """The sign that most lines have, and have alike often."""

    def steadiness(sign: str) -> tuple[int, int]:
        counts = [count for line in lines[:50] if (count := line.count(sign))]
        usual = max(sorted(set(counts)), key=counts.count) if counts else 0
        return (counts.count(usual), usual)

    # A comma may also be in numbers, so it comes last when others are as steady.
    best = max(";\t,", key=steadiness)
    return best if steadiness(best)[1] else ","


def number(
    text: str, delimiter: str = ",", *, whole: bool = False, most: float = 1e9
) -> float | None:
    """The number in `text`, written in any country's way; a unit behind it is left out.

    Args:
        delimiter: what separates the cells: beside semicolons a comma is a decimal one.
        whole: whether it counts something; then "1.234" and "1,234" are both 1234.
        most: what the number cannot exceed; a thousands separator that leads beyond is a decimal one.
    """
    found = _UNIT.match(text.translate(_SPACES).strip())
    if found is None:
        return None
    plain = found[1]
    if "," in plain and "." in plain:
        decimal = max(",.", key=plain.rfind)
        plain = plain.replace("," if decimal == "." else ".", "").replace(decimal, ".")
    elif "," in plain or "." in plain:
        sign = "," if "," in plain else "."
        is_thousands = bool(_THOUSANDS.match(plain)) and (
            whole or plain.count(sign) > 1 or (sign == "," and delimiter != ";")
        )
        if is_thousands and float(plain.replace(sign, "")) > most and plain.count(sign) == 1:
            is_thousands = False
        plain = plain.replace(sign, "" if is_thousands else ".")
    try:
        value = float(plain)
    except ValueError:
        return None
    return value if abs(value) < 1e12 else None


def unit_behind(text: str) -> str:
    """The unit behind the number in a cell, in small letters."""
    found = _UNIT.match(text.translate(_SPACES).strip())
    return (found[2] or "").lower().rstrip(".") if found else ""


def minutes(text: str, *, clock: str = "h:mm") -> float | None:
    """A duration in minutes: "7h 50min", "7:50", "470"; with `clock` "mm:ss" two figures are minutes, seconds."""
    plain = text.strip()
    if not plain:
        return None
    if ":" in plain:
        try:
            figures = [float(each.replace(",", ".")) for each in plain.split(":")]
        except ValueError:
            return None
        if any(figure < 0 or figure > 100_000 for figure in figures):
            return None
        if len(figures) == 3:
            return figures[0] * 60 + figures[1] + figures[2] / 60
        if len(figures) == 2:
            first, second = figures
            return first * 60 + second if clock == "h:mm" else first + second / 60
        return None
    if re.fullmatch(r"[\d.,]+", plain):
        return number(plain, whole=False, most=1440)
    found = _DURATION.match(plain)
    if found is None or not any(found.groups()):
        return None
    hours, mins, seconds = (float(each or 0) for each in found.groups())
    return hours * 60 + mins + seconds / 60


@dataclass(frozen=True, slots=True)
class Dates:
    """How a table writes dates: whether the day comes before the month, and when "now" is."""

    day_first: bool
    today: date

    @classmethod
    def found_in(cls, rows: Sequence[Sequence[str]], today: date) -> "Dates":
        """Finds the order out: a figure above 12 is a day; else rows of neighbouring days lie close together."""
        found = [
            match
            for row in rows
            for cell in row[:3]
            if (match := _FIGURES.match(cell)) and len(match[1]) < 3 and len(match[3]) in (2, 4)
        ]
        firsts, seconds = ([int(match[i]) for match in found] for i in (1, 2))
        if any(each > 12 for each in firsts):
            return cls(True, today)
        if any(each > 12 for each in seconds):
            return cls(False, today)
        distances = []
        for day_first in (True, False):
            each = cls(day_first, today)
            days = [day for match in found if (day := each.read(match[0]))]
            to_come = sum(day > today for day in days)
            apart = sum(abs((b - a).days) for a, b in pairwise(days))
            distances.append((to_come, apart))
        return cls(distances[0] < distances[1], today)

    def read(self, text: str) -> date | None:
        """The date at the beginning of a cell."""
        plain = text.strip()
        if figures := _FIGURES.match(plain):
            first, second, third = (int(each) for each in figures.groups())
            if len(figures[1]) == 4:
                year, month, day = first, second, third
            else:
                year = third if len(figures[3]) == 4 else 2000 + third
                day, month = (first, second) if self.day_first else (second, first)
            return _date(year, month, day)
        if named := _NAMED.match(plain):
            month_name = (named["a"] or named["d"]).lower()[:3]
            if month_name not in _MONTHS:
                return None
            month, day = _MONTHS.index(month_name) + 1, int(named["b"] or named["c"])
            if named["year"]:
                return _date(int(named["year"]), month, day)
            this_year = _date(self.today.year, month, day)
            if this_year and this_year <= self.today:
                return this_year
            return _date(self.today.year - 1, month, day)
        return None

    def moment(self, text: str, tz: ZoneInfo) -> datetime | None:
        """The moment in a cell, UTC: with its own offset, else by the clock of `tz`."""
        plain = text.strip()
        try:
            whole = datetime.fromisoformat(plain)
        except ValueError:
            pass
        else:
            try:
                return (whole if whole.tzinfo else whole.replace(tzinfo=tz)).astimezone(UTC)
            except (OverflowError, ValueError):
                return None
        on, clock = self.read(plain), _CLOCK.search(plain)
        if on is None or clock is None:
            return None
        hour, minute = int(clock[1]), int(clock[2])
        if clock[4]:
            hour = hour % 12 + (12 if clock[4].lower() == "p" else 0)
        if hour > 23 or minute > 59:
            return None
        at = datetime(on.year, on.month, on.day, hour, minute, int(clock[3] or 0) % 60, tzinfo=tz)
        return at.astimezone(UTC)


def day_at(moment: datetime, tz: ZoneInfo, day_start_hour: int) -> date:
    """The person's day that holds the moment."""
    clock = moment.astimezone(tz)
    return clock.date() - timedelta(days=1) if clock.hour < day_start_hour else clock.date()


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if 1990 <= year <= 2100 else None
    except ValueError:
        return None
