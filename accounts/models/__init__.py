from .base import TimeOrderedModel, between, one_of, time_ordered_id
from .consent import Consent, ConsentKind, ConsentSource
from .privacy import (
    AuditEntry,
    DataRequest,
    DataRequestKind,
    DataRequestState,
    Device,
    DevicePlatform,
    IdempotencyKey,
)
from .user import User

__all__ = [
    "AuditEntry",
    "Consent",
    "ConsentKind",
    "ConsentSource",
    "DataRequest",
    "DataRequestKind",
    "DataRequestState",
    "Device",
    "DevicePlatform",
    "IdempotencyKey",
    "TimeOrderedModel",
    "User",
    "between",
    "one_of",
    "time_ordered_id",
]
