"""The coach pauses, mutes and moderates messages when it is told to, and can take each back."""

import re
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from accounts.models import User
from coaching.language import mended
from coaching.models import (
    CoachMessage,
    MessageCause,
    Mute,
    NotificationFrequency,
    Preferences,
    Reminder,
)
from coaching.outreach.said_times import away_days, read_hours
from coaching.toolkit import Card, ToolContext, ToolRefused, tool_named, undo_verbs

NOW = datetime(2026, 11, 21, 14, tzinfo=UTC)  # a Saturday
TODAY = date(2026, 11, 21)


@pytest.fixture
def person(db: None) -> User:
    return User.objects.create_user("ada@example.org", name="Ada", timezone="Europe/Berlin")


def call(person: User, name: str, **arguments: Any) -> Card:
    tool = tool_named(name)
    context = ToolContext(user=person, now=NOW, call_id=uuid4().hex)
    return tool.run(context, tool.args.model_validate(arguments))


def take_back(person: User, card: Card) -> None:
    assert card.undo is not None
    undo_verbs.get(card.undo.verb)(person, card.model_dump(mode="json")["undo"]["args"])


@pytest.mark.parametrize(
    ("words", "first", "last"),
    [
        ("I'm on holiday until Monday", date(2026, 11, 21), date(2026, 11, 22)),
        ("no messages this week", date(2026, 11, 21), date(2026, 11, 22)),
        ("no messages next week", date(2026, 11, 23), date(2026, 11, 29)),
        ("no messages today", date(2026, 11, 21), date(2026, 11, 21)),
        ("pause messages for 3 days", date(2026, 11, 21), date(2026, 11, 23)),
        ("I'm away from 3 December to 10 December", date(2026, 12, 3), date(2026, 12, 10)),
        ("mute everything until tomorrow", date(2026, 11, 21), date(2026, 11, 21)),
        ("pause notifications until January", date(2026, 11, 21), date(2026, 12, 31)),
    ],
)
def test_days_away_are_read(words: str, first: date, last: date) -> None:
    now = NOW.astimezone(ZoneInfo("Europe/Berlin"))
    assert away_days(words, TODAY, now) == (first, last)


@pytest.mark.parametrize(
    ("words", "opens", "closes"),
    [
        ("don't message me before 9am or after 8pm", time(9), time(20)),
        ("no notifications after 9", None, time(21)),
        ("only message me between 9 and 18", time(9), time(18)),
        ("quiet hours from 22 to 7", time(7), time(22)),
        ("quiet hours 10pm to 7am", time(7), time(22)),
        ("not before noon", time(12), None),
        ("no texts after 20:30", None, time(20, 30)),
        ("whenever", None, None),
    ],
)
def test_hours_are_read(words: str, opens: time | None, closes: time | None) -> None:
    assert read_hours(words) == (opens, closes)


def test_a_pause_is_noted_and_taken_back(person: User) -> None:
    card = call(person, "pause_messages", words="I'm on holiday until Monday")
    row = Preferences.objects.get(user=person)
    assert (row.away_from, row.away_until) == (TODAY, date(2026, 11, 22))
    assert "Sunday, 22 November" in card.summary
    take_back(person, card)
    row.refresh_from_db()
    assert row.away_until is None


def test_coming_back_ends_the_pause(person: User) -> None:
    call(person, "pause_messages", words="no messages for a month")
    card = call(person, "resume_messages", words="I'm back")
    assert Preferences.objects.get(user=person).away_until is None
    assert "Welcome back" in card.summary


def test_a_start_does_not_end_a_holiday(person: User) -> None:
    call(person, "pause_messages", words="I'm on holiday until Monday")
    call(person, "stop_messages", words="STOP")
    call(person, "resume_messages", words="START")
    assert not Mute.objects.exists()
    assert Preferences.objects.get(user=person).away_until is not None


def test_a_reminder_that_has_not_come_yet_can_be_muted(person: User) -> None:
    waiting = Reminder.objects.create(
        user=person, text="Stretch for five minutes", remind_at=NOW, idempotency_key="1"
    )
    call(person, "mute_messages", words="stop reminding me about stretching")
    assert Mute.objects.get(user=person).subject_id == waiting.pk


def test_a_pause_without_an_end_asks_for_it(person: User) -> None:
    with pytest.raises(ToolRefused, match="Until when"):
        call(person, "pause_messages", words="pause messages")


def test_fewer_messages_is_one_step_down(person: User) -> None:
    card = call(person, "change_message_frequency", words="fewer messages please")
    row = Preferences.objects.get(user=person)
    assert row.notification_frequency == NotificationFrequency.MINIMAL
    assert "one a day" in card.summary
    with pytest.raises(ToolRefused, match="STOP"):
        call(person, "change_message_frequency", words="even less")
    take_back(person, card)
    row.refresh_from_db()
    assert row.notification_frequency == NotificationFrequency.MODERATE


def test_quiet_hours_are_set(person: User) -> None:
    card = call(person, "set_quiet_hours", words="don't message me before 9 or after 20")
    row = Preferences.objects.get(user=person)
    assert row.notification_window == {"from": "09:00", "to": "20:00"}
    take_back(person, card)
    row.refresh_from_db()
    assert row.notification_window == {}


def test_hours_that_leave_nothing_open_are_refused(person: User) -> None:
    with pytest.raises(ToolRefused):
        call(person, "set_quiet_hours", words="no messages before 21 or after 8am")


def test_what_messages_were_about_can_be_muted(person: User) -> None:
    about = Reminder.objects.create(
        user=person, text="Morning run", remind_at=NOW, idempotency_key="1"
    )
    CoachMessage.objects.create(
        user=person,
        cause=MessageCause.NUDGE,
        cause_key="1",
        body="Run?",
        subject_type="coaching.reminder",
        subject_id=about.pk,
        sent_at=NOW,
    )
    card = call(person, "mute_messages", words="stop reminding me about running", about="running")
    assert Mute.objects.get(user=person).subject_id == about.pk
    take_back(person, card)
    assert not Mute.objects.filter(user=person, until__isnull=True).exists()


def test_what_messages_were_never_about_cannot(person: User) -> None:
    with pytest.raises(ToolRefused):
        call(person, "mute_messages", words="mute the piano", about="piano")


def test_a_kind_of_message_can_be_muted(person: User) -> None:
    call(person, "mute_messages", words="mute the morning brief")
    assert Mute.objects.get(user=person).cause == MessageCause.BRIEF


def test_stopping_on_behalf_of_the_person(person: User) -> None:
    card = call(person, "stop_messages", words="I think I have had enough of you", what=[])
    assert Mute.objects.filter(user=person).exists()
    take_back(person, card)
    assert not Mute.objects.filter(user=person).exists()


def test_hours_are_no_pause() -> None:
    words = "no messages before 9 or after 20"
    asked = [name for name in NAMES if any(re.search(cue, words) for cue in tool_named(name).cues)]
    assert asked == ["set_quiet_hours"]


@pytest.mark.parametrize("words", ["I'm back", "i am back again!", "I'm back from holiday"])
def test_coming_back_is_heard(words: str) -> None:
    assert any(re.search(cue, words.lower()) for cue in tool_named("resume_messages").cues)


def test_having_a_back_is_not_coming_back() -> None:
    words = "i'm back to square one with reading"
    assert not any(re.search(cue, words) for cue in tool_named("resume_messages").cues)


NAMES = ["pause_messages", "mute_messages", "set_quiet_hours", "change_message_frequency"]


@pytest.mark.parametrize(
    "words",
    [
        "pause my running habit",
        "pause the 5k plan",
        "skip my run today",
        "I can't run because I'm travelling",
        "cancel my reminder",
        "remind me to message mum at 6",
        "help me use my phone less",
    ],
)
def test_what_is_about_habits_is_not_taken_for_it(words: str) -> None:
    cues = [cue for name in [*NAMES, "resume_messages"] for cue in tool_named(name).cues]
    forms = {words.lower(), mended(words)}
    assert not [cue for cue in cues for form in forms if re.search(cue, form)]
