"""What the coach said unasked to the demo person: the product's own rounds, at moments that have passed."""

import random
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from accounts.day import local_moment
from accounts.models import User
from coaching.models import CoachMessage, MessageCause
from coaching.outreach import briefs, inbox, nudging, outbox, patterns
from coaching.outreach.policy.config import NUMBERS
from coaching.outreach.policy.points import offset_minutes

NOON = time(12)
LAST_LOOK = time(20, 45)
# How likely the demo person follows a message once it was read.
FOLLOWS = {MessageCause.BRIEF: 0.5, MessageCause.DIGEST: 0.7, MessageCause.NUDGE: 0.4}
OPINIONS = ("Short and to the point.", "Good timing.", "")


def morning(user: User, day: date, chance: random.Random) -> None:
    """What was said to `user` before noon of their `day`."""
    _speak(user, [at for at in _moments(user, day) if at < local_moment(user, day, NOON)], chance)


def evening(user: User, day: date, chance: random.Random) -> None:
    """What was said from noon on."""
    _speak(user, [at for at in _moments(user, day) if at >= local_moment(user, day, NOON)], chance)


def learn(user: User, now: datetime) -> None:
    """Works out what the nights would have learned of `user`."""
    nudging.resolve_rewards(now=now)
    nudging.update_posteriors(now=now)
    patterns.analyze(User.objects.filter(pk=user.pk), now=now)


def _moments(user: User, day: date) -> Iterator[datetime]:
    """When something could be said: briefs, the person's own decision points, and a last look at the day."""
    yield from (
        local_moment(user, day, at) for at in (briefs.CONFIG.morning_at, briefs.CONFIG.sunday_at)
    )
    for point, at in NUMBERS.points.items():
        yield local_moment(user, day, at) + timedelta(minutes=offset_minutes(user.pk, point))
    yield local_moment(user, day, LAST_LOOK)


def _speak(user: User, moments: list[datetime], chance: random.Random) -> None:
    only = (user.pk, user.pk)
    for moment in sorted(moments):
        now = moment + timedelta(minutes=1)
        nudging.decide_round(now=now, rng=chance, ids=only)
        briefs.send_morning_briefs(now=now, ids=only)
        briefs.send_weekly_digests(now=now, ids=only)
        for message in CoachMessage.objects.of(user).due(now):
            outbox.deliver(message.pk, now=now)
            message.refresh_from_db()
            if message.sent_at is not None:
                _read(user, message, now, chance)


def _read(user: User, message: CoachMessage, now: datetime, chance: random.Random) -> None:
    """Most messages are read within the hour, some are followed, a few get an opinion."""
    if chance.random() < 0.2:
        return
    follows = chance.random() < FOLLOWS.get(MessageCause(message.cause), 0.3)
    later = now + timedelta(minutes=chance.randint(2, 55))
    inbox.mark_read(user, message, now=later, engaged=follows)
    if chance.random() < 0.25:
        inbox.rate(user, message, 5 if follows else 3, chance.choice(OPINIONS))
