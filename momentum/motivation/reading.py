"""What a person's own words tell of their motivation and their tone: by a model where there is one, else by rules.

The rules answer when no model does, when the budget of the day is spent, and when the model is unsure.
"""

import logging

from accounts.models import User
from coaching.language import tone
from coaching.llm.errors import ModelUnavailable, StructuredOutputInvalid

from .by_model import read_by_model
from .lexicon import read_words
from .read import Read

logger = logging.getLogger(__name__)

# Fewer words are answers and greetings: no model is asked about them.
WORTH_A_MODEL = 5


def read_text(user: User, text: str) -> Read:
    """Reads `text`, which `user` wrote about themselves. Not to be called in a transaction: a model may be asked."""
    by_rules = _with_tone(read_words(text), text)
    if len(text.split()) < WORTH_A_MODEL:
        return by_rules
    try:
        told = read_by_model(text, user.pk)
    except (ModelUnavailable, StructuredOutputInvalid) as error:
        if not isinstance(error, ModelUnavailable):
            logger.warning("motivation_read_by_rules reason=%s", type(error).__name__)
        return by_rules
    if not told.is_clear and by_rules.is_clear:
        told = by_rules
    return told if told.tone is not None else told.sounding(by_rules.tone, by_rules.tone_quote)


def _with_tone(read: Read, text: str) -> Read:
    """With the tone of the words; plain words have none."""
    heard = tone(text)
    if not heard.words:
        return read
    at = text.casefold().find(heard.words[0].casefold())
    quote = text[at : at + len(heard.words[0])] if at >= 0 else ""
    return read.sounding(heard.score, quote)
