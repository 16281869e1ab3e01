"""When a habit is a struggle: a smaller, better placed or better tied version, proposed and then applied.

A proposal is a row (`HabitChange`), so that its card shows the truth after a reload and accepting it twice
does it once. Nothing changes before the person says yes.
"""

from dataclasses import dataclass
from datetime import time, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from coaching import ledger
from habits import editing, optimal_time
from habits.cadence import in_words
from habits.models import (
    CadenceKind,
    ChangeStatus,
    CueKind,
    Habit,
    HabitChange,
    HabitSize,
    Issue,
    MeasureKind,
)

VALID_FOR = timedelta(days=14)
TWO_MINUTES = 2


class ChangeRefused(Exception):
    """This proposal can no longer be answered; the text says why, in words for the person."""


@dataclass(frozen=True, slots=True)
class Idea:
    """A change of fields, under `stack` a new cue, with its sentence and its reason."""

    changes: dict[str, Any]
    words: str
    reason: str


def propose(user: User, habit: Habit, issue: str, *, call_id: str = "") -> HabitChange:
    """A concrete proposal for `issue` (too_hard, no_time, forgot, unmotivated); the same call makes it once."""
    if call_id:
        made = HabitChange.objects.filter(user=user, call_id=call_id).first()
        if made is not None:
            return made
    idea = idea_for(user, habit, Issue(issue))
    return HabitChange.objects.create(
        user=user,
        habit=habit,
        issue=issue,
        changes=idea.changes,
        words=idea.words[:300],
        reason=idea.reason[:400],
        call_id=call_id,
        expires_at=timezone.now() + VALID_FOR,
    )


def accept(user: User, change: HabitChange, *, source: str) -> HabitChange:
    """Applies the proposal; accepting again changes nothing more.

    Raises `ChangeRefused` when it was declined, is too old, or its habit is gone, and
    `HabitChange.DoesNotExist` for somebody else's.
    """
    with transaction.atomic():
        change = _locked(user, change)
        if change.status == ChangeStatus.ACCEPTED:
            return change
        if change.status == ChangeStatus.DECLINED:
            raise ChangeRefused(
                "You declined this one. Ask me again if you would like it after all."
            )
        if change.expires_at <= timezone.now():
            raise ChangeRefused("This suggestion is too old. Ask me again for a fresh one.")
        habit = Habit.objects.for_user(user).select_for_update().filter(pk=change.habit_id).first()
        if habit is None:
            raise ChangeRefused("This habit is not there any more.")
        fields = _fields(change.changes)
        stack = fields.pop("stack", None)
        editing.edit(user, habit, fields, stacks=[stack] if stack else None, source=source)
        _decide(change, ChangeStatus.ACCEPTED, source)
        change.habit = habit
    return change


def decline(user: User, change: HabitChange, *, source: str) -> HabitChange:
    """Leaves the habit as it is. Raises `ChangeRefused` when it was accepted already."""
    with transaction.atomic():
        change = _locked(user, change)
        if change.status == ChangeStatus.ACCEPTED:
            raise ChangeRefused("This is done already. You can edit the habit at any time.")
        if change.status == ChangeStatus.OPEN:
            _decide(change, ChangeStatus.DECLINED, source)
    return change


def idea_for(user: User, habit: Habit, issue: Issue) -> Idea:
    """What would help: smaller, less often, better placed, or tied to something pleasant."""
    if issue is Issue.TOO_HARD:
        return _smaller(habit, "What is easy gets done, and it grows back later by itself.")
    if issue is Issue.NO_TIME:
        return _rarer(habit) or _smaller(habit, "Two minutes fit into every day.")
    if issue is Issue.FORGOT:
        return _tied(user, habit)
    return _pleasant(habit)


def _smaller(habit: Habit, reason: str) -> Idea:
    changes: dict[str, Any] = {"size": HabitSize.TWO_MINUTE.value}
    if habit.duration_minutes is None or habit.duration_minutes > TWO_MINUTES:
        changes["duration_minutes"] = TWO_MINUTES
    if habit.measure == MeasureKind.AT_LEAST and habit.target_value:
        half = max(Decimal(1), (habit.target_value / 2).quantize(Decimal(1)))
        changes["target_value"] = str(min(half, habit.target_value))
    changes["difficulty"] = round(min(habit.difficulty, 0.2), 2)
    tiny = habit.tiny_version or f"two minutes of {habit.name[:1].lower() + habit.name[1:]}"
    return Idea(changes, f"Make {habit.name} tiny for now: {tiny}.", reason)


def _rarer(habit: Habit) -> Idea | None:
    """Less often, without losing the habit; `None` when it is rare already."""
    if habit.cadence == CadenceKind.DAILY:
        times = 4
    elif habit.cadence == CadenceKind.TIMES_PER_WEEK and (habit.times_per_week or 0) > 2:
        times = (habit.times_per_week or 0) - 1
    elif habit.cadence == CadenceKind.WEEKDAYS and len(habit.weekdays) > 2:
        times = len(habit.weekdays) - 1
    else:
        return None
    return Idea(
        {
            "cadence": CadenceKind.TIMES_PER_WEEK.value,
            "times_per_week": times,
            "weekdays": [],
            "interval_days": None,
        },
        f"Do {habit.name} {times} times a week instead of {in_words(habit)}, on the days that suit you.",
        "A full week has room for some days off, and doing it on the others still builds strength.",
    )


def _tied(user: User, habit: Habit) -> Idea:
    found = optimal_time.find(user, minutes=habit.duration_minutes or 10, habit=habit)
    if found.anchor is not None:
        anchor = found.anchor.name
        cue = f"after {anchor[:1].lower() + anchor[1:]}"
        reason = f"{anchor} is your steadiest habit: what follows it is hard to forget."
        return Idea(
            {"stack": _stack(cue, CueKind.ROUTINE, habit)},
            f"Do {habit.name} right {cue}.",
            reason,
        )
    if found.slots and found.is_known:
        at = found.slots[0].at
        return Idea(
            {
                "scheduled_time": at.isoformat(timespec="minutes"),
                "stack": _stack(f"at {at:%H:%M}", CueKind.TIME, habit),
            },
            f"Do {habit.name} at {at:%H:%M}.",
            "That is close to when you usually get things done.",
        )
    cue = "after brushing your teeth"
    return Idea(
        {"stack": _stack(cue, CueKind.ROUTINE, habit)},
        f"Do {habit.name} right {cue}.",
        "Something you do every day anyway is the most reliable reminder.",
    )


def _pleasant(habit: Habit) -> Idea:
    tiny = habit.tiny_version or f"two minutes of {habit.name[:1].lower() + habit.name[1:]}"
    return Idea(
        {
            "size": HabitSize.TWO_MINUTE.value,
            "stack": {
                "cue": "something you enjoy",
                "cue_kind": CueKind.ROUTINE.value,
                "sentence": f"With music or a podcast you like: {tiny}"[:240],
            },
        },
        f"Pair {habit.name} with something you enjoy, and count {tiny} as done.",
        "Wanting follows doing more often than the other way round, and a pleasant start helps.",
    )


def _stack(cue: str, kind: CueKind, habit: Habit) -> dict[str, str]:
    return {
        "cue": cue[:120],
        "cue_kind": kind.value,
        "sentence": editing.sentence(cue, habit.name),
    }


def _fields(changes: dict[str, Any]) -> dict[str, Any]:
    """The stored JSON as field values."""
    fields = dict(changes)
    if fields.get("scheduled_time"):
        fields["scheduled_time"] = time.fromisoformat(fields["scheduled_time"])
    if fields.get("target_value"):
        fields["target_value"] = Decimal(fields["target_value"])
    return fields


def _locked(user: User, change: HabitChange) -> HabitChange:
    return HabitChange.objects.select_for_update().get(pk=change.pk, user=user)


def _decide(change: HabitChange, status: ChangeStatus, source: str) -> None:
    change.status = status
    change.decided_at = timezone.now()
    change.save(update_fields=["status", "decided_at"])
    ledger.record(
        change.user,
        f"habit.change_{status.value}",
        raw_data={"habit": str(change.habit_id), "issue": change.issue},
        source=source,
        idempotency_key=f"habit-change:{change.pk}:{status.value}",
    )
