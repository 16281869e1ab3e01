"""Whether the coach may learn from somebody: only who agreed to tracking and has not paused learning.

What a person orders or says in so many words ("remember that …") needs no such permission; what is
gathered, concluded or kept about them without being asked does.
"""

from django.db.models import QuerySet

from accounts.consent import has_consent
from accounts.models import Consent, ConsentKind, User
from coaching.models import Preferences


def may_learn(user: User) -> bool:
    """Whether anything may be learned from what `user` says and does now."""
    if user.deleted_at is not None or not user.is_active:
        return False
    return not is_paused(user) and has_agreed(user)


def is_paused(user: User) -> bool:
    """Whether the person has paused learning."""
    return Preferences.objects.filter(user=user, learning_enabled=False).exists()


def has_agreed(user: User) -> bool:
    """Whether the person agrees to tracking, without which nothing is learned."""
    return has_consent(user, ConsentKind.BEHAVIORAL_TRACKING)


def agreed_people() -> QuerySet[User]:
    """Everybody who is here and agrees to tracking, as one query."""
    agreed = Consent.objects.decision_of("pk", ConsentKind.BEHAVIORAL_TRACKING)
    people = User.objects.filter(deleted_at__isnull=True, is_active=True).alias(agreed=agreed)
    return people.filter(agreed=True)


def learners() -> QuerySet[User]:
    """Everybody for whom `may_learn` holds, as one query."""
    paused = Preferences.objects.filter(learning_enabled=False).values("user")
    return agreed_people().exclude(pk__in=paused)


def who_withdrew() -> QuerySet[User]:
    """Everybody who said no to tracking last: what was concluded about them goes."""
    agreed = Consent.objects.decision_of("pk", ConsentKind.BEHAVIORAL_TRACKING)
    return User.objects.alias(agreed=agreed).filter(agreed=False)


def set_learning(user: User, is_on: bool) -> bool:
    """Pauses or resumes learning; tells whether that changed anything."""
    Preferences.objects.get_or_create(user=user)
    changed = Preferences.objects.filter(user=user).exclude(learning_enabled=is_on)
    return bool(changed.update(learning_enabled=is_on))
