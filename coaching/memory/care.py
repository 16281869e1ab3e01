"""What a person does with a memory: says it is right, edits it, declines it, forgets it."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.models import User
from coaching import context_cache
from coaching.learning_permission import who_withdrew
from coaching.models import EpisodicMemory, MemoryState, MemoryStatus

from .forgetting import forget as forget_rows
from .remembering import rewrite
from .strength import reinforced, strength_now


def _own(user: User, memory_id: UUID) -> EpisodicMemory:
    return EpisodicMemory.objects.select_related("state").get(pk=memory_id, user=user)


def say_right(user: User, memory_id: UUID, *, now: datetime) -> EpisodicMemory:
    """The person says that a memory is right: it is kept, and grows stronger once for that.

    Saying so again changes nothing. Raises `EpisodicMemory.DoesNotExist`.
    """
    with transaction.atomic():
        state = _locked(user, memory_id)
        if state.status == MemoryStatus.KEPT and state.times_referenced:
            return _own(user, memory_id)
        state.status = MemoryStatus.KEPT
        strengthen(state, now=now)
    context_cache.invalidate(user.pk)
    return _own(user, memory_id)


def strengthen(state: MemoryState, *, now: datetime) -> None:
    """Makes a memory stronger because it proved true; `state` is locked by the caller."""
    left = strength_now(state.strength, state.half_life_days, state.last_reinforced_at, now=now)
    hold = reinforced(left, state.half_life_days)
    state.strength, state.half_life_days = hold.strength, hold.half_life_days
    state.last_reinforced_at = max(now, state.last_reinforced_at)
    state.times_referenced += 1
    state.archived_at = None
    state.save()


def _locked(user: User, memory_id: UUID) -> MemoryState:
    state = MemoryState.objects.select_for_update().filter(user=user, memory=memory_id).first()
    if state is None:
        raise EpisodicMemory.DoesNotExist
    return state


def edit(user: User, memory_id: UUID, text: str, *, now: datetime) -> EpisodicMemory:
    """The person says how it really is: the memory says that from now on, and is kept.

    Raises `EpisodicMemory.DoesNotExist`, and `UnstorableMemory` for an empty or too long text.
    """
    memory = _own(user, memory_id)
    if text.strip() != memory.memory_description:
        rewrite(user, memory, text)
    MemoryState.objects.filter(user=user, memory=memory).update(status=MemoryStatus.KEPT)
    EpisodicMemory.objects.filter(pk=memory.pk).update(is_inferred=False)
    context_cache.invalidate(user.pk)
    return _own(user, memory_id)


def decline(user: User, memory_id: UUID, *, now: datetime) -> EpisodicMemory:
    """The person says that a memory is wrong: it is not used, and not learned again.

    Raises `EpisodicMemory.DoesNotExist`.
    """
    with transaction.atomic():
        state = _locked(user, memory_id)
        state.status = MemoryStatus.DECLINED
        state.save(update_fields=["status"])
        _put_back_what_it_closed(user, memory_id)
    context_cache.invalidate(user.pk)
    return _own(user, memory_id)


def restore(user: User, memory_id: UUID, *, now: datetime) -> EpisodicMemory:
    """Takes a decline back. Raises `EpisodicMemory.DoesNotExist`."""
    with transaction.atomic():
        state = _locked(user, memory_id)
        state.status = MemoryStatus.KEPT
        state.save(update_fields=["status"])
    context_cache.invalidate(user.pk)
    return _own(user, memory_id)


def forget(user: User, memory_id: UUID) -> None:
    """Deletes a memory with everything it is found by. Raises `EpisodicMemory.DoesNotExist`."""
    memory = _own(user, memory_id)
    _put_back_what_it_closed(user, memory.pk)
    forget_rows(user, [memory.pk])
    context_cache.invalidate(user.pk)


def _put_back_what_it_closed(user: User, memory_id: UUID) -> None:
    """What a wrong memory had closed holds again."""
    MemoryState.objects.filter(user=user, superseded_by=memory_id).update(
        valid_until=None, superseded_by=None
    )


def forget_those_who_withdrew() -> int:
    """Forgets what was concluded about people who took back their consent; what they said stays theirs."""
    gone = 0
    inferred = EpisodicMemory.objects.filter(is_inferred=True, user__in=who_withdrew())
    by_person: dict[UUID, list[UUID]] = {}
    for user_id, pk in inferred.values_list("user_id", "pk").order_by("user_id"):
        by_person.setdefault(user_id, []).append(pk)
    for user in User.objects.filter(pk__in=by_person):
        gone += forget_rows(user, by_person[user.pk])
    return gone
