"""People and events for tests of momentum."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import uuid4

import factory

from accounts.consent import set_consent
from accounts.models import ConsentKind, ConsentSource, User
from accounts.tests.factories import UserFactory
from momentum.models import MomentumEvent

# What a plain event of each kind looks like: its type in the ledger and its pillar.
KINDS = {
    "action_step": ("habit.completed", "behavioral"),
    "coach_interaction": ("coach.message_sent", "relational"),
    "coach_tone": ("coach.tone", "relational"),
    "tile_interaction": ("today_tile.tapped", "cognitive"),
    "planning": ("habit.edited", "cognitive"),
    "sleep": ("biometrics.sleep", "biometric"),
    "steps": ("biometrics.steps", "biometric"),
    "goal_progress": ("goal.progressed", "cognitive"),
    "motivation": ("motivation.score", "cognitive"),
    "internal_motivation": ("motivation.internalization", "cognitive"),
    "biometric_change": ("biometrics.change_confirmed", "biometric"),
    "visit": ("visit.attended", "relational"),
}


def agree(user: User, granted: bool = True) -> None:
    """Says yes (or no) to behavioural tracking."""
    set_consent(user, ConsentKind.BEHAVIORAL_TRACKING, granted, ConsentSource.WEB)


class TrackedUserFactory(UserFactory):
    """Somebody who agreed to behavioural tracking."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    @factory.post_generation
    def _agrees(obj: User, create: bool, *_: Any, **__: Any) -> None:  # noqa: N805 - factory_boy passes the person
        if create:
            agree(obj)


def an_event(
    user: User, day: date, kind: str = "action_step", score: float = 1.0, **fields: Any
) -> MomentumEvent:
    """An unsaved event of `kind` on the person's `day`; each has a subject of its own unless told."""
    event_type, pillar = KINDS[kind]
    moment = datetime.combine(day, time(12), tzinfo=UTC)
    key = uuid4()
    given: dict[str, Any] = {
        "event_type": event_type,
        "raw_value": score,
        "normalized_score": score,
        "source": "web",
        "tag": kind,
        "pillar": pillar,
        "subject": f"{kind}:{key}",
        "occurred_at": moment,
        "received_at": moment,
        "log_id": key,
        "normalizer_version": "v1",
    }
    return MomentumEvent(user=user, local_date=day, **(given | fields))


def add_events(events: Iterable[MomentumEvent]) -> list[MomentumEvent]:
    """Keeps events, as many as there are, in a statement per thousand."""
    return MomentumEvent.objects.bulk_create(list(events), batch_size=1000)
