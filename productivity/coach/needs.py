"""Which tasks it may be worth to be reminded of, and whether they moved afterwards."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.urls import reverse

from accounts.models import User
from coaching.toolkit import Need, Span, need_source
from coaching.toolkit.naming import thing_names
from productivity.models import NudgeTrigger
from productivity.nudging.proactive import MANNER, TASK, WEEK
from productivity.nudging.triggers import FINDERS, SAMPLES, Found, Stretch, moved, purpose_of

TITLES = {
    NudgeTrigger.DUE_SOON: "Tasks that are due soon",
    NudgeTrigger.OVERDUE: "Tasks past their date",
    NudgeTrigger.SNOOZED_OFTEN: "Tasks put off again and again",
    NudgeTrigger.INACTIVE: "Lists that have not moved",
    NudgeTrigger.OVERLOADED: "Weeks that hold more than fits",
    NudgeTrigger.SLOT_BEGINS: "Planned slots that begin",
}


def were_done(spans: Sequence[Span]) -> list[bool]:
    """Whether each task moved; where the subject is the person's week, whether any of theirs did."""
    return moved(
        [
            Stretch(
                span.user_id,
                None if span.subject_id == span.user_id else span.subject_id,
                span.since,
                span.until,
            )
            for span in spans
        ]
    )


def _need(found: Found) -> Need:
    is_week = found.trigger == NudgeTrigger.OVERLOADED
    user_id, task = found.task.user_id, found.task
    return Need(
        user_id=user_id,
        subject_type=WEEK if is_week else TASK,
        subject_id=user_id if is_week else task.pk,
        gap=found.gap,
        action=reverse("tasks") if is_week else reverse("task", args=[task.pk]),
        action_text="Open the list" if is_week else "Open it",
        window_ends_at=found.until,
        facts=found.facts,
    )


def _finder(trigger: NudgeTrigger) -> Callable[[Sequence[User], datetime], list[Need]]:
    def find(people: Sequence[User], now: datetime) -> list[Need]:
        by_id = {person.pk: person for person in people}
        return [_need(found) for found in FINDERS[trigger](by_id, now)] if by_id else []

    return find


for _trigger, _title in TITLES.items():
    need_source(
        purpose_of(_trigger),
        title=_title,
        were_done=were_done,
        samples=SAMPLES[_trigger],
        manner=MANNER,
    )(_finder(_trigger))


@thing_names("productivity.weeks")
def names_of_weeks(user: User, ids: Collection[UUID]) -> Mapping[UUID, str]:
    """What a nudge about a full week is about: muting it mutes these, and no task."""
    return {user.pk: "weeks that are too full"} if user.pk in ids else {}
