"""What an app can hand outreach: ways to reach a person, what they may need, and what a brief tells them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from accounts.models import ConsentKind, User

from .registry import Registry

if TYPE_CHECKING:
    from coaching.models import CoachMessage, MessageTemplate, Notification

# --- Channels -----------------------------------------------------------------------------------


class DeliveryFailed(Exception):
    """The message surely did not go out; `permanent` says that trying again is of no use.

    Any other exception of a channel means that nobody knows: then nothing is sent again.
    """

    def __init__(self, reason: str, *, permanent: bool) -> None:
        super().__init__(reason)
        self.permanent = permanent


Deliver = Callable[["CoachMessage"], str]
Reaches = Callable[[User], bool]
LookUp = Callable[["Notification"], bool | None]


@dataclass(frozen=True)
class Channel:
    """A way to reach a person.

    `deliver` hands one message over and returns the provider's id; `reaches` says whether this person can
    be reached at all. `burden` is what one message costs the person's patience; `consent` the kind that
    must be granted. `carrier_hours`: never outside 08:00-21:00 of the person, whatever they set.
    `repeatable`: delivering the same message twice has one effect. `look_up` asks the provider what
    became of an attempt with an unknown outcome: delivered, not delivered, or `None` for still unknown.
    """

    key: str
    burden: int
    deliver: Deliver
    reaches: Reaches
    consent: ConsentKind | None = None
    carrier_hours: bool = False
    repeatable: bool = False
    look_up: LookUp | None = None


channels: Registry[Channel] = Registry("channel")


def channel(
    key: str,
    *,
    burden: int,
    reaches: Reaches,
    consent: ConsentKind | None = None,
    carrier_hours: bool = False,
    repeatable: bool = False,
    look_up: LookUp | None = None,
) -> Callable[[Deliver], Deliver]:
    """Declares a channel under `<app>.<value of MessageChannel>`; the function raises `DeliveryFailed`."""

    def declare(function: Deliver) -> Deliver:
        declared = Channel(
            key, burden, function, reaches, consent, carrier_hours, repeatable, look_up
        )
        channels.register(key, declared)
        return function

    return declare


def channel_for(value: str) -> Channel | None:
    """The channel behind a value of `MessageChannel` ("in_app", "sms"), if some app brought it."""
    return next((entry for entry in channels if entry.key.split(".", 1)[1] == value), None)


# --- Needs: what it may be worth to be reminded of -------------------------------------------------


@dataclass(frozen=True)
class Need:
    """Something a person wanted to do and is behind with, as of now.

    `gap` in [0, 1]: how far behind the goal, prorated to this moment. `facts` fill the `{names}` of
    message templates. The action counts when it is done before `window_ends_at`.
    """

    user_id: UUID
    subject_type: str
    subject_id: UUID
    gap: float
    action: str
    action_text: str
    window_ends_at: datetime
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Span:
    """A subject of a person from one moment to another."""

    user_id: UUID
    subject_id: UUID
    since: datetime
    until: datetime


FindNeeds = Callable[[Sequence[User], datetime], list[Need]]
WereDone = Callable[[Sequence[Span]], list[bool]]


@dataclass(frozen=True)
class Manner:
    """How the messages of a source are said, where the source has a say in it.

    kinds: for each of many needs, which kinds of templates may speak of it (none of them: any kind).
    waits: how long a message waits for words of its own before it goes out as it is.
    spoken: is told of a message in the transaction that wrote it.
    is_moot: whether a message that is about to go out has nothing to speak of any more.
    fits: whether the words of a message that is about to go out still fit the person.
    reworded: other words for one that no longer fits; asked for under the lock of its person.
    rated: is told what the person thinks of a message, 1 to 5, in the transaction that keeps it.
    """

    kinds: "Callable[[Sequence[Need], datetime], Sequence[Collection[str]]]"
    waits: "Callable[[], timedelta]"
    spoken: "Callable[[CoachMessage, Need, MessageTemplate, datetime], None]"
    is_moot: "Callable[[CoachMessage, datetime], bool]"
    fits: "Callable[[CoachMessage, datetime], bool]"
    reworded: "Callable[[CoachMessage, datetime], str]"
    rated: "Callable[[CoachMessage, int, datetime], None]"


@dataclass(frozen=True)
class NeedSource:
    """Finds the needs of many people at once, and tells afterwards whether the action was done.

    `samples` has an example of every fact its needs may bring, for those who write message templates.
    """

    key: str
    title: str
    find: FindNeeds
    were_done: WereDone
    samples: Mapping[str, str] = field(default_factory=dict)
    manner: Manner | None = None


need_sources: Registry[NeedSource] = Registry("need source")


def need_source(
    key: str,
    *,
    title: str,
    were_done: WereDone,
    samples: Mapping[str, str] | None = None,
    manner: Manner | None = None,
) -> Callable[[FindNeeds], FindNeeds]:
    """Declares needs; both functions take many people in a bounded number of queries."""

    def declare(function: FindNeeds) -> FindNeeds:
        source = NeedSource(key, title, function, were_done, samples or {}, manner)
        need_sources.register(key, source)
        return function

    return declare


# --- Briefs: what a morning or a week is worth telling ---------------------------------------------


class Occasion(StrEnum):
    MORNING = "morning"
    WEEKLY = "weekly"


@dataclass(frozen=True)
class BriefLines:
    """Lines for a brief, and how much they are worth being told, in [0, 1]."""

    lines: Sequence[str]
    worth: float


BriefFunction = Callable[[User, datetime], BriefLines | None]


@dataclass(frozen=True)
class BriefPart:
    """One part of a brief, in rising `order`."""

    key: str
    occasion: Occasion
    title: str
    order: int
    lines: BriefFunction


brief_parts: Registry[BriefPart] = Registry("brief part")


def brief_part(
    key: str, *, occasion: Occasion, title: str, order: int
) -> Callable[[BriefFunction], BriefFunction]:
    """Declares a part of the morning brief or the weekly digest; `None` has nothing to tell."""

    def declare(function: BriefFunction) -> BriefFunction:
        brief_parts.register(key, BriefPart(key, occasion, title, order, function))
        return function

    return declare
