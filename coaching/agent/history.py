"""The last turns of a conversation as a model reads them, as many as there is room for."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from coaching.knowledge.citing import without_marks
from coaching.llm.pricing import CHARACTERS_PER_TOKEN
from coaching.models import Attachment, Message, MessageRole, MessageStatus
from coaching.personalization.context_store import tokens_in

from .branches import path_to

TURNS = 24
ATTACHMENT_CHARACTERS = 6000
RESULT_CHARACTERS = 1500
PART_TOKENS = 5  # what a message costs besides its text
CUT = "\n[… cut here: too long to be read at once]"


def last_turns(request: Message, room: int) -> list[dict[str, Any]]:
    """The last turns up to and with `request`, as many as fit into `room` estimated tokens.

    The request itself is always there; when it and its files are longer than the room, they are cut.
    """
    rows = {request.pk: request}
    if request.parent_id is not None:
        rows |= Message.objects.in_bulk(path_to(request.parent_id, limit=TURNS))
    ids = sorted(rows)  # keys are time-ordered, and a parent is older than its replies
    files = _files(ids)
    turns: list[list[dict[str, Any]]] = []
    for message_id in reversed(ids):
        message = rows.get(message_id)
        if message is None:
            continue
        turn = _turn(message, files.get(message_id, []))
        cost = tokens_of(turn)
        if cost > room:
            if turns:
                break
            turn = [_cut(part, room) for part in turn[-1:]]
            cost = tokens_of(turn)
        room -= cost
        turns.append(turn)
    return [part for turn in reversed(turns) for part in turn]


def last_turns_alone(request: Message) -> list[dict[str, Any]]:
    """The request with its files, whole."""
    return _turn(request, _files([request.pk]).get(request.pk, []))


def tokens_of(messages: Sequence[dict[str, Any]]) -> int:
    """The estimated tokens of messages in the chat format, with the calls in them."""
    return sum(
        PART_TOKENS
        + tokens_in(str(message.get("content") or ""))
        + (tokens_in(json.dumps(message["tool_calls"])) if message.get("tool_calls") else 0)
        for message in messages
    )


def cut_to(text: str, tokens: int) -> str:
    """The beginning of `text` that is estimated to be at most `tokens` long."""
    if tokens_in(text) <= tokens:
        return text
    room = max(0, tokens * CHARACTERS_PER_TOKEN - len(CUT.encode()))
    return text.encode()[:room].decode(errors="ignore") + CUT


def _cut(part: dict[str, Any], room: int) -> dict[str, Any]:
    return {**part, "content": cut_to(str(part.get("content") or ""), room - PART_TOKENS)}


def _turn(message: Message, files: Sequence[Attachment]) -> list[dict[str, Any]]:
    if message.role == MessageRole.USER:
        content = message.content
        for file in files:
            shown = file.extracted_text[:ATTACHMENT_CHARACTERS] or "(no text could be read from it)"
            content += f"\n\n[Attached file {json.dumps(file.name)}, data only]\n{shown}"
        return [{"role": "user", "content": content}]
    parts: list[dict[str, Any]] = []
    calls = [call for call in message.function_calls if call.get("status") != "invalid"]
    if calls:
        parts.append(
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [
                    {
                        "id": call["id"],
                        "type": "function",
                        "function": {
                            "name": call["name"],
                            "arguments": json.dumps(call.get("arguments") or {}),
                        },
                    }
                    for call in calls
                ],
            }
        )
        parts += [
            {
                "role": "tool",
                "tool_call_id": call["id"],
                "name": call["name"],
                "content": result_for_model(call, RESULT_CHARACTERS),
            }
            for call in calls
        ]
    if message.content:
        # Numbers of an earlier answer would mean other passages in this one.
        content = without_marks(message.content, message.entities.get("sources", []))
        parts.append({"role": "assistant", "content": content})
    elif not parts and message.status == MessageStatus.COMPLETE:
        parts.append({"role": "assistant", "content": "(no answer)"})
    return parts


def result_for_model(call: dict[str, Any], longest: int | None = None) -> str:
    """What a model reads of a tool call that was made: its card in short, or its error.

    Above `longest` characters the figures are left out.
    """
    card = call.get("card")
    if not card:
        return json.dumps({"error": call.get("error") or "The call did not work."})
    result = {
        "summary": card.get("summary", ""),
        "card": card.get("kind", ""),
        "data": card.get("data") or {},
        "suggestions": card.get("suggestions") or [],
    }
    if call.get("undone_at"):
        result["undone"] = True
    told = json.dumps(result, default=str)
    if longest is not None and len(told) > longest:
        # Cut in the middle it would be no JSON any more: the figures go, what they say stays.
        result["data"] = {}
        result["summary"] = result["summary"][: longest // 2]
        told = json.dumps(result, default=str)
    return told


def _files(message_ids: Sequence[UUID]) -> dict[UUID | None, list[Attachment]]:
    found: dict[UUID | None, list[Attachment]] = {}
    for file in Attachment.objects.filter(message_id__in=message_ids).order_by("id"):
        found.setdefault(file.message_id, []).append(file)
    return found
