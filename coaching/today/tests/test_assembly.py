"""The Today page shows what the domains declare, and one that fails takes nothing else away."""

from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounts.consent import set_consent
from accounts.models import ConsentKind, ConsentSource, User
from coaching.models import CoachMessage, MessageCause, RawBehavioralLog
from coaching.today.assembly import tiles_for
from coaching.today.pages import greeting
from coaching.toolkit import TodayTile, today_tiles

pytestmark = pytest.mark.django_db
LINE = "coaching/today/coach_line.html"


@pytest.fixture
def person() -> User:
    return User.objects.create_user("ada@example.org", name="Ada Lovelace")


@pytest.fixture
def signed_in(person: User, client: Client) -> Client:
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_tiles_stand_in_their_order(person: User) -> None:
    first = TodayTile("test.first", LINE, -2, lambda user, now: {"line": "first"})
    second = TodayTile("test.second", LINE, -1, lambda user, now: {"line": "second"})
    with today_tiles.temporarily(test__second=second, test__first=first):
        shown = [filled.tile.key for filled in tiles_for(person, timezone.now())]
    assert shown[:2] == ["test.first", "test.second"]


def test_a_tile_with_nothing_to_say_is_left_out(person: User) -> None:
    silent = TodayTile("test.silent", LINE, -1, lambda user, now: None)
    with today_tiles.temporarily(test__silent=silent):
        assert "test.silent" not in [t.tile.key for t in tiles_for(person, timezone.now())]


def test_a_tile_that_fails_takes_nothing_else_away(person: User) -> None:
    def fail(user, now):
        raise RuntimeError("broken")

    with today_tiles.temporarily(test__broken=TodayTile("test.broken", LINE, -1, fail)):
        shown = [filled.tile.key for filled in tiles_for(person, timezone.now())]
    assert "coaching.line" in shown
    assert "test.broken" not in shown


def test_greets_by_name(signed_in: Client) -> None:
    assert b"Ada" in signed_in.get("/").content


@pytest.mark.parametrize(
    ("hour", "words"),
    [(0, "Still up"), (5, "Good morning"), (12, "Good afternoon"), (18, "Good evening")],
)
def test_the_greeting_follows_the_clock(hour: int, words: str) -> None:
    assert greeting(hour) == words


def test_a_visitor_is_welcomed(client: Client) -> None:
    assert b"Create your account" in client.get("/").content


def test_an_unread_message_is_the_coachs_line(signed_in: Client, person: User) -> None:
    CoachMessage.objects.create(
        user=person,
        cause=MessageCause.REMINDER,
        cause_key="1",
        body="Reminder: stretch",
        sent_at=timezone.now(),
    )
    assert b"Reminder: stretch" in signed_in.get("/").content


def test_a_tap_is_told_once_and_only_with_consent(signed_in: Client, person: User) -> None:
    path = f"/today/tiles/coaching.line/taps/{uuid4()}/"
    assert signed_in.post(path).status_code == 204
    assert not RawBehavioralLog.objects.exists()
    set_consent(person, ConsentKind.BEHAVIORAL_TRACKING, True, ConsentSource.WEB)
    signed_in.post(path)
    signed_in.post(path)
    assert RawBehavioralLog.objects.get().raw_data == {"tile": "coaching.line"}


def test_a_tap_on_an_unknown_tile_is_not_found(signed_in: Client) -> None:
    assert signed_in.post(f"/today/tiles/no.such/taps/{uuid4()}/").status_code == 404


def test_one_tile_can_be_fetched_alone(signed_in: Client) -> None:
    tile = TodayTile("test.one", LINE, -1, lambda user, now: {"line": f"for {user.first_name}"})
    with today_tiles.temporarily(test__one=tile):
        answer = signed_in.get("/today/tiles/test.one/")
    assert answer.status_code == 200
    assert b"for Ada" in answer.content
    assert b"<html" not in answer.content


def test_a_tile_that_has_nothing_to_show_any_more_answers_with_nothing(signed_in: Client) -> None:
    silent = TodayTile("test.silent", LINE, -1, lambda user, now: None)
    with today_tiles.temporarily(test__silent=silent):
        assert signed_in.get("/today/tiles/test.silent/").status_code == 204


def test_a_tile_nobody_declared_is_not_there(signed_in: Client) -> None:
    assert signed_in.get("/today/tiles/test.unknown/").status_code == 404


def test_a_tile_is_for_who_is_signed_in(client: Client) -> None:
    assert client.get("/today/tiles/coaching.line/").status_code == 302


def test_a_look_at_a_tile_is_told_once_and_only_with_consent(
    signed_in: Client, person: User
) -> None:
    path = f"/today/tiles/coaching.line/views/{uuid4()}/"
    assert signed_in.post(path).status_code == 204
    assert not RawBehavioralLog.objects.exists()
    set_consent(person, ConsentKind.BEHAVIORAL_TRACKING, True, ConsentSource.WEB)
    for _ in range(2):
        assert signed_in.post(path).status_code == 204
    row = RawBehavioralLog.objects.get()
    assert (row.interaction_type, row.raw_data) == ("today_tile.seen", {"tile": "coaching.line"})
    assert signed_in.post(f"/today/tiles/no.such/views/{uuid4()}/").status_code == 404
    assert signed_in.get(path).status_code == 405
