"""What a person orders about memories in words: remember this, forget that, what was said when.

An order is followed whether or not the coach may learn by itself; only crisis text is never kept.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

from accounts.models import User
from coaching import context_cache
from coaching.language import mended, tidy
from coaching.models import (
    Conversation,
    EpisodicMemory,
    MemoryState,
    MemoryStatus,
    MemoryType,
    Message,
    MessageRole,
)
from coaching.safety import screen

from .care import put_back
from .extraction.clauses import Clause
from .extraction.found import FoundMemory, Turn
from .extraction.rule import stems
from .extraction.rules import memories_in, sentence
from .forgetting import forget as forget_rows
from .reading import turn_of
from .recalling import Recalled, recall
from .writing import Written, keep

UNDO_FOR = timedelta(minutes=10)
MOST_FORGOTTEN = 30
SHOWN = 5
LATEST_TURNS = 100
_ORDERS_OR_ASKS = re.compile(r"\b(?:remember|forget|memori[sz]e)\b|\?\s*$", re.I)
ALIKE = 0.42  # cosine from which a memory is about what was asked, without a common word (ours)
_REMEMBER = re.compile(
    r"^.*?\b(?:remember|note(?: down)?|memori[sz]e|keep in mind|bear in mind|make a note|write down|save|don['’]?t forget|do not forget|for the record)\b"
    r"(?: for (?:me|later|next time))?[,:]?(?: (?:this|the following|please))*[,:]?(?: that\b| how\b)?[,:]? *",
    re.I | re.S,
)


class OrderRefused(ValueError):
    """It cannot be done; the text says why, in words for the person."""


# --- Remember this ------------------------------------------------------------------------------
def remember_this(
    user: User, words: str, *, now: datetime, message_id: UUID | None = None, place: str = ""
) -> EpisodicMemory:
    """Keeps what the person told to remember, in their own words and with its days as dates.

    Raises `OrderRefused` when there is nothing to keep, or when it must not be kept.
    """
    if screen(words, country=user.country, locale=user.locale):
        raise OrderRefused("I won't store this. I'm here to talk about it.")
    text = _REMEMBER.sub("", tidy(words), count=1).strip(" .,!") or ""
    if len(text.split()) < 2:
        raise OrderRefused("What should I remember? For example: “remember that I hate Mondays”.")
    turn = _turn(user, words, now, message_id, place)
    memory = keep(user, turn, _told(text, words, turn), Written(), now=now, is_explicit=True)
    if memory is None:
        raise OrderRefused("That is too long for me to remember. Say it in one sentence?")
    MemoryState.objects.filter(user=user, memory=memory).update(status=MemoryStatus.KEPT)
    context_cache.invalidate(user.pk)
    return memory


def _turn(user: User, words: str, now: datetime, message_id: UUID | None, place: str) -> Turn:
    asked = _asked(user, message_id)
    if asked is None:
        return Turn(words, now.astimezone(user.tz), f"told:{place}" if place else "")
    return replace(turn_of(asked.conversation, asked), text=words)


def _asked(user: User, message_id: UUID | None) -> Message | None:
    """What the person said that the answer `message_id` replies to; nothing of a temporary conversation."""
    if message_id is None:
        return None
    message = (
        Message.objects.filter(pk=message_id, user=user)
        .select_related("parent__conversation__user", "conversation__user")
        .first()
    )
    if message is None or message.conversation.is_temporary:
        return None
    return message if message.role == MessageRole.USER else message.parent


def said_in(user: User, message_id: UUID | None) -> UUID | None:
    """The message of the person that an answer replies to."""
    asked = _asked(user, message_id)
    return None if asked is None else asked.pk


def _told(text: str, words: str, turn: Turn) -> FoundMemory:
    """What was told, with its kind and slot where a rule knows them."""
    start = max(0, words.find(text))
    found = memories_in(Clause(text, start, tidy(text).lower()), turn.at)
    if found:
        return replace(found[0], start=start, quote=text, is_inferred=False)
    return FoundMemory(sentence(text, turn.at), text, start, MemoryType.CONTEXT)


# --- Forget that --------------------------------------------------------------------------------
_ABOUT = re.compile(
    r"\b(?:forget|delete|erase|remove|wipe|clear|unlearn|do not (?:remember|store|save|keep))\b(?: everything| all| anything| what(?:ever)?| that| the (?:fact|thing|part))*"
    r"(?: i (?:have )?(?:said|told you|mentioned)| you know| you have| you remember| you (?:saved|stored|learned))*(?: about| of| on| that| concerning)?(?P<what>.*)$"
)
_LAST = re.compile(
    r"^(?: (?:that|this|it|what i (?:just )?said|the last (?:one|thing)))?[ .!,]*(?:please|again|now|coach)?[ .!]*$"
)
_EVERYTHING = re.compile(
    r"\b(?:my account|all (?:of )?my data|everything(?: you know)?(?: about me)?[ .!]*$|all (?:my )?memories|everything you know)\b"
)


def to_forget(
    user: User, words: str, *, now: datetime, conversation_id: UUID | None = None
) -> list[EpisodicMemory]:
    """The memories that the words mean: about what is named, else what was kept last in this conversation."""
    found = _ABOUT.search(mended(words))
    about = found["what"] if found else mended(words)
    if _LAST.match(about):
        rows = EpisodicMemory.objects.filter(user=user).exclude(state__status=MemoryStatus.DECLINED)
        if conversation_id is not None:
            own = Message.objects.filter(conversation=conversation_id, user=user).values("pk")
            rows = rows.filter(source_id__in=own)
        newest = rows.select_related("state").order_by("-created_at", "-id").first()
        return [] if newest is None else [newest]
    return [
        hit.memory
        for hit in matching(
            user,
            about,
            now=now,
            limit=MOST_FORGOTTEN,
            statuses=(MemoryStatus.KEPT, MemoryStatus.WAITING),
        )
    ]


def means_everything(words: str) -> bool:
    """Whether somebody wants everything gone, which is not for a chat to do by the way."""
    return bool(_EVERYTHING.search(mended(words)))


_LITTLE = {
    *(
        [
            "about",
            "tell",
            "told",
            "say",
            "said",
            "know",
            "remember",
            "forget",
            "anything",
            "everything",
            "something",
            "me",
            "please",
        ]
    ),
    *(
        [
            "what",
            "did",
            "do",
            "does",
            "have",
            "has",
            "had",
            "ever",
            "last",
            "time",
            "want",
            "wanted",
            "it",
            "he",
            "she",
            "they",
            "we",
            "us",
            "him",
            "her",
        ]
    ),
}


def matching(
    user: User,
    words: str,
    *,
    now: datetime,
    limit: int = SHOWN,
    as_of: datetime | None = None,
    statuses: Collection[str] = (MemoryStatus.KEPT,),
) -> list[Recalled]:
    """The memories that are really about `words`: they share a meaningful word, its subject, or their sense."""
    wanted = set(stems(words)) - {stem for word in _LITTLE for stem in stems(word)}
    hits = recall(user, words, limit * 2, as_of=as_of, now=now, statuses=statuses)
    named = [
        hit
        for hit in hits
        if wanted & {*stems(hit.memory.memory_description), *stems(hit.memory.subject)}
    ]
    if named:
        return named[:limit]
    return [hit for hit in hits if (hit.similarity or 0) >= ALIKE][:limit]


def said_here(user: User, message_id: UUID | None, words: str) -> list[Message]:
    """What the person said about `words` earlier in the talk of an answer, newest first: it is not read yet.

    Questions and orders about memories say nothing themselves; what was said in distress is not brought up.
    """
    wanted = set(stems(words)) - {stem for word in _LITTLE for stem in stems(word)}
    if message_id is None or not wanted:
        return []
    answer = Message.objects.filter(pk=message_id, user=user).first()
    if answer is None:
        return []
    turns = {
        turn.pk: turn
        for turn in Message.objects.filter(conversation=answer.conversation_id, user=user)
        .order_by("-id")
        .only("parent_id", "role", "content", "is_crisis", "created_at")[:LATEST_TURNS]
    }
    said: list[Message] = []
    turn = turns.get(answer.parent_id) if answer.parent_id else None
    while turn is not None:
        is_own = turn.role == MessageRole.USER and not turn.is_crisis
        if (
            is_own
            and wanted & set(stems(turn.content))
            and not _ORDERS_OR_ASKS.search(turn.content)
        ):
            said.append(turn)
        turn = turns.get(turn.parent_id) if turn.parent_id else None
    return said[:SHOWN]


def put_away_to_forget(user: User, memories: Sequence[EpisodicMemory], *, now: datetime) -> int:
    """Stops using memories at once; they are deleted for good when the time to undo is over."""
    ids = [memory.pk for memory in memories]
    changed = MemoryState.objects.filter(user=user, memory__in=ids).update(
        forget_at=now + UNDO_FOR, status=MemoryStatus.DECLINED
    )
    context_cache.invalidate(user.pk)
    return changed


def bring_back(user: User, memory_ids: Collection[UUID]) -> int:
    """Takes forgetting back while it can be; returns how many memories are there again."""
    going = MemoryState.objects.filter(user=user, memory__in=memory_ids, forget_at__isnull=False)
    changed = put_back(user, list(going.values_list("memory_id", flat=True)))
    context_cache.invalidate(user.pk)
    return changed


def forget_due(*, now: datetime) -> int:
    """Deletes for good what was to be forgotten and was not taken back; returns how many."""
    by_person: dict[UUID, list[UUID]] = {}
    due = MemoryState.objects.filter(forget_at__lte=now).values_list("user_id", "memory_id")
    for user_id, memory_id in due.order_by("user_id")[:5000]:
        by_person.setdefault(user_id, []).append(memory_id)
    gone = 0
    for user in User.objects.filter(pk__in=by_person):
        gone += forget_rows(user, by_person[user.pk])
    return gone


# --- As of then ---------------------------------------------------------------------------------
_MONTHS = [
    *(["january", "february", "march", "april", "may", "june"]),
    *(["july", "august", "september", "october", "november", "december"]),
]
_SEASON_ENDS = {
    "spring": (6, 1),
    "summer": (9, 1),
    "autumn": (12, 1),
    "fall": (12, 1),
    "winter": (3, 1),
}


def as_of_in(words: str, now: datetime) -> datetime | None:
    """The moment in the past that a question means ("in spring", "last month", "in March 2025"): its end.

    `now` is in the person's zone.
    """
    plain = mended(words)
    today = now.date()
    if found := re.search(
        r"\b(?:last|in|that|this past) (spring|summer|autumn|fall|winter)(?: (20\d\d))?\b", plain
    ):
        month, day = _SEASON_ENDS[found[1]]
        return _last_before(today, month, day, found[2], now)
    names = "|".join(_MONTHS)
    if found := re.search(rf"\b(?:in|last|during|back in) ({names})(?: (20\d\d))?\b", plain):
        month = _MONTHS.index(found[1]) % 12 + 2
        year = None if found[2] is None else int(found[2]) + (month > 12)
        return _last_before(
            today, (month - 1) % 12 + 1, 1, None if year is None else str(year), now
        )
    if re.search(r"\blast month\b", plain):
        return _midnight(today.replace(day=1), now)
    if re.search(r"\blast week\b", plain):
        return _midnight(today - timedelta(days=today.weekday()), now)
    if re.search(r"\blast year\b", plain):
        return _midnight(date(today.year, 1, 1), now)
    if found := re.search(r"\bin (20\d\d)\b", plain):
        end = date(int(found[1]) + 1, 1, 1)
        return _midnight(end, now) if end <= today else None
    return None


def _last_before(
    today: date, month: int, day: int, year: str | None, now: datetime
) -> datetime | None:
    end = date(int(year) if year else today.year, month, day)
    if end > today:
        end = end.replace(year=end.year - 1) if year is None else today
    return _midnight(end, now)


def _midnight(day: date, now: datetime) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=now.tzinfo)


def is_temporary(conversation_id: UUID | None) -> bool:
    """Whether a conversation is one of which nothing is kept."""
    return (
        conversation_id is not None
        and Conversation.objects.filter(pk=conversation_id, is_temporary=True).exists()
    )
