"""What hostile, unlucky or hasty clients do: nothing breaks, nothing is lost, nobody sees another's."""

from datetime import UTC, date, datetime, timedelta

import pytest

from productivity import changing, history
from productivity.history import UndoRefused
from productivity.models import Task
from productivity.recurrence import Repeat

from .factories import UserFactory

NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)
DAILY = Repeat("FREQ=DAILY", date(2026, 3, 10))


@pytest.mark.django_db
def test_the_end_of_repeating_is_not_taken_back_once_another_stands_in_its_place():
    user = UserFactory()
    first = changing.create(user, {"title": "Water"}, source="web", now=NOW, repeat=DAILY)
    changing.complete(user, first.pk, source="web", now=NOW)
    second = Task.objects.get(user=user, status="pending")
    ended = changing.edit(user, second.pk, {"repeat": None}, source="web", now=NOW)
    changing.reopen(user, first.pk, source="web", now=NOW)
    changing.complete(user, first.pk, source="web", now=NOW)
    with pytest.raises(UndoRefused):
        history.undo(user, ended.change_id, source="web", now=NOW + timedelta(hours=1))
