"""Apple Health's `export.xml`: one `Record` element a measurement, up to some millions of them.

The document type in front is cut off before the parser sees it: Apple has shipped it malformed more than once,
and entities, the way in for most attacks by XML, can be declared nowhere else. Formats: Apple's HealthKit
identifiers as they stand in exports.
"""

import codecs
import re
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any
from xml.parsers import expat

from momentum.biometrics.metrics import in_unit
from momentum.models import Metric

from .files import MEGABYTE, Counting, Part, Progress, StoppedShort, Unreadable, broken_archive
from .gathering import Gathered

ROOT = b"<HealthData"
MAX_HEAD = 4 * MEGABYTE
MAX_SILENCE = 8 * MEGABYTE
MAX_DEPTH = 64
MAX_KINDS = 200
CHUNK = 256 * 1024
_PREFIX = re.compile(r"^HK(Quantity|Category|Data|Correlation)TypeIdentifier")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

ADDITIVE = {
    "HKQuantityTypeIdentifierStepCount": Metric.STEPS.value,
    "HKQuantityTypeIdentifierAppleExerciseTime": Metric.ACTIVE_MINUTES.value,
    "HKQuantityTypeIdentifierActiveEnergyBurned": Metric.ACTIVE_ENERGY_KCAL.value,
    "HKQuantityTypeIdentifierDistanceWalkingRunning": Metric.DISTANCE_KM.value,
}
READINGS = {
    "HKQuantityTypeIdentifierRestingHeartRate": Metric.RESTING_HEART_RATE.value,
    "HKQuantityTypeIdentifierHeartRateVariabilitySDNN": Metric.HRV.value,
    "HKQuantityTypeIdentifierBodyMass": Metric.WEIGHT_KG.value,
}
SLEEP = "HKCategoryTypeIdentifierSleepAnalysis"
ASLEEP = frozenset(
    f"HKCategoryValueSleepAnalysis{stage}"
    for stage in ("Asleep", "AsleepUnspecified", "AsleepCore", "AsleepDeep", "AsleepREM")
)
UNUSED_VALUES = "time in bed or awake"
UNKNOWN_UNIT = "units that are not known"
UNREADABLE_RECORD = "records without a readable time or value"


def looks_like(head: bytes) -> bool:
    """Whether a file that begins with `head` is an export of Apple Health."""
    if head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        head = head[: len(head) // 2 * 2].decode("utf-16", "ignore").encode()
    if head[:3] == codecs.BOM_UTF8:
        head = head[3:]
    return head.lstrip()[:1] == b"<" and (ROOT in head or b"<!DOCTYPE HealthData" in head)


def read(part: Part, gathered: Gathered, progress: Progress) -> None:
    """Reads the whole export into `gathered`.

    Raises `StoppedShort` where the file breaks (what came before is in `gathered`), `Unreadable` when
    nothing of it can be read.
    """
    records = _Records(gathered)
    parser = records.parser()
    with part.open() as raw:
        stream = Counting(raw, part.limit)
        try:
            source, first, skipped_lines = _from_root(stream)
            chunk = first
            while chunk:
                seen = records.elements
                parser.Parse(chunk)
                records.quiet = 0 if records.elements > seen else records.quiet + len(chunk)
                if records.quiet > MAX_SILENCE:
                    raise StoppedShort(_where(parser, skipped_lines, "something there never ends"))
                progress(min(1.0, stream.count / part.size), records.count)
                chunk = source(CHUNK)
            parser.Parse(b"", True)
        except expat.ExpatError as error:
            # The DTD is gone, so an unknown entity is a broken or a hostile file.
            what = (
                "the file ends in the middle"
                if error.code in _ENDED
                else f"the XML is broken ({expat.ErrorString(error.code)})"
            )
            raise StoppedShort(_where(parser, skipped_lines, what)) from None
        except (OSError, EOFError, ValueError, RuntimeError) as error:
            raise broken_archive(error) or StoppedShort("it cannot be read further") from None
        except Exception as error:
            if (broken := broken_archive(error)) is not None:
                raise broken from None
            raise
        finally:
            records.tell()
    progress(1.0, records.count)


_ENDED = frozenset(
    expat.errors.codes[message]
    for message in (
        expat.errors.XML_ERROR_NO_ELEMENTS,
        expat.errors.XML_ERROR_UNCLOSED_TOKEN,
        expat.errors.XML_ERROR_PARTIAL_CHAR,
        expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION,
    )
)


def _where(parser: expat.XMLParserType, skipped_lines: int, what: str) -> str:
    return f"in line {parser.ErrorLineNumber + skipped_lines:,} {what}"


def _from_root(stream: Counting) -> tuple[Callable[[int], bytes], bytes, int]:
    """How to read on, what to begin with, and how many lines were left out.

    Only the XML declaration stays of what stands before the root: it names the encoding.
    """
    head = stream.read(CHUNK)
    source: Callable[[int], bytes] = stream.read
    if head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        decode = codecs.getincrementaldecoder("utf-16")("replace").decode

        def recoded(size: int) -> bytes:
            data = stream.read(size)
            return decode(data, not data).encode()

        head, source = decode(head).encode(), recoded
    head = head.removeprefix(codecs.BOM_UTF8)
    while (at := head.find(ROOT)) < 0:
        more = source(CHUNK)
        if not more or len(head) > MAX_HEAD:
            raise Unreadable("This is XML, but not an export of Apple Health.")
        head += more
    declared = re.match(rb"\s*<\?xml[^>]*encoding=[\"']([A-Za-z0-9._-]{1,40})[\"']", head[:300])
    name = declared[1].decode() if declared and source == stream.read else "utf-8"
    try:
        is_ascii_like = codecs.lookup(name).name in _ASCII_LIKE
    except LookupError:
        is_ascii_like = False
    if not is_ascii_like:
        raise Unreadable(f"This file says that it is written in “{name}”, which I cannot read.")
    declaration = f'<?xml version="1.0" encoding="{name}"?>'.encode()
    return source, declaration + head[at:], head.count(b"\n", 0, at)


_ASCII_LIKE = frozenset({"utf-8", "ascii", "iso8859-1", "cp1252", "iso8859-15"})


class _Records:
    """The handlers of one reading."""

    def __init__(self, gathered: Gathered) -> None:
        self.gathered = gathered
        self.count = 0
        self.elements = 0
        self.quiet = 0
        self._depth = 0
        self._others: Counter[str] = Counter()
        self._tens: dict[str, int] = {}

    def parser(self) -> expat.XMLParserType:
        parser = expat.ParserCreate()
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        parser.EntityDeclHandler = _refuse_entity
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        return parser

    def tell(self) -> None:
        """Says in `gathered` which kinds of records were passed over."""
        for name, count in self._others.items():
            words = _CAMEL.sub(" ", _PREFIX.sub("", name))[:60]
            self.gathered.passed_over[words[:1].upper() + words[1:].lower()] += count

    def _end(self, name: str) -> None:
        self._depth -= 1

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.elements += 1
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise StoppedShort("elements lie in each other far deeper than in any export")
        if name != "Record":
            return
        self.count += 1
        kind = attributes.get("type", "")
        try:
            if kind in ADDITIVE:
                metric = ADDITIVE[kind]
                value = _in_unit(metric, attributes)
                if value is None:
                    self.gathered.passed_over[UNKNOWN_UNIT] += 1
                    return
                start, end = self._at(attributes["startDate"]), self._at(attributes["endDate"])
                self.gathered.span(metric, attributes.get("sourceName", ""), start, end, value)
            elif kind == SLEEP:
                if attributes["value"] in ASLEEP:
                    start, end = self._at(attributes["startDate"]), self._at(attributes["endDate"])
                    self.gathered.sleep(start, end)
                else:
                    self.gathered.passed_over[UNUSED_VALUES] += 1
            elif kind in READINGS:
                metric = READINGS[kind]
                value = _in_unit(metric, attributes)
                if value is None:
                    self.gathered.passed_over[UNKNOWN_UNIT] += 1
                    return
                self.gathered.reading(metric, self._at(attributes["startDate"]), value)
            elif kind in self._others or len(self._others) < MAX_KINDS:
                self._others[kind] += 1
            else:
                self._others["Other"] += 1
        except (KeyError, ValueError, OverflowError):
            self.gathered.passed_over[UNREADABLE_RECORD] += 1

    def _at(self, text: str) -> int:
        """Seconds since 1970 of "2024-08-11 21:34:30 -0700"; the tens of minutes are remembered."""
        if len(text) != 25:
            raise ValueError(text)
        key = text[:15] + text[19:]
        base = self._tens.get(key)
        if base is None:
            if len(self._tens) > 20_000:
                self._tens.clear()
            whole = datetime.strptime(f"{text[:15]}0:00{text[19:]}", "%Y-%m-%d %H:%M:%S %z")
            base = self._tens[key] = int(whole.timestamp())
        minute, second = text[15], text[17:19]
        if not (minute.isdecimal() and second.isdecimal()):
            raise ValueError(text)
        return base + 60 * int(minute) + int(second)


def _in_unit(metric: str, attributes: dict[str, str]) -> float | None:
    value, unit = float(attributes["value"]), attributes.get("unit", "")
    if metric == Metric.ACTIVE_ENERGY_KCAL and unit == "Cal":
        unit = "kcal"  # a large calorie
    return in_unit(metric, value, unit)


def _refuse_entity(*declaration: Any) -> None:
    raise StoppedShort("it declares entities, as no export does")
