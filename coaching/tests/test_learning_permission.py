"""The coach learns only from people who agreed and have not paused it."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from accounts.consent import set_consent
from accounts.models import ConsentKind, ConsentSource, User
from accounts.tests.factories import UserFactory
from coaching.learning_permission import learners, may_learn, set_learning, who_withdrew
from coaching.models import Preferences

pytestmark = pytest.mark.django_db


def agree(user: User, granted: bool = True) -> None:
    set_consent(user, ConsentKind.BEHAVIORAL_TRACKING, granted, ConsentSource.WEB)


def never_asked(user: User) -> None:
    pass


def withdrew(user: User) -> None:
    agree(user)
    agree(user, granted=False)


def paused(user: User) -> None:
    agree(user)
    set_learning(user, False)


def left(user: User) -> None:
    agree(user)
    User.objects.filter(pk=user.pk).update(deleted_at=timezone.now())


def resumed(user: User) -> None:
    paused(user)
    set_learning(user, True)


def has_preferences(user: User) -> None:
    agree(user)
    Preferences.objects.get_or_create(user=user)


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        (never_asked, False),
        (withdrew, False),
        (paused, False),
        (left, False),
        (agree, True),
        (resumed, True),
        (has_preferences, True),
    ],
)
def test_one_person_and_all_people_get_the_same_answer(
    story: Callable[[User], None], expected: bool
) -> None:
    user = UserFactory.create()
    story(user)
    user = User.objects.get(pk=user.pk)
    assert may_learn(user) is expected
    assert learners().filter(pk=user.pk).exists() is expected


def test_who_withdrew_is_not_who_was_never_asked_or_paused() -> None:
    users = UserFactory.create_batch(4)
    for user, story in zip(users, (never_asked, withdrew, paused, agree), strict=True):
        story(user)
    assert list(who_withdrew()) == [users[1]]


def test_pausing_twice_changes_nothing_the_second_time() -> None:
    user = UserFactory.create()
    assert set_learning(user, False)
    assert not set_learning(user, False)
