"""What tokens cost, in millionths of a dollar."""

import logging
import math
from typing import Any

from django.conf import settings

from .engine import engine
from .targets import is_builtin

CHARACTERS_PER_TOKEN = 4  # English text, within a quarter of what tokenizers count
logger = logging.getLogger(__name__)


def estimated_tokens(characters: int) -> int:
    """Roughly how many tokens so many characters make."""
    return math.ceil(characters / CHARACTERS_PER_TOKEN)


def estimated_tokens_of(messages: list[dict[str, Any]]) -> int:
    """Roughly how many tokens a conversation makes: the words and the calls in it."""
    characters = 0
    for message in messages:
        content = message.get("content")
        if isinstance(content, str):
            characters += len(content)
        elif isinstance(content, list):
            characters += sum(len(part.get("text") or "") for part in content)
        for call in message.get("tool_calls") or ():
            characters += len(call.get("function", {}).get("arguments") or "")
    return estimated_tokens(characters)


def cost_microdollars(model: str, input_tokens: int, output_tokens: int) -> int:
    """The price of a call, rounded up. A model without a known price costs nothing.

    `COACH_MODEL_PRICES` ({model: {"input": dollars per million tokens, "output": …}}) comes before
    LiteLLM's own list.
    """
    if is_builtin(model):
        return 0
    own = settings.COACH_MODEL_PRICES.get(model)
    if own:
        # Dollars per million tokens are microdollars per token.
        return math.ceil(input_tokens * own["input"] + output_tokens * own["output"])
    try:
        asked, answered = engine().cost_per_token(
            model=model, prompt_tokens=input_tokens, completion_tokens=output_tokens
        )
    except Exception as error:  # LiteLLM raises a bare Exception for an unknown model
        logger.debug("No price for %s: %s", model, error)
        return 0
    return math.ceil((asked + answered) * 1_000_000)
