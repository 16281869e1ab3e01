"""A person in a consultation, for tests."""

from datetime import UTC, datetime
from itertools import count

from accounts.models import User
from accounts.tests.factories import UserFactory
from coaching.models import CoachingProfile, Consultation
from coaching.personalization import consultation as talks
from coaching.personalization.consultation.session import Said, understood_of
from coaching.personalization.consultation.topics import Topic

NOON = datetime(2026, 11, 21, 11, tzinfo=UTC)
ENOUGH = [
    "yes",
    "to keep up with my kids",
    "I run twice a week",
    "I skip breakfast",
    "no time, work eats it",
    "weekday evenings",
]
_numbers = count()


def somebody(**fields: object) -> User:
    """A person for whom the gate is open."""
    user = UserFactory.create(**fields)
    CoachingProfile.objects.create(user=user, consultation_enabled=True)
    return user


def begun(user: User | None = None) -> Consultation:
    return talks.start(user or somebody(), now=NOON).consultation


def tell(talk: Consultation, *texts: str) -> Said:
    """Says each, one after the other; gives the last answer."""
    said = None
    for text in texts:
        said = talks.say(talk, text, client_id=f"told-{next(_numbers)}", now=NOON)
    assert said is not None
    return said


def values(talk: Consultation, topic: Topic) -> list[str]:
    talk.refresh_from_db()
    return [item.value for item in understood_of(talk).of(topic)]
