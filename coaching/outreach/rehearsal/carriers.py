"""Channels that write down what they carry, and that sometimes fail, stay silent or die."""

import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from accounts.models import ConsentKind, User
from coaching.models import CoachMessage, MessageChannel, Notification
from coaching.toolkit import Channel, DeliveryFailed, channel_for, channels

from .breaches import Delivery
from .people import Person

# For channels that no app has brought.
USUAL = {
    MessageChannel.EMAIL: Channel("coaching.email", 1, str, bool, ConsentKind.EMAIL),
    MessageChannel.PUSH: Channel("coaching.push", 1, str, bool, ConsentKind.PUSH),
    MessageChannel.SMS: Channel("telephony.sms", 2, str, bool, ConsentKind.SMS, carrier_hours=True),
    MessageChannel.CALL: Channel(
        "telephony.call", 5, str, bool, ConsentKind.CALLS, carrier_hours=True
    ),
}
# Channels whose provider can be asked what became of a message.
ANSWERS = {MessageChannel.SMS, MessageChannel.CALL}


class ProcessDied(BaseException):
    """The process that delivers is gone; no code of it runs on."""


class NobodyKnows(Exception):
    """The provider's answer was lost."""


@dataclass
class Clock:
    """The simulated moment."""

    now: datetime


@dataclass(frozen=True)
class Mishaps:
    """How often, of all deliveries, something goes wrong."""

    refused_for_now: float = 0.03
    refused_for_good: float = 0.005
    answer_lost: float = 0.008
    death: float = 0.004

    @classmethod
    def none(cls) -> "Mishaps":
        return cls(0, 0, 0, 0)


@dataclass
class Carriers:
    """Everything that was handed over, and truly carried."""

    clock: Clock
    people: Mapping[UUID, Person]
    rng: random.Random
    mishaps: Mishaps = field(default_factory=Mishaps)
    delivered: list[Delivery] = field(default_factory=list)
    carried: set[UUID] = field(default_factory=set)
    fresh: list[CoachMessage] = field(default_factory=list)
    handed_over: int = 0
    deaths: int = 0
    refused_for_now: int = 0
    refused_for_good: int = 0
    answers_lost: int = 0
    looked_up: int = 0

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Puts these in the place of all channels."""
        own = {}
        for value in MessageChannel:
            real = channel_for(value) or USUAL.get(value)
            if real is not None:
                own[real.key.replace(".", "__", 1)] = self._channel(value, real)
        with channels.instead(**own):
            yield

    def _channel(self, value: MessageChannel, real: Channel) -> Channel:
        in_app = value == MessageChannel.IN_APP

        def deliver(message: CoachMessage) -> str:
            return self._deliver(message, stand_in, real if in_app else None)

        def reaches(user: User) -> bool:
            person = self.people.get(user.pk)
            return in_app if person is None else value in person.reached_by

        stand_in = replace(
            real,
            deliver=deliver,
            reaches=reaches,
            look_up=self._look_up if value in ANSWERS else None,
        )
        return stand_in

    def _deliver(self, message: CoachMessage, channel: Channel, real: Channel | None) -> str:
        self.handed_over += 1
        lot = self.rng.random()
        if (lot := lot - self.mishaps.death) < 0:
            self.deaths += 1
            # In the app the row is the delivery, and what was not committed did not happen.
            if real is None and self.rng.random() < 0.5:
                self._carry(message, channel, real)
            raise ProcessDied
        if real is None:
            if (lot := lot - self.mishaps.refused_for_now) < 0:
                self.refused_for_now += 1
                raise DeliveryFailed("busy", permanent=False)
            if (lot := lot - self.mishaps.refused_for_good) < 0:
                self.refused_for_good += 1
                raise DeliveryFailed("no such address", permanent=True)
            if (lot := lot - self.mishaps.answer_lost) < 0:
                self.answers_lost += 1
                if self.rng.random() < 0.5:
                    self._carry(message, channel, real)
                raise NobodyKnows
        return self._carry(message, channel, real)

    def _carry(self, message: CoachMessage, channel: Channel, real: Channel | None) -> str:
        if real is not None:
            real.deliver(message)
        if message.pk not in self.carried:
            self.fresh.append(message)
        self.carried.add(message.pk)
        self.delivered.append(
            Delivery(
                message=message.pk,
                person=message.user_id,
                channel=message.channel,
                cause=message.cause,
                cause_key=message.cause_key,
                at=self.clock.now,
                not_before=message.not_before,
                expires_at=message.expires_at,
                burden=channel.burden,
                consent=channel.consent,
                carrier_hours=channel.carrier_hours,
                repeatable=channel.repeatable,
                by_staff=message.author_id is not None,
                subject=message.subject_id,
            )
        )
        return f"rehearsed-{message.pk}"

    def _look_up(self, notification: Notification) -> bool | None:
        """The truth, two times out of three; else the provider does not know either."""
        self.looked_up += 1
        if self.rng.random() < 1 / 3:
            return None
        return notification.message_id in self.carried
