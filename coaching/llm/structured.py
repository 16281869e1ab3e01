"""Objects instead of prose: an answer that a pydantic model accepts."""

import re
from contextlib import aclosing
from typing import Any, TypeVar
from uuid import UUID

from pydantic import BaseModel, ValidationError

from . import budget, call_log
from .errors import BudgetSpent, ModelUnavailable, StructuredOutputInvalid
from .events import ChatRequest, Restarted, TextDelta
from .fallback import answer
from .prompt_schema import without_hints
from .targets import Target, ladder

Shape = TypeVar("Shape", bound=BaseModel)
_FENCE = re.compile(r"^```[a-zA-Z]*\s*(.*?)\s*```$", re.DOTALL)
_MENDING = (
    "That does not fit the JSON schema:\n{errors}\n"
    "Answer again with the corrected JSON object alone, without any other text."
)


async def complete_structured(
    shape: type[Shape],
    messages: list[dict[str, Any]],
    *,
    purpose: str,
    user_id: UUID | None = None,
    model: str = "",
    temperature: float = 0.0,
    max_output_tokens: int | None = None,
) -> Shape:
    """An instance of `shape` from a model, which is told once what was wrong if it does not fit.

    Raises `StructuredOutputInvalid` when the mended answer does not fit either, and `ModelUnavailable` when
    no model answers, when the person's budget is spent, or when only the built-in coach is there, who
    fills no free schema: every caller has a way of its own for that case.
    """
    rungs = [target for target in ladder(model) if not target.is_builtin]
    if not rungs:
        raise ModelUnavailable("The built-in coach gives no structured output.")
    if await budget.is_spent(user_id):
        raise BudgetSpent("The person's budget of the day is spent.")

    async def ask(conversation: list[dict[str, Any]]) -> str:
        request = ChatRequest(
            messages=conversation,
            user_id=user_id,
            purpose=purpose,
            model=model,
            temperature=temperature,
            max_output_tokens=max_output_tokens,
        )
        return await _text(request, rungs, _response_format(shape))

    try:
        raw = await ask(messages)
        try:
            return shape.model_validate_json(_unfenced(raw))
        except ValidationError as error:
            told = _MENDING.format(errors=_in_words(error))
        mended = await ask(
            [
                *messages,
                {"role": "assistant", "content": raw},
                {"role": "user", "content": told},
            ]
        )
        try:
            return shape.model_validate_json(_unfenced(mended))
        except ValidationError as error:
            raise StructuredOutputInvalid(mended, _in_words(error)) from error
    finally:
        await call_log.settle()  # callers often run in an event loop that ends with them


async def _text(request: ChatRequest, rungs: list[Target], response_format: dict[str, Any]) -> str:
    parts: list[str] = []
    events = answer(request, rungs, wanted=rungs[0].model, response_format=response_format)
    async with aclosing(events):
        async for event in events:
            if isinstance(event, TextDelta):
                parts.append(event.text)
            elif isinstance(event, Restarted):
                parts = [event.keep_text]
    return "".join(parts)


def _response_format(shape: type[BaseModel]) -> dict[str, Any]:
    schema = without_hints(shape.model_json_schema())
    return {"type": "json_schema", "json_schema": {"name": shape.__name__, "schema": schema}}


def _unfenced(raw: str) -> str:
    fenced = _FENCE.match(raw.strip())
    # An object is made to be kept, and PostgreSQL keeps no NUL.
    return (fenced.group(1) if fenced else raw.strip()).replace("\\u0000", "")


def _in_words(error: ValidationError) -> str:
    return "\n".join(
        f"- {'.'.join(map(str, problem['loc'])) or 'the whole'}: {problem['msg']}"
        for problem in error.errors(include_url=False)[:10]
    )
