"""What habits are called, for whoever explains what was done: the person's own that are still there."""

import pytest
from django.utils import timezone

from coaching.toolkit.naming import names_by_id

from .factories import HabitFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_names_are_of_the_persons_own_habits_that_are_not_deleted(django_assert_num_queries):
    person = UserFactory()
    walk = HabitFactory(user=person, name="Morning walk", status="archived")
    gone = HabitFactory(user=person, deleted_at=timezone.now())
    other = HabitFactory()
    # One of habits and one of tasks, whose things they may be as well.
    with django_assert_num_queries(2):
        assert names_by_id(person, [walk.pk, gone.pk, other.pk]) == {walk.pk: "Morning walk"}
    with django_assert_num_queries(0):
        assert names_by_id(person, []) == {}
