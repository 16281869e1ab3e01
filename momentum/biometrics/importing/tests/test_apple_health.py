"""What is read of Apple Health's export, and what it cannot do to us."""

import io
import zipfile
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from momentum.biometrics.importing import apple_health, files
from momentum.biometrics.importing.files import Unreadable
from momentum.biometrics.importing.gathering import Clock
from momentum.biometrics.importing.reading import Read, read
from momentum.models import ImportKind

from .exports import BERLIN, NOW, apple, asleep, record, zipped


def told(data: bytes, clock: Clock = BERLIN) -> Read:
    return read(io.BytesIO(data), clock)


def values(data: bytes, clock: Clock = BERLIN) -> dict[tuple[str, str], float]:
    return {
        (str(day.metric), day.date.isoformat()): day.value
        for day in told(data, clock).gathered.days()
    }


def steps(start: str, end: str, count: int, source: str = "Watch") -> str:
    return record("steps", f"2024-03-{start} +0100", f"2024-03-{end} +0100", count, source=source)


def test_steps_of_a_day_add_up():
    data = apple(
        [steps("01 08:00:00", "01 08:05:00", 400), steps("01 18:00:00", "01 18:09:00", 600)]
    )
    assert values(data) == {("steps", "2024-03-01"): 1000}
    assert told(data).kind == ImportKind.APPLE_HEALTH


def test_of_an_hour_that_two_devices_counted_the_larger_count_is_believed():
    data = apple(
        [
            steps("01 08:00:00", "01 08:05:00", 400, "Watch"),
            steps("01 08:01:00", "01 08:06:00", 380, "iPhone"),
            steps("01 09:00:00", "01 09:05:00", 100, "iPhone"),
        ]
    )
    assert values(data) == {("steps", "2024-03-01"): 500}


def test_a_span_over_hours_and_midnight_is_shared_out_by_time():
    data = apple([record("steps", "2024-03-01 22:00:00 +0100", "2024-03-02 02:00:00 +0100", 400)])
    assert values(data) == {("steps", "2024-03-01"): 200, ("steps", "2024-03-02"): 200}


def test_days_are_those_of_the_person_and_begin_when_theirs_begin():
    late = apple([record("steps", "2024-03-02 01:30:00 +0100", "2024-03-02 01:40:00 +0100", 50)])
    assert values(late, Clock(ZoneInfo("Europe/Berlin"), 3, NOW)) == {("steps", "2024-03-01"): 50}
    assert values(late, Clock(ZoneInfo("Asia/Tokyo"), 3, NOW)) == {("steps", "2024-03-02"): 50}
    half = apple([record("steps", "2024-03-01 18:10:00 +0000", "2024-03-01 18:20:00 +0000", 50)])
    assert values(half, Clock(ZoneInfo("Asia/Kolkata"), 0, NOW)) == {("steps", "2024-03-01"): 50}
    assert values(
        apple([record("steps", "2024-03-01 18:40:00 +0000", "2024-03-01 18:50:00 +0000", 50)]),
        Clock(ZoneInfo("Asia/Kolkata"), 0, NOW),
    ) == {("steps", "2024-03-02"): 50}


def test_the_long_and_the_short_day_of_summer_time_keep_every_step():
    hours = [f"2023-10-29 {hour:02}:10:00 +0000" for hour in range(23)]
    data = apple([record("steps", at, at, 10) for at in hours])
    assert sum(values(data).values()) == 230


def test_sleep_is_what_was_slept_without_time_in_bed_on_the_day_of_waking():
    data = apple(
        [
            asleep("2024-03-01 22:00:00 +0100", "2024-03-02 07:30:00 +0100", "InBed"),
            asleep("2024-03-01 22:30:00 +0100", "2024-03-02 02:00:00 +0100", "AsleepCore"),
            asleep("2024-03-02 02:00:00 +0100", "2024-03-02 03:00:00 +0100", "AsleepDeep"),
            asleep("2024-03-02 03:00:00 +0100", "2024-03-02 03:30:00 +0100", "Awake"),
            asleep("2024-03-02 03:30:00 +0100", "2024-03-02 07:00:00 +0100", "AsleepREM"),
            asleep("2024-03-02 00:00:00 +0100", "2024-03-02 05:00:00 +0100", "Asleep", "Pillow"),
        ]
    )
    # 22:30 to 7:00 without a gap: the other app says that the half hour awake was slept.
    assert values(data) == {("sleep_minutes", "2024-03-02"): 510}
    assert told(data).gathered.passed_over[apple_health.UNUSED_VALUES] == 2


def test_readings_count_in_their_units():
    at = "2024-03-01 07:00:00 +0100"
    later = "2024-03-01 21:00:00 +0100"
    data = apple(
        [
            record("weight", at, at, 180, unit="lb"),
            record("weight", later, later, 176.37, unit="lb"),
            record("hrv", at, at, 40),
            record("hrv", later, later, 61),
            record("resting", at, at, 55),
            record("energy", at, at, 120.5),
            record("energy", later, later, 418.4, unit="kJ"),
            record("distance", at, at, 1, unit="mi"),
            record("exercise", at, at, 12),
        ]
    )
    day = "2024-03-01"
    assert values(data) == {
        ("weight_kg", day): pytest.approx(80.0, abs=0.01),
        ("hrv", day): 50.5,
        ("resting_heart_rate", day): 55,
        ("active_energy_kcal", day): 220.5,
        ("distance_km", day): 1.609,
        ("active_minutes", day): 12,
    }


def test_what_is_not_kept_is_counted_by_its_name():
    at = "2024-03-01 07:00:00 +0100"
    gathered = told(
        apple(
            [record("heart", at, at, 60), record("heart", at, at, 61), record("steps", at, "x", 1)]
        )
    ).gathered
    assert gathered.passed_over == {"Heart rate": 2, apple_health.UNREADABLE_RECORD: 1}


def test_the_export_is_found_in_its_zip_under_whatever_name():
    inside = apple([steps("01 08:00:00", "01 08:05:00", 7)])
    data = zipped(
        {
            "apple_health_export/export_cda.xml": b"<?xml version='1.0'?><ClinicalDocument/>",
            "apple_health_export/Exportación.xml": inside,
            "apple_health_export/workout-routes/route.gpx": b"<gpx/>",
        }
    )
    assert values(data) == {("steps", "2024-03-01"): 7}


def test_a_malformed_document_type_does_no_harm():
    data = apple(
        [steps("01 08:00:00", "01 08:05:00", 7)], dtd="<!DOCTYPE HealthData [\n<!ATTLIST x\n"
    )
    assert values(data) == {("steps", "2024-03-01"): 7}


def test_utf_16_is_read_too():
    data = apple([steps("01 08:00:00", "01 08:05:00", 7)]).decode().replace("UTF-8", "UTF-16")
    assert values(data.encode("utf-16")) == {("steps", "2024-03-01"): 7}


def test_a_file_broken_in_the_middle_gives_what_came_before_and_says_where():
    whole = apple([steps("01 08:00:00", "01 08:05:00", 7), steps("02 08:00:00", "02 08:05:00", 8)])
    at = whole.index(b"2024-03-02")
    broken = told(whole[:at] + b"<<<" + whole[at:])
    assert [day.value for day in broken.gathered.days()] == [7]
    assert broken.stopped.startswith("in line 12 the XML is broken")
    short = told(whole[:at])
    assert [day.value for day in short.gathered.days()] == [7]
    assert "ends in the middle" in short.stopped
    wrong = told(whole.replace(b'sourceName="Watch"', b'sourceName="W\xff"'))
    assert "broken" in wrong.stopped


LAUGHS = "<!DOCTYPE HealthData [\n" + "".join(
    f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha" * 100}">\n' for n in range(9)
)


@pytest.mark.parametrize(
    "dtd",
    [
        LAUGHS + "]>",
        '<!DOCTYPE HealthData [<!ENTITY l8 SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE HealthData SYSTEM "http://127.0.0.1:9/evil.dtd">',
    ],
)
def test_entities_are_never_followed(dtd: str):
    hostile = apple([steps("01 08:00:00", "01 08:05:00", 7), "<Me>&l8;</Me>"], dtd=dtd)
    result = told(hostile)
    assert [day.value for day in result.gathered.days()] == [7]
    assert "undefined entity" in result.stopped


def test_endless_tokens_and_endless_depth_end_the_reading(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(apple_health, "MAX_SILENCE", 600_000)
    endless = b'<HealthData><Record type="' + b"a" * 3_000_000
    assert "never ends" in told(endless).stopped
    assert "deeper" in told(b"<HealthData>" + b"<a>" * 1000).stopped


def test_a_bomb_is_not_unpacked_to_its_end(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(files, "FREE_UNPACKED", 1024)
    monkeypatch.setattr(files, "MAX_RATIO", 10)
    bomb = apple([steps("01 08:00:00", "01 08:05:00", 7), " " * 3_000_000])
    result = told(zipped({"export.xml": bomb}))
    assert "unpacks to far more" in result.stopped


def test_damaged_and_locked_archives_say_so():
    data = zipped({"export.xml": apple([steps("01 08:00:00", "01 08:05:00", 7)] * 500)})
    with pytest.raises(Unreadable, match="cut off"):
        told(data[:-30])
    with pytest.raises(Unreadable, match="empty"):
        told(b"")
    locked = bytearray(data)
    locked[6] |= 1
    locked[data.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(Unreadable, match="password"):
        told(bytes(locked))
    middle = bytearray(data)
    middle[200:220] = b"\xff" * 20
    broken = io.BytesIO(bytes(middle))
    try:
        result = read(broken, BERLIN)
    except Unreadable:
        return
    assert result.stopped


def test_an_archive_of_too_many_members_is_not_opened(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(files, "MAX_MEMBERS", 2)
    with pytest.raises(Unreadable, match="more files"):
        told(zipped({f"{n}.xml": b"<x/>" for n in range(3)}))


def test_names_that_lead_elsewhere_are_only_names():
    data = zipped({"../../../etc/export.xml": apple([steps("01 08:00:00", "01 08:05:00", 7)])})
    assert values(data) == {("steps", "2024-03-01"): 7}


def test_measured_until_is_the_last_record_of_the_day():
    data = apple([steps("01 08:00:00", "01 08:05:00", 7), steps("01 09:00:00", "01 09:05:00", 7)])
    (day,) = told(data).gathered.days()
    assert day.date == date(2024, 3, 1)
    assert day.measured_until == datetime(2024, 3, 1, 8, 5, tzinfo=UTC)


MINUTES = st.integers(0, 60 * 24 * 4)


@st.composite
def some_records(draw: st.DrawFn) -> list[str]:
    def moment(minute: int) -> str:
        day, rest = divmod(minute, 1440)
        return (
            f"2024-03-{29 + day:02} {rest // 60:02}:{rest % 60:02}:00 +0100"
            if day < 3
            else (f"2024-04-01 {rest // 60:02}:{rest % 60:02}:00 +0200")
        )

    found = []
    for _ in range(draw(st.integers(0, 12))):
        start = draw(MINUTES) % (1440 * 3)
        end = min(start + draw(st.integers(0, 300)), 1440 * 3)
        kind = draw(st.sampled_from(["steps", "energy", "weight", "hrv", "sleep"]))
        first, last = moment(start), moment(end)
        source = draw(st.sampled_from(["Watch", "iPhone"]))
        if kind == "sleep":
            found.append(asleep(first, last, draw(st.sampled_from(["Asleep", "InBed"])), source))
        else:
            value = draw(st.floats(20, 90).map(lambda number: round(number, 4)))
            found.append(record(kind, first, last, value, source=source))
    return found


@given(some_records(), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_order_of_records_does_not_matter(records: list[str], chance):
    shuffled = list(records)
    chance.shuffle(shuffled)
    assert list(told(apple(records)).gathered.days()) == list(told(apple(shuffled)).gathered.days())


WHOLE = apple([steps("01 08:00:00", "01 08:05:00", 7), asleep(*["2024-03-02 03:00:00 +0100"] * 2)])


@given(st.integers(0, len(WHOLE) - 1), st.booleans())
@settings(max_examples=150, deadline=None)
def test_no_cut_makes_it_fall_over(at: int, packed: bool):
    archive = zipped({"export.xml": WHOLE})
    data = archive[: at % len(archive)] if packed else WHOLE[:at]
    said = outcome(data)
    assert said or (not packed and at == len(WHOLE) - 1)


def outcome(data: bytes) -> str:
    """What is said of a file that cannot be read, or not to its end."""
    try:
        return told(data).stopped
    except Unreadable as problem:
        return str(problem)


@given(st.binary(max_size=600))
@settings(max_examples=200, deadline=None)
def test_bytes_of_chance_are_refused_in_words(data: bytes):
    for begin in (
        b"",
        b"PK\x03\x04",
        b"<HealthData ",
        b"\xff\xfe<\x00H\x00",
        b"Body\nDate,Weight\n",
    ):
        said = outcome(begin + data)
        assert said or begin == b"Body\nDate,Weight\n" or b"</HealthData>" in data


def test_a_zip_in_which_nothing_is_ours_is_refused():
    with pytest.raises(Unreadable, match="do not know"):
        told(zipped({"a.txt": b"hello", "b.csv": b"x,y\n1,2\n"}))
    with zipfile.ZipFile(io.BytesIO(zipped({"a/": b""}))) as archive:
        assert archive.namelist() == ["a/"]
