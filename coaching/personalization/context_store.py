"""The ready-made context of each person: the picture of them, kept in a row with Redis in front.

A stored picture holds until something about the person changes (`coaching.context_cache.invalidate`), or
until it is too old. What was read before a change is stored under the version of before, and so is never
found after it.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from accounts.models import Consent, User
from coaching import context_cache, learning_permission
from coaching.llm.pricing import estimated_tokens
from coaching.models import (
    ContextCache,
    EpisodicMemory,
    LearnedPreference,
    Preferences,
    RawBehavioralLog,
)

from .user_context import FIELDS, Fact, UserContext, UserContextEngine, people_to_read

PART = context_cache.PICTURE
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StoreConstants:
    """How long a picture holds and how much of it a model is given (ours).

    Attributes:
        keep: a picture that nothing changed is built anew after so long: time passes for it, too.
        tokens: estimated tokens of the lines that a model is given, at most.
        active_within: who wrote so lately gets a stale picture built anew before they ask.
        batch: people that one statement of a refresh deals with.
    """

    keep: timedelta = timedelta(hours=6)
    tokens: int = 700
    active_within: timedelta = timedelta(days=2)
    batch: int = 200


CONSTANTS = StoreConstants()


@dataclass(frozen=True)
class ReadyContext:
    """A person's picture as a model is given it.

    `lines` fit into the budget, the most worthwhile first; `left_out` names the known fields that did not.
    """

    context: UserContext
    lines: tuple[str, ...]
    left_out: tuple[str, ...]
    tokens: int
    built_at: datetime

    def as_json(self) -> dict[str, Any]:
        return {
            "context": self.context.as_json(),
            "lines": list(self.lines),
            "left_out": list(self.left_out),
            "tokens": self.tokens,
            "built_at": self.built_at.isoformat(),
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "ReadyContext":
        return cls(
            UserContext.from_json(stored["context"]),
            tuple(stored["lines"]),
            tuple(stored["left_out"]),
            int(stored["tokens"]),
            datetime.fromisoformat(stored["built_at"]),
        )


def tokens_in(text: str) -> int:
    """An estimate of the tokens of `text`: a quarter of its bytes, so that other scripts count more."""
    return estimated_tokens(len(text.encode()))


def get_user_ai_context(user: User, *, now: datetime) -> ReadyContext:
    """The ready-made context of `user`: from Redis, else from its row, else built and stored.

    Redis costs one round trip, the row one query, and building at most twelve.
    """
    stored, version = context_cache.read(user.pk, part=PART)
    if stored is not None and _is_fresh_at(datetime.fromisoformat(stored["built_at"]), now):
        return ReadyContext.from_json(stored)
    row = ContextCache.objects.filter(user=user.pk, is_stale=False).first() if version else None
    if (
        row is not None
        and row.source_versions.get("person") == version
        and _is_fresh_at(row.built_at, now)
    ):
        ready = ready_from(UserContext.from_json(row.context), row.built_at)
    else:
        person = people_to_read(User.objects.filter(pk=user.pk)).get()
        ready = _build(person, version, now)
    context_cache.store(user.pk, version, ready.as_json(), part=PART, keep=CONSTANTS.keep)
    return ready


def refresh_user_context(user: User, *, now: datetime) -> ReadyContext:
    """Builds the context of `user` anew, whatever is stored, and stores it."""
    version = context_cache.version_of(user.pk)
    person = people_to_read(User.objects.filter(pk=user.pk)).get()
    ready = _build(person, version, now)
    context_cache.store(user.pk, version, ready.as_json(), part=PART, keep=CONSTANTS.keep)
    return ready


def ready_from(context: UserContext, built_at: datetime, budget: int = 0) -> ReadyContext:
    """The picture within `budget` estimated tokens (default: its usual share)."""
    left = budget or CONSTANTS.tokens
    lines, left_out = [], []
    for field in FIELDS:
        fact = context[field.name]
        if not fact.is_known:
            continue
        line = line_of(fact)
        cost = tokens_in(line) + 1
        if cost > left:
            left_out.append(field.name)
            continue
        lines.append(line)
        left -= cost
    return ReadyContext(
        context,
        tuple(lines),
        tuple(left_out),
        sum(tokens_in(line) + 1 for line in lines),
        built_at,
    )


def line_of(fact: Fact) -> str:
    """A fact as one line: "Stress: Said “…” (low confidence)"."""
    words = " ".join(fact.words.split())
    return f"{_SHORT.get(fact.name, fact.title)}: {words} [{fact.sureness} confidence]"


# Titles are for the person; a model reads names.
_SHORT = {field.name: field.name.replace("_", " ").capitalize() for field in FIELDS}


def _is_fresh_at(built_at: datetime, now: datetime) -> bool:
    return built_at <= now < built_at + CONSTANTS.keep


def _build(person: User, version: str, now: datetime) -> ReadyContext:
    context = UserContextEngine().build_for(person, now=now)
    ready = ready_from(context, now)
    _store_rows([(person.pk, version, ready)])
    return ready


def _store_rows(built: Iterable[tuple[UUID, str, ReadyContext]]) -> None:
    ContextCache.objects.bulk_create(
        [
            ContextCache(
                user_id=user_id,
                context=ready.context.as_json(),
                source_versions={"person": version},
                tokens=ready.tokens,
                is_stale=False,
                built_at=ready.built_at,
                expires_at=ready.built_at + CONSTANTS.keep,
            )
            for user_id, version, ready in built
        ],
        update_conflicts=True,
        unique_fields=["user"],
        update_fields=[
            "context",
            "source_versions",
            "tokens",
            "is_stale",
            "built_at",
            "expires_at",
        ],
    )


# --- Keeping everybody's ready ----------------------------------------------------------------------
def mark_stale(*, now: datetime) -> int:
    """Marks the rows of people of whom something is newer than their picture, or whose time is over.

    One statement for everybody; returns how many were marked.
    """
    since = OuterRef("built_at")
    of_them = Q(user=OuterRef("user"))
    newer = (
        Exists(RawBehavioralLog.objects.filter(of_them, received_at__gt=since))
        | Exists(EpisodicMemory.objects.filter(of_them, created_at__gt=since))
        | Exists(
            LearnedPreference.objects.filter(
                of_them, Q(created_at__gt=since) | Q(last_confirmed_at__gt=since)
            )
        )
        | Exists(Preferences.objects.filter(of_them, updated_at__gt=since))
        | Exists(Consent.objects.filter(of_them, at__gt=since))
    )
    rows = ContextCache.objects.filter(is_stale=False).filter(
        Q(expires_at__lte=now) | Q(user__updated_at__gt=F("built_at")) | newer
    )
    return ContextCache.objects.filter(pk__in=list(rows.values_list("pk", flat=True))).update(
        is_stale=True
    )


def with_stale_context() -> QuerySet[User]:
    """People whose stored context is marked as stale."""
    return _living().filter(context_cache__is_stale=True)


def to_refresh(*, now: datetime) -> QuerySet[User]:
    """People with a stale context who wrote lately: theirs is built before they ask."""
    return (
        with_stale_context()
        .filter(conversations__last_message_at__gt=now - CONSTANTS.active_within)
        .distinct()
    )


def everybody() -> QuerySet[User]:
    """Everybody a context can be built for."""
    return _living()


def refresh_people(people: QuerySet[User], *, now: datetime) -> int:
    """Builds the contexts of `people` anew and stores them in batches; returns how many.

    Running it twice, or twice at once, writes the same rows.
    """
    count = 0
    engine = UserContextEngine()
    batch: list[tuple[UUID, str, ReadyContext]] = []
    for person in people_to_read(people).order_by("pk"):
        version = context_cache.version_of(person.pk)
        ready = ready_from(engine.build_for(person, now=now), now)
        context_cache.store(person.pk, version, ready.as_json(), part=PART, keep=CONSTANTS.keep)
        batch.append((person.pk, version, ready))
        if len(batch) == CONSTANTS.batch:
            _store_rows(batch)
            count, batch = count + len(batch), []
    _store_rows(batch)
    return count + len(batch)


def refresh_for_message(message_id: UUID, *, now: datetime) -> None:
    """Builds the context of the person of a message anew, before their next one needs it."""
    person = _living().filter(messages=message_id).first()
    if person is not None:
        refresh_user_context(person, now=now)


def forget_those_who_withdrew() -> int:
    """Deletes the stored pictures, made while watching was allowed, of people who took that back."""
    return ContextCache.objects.filter(
        user__in=learning_permission.who_withdrew(), context__is_learning=True
    ).delete()[0]


def _living() -> QuerySet[User]:
    return User.objects.filter(is_active=True, deleted_at__isnull=True)
