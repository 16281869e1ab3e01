"""Bringing habits and their days from Loop Habit Tracker."""

import io
import time
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.consent import set_consent
from accounts.day import local_day
from accounts.models import ConsentKind, ConsentSource
from accounts.tests.factories import UserFactory
from coaching.models.ledger import RawBehavioralLog
from habits import completions, loop_import
from habits.cadence import cadence_of
from habits.models import Habit, HabitCompletion
from habits.standing import standing_of

HEADINGS = (
    "Position,Name,Type,Question,Description,FrequencyNumerator,FrequencyDenominator,Color,Unit,Target Type,"
    "Target Value,Archived?"
)
RUN = "001,Run,NUMERICAL,How far?,,1,2,#FF0000,km,AT_LEAST,5.0,false"
READ = "002,Read,YES_NO,Did you read?,,3,7,#00FF00,,,,false"
OLD = "003,Old one,YES_NO,,,1,1,#0000FF,,,,true"
DAYS = {
    "001 Run": "Date,Value,Notes\n2024-03-01,5000,far\n2024-03-03,2500,\n2024-03-05,SKIP,\n",
    "002 Read": "Date,Value,Notes\n2024-03-01,YES_MANUAL,\n2024-03-02,YES_AUTO,\n2024-03-03,NO,\n"
    "2024-03-04,SKIP,\n2024-03-05,UNKNOWN,\n",
    "003 Old one": "Date,Value,Notes\n2020-01-01,YES_MANUAL,\n",
}


def export(
    rows: Sequence[str] = (RUN, READ, OLD), days: Mapping[str, str] = DAYS, headings: str = HEADINGS
) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("Habits.csv", "\n".join([headings, *rows]) + "\n")
        for folder, text in days.items():
            archive.writestr(f"{folder}/Checkmarks.csv", text)
            archive.writestr(f"{folder}/Scores.csv", "Date,Score\n")
    return out.getvalue()


def habits_in(data: bytes) -> list[loop_import.LoopHabit]:
    return loop_import.read(io.BytesIO(data))


@pytest.fixture
def user(db: Any) -> Any:
    return UserFactory()


def told(user: Any) -> dict[tuple[str, str], tuple[str, Decimal | None]]:
    return {
        (row.habit.name, row.local_date.isoformat()): (row.status, row.value)
        for row in HabitCompletion.objects.filter(user=user).select_related("habit")
    }


def test_habits_come_with_their_rhythm_their_measure_and_their_days(user):
    report = loop_import.bring_in(user, habits_in(export()))
    assert (report.new_habits, report.new_days) == (3, 6)
    run, read, old = Habit.objects.for_user(user).order_by("created_at", "pk")
    assert (run.cadence, run.interval_days, run.measure, run.target_value, run.unit) == (
        "interval",
        2,
        "at_least",
        Decimal("5.00"),
        "km",
    )
    assert (read.cadence, read.times_per_week, read.rationale) == (
        "times_per_week",
        3,
        "Did you read?",
    )
    assert (old.cadence, old.status, old.starts_on) == ("daily", "archived", date(2020, 1, 1))
    assert told(user) == {
        ("Run", "2024-03-01"): ("done", Decimal("5.00")),
        ("Run", "2024-03-03"): ("partial", Decimal("2.50")),
        ("Run", "2024-03-05"): ("skipped", None),
        ("Read", "2024-03-01"): ("done", None),
        ("Read", "2024-03-04"): ("skipped", None),
        ("Old one", "2020-01-01"): ("done", None),
    }
    assert HabitCompletion.objects.get(habit=run, local_date=date(2024, 3, 1)).note == "far"


def test_the_same_export_again_changes_nothing_and_a_newer_one_only_adds(user):
    loop_import.bring_in(user, habits_in(export()))
    before = (told(user), list(Habit.objects.order_by("pk").values()))
    again = loop_import.bring_in(user, habits_in(export()))
    assert not again.changes_anything
    assert (told(user), list(Habit.objects.order_by("pk").values())) == before
    newer = DAYS | {"002 Read": DAYS["002 Read"] + "2024-03-06,YES_MANUAL,\n"}
    assert loop_import.bring_in(user, habits_in(export(days=newer))).new_days == 1


def test_what_was_told_here_is_never_overwritten(user):
    today = local_day(user)
    habit = Habit.objects.create(
        user=user, name="READ", category="learning", cadence="daily", starts_on=today
    )
    completions.complete(user, habit, today, status="partial", source="web")
    days = {"002 Read": f"Date,Value\n{today},YES_MANUAL\n{today - timedelta(9)},YES_MANUAL\n"}
    report = loop_import.bring_in(user, habits_in(export([READ], days)))
    habit.refresh_from_db()
    assert [(each.is_new, each.new_days, each.known_days) for each in report.habits] == [
        (False, 1, 1)
    ]
    assert habit.starts_on == today - timedelta(9)
    assert told(user)["READ", today.isoformat()] == ("partial", None)


def test_a_preview_writes_nothing_and_says_what_the_import_then_does(user):
    twice = [RUN, READ, READ.replace("002", "004"), OLD]
    seen = loop_import.preview(user, habits_in(export(twice)))
    assert not Habit.objects.exists()
    assert not RawBehavioralLog.objects.exists()
    assert loop_import.bring_in(user, habits_in(export(twice))).habits == seen.habits


def test_strength_is_that_of_the_days(user):
    today = local_day(user)
    text = "Date,Value\n" + "".join(f"{today - timedelta(n)},YES_MANUAL\n" for n in range(66))
    loop_import.bring_in(
        user, habits_in(export(["001,Walk,YES_NO,,,1,1,#,,,,false"], {"001 Walk": text}))
    )
    standing = standing_of(Habit.objects.get(), today)
    assert standing.strength == pytest.approx(0.97, abs=0.01)
    assert (standing.total_done, standing.current) == (66, 66)


def test_the_ledger_has_one_row_a_habit_that_claims_no_moment(user):
    set_consent(user, ConsentKind.BEHAVIORAL_TRACKING, True, ConsentSource.WEB)
    loop_import.bring_in(user, habits_in(export()))
    rows = RawBehavioralLog.objects.filter(user=user, interaction_type="habit.imported")
    assert [row.raw_data["days"] for row in rows.order_by("id")] == [3, 2, 1]
    assert {row.raw_data["time_known"] for row in rows} == {False}


def test_without_consent_habits_come_and_the_ledger_stays_empty(user):
    set_consent(user, ConsentKind.BEHAVIORAL_TRACKING, False, ConsentSource.WEB)
    assert loop_import.bring_in(user, habits_in(export())).new_days == 6
    assert not RawBehavioralLog.objects.filter(user=user).exists()


def test_five_years_of_twenty_habits_take_seconds(user):
    today = local_day(user)
    text = "Date,Value\n" + "".join(f"{today - timedelta(n)},YES_MANUAL\n" for n in range(1826))
    rows = [f"{n:03},Habit {n},YES_NO,,,1,1,#,,,,false" for n in range(1, 21)]
    found = habits_in(export(rows, {f"{n:03} Habit {n}": text for n in range(1, 21)}))
    began = time.monotonic()
    assert loop_import.bring_in(user, found).new_days == 36_520
    print(f"36,520 days in {time.monotonic() - began:.1f} s")


def test_old_exports_with_numbers_and_without_folders_are_read():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(
            "Habits.csv",
            "Position,Name,Question,Description,NumRepetitions,Interval,Color\n001,Walk,Did you?,,2,7,#\n",
        )
        archive.writestr(
            "Checkmarks.csv", "Date,Walk,\n2018-01-02,2,\n2018-01-01,1,\n2017-12-31,0,\n"
        )
    (habit,) = habits_in(out.getvalue())
    assert (habit.name, habit.numerator, habit.denominator) == ("Walk", 2, 7)
    assert [day.day for day in habit.days] == [date(2018, 1, 2)]


def test_an_amount_of_nothing_keeps_a_habit_of_at_most(user):
    row = "001,Coffee,NUMERICAL,,,1,1,#,cups,AT_MOST,2.0,false"
    days = {
        "001 Coffee": "Date,Value\n2024-03-01,0\n2024-03-02,NO\n2024-03-03,4000\n2024-03-04,3000\n"
    }
    loop_import.bring_in(user, habits_in(export([row], days)))
    assert [status for status, _ in told(user).values()] == ["done", "done", "missed", "partial"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"PK\x03\x04",
        export()[:300],
        export(headings="a,b"),
        export(rows=[], days={})[:60],
    ],
    # What an archive holds depends on the clock, and names of tests must not.
    ids=["nothing", "text", "a mark", "cut off", "other headings", "no rows"],
)
def test_what_is_no_export_is_refused_in_words(data: bytes):
    with pytest.raises(loop_import.LoopUnreadable, match=r"Loop|zip"):
        habits_in(data)


def test_an_archive_that_claims_too_much_is_not_unpacked(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(loop_import, "MAX_MEMBER", 1000)
    with pytest.raises(loop_import.LoopUnreadable, match="larger"):
        habits_in(export(days={"001 Run": "Date,Value\n" + " " * 5000}))
    monkeypatch.setattr(loop_import, "MAX_UNPACKED", 1000)
    with pytest.raises(loop_import.LoopUnreadable, match="larger"):
        habits_in(export(days={"001 Run": "Date,Value\n" + " " * 5000}))


@given(st.integers(1, 400), st.integers(1, 400))
def test_every_frequency_has_a_cadence_that_the_tables_take(numerator: int, denominator: int):
    habit = Habit(
        starts_on=date(2024, 1, 1), name="x", category="wellness",
        **loop_import.cadence_fields(numerator, denominator),
    )  # fmt: skip
    loop_import.editing.check(habit)
    asked = min(1.0, numerator / denominator)
    if asked >= 1 / 90:
        assert cadence_of(habit, ()).per_day == pytest.approx(asked, rel=0.5)


@given(st.binary(max_size=300), st.integers(0, 2000))
@settings(max_examples=100, deadline=None)
def test_cuts_and_noise_never_make_it_fall_over(noise: bytes, at: int):
    whole = export()
    for data in (noise, b"PK\x03\x04" + noise, whole[:at], whole[:at] + noise + whole[at:]):
        try:
            habits_in(data)
        except loop_import.LoopUnreadable as problem:
            said = str(problem)
        else:
            said = "."
        assert said.endswith(".")


# --- Faces --------------------------------------------------------------------------------------
API = "/api/v1/habits/import/loop/"


def upload(data: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile("Loop Habits CSV.zip", export() if data is None else data)


@pytest.fixture
def signed_in(client: Client, user) -> Client:
    client.force_login(user)
    return client


def test_the_page_shows_first_and_writes_after_a_yes(signed_in, user):
    seen = signed_in.post("/habits/import/", {"file": upload()})
    assert "3 new habits, 6 days" in seen.content.decode()
    assert not Habit.objects.exists()
    token = seen.context["token"]
    done = signed_in.post("/habits/import/", {"token": token})
    assert done.headers["Location"] == "/habits/"
    assert len(told(user)) == 6
    assert (
        "let go of the file" in signed_in.post("/habits/import/", {"token": token}).content.decode()
    )
    again = signed_in.post("/habits/import/", {"file": upload()}).content.decode()
    assert "All of this is here already" in again


def test_what_waits_for_a_yes_waits_for_its_own_person(signed_in, user):
    token = signed_in.post("/habits/import/", {"file": upload()}).context["token"]
    other = Client()
    other.force_login(UserFactory())
    assert other.post("/habits/import/", {"token": token}).status_code == 422
    assert not Habit.objects.exists()


def test_the_page_says_what_is_wrong(signed_in):
    for given_file in ({}, {"file": upload(b"hello")}):
        answer = signed_in.post("/habits/import/", given_file)
        assert answer.status_code == 422
        assert "loop-error" in answer.content.decode()


def test_the_api_tells_and_makes(signed_in, user):
    dry = signed_in.post(API, {"file": upload(), "dry_run": "true"}).json()
    assert (dry["new_habits"], dry["new_days"], Habit.objects.count()) == (3, 6, 0)
    made = signed_in.post(API, {"file": upload()}).json()
    assert made["habits"] == dry["habits"]
    assert signed_in.post(API, {"file": upload()}).json()["new_days"] == 0
    wrong = signed_in.post(API, {"file": upload(b"hello")})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "unreadable")
    assert Client().post(API, {"file": upload()}).status_code == 401


def test_the_command(user, tmp_path):
    path = tmp_path / "loop.zip"
    path.write_bytes(export())
    out = io.StringIO()
    call_command("import_loop_habits", str(path), user=user.email, dry_run=True, stdout=out)
    assert "3 habits and 6 days (dry run)" in out.getvalue()
    assert not Habit.objects.exists()
    call_command("import_loop_habits", str(path), user=user.email, stdout=out)
    assert len(told(user)) == 6
    with pytest.raises(CommandError):
        call_command("import_loop_habits", str(path), user="nobody@example.com")
    path.write_bytes(b"hello")
    with pytest.raises(CommandError, match="Loop"):
        call_command("import_loop_habits", str(path), user=user.email)
