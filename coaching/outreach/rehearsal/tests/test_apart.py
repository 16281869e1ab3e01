"""The rehearsal's tables are empty, its own, and gone afterwards."""

import logging

import pytest
from django.db import connection

from accounts.models import User
from accounts.tests.factories import UserFactory
from coaching.outreach.rehearsal.apart import counted_log, empty_tables, refresh_statistics
from coaching.toolkit import Registry

pytestmark = pytest.mark.django_db


def temporary_tables() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class WHERE relnamespace = pg_my_temp_schema()")
        return int(cursor.fetchone()[0])


def test_what_is_written_apart_is_seen_there_only() -> None:
    real = UserFactory.create()
    before = temporary_tables()
    with empty_tables():
        assert not User.objects.exists()
        # The same address would be taken in the real table.
        UserFactory.create(email=real.email)
        refresh_statistics()
        assert User.objects.count() == 1
    assert list(User.objects.all()) == [real]
    assert temporary_tables() == before


def test_a_failure_apart_leaves_nothing_either() -> None:
    before = temporary_tables()
    with pytest.raises(RuntimeError), empty_tables():
        UserFactory.create()
        raise RuntimeError
    assert not User.objects.exists()
    assert temporary_tables() == before


def test_warnings_are_counted_by_event_and_exception_and_not_written() -> None:
    logger = logging.getLogger("coaching.rehearsed")
    with counted_log("coaching") as counts:
        logger.warning("late id=%s", 1)
        logger.warning("late id=%s", 2)
        try:
            raise ValueError
        except ValueError:
            logger.exception("broken id=%s", 3)
    assert counts == {"warning late": 2, "error broken ValueError": 1}


def test_a_registry_can_hold_other_entries_for_a_while() -> None:
    registry: Registry[int] = Registry("number")
    registry.register("app.one", 1)
    with registry.instead(app__two=2):
        assert registry.keys() == ["app.two"]
    assert registry.keys() == ["app.one"]
