"""What motivation gives the coach: checking in, the journal, what moves a person, and reading messages for it."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone
from pydantic import BaseModel, Field

from accounts.day import local_day
from accounts.models import User
from coaching.memory.orders import is_temporary
from coaching.toolkit import (
    Card,
    Effect,
    Happening,
    Known,
    Series,
    SignalKind,
    ToolContext,
    ToolRefused,
    Undo,
    card_view,
    context_block,
    data_source,
    known_field,
    projection,
    retraction,
    slot,
    today_tile,
    tool,
    undo,
)
from momentum.models import CheckIn, JournalEntry, ReadingSource
from momentum.motivation import checking_in, course, journal, keeping, queueing, saying, styles

CHAT = "chat"
UNDO_FOR = timedelta(days=7)
TILE = "momentum.check_in"

retraction(keeping.TONE_WITHDRAWN, kind=SignalKind.COACH_TONE, subject=("message",))
retraction("motivation.score_withdrawn", kind=SignalKind.MOTIVATION, subject=("local_date",))
retraction(
    "motivation.internalization_withdrawn",
    kind=SignalKind.INTERNAL_MOTIVATION,
    subject=("local_date",),
)


@projection("momentum.motivation")
def read_messages(happening: Happening) -> None:
    """Has a message that was just understood read for motivation, once it is committed."""
    if happening.interaction_type == "coach.message_sent" and happening.message_id is not None:
        queueing.read_later(ReadingSource.MESSAGE, happening.message_id)


# --- Checking in --------------------------------------------------------------------------------
class CheckInArgs(BaseModel):
    """How the person is, in figures they gave."""

    words: str = Field(
        default="",
        max_length=2000,
        description="What they said, in their words",
        json_schema_extra=slot("words"),
    )
    energy: int | None = Field(
        default=None, ge=1, le=5, description="Perceived energy, 1 to 5, only if they said it"
    )
    motivation: int | None = Field(
        default=None, ge=1, le=10, description="Motivation, 1 to 10, only if they said it"
    )
    mood: str = Field(default="", max_length=24, description="One word, only if they said it")


@tool(
    "momentum.check_in",
    description="Note how much energy (1-5) or motivation (1-10) the person says they have right now",
    args=CheckInArgs,
    effect=Effect.WRITE,
    label="Noting how you are",
    cues=(
        rf"^(?!.*\?\s*$).*{saying.ENERGY_SAID.replace('?P<n>', '?:').replace('?P<scale>', '?:')}",
        rf"^(?!.*\?\s*$).*{saying.MOTIVATION_SAID.replace('?P<n>', '?:').replace('?P<scale>', '?:')}",
        r"^(?!.*\?\s*$).*\b\d{1,2} ?(?:/|out of) ?(?:5|10)\b.*\b(?:energy|motivat\w+|tired|energetic)\b",
        r"^(?!.*\?\s*$).*\b(?:feeling|feel|i'm|i am)\b.*\b\d{1,2} ?(?:/|out of) ?(?:5|10)\b",
        r"^\W*check(?:ing)?[- ]?in\b.*\d.*",
    ),
)
def check_in(context: ToolContext, args: CheckInArgs) -> Card:
    """Notes it and offers to take it back."""
    if is_temporary(context.conversation_id):
        raise ToolRefused(
            "This is a temporary chat: nothing of it is kept. You can check in on Today."
        )
    said = saying.read_figures(args.words)
    energy = said.energy if args.energy is None else args.energy
    motivation = said.motivation if args.motivation is None else args.motivation
    if energy is None and motivation is None:
        raise ToolRefused(
            "I note it when there is a number: your energy from 1 to 5, or your motivation from 1 to 10."
        )
    try:
        told = checking_in.check_in(
            context.user,
            energy=energy,
            motivation=motivation,
            mood=args.mood or said.mood,
            client_id=f"call:{context.call_id}"[:64],
            source=CHAT,
            now=context.now,
        )
    except checking_in.CheckInRefused as refusal:
        raise ToolRefused(str(refusal)) from None
    words = checking_in.in_words(told.row)
    return Card(
        kind="momentum.check_in",
        title="Checked in",
        summary=told.answer.text if told.answer else f"Noted: {words}.",
        subject=told.row.pk,
        undo=Undo(
            verb="momentum.uncheck_in",
            args={"check_in": str(told.row.pk)},
            expires_at=context.now + UNDO_FOR,
        ),
    )


@undo("momentum.uncheck_in")
def uncheck_in(user: User, args: dict[str, Any]) -> Card:
    """Takes a check-in back."""
    row = checking_in.remove(
        CheckIn.objects.get(pk=args["check_in"], user=user), source=CHAT, now=timezone.now()
    )
    return Card(kind="momentum.check_in", title="Taken back", summary="Taken back.", subject=row.pk)


@card_view("momentum.check_in", template="momentum/cards/check_in.html")
def check_in_card(user: User, card: Card) -> dict[str, Any]:
    """The check-in as it stands now."""
    row = CheckIn.objects.filter(pk=card.subject, user=user).first() if card.subject else None
    return {"card": card, "row": row, "words": checking_in.in_words(row) if row else ""}


@today_tile(TILE, template="momentum/motivation/tile.html", order=30)
def check_in_tile(user: User, now: datetime) -> dict[str, Any]:
    """The two questions, or what was answered today."""
    row = checking_in.standing_rows(user).filter(local_date=local_day(user, now)).first()
    return {
        "row": row,
        "words": checking_in.in_words(row) if row else "",
        "at": row.at.astimezone(user.tz) if row else None,
        "client_id": uuid4().hex,
        **course.scales(),
    }


@context_block("momentum.check_in", title="Checked in today", priority=45, tokens=40)
def checked_in_today(user: User, now: datetime) -> Iterable[str]:
    """What the person said today of how they are."""
    rows = checking_in.standing_rows(user).filter(local_date=local_day(user, now), is_crisis=False)
    for row in rows[:2]:
        yield f"{row.at.astimezone(user.tz):%H:%M} {checking_in.in_words(row)}"


@data_source(
    "momentum.energy",
    title="Your energy",
    cues=("energy", "my energy", "energy level", "energy levels"),
)
def energy_series(user: User, first: date, last: date) -> list[Series]:
    """The mean energy of each day."""
    return [course.energy(user, first, last)]


@data_source(
    "momentum.motivation",
    title="Your motivation",
    cues=("motivation", "my motivation", "motivation level", "how motivated"),
)
def motivation_series(user: User, first: date, last: date) -> list[Series]:
    """The mean motivation of each day."""
    return [course.motivation(user, first, last)]


# --- The journal --------------------------------------------------------------------------------
class JournalArgs(BaseModel):
    """What to write."""

    text: str = Field(
        min_length=1,
        max_length=journal.LONGEST,
        description="The entry in the person's own words, without the order to write it",
        json_schema_extra=slot("words", essential=True, question="What should I write?"),
    )


@tool(
    "momentum.journal",
    description="Write an entry into the person's journal, only when they ask for that",
    args=JournalArgs,
    effect=Effect.WRITE,
    label="Writing in your journal",
    cues=(
        r"^\W*(?:dear )?(?:journal|diary)(?: entry)?\s*[:,–-].+",
        r"\b(?:write|put|add|note|save|log|record)(?: down)?(?: this| that| it)?(?: in| into| to| on) (?:my|the) (?:journal|diary)\b.+",
        r"^\W*(?:please )?(?:write|put|add|note|save|log)\b.+ (?:in|into|to) (?:my|the) (?:journal|diary)\W*$",
    ),
)
def write_journal(context: ToolContext, args: JournalArgs) -> Card:
    """Writes it and offers to take it back."""
    if is_temporary(context.conversation_id):
        raise ToolRefused(
            "This is a temporary chat: nothing of it is kept. The journal page is open to you."
        )
    key = (
        keeping.of_message(context.message_id) if context.message_id else f"call:{context.call_id}"
    )
    try:
        written = journal.write(
            context.user,
            saying.entry_in(args.text),
            client_id=key[:64],
            source=CHAT,
            now=context.now,
        )
    except journal.EntryRefused as refusal:
        raise ToolRefused(str(refusal)) from None
    return Card(
        kind="momentum.journal",
        title="In your journal",
        summary=written.answer.text if written.answer else "It is in your journal.",
        subject=written.row.pk,
        undo=Undo(
            verb="momentum.unwrite",
            args={"entry": str(written.row.pk)},
            expires_at=context.now + UNDO_FOR,
        ),
    )


@undo("momentum.unwrite")
def unwrite(user: User, args: dict[str, Any]) -> Card:
    """Takes an entry back."""
    entry = JournalEntry.objects.get(pk=UUID(args["entry"]), user=user)
    row = journal.remove(entry, source=CHAT, now=timezone.now())
    return Card(kind="momentum.journal", title="Taken back", summary="Taken back.", subject=row.pk)


@card_view("momentum.journal", template="momentum/cards/journal.html")
def journal_card(user: User, card: Card) -> dict[str, Any]:
    """The entry as it stands now."""
    row = JournalEntry.objects.filter(pk=card.subject, user=user).first() if card.subject else None
    return {"card": card, "row": row}


# --- What moves them ----------------------------------------------------------------------------
@known_field("momentum.motivation_style", title="What moves them")
def motivation_style(user: User, now: datetime) -> Known | None:
    """What kind of motivation their words of the last weeks show, with quotes."""
    return styles.style_of(user, now=now)
