"""The coach's line on Today can be asked or stated; an experiment may choose."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import Consent, ConsentKind, ConsentSource, User
from accounts.tests.factories import UserFactory
from coaching.models import (
    CoachMessage,
    Conversation,
    DeliveryState,
    Experiment,
    ExperimentAssignment,
    MessageCause,
)
from coaching.today.coach_tiles import OPENING_LINES, coach_line

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def person() -> User:
    """Somebody who has talked before, has nothing unread, and agreed to behavioural tracking."""
    user = UserFactory()
    Conversation.objects.create(user=user, title="Before")
    Consent.objects.create(
        user=user, kind=ConsentKind.BEHAVIORAL_TRACKING, granted=True, source=ConsentSource.WEB
    )
    return user


@pytest.fixture
def experiment() -> Experiment:
    """One that gives nearly everybody the statement."""
    return Experiment.objects.create(
        key="line",
        name="Question or statement",
        variation="coaching.opening_line",
        variants=[{"key": "question", "weight": 1e-9}, {"key": "statement", "weight": 1}],
        primary_metric="coaching.active_days",
        status="running",
        started_at=NOW,
    )


def line_for(user: User) -> str:
    shown = coach_line(user, NOW)
    assert shown is not None
    return shown["line"]


def test_the_usual_line_is_a_question(person: User) -> None:
    assert line_for(person) == OPENING_LINES["question"]


def test_an_experiment_chooses_the_line(person: User, experiment: Experiment) -> None:
    assert line_for(person) == OPENING_LINES["statement"]
    assert ExperimentAssignment.objects.get(user=person).exposed_at == NOW


def test_who_sees_another_line_is_not_exposed(person: User, experiment: Experiment) -> None:
    Conversation.objects.all().delete()
    assert line_for(person) not in OPENING_LINES.values()
    assert not ExperimentAssignment.objects.exists()


@pytest.mark.parametrize(
    ("cause", "days_ago", "is_shown"),
    [
        (MessageCause.NUDGE, 0, True),
        (MessageCause.NUDGE, 2, False),
        (MessageCause.REMINDER, 2, False),
        (MessageCause.COACH, 2, True),
    ],
)
def test_what_was_said_about_another_day_is_not_shown_as_todays(
    person: User, cause: MessageCause, days_ago: int, is_shown: bool
) -> None:
    CoachMessage.objects.create(
        user=person,
        cause=cause,
        cause_key="1",
        body="Today you could pair the two.",
        state=DeliveryState.DELIVERED,
        sent_at=NOW - timedelta(days=days_ago),
    )
    shown = coach_line(person, NOW)
    assert shown is not None
    assert ("message" in shown) is is_shown
