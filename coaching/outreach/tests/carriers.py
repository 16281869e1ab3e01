"""A carrier of messages for tests: it keeps what it was given, and may refuse, break or stop half-way."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from accounts.consent import set_consent
from accounts.models import ConsentKind, ConsentSource, User
from coaching.models import CoachMessage, Notification
from coaching.toolkit import Channel, channels


class Carrier:
    """Takes text messages.

    `then` runs before each is taken, `asked` before its `fate` is told: what they raise, the outbox sees.
    """

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.then: Callable[[CoachMessage], None] = lambda message: None
        self.asked: Callable[[CoachMessage], None] = lambda message: None
        self.fate: bool | None = None

    def deliver(self, message: CoachMessage) -> str:
        self.then(message)
        self.taken.append(message.cause_key)
        return f"id-{message.cause_key}"

    def look_up(self, attempt: Notification) -> bool | None:
        self.asked(attempt.message)
        return self.fate

    @contextmanager
    def carries(self, *, repeatable: bool = False, tells: bool = False) -> Iterator["Carrier"]:
        """Until the block ends, text messages go this way."""
        declared = Channel(
            "aaa.sms",
            burden=2,
            deliver=self.deliver,
            reaches=lambda user: True,
            consent=ConsentKind.SMS,
            carrier_hours=True,
            repeatable=repeatable,
            look_up=self.look_up if tells else None,
        )
        with channels.temporarily(aaa__sms=declared):
            yield self


def agree(user: User, granted: bool = True) -> None:
    """The person agrees to text messages, or says STOP."""
    set_consent(user, ConsentKind.SMS, granted, ConsentSource.SMS_KEYWORD)
