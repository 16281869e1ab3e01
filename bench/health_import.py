"""Reading a large Apple Health export: speed, memory, and records a second.

    python bench/health_import.py --mb 2000

Writes a synthetic `export.xml` of that size (ten years of a person with a phone and a watch), reads it once in
a process of its own with the product's parser, and prints megabytes a second, the peak of resident memory and
records a second.
"""

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
MEGABYTE = 1024 * 1024
FIRST = datetime(2014, 1, 1, tzinfo=UTC)
YEARS = 10
DEVICE = (
    "&lt;&lt;HKDevice: 0x282d03020&gt;, name:{0}, manufacturer:Apple Inc., model:{0}, hardware:{0}5,4, "
    "software:7.6.2&gt;"
)
RECORD = (
    ' <Record type="{type}" sourceName="{source}" sourceVersion="7.6.2" device="{device}"{unit}'
    ' creationDate="{end}" startDate="{start}" endDate="{end}" value="{value}"/>\n'
)
WITH_METADATA = (
    ' <Record type="HKQuantityTypeIdentifierHeartRate" sourceName="Watch" sourceVersion="7.6.2"'
    ' device="{device}" unit="count/min" creationDate="{end}" startDate="{start}" endDate="{end}"'
    ' value="{value}">\n  <MetadataEntry key="HKMetadataKeyHeartRateMotionContext" value="1"/>\n </Record>\n'
)
DTD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE HealthData [\n<!ELEMENT HealthData (Record*)>\n'
    "<!ATTLIST Record\n  type CDATA #REQUIRED\n>\n]>\n"
)


def write(target: IO[str], size: int, seed: int = 1) -> None:
    """Writes an export of about `size` bytes: shares of kinds as in real ones, types one after another."""
    draw = random.Random(seed)
    target.write(
        DTD + '<HealthData locale="en_US">\n <ExportDate value="2024-01-01 10:00:00 +0100"/>\n'
    )
    written = 0
    for kind, share in SHARES.items():
        until = written + size * share
        estimate = max(1, round(size * share / 420))
        step = timedelta(days=365 * YEARS) / estimate
        at = FIRST
        while written < until:
            written += target.write(record(kind, at, draw))
            at += step
            if at > FIRST + timedelta(days=365 * YEARS):
                at = FIRST
    target.write("</HealthData>\n")


SHARES = {
    "HeartRate": 0.35,
    "StepCount": 0.22,
    "ActiveEnergyBurned": 0.24,
    "DistanceWalkingRunning": 0.12,
    "AppleExerciseTime": 0.03,
    "SleepAnalysis": 0.02,
    "RestingHeartRate": 0.01,
    "BodyMass": 0.01,
}
UNITS = {
    "StepCount": "count",
    "ActiveEnergyBurned": "Cal",
    "DistanceWalkingRunning": "km",
    "AppleExerciseTime": "min",
    "RestingHeartRate": "count/min",
    "BodyMass": "lb",
}


def record(kind: str, at: datetime, draw: random.Random) -> str:
    """One record of the kind at about that moment."""
    source = "iPhone" if kind == "StepCount" and draw.random() < 0.4 else "Watch"
    start = f"{at:%Y-%m-%d %H:%M:%S} +0000"
    minutes = 5 if kind == "SleepAnalysis" else 1
    end = f"{at + timedelta(minutes=minutes):%Y-%m-%d %H:%M:%S} +0000"
    values = {"StepCount": draw.randint(1, 40), "BodyMass": 170, "RestingHeartRate": 58}
    value: object = values.get(kind, round(draw.random(), 4))
    if kind == "HeartRate":
        return WITH_METADATA.format(device=DEVICE.format("Watch"), start=start, end=end, value=71)
    if kind == "SleepAnalysis":
        value = "HKCategoryValueSleepAnalysisAsleepCore"
    family = "Category" if kind == "SleepAnalysis" else "Quantity"
    unit = f' unit="{UNITS[kind]}"' if kind in UNITS else ""
    name = f"HK{family}TypeIdentifier{kind}"
    return RECORD.format(
        type=name,
        source=source,
        device=DEVICE.format(source),
        unit=unit,
        start=start,
        end=end,
        value=value,
    )


def measure(path: Path) -> dict[str, float]:
    """Reads the file as an import does; called in a process of its own."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from momentum.biometrics.importing import reading
    from momentum.biometrics.importing.gathering import Clock

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.perf_counter()
    with path.open("rb") as file:
        read = reading.read(file, Clock(ZoneInfo("Europe/Berlin"), 3, datetime.now(UTC)))
        days = sum(1 for _ in read.gathered.days())
    seconds = time.perf_counter() - began
    size = path.stat().st_size
    return {
        "megabytes": round(size / MEGABYTE),
        "seconds": round(seconds, 1),
        "megabytes_a_second": round(size / MEGABYTE / seconds, 1),
        "records": read.records,
        "records_a_second": round(read.records / seconds),
        "values_of_days": days,
        "peak_memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "memory_before_mb": round(before / 1024),
    }


def main() -> None:
    """Makes the file, measures it in a fresh process, prints the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mb", type=int, default=100, help="size of the export, in megabytes")
    parser.add_argument("--file", type=Path, help="measure this file instead")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(options.measure)))
        return
    with tempfile.TemporaryDirectory() as folder:
        path = options.file or Path(folder) / "export.xml"
        if not options.file:
            with path.open("w", encoding="utf-8") as target:
                write(target, options.mb * MEGABYTE)
        command = [sys.executable, __file__, "--measure", str(path)]
        print(subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip())  # noqa: S603


if __name__ == "__main__":
    main()
