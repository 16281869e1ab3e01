"""FIT files of sports watches: activities, and the monitoring files with the steps of a day."""

import warnings
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import fitdecode

from momentum.models import Metric

from .files import Counting, Part, Progress, StoppedShort, broken_archive
from .gathering import Activity, Gathered
from .tables import day_at

UNREADABLE = "messages without a readable time or value"
MAX_MESSAGES = 20_000_000
ASLEEP = frozenset({"light", "deep", "rem", 2, 3, 4})
MAX_STAGE = timedelta(hours=12)


def looks_like(head: bytes) -> bool:
    """Whether a file that begins with `head` is a FIT file."""
    return len(head) >= 12 and head[8:12] == b".FIT" and head[0] in (12, 14)


def read(part: Part, gathered: Gathered, progress: Progress) -> None:
    """Reads one file into `gathered`; raises `StoppedShort` where it breaks."""
    messages = _Messages(gathered)
    with part.open() as raw, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        stream = Counting(raw, part.limit)
        try:
            with fitdecode.FitReader(
                stream,
                check_crc=fitdecode.CrcCheck.DISABLED,
                error_handling=fitdecode.ErrorHandling.IGNORE,
            ) as frames:
                for count, frame in enumerate(frames):
                    if count > MAX_MESSAGES:
                        raise StoppedShort("it has more messages than any watch writes")
                    if isinstance(frame, fitdecode.FitDataMessage):
                        messages.take(frame)
                    if count % 500 == 0:
                        progress(min(1.0, stream.count / part.size), count)
        except StoppedShort:
            raise
        except fitdecode.FitEOFError:
            raise StoppedShort("the file ends in the middle") from None
        except Exception as error:
            # The library answers a hostile file with many kinds of errors: none of them is ours.
            if (broken := broken_archive(error)) is not None:
                raise broken from None
            raise StoppedShort(f"byte {stream.count:,} makes no sense") from None
        finally:
            messages.settle()


class _Messages:
    def __init__(self, gathered: Gathered) -> None:
        self._gathered = gathered
        self._readers: dict[str, Callable[[fitdecode.FitDataMessage], None]] = {
            "session": self._session,
            "monitoring": self._monitoring,
            "monitoring_info": self._keep_time,
            "monitoring_hr_data": self._resting,
            "hrv_status_summary": self._hrv,
            "weight_scale": self._weight,
            "sleep_level": self._sleep_level,
        }
        self._now: datetime | None = None
        # Steps are told as a running count since midnight, by kind of movement.
        self._steps: dict[tuple[Any, str], tuple[float, datetime]] = {}
        self._stage: tuple[datetime, bool] | None = None

    def take(self, message: fitdecode.FitDataMessage) -> None:
        """Takes in one message; one that makes no sense is counted and passed over."""
        reader = self._readers.get(message.name)
        if reader is None:
            return
        try:
            reader(message)
        except (KeyError, ValueError, TypeError, OverflowError, AttributeError):
            self._gathered.passed_over[UNREADABLE] += 1

    def settle(self) -> None:
        """Tells the running counts once the last of them is known."""
        days: dict[Any, tuple[float, datetime]] = {}
        for (on, _), (steps, at) in self._steps.items():
            total, until = days.get(on, (0.0, at))
            days[on] = (total + steps, max(until, at))
        for on, (steps, until) in days.items():
            self._gathered.day(Metric.STEPS, on, steps, until)

    def _session(self, message: fitdecode.FitDataMessage) -> None:
        at = _aware(message.get_value("start_time"))
        seconds = float(message.get_value("total_timer_time"))
        meters = message.get_value("total_distance", fallback=None)
        calories = message.get_value("total_calories", fallback=None)
        self._gathered.activity(
            Activity(
                at,
                seconds / 60,
                None if meters is None else float(meters) / 1000,
                None if calories is None else float(calories),
            )
        )

    def _keep_time(self, message: fitdecode.FitDataMessage) -> None:
        self._now = _aware(message.get_value("timestamp"))

    def _monitoring(self, message: fitdecode.FitDataMessage) -> None:
        if message.has_field("timestamp"):
            self._now = _aware(message.get_value("timestamp"))
        elif message.has_field("timestamp_16") and self._now is not None:
            # Only the lower 16 bits of the time are told; it goes on from the last whole one.
            whole = int((self._now - _FIT_EPOCH).total_seconds())
            ahead = (int(message.get_value("timestamp_16")) - (whole & 0xFFFF)) & 0xFFFF
            self._now += timedelta(seconds=ahead)
        if self._now is None or not message.has_field("steps"):
            return
        steps = message.get_value("steps")
        if steps is None:
            return
        clock = self._gathered.clock
        # A count told at midnight is of the day that ends.
        on = day_at(self._now - timedelta(seconds=1), clock.tz, 0)
        kind = str(message.get_value("activity_type", fallback=""))
        known = self._steps.get((on, kind), (0.0, self._now))
        self._steps[on, kind] = (max(known[0], float(steps)), max(known[1], self._now))

    def _resting(self, message: fitdecode.FitDataMessage) -> None:
        value = message.get_value("current_day_resting_heart_rate", fallback=None)
        value = value or message.get_value("resting_heart_rate", fallback=None)
        if value:
            self._reading(message, Metric.RESTING_HEART_RATE, value)

    def _hrv(self, message: fitdecode.FitDataMessage) -> None:
        value = message.get_value("last_night_average", fallback=None)
        if value:
            self._reading(message, Metric.HRV, value)

    def _weight(self, message: fitdecode.FitDataMessage) -> None:
        self._reading(message, Metric.WEIGHT_KG, message.get_value("weight"))

    def _reading(self, message: fitdecode.FitDataMessage, metric: Metric, value: Any) -> None:
        at = _aware(message.get_value("timestamp"))
        self._gathered.reading(metric, int(at.timestamp()), float(value))

    def _sleep_level(self, message: fitdecode.FitDataMessage) -> None:
        """A stage lasts until the next one is told."""
        at = _aware(message.get_value("timestamp"))
        before, is_asleep = self._stage or (at, False)
        if is_asleep and timedelta(0) < at - before <= MAX_STAGE:
            self._gathered.sleep(int(before.timestamp()), int(at.timestamp()))
        self._stage = (at, message.get_value("sleep_level") in ASLEEP)


_FIT_EPOCH = datetime(1989, 12, 31, tzinfo=UTC)


def _aware(value: Any) -> datetime:
    if not isinstance(value, datetime):
        raise TypeError(value)
    return value if value.tzinfo else value.replace(tzinfo=UTC)
