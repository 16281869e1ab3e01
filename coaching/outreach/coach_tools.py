"""What outreach hands the coach: setting a reminder, and taking it back."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from pydantic import BaseModel, Field

from accounts.models import User
from coaching.language import parse_moment
from coaching.models import Reminder
from coaching.toolkit import (
    Card,
    Effect,
    ToolContext,
    ToolRefused,
    Undo,
    card_view,
    slot,
    tool,
    undo,
)

from . import reminders

WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


class ReminderArgs(BaseModel):
    """What to be reminded of, and when."""

    message: str = Field(
        min_length=1,
        max_length=200,
        description="What to be reminded of, in a few words",
        json_schema_extra=slot("text", essential=True, question="What should I remind you of?"),
    )
    time: str = Field(
        min_length=1,
        max_length=100,
        description="When: an ISO 8601 local time, or words such as 'tomorrow at 7' or "
        "'every weekday at 7:30 am'",
        json_schema_extra=slot("moment", essential=True, question="When should I remind you?"),
    )
    habit: str = Field(
        default="",
        max_length=120,
        description="The habit it is about, by name, if it is about one",
        json_schema_extra=slot("habit"),
    )


def in_words(reminder: Reminder, user: User) -> str:
    """When a reminder speaks, in words: "tomorrow at 07:00", "every Monday and Friday at 18:30"."""
    moment = reminder.remind_at.astimezone(user.tz)
    clock = moment.strftime("%H:%M")
    if reminder.weekdays:
        if len(reminder.weekdays) == 7:
            return f"every day at {clock}"
        if reminder.weekdays == [0, 1, 2, 3, 4]:
            return f"every weekday at {clock}"
        names = [WEEKDAYS[day] for day in reminder.weekdays]
        listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
        return f"every {listed} at {clock}"
    days = (moment.date() - timezone.now().astimezone(user.tz).date()).days
    if days == 0:
        return f"today at {clock}"
    if days == 1:
        return f"tomorrow at {clock}"
    return f"on {moment:%A}, {moment.day} {moment:%B} at {clock}"


@tool(
    "coaching.set_reminder",
    description="Set a reminder for the person, once or on chosen weekdays",
    args=ReminderArgs,
    effect=Effect.WRITE,
    label="Setting your reminder",
    cues=(
        r"\bremind me\b",
        r"\b(?:set|add|create|make|schedule) (?:me )?(?:a |an |another )?(?:\w+ )?(?:reminder|alarm|alert)\b",
        r"\bdon'?t let me forget\b",
        r"\bping me\b|\bnudge me\b(?=.*\b(?:to|at|in|on|when|every|each|before|after|tomorrow|tonight|later)\b)",
    ),
)
def set_reminder(context: ToolContext, args: ReminderArgs) -> Card:
    """Sets the reminder and offers to take it back."""
    now = context.now.astimezone(context.user.tz)
    at, weekdays = _moment(args.time, now)
    text = args.message if not args.habit else args.message or args.habit
    try:
        reminder = reminders.set_reminder(
            context.user, text, at=at, weekdays=weekdays, idempotency_key=f"call:{context.call_id}"
        )
    except reminders.ReminderRefused as refusal:
        raise ToolRefused(str(refusal)) from None
    when = in_words(reminder, context.user)
    return Card(
        kind="coaching.reminder",
        title="Reminder set",
        summary=f"I'll remind you {when}: {reminder.text}",
        subject=reminder.pk,
        undo=Undo(verb="coaching.cancel_reminder", args={"reminder": str(reminder.pk)}),
    )


def _moment(words: str, now: datetime) -> tuple[datetime, list[int]]:
    try:
        at = datetime.fromisoformat(words)
    except ValueError:
        moment = parse_moment(words, now)
        if moment is None:
            raise ToolRefused(
                f"I could not read a time in “{words}”. Try “tomorrow at 7” or “every weekday at 18:30”."
            ) from None
        return moment.at, list(moment.weekdays)
    return (at if at.tzinfo else at.replace(tzinfo=now.tzinfo)), []


@undo("coaching.cancel_reminder")
def cancel_reminder(user: User, args: dict[str, Any]) -> Card:
    """Takes a reminder back."""
    reminder = Reminder.objects.get(pk=args["reminder"], user=user)
    reminders.cancel(reminder)
    return Card(
        title="Reminder cancelled",
        summary=f"I won't remind you: {reminder.text}",
        subject=reminder.pk,
    )


@card_view("coaching.reminder", template="coaching/cards/reminder.html")
def reminder_card(user: User, card: Card) -> dict[str, Any]:
    """The reminder as it stands now."""
    reminder = Reminder.objects.filter(id__in=[card.subject], user=user).first()
    return {
        "card": card,
        "reminder": reminder,
        "when": in_words(reminder, user) if reminder else "",
    }
