"""By e-mail: text with an HTML alternative, and a way out that every mail program knows."""

import smtplib
from contextlib import suppress
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.mailing import proven_address
from accounts.models import ConsentKind, User
from coaching.models import CoachMessage, MessageCause, MessageChannel
from coaching.outreach.unsubscribing import ONE_CLICK, unsubscribe_path
from coaching.toolkit import DeliveryFailed, channel

from .wording import (
    COACH,
    COACH_MARK,
    MARK,
    SENDER,
    WHY,
    absolute,
    heading_of,
    is_by_hand,
    path_of,
)

# A server's answer of this kind is its last word (RFC 5321, 4.2.1).
PERMANENT = range(500, 600)


def reaches(user: User) -> bool:
    """Whether the person has an address that is proven to be theirs."""
    return proven_address(user) is not None


@channel(f"coaching.{MessageChannel.EMAIL}", burden=1, reaches=reaches, consent=ConsentKind.EMAIL)
def send(message: CoachMessage) -> str:
    """Hands `message` to the mail server and returns its Message-ID.

    The id is made of the message's own, so that a copy can be told from another message. Raises
    `DeliveryFailed` where the server surely did not take it; a line that broke in between says nothing.
    """
    try:
        mail = _written(message)
        mail.message()  # what cannot be put into headers is found out before anything is sent
    except ValueError as problem:
        raise DeliveryFailed(f"cannot be written: {problem}", permanent=True) from problem
    connection = get_connection()
    try:
        _open(connection)
        _hand_over(connection, mail)
    finally:
        # The message is on its way or not: a server that hangs up without a word changes nothing.
        with suppress(smtplib.SMTPException, OSError):
            connection.close()
    return mail.extra_headers["Message-ID"]


def _written(message: CoachMessage) -> EmailMultiAlternatives:
    address = proven_address(message.user)
    if address is None:
        raise DeliveryFailed("no proven address", permanent=True)
    way_out = absolute(unsubscribe_path(message.user))
    heading = heading_of(message)
    sender, mark = (COACH, COACH_MARK) if is_by_hand(message) else (SENDER, MARK)
    words = {
        "body": message.body,
        "heading": heading,
        "link": absolute(path_of(message)),
        "link_text": message.cta_text or "Open Habyss",
        "mark": mark,
        "sender": sender,
        "settings_link": absolute(reverse("settings_notifications")),
        "unsubscribe_link": way_out,
        "why": WHY[MessageCause(message.cause)],
    }
    mail = EmailMultiAlternatives(
        heading,
        render_to_string("coaching/outreach/email.txt", words),
        settings.DEFAULT_FROM_EMAIL,
        [address],
        headers={
            "Message-ID": f"<{message.pk}@{urlsplit(settings.PUBLIC_BASE_URL).hostname}>",
            "List-Unsubscribe": f"<{way_out}>",
            "List-Unsubscribe-Post": "=".join(ONE_CLICK),
            "Auto-Submitted": "auto-generated",
        },
    )
    mail.attach_alternative(render_to_string("coaching/outreach/email.html", words), "text/html")
    return mail


def _open(connection: BaseEmailBackend) -> None:
    try:
        connection.open()
    except (smtplib.SMTPException, OSError) as problem:
        raise DeliveryFailed(f"no mail server: {problem}", permanent=False) from problem


def _hand_over(connection: BaseEmailBackend, mail: EmailMultiAlternatives) -> None:
    try:
        taken = connection.send_messages([mail])
    except smtplib.SMTPRecipientsRefused as refusal:
        code, _ = next(iter(refusal.recipients.values()))
        raise DeliveryFailed(f"address refused: {code}", permanent=code in PERMANENT) from refusal
    except smtplib.SMTPResponseException as refusal:
        code = refusal.smtp_code
        raise DeliveryFailed(f"refused: {code}", permanent=code in PERMANENT) from refusal
    except smtplib.SMTPNotSupportedError as refusal:
        raise DeliveryFailed(f"not supported: {refusal}", permanent=True) from refusal
    if not taken:
        raise DeliveryFailed("not taken", permanent=False)
