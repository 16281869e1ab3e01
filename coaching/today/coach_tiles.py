"""The tiles that the coach itself puts on the Today page."""

from datetime import datetime, timedelta
from typing import Any

from accounts.models import User
from coaching.memory.commitments import opening_line
from coaching.models import Conversation, ConversationKind, MessageCause, Reminder, ReminderStatus
from coaching.outreach.coach_tools import in_words
from coaching.outreach.inbox import unread
from coaching.toolkit import (
    Gathering,
    Normalizer,
    Pillar,
    SignalKind,
    signal,
    today_tile,
    variant_of,
    variation,
)

REMINDERS_SHOWN = 3
# What these say is about the day they came; afterwards they are found among the messages.
OF_THEIR_DAY = [
    MessageCause.NUDGE,
    MessageCause.HOOK,
    MessageCause.BRIEF,
    MessageCause.REMINDER,
]
OPENING_LINES = {
    "question": "Anything on your mind? I'm here when you want me.",
    "statement": "I'm here when you want to think something through.",
}

variation(
    "coaching.opening_line",
    title="The coach's line on Today",
    options=tuple(OPENING_LINES),
)


@today_tile("coaching.line", template="coaching/today/coach_line.html", order=10)
def coach_line(user: User, now: datetime) -> dict[str, Any]:
    """The newest unread message, or one sentence that opens the conversation."""
    yesterday = now - timedelta(days=1)
    waiting = list(unread(user).exclude(cause__in=OF_THEIR_DAY, sent_at__lt=yesterday)[:10])
    if waiting:
        return {"message": waiting[0], "unread": len(waiting)}
    promised = opening_line(user, now=now)
    if promised:
        return {"line": promised, "action": "Open chat"}
    if Conversation.objects.filter(user=user, kind=ConversationKind.COACH).exists():
        line = OPENING_LINES[variant_of(user, "coaching.opening_line", now=now)]
        return {"line": line, "action": "Open chat"}
    goal = user.stated_goal.strip().rstrip(".")
    if goal:
        return {
            "line": f"You said you want this: {goal}. Shall we turn it into a plan?",
            "action": "Make a plan",
        }
    return {"line": "What would you like to change? One sentence is enough.", "action": "Tell me"}


@today_tile("coaching.reminders", template="coaching/today/reminders.html", order=60)
def reminder_tile(user: User, now: datetime) -> dict[str, Any] | None:
    """The next reminders, when there are any."""
    rows = Reminder.objects.filter(user=user, status=ReminderStatus.WAITING).order_by("remind_at")
    shown = [(reminder, in_words(reminder, user)) for reminder in rows[:REMINDERS_SHOWN]]
    return {"rows": shown} if shown else None


# --- Momentum: using Today keeps the day in mind. A fifth of what people say of their motivation, and three
# taps are all that counts, so that there is nothing to gain by tapping.
signal(
    "today_tile.tapped",
    kind=SignalKind.TILE_INTERACTION,
    pillar=Pillar.COGNITIVE,
    weight=0.2,
    saturation=3,
    gathering=Gathering.COUNT,
    words="a tap on Today",
)
# Looking is a quarter of doing something.
signal(
    "today_tile.seen",
    kind=SignalKind.TILE_INTERACTION,
    pillar=Pillar.COGNITIVE,
    weight=0.2,
    normalizer=Normalizer.LINEAR,
    parameters={"low": 0.0, "high": 4.0},
    saturation=3,
    gathering=Gathering.COUNT,
    words="a look at a tile of Today",
)
