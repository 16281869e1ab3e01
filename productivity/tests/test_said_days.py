"""A moment is said to be on the same day wherever it is said."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from accounts.models import User
from productivity import overview
from productivity.models import Task
from productivity.nudging.triggers import due_soon
from productivity.scheduling import wording
from productivity.tests.factories import TaskFactory, UserFactory

BERLIN = ZoneInfo("Europe/Berlin")


def at(day: int, hour: int) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=BERLIN)


# The day of this person begins at three: Wednesday 18 November lasts until three on the 19th.
SAID = [
    pytest.param(at(18, 10), at(18, 18), "Today 18:00", "today at 18:00", id="today"),
    pytest.param(at(18, 10), at(19, 9), "Tomorrow 09:00", "tomorrow at 09:00", id="tomorrow"),
    pytest.param(at(18, 10), at(19, 1), "Tonight 01:00", "tonight at 01:00", id="small hours"),
    pytest.param(at(19, 1), at(19, 2), "Tonight 02:00", "tonight at 02:00", id="at night"),
    pytest.param(at(19, 1), at(19, 9), "Tomorrow 09:00", "tomorrow at 09:00", id="after sleep"),
    pytest.param(at(18, 10), at(20, 1), "Friday 01:00", "on Friday at 01:00", id="another night"),
]


@pytest.mark.django_db
class TestEveryWayOfSayingIt:
    def person(self) -> User:
        return UserFactory(timezone="Europe/Berlin", day_start_hour=3)

    @pytest.mark.parametrize(("now", "moment", "in_lists", "in_sentences"), SAID)
    def test_lists_and_sentences_mean_one_day(
        self, now: datetime, moment: datetime, in_lists: str, in_sentences: str
    ) -> None:
        user = self.person()
        assert overview.moment_words(user, moment, now) == in_lists
        assert wording.moment_words(user, moment, now) == in_sentences

    def test_nudges_say_it_as_sentences_do(self) -> None:
        user = self.person()
        now, due = at(18, 22), at(19, 1)
        task: Task = TaskFactory(user=user, due_at=due)
        [found] = due_soon({user.pk: user}, now)
        assert found.task == task
        assert found.facts["due"] == wording.moment_words(user, due, now) == "tonight at 01:00"
