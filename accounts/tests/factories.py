"""People for tests."""

import factory

from accounts.models import User


class UserFactory(factory.django.DjangoModelFactory[User]):
    """An ordinary grown-up with a confirmed address of their own."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@example.org")
    name = factory.Sequence(lambda n: f"Person {n}")
    birth_year = 1990
    timezone = "Europe/Berlin"
    stated_goal = "Run 5 kilometres"
    country = "DE"


class StaffFactory(UserFactory):
    """Somebody who works for the coach."""

    is_staff = True
