"""STOP, START and HELP: what a person says about unasked messages takes effect at once.

The rules are fixed and work with every model down. STOP ends what the words name (a channel, a kind of
message), or everything; a conversation that the person goes on with themselves is never ended by it.
START gives back only what it stands for: texts to whom it was sent as a text, else what comes in the app.
Other channels come back where they were agreed to in the first place, with the words of that agreement.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction

from accounts.consent import consent_states, set_consent
from accounts.models import ConsentKind, ConsentSource, User
from coaching.models import (
    CoachMessage,
    ConversationChannel,
    MessageCause,
    MessageChannel,
    Mute,
    Reason,
)

from . import outbox
from .muting import OF_A_STOP, STOPPED, UNASKED
from .stop_words import Wish, WishKind, read_wish

__all__ = [
    "Confirmation",
    "Wish",
    "WishKind",
    "heed",
    "is_stopped",
    "read_wish",
    "take_back",
    "wish_in_chat",
]

CONSENT_OF = {
    MessageChannel.SMS: ConsentKind.SMS,
    MessageChannel.CALL: ConsentKind.CALLS,
    MessageChannel.PUSH: ConsentKind.PUSH,
    MessageChannel.EMAIL: ConsentKind.EMAIL,
}
BY_PHONE = (ConversationChannel.SMS, ConversationChannel.CALL)
SOURCES = {
    ConversationChannel.SMS: ConsentSource.SMS_KEYWORD,
    ConversationChannel.API: ConsentSource.API,
}
NAMES = {
    ConsentKind.SMS: "texts",
    ConsentKind.CALLS: "calls",
    ConsentKind.PUSH: "push notifications",
    ConsentKind.EMAIL: "e-mails",
}
CAUSES = {
    MessageCause.REMINDER: "reminders",
    MessageCause.NUDGE: "nudges",
    MessageCause.BRIEF: "morning briefs",
    MessageCause.DIGEST: "weekly summaries",
}
HELP = (
    "This is Habyss, an AI coach for habits and goals. Write STOP and I send you nothing unasked any more; "
    "START brings it back. Settings → Notifications has every channel, how often, and quiet hours. "
    "If you need somebody right now, tell me how you are, and I'll show you who to call."
)
HELP_BY_TEXT = (
    "Habyss: an AI coach that you set up to text you. Reply STOP and it never texts or calls again, "
    "START to get texts again. Help: {address}"
)
EVIDENCE_LENGTH = 400


@dataclass(frozen=True)
class Confirmation:
    """What the person is told, once. `changed` is false when everything had been so already.

    By text and by phone nothing is said when nothing changed: one confirmation, then silence. What was
    ended is kept (`consents`, `causes`), so that it can be taken back.
    """

    text: str
    changed: bool
    consents: tuple[ConsentKind, ...] = ()
    causes: tuple[MessageCause, ...] = ()


def is_stopped(user: User) -> bool:
    """Whether the person asked for nothing unasked at all."""
    return Mute.objects.filter(OF_A_STOP, user=user).exists()


def wish_in_chat(user: User, text: str) -> Wish | None:
    """A wish that a message in a conversation carries out at once, if it is one.

    "Start" is an ordinary word there unless there is something to start again.
    """
    wish = read_wish(text, by_phone=False)
    if wish is not None and wish.kind == WishKind.START and not is_stopped(user):
        return None
    return wish


@transaction.atomic
def heed(user: User, wish: Wish, *, source: ConversationChannel, now: datetime) -> Confirmation:
    """Carries `wish` out, and says so. The same wish again changes nothing and says nothing new."""
    # Two ways of saying it at the same moment have one effect.
    User.objects.select_for_update(of=("self",)).get(pk=user.pk)
    if wish.kind == WishKind.HELP:
        return Confirmation(_help(source), changed=True)
    if wish.kind == WishKind.START:
        return _start(user, wish, source, now)
    return _stop(user, wish, source, now)


@transaction.atomic
def take_back(
    user: User, consents: Iterable[str], causes: Iterable[str], *, words: str, now: datetime
) -> None:
    """Undoes a STOP: what it had ended is as before. For the person who changes their mind at once."""
    for kind in consents:
        set_consent(user, ConsentKind(kind), True, ConsentSource.WEB, f"Took back: {words}", now)
    Mute.objects.filter(user=user, subject_id__isnull=True, cause__in=list(causes)).delete()


# --- STOP ---------------------------------------------------------------------------------------


def _stop(user: User, wish: Wish, source: ConversationChannel, now: datetime) -> Confirmation:
    everything = _is_about_everything(wish, source)
    channels = set(CONSENT_OF) if everything else set(wish.channels) & set(CONSENT_OF)
    if source in BY_PHONE and not wish.causes:
        channels |= {MessageChannel.SMS, MessageChannel.CALL}
    causes = UNASKED if everything else tuple(wish.causes)
    ended = _withdraw_consent(user, channels, wish, source, now, everything=everything)
    muted = _mute(user, causes, now, label=STOPPED if everything else "")
    _withdraw_waiting(user, channels, causes, now)
    changed = bool(ended or muted)
    if source in BY_PHONE:
        text = _told_by_phone(everything)
    else:
        text = _told_in_chat(everything, [CONSENT_OF[each] for each in channels], causes, changed)
    return Confirmation(text, changed, tuple(ended), tuple(muted))


def _is_about_everything(wish: Wish, source: ConversationChannel) -> bool:
    """Whether all that is unasked ends. A refusal in a person's own words on the phone is meant so."""
    if wish.causes and not wish.channels:
        return False
    if source in BY_PHONE:
        return not wish.is_keyword
    return wish.is_about_everything


def _withdraw_consent(
    user: User,
    channels: set[MessageChannel],
    wish: Wish,
    source: ConversationChannel,
    now: datetime,
    *,
    everything: bool,
) -> list[ConsentKind]:
    """Ends the consent to `channels`; returns what had been agreed to. A plain no is kept as well."""
    granted = {state.kind for state in consent_states(user) if state.granted}
    named = {CONSENT_OF[channel] for channel in channels}
    for kind in sorted(named):
        if kind in granted or not everything:
            words = wish.words[:EVIDENCE_LENGTH]
            set_consent(user, kind, False, SOURCES.get(source, ConsentSource.WEB), words, now)
    return sorted(named & granted)


def _mute(
    user: User, causes: Iterable[MessageCause], now: datetime, *, label: str
) -> list[MessageCause]:
    """Mutes kinds of message; returns those that were not muted for good before."""
    muted = []
    for cause in causes:
        row = Mute.objects.filter(user=user, cause=cause, subject_id__isnull=True).first()
        if row is not None and row.until is None:
            continue
        Mute.objects.update_or_create(
            user=user,
            subject_type="",
            subject_id=None,
            cause=cause,
            defaults={"label": label or str(cause.label), "until": None, "created_at": now},
        )
        muted.append(cause)
    return muted


def _withdraw_waiting(
    user: User, channels: set[MessageChannel], causes: Iterable[MessageCause], now: datetime
) -> None:
    waiting = CoachMessage.objects.of(user).waiting()
    for message in waiting.filter(channel__in=channels):
        outbox.withdraw(message, now=now, reason=Reason.NO_CONSENT)
    for message in waiting.filter(cause__in=list(causes)):
        outbox.withdraw(message, now=now, reason=Reason.MUTED)


# --- START --------------------------------------------------------------------------------------


def _start(user: User, wish: Wish, source: ConversationChannel, now: datetime) -> Confirmation:
    removed = Mute.objects.filter(OF_A_STOP, user=user).delete()[0]
    if source != ConversationChannel.SMS:
        return Confirmation(
            "I may speak first in the app again. E-mail, notifications, texts and calls stay off "
            "until you switch them on under Settings → Notifications.",
            changed=bool(removed),
        )
    had = next(state for state in consent_states(user) if state.kind == ConsentKind.SMS)
    if had.decision is None:
        address = settings.PUBLIC_BASE_URL
        return Confirmation(f"Habyss: texts are set up at {address}", changed=False)
    words = wish.words[:EVIDENCE_LENGTH]
    set_consent(user, ConsentKind.SMS, True, ConsentSource.SMS_KEYWORD, words, now)
    return Confirmation(
        "Habyss: texts are on again. I'm an AI coach. Reply STOP to end them, HELP for help.",
        changed=bool(removed) or not had.granted,
    )


# --- Words --------------------------------------------------------------------------------------


def _help(source: ConversationChannel) -> str:
    if source not in BY_PHONE:
        return HELP
    return HELP_BY_TEXT.format(address=settings.PUBLIC_BASE_URL)


def _told_by_phone(everything: bool) -> str:
    what = "nothing unasked any more" if everything else "no more texts or calls"
    return f"Habyss: done, you will get {what}. Reply START for texts again, HELP for help."


def _told_in_chat(
    everything: bool,
    kinds: list[ConsentKind],
    causes: Iterable[MessageCause],
    changed: bool,
) -> str:
    if everything:
        begin = "Done" if changed else "It is so already"
        return (
            f"{begin}: I won't send you anything unasked any more, on any channel. Reminders you set yourself "
            "still wait for you in the app, and you can write to me whenever you like. "
            "Write START if you want me to speak first again."
        )
    named = [NAMES[kind] for kind in sorted(kinds)]
    named += [CAUSES[cause] for cause in CAUSES if cause in causes]
    begin = "Done" if changed else "It is so already"
    text = f"{begin}: no more {_listed(named)}."
    if MessageCause.REMINDER in causes:
        text += " Your reminders stay in their list; they are silent until you unmute them under Settings → Notifications."
    else:
        text += " You can change this under Settings → Notifications."
    return text


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
