"""Small exports in the shape of the real ones, for tests."""

import io
import struct
import zipfile
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from momentum.biometrics.importing.gathering import Clock

NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)
BERLIN = Clock(ZoneInfo("Europe/Berlin"), 0, NOW)
NAMES = {
    "steps": ("HKQuantityTypeIdentifierStepCount", "count"),
    "exercise": ("HKQuantityTypeIdentifierAppleExerciseTime", "min"),
    "energy": ("HKQuantityTypeIdentifierActiveEnergyBurned", "Cal"),
    "distance": ("HKQuantityTypeIdentifierDistanceWalkingRunning", "km"),
    "resting": ("HKQuantityTypeIdentifierRestingHeartRate", "count/min"),
    "hrv": ("HKQuantityTypeIdentifierHeartRateVariabilitySDNN", "ms"),
    "weight": ("HKQuantityTypeIdentifierBodyMass", "kg"),
    "heart": ("HKQuantityTypeIdentifierHeartRate", "count/min"),
}
DTD = """<!DOCTYPE HealthData [
<!-- HealthKit Export Version: 13 -->
<!ELEMENT HealthData (ExportDate,Me,(Record|Correlation|Workout)*)>
<!ATTLIST HealthData
  locale CDATA #REQUIRED
>
]>
"""


def record(
    kind: str,
    start: str,
    end: str,
    value: object,
    *,
    source: str = "Watch",
    unit: str | None = None,
) -> str:
    """One `Record`; times are like "2024-03-01 08:00:00 +0100"."""
    name, usual = NAMES[kind]
    return (
        f' <Record type="{name}" sourceName="{source}" unit="{unit or usual}"'
        f' creationDate="{end}" startDate="{start}" endDate="{end}" value="{value}"/>'
    )


def asleep(start: str, end: str, stage: str = "AsleepCore", source: str = "Watch") -> str:
    """One span of sleep."""
    return (
        f' <Record type="HKCategoryTypeIdentifierSleepAnalysis" sourceName="{source}"'
        f' startDate="{start}" endDate="{end}" value="HKCategoryValueSleepAnalysis{stage}"/>'
    )


def apple(records: Iterable[str], dtd: str = DTD) -> bytes:
    """An `export.xml`."""
    inside = "\n".join(records)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n{dtd}<HealthData locale="de_DE">\n'
        f' <ExportDate value="2024-06-01 10:00:00 +0200"/>\n{inside}\n</HealthData>\n'
    ).encode()


def zipped(members: Mapping[str, bytes]) -> bytes:
    """A zip file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


_FIT_EPOCH = datetime(1989, 12, 31, tzinfo=UTC)
_SIZES = {0x00: "B", 0x02: "B", 0x84: "H", 0x86: "I", 0x8C: "I", 0x85: "i"}


def fit(messages: Iterable[tuple[int, list[tuple[int, int, int]]]]) -> bytes:
    """A FIT file of (number of the message, [(number of the field, base type, value)])."""
    body = b""
    for number, fields in messages:
        body += struct.pack("<BBBHB", 0x40, 0, 0, number, len(fields))
        body += b"".join(
            struct.pack("<BBB", field, struct.calcsize(_SIZES[base]), base)
            for field, base, _ in fields
        )
        body += b"\x00" + b"".join(struct.pack("<" + _SIZES[base], v) for _, base, v in fields)
    header = struct.pack("<BBHI4s", 12, 0x20, 2132, len(body), b".FIT")
    return header + body + struct.pack("<H", _crc(header + body))


def fit_time(moment: datetime) -> int:
    """Seconds as FIT counts them."""
    return int((moment - _FIT_EPOCH).total_seconds())


def _crc(data: bytes) -> int:
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ 0xA001 if crc & 1 else crc >> 1
    return crc
