"""Cards of tool calls as the person sees them: drawn from the present state, so that they survive a reload."""

import logging
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from pydantic import ValidationError

from accounts.models import User
from coaching.agent.runs import Refused, not_found
from coaching.models import Message
from coaching.toolkit import Card, ToolRefused, card_views, undo_verbs

logger = logging.getLogger(__name__)
PLAIN = "coaching.text"


def card_context(
    user: User, message_id: UUID | str, call: dict[str, Any], request: HttpRequest | None = None
) -> dict[str, Any]:
    """What `_card.html` shows of one call: id, state, label, html, error, undo."""
    state = "undone" if call.get("undone_at") else call["status"]
    stored = call.get("card")
    card = Card.model_validate(stored) if stored else None
    return {
        "id": call["id"],
        "state": state,
        "label": call.get("label") or call["name"].replace("_", " ").capitalize(),
        "html": draw(user, card, request) if card and state == "done" else "",
        "error": call.get("error", ""),
        "undo": _undo(message_id, card) if card and state == "done" else None,
    }


def draw(user: User, card: Card, request: HttpRequest | None = None) -> str:
    """The card's own HTML. A view that fails leaves its words: one card must not cost the thread."""
    try:
        view = card_views.get(card.kind)
        return render_to_string(view.template, view.context(user, card), request=request)
    except Exception:
        logger.exception("card_not_drawn kind=%s", card.kind)
        view = card_views.get(PLAIN)
        plain = card.model_copy(update={"data": {}})
        return render_to_string(view.template, view.context(user, plain), request=request)


def undo_call(user: User, message_id: UUID, call_id: str) -> Card:
    """Takes back what a call did, once; the same again gives the same card.

    Raises `Refused`: 404 when there is no such call, 409 when it cannot be taken back, 410 when it is too late.
    """
    with transaction.atomic():
        message = Message.objects.select_for_update().filter(pk=message_id, user=user).first()
        if message is None:
            raise not_found()
        call = next((call for call in message.function_calls if call["id"] == call_id), None)
        if call is None:
            raise not_found()
        if call.get("undone_at"):
            return Card.model_validate(call["undo_card"])
        try:
            card = Card.model_validate(call.get("card"))
        except ValidationError:
            card = None
        if card is None or card.undo is None or card.undo.verb not in undo_verbs:
            raise Refused(409, "no_undo", "This cannot be taken back.")
        if _is_late(card.undo.expires_at):
            raise Refused(410, "too_late", "It is too late to take this back.")
        try:
            undone = undo_verbs.get(card.undo.verb)(user, card.undo.args)
        except ToolRefused as refusal:
            raise Refused(409, "undo_refused", str(refusal)) from None
        except ObjectDoesNotExist:
            raise Refused(409, "gone", "What this was about is no longer there.") from None
        call["undone_at"] = timezone.now().isoformat()
        call["undo_card"] = undone.model_dump(mode="json")
        message.save(update_fields=["function_calls"])
        return undone


def _undo(message_id: UUID | str, card: Card) -> dict[str, str] | None:
    undo = card.undo
    if undo is None or undo.verb not in undo_verbs or _is_late(undo.expires_at):
        return None
    return {"url": reverse("coach_message_undo", args=[message_id]), "label": undo.label}


def _is_late(until: datetime | None) -> bool:
    return until is not None and until < timezone.now()
