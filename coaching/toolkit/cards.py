"""What a tool hands back: a card that the person sees and a summary that the model reads."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from accounts.models import User

from .registry import Registry


class Undo(BaseModel):
    """How to take a write back: a declared verb, its arguments, and until when."""

    verb: str
    args: dict[str, Any] = Field(default_factory=dict)
    label: str = "Undo"
    expires_at: datetime | None = None


class Card(BaseModel):
    """The result of a tool.

    `summary` is plain text: the model builds its answer on it, and screen readers, text messages and
    calls use it as it stands. `kind` names the view that renders the card; `subject` the row it is
    about, so that a reloaded card shows the row's present state.
    """

    kind: str = "coaching.text"
    title: str
    summary: str
    subject: UUID | None = None
    data: dict[str, Any] = Field(default_factory=dict)
    suggestions: list[str] = Field(default_factory=list, max_length=4)
    undo: Undo | None = None
    is_proposal: bool = Field(
        default=False, description="Nothing was written yet: the person accepts, edits or declines"
    )


CardContext = Callable[[User, Card], dict[str, Any]]


@dataclass(frozen=True)
class CardView:
    """The template of a kind of card and the function that fills it from the present state."""

    kind: str
    template: str
    context: CardContext


card_views: Registry[CardView] = Registry("card view")
UndoFunction = Callable[[User, dict[str, Any]], Card]
undo_verbs: Registry[UndoFunction] = Registry("undo verb")


def card_view(kind: str, *, template: str) -> Callable[[CardContext], CardContext]:
    """Declares how cards of `kind` look; the decorated function returns the template's context."""

    def declare(context: CardContext) -> CardContext:
        card_views.register(kind, CardView(kind, template, context))
        return context

    return declare


def undo(verb: str) -> Callable[[UndoFunction], UndoFunction]:
    """Declares how writes that carry `Undo(verb=…)` are taken back."""

    def declare(function: UndoFunction) -> UndoFunction:
        undo_verbs.register(verb, function)
        return function

    return declare
