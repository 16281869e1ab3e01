"""An e-mail says who writes and why, leads back, and can be ended; a refusal is told from a broken line."""

import smtplib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client

from accounts.consent import has_consent, set_consent
from accounts.models import Consent, ConsentKind, ConsentSource, User
from accounts.tests.factories import UserFactory
from coaching.models import CoachMessage, DeliveryState, MessageCause, MessageChannel, Reason
from coaching.outreach import outbox
from coaching.outreach.unsubscribing import unsubscribe_path
from coaching.toolkit import Channel, DeliveryFailed, channel_for

from .mail_server import HANG_UP, MailServer, running

NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _public_address(settings: Any) -> None:
    settings.PUBLIC_BASE_URL = "https://habyss.example"


@pytest.fixture
def server(settings: Any) -> Iterator[MailServer]:
    with running() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        yield server


@pytest.fixture
def user() -> User:
    user = UserFactory.create(name="Ada")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    set_consent(user, ConsentKind.EMAIL, True, ConsentSource.WEB)
    return user


def email() -> Channel:
    declared = channel_for("email")
    assert declared is not None
    return declared


def a_message(user: User, **fields: Any) -> CoachMessage:
    values: dict[str, Any] = {
        "channel": MessageChannel.EMAIL,
        "cause": MessageCause.DIGEST,
        "cause_key": "one",
        "title": "Your week",
        "body": "You ran <three> times.\n\nWell kept.",
        "cta_text": "See the week",
    }
    return CoachMessage.objects.create(user=user, **{**values, **fields})


def test_only_a_proven_address_is_reached(user: User) -> None:
    assert email().reaches(user)
    EmailAddress.objects.update(verified=False)
    assert not email().reaches(user)
    with pytest.raises(DeliveryFailed) as failed:
        email().deliver(a_message(user))
    assert failed.value.permanent
    assert email().consent == ConsentKind.EMAIL


def test_what_arrives(user: User, server: MailServer) -> None:
    message = a_message(user)
    provider_id = email().deliver(message)
    (arrived,) = server.mails
    assert server.recipients == [user.email]
    assert arrived["Subject"] == "Your week"
    assert arrived["Message-ID"] == provider_id == f"<{message.pk}@habyss.example>"
    link = f"https://habyss.example/messages/{message.pk}/open/"
    way_out = f"https://habyss.example{unsubscribe_path(user)}"
    assert arrived["List-Unsubscribe"].strip() == f"<{way_out}>"
    assert arrived["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    for kind in ("plain", "html"):
        part = arrived.get_body((kind,))
        assert part is not None
        text = part.get_content()
        for needed in (link, way_out, "an AI, not a person", "summaries are switched on"):
            assert needed in text
        assert ("You ran <three> times." in text) == (kind == "plain")
        assert ("You ran &lt;three&gt; times." in text) == (kind == "html")


def test_what_a_person_wrote_is_not_said_to_be_of_an_ai(user: User, server: MailServer) -> None:
    coach = UserFactory.create(is_staff=True)
    email().deliver(a_message(user, cause=MessageCause.COACH, author=coach))
    (arrived,) = server.mails
    for kind in ("plain", "html"):
        part = arrived.get_body((kind,))
        assert part is not None
        text = part.get_content()
        assert "A person wrote this, not an AI." in text
        assert "It is an AI" not in text
        assert "your AI coach" not in text


def test_a_line_break_in_a_title_makes_no_header(user: User) -> None:
    email().deliver(a_message(user, title="Hello\nBcc: everybody@example.org"))
    assert mail.outbox[0].subject == "Hello Bcc: everybody@example.org"
    assert mail.outbox[0].recipients() == [user.email]


def test_a_message_without_a_title_says_what_it_is(user: User) -> None:
    email().deliver(a_message(user, title="", cause=MessageCause.REMINDER))
    assert mail.outbox[0].subject == "Your reminder"
    assert "because you set this reminder" in str(mail.outbox[0].body)


@pytest.mark.parametrize(
    ("stage", "answer", "permanent"),
    [
        ("RCPT", "550 no such person", True),
        ("RCPT", "450 greylisted", False),
        ("MAIL", "553 not from you", True),
        ("DATA", "451 later", False),
        (".", "554 spam", True),
        (".", "452 full", False),
    ],
)
def test_what_the_server_refused_did_not_go_out(
    user: User, server: MailServer, stage: str, answer: str, permanent: bool
) -> None:
    server.answers[stage] = answer
    with pytest.raises(DeliveryFailed) as failed:
        email().deliver(a_message(user))
    assert failed.value.permanent is permanent
    assert server.mails == []


def test_no_server_is_a_failure_that_passes(user: User, server: MailServer) -> None:
    server.shutdown()
    server.server_close()
    with pytest.raises(DeliveryFailed) as failed:
        email().deliver(a_message(user))
    assert not failed.value.permanent


def test_a_line_that_breaks_after_the_text_leaves_it_open(user: User, server: MailServer) -> None:
    server.answers["."] = HANG_UP
    with pytest.raises(smtplib.SMTPServerDisconnected):
        email().deliver(a_message(user))


class TestTheWayOut:
    """The link of every e-mail."""

    def test_looking_changes_nothing(self, user: User, client: Client) -> None:
        page = client.get(unsubscribe_path(user))
        assert page.status_code == 200
        assert b"Stop all e-mails?" in page.content
        assert user.email.encode() not in page.content
        assert b"Ada" not in page.content
        assert has_consent(user, ConsentKind.EMAIL)

    def test_one_click_of_a_mail_program_ends_it(self, user: User) -> None:
        guarded = Client(enforce_csrf_checks=True)
        body = "List-Unsubscribe=One-Click"
        kind = "application/x-www-form-urlencoded"
        for _ in range(2):
            assert guarded.post(unsubscribe_path(user), body, kind).status_code == 200
        assert not guarded.cookies
        assert not has_consent(user, ConsentKind.EMAIL)
        withdrawn = Consent.objects.get(user=user, kind=ConsentKind.EMAIL, granted=False)
        assert "One-click" in withdrawn.evidence

    def test_the_button_ends_it_too(self, user: User, client: Client) -> None:
        page = client.post(unsubscribe_path(user))
        assert b"No more e-mails" in page.content
        assert not has_consent(user, ConsentKind.EMAIL)
        assert "page" in Consent.objects.get(user=user, granted=False).evidence

    def test_it_is_one_persons_own(self, user: User) -> None:
        other = UserFactory.create()
        set_consent(other, ConsentKind.EMAIL, True, ConsentSource.WEB)
        Client().post(unsubscribe_path(user))
        assert has_consent(other, ConsentKind.EMAIL)
        mixed = unsubscribe_path(user).replace(user.pk.hex, other.pk.hex)
        assert Client().post(mixed).status_code == 404
        assert has_consent(other, ConsentKind.EMAIL)

    @pytest.mark.parametrize("token", ["x", "x.y", "0" * 32, "ß"])
    def test_another_token_is_a_page_that_says_so(self, token: str, client: Client) -> None:
        for page in (client.get(f"/unsubscribe/{token}/"), client.post(f"/unsubscribe/{token}/")):
            assert page.status_code == 404
            assert b"This link does not work" in page.content

    def test_of_somebody_who_is_gone_it_says_the_same(self, user: User, client: Client) -> None:
        path = unsubscribe_path(user)
        user.delete()
        assert b"This link does not work" in client.post(path).content


class TestOnItsWay:
    """An e-mail that the outbox carries; the hour is one in which nobody is quiet."""

    def composed(self, user: User) -> CoachMessage:
        return outbox.compose(
            user,
            channel=MessageChannel.EMAIL,
            cause=MessageCause.DIGEST,
            cause_key="week",
            title="Your week",
            body="You ran three times.",
            now=NOW,
        )

    def test_it_goes_out_once(self, user: User, server: MailServer) -> None:
        message = self.composed(user)
        for _ in range(2):
            assert outbox.deliver(message.pk, now=NOW) == DeliveryState.SENT
        (arrived,) = server.mails
        assert message.notifications.get().provider_id == arrived["Message-ID"]

    def test_unsubscribing_before_it_goes_out_is_honoured(
        self, user: User, server: MailServer
    ) -> None:
        message = self.composed(user)
        Client().post(unsubscribe_path(user), {"List-Unsubscribe": "One-Click"})
        assert outbox.deliver(message.pk, now=NOW) == DeliveryState.SUPPRESSED
        message.refresh_from_db()
        assert message.reason == Reason.NO_CONSENT
        assert server.mails == []

    def test_a_full_mailbox_is_tried_again_and_a_broken_line_is_not(
        self, user: User, server: MailServer
    ) -> None:
        message = self.composed(user)
        server.answers["RCPT"] = "452 full"
        assert outbox.deliver(message.pk, now=NOW) == DeliveryState.QUEUED
        server.answers = {".": HANG_UP}
        later = NOW + timedelta(minutes=5)
        for _ in range(2):
            assert outbox.deliver(message.pk, now=later) == DeliveryState.UNKNOWN
        assert server.recipients == [user.email] * 2
