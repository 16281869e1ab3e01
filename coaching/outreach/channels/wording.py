"""What a message says outside the app, and where it leads."""

from django.conf import settings
from django.urls import reverse

from coaching.models import CoachMessage, MessageCause

SENDER = "Habyss, your AI coach"
MARK = "It is an AI, not a person."
COACH = "Your coach, by way of Habyss"
COACH_MARK = "A person wrote this, not an AI."
HEADINGS = {
    MessageCause.NUDGE: "A small nudge",
    MessageCause.HOOK: "Something for you",
    MessageCause.CAMPAIGN: "A message from Habyss",
    MessageCause.REMINDER: "Your reminder",
    MessageCause.BRIEF: "Your morning brief",
    MessageCause.DIGEST: "Your summary",
    MessageCause.CHECK_IN: "How is it going?",
    MessageCause.COACH: "A message from your coach",
}
WHY = {
    MessageCause.NUDGE: "because nudges are switched on in your settings",
    MessageCause.HOOK: "because suggestions are switched on in your settings",
    MessageCause.CAMPAIGN: "because you agreed to e-mails from Habyss",
    MessageCause.REMINDER: "because you set this reminder",
    MessageCause.BRIEF: "because the morning brief is switched on in your settings",
    MessageCause.DIGEST: "because summaries are switched on in your settings",
    MessageCause.CHECK_IN: "because nudges are switched on in your settings",
    MessageCause.COACH: "because you agreed to e-mails from Habyss",
}
# What a lock screen or a carrier may see: scores, summaries and what a coach wrote stay in the app.
READ_IN_THE_APP = {
    MessageCause.BRIEF,
    MessageCause.DIGEST,
    MessageCause.CHECK_IN,
    MessageCause.COACH,
}
SHORT = 160


def is_by_hand(message: CoachMessage) -> bool:
    """Whether a person wrote it; all the rest is marked as the words of an AI."""
    return message.author_id is not None and message.cause == MessageCause.COACH


def heading_of(message: CoachMessage) -> str:
    """One line: the message's own title, else what kind of message it is."""
    return " ".join(message.title.split()) or HEADINGS[MessageCause(message.cause)]


def teaser_of(message: CoachMessage) -> tuple[str, str]:
    """A title and at most `SHORT` characters for a lock screen, which anybody may see.

    Of what a person ordered or is merely nudged about it shows the words; the rest is read in the app.
    """
    cause = MessageCause(message.cause)
    if cause in READ_IN_THE_APP:
        return HEADINGS[cause], "Open Habyss to read it."
    body = " ".join(message.body.split())
    if len(body) > SHORT:
        body = body[: SHORT - 1].rsplit(" ", 1)[0] + "…"
    return heading_of(message), body


def path_of(message: CoachMessage) -> str:
    """The page of this site that opens `message`, counts it as followed and leads on."""
    return reverse("message_open", args=[message.pk])


def absolute(path: str) -> str:
    """The address of `path` as seen from outside."""
    return f"{settings.PUBLIC_BASE_URL}{path}"
