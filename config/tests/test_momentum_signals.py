"""All signals of momentum, each from where it really begins to the event that counts."""

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.day import local_day
from accounts.models import User
from accounts.tests.factories import UserFactory
from coaching.agent.understanding import understand
from coaching.models import CoachMessage, Conversation, Message, MessageCause
from coaching.outreach import inbox
from coaching.today.assembly import note_tap, note_view
from habits import completions, editing
from habits.models import MeasureKind
from habits.tests.factories import GoalFactory, HabitFactory
from momentum import visits
from momentum.biometrics import changes
from momentum.biometrics.ingesting import ingest
from momentum.models import (
    BiometricChange,
    GoalProgressLog,
    MomentumEvent,
    PendingScore,
    ReadingSource,
)
from momentum.motivation import checking_in, journal, keeping, scores
from momentum.projecting import replay
from momentum.tests.factories import TrackedUserFactory, agree

pytestmark = pytest.mark.django_db


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def person() -> User:
    return TrackedUserFactory()


def events(user: User, tag: str) -> list[tuple[str, float, float]]:
    """Type, score and units of a person's events of one kind."""
    rows = MomentumEvent.objects.filter(user=user, tag=tag).order_by("received_at", "id")
    return [
        (kind, round(score, 3), units)
        for kind, score, units in rows.values_list("event_type", "normalized_score", "units")
    ]


def says(user: User, words: str) -> Message:
    conversation = Conversation.objects.create(user=user)
    return Message.objects.create(conversation=conversation, user=user, role="user", content=words)


def talk(user: User, now: datetime) -> None:
    message = says(user, "I love running, it makes me happy and I feel great.")
    assert understand(message.pk)
    keeping.read(ReadingSource.MESSAGE, message.pk, now=now)
    nudge = CoachMessage.objects.create(
        user=user, cause=MessageCause.NUDGE, cause_key="n", body="Hi", sent_at=now
    )
    inbox.mark_read(user, nudge, now=now, engaged=True)


def act(user: User, now: datetime) -> None:
    run = HabitFactory(user=user, measure=MeasureKind.AT_LEAST, target_value=Decimal(5))
    walk, read = HabitFactory(user=user), HabitFactory(user=user)
    today = local_day(user, now)
    completions.complete(user, run, today, value=Decimal(3), source="web")
    completions.complete(user, walk, today, source="web")
    completions.complete(user, read, today, status="missed", source="web")


def measure(user: User, now: datetime) -> None:
    day = (local_day(user, now) - timedelta(days=1)).isoformat()
    about = {"date": day, "source": "healthkit"}
    told = ingest(
        user,
        [
            {"metric": "sleep_minutes", "value": 300, **about},
            {"metric": "steps", "value": 6000, **about},
        ],
        now=now,
    )
    assert not told.failed
    today = local_day(user, now)
    change = BiometricChange.objects.create(
        user=user,
        metric="resting_heart_rate",
        since=today - timedelta(days=28),
        until=today,
        before=64,
        after=60,
    )
    changes.confirm(user, change.pk, via="web", now=now)


def tell(user: User, now: datetime) -> None:
    checking_in.check_in(user, energy=5, motivation=10, source="web", now=now)
    entry = journal.write(
        user, "I run because I love it. I enjoy every minute of it.", source="web", now=now
    )
    keeping.read(ReadingSource.JOURNAL, entry.row.pk, now=now)
    scores.score_day(user.pk, local_day(user, now), now=now)


def meet(user: User, now: datetime) -> None:
    for late in (0, 30):
        hours_ago = now - timedelta(hours=2)
        visit = visits.schedule(user, hours_ago, now=hours_ago - timedelta(hours=1))
        at = visit.scheduled_time + timedelta(minutes=late)
        visits.attend(visit.visit_id, at, source="admin")


def test_every_signal_begins_where_people_act_and_ends_as_an_event(
    person: User, now: datetime
) -> None:
    goal = GoalFactory(user=person)
    talk(person, now)
    act(person, now)
    note_tap(person, "coaching.line", str(uuid4()))
    note_view(person, "coaching.line", str(uuid4()))
    measure(person, now)
    editing.edit_goal(goal, {"percent_complete": 40}, source="web")
    tell(person, now)
    meet(person, now)

    assert sorted(events(person, "coach_interaction")) == [
        ("coach.message_engaged", 1.0, 1.0),
        ("coach.message_sent", 1.0, 1.0),
    ]
    ((kind, score, _),) = events(person, "coach_tone")
    assert kind == "coach.tone"
    assert score > 0.5
    assert sorted(events(person, "action_step")) == [
        ("habit.completed", 1.0, 1.0),
        ("habit.missed", 0.0, 1.0),
        ("habit.partial", 0.6, 1.0),
    ]
    assert sorted(events(person, "tile_interaction")) == [
        ("today_tile.seen", 0.25, 1.0),
        ("today_tile.tapped", 1.0, 1.0),
    ]
    assert events(person, "sleep") == [("biometrics.sleep", 0.5, 1.0)]
    assert events(person, "steps") == [("biometrics.steps", 0.75, 1.0)]
    assert events(person, "biometric_change") == [("biometrics.change_confirmed", 1.0, 1.0)]
    assert events(person, "goal_progress") == [("goal.progressed", 1.0, 1.0)]
    assert GoalProgressLog.objects.get(user=person).percent_complete == 40
    ((kind, score, _),) = events(person, "motivation")
    assert kind == "motivation.score"
    assert score > 0.7
    ((kind, score, _),) = events(person, "internal_motivation")
    assert kind == "motivation.internalization"
    assert score > 0.5
    assert sorted(events(person, "visit")) == [
        ("visit.attended", 1.0, 1.0),
        ("visit.late", 0.8, 1.0),
    ]
    assert PendingScore.objects.filter(user=person).exists()

    live = set(MomentumEvent.objects.filter(user=person).values_list("subject", "raw_value"))
    assert replay(person.pk, person.pk, None, None) == 0
    MomentumEvent.objects.filter(user=person).delete()
    assert replay(person.pk, person.pk, None, None) == len(live)
    assert live == set(
        MomentumEvent.objects.filter(user=person).values_list("subject", "raw_value")
    )


def test_without_consent_everything_works_and_nothing_is_derived(now: datetime) -> None:
    person = UserFactory()
    act(person, now)
    note_tap(person, "coaching.line", str(uuid4()))
    measure(person, now)
    tell(person, now)
    meet(person, now)
    assert not MomentumEvent.objects.filter(user=person).exists()
    assert not PendingScore.objects.filter(user=person).exists()


def test_a_tick_taken_back_is_no_evidence_and_told_again_it_is(person: User, now: datetime) -> None:
    habit, today = HabitFactory(user=person), local_day(person, now)
    completions.complete(person, habit, today, source="web")
    completions.undo(person, habit, today)
    assert events(person, "action_step") == [("habit.undone", 0.0, 0.0)]
    completions.complete(person, habit, today, status="partial", source="web")
    assert events(person, "action_step") == [("habit.partial", 0.5, 1.0)]
    completions.skip(person, habit, today, source="web")
    assert events(person, "action_step") == [("habit.skipped", 0.0, 0.0)]


def test_words_of_a_crisis_and_temporary_talks_become_nothing(person: User, now: datetime) -> None:
    message = says(person, "I want to kill myself")
    assert not understand(message.pk)
    keeping.read(ReadingSource.MESSAGE, message.pk, now=now)
    passing = says(person, "I love running.")
    Conversation.objects.filter(pk=passing.conversation_id).update(is_temporary=True)
    assert not understand(passing.pk)
    keeping.read(ReadingSource.MESSAGE, passing.pk, now=now)
    assert not MomentumEvent.objects.exists()


def test_a_tick_that_is_rolled_back_leaves_no_event(person: User, now: datetime) -> None:
    habit = HabitFactory(user=person)
    with pytest.raises(RuntimeError), transaction.atomic():
        completions.complete(person, habit, local_day(person, now), source="web")
        raise RuntimeError
    assert not MomentumEvent.objects.exists()


def test_what_was_withdrawn_is_derived_anew_only_from_what_comes_after(
    person: User, now: datetime
) -> None:
    act(person, now)
    agree(person, granted=False)
    before = MomentumEvent.objects.count()
    note_tap(person, "coaching.line", str(uuid4()))
    assert MomentumEvent.objects.count() == before
