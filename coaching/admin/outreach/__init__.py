"""What is said to people unasked: messages and decisions, nudges, wordings, patterns, reminders."""

from . import messages, nudges, patterns, reminders, wordings

__all__ = ["messages", "nudges", "patterns", "reminders", "wordings"]
