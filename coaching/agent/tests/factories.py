"""Conversations for tests."""

import factory

from accounts.tests.factories import UserFactory
from coaching.models import Conversation, Message, MessageRole


class ConversationFactory(factory.django.DjangoModelFactory[Conversation]):
    class Meta:
        model = Conversation

    user = factory.SubFactory(UserFactory)
    title = "Running"


class MessageFactory(factory.django.DjangoModelFactory[Message]):
    class Meta:
        model = Message

    conversation = factory.SubFactory(ConversationFactory)
    user = factory.SelfAttribute("conversation.user")
    role = MessageRole.USER
    content = "I want to run."
