"""What every push service shares: the note that is sent, and what may become of it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from coaching.models import CoachMessage
from coaching.toolkit import DeliveryFailed

from .wording import path_of, teaser_of

if TYPE_CHECKING:
    from requests import RequestException

# Push services keep a note for four weeks at most.
LONGEST_LIFE_SECONDS = 28 * 24 * 3600


@dataclass(frozen=True)
class Note:
    """What a device shows. `tag` makes a copy take the place of the note itself; `lives` in seconds."""

    id: str
    title: str
    body: str
    url: str
    tag: str
    lives: int

    def shown(self) -> dict[str, str]:
        """The part that the device gets to see."""
        return {
            "id": self.id,
            "title": self.title,
            "body": self.body,
            "url": self.url,
            "tag": self.tag,
        }


class DeviceGone(DeliveryFailed):
    """Nobody is reached on this device any more."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, permanent=True)


def note_of(message: CoachMessage) -> Note:
    """The note for `message`; a device that is off gets it later, until the message expires."""
    title, body = teaser_of(message)
    since = message.claimed_at or message.created_at
    lives = int((message.expires_at - since).total_seconds())
    return Note(
        id=str(message.pk),
        title=title,
        body=body,
        url=path_of(message),
        tag=message.pk.hex,
        lives=min(max(lives, 0), LONGEST_LIFE_SECONDS),
    )


def refused(status: int, service: str) -> DeliveryFailed:
    """The failure behind an HTTP status that says no; too many requests and broken servers pass."""
    passes = status == 429 or status >= 500
    return DeliveryFailed(f"{service} answered {status}", permanent=not passes)


def never_left(error: "RequestException") -> bool:
    """Whether a failed request surely did not reach anybody: no connection came about."""
    from requests import exceptions as http
    from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

    if isinstance(error, http.ConnectTimeout | http.InvalidURL | http.InvalidSchema):
        return True
    cause = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(cause, NewConnectionError | ConnectTimeoutError)
