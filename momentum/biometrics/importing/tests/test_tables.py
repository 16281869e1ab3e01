"""Numbers, durations and dates as people in different countries have them in their tables."""

import io
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from momentum.biometrics.importing.files import Unreadable
from momentum.biometrics.importing.reading import Read, read
from momentum.biometrics.importing.tables import Dates, minutes, number
from momentum.models import ImportKind

from .exports import BERLIN, zipped

TODAY = date(2024, 6, 1)


def told(text: str | bytes) -> Read:
    return read(io.BytesIO(text if isinstance(text, bytes) else text.encode()), BERLIN)


def values(text: str | bytes) -> dict[tuple[str, str], float]:
    return {
        (str(day.metric), day.date.isoformat()): day.value for day in told(text).gathered.days()
    }


@pytest.mark.parametrize(
    ("text", "delimiter", "whole", "expected"),
    [
        ("12,345", ",", True, 12345),
        ("12.345", ";", True, 12345),
        ("12 345", ",", True, 12345),
        ("12’345", ",", True, 12345),
        ("80,5", ";", False, 80.5),
        ("80,5 kg", ",", False, 80.5),
        ("7,425", ";", False, 7.425),
        ("1,234.5", ",", False, 1234.5),
        ("1.234,5", ";", False, 1234.5),
        ("1.234.567", ",", True, 1234567),
        ("", ",", True, None),
        ("--", ",", True, None),
        ("1e999", ",", False, None),
    ],
)
def test_numbers_of_every_country(text, delimiter, whole, expected):
    assert number(text, delimiter, whole=whole) == expected


def test_a_thousands_sign_that_leads_beyond_what_can_be_is_a_decimal_one():
    assert number("7,425", ",", most=1000) == 7.425


@given(st.integers(0, 999_999))
def test_whole_numbers_survive_both_ways_of_writing_them(count: int):
    assert number(f"{count:,}", ",", whole=True) == count
    assert number(f"{count:,}".replace(",", "."), ";", whole=True) == count


@given(st.decimals(0, 999, places=1))
def test_decimals_survive_both_ways_of_writing_them(amount):
    assert number(str(amount), ",") == float(amount)
    assert number(str(amount).replace(".", ","), ";") == float(amount)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("7h 50min", 470),
        ("7:50", 470),
        ("7:50:30", 470.5),
        ("45 min", 45),
        ("8 hrs", 480),
        ("470", 470),
        ("", None),
        ("soon", None),
    ],
)
def test_durations(text, expected):
    assert minutes(text) == expected


def test_a_short_workout_is_minutes_and_seconds():
    assert minutes("32:30", clock="mm:ss") == 32.5


@pytest.mark.parametrize(
    ("cells", "text", "expected"),
    [
        (["13/02/2024"], "03/04/2024", date(2024, 4, 3)),
        (["02/13/2024"], "03/04/2024", date(2024, 3, 4)),
        (["03/01/2024", "04/01/2024", "05/01/2024"], "03/01/2024", date(2024, 1, 3)),
        (["01/03/2024", "01/04/2024", "01/05/2024"], "01/03/2024", date(2024, 1, 3)),
        ([], "2024-03-04", date(2024, 3, 4)),
        ([], "Mar 4, 2024", date(2024, 3, 4)),
        ([], "Mon, 4 March 2024", date(2024, 3, 4)),
        ([], "Nov 20", date(2023, 11, 20)),
        ([], "May 20", date(2024, 5, 20)),
        (["31.12.2023"], "01.12.2023", date(2023, 12, 1)),
        ([], "2024-02-30", None),
        ([], "yesterday", None),
    ],
)
def test_dates(cells, text, expected):
    assert Dates.found_in([[cell] for cell in cells], TODAY).read(text) == expected


GARMIN_STEPS = ',Actual,Goal\n2/27/2024,"10,234",8000\n2/28/2024,0,8000\n2/29/2024,7000,8000\n'


def test_steps_of_garmin_without_the_days_nobody_wore_it():
    result = told(GARMIN_STEPS)
    assert result.kind == ImportKind.GARMIN_CSV
    assert values(GARMIN_STEPS) == {("steps", "2024-02-27"): 10234, ("steps", "2024-02-29"): 7000}
    assert result.gathered.passed_over == {"days without a step": 1}


def test_the_last_day_of_a_table_may_not_have_been_over():
    first, last = told(GARMIN_STEPS).gathered.days()
    assert first.measured_until
    assert last.measured_until
    assert first.measured_until.isoformat() == "2024-02-27T23:00:00+00:00"
    assert last.measured_until.isoformat() == "2024-02-29T00:00:00+00:00"


def test_sleep_of_garmin():
    text = (
        "Sleep Score 4 Weeks,Score,Resting Heart Rate,Quality,Duration,Bedtime,Wake Time\n"
        "2024-03-02,85,48,Good,7h 50min,11:05 PM,7:01 AM\n2024-03-01,--,--,--,--,--,--\n"
    )
    assert values(text) == {
        ("sleep_minutes", "2024-03-02"): 470,
        ("resting_heart_rate", "2024-03-02"): 48,
    }


def test_weights_of_garmin_stand_below_their_day():
    text = (
        'Time,Weight,Change,BMI,Body Fat\n" Mar 2, 2024",\n8:30 AM,80.5 kg,0.1 kg,24,--\n'
        '" Mar 1, 2024",\n7:30 AM,177.0 lbs,0.1 lbs,24,--\n'
    )
    assert values(text) == {
        ("weight_kg", "2024-03-02"): 80.5,
        ("weight_kg", "2024-03-01"): pytest.approx(80.286, abs=0.001),
    }


def test_activities_of_garmin_are_spans_and_a_distance_needs_its_unit():
    text = (
        "Activity Type,Date,Favorite,Title,Distance,Calories,Time\n"
        'Running,2024-03-01 07:30:00,false,"Run, early",5.02,"1,234",00:32:10\n'
        "Running,2024-03-01 18:30:00,false,Run,4.0,200,20:00\n"
    )
    gathered = told(text).gathered
    assert [
        (round(each.minutes, 2), each.energy_kcal) for each in gathered.activities.values()
    ] == [
        (32.17, 1234),
        (20, 200),
    ]
    assert gathered.passed_over == {"distances without a unit": 2}
    with_unit = told(text.replace("Distance,", "Distance (mi),")).gathered
    assert [round(each.distance_km or 0, 2) for each in with_unit.activities.values()] == [
        8.08,
        6.44,
    ]


FITBIT = """Body
Date,Weight,BMI,Fat
2024-03-01,{weight},24.69,20

Activities
Date,Calories Burned,Steps,Distance,Floors,Minutes Sedentary,Minutes Lightly Active,Minutes Fairly Active,Minutes Very Active,Activity Calories
2024-03-01,"2,500","10,000",{distance},10,700,200,12,30,"1,100"
2024-03-02,"1,600",0,0,0,1440,0,0,0,0

Sleep
Start Time,End Time,Minutes Asleep,Minutes Awake,Number of Awakenings,Time in Bed
2024-02-29 11:12PM,2024-03-01 7:11AM,420,50,30,479
2024-03-01 2:00PM,2024-03-01 2:40PM,35,5,1,40
"""


@pytest.mark.parametrize(("weight", "distance"), [("80", "7.42"), ("176.37", "4.61")])
def test_the_sections_of_fitbit_whose_units_are_found_out(weight, distance):
    text = FITBIT.format(weight=weight, distance=distance)
    day = "2024-03-01"
    assert told(text).kind == ImportKind.FITBIT_CSV
    assert values(text) == {
        ("weight_kg", day): pytest.approx(80, abs=0.01),
        ("steps", day): 10_000,
        ("distance_km", day): pytest.approx(7.42, abs=0.01),
        ("active_minutes", day): 42,
        ("active_energy_kcal", day): 1100,
        ("sleep_minutes", day): 455,
    }


def test_every_encoding_and_separator_gives_the_same_days():
    text = FITBIT.format(weight="80", distance="7.42")
    german = (
        text.replace('"2,500"', "2.500")
        .replace('"10,000"', "10.000")
        .replace('"1,100"', "1.100")
        .replace("7.42", "7;42")
        .replace(",", ";")
        .replace("7;42", "7,42")
        .replace("24.69", "24,69")
        .replace('"1;600"', "1.600")
    )
    for data in (
        text.encode("utf-8-sig"),
        text.encode("utf-16"),
        text.replace("\n", "\r\n").encode("cp1252"),
        german.encode(),
    ):
        assert values(data) == values(text)


def test_single_tables_of_takeout_in_their_archive():
    data = zipped(
        {
            "Takeout/Fitbit/steps_2024-03-01.csv": b"timestamp,steps\n2024-03-01T08:00:00Z,20\n"
            b"2024-03-01T08:01:00Z,30\n",
            "Takeout/Fitbit/daily_resting_heart_rate.csv": b"timestamp,beats per minute\n"
            b"2024-03-01T00:00:00Z,55.5\n",
            "Takeout/Fitbit/weight.csv": b"timestamp,weight grams\n2024-03-01T06:00:00Z,80123\n",
            "Takeout/Fitbit/readme.txt": b"hello",
        }
    )
    day = "2024-03-01"
    assert values(data) == {
        ("steps", day): 50,
        ("resting_heart_rate", day): 55.5,
        ("weight_kg", day): 80.123,
    }


def test_a_table_of_something_else_is_refused():
    with pytest.raises(Unreadable, match="do not know"):
        told("name,age\nAnna,30\n")


def test_an_endless_line_ends_the_reading():
    assert "longer than in any table" in told(GARMIN_STEPS + "x" * 200_000).stopped


ROWS = st.lists(st.integers(1, 30_000), min_size=1, max_size=20)


@given(ROWS, st.randoms(use_true_random=False))
@settings(max_examples=50, deadline=None)
def test_the_order_of_rows_does_not_matter(counts, chance):
    rows = [f"2024-03-{index + 1:02},{count},8000" for index, count in enumerate(counts)]
    shuffled = list(rows)
    chance.shuffle(shuffled)
    header = "Date,Steps,Goal\n"
    assert list(told(header + "\n".join(rows)).gathered.days()) == list(
        told(header + "\n".join(shuffled)).gathered.days()
    )


@given(
    st.text(st.characters(exclude_categories=["C"], include_characters="\n"), max_size=300),
    st.sampled_from([",Actual,Goal\n", "Sleep\nStart Time,End Time,Minutes Asleep\n"]),
)
@settings(max_examples=150, deadline=None)
def test_rows_of_chance_are_passed_over(text: str, header: str):
    for day in told((header + text).encode("utf-8", "replace")).gathered.days():
        assert 0 <= day.value <= 200_000
