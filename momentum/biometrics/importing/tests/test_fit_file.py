"""FIT files: workouts, and the steps of days in monitoring files."""

import io
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from momentum.biometrics.importing.files import Unreadable
from momentum.biometrics.importing.reading import Read, read
from momentum.models import ImportKind

from .exports import BERLIN, fit, fit_time

BYTE, ENUM, SHORT, LONG = 0x02, 0x00, 0x84, 0x86
MORNING = fit_time(datetime(2024, 3, 1, 7, 0, tzinfo=UTC))


def told(data: bytes) -> Read:
    return read(io.BytesIO(data), BERLIN)


RUN = fit(
    [
        (0, [(0, ENUM, 4)]),
        (18, [(253, LONG, MORNING + 1900), (2, LONG, MORNING), (8, LONG, 1_800_000),
              (9, LONG, 500_000), (11, SHORT, 350)]),
    ]
)  # fmt: skip
WALKING, RUNNING = 6, 1
DAY = fit(
    [
        (0, [(0, ENUM, 32)]),
        (55, [(253, LONG, MORNING), (3, LONG, 1000), (5, ENUM, WALKING)]),
        (55, [(26, SHORT, (MORNING + 600) & 0xFFFF), (3, LONG, 2500), (5, ENUM, WALKING)]),
        (55, [(253, LONG, MORNING + 700), (3, LONG, 400), (5, ENUM, RUNNING)]),
    ]
)


def test_a_workout_has_its_minutes_kilometres_and_energy():
    result = told(RUN)
    (workout,) = result.gathered.activities.values()
    assert result.kind == ImportKind.FIT
    assert not result.stopped
    assert (workout.minutes, workout.distance_km, workout.energy_kcal) == (30, 5, 350)
    assert workout.at == datetime(2024, 3, 1, 7, 0, tzinfo=UTC)


def test_running_counts_of_a_day_are_its_steps():
    (day,) = told(DAY).gathered.days()
    # The last count of walking and that of running.
    assert (str(day.metric), day.date.isoformat()) == ("steps", "2024-03-01")
    assert day.value == 2900
    assert day.measured_until == datetime(2024, 3, 1, 7, 11, 40, tzinfo=UTC)


@given(st.integers(0, len(DAY) - 1))
@settings(max_examples=60, deadline=None)
def test_a_cut_file_gives_what_came_before(at: int):
    try:
        result = told(DAY[:at])
    except Unreadable:
        assert at < 12
    else:
        assert result.stopped


@given(st.binary(max_size=300))
@settings(max_examples=150, deadline=None)
def test_bytes_of_chance_do_no_harm(data: bytes):
    told(DAY[:12] + data)
