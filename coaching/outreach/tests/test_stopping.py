"""What a STOP ends, what a START gives back, and that saying it twice says it once."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from accounts.consent import has_consent, set_consent
from accounts.models import Consent, ConsentKind, ConsentSource, User
from coaching.models import (
    CoachMessage,
    ConversationChannel,
    DeliveryState,
    MessageCause,
    MessageChannel,
    Mute,
    Reason,
)
from coaching.outreach import muting, outbox, outcomes, stopping
from coaching.outreach.stopping import heed, read_wish
from coaching.toolkit import channels

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
WEB, SMS = ConversationChannel.WEB, ConversationChannel.SMS
CHANNELS = (ConsentKind.SMS, ConsentKind.CALLS, ConsentKind.PUSH, ConsentKind.EMAIL)


@pytest.fixture
def person(db: None) -> User:
    user = User.objects.create_user("ada@example.org", name="Ada", timezone="Europe/Berlin")
    for kind in CHANNELS:
        set_consent(user, kind, True, ConsentSource.WEB, "yes", NOW - timedelta(days=1))
    return user


def say(person: User, words: str, source: ConversationChannel = WEB) -> stopping.Confirmation:
    wish = read_wish(words, by_phone=source in stopping.BY_PHONE)
    assert wish is not None
    return heed(person, wish, source=source, now=NOW)


def granted(person: User) -> set[ConsentKind]:
    return {kind for kind in CHANNELS if has_consent(person, kind)}


def waiting(person: User, channel: MessageChannel, cause: MessageCause) -> CoachMessage:
    return CoachMessage.objects.create(
        user=person,
        channel=channel,
        cause=cause,
        cause_key=f"{channel}:{cause}",
        body="Walk?",
        not_before=NOW + timedelta(hours=1),
        expires_at=NOW + timedelta(days=1),
    )


def test_stop_in_a_chat_ends_everything_unasked(person: User) -> None:
    nudge = waiting(person, MessageChannel.IN_APP, MessageCause.NUDGE)
    mail = waiting(person, MessageChannel.EMAIL, MessageCause.BRIEF)
    reminder = waiting(person, MessageChannel.IN_APP, MessageCause.REMINDER)
    done = say(person, "STOP")
    assert done.changed
    assert granted(person) == set()
    assert stopping.is_stopped(person)
    for message in (nudge, mail, reminder):
        message.refresh_from_db()
    assert (nudge.state, nudge.reason) == (DeliveryState.SUPPRESSED, Reason.MUTED)
    assert (mail.state, mail.reason) == (DeliveryState.SUPPRESSED, Reason.NO_CONSENT)
    assert reminder.state == DeliveryState.QUEUED


def test_the_words_are_kept_as_evidence(person: User) -> None:
    say(person, "Please stop e-mailing me")
    newest = Consent.objects.current(person, ConsentKind.EMAIL)
    assert newest is not None
    assert (newest.granted, newest.evidence) == (False, "Please stop e-mailing me")


def test_a_second_stop_changes_nothing(person: User) -> None:
    say(person, "STOP")
    rows = Consent.objects.count(), Mute.objects.count()
    assert not say(person, "stop").changed
    assert (Consent.objects.count(), Mute.objects.count()) == rows


def test_a_named_channel_ends_alone(person: User) -> None:
    done = say(person, "no more e-mails")
    assert granted(person) == {ConsentKind.SMS, ConsentKind.CALLS, ConsentKind.PUSH}
    assert "no more e-mails" in done.text
    assert not stopping.is_stopped(person)


def test_a_kind_of_message_is_muted(person: User) -> None:
    say(person, "stop nudging me")
    assert granted(person) == set(CHANNELS)
    muted = set(Mute.objects.filter(user=person).values_list("cause", flat=True))
    assert muted == set(muting.NUDGES)


def test_the_keyword_by_text_ends_texts_and_calls(person: User) -> None:
    done = say(person, "Stop", SMS)
    assert granted(person) == {ConsentKind.PUSH, ConsentKind.EMAIL}
    newest = Consent.objects.current(person, ConsentKind.SMS)
    assert newest is not None
    assert newest.source == ConsentSource.SMS_KEYWORD
    assert len(done.text) <= 160


@pytest.mark.parametrize("words", ["please stop texting me", "STOPALL", "leave me alone"])
def test_a_refusal_in_own_words_by_text_ends_everything(person: User, words: str) -> None:
    say(person, words, SMS)
    assert granted(person) == set()
    assert stopping.is_stopped(person)


def test_start_by_text_gives_back_texts_alone(person: User) -> None:
    say(person, "please stop texting me", SMS)
    done = say(person, "START", SMS)
    assert done.changed
    assert granted(person) == {ConsentKind.SMS}
    assert not stopping.is_stopped(person)
    assert not say(person, "START", SMS).changed


def test_a_yes_by_text_is_no_consent_where_there_was_none(db: None) -> None:
    new = User.objects.create_user("new@example.org", name="New")
    assert not say(new, "yes", SMS).changed
    assert not has_consent(new, ConsentKind.SMS)


def test_start_in_a_chat_gives_back_the_app_alone(person: User) -> None:
    Mute.objects.create(user=person, cause=MessageCause.NUDGE, label="Nudges")
    say(person, "STOP")
    say(person, "START")
    assert granted(person) == set()
    assert not stopping.is_stopped(person)
    kept = Mute.objects.get(user=person)
    assert kept.cause == MessageCause.NUDGE


def test_a_thing_that_is_called_like_a_stop_is_none(person: User) -> None:
    mute = muting.mute_subject(person, "habits.habit", uuid4(), now=NOW, label=muting.STOPPED)
    assert not stopping.is_stopped(person)
    assert list(muting.mutes_of(person, now=NOW)) == [mute]
    say(person, "START")
    assert Mute.objects.get() == mute


def test_start_is_an_ordinary_word_until_something_was_stopped(person: User) -> None:
    assert stopping.wish_in_chat(person, "start") is None
    say(person, "STOP")
    assert stopping.wish_in_chat(person, "start") is not None


def test_a_stop_can_be_taken_back(person: User) -> None:
    done = say(person, "STOP")
    stopping.take_back(person, done.consents, done.causes, words="STOP", now=NOW)
    assert granted(person) == set(CHANNELS)
    assert not Mute.objects.filter(user=person).exists()


def test_help_says_who_this_is_and_how_to_stop(person: User) -> None:
    for source in (WEB, SMS):
        told = say(person, "HELP", source).text
        assert "AI" in told
        assert "STOP" in told
    assert granted(person) == set(CHANNELS)


def test_a_stop_after_the_decision_is_still_heeded(person: User) -> None:
    nudge = outbox.compose(
        person,
        channel=MessageChannel.IN_APP,
        cause=MessageCause.NUDGE,
        cause_key="nudge",
        body="Walk?",
        now=NOW,
    )
    place = next(entry for entry in channels if entry.key == "coaching.in_app")
    claimed = outcomes.Claim(nudge, place, 1)
    CoachMessage.objects.filter(pk=nudge.pk).update(state=DeliveryState.SENDING, attempts=1)
    say(person, "STOP")
    outcomes.hand_over(claimed, now=NOW)
    nudge.refresh_from_db()
    assert (nudge.state, nudge.reason) == (DeliveryState.SUPPRESSED, Reason.MUTED)
