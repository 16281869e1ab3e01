"""Fitbit's tables: the export with sections (Body, Activities, Sleep) and the one table a metric of Google Takeout.

The export with sections names no units: a distance is told from the steps beside it, a weight from the body mass
index beside it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from momentum.biometrics.metrics import METRICS, day_of, in_unit
from momentum.models import Metric

from .files import Part, Progress
from .gathering import Gathered
from .tables import Table, day_at, name_of, read_table

SECTIONS = frozenset({"body", "foods", "activities", "sleep", "food log"})
UNREADABLE_ROW = "rows without a readable date"
NOT_WORN = "days without a step"
WITHOUT_BMI = "weights whose unit is not told"
# Kilometres a step lie around 0.00075, miles around 0.00047; between them (ours).
KM_A_STEP = 0.00058
# Height squared from weight and body mass index: 1.9-4.6 m² in kilograms, above when it is pounds (ours).
MOST_HEIGHT_SQUARED = 4.4
MAX_DAYS = 40_000


def looks_like(rows: Sequence[Sequence[str]]) -> bool:
    """Whether a table that begins with these rows is one of Fitbit's."""
    for index, row in enumerate(rows[:5]):
        names = [name_of(cell) for cell in row]
        alone = [name for name in names if name]
        if len(alone) == 1 and alone[0] in SECTIONS and index + 1 < len(rows):
            following = {name_of(cell) for cell in rows[index + 1]}
            return bool(following & {"date", "start time", "calories in", "meal"})
        if _takeout(names) is not None or {"start time", "minutes asleep"} <= set(names):
            return True
    return False


def read(part: Part, gathered: Gathered, progress: Progress) -> None:
    """Reads one table into `gathered`; raises `StoppedShort` where it breaks."""
    clock = gathered.clock
    table = read_table(part, progress, clock.now.astimezone(clock.tz).date())
    sections = _Sections(gathered, table)
    section, headings = "", list[str]()
    reader: Callable[[Sequence[str], Mapping[str, int]], None] | None = None
    try:
        for row in table.rows:
            names = [name_of(cell) for cell in row]
            alone = [name for name in names if name]
            if not alone:
                continue
            if len(alone) == 1 and (alone[0] in SECTIONS or alone[0].startswith("food log")):
                section, headings, reader = alone[0], [], None
                continue
            if not headings:
                headings = names
                reader = sections.reader(section, names)
                continue
            if reader is not None:
                reader(row, {name: index for index, name in enumerate(headings)})
            else:
                gathered.passed_over["Food" if "food" in section else "Other tables"] += 1
    finally:
        sections.settle()


def _takeout(names: Sequence[str]) -> str | None:
    """Which table of Google Takeout has these headings."""
    have = set(names)
    for kind, needed in _TAKEOUT.items():
        if needed <= have:
            return kind
    return None


_TAKEOUT: Mapping[str, set[str]] = {
    "steps": {"timestamp", "steps"},
    "resting": {"timestamp", "beats per minute"},
    "hrv": {"timestamp", "rmssd"},
    "weight": {"timestamp", "weight grams"},
    "zones": {"date time", "heart zone id", "total minutes"},
    "score": {"sleep log entry id", "timestamp", "resting heart rate"},
    "sleeps": {"sleep id", "minutes asleep", "sleep end"},
}


@dataclass
class _Sections:
    gathered: Gathered
    table: Table
    _distances: dict[date, float] = field(default_factory=dict)
    _steps: dict[date, float] = field(default_factory=dict)
    _weights: dict[date, tuple[float, float]] = field(default_factory=dict)
    _nights: dict[date, dict[str, float]] = field(default_factory=dict)
    _last: dict[str, date] = field(default_factory=dict)

    def reader(
        self, section: str, names: Sequence[str]
    ) -> Callable[[Sequence[str], Mapping[str, int]], None] | None:
        """What reads the rows below these headings; `None` when nothing of them is used."""
        have = set(names)
        if "steps" in have and "date" in have:
            return self._activity
        if "weight" in have and "date" in have:
            return self._body
        if {"end time", "minutes asleep"} <= have:
            return self._sleep
        kind = _takeout(names)
        return None if kind is None else getattr(self, f"_takeout_{kind}")

    def settle(self) -> None:
        """Tells what needed the whole table: units, and nights in several pieces."""
        steps = sum(self._steps.get(on, 0) for on in self._distances)
        unit = "mi" if steps and sum(self._distances.values()) / steps < KM_A_STEP else "km"
        for on, distance in self._distances.items():
            self._day(Metric.DISTANCE_KM, on, in_unit(Metric.DISTANCE_KM, distance, unit))
        squared = [weight / bmi for weight, bmi in self._weights.values() if bmi > 0]
        if squared:
            middle = sorted(squared)[len(squared) // 2]
            unit = "lb" if middle > MOST_HEIGHT_SQUARED else "kg"
            for on, (weight, _) in self._weights.items():
                self._day(Metric.WEIGHT_KG, on, in_unit(Metric.WEIGHT_KG, weight, unit))
        elif self._weights:
            self.gathered.passed_over[WITHOUT_BMI] += len(self._weights)
        for on, spans in self._nights.items():
            self._day(Metric.SLEEP_MINUTES, on, sum(spans.values()))
        for metric, on in self._last.items():
            self.gathered.may_be_partial(metric, on)

    def _day(self, metric: Metric, on: date, value: float | None) -> None:
        if value:
            self.gathered.day(metric, on, value)
            self._last[metric] = max(on, self._last.get(metric, on))

    def _date(self, row: Sequence[str], places: Mapping[str, int], name: str) -> date | None:
        on = self.table.dates.read(self._cell(row, places, name))
        if on is None or len(self._steps) + len(self._weights) > MAX_DAYS:
            self.gathered.passed_over[UNREADABLE_ROW] += 1
            return None
        return on

    def _number(
        self, row: Sequence[str], places: Mapping[str, int], name: str, *, whole: bool = True
    ) -> float:
        most = METRICS[Metric.DISTANCE_KM].day_high if name == "distance" else 1e9
        return self.table.number(self._cell(row, places, name), whole=whole, most=most) or 0.0

    @staticmethod
    def _cell(row: Sequence[str], places: Mapping[str, int], name: str) -> str:
        index = places.get(name)
        return row[index] if index is not None and index < len(row) else ""

    def _activity(self, row: Sequence[str], places: Mapping[str, int]) -> None:
        on = self._date(row, places, "date")
        if on is None:
            return
        steps = self._number(row, places, "steps")
        if not steps:
            self.gathered.passed_over[NOT_WORN] += 1
            return
        self._steps[on] = steps
        self._day(Metric.STEPS, on, steps)
        if distance := self._number(row, places, "distance", whole=False):
            self._distances[on] = distance
        active = sum(
            self._number(row, places, f"minutes {how} active") for how in ("fairly", "very")
        )
        self._day(Metric.ACTIVE_MINUTES, on, active)
        self._day(Metric.ACTIVE_ENERGY_KCAL, on, self._number(row, places, "activity calories"))

    def _body(self, row: Sequence[str], places: Mapping[str, int]) -> None:
        on = self._date(row, places, "date")
        weight = self._number(row, places, "weight", whole=False)
        if on is not None and weight:
            self._weights[on] = (weight, self._number(row, places, "bmi", whole=False))

    def _sleep(self, row: Sequence[str], places: Mapping[str, int]) -> None:
        self._night(row, places, "start time", "end time")

    def _takeout_sleeps(self, row: Sequence[str], places: Mapping[str, int]) -> None:
        self._night(row, places, "sleep start", "sleep end")

    def _night(self, row: Sequence[str], places: Mapping[str, int], first: str, last: str) -> None:
        clock = self.gathered.clock
        end = self.table.dates.moment(self._cell(row, places, last), clock.tz)
        start = self.table.dates.moment(self._cell(row, places, first), clock.tz) or end
        asleep = self._number(row, places, "minutes asleep")
        if end is None or start is None or len(self._nights) > MAX_DAYS:
            self.gathered.passed_over[UNREADABLE_ROW] += 1
            return
        on = day_of(Metric.SLEEP_MINUTES, min(start, end), end, clock.tz, clock.day_start_hour)
        self._nights.setdefault(on, {})[end.isoformat()] = asleep

    def _takeout_steps(self, row: Sequence[str], places: Mapping[str, int]) -> None:
        self._minute(row, places, Metric.STEPS, self._number(row, places, "steps"))

    def _takeout_zones(self, row: Sequence[str], places: Mapping[str, int]) -> None:
        # A minute in a high zone earns two "zone minutes" and is still one minute.
        self._minute(row, places, Metric.ACTIVE_MINUTES, 1.0)

    def _minute(
        self, row: Sequence[str], places: Mapping[str, int], metric: Metric, value: float
    ) -> None:
        text = self._cell(row, places, "timestamp") or self._cell(row, places, "date time")
        at = self.table.dates.moment(text, self.gathered.clock.tz)
        if at is None:
            self.gathered.passed_over[UNREADABLE_ROW] += 1
        elif value:
            second = int(at.timestamp())
            self.gathered.span(metric, "", second, second + 60, value)

    def _takeout_resting(self, row: Sequence[str], places: Mapping[str, int]) -> None:
        self._daily(row, places, Metric.RESTING_HEART_RATE, "beats per minute")

    def _takeout_hrv(self, row: Sequence[str], places: Mapping[str, int]) -> None:
        self._daily(row, places, Metric.HRV, "rmssd")

    def _takeout_score(self, row: Sequence[str], places: Mapping[str, int]) -> None:
        self._daily(row, places, Metric.RESTING_HEART_RATE, "resting heart rate")

    def _daily(
        self, row: Sequence[str], places: Mapping[str, int], metric: Metric, name: str
    ) -> None:
        """A value of a day: its timestamp names the date and no moment."""
        on = self.table.dates.read(self._cell(row, places, "timestamp"))
        if on is None:
            self.gathered.passed_over[UNREADABLE_ROW] += 1
        else:
            self._day(metric, on, self._number(row, places, name, whole=False))

    def _takeout_weight(self, row: Sequence[str], places: Mapping[str, int]) -> None:
        clock = self.gathered.clock
        at = self.table.dates.moment(self._cell(row, places, "timestamp"), clock.tz)
        grams = self._number(row, places, "weight grams")
        if at is None:
            self.gathered.passed_over[UNREADABLE_ROW] += 1
        elif grams:
            on = day_at(at, clock.tz, clock.day_start_hour)
            self._day(Metric.WEIGHT_KG, on, grams / 1000)
