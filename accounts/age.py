"""How old people are, as far as they told: a year of birth, never a birthday."""

from datetime import date

from django.db.models import QuerySet

from accounts.models import User

ADULT_AGE = 18


def birth_year(age: int, today: date) -> int:
    """The year in which somebody of `age` was born, or the one after: the birthday is not asked."""
    return today.year - age


def is_minor(user: User, today: date) -> bool:
    """Whether the person is known to be younger than eighteen; false when they did not say."""
    return user.birth_year is not None and today.year - user.birth_year < ADULT_AGE


def minors(today: date) -> QuerySet[User]:
    """All of whom `is_minor` is true."""
    return User.objects.filter(birth_year__gt=today.year - ADULT_AGE)
