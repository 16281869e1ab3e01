"""Messages can be read, followed, rated, put off and muted; and how often they come can be said."""

from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.consent import has_consent, set_consent
from accounts.models import ConsentKind, ConsentSource, User
from coaching.models import (
    CoachMessage,
    ContactDecision,
    DecisionStage,
    DeliveryState,
    MessageCause,
    MessageChannel,
    Mute,
    NotificationFrequency,
    Preferences,
    Reason,
    Reminder,
    ReminderStatus,
    Verdict,
)
from coaching.outreach.lateness import reminder_key
from coaching.outreach.muting import mutes_of

pytestmark = pytest.mark.django_db
SETTINGS = "/settings/notifications/"


@pytest.fixture
def person() -> User:
    return User.objects.create_user("ada@example.org", name="Ada", timezone="Asia/Tokyo")


@pytest.fixture
def page(person: User, client: Client) -> Client:
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def message(person: User, **fields) -> CoachMessage:
    now = timezone.now()
    values = {
        "cause": MessageCause.NUDGE,
        "cause_key": uuid4().hex,
        "body": "A short walk?",
        "state": DeliveryState.DELIVERED,
        "sent_at": now,
    }
    return CoachMessage.objects.create(user=person, **values | fields)


def held(person: User, *reasons: Reason, **fields) -> CoachMessage:
    row = message(
        person,
        **{"state": DeliveryState.SUPPRESSED, "reason": reasons[0], "sent_at": None} | fields,
    )
    ContactDecision.objects.create(
        message=row, stage=DecisionStage.CREATION, verdict=Verdict.DROP, reasons=list(reasons)
    )
    return row


def spoken(person: User, **fields) -> tuple[Reminder, CoachMessage]:
    now = timezone.now()
    reminder = Reminder.objects.create(
        user=person,
        text="Stretch",
        remind_at=now,
        status=ReminderStatus.SENT,
        idempotency_key="1",
        **fields,
    )
    said = message(
        person,
        cause=MessageCause.REMINDER,
        cause_key=reminder_key(reminder.pk, now),
        subject_type="coaching.reminder",
        subject_id=reminder.pk,
    )
    return reminder, said


def read_at(row: CoachMessage) -> datetime | None:
    row.refresh_from_db()
    return row.read_at


# --- Reading ------------------------------------------------------------------------------------


def test_what_was_sent_and_what_was_held_back_stand_apart(page: Client, person: User) -> None:
    message(person, body="Went out")
    held(person, Reason.NO_LONGER_NEEDED, Reason.TOO_SOON, body="Kept back")
    message(person, body="Still waits", state=DeliveryState.QUEUED, sent_at=None)
    sent, waiting, back = (
        page.get(f"/messages/?show={box}").content.decode() for box in ("sent", "waiting", "held")
    )
    assert "Went out" in sent
    assert "Kept back" not in sent
    assert "Still waits" in waiting
    assert "You had done it already." in back
    assert "Another message had just gone out." in back


def test_each_box_says_so_when_it_is_empty(page: Client) -> None:
    for box, words in (
        ("sent", "Nothing yet"),
        ("waiting", "Nothing waits"),
        ("held", "Nothing was"),
    ):
        assert words in page.get(f"/messages/?show={box}").content.decode()
    assert page.get("/messages/?show=nonsense&page=nonsense").status_code == 200


@pytest.mark.parametrize("box", ["sent", "waiting", "held"])
def test_a_page_costs_the_same_for_any_number(
    page: Client, person: User, box: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(25):
        message(person, body=f"Sent {number}", subject_type="coaching.reminder", subject_id=uuid4())
        message(person, state=DeliveryState.QUEUED, sent_at=None)
        held(person, Reason.MUTED)
    with django_assert_max_num_queries(17):
        answer = page.get(f"/messages/?show={box}")
    assert len(answer.context["entries"]) == 20


def test_opening_the_list_marks_nothing_read(page: Client, person: User) -> None:
    row = message(person)
    assert b"New" in page.get("/messages/").content
    assert read_at(row) is None


def test_what_stood_before_the_eyes_is_read_with_its_twin(page: Client, person: User) -> None:
    row = message(person, cause_key="one")
    twin = message(person, cause_key="one", channel=MessageChannel.PUSH)
    assert page.post("/messages/seen/", {"id": [row.pk], "quietly": "1"}).status_code == 204
    first = read_at(row)
    assert first is not None
    assert read_at(twin) is not None
    page.post("/messages/seen/", {"id": [row.pk]})
    assert read_at(row) == first


def test_a_twin_by_push_is_listed_once(page: Client, person: User) -> None:
    message(person, cause_key="one")
    message(person, cause_key="one", channel=MessageChannel.PUSH)
    message(person, cause_key="two", channel=MessageChannel.PUSH)
    shown = page.get("/messages/").context["entries"]
    assert [entry.channels for entry in shown] == [["Push"], ["In the app", "Push"]]


def test_lists_and_paragraphs_are_shown_as_such(page: Client, person: User) -> None:
    message(person, body="It is open.\nTwo things\n• <b>Walk</b>\n• Read")
    shown = page.get("/messages/").content.decode()
    assert "<li>&lt;b&gt;Walk&lt;/b&gt;</li>" in shown
    assert "<p>It is open.</p>" in shown


def test_the_mark_says_who_wrote_it(page: Client, person: User) -> None:
    staff = User.objects.create_user("coach@example.org", name="Coach", is_staff=True)
    message(person)
    message(person, cause=MessageCause.COACH, author=staff)
    assert [entry.by_hand for entry in page.get("/messages/").context["entries"]] == [True, False]


def test_a_draft_of_staff_is_not_shown(page: Client, person: User) -> None:
    message(person, body="Draft", state=DeliveryState.PENDING_APPROVAL, sent_at=None)
    held(person, Reason.REJECTED, body="Draft")
    for box in ("waiting", "held"):
        answer = page.get(f"/messages/?show={box}")
        assert len(answer.context["entries"]) == 1
        assert b"Draft" not in answer.content


def test_times_are_on_the_persons_clock(page: Client, person: User) -> None:
    message(person, sent_at=datetime.fromisoformat("2026-11-20T23:30:00Z"))
    assert "Sat 21 Nov, 08:30" in page.get("/messages/").content.decode()


# --- Acting on a message ------------------------------------------------------------------------


def test_following_goes_where_it_points(page: Client, person: User) -> None:
    row = message(person, cta_text="Open", cta_action="/habits/")
    assert page.post(f"/messages/{row.pk}/follow/")["Location"] == "/habits/"
    row.refresh_from_db()
    assert row.engaged_at is not None


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x", ""]
)
def test_a_deep_link_stays_on_this_site(page: Client, person: User, target: str) -> None:
    row = message(person, cta_action=target)
    answer = page.get(reverse("message_open", args=[row.pk]))
    assert answer["Location"] == f"/messages/#m-{row.pk}"
    row.refresh_from_db()
    assert row.engaged_at is not None


def test_a_push_of_few_words_leads_to_all_of_them(page: Client, person: User) -> None:
    row = message(
        person, channel=MessageChannel.PUSH, cause=MessageCause.BRIEF, cta_action="/habits/"
    )
    assert page.get(f"/messages/{row.pk}/open/")["Location"].startswith("/messages/")


def test_who_is_signed_out_signs_in_first(client: Client, person: User) -> None:
    row = message(person)
    answer = client.get(f"/messages/{row.pk}/open/")
    assert answer.status_code == 302
    assert f"next=/messages/{row.pk}/open/" in answer["Location"]


def test_a_rating_is_kept(page: Client, person: User) -> None:
    row = message(person)
    page.post(f"/messages/{row.pk}/rate/", {"rating": 5, "text": "Good moment"})
    page.post(f"/messages/{row.pk}/rate/", {"rating": 1})
    row.refresh_from_db()
    assert (row.helpfulness_rating, row.feedback_text) == (1, "Good moment")
    assert page.post(f"/messages/{row.pk}/rate/", {"rating": 6}).status_code == 422


def test_a_reminder_comes_again_later(page: Client, person: User) -> None:
    reminder, said = spoken(person)
    page.post(f"/messages/{said.pk}/snooze/", {"for": "hour"})
    reminder.refresh_from_db()
    assert reminder.status == ReminderStatus.WAITING
    assert reminder.remind_at > timezone.now()
    assert page.post(f"/messages/{said.pk}/snooze/", {"for": "ever"}).status_code == 422


def test_tomorrow_morning_is_the_persons_own(page: Client, person: User) -> None:
    reminder, said = spoken(person)
    page.post(f"/messages/{said.pk}/snooze/", {"for": "tomorrow"})
    reminder.refresh_from_db()
    assert reminder.remind_at.astimezone(person.tz).hour == 8


def test_what_it_is_about_can_be_muted_and_unmuted(page: Client, person: User) -> None:
    _, said = spoken(person)
    waiting = message(
        person,
        subject_type="coaching.reminder",
        subject_id=said.subject_id,
        state=DeliveryState.QUEUED,
        sent_at=None,
    )
    answer = page.post(f"/messages/{said.pk}/mute/", {"what": "subject"}, follow=True)
    mute = Mute.objects.get(user=person)
    assert mute.label == "Stretch"
    assert reverse("mute_remove", args=[mute.pk]) in answer.content.decode()
    waiting.refresh_from_db()
    assert (waiting.state, waiting.reason) == (DeliveryState.SUPPRESSED, Reason.MUTED)
    for _ in range(2):
        assert page.post(f"/mutes/{mute.pk}/remove/").status_code == 302
    assert not mutes_of(person, now=timezone.now()).exists()


def test_a_kind_of_message_can_be_muted(page: Client, person: User) -> None:
    row = message(person)
    page.post(f"/messages/{row.pk}/mute/", {"what": "cause"})
    page.post(f"/messages/{row.pk}/mute/", {"what": "cause"})
    assert Mute.objects.get(user=person).cause == MessageCause.NUDGE
    assert "Nudge" in page.get(SETTINGS).content.decode()


# --- Settings -----------------------------------------------------------------------------------


def choices(**fields) -> dict[str, object]:
    return {
        "notification_frequency": "moderate",
        "preferred_channel": "",
        "opens": "08:00",
        "closes": "21:00",
        **fields,
    }


def test_the_settings_say_what_often_means(page: Client) -> None:
    shown = page.get(SETTINGS).content.decode()
    for words in ("At most one a day and 3 a week", "At most 2 a day and 7 a week", "10 a week"):
        assert words in shown


def test_choices_are_saved(page: Client, person: User) -> None:
    said = choices(notification_frequency="minimal", opens="09:30", nudges_enabled="on")
    assert page.post(SETTINGS, said).status_code == 302
    row = Preferences.objects.get(user=person)
    assert row.notification_frequency == NotificationFrequency.MINIMAL
    assert row.notification_window == {"from": "09:30", "to": "21:00"}
    assert (row.nudges_enabled, row.morning_brief_enabled) == (True, False)


def test_the_usual_hours_are_stored_as_none(page: Client, person: User) -> None:
    page.post(SETTINGS, choices())
    assert Preferences.objects.get(user=person).notification_window == {}


@pytest.mark.parametrize(
    "wrong", [{"opens": "21:00"}, {"opens": "soon"}, {"notification_frequency": "always"}]
)
def test_what_does_not_fit_is_said_and_not_saved(page: Client, wrong: dict[str, str]) -> None:
    assert page.post(SETTINGS, choices(**wrong)).status_code == 422
    assert not Preferences.objects.exists()


def test_being_away_is_noted_and_ended(page: Client, person: User) -> None:
    first = timezone.now().astimezone(person.tz).date() + timedelta(days=2)
    last = first + timedelta(days=7)
    page.post(f"{SETTINGS}away/", {"away_from": first, "away_until": last})
    row = Preferences.objects.get(user=person)
    assert (row.away_from, row.away_until) == (first, last)
    assert b"It will be quiet from" in page.get(SETTINGS).content
    page.post(f"{SETTINGS}away/", {"back": "1"})
    row.refresh_from_db()
    assert row.away_until is None


@pytest.mark.parametrize(
    ("first", "last"),
    [(date(2126, 1, 1), date(2126, 1, 2)), (date(2020, 1, 1), date(2020, 1, 2)), ("", "x")],
)
def test_days_that_make_no_sense_are_refused(page: Client, first: object, last: object) -> None:
    answer = page.post(f"{SETTINGS}away/", {"away_from": first, "away_until": last})
    assert answer.status_code == 422
    assert not Preferences.objects.exists()


def test_a_channel_is_agreed_to_in_these_words(page: Client, person: User) -> None:
    said = {"kind": "email", "granted": "yes", "next": SETTINGS}
    assert page.post("/settings/consent/", said)["Location"] == SETTINGS
    assert has_consent(person, ConsentKind.EMAIL)
    away = {**said, "granted": "no", "next": "https://evil.example/"}
    assert page.post("/settings/consent/", away)["Location"] == "/settings/consent/"


def test_texts_say_what_is_missing(page: Client, person: User) -> None:
    assert b"add yours in your profile" in page.get(SETTINGS).content
    User.objects.filter(pk=person.pk).update(phone="+4915112345678")
    assert b"not verified yet" in page.get(SETTINGS).content


def test_everything_stops_and_starts_with_one_button(page: Client, person: User) -> None:
    set_consent(person, ConsentKind.EMAIL, True, ConsentSource.WEB)
    page.post(f"{SETTINGS}stop/")
    assert not has_consent(person, ConsentKind.EMAIL)
    assert b"You asked for nothing unasked" in page.get("/messages/").content
    page.post(f"{SETTINGS}stop/", {"start": "1"})
    assert not Mute.objects.exists()
    assert not has_consent(person, ConsentKind.EMAIL)


def test_anothers_messages_are_not_found(page: Client) -> None:
    bob = User.objects.create_user("bob@example.org", name="Bob")
    theirs = message(bob)
    mute = Mute.objects.create(user=bob, cause=MessageCause.NUDGE)
    for what in ("follow", "rate", "snooze", "mute"):
        assert page.post(f"/messages/{theirs.pk}/{what}/", {"rating": 1}).status_code == 404
    assert page.get(f"/messages/{theirs.pk}/open/").status_code == 404
    assert page.post(f"/mutes/{mute.pk}/remove/").status_code == 404
    page.post("/messages/seen/", {"id": theirs.pk})
    assert read_at(theirs) is None
