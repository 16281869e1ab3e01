from .calls import CallOutcome, ModelCall
from .conversation import (
    Attachment,
    Conversation,
    ConversationChannel,
    ConversationKind,
    Message,
    MessageRole,
    MessageStatus,
    ResponseFeedback,
    Run,
    RunStatus,
)
from .ledger import RawBehavioralLog
from .outreach import CoachMessage, MessageCause, MessageChannel, Reminder, ReminderStatus
from .person import (
    CoachingProfile,
    CommunicationStyle,
    DetailLevel,
    EmojiPreference,
    NotificationFrequency,
    PersonAtGate,
    Preferences,
    PromptStatus,
)
from .safety import CrisisAlert, CrisisCategory, Helpline

__all__ = [
    "Attachment",
    "CallOutcome",
    "CoachMessage",
    "CoachingProfile",
    "CommunicationStyle",
    "Conversation",
    "ConversationChannel",
    "ConversationKind",
    "CrisisAlert",
    "CrisisCategory",
    "DetailLevel",
    "EmojiPreference",
    "Helpline",
    "Message",
    "MessageCause",
    "MessageChannel",
    "MessageRole",
    "MessageStatus",
    "ModelCall",
    "NotificationFrequency",
    "PersonAtGate",
    "Preferences",
    "PromptStatus",
    "RawBehavioralLog",
    "Reminder",
    "ReminderStatus",
    "ResponseFeedback",
    "Run",
    "RunStatus",
]
