"""What outreach hands the coach about messages themselves: ending them, pausing them, how often and when."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from accounts.day import local_day
from accounts.models import User
from coaching.language import mended, parse_moment, parse_timeframe
from coaching.models import (
    CoachMessage,
    ConversationChannel,
    MessageCause,
    MessageChannel,
    Mute,
    NotificationFrequency,
)
from coaching.toolkit import Card, Effect, ToolContext, ToolRefused, Undo, slot, tool, undo

from . import muting
from .choices import (
    choose,
    chosen,
    day_in_words,
    frequency_in_words,
    hours_of,
    preferences_of,
    put_back,
    window,
)
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
        r"\b(?:end|cancel|stop) (?:the |my )?(?:message )?(?:pause|holiday|vacation|away)\b",
    ),
)
def resume_messages(context: ToolContext, args: Words) -> Card:
    """Ends a stop, and a time of being away."""
    user = context.user
    before = chosen(user, "away_from", "away_until")
    today = local_day(user, context.now).isoformat()
    was_away = bool(before["away_until"]) and before["away_until"] >= today
    said: list[str] = []
    if was_away:
        choose(user, away_from=None, away_until=None)
        said.append("Welcome back. Messages come again as before.")
    if is_stopped(user):
        wish = Wish(WishKind.START, args.words or "Asked the coach")
        done = heed(user, wish, source=ConversationChannel.WEB, now=context.now)
        said.append(done.text)
    if not said:
        said.append("Nothing was paused: messages come as before.")
    return Card(
        title="Messages are on",
        summary=" ".join(said),
        undo=Undo(verb="coaching.restore_choices", args=before) if was_away else None,
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
        rf"\bno (?:more )?{_MESSAGES} (?:until|till|today|tomorrow|tonight|this|for|over|next|before)\b",
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
    if not first <= last <= today + timedelta(days=366):
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


_SPAN = re.compile(
    r"\b(?:from|between) (?P<first>.+?) (?:to|and|until|till|through|-) (?P<last>.+)$"
)
# "Until Monday" is back on Monday; "through Monday" is not.
_BACK_ON = re.compile(r"\b(?:until|till|til|before|back on|back)\b")


def away_days(words: str, today: date, now: datetime) -> tuple[date, date] | None:
    """The first and last day of being left alone that words speak of; `None` when they name no end."""
    text = mended(words)
    if re.search(r"\b(?:today|for the rest of the day|tonight)\b", text):
        return today, today
    if re.search(r"\bweekend\b", text):
        saturday = today + timedelta(days=(5 - today.weekday()) % 7)
        return (
            (today, today)
            if today.weekday() == 6
            else (max(saturday, today), saturday + timedelta(days=1))
        )
    if re.search(r"\bnext week\b", text):
        monday = today + timedelta(days=7 - today.weekday())
        return monday, monday + timedelta(days=6)
    if span := _SPAN.search(text):
        first, last = _day(span["first"], today, now), _day(span["last"], today, now)
        if first is not None and last is not None and last >= first:
            return first, last
    if length := re.search(
        r"\bfor (?P<count>a|an|one|two|three|four|five|six|\d{1,3}) days?\b", text
    ):
        return today, today + timedelta(
            days=max(1, _COUNTS.get(length["count"]) or int(length["count"])) - 1
        )
    last = _day(text, today, now)
    if last is None:
        return None
    if _BACK_ON.search(text) and last > today:
        last -= timedelta(days=1)
    return today, last


_COUNTS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}


def _day(words: str, today: date, now: datetime) -> date | None:
    frame = parse_timeframe(words, today) or parse_timeframe(f"until {words}", today)
    if frame is not None:
        return frame.deadline
    moment = parse_moment(words, now) or parse_moment(f"on {words}", now)
    return None if moment is None or moment.weekdays else moment.at.astimezone(now.tzinfo).date()


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


_CLOCK = (
    r"(?P<{0}>\d{{1,2}}(?:[:.]\d\d)? ?(?:am|pm|a\.m\.?|p\.m\.?|o'?clock)?|noon|midnight|midday)"
)
_BEFORE = re.compile(
    rf"\b(?:before|earlier than|until|prior to) (?:about )?{_CLOCK.format('opens')}"
)
_AFTER = re.compile(rf"\b(?:after|later than|past|from) (?:about )?{_CLOCK.format('closes')}")
_BETWEEN = re.compile(
    rf"\b(?:(?:between|from) )?{_CLOCK.format('first')} (?:and|to|until|till|-) {_CLOCK.format('second')}"
)


def read_hours(words: str) -> tuple[time | None, time | None]:
    """From when until when messages may come, as far as words say so."""
    text = words.lower().replace("’", "'")
    if span := _BETWEEN.search(text):
        first, second = _clock(span["first"], late=False), _clock(span["second"], late=True)
        if re.search(r"\bonly\b", text):
            return first, second
        # Quiet from 22 to 7: open from 7 to 22.
        return _clock(span["second"], late=False), _clock(span["first"], late=True)
    before, after = _BEFORE.search(text), _AFTER.search(text)
    return (
        _clock(before["opens"], late=False) if before else None,
        _clock(after["closes"], late=True) if after else None,
    )


def _clock(words: str, *, late: bool) -> time | None:
    """A clock time; `late`: an hour below twelve without more is meant in the evening."""
    if named := {"noon": time(12), "midday": time(12), "midnight": time(23, 59)}.get(words.strip()):
        return named
    found = re.match(r"(\d{1,2})(?:[:.](\d\d))? ?(a|p)?", words)
    if found is None:
        return None
    hour, minute, half = int(found[1]), int(found[2] or 0), found[3]
    if half == "p" and hour < 12:
        hour += 12
    elif half == "a" and hour == 12:
        hour = 0
    elif half is None and late and hour < 12 and not found[1].startswith("0"):
        hour += 12
    return time(hour, minute) if hour < 24 and minute < 60 else None


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
    """The thing the person names, among those that messages and reminders were about."""
    heard = set(re.findall(r"[a-z]{3,}", mended(words)))
    best: tuple[float, str, UUID, str] | None = None
    rows = CoachMessage.objects.filter(user=user, subject_id__isnull=False).order_by("-id")
    seen = dict.fromkeys(rows.values_list("subject_type", "subject_id")[:SEEN_SUBJECTS])
    for subject_type, subject_id in seen:
        if subject_id is None:
            continue
        name = muting.name_of(user, subject_type, subject_id)
        parts = re.findall(r"[a-z]{3,}", name.lower())
        share = sum(_same(part, heard) for part in parts) / len(parts) if parts else 0.0
        if share >= 0.5 and (best is None or share > best[0]):
            best = share, subject_type, subject_id, name
    return best[1:] if best else None


def _same(word: str, heard: set[str]) -> bool:
    """Whether a word was said in some form of it: "run" in "running"."""
    pairs = (sorted((word, other), key=len) for other in heard)
    return any(longer.startswith(shorter[:4]) for shorter, longer in pairs)


@undo("coaching.unmute")
def undo_mute(user: User, args: dict[str, Any]) -> Card:
    """What was muted is heard of again."""
    for pk in args["mutes"]:
        muting.unmute(user, UUID(pk))
    return Card(title="Unmuted", summary="You hear of it again.")
