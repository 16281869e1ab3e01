"""What memory hands the coach: keeping and forgetting on request, looking back, promises, pausing to learn."""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone
from pydantic import BaseModel, Field

from accounts.models import User
from coaching import context_cache
from coaching.language import mended, parse_moment
from coaching.learning_permission import has_agreed, set_learning
from coaching.models import Commitment, CommitmentStatus, EpisodicMemory, MemoryStatus
from coaching.toolkit import (
    Card,
    Effect,
    ToolContext,
    ToolRefused,
    Undo,
    card_view,
    context_block,
    slot,
    tool,
    undo,
)

from . import commitments, orders
from .commitments import PromiseRefused, when_in_words
from .extraction.clauses import statements
from .extraction.found import FoundPromise
from .extraction.promises import promise_in
from .forgetting import forget as forget_rows

NOTHING_KEPT = (
    "This is a temporary chat: nothing of it is kept. Say it in an ordinary one, and I'll remember."
)
QUOTED = 300
_ME = r"(?=.*\b(?:i|i'm|im|i am|my|mine|we|our|me)\b)"


class Words(BaseModel):
    """What the person said."""

    words: str = Field(
        default="",
        max_length=1000,
        description="What the person said, in their own words",
        json_schema_extra=slot("words"),
    )


# --- Remember this ------------------------------------------------------------------------------
class RememberArgs(Words):
    """Something to remember."""


@tool(
    "coaching.remember_this",
    description="Remember something about the person, only when they ask for it (“remember that I …”)",
    args=RememberArgs,
    effect=Effect.WRITE,
    label="Remembering",
    cues=(
        rf"^(?:(?:please|ok|okay|also|and|hey|coach|hi|can you|could you|will you)[, ]+)*(?:please )?(?:remember|memori[sz]e|keep in mind|bear in mind|note(?: down)?|make a note|write down|save)(?: for (?:me|later|next time))?[,:]? (?!me to\b|to\b|me about\b|me\W*$|when\b)(?:this[,:]? |that )?{_ME}.+",
        rf"\b(?:do not|don't) forget (?:that ){_ME}.+",
        rf"\bfor the record,? {_ME}.+",
    ),
)
def remember_this(context: ToolContext, args: RememberArgs) -> Card:
    """Keeps it at once, with a way back."""
    if orders.is_temporary(context.conversation_id):
        raise ToolRefused(NOTHING_KEPT)
    try:
        memory = orders.remember_this(
            context.user,
            args.words,
            now=context.now,
            message_id=context.message_id,
            place=context.call_id,
        )
    except orders.OrderRefused as refusal:
        raise ToolRefused(str(refusal)) from None
    return Card(
        kind="coaching.saved_memory",
        title="Saved",
        summary=f"Saved: {memory.memory_description}",
        subject=memory.pk,
        undo=Undo(verb="coaching.unremember", args={"memory": str(memory.pk)}),
    )


@undo("coaching.unremember")
def undo_remember(user: User, args: dict[str, Any]) -> Card:
    """What was saved is forgotten."""
    forget_rows(user, [UUID(args["memory"])])
    context_cache.invalidate(user.pk)
    return Card(title="Not saved", summary="I took that out again.")


@card_view("coaching.saved_memory", template="coaching/cards/saved_memory.html")
def saved_memory_card(user: User, card: Card) -> dict[str, Any]:
    """The memory as it is now."""
    memory = (
        EpisodicMemory.objects.filter(pk__in=[card.subject], user=user)
        .select_related("state")
        .first()
    )
    return {"card": card, "memory": memory}


# --- Forget that --------------------------------------------------------------------------------
class ForgetArgs(Words):
    """What to forget."""

    about: str = Field(default="", max_length=200, description="What it is about, in a few words")


@tool(
    "coaching.forget_that",
    description="Forget what the person asks to have forgotten: what was saved last, or all about a topic",
    args=ForgetArgs,
    effect=Effect.WRITE,
    label="Forgetting",
    cues=(
        r"(?<!not )(?<!don't )\b(?:forget|delete|erase|remove|unlearn) (?:everything |all |anything |what(?:ever)? |that |the fact )*(?:i (?:have )?(?:said|told you|mentioned)|you (?:know|remember|saved|learned|have) (?:about|of|on)).*",
        r"\b(?:forget|unlearn) (?:that|this)\b(?! habit| goal| plan| reminder)(?: (?:please|again|now))?[ .!]*$",
        r"(?<!not )(?<!don't )(?<!never )(?<!me )\b(?:forget|unlearn|(?:do not|don't) remember) (?:about |that )?(?:i|my)\b(?! reminder).*",
    ),
)
def forget_that(context: ToolContext, args: ForgetArgs) -> Card:
    """Puts the memories away at once, shows them, and deletes them when the time to undo is over."""
    said = args.words or args.about
    if orders.means_everything(said):
        raise ToolRefused(
            "Everything at once is for you to press: “What your coach knows” → Memories → Forget everything, "
            "or Settings → Privacy for the whole account."
        )
    found = orders.to_forget(
        context.user,
        f"forget {args.about}" if args.about else said,
        now=context.now,
        conversation_id=context.conversation_id,
    )
    if not found:
        raise ToolRefused(
            "I found nothing like that in what I remember, so there is nothing to forget."
        )
    orders.put_away_to_forget(context.user, found, now=context.now)
    lines = [memory.memory_description for memory in found]
    count = "this" if len(found) == 1 else f"these {len(found)} things"
    listed = " ".join(f"“{line}”" for line in lines[: orders.SHOWN])
    return Card(
        title="Forgotten",
        summary=f"I forgot {count}: {listed} It is gone for good in ten minutes; until then you can undo it. "
        "The conversation itself stays until you delete it.",
        data={"count": len(found)},
        undo=Undo(
            verb="coaching.unforget",
            args={"memories": [str(memory.pk) for memory in found]},
            expires_at=context.now + orders.UNDO_FOR,
        ),
    )


@undo("coaching.unforget")
def undo_forget(user: User, args: dict[str, Any]) -> Card:
    """What was to be forgotten is remembered again."""
    back = orders.bring_back(user, [UUID(pk) for pk in args["memories"]])
    if not back:
        raise ToolRefused("It is gone for good already.")
    return Card(title="Remembered", summary="It is all there again.")


# --- Looking back -------------------------------------------------------------------------------
class RecallArgs(Words):
    """What to look for in what the person told before."""

    query: str = Field(default="", max_length=300, description="What to look for, in a few words")
    as_of: date | None = Field(
        default=None, description="Look at what was so on that day, for questions about the past"
    )


@tool(
    "coaching.recall_memory",
    description="Look up what the person told the coach before, also as it was at an earlier time",
    args=RecallArgs,
    effect=Effect.READ,
    label="Looking back",
    cues=(
        r"\bwhat (?:did|have) i (?:ever )?(?:say|said|tell you|told you|mention|mentioned|write|want|wanted|plan|planned)\b.+",
        r"\bdo you (?:still )?remember (?!me\b[?. ]*$)(?:what|when|who|where|how|that|my|if|why|the|i)\b.+",
        r"\bwhen did i (?:say|tell you|mention)\b.+",
        r"\bwhat do you (?:know|remember) about (?!me\b).+",
        r"\bhave i (?:ever )?(?:told|mentioned|said)\b.+",
    ),
)
def recall_memory(context: ToolContext, args: RecallArgs) -> Card:
    """What was said about it, the best match first, with its day."""
    user = context.user
    local = context.now.astimezone(user.tz)
    query = args.query or args.words
    as_of: datetime | None
    if args.as_of is not None:
        as_of = datetime.combine(args.as_of, time(23, 59), tzinfo=user.tz)
    else:
        as_of = orders.as_of_in(args.words or query, local)
    if as_of is not None and as_of > context.now:
        as_of = None
    hits = orders.matching(user, query, now=context.now, as_of=as_of)
    if not hits and as_of is None:
        here = orders.said_here(user, context.message_id, query)
        if here:
            quotes = [f"“{turn.content[:QUOTED].strip()}”" for turn in here]
            return Card(
                kind="coaching.text",
                title="What you told me",
                summary=f"You said it in this talk: {quotes[0]}",
                data={"sections": [{"title": "What you told me", "lines": quotes}]},
            )
    if not hits:
        return Card(
            title="Nothing about that",
            summary="I don't remember anything about that. Tell me, and I will.",
        )
    lines = []
    for hit in hits:
        said = hit.memory.original_timestamp.astimezone(user.tz)
        lines.append(f"{said.day} {said:%B %Y}: {hit.memory.memory_description}")
    then = f" (as it was by {as_of.day} {as_of:%B %Y})" if as_of is not None else ""
    return Card(
        kind="coaching.text",
        title="What you told me",
        summary=f"You told me{then}: {' '.join(lines[:3])}",
        data={"sections": [{"title": "What you told me", "lines": lines}]},
    )


def memory_sections(user: User, now: datetime) -> list[dict[str, Any]]:
    """The newest memories and the open promises, for an answer to "what do you know about me?"."""
    live = (
        EpisodicMemory.objects.filter(
            user=user,
            state__status=MemoryStatus.KEPT,
            state__valid_until__isnull=True,
            state__archived_at__isnull=True,
        )
        .exclude(state__expires_at__lte=now)
        .order_by("-original_timestamp", "-id")
    )
    lines = list(live.values_list("memory_description", flat=True)[:12])
    total = live.count() if len(lines) == 12 else len(lines)
    if total > len(lines):
        lines.append(f"… and {total - len(lines)} more under “What your coach knows”.")
    return [{"title": "What you told me", "lines": lines}] if lines else []


# --- Promises -----------------------------------------------------------------------------------
_DAY = (
    r"(?:today|tonight|tomorrow|(?:mon|tues|wednes|thurs|fri|satur|sun)day|this (?:morning|afternoon|evening)|"
    r"at \d|before bed|after work|in (?:an?|\d+|half an) hours?)"
)
_DEED = (
    r"(?!not\b|never\b|be\b|have (?:a|an|to|the|my|no)\b|see\b|think|know|let you|tell you|get back|ask|remember|forget|talk|"
    r"write you|miss|need|come back|need|probably|look into|consider|wait|travel|show you|start a plan)"
)


class PromiseArgs(Words):
    """What is promised, and for when."""

    what: str = Field(default="", max_length=200, description="What they will do, in a few words")
    when: str = Field(
        default="",
        max_length=100,
        description="When: an ISO 8601 local time, or words such as 'Tuesday at 7'",
    )
    if_then: str = Field(
        default="", max_length=300, description="'When X, I will Y.', if they said so"
    )


@tool(
    "coaching.make_promise",
    description="Note what the person promises to do at a stated time (“I'll walk Tuesday at 7”), so that it is asked about once",
    args=PromiseArgs,
    effect=Effect.WRITE,
    label="Noting your promise",
    cues=(
        rf"^(?!.*\b(?:every|each|daily)\b)(?:(?:ok|okay|yes|yeah|so|and|fine|alright|well|deal)[,. ]+)*(?:i (?:promise|commit|pledge)(?: you)?(?: that| to)?(?: i)?(?: will)? |i (?:will|shall|am going to) ){_DEED}[^?]*\b{_DAY}\b[^?]*$",
        rf"^(?!.*\b(?:every|each|daily)\b)(?:(?:tomorrow|tonight|on \w+day|\w+day)(?: at [\d:]+(?: ?[ap]m)?)?,? )i (?:will|am going to) {_DEED}[^?]+$",
    ),
)
def make_promise(context: ToolContext, args: PromiseArgs) -> Card:
    """Notes the promise, with a way back; the coach asks once how it went."""
    if orders.is_temporary(context.conversation_id):
        raise ToolRefused(NOTHING_KEPT)
    user = context.user
    local = context.now.astimezone(user.tz)
    promise = _promise(args, local)
    try:
        row, _ = commitments.note_promise(
            user,
            promise,
            source_ref=f"call:{context.call_id}",
            message_id=orders.said_in(user, context.message_id),
            now=context.now,
        )
    except PromiseRefused as refusal:
        raise ToolRefused(str(refusal)) from None
    when = when_in_words(row, user, now=context.now)
    plan = f" {row.if_then}" if row.if_then else ""
    return Card(
        kind="coaching.promise",
        title="Promise noted",
        summary=f"Noted: you will {row.what} {when}.{plan} I'll ask once how it went.",
        subject=row.pk,
        undo=Undo(verb="coaching.take_back_promise", args={"promise": str(row.pk)}),
    )


def _promise(args: PromiseArgs, now: datetime) -> FoundPromise:
    for clause in statements(args.words):
        found = promise_in(clause, now)
        if found is not None:
            return found
    moment = None
    if args.what and args.when:
        try:
            at = datetime.fromisoformat(args.when)
            moment = at if at.tzinfo else at.replace(tzinfo=now.tzinfo)
        except ValueError:
            read = parse_moment(args.when, now)
            moment = read.at if read is not None and not read.recurring else None
    if moment is None or moment <= now - timedelta(minutes=1):
        raise ToolRefused("For when is that? For example: “I'll walk on Tuesday at 7”.")
    quote = args.words or f"{args.what} {args.when}"
    return FoundPromise(args.what, quote[:1000], 0, moment, True, args.if_then)


@undo("coaching.take_back_promise")
def undo_promise(user: User, args: dict[str, Any]) -> Card:
    """The promise is taken back: nobody asks about it."""
    row = commitments.withdraw(user, UUID(args["promise"]), now=timezone.now())
    return Card(title="Taken back", summary=f"I won't ask about it: {row.what}.", subject=row.pk)


@card_view("coaching.promise", template="coaching/cards/promise.html")
def promise_card(user: User, card: Card) -> dict[str, Any]:
    """The promise as it stands now."""
    row = Commitment.objects.filter(pk__in=[card.subject], user=user).first()
    when = when_in_words(row, user, now=timezone.now()) if row else ""
    return {"card": card, "promise": row, "when": when}


class OutcomeArgs(Words):
    """What became of a promise."""

    kept: bool | None = Field(default=None, description="Whether they did it")
    about: str = Field(default="", max_length=200, description="Which promise, in a few words")


@tool(
    "coaching.settle_promise",
    description="Note what became of a promise the person made: done, or not this time",
    args=OutcomeArgs,
    effect=Effect.WRITE,
    label="Noting how it went",
    cues=(
        r"\bi (?:have )?(?:kept|broke|broken|missed|did not keep|didn't keep) (?:my|the|that) (?:promise|word|commitment)\b.*",
        r"\bi (?:did|have done|did not do|didn't do|failed to do) what i (?:promised|said i would)\b.*",
        r"\bi (?:did not|didn't) (?:manage|get (?:around )?to) (?:to do )?what i (?:promised|said)\b.*",
    ),
)
def settle_promise(context: ToolContext, args: OutcomeArgs) -> Card:
    """Settles the promise that is meant: by name, else the one that was due last."""
    user = context.user
    kept = args.kept
    if kept is None:
        kept = not any(
            word in mended(args.words) for word in ("broke", "miss", " not ", "fail", "could not")
        )
    row = commitments.meant(user, args.about or args.words, now=context.now)
    if row is None:
        raise ToolRefused(
            "I have no open promise of yours. They are all under “What your coach knows”."
        )
    before = row.status
    row = commitments.settle(user, row.pk, kept=kept, now=context.now, source="chat")
    said = "Well done: it is noted as kept." if kept else "Thanks for telling me. It happens."
    return Card(
        kind="coaching.promise",
        title="Kept" if kept else "Not this time",
        summary=f"{row.what[:1].upper()}{row.what[1:]}: {said}",
        subject=row.pk,
        undo=Undo(verb="coaching.reopen_promise", args={"promise": str(row.pk)})
        if before == CommitmentStatus.OPEN
        else None,
    )


@undo("coaching.reopen_promise")
def undo_settle(user: User, args: dict[str, Any]) -> Card:
    """The promise is open again."""
    row = commitments.reopen(user, UUID(args["promise"]), now=timezone.now())
    return Card(title="Open again", summary=f"Open again: {row.what}.", subject=row.pk)


@context_block("coaching.promises", title="What they promised", priority=4, tokens=120)
def promise_lines(user: User, now: datetime) -> list[str]:
    """Open promises of these days, and what became of the last ones."""
    rows = Commitment.objects.filter(
        user=user, due_at__range=(now - timedelta(days=3), now + timedelta(days=7))
    ).exclude(status=CommitmentStatus.WITHDRAWN)
    return [
        f"{row.what} ({when_in_words(row, user, now=now)}): {row.get_status_display().lower()}"
        for row in rows.order_by("due_at")[:5]
    ]


# --- Learning -----------------------------------------------------------------------------------
@tool(
    "coaching.pause_learning",
    description="Stop learning about the person from conversations, when they want that",
    args=Words,
    effect=Effect.WRITE,
    label="Pausing",
    cues=(
        r"\b(?:stop|pause|quit|no more|turn off|switch off|disable) (?:learning|remembering|memori[sz]ing|storing)(?: (?:things|anything|everything|new things|stuff|what i say))?(?: about me| from (?:me|this|our \w+|my \w+))?\b.*",
        r"\b(?:do not|don't) (?:learn|remember|store|memori[sz]e) (?:anything|things|everything)(?: (?:about|from) (?:me|this))?\b.*",
        r"\b(?:do not|don't) learn (?:about|from) (?:me|this|us)\b.*",
    ),
)
def pause_learning(context: ToolContext, args: Words) -> Card:
    """Pauses learning at once."""
    changed = set_learning(context.user, False)
    return Card(
        title="Learning is paused",
        summary="I don't learn from what you say any more. What I know stays until you delete it, "
        "and what you tell me to remember I still keep."
        if changed
        else "Learning was paused already.",
        suggestions=["Learn about me again", "What do you know about me?"],
        undo=Undo(verb="coaching.set_learning", args={"on": True}) if changed else None,
    )


@tool(
    "coaching.resume_learning",
    description="Learn about the person from conversations again, when they want that",
    args=Words,
    effect=Effect.WRITE,
    label="Learning again",
    cues=(
        r"\b(?:start|resume|restart|begin|continue|turn on|switch on|enable) (?:learning|remembering)(?: things)?(?: about me| from me)?\b.*",
        r"\blearn about me again\b|\byou (?:may|can) learn (?:about me |from me )?again\b",
    ),
)
def resume_learning(context: ToolContext, args: Words) -> Card:
    """Lets the coach learn again, as far as the person agreed to it."""
    changed = set_learning(context.user, True)
    undone = Undo(verb="coaching.set_learning", args={"on": False}) if changed else None
    if not has_agreed(context.user):
        return Card(
            title="Not yet",
            summary="For that I need your yes first, which you give and take back in Settings, under What you "
            "agreed to: behavioural tracking. What you tell me to remember I keep all the same.",
            undo=undone,
        )
    return Card(
        title="Learning is on",
        summary="I learn from what you tell me again." if changed else "Learning was on already.",
        undo=undone,
    )


@undo("coaching.set_learning")
def undo_learning(user: User, args: dict[str, Any]) -> Card:
    """Learning is as before."""
    set_learning(user, bool(args["on"]))
    return Card(title="As before", summary="That is as it was before.")
