"""What outreach hands the coach about messages themselves: ending them, pausing them, how often and when."""

import re
from datetime import UTC, date, datetime, time
from typing import Any, Literal
from uuid import UUID

from django.utils import timezone
from pydantic import BaseModel, Field

from accounts.day import local_day
from accounts.models import User
from coaching.language import mended
from coaching.models import (
    CoachMessage,
    ConversationChannel,
    MessageCause,
    MessageChannel,
    Mute,
    NotificationFrequency,
    Reminder,
    ReminderStatus,
)
from coaching.toolkit import Card, Effect, ToolContext, ToolRefused, Undo, slot, tool, undo

from . import muting, reminders
from .choices import (
    LONGEST_AWAY,
    choose,
    chosen,
    day_in_words,
    frequency_in_words,
    hours_of,
    preferences_of,
    put_back,
    window,
)
from .said_times import away_days, read_hours
from .stopping import Confirmation, Wish, WishKind, heed, is_stopped, read_wish, take_back

WHERE = "Settings → Notifications has all of it."
SEEN_SUBJECTS = 200
_MESSAGES = r"(?:messages?|notifications?|reminders?|nudges?|texts?|e-?mails?|pings?|everything)"
_CHANNELS = {
    "texts": MessageChannel.SMS,
    "calls": MessageChannel.CALL,
    "push": MessageChannel.PUSH,
    "email": MessageChannel.EMAIL,
}
_KINDS: dict[str, tuple[MessageCause, ...]] = {
    "nudges": muting.NUDGES,
    "reminders": (MessageCause.REMINDER,),
    "briefs": (MessageCause.BRIEF,),
    "summaries": (MessageCause.DIGEST,),
}


class Words(BaseModel):
    """What the person said."""

    words: str = Field(
        default="",
        max_length=400,
        description="What the person said, in their own words",
        json_schema_extra=slot("words"),
    )


# --- Ending and beginning -----------------------------------------------------------------------


class StopArgs(Words):
    """What is to end; nothing named means everything."""

    what: list[
        Literal["texts", "calls", "push", "email", "nudges", "reminders", "briefs", "summaries"]
    ] = Field(default_factory=list, description="What to end; leave empty for everything unasked")


@tool(
    "coaching.stop_messages",
    description="End messages that come unasked: all of them, or a channel or kind, when the person wants that",
    args=StopArgs,
    effect=Effect.WRITE,
    label="Stopping messages",
)
def stop_messages(context: ToolContext, args: StopArgs) -> Card:
    """Ends what the words name, at once; with a way back."""
    wish = read_wish(args.words, by_phone=False)
    if wish is None or wish.kind != WishKind.STOP or args.what:
        wish = Wish(
            WishKind.STOP,
            args.words or "Asked the coach",
            frozenset(_CHANNELS[each] for each in args.what if each in _CHANNELS),
            frozenset(cause for each in args.what for cause in _KINDS.get(each, ())),
        )
    done = heed(context.user, wish, source=ConversationChannel.WEB, now=context.now)
    return Card(
        title="Messages stopped",
        summary=done.text,
        suggestions=["Start messages again"] if is_stopped(context.user) else [],
        undo=_way_back(done, wish) if done.changed else None,
    )


def _way_back(done: Confirmation, wish: Wish) -> Undo:
    return Undo(
        verb="coaching.take_back_stop",
        args={
            "consents": list(done.consents),
            "causes": list(done.causes),
            "words": wish.words[:200],
        },
    )


@undo("coaching.take_back_stop")
def undo_stop(user: User, args: dict[str, Any]) -> Card:
    """Everything that a STOP ended is as before."""
    now = datetime.now(UTC)
    take_back(user, args["consents"], args["causes"], words=args["words"], now=now)
    return Card(title="Messages are as before", summary="I took the stop back. All is as before.")


@tool(
    "coaching.resume_messages",
    description="Let messages come again after they were stopped or paused, when the person wants that",
    args=Words,
    effect=Effect.WRITE,
    label="Starting messages again",
    cues=(
        r"\b(?:start|resume|restart|unpause) (?:the |your |my )?(?:messages|notifications|nudges)\b",
        r"\bi(?: am|'m) back (?:from|home)\b",
        r"^i(?: am|'m) back(?: again| now)?\W*$",
        r"\b(?:end|cancel|stop) (?:the |my )?(?:message )?(?:pause|holiday|vacation|away)\b",
    ),
)
def resume_messages(context: ToolContext, args: Words) -> Card:
    """Ends a stop where that is said, else a time of being away: never both by one word."""
    user = context.user
    before = chosen(user, "away_from", "away_until")
    is_away = (
        bool(before["away_until"])
        and before["away_until"] >= local_day(user, context.now).isoformat()
    )
    said = read_wish(args.words, by_phone=False)
    starts = said is not None and said.kind == WishKind.START
    if is_stopped(user) and (starts or not is_away):
        wish = Wish(WishKind.START, args.words or "Asked the coach")
        done = heed(user, wish, source=ConversationChannel.WEB, now=context.now)
        return Card(title="Messages are on", summary=done.text)
    if not is_away:
        return Card(title="Messages are on", summary="Nothing was paused: messages come as before.")
    choose(user, away_from=None, away_until=None)
    return Card(
        title="Messages are on",
        summary="Welcome back. Messages come again as before.",
        undo=Undo(verb="coaching.restore_choices", args=before),
    )


# --- Away ---------------------------------------------------------------------------------------


class PauseArgs(Words):
    """From when until when to be left alone."""

    first_day: date | None = Field(default=None, description="First day without messages")
    last_day: date | None = Field(default=None, description="Last day without messages")


@tool(
    "coaching.pause_messages",
    description="Leave the person alone for some days (holiday, a busy week): no unasked messages until then",
    args=PauseArgs,
    effect=Effect.WRITE,
    label="Pausing messages",
    cues=(
        rf"\bno (?:more )?{_MESSAGES} (?:until|till|today|tomorrow|tonight|this|for|over|next)\b",
        rf"\b(?:pause|snooze|hold|mute|silence|stop|suspend) (?:all |the |your |my |any )*{_MESSAGES}"
        r" (?:until|till|for|this|today|over|next)\b",
        rf"\b(?:pause|snooze|silence) (?:all |the |your |my )*{_MESSAGES}$",
        r"\b(?:do not|don't) (?:message|text|contact|nudge|bother|disturb|ping|write) (?:to )?me "
        r"(?:until|till|today|tomorrow|this|for|over|next)\b",
        r"\bi(?: am|'m|'ll be| will be)? (?:going |leaving )?(?:away|on (?:holiday|vacation|leave|a trip)|"
        r"travell?ing|out of (?:town|office))\b.*\b(?:until|till|from|for|this|next|through|over)\b",
        r"\bgoing (?:away|on (?:holiday|vacation|leave|a trip))\b",
    ),
)
def pause_messages(context: ToolContext, args: PauseArgs) -> Card:
    """Notes when the person is away; reminders they set are then placed in silence."""
    user = context.user
    today = local_day(user, context.now)
    if args.last_day is not None:
        first, last = args.first_day or today, args.last_day
    else:
        found = away_days(args.words, today, context.now.astimezone(user.tz))
        if found is None:
            raise ToolRefused("Until when? For example: “no messages until Monday”.")
        first, last = found
    first = max(first, today)
    if not first <= last <= today + LONGEST_AWAY:
        raise ToolRefused("I can pause messages for up to a year, from today on.")
    before = chosen(user, "away_from", "away_until")
    choose(user, away_from=first, away_until=last)
    begins = "" if first == today else f"from {day_in_words(first)} "
    return Card(
        title="Messages are paused",
        summary=f"I'll be quiet {begins}until the end of {day_in_words(last)}. "
        "Reminders you set wait for you in the app, without a sound. Your habits go on as they are.",
        suggestions=["I'm back"],
        undo=Undo(verb="coaching.restore_choices", args=before),
    )


@undo("coaching.restore_choices")
def restore_choices(user: User, args: dict[str, Any]) -> Card:
    """Choices about messages are as before."""
    put_back(user, args)
    return Card(title="As before", summary="That is as it was before.")


# --- How often ----------------------------------------------------------------------------------


class FrequencyArgs(Words):
    """How often messages may come."""

    frequency: NotificationFrequency | None = Field(
        default=None, description="How often; leave out when the words only say more or less"
    )


@tool(
    "coaching.change_message_frequency",
    description="Change how often the coach may speak first: rarely, now and then, or more often",
    args=FrequencyArgs,
    effect=Effect.WRITE,
    label="Changing how often",
    cues=(
        rf"\b(?:fewer|less|more|too many|not so many|not as many|so many) (?:of (?:these|your) )?{_MESSAGES}\b",
        r"\b(?:message|text|nudge|notify|ping|contact|bother|write) (?:to )?me (?:a (?:bit|little) )?(?:less|more)\b(?: often)?",
        r"\b(?:do not|don't) (?:message|text|nudge|notify|ping|contact|bother) me (?:so|that|as) (?:much|often)\b",
        r"\b(?:messages?|notifications?|nudges?) (?:less|more) often\b",
        r"\b(?:speak|write|reach out) (?:first |to me )?(?:less|more) often\b",
    ),
)
def change_message_frequency(context: ToolContext, args: FrequencyArgs) -> Card:
    """One step up or down, or what was named."""
    user = context.user
    before = chosen(user, "notification_frequency")
    steps = list(NotificationFrequency)
    now_at = steps.index(NotificationFrequency(before["notification_frequency"]))
    wanted = args.frequency
    if wanted is None:
        less = re.search(
            r"\b(?:fewer|less|too many|too much|so (?:many|much|often)|not)\b", mended(args.words)
        )
        wanted = steps[max(0, min(len(steps) - 1, now_at + (-1 if less else 1)))]
    if wanted == steps[now_at]:
        raise ToolRefused(
            f"It is so already: {frequency_in_words(wanted)}. To end messages altogether, write STOP."
        )
    choose(user, notification_frequency=wanted)
    return Card(
        title="How often I speak first",
        summary=f"From now on {frequency_in_words(wanted)}, whatever the channel. "
        f"Reminders you set come as you set them. {WHERE}",
        undo=Undo(verb="coaching.restore_choices", args=before),
    )


# --- Quiet hours --------------------------------------------------------------------------------


class QuietArgs(Words):
    """The hours in which messages may come."""

    earliest: time | None = Field(default=None, description="Not before this local time (HH:MM)")
    latest: time | None = Field(default=None, description="Not after this local time (HH:MM)")


@tool(
    "coaching.set_quiet_hours",
    description="Set the hours in which the coach may speak first (quiet hours are the rest of the day)",
    args=QuietArgs,
    effect=Effect.WRITE,
    label="Setting quiet hours",
    cues=(
        r"\bquiet (?:hours|time)\b",
        rf"\b(?:no {_MESSAGES}|(?:do not|don't|never) (?:message|text|nudge|notify|ping|contact|bother|disturb|write)"
        r"(?: to)? me|only (?:message|text|nudge|notify|ping|contact|write)(?: to)? me) "
        r"(?:before|after|between|earlier|later|from|at night|in the (?:morning|evening|night))\b",
    ),
)
def set_quiet_hours(context: ToolContext, args: QuietArgs) -> Card:
    """Notes from when until when messages may come, on the person's own clock."""
    user = context.user
    opens, closes = args.earliest, args.latest
    if opens is None and closes is None:
        opens, closes = read_hours(args.words)
    if opens is None and closes is None:
        raise ToolRefused("Which hours? For example: “no messages before 9 or after 20”.")
    had = hours_of(preferences_of(user))
    opens, closes = opens or had[0], closes or had[1]
    if opens >= closes:
        raise ToolRefused("Those hours leave no time of day open. To end messages, write STOP.")
    before = chosen(user, "notification_window")
    choose(user, notification_window=window(opens, closes))
    return Card(
        title="Quiet hours",
        summary=f"I speak first only between {opens:%H:%M} and {closes:%H:%M} on your clock; what comes up at "
        "other times waits, and is dropped when it is too old. Reminders you set come when you set them.",
        undo=Undo(verb="coaching.restore_choices", args=before),
    )


# --- Muting -------------------------------------------------------------------------------------


class MuteArgs(Words):
    """What not to hear of."""

    about: str = Field(
        default="",
        max_length=120,
        description="What it is about, by name (a habit, a task), or: nudges, morning brief, weekly summary",
        json_schema_extra=slot("habit"),
    )


@tool(
    "coaching.mute_messages",
    description="Stop messages about one thing (a habit, a task) or of one kind, and leave the rest as it is",
    args=MuteArgs,
    effect=Effect.WRITE,
    label="Muting",
    cues=(
        r"\b(?:stop|quit) (?:reminding|nudging|messaging|texting|bugging|bothering|nagging) me about\b",
        r"\b(?:do not|don't|never) (?:remind|nudge|message|text|bug|bother|nag) me about\b",
        rf"\bno (?:more )?{_MESSAGES} about\b",
        rf"\bmute (?:the |my |your |all )?(?:{_MESSAGES} (?:about|for) )?",
        r"\b(?:mute|turn off|switch off|no more) (?:the |my |your |all )*(?:morning briefs?|weekly (?:summary|"
        r"summaries|digests?)|nudges)\b",
    ),
)
def mute_messages(context: ToolContext, args: MuteArgs) -> Card:
    """Mutes what was named, among what the person was written about."""
    user, now = context.user, context.now
    named = f"{args.about} {args.words}".lower()
    for words, causes in _NAMED_KINDS:
        if re.search(words, named):
            rows = [muting.mute_cause(user, cause, now=now) for cause in causes]
            return _muted(rows, str(rows[0].label))
    found = _subject_named(user, args.about or args.words)
    if found is None:
        raise ToolRefused(
            "I have not written to you about that. On each message under Messages there is “Mute”, too."
        )
    subject_type, subject_id, label = found
    row = muting.mute_subject(user, subject_type, subject_id, now=now, label=label)
    return _muted([row], f"“{row.label}”")


_NAMED_KINDS: list[tuple[str, tuple[MessageCause, ...]]] = [
    (r"\bmorning brief", (MessageCause.BRIEF,)),
    (r"\bweekly (?:summar|digest)", (MessageCause.DIGEST,)),
    (r"^\W*(?:mute )?(?:all |the |your )*nudges\W*$|^nudges ", muting.NUDGES),
]


def _muted(rows: list[Mute], what: str) -> Card:
    return Card(
        title="Muted",
        summary=f"You won't hear of {what} from me unless you ask. {WHERE}",
        undo=Undo(verb="coaching.unmute", args={"mutes": [str(row.pk) for row in rows]}),
    )


def _subject_named(user: User, words: str) -> tuple[str, UUID, str] | None:
    """The thing the person names, among their reminders and what messages were about."""
    text = mended(words)
    after = re.search(r"\b(?:about|for|mute)\b(?P<what>.+)$", text)
    heard = set(re.findall(r"[a-z]{3,}", after["what"] if after else text)) - _SMALL
    rows = CoachMessage.objects.filter(user=user, subject_id__isnull=False).order_by("-id")
    seen = [
        *rows.values_list("subject_type", "subject_id")[:SEEN_SUBJECTS],
        *(
            (reminders.SUBJECT, pk)
            for pk in Reminder.objects.filter(user=user, status=ReminderStatus.WAITING)
            .order_by("-id")
            .values_list("pk", flat=True)[:SEEN_SUBJECTS]
        ),
    ]
    kinds = {pk: kind for kind, pk in reversed(seen) if pk is not None}
    names = muting.names_of(user, [(kind, pk) for pk, kind in kinds.items()])
    best: tuple[float, UUID] | None = None
    for pk, name in names.items():
        parts = set(re.findall(r"[a-z]{3,}", name.lower()))
        share = sum(_same(word, parts) for word in heard) / len(heard) if heard else 0.0
        if share >= 0.5 and (best is None or share > best[0]):
            best = share, pk
    return (kinds[best[1]], best[1], names[best[1]]) if best else None


_SMALL = {
    *("the", "and", "for", "with", "your", "this", "that", "habit", "habits", "task", "please"),
    *("messages", "message", "anymore", "more", "any", "all", "again", "thing", "stuff"),
}


def _same(word: str, parts: set[str]) -> bool:
    """Whether a word is one of `parts` in some form of it: "running" is "run"."""
    pairs = (sorted((word, part), key=len) for part in parts)
    return any(longer.startswith(shorter[:4]) for shorter, longer in pairs)


@undo("coaching.unmute")
def undo_mute(user: User, args: dict[str, Any]) -> Card:
    """What was muted is heard of again."""
    for pk in args["mutes"]:
        muting.unmute(user, UUID(pk), now=timezone.now())
    return Card(title="Unmuted", summary="You hear of it again.")
