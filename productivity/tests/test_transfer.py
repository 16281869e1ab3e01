"""Tasks from Todoist and calendar files, and back: nothing lost, nothing twice."""

import contextlib
import threading
from datetime import UTC, date, datetime, time, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from icalendar import Calendar

from accounts.consent import set_consent
from accounts.models import ConsentKind, ConsentSource
from coaching.models import RawBehavioralLog
from productivity import changing, history
from productivity.models import CalendarFeed, Task, TaskEvent
from productivity.recurrence import Repeat
from productivity.transfer import bringing, calendar_file, feed
from productivity.transfer.reading import MAX_BYTES, Unreadable, read

from .factories import UserFactory

NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)
HEAD = (
    "TYPE,CONTENT,DESCRIPTION,PRIORITY,INDENT,AUTHOR,RESPONSIBLE,DATE,DATE_LANG,TIMEZONE,DURATION,"
    "DURATION_UNIT,DEADLINE,DEADLINE_LANG\n"
)
TODOIST = HEAD + (
    "meta,view_style=list,,,,,,,,,,,,\n"
    "task,Buy paint @house @errand,Two litres,1,1,Mia (1),,2026-03-12,en,Europe/Berlin,None,None,,\n"
    "note,The blue one,,,,Mia (1),,,,,,,,\n"
    ",,,,,,,,,,,,,\n"
    "section,Office,,,,,,,,,,,,\n"
    "task,Prepare talk,,2,1,Mia (1),Tom (2),2026-03-12 15:00,en,America/New_York,45,minute,,\n"
    "task,Slides,,4,2,Mia (1),,,en,,,,,\n"
    "task,Pictures,,4,3,Mia (1),,,en,,,,,\n"
    "task,Water plants,,4,1,Mia (1),,every monday,en,Europe/Berlin,,,,\n"
    "task,Descale kettle,,3,1,Mia (1),,every! 3 days,en,Europe/Berlin,2,day,,\n"
    "task,Etwas,,4,1,Mia (1),,jeden zweiten Dienstag,de,Europe/Berlin,,,2026-04-01,en\n"
)


@pytest.fixture
def person():
    return UserFactory()


def bring(user, text):
    data = text if isinstance(text, bytes) else text.encode()
    return bringing.bring_in(user, read(user, data, now=NOW), now=NOW)


def called(user, title):
    return Task.objects.select_related("series", "parent").get(user=user, title=title)


@pytest.mark.django_db
def test_an_export_of_todoist_comes_with_all_it_says(person):
    report = bring(person, TODOIST)
    assert (report.new, report.known, report.refused, report.left_out) == (7, 0, 0, [])
    paint = called(person, "Buy paint")
    assert (paint.priority, paint.category, paint.due_on) == (3, "house", date(2026, 3, 12))
    assert paint.description == "Two litres\nLabels: @errand\nThe blue one"
    talk = called(person, "Prepare talk")
    assert (talk.category, talk.priority, talk.estimated_minutes) == ("office", 2, 45)
    assert talk.due_at == datetime(2026, 3, 12, 19, tzinfo=UTC)
    assert "Tom (2)" in talk.description
    assert called(person, "Slides").parent == talk
    pictures = called(person, "Pictures")
    assert pictures.parent == talk
    assert "Slides" in pictures.description
    plants = called(person, "Water plants")
    assert plants.series is not None
    assert (plants.series.rule, plants.due_on) == ("FREQ=WEEKLY;BYDAY=MO", date(2026, 3, 16))
    kettle = called(person, "Descale kettle")
    assert kettle.series is not None
    assert kettle.series.repeat_from == "completion"
    assert "2 day" in kettle.description
    other = called(person, "Etwas")
    assert "jeden zweiten Dienstag" in other.description
    assert "2026-04-01" in other.description
    [line] = [line for line in report.lines if line.title == "Etwas"]
    assert (line.line, len(line.notes)) == (12, 2)


@pytest.mark.django_db
def test_the_same_file_again_changes_nothing_and_one_undo_takes_all_back(person):
    first = bring(person, TODOIST)
    changing.edit(person, called(person, "Etwas").pk, {"title": "Mine"}, source="web", now=NOW)
    changing.delete(person, called(person, "Buy paint").pk, source="web", now=NOW)
    events = TaskEvent.objects.count()
    again = bring(person, TODOIST)
    assert (again.new, again.known, again.batch) == (0, 7, None)
    assert TaskEvent.objects.count() == events
    other = UserFactory()
    done = bring(other, TODOIST)
    assert done.batch is not None
    history.undo(other, done.batch, source="web", now=NOW)
    assert not Task.objects.for_user(other).exists()
    assert first.batch != done.batch


@pytest.mark.django_db
def test_looking_at_a_file_writes_nothing(person):
    report = bringing.preview(person, read(person, TODOIST.encode(), now=NOW))
    assert report.new == 7
    assert not Task.objects.filter(user=person).exists()


@pytest.mark.django_db
def test_what_is_brought_counts_only_with_consent(person):
    bring(person, TODOIST)
    assert not RawBehavioralLog.objects.filter(user=person).exists()
    other = UserFactory()
    set_consent(other, ConsentKind.BEHAVIORAL_TRACKING, True, ConsentSource.WEB)
    bring(other, TODOIST)
    rows = RawBehavioralLog.objects.filter(user=other)
    assert set(rows.values_list("interaction_type", "source")) == {("task.created", "import")}


@pytest.mark.parametrize(
    "data",
    [
        b"", b" \n", b"a,b\n1,2\n", b"hello", b"\xff\xfe", b"\x00" * 50, b"BEGIN:VCALENDAR\nfoo",
        b"x" * (MAX_BYTES + 1), (HEAD + "task,x\n" * 5001).encode(),
    ],
    ids=["empty", "blank", "other", "words", "bytes", "nul", "broken", "large", "many"],
)  # fmt: skip
@pytest.mark.django_db
def test_what_cannot_be_read_is_said_in_words(person, data):
    with pytest.raises(Unreadable, match=r"\w{3,}.*\."):
        read(person, data, now=NOW)


def test_a_quote_that_never_ends_is_a_long_title():
    found = read(UserFactory.build(), b'TYPE,CONTENT\n"task,x', now=NOW)
    assert (found.tasks, len(found.left_out)) == ([], 1)


ICS = """BEGIN:VCALENDAR
VERSION:2.0
BEGIN:VTODO
UID:one
SUMMARY:Pay rent\\, early; and
  more
DUE;VALUE=DATE:20260401
RRULE:FREQ=MONTHLY;BYMONTHDAY=1
PRIORITY:1
CATEGORIES:Home,Money
LOCATION:Bank
BEGIN:VALARM
TRIGGER:-PT15M
ACTION:DISPLAY
DESCRIPTION:Alarm
END:VALARM
END:VTODO
BEGIN:VTODO
UID:two
SUMMARY:Step
RELATED-TO:one
STATUS:COMPLETED
COMPLETED:20260301T120000Z
END:VTODO
BEGIN:VTODO
UID:three
SUMMARY:Floating
DUE:20260312T150000
END:VTODO
BEGIN:VTODO
UID:four
SUMMARY:Zoned
DUE;TZID=America/New_York:20260312T150000
RRULE:FREQ=HOURLY
END:VTODO
BEGIN:VTODO
UID:five
STATUS:CANCELLED
SUMMARY:Not any more
END:VTODO
BEGIN:VEVENT
UID:six
SUMMARY:Dentist
DTSTART:20260312T150000Z
END:VEVENT
END:VCALENDAR
"""


@pytest.mark.parametrize("broken", ["", "DUE:garbage\n", "X;=:\n"], ids=["whole", "due", "line"])
@pytest.mark.django_db
def test_a_calendar_file_comes_with_all_it_says_even_when_a_line_is_broken(person, broken):
    report = bring(person, ICS.replace("UID:five\n", f"UID:five\n{broken}"))
    assert (report.new, report.refused) == (4, 0)
    assert len(report.left_out) == 2
    rent = called(person, "Pay rent, early; and more")
    assert (rent.due_on, rent.priority, rent.category) == (date(2026, 4, 1), 3, "home")
    assert rent.series is not None
    assert "Place: Bank" in rent.description
    assert "Money" in rent.description
    step = called(person, "Step")
    assert (step.parent, step.status) == (rent, "completed")
    assert step.completed_at == datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert called(person, "Floating").due_at == datetime(2026, 3, 12, 14, tzinfo=UTC)
    zoned = called(person, "Zoned")
    assert zoned.due_at == datetime(2026, 3, 12, 19, tzinfo=UTC)
    assert "FREQ=HOURLY" in zoned.description
    assert bring(person, ICS).new == 0


@pytest.mark.django_db
def test_a_line_that_cannot_be_read_is_kept_in_words(person):
    bring(person, ICS.replace("UID:three\n", "UID:three\nPRIORITY;X:\nDTSTART:nonsense\n"))
    assert "DTSTART:nonsense" in called(person, "Floating").description


@given(
    st.binary(max_size=200)
    | st.text(max_size=200).map(lambda text: (HEAD + text).encode("utf-8", "ignore"))
    | st.text(max_size=120).map(
        lambda text: f"BEGIN:VCALENDAR\nBEGIN:VTODO\n{text}\nEND:VTODO\nEND:VCALENDAR".encode(
            "utf-8", "ignore"
        )
    )
)
def test_any_file_is_tasks_or_a_sentence(data):
    user = UserFactory.build()
    with contextlib.suppress(Unreadable):
        found = read(user, data, now=NOW)
        assert all(task.title and len(task.title) <= 200 for task in found.tasks)


WORDS = st.text(
    st.characters(blacklist_categories=["Cs", "Cc", "Zl", "Zp", "Zs", "Co", "Cn"]),
    min_size=1,
    max_size=30,
)
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2029, 1, 1)).map(
    lambda at: at.replace(microsecond=0, tzinfo=UTC)
)


@st.composite
def tasks(draw):
    fields = {
        "title": draw(WORDS),
        "description": draw(
            st.text(st.characters(blacklist_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=60)
        ).strip(),
        "category": draw(st.sampled_from(["", "home", "a, b; c", "größe"])),
        "priority": draw(st.integers(0, 3)),
        "estimated_minutes": draw(st.none() | st.integers(1, 6000)),
    }
    due = draw(st.sampled_from(["", "due_at", "due_on"]))
    if due:
        moment = draw(MOMENTS)
        fields[due] = moment if due == "due_at" else moment.date()
    repeat = None
    if draw(st.booleans()):
        repeat = Repeat(
            draw(
                st.sampled_from(["FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,TH", "FREQ=MONTHLY;COUNT=3"])
            ),
            date(2026, 3, draw(st.integers(1, 28))),
            draw(st.none() | st.just(time(8, 30))),
            draw(st.sampled_from(["schedule", "completion"])),
        )
        fields.pop(due, None)
    return fields, repeat, draw(st.booleans()), draw(st.integers(0, 2))


class Roundtrip(TestCase):
    """Taken from one account and brought to another."""

    @settings(max_examples=40)
    @given(st.lists(tasks(), max_size=4))
    def test_what_is_taken_out_comes_in_the_same(self, made):
        one, other = UserFactory(), UserFactory()
        for fields, repeat, is_done, steps in made:
            task = changing.create(one, fields, source="web", now=NOW, repeat=repeat)
            for number in range(steps):
                changing.create(one, {"title": f"{number}", "parent": task}, source="web", now=NOW)
            if is_done and repeat is None:
                changing.complete(one, task.pk, source="web", now=NOW)
        file = calendar_file.export(one)
        bringing.bring_in(other, read(other, file, now=NOW), now=NOW)
        assert _told(other) == _told(one)
        assert bringing.bring_in(other, read(other, file, now=NOW), now=NOW).new == 0
        assert bringing.preview(one, read(one, file, now=NOW)).new == 0


def _told(user):
    rows = Task.objects.for_user(user).select_related("series", "parent")
    return sorted(
        str((
            task.title, task.description, task.category, task.priority, task.estimated_minutes,
            task.due_at, task.due_on, task.status, task.completed_at, task.parent and task.parent.title,
            task.series and (
                task.series.rule, task.series.starts_on, task.series.local_time,
                task.series.repeat_from,
            ),
        ))
        for task in rows
    )  # fmt: skip


# --- The calendar's address


@pytest.mark.django_db
def test_a_calendar_reads_slots_and_due_times(client, person):
    task = changing.create(
        person,
        {"title": "Talk; with, marks", "due_on": date(2026, 3, 12)},
        source="web",
        now=NOW,
        repeat=Repeat("FREQ=WEEKLY;BYDAY=TH", date(2026, 3, 12)),
    )
    changing.plan(person, task.pk, NOW, NOW + timedelta(hours=1), source="web", now=NOW)
    token = feed.new_address(person, now=NOW)
    answer = client.get(f"/tasks/feed/{token}.ics")
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert "no-cache" in answer["Cache-Control"]
    calendar = Calendar.from_ical(answer.content)
    events = {str(event["UID"]).split("-")[0]: event for event in calendar.walk("VEVENT")}
    assert events["plan"].decoded("DTSTART") == NOW
    assert events["due"].decoded("DTSTART") == date(2026, 3, 12)
    assert events["due"]["RRULE"].to_ical() == b"FREQ=WEEKLY;BYDAY=TH"
    assert str(events["plan"]["SUMMARY"]) == "Talk; with, marks"
    assert len(calendar.walk("VTODO")) == 1
    read_at = CalendarFeed.objects.get().last_read_at
    assert read_at is not None
    client.get(f"/tasks/feed/{token}.ics")
    assert CalendarFeed.objects.get().last_read_at == read_at


@pytest.mark.django_db
def test_a_calendar_that_knows_it_gets_no_file_until_something_changes(client, person):
    task = changing.create(person, {"title": "A"}, source="web", now=NOW)
    address = f"/tasks/feed/{feed.new_address(person, now=NOW)}.ics"
    tag = client.get(address)["ETag"]
    known = client.get(address, headers={"If-None-Match": tag})
    assert (known.status_code, known["ETag"]) == (304, tag)
    changing.edit(person, task.pk, {"title": "B"}, source="web", now=NOW)
    assert client.get(address, headers={"If-None-Match": tag}).status_code == 200
    Task.objects.filter(pk=task.pk).update(updated_at=NOW - timedelta(days=3))
    dated = client.get(address)
    since = {"If-Modified-Since": dated["Last-Modified"]}
    assert client.get(address, headers=since).status_code == 304


@pytest.mark.django_db
def test_an_address_that_is_wrong_old_or_ended_is_not_found(client, person):
    old = feed.new_address(person, now=NOW)
    new = feed.new_address(person, now=NOW)
    assert CalendarFeed.objects.get().token_digest not in (old, new)
    for token in (old, "x", "ü" * 300, new[:-1]):
        assert client.get(f"/tasks/feed/{token}.ics").status_code == 404
    assert client.get(f"/tasks/feed/{new}.ics").status_code == 200
    assert client.post(f"/tasks/feed/{new}.ics").status_code == 405
    assert feed.revoke(person)
    assert not feed.revoke(person)
    assert client.get(f"/tasks/feed/{new}.ics").status_code == 404


# --- Pages, API and command


@pytest.mark.django_db
def test_the_page_shows_what_it_makes_and_then_makes_it(client, person):
    from django.core.files.uploadedfile import SimpleUploadedFile

    client.force_login(person)
    assert client.get("/tasks/import/").status_code == 200
    file = SimpleUploadedFile("todoist.csv", TODOIST.encode())
    looked = client.post("/tasks/import/", {"file": file})
    assert "7 new tasks" in looked.content.decode()
    assert not Task.objects.exists()
    done = client.post("/tasks/import/", {"token": looked.context["token"]})
    assert "7 tasks are here now" in done.content.decode()
    assert Task.objects.filter(user=person).count() == 7
    for wrong in ({}, {"token": "../x"}, {"file": SimpleUploadedFile("x.csv", b"nonsense")}):
        assert client.post("/tasks/import/", wrong).status_code == 422


@pytest.mark.django_db
def test_the_page_of_the_address_tells_it_once(client, person):
    client.force_login(person)
    assert "No address yet" in client.get("/tasks/calendar/").content.decode()
    made = client.post("/tasks/calendar/new/")
    address = made.context["address"]
    assert client.get(address).status_code == 200
    assert "/tasks/feed/" not in client.get("/tasks/calendar/").content.decode()
    client.post("/tasks/calendar/end/")
    assert client.get(address).status_code == 404
    assert client.get("/tasks/export.ics")["Content-Type"].startswith("text/calendar")


@pytest.mark.django_db
def test_the_api_brings_takes_and_makes_an_address(client, person):
    client.force_login(person)
    body = {"text": TODOIST, "dry_run": True}
    looked = client.post("/api/v1/tasks/import/", body, content_type="application/json")
    assert (looked.status_code, looked.json()["new"]) == (200, 7), looked.content
    assert not Task.objects.exists()
    body = {"text": TODOIST}
    made = client.post("/api/v1/tasks/import/", body, content_type="application/json").json()
    assert made["new"] == 7
    assert made["lines"][0]["outcome"] == "new"
    again = client.post("/api/v1/tasks/import/", body, content_type="application/json").json()
    assert (again["new"], again["known"], again["batch"]) == (0, 7, None)
    for wrong in ({}, {"text": "nonsense"}, {"text": 3, "file": "x"}, {"text": None}):
        answer = client.post("/api/v1/tasks/import/", wrong, content_type="application/json")
        assert answer.status_code == 400
    assert b"BEGIN:VTODO" in client.get("/api/v1/tasks/export/").content
    refused = client.put("/api/v1/tasks/export/", headers={"Accept": "text/calendar"})
    assert (refused.status_code, refused.json()["status"]) == (405, 405)
    assert client.get("/api/v1/tasks/feed/").json()["is_on"] is False
    address = client.post("/api/v1/tasks/feed/").json()["address"]
    assert client.get(address).status_code == 200
    assert client.get("/api/v1/tasks/feed/").json()["address"] is None
    assert client.delete("/api/v1/tasks/feed/").status_code == 204
    assert client.get(address).status_code == 404


@pytest.mark.django_db
def test_the_command_tells_per_line_and_fails_in_words(tmp_path, person):
    path = tmp_path / "todoist.csv"
    path.write_text(TODOIST)
    out = StringIO()
    call_command("import_tasks", str(path), user=person.email, dry_run=True, stdout=out)
    assert "7 new, 0 here already (dry run)" in out.getvalue()
    assert not Task.objects.exists()
    out, progress = StringIO(), StringIO()
    call_command("import_tasks", str(path), user=person.email, stdout=out, stderr=progress)
    assert "Line 3: Buy paint: new" in out.getvalue()
    assert "7 of 7" in progress.getvalue()
    for wrong in (["nowhere.csv", person.email], [str(path), "nobody@example.org"]):
        with pytest.raises(CommandError):
            call_command("import_tasks", wrong[0], user=wrong[1], stdout=StringIO())


@pytest.mark.django_db(transaction=True)
def test_the_same_file_twice_at_once_comes_once():
    user = UserFactory()
    file = read(user, TODOIST.encode(), now=NOW)
    reports = []

    def run():
        try:
            reports.append(bringing.bring_in(user, file, now=NOW))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(report.new for report in reports) == [0, 7]
    assert Task.objects.filter(user=user).count() == 7
