"""Which of the coach's tables are found by meaning, and what of a row is embedded. Importing it declares them."""

from django.db.models import QuerySet

from coaching.knowledge import loading
from coaching.learning_permission import learners
from coaching.llm.embeddings import embeds
from coaching.memory import summaries
from coaching.models import CoachMessage, ConversationSummary, KnowledgeChunk


def message_text(message: CoachMessage) -> str:
    """What a message of the coach is found by."""
    return f"{message.title}\n{message.body}".strip()


def messages_to_embed() -> QuerySet[CoachMessage]:
    """Messages that were sent to people who may be learned from; others stay without a vector."""
    return CoachMessage.objects.filter(sent_at__isnull=False, user__in=learners())


def passages_to_embed() -> QuerySet[KnowledgeChunk]:
    """All passages, with the source that lends them its title."""
    return KnowledgeChunk.objects.select_related("source")


embeds(KnowledgeChunk, loading.text_to_embed, passages_to_embed)
embeds(ConversationSummary, summaries.text_to_embed)
embeds(CoachMessage, message_text, messages_to_embed)
