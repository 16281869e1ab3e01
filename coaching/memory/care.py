"""What a person does with a memory: says it is right, edits it, declines it, forgets it."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.models import User
from coaching import context_cache
from coaching.learning_permission import who_withdrew
from coaching.models import EpisodicMemory, MemoryState, MemoryStatus
from coaching.safety import CrisisAnswer, answer, screen

from .closing import work_out
from .forgetting import forget as forget_rows
from .remembering import remember, rewrite
from .strength import reinforced, strength_now


class InCrisis(Exception):
    """Words of a crisis are answered, and not kept: `answer` is what to say."""

    def __init__(self, answer: CrisisAnswer) -> None:
        super().__init__(answer.text)
        self.answer = answer


def tell(user: User, text: str, *, source_ref: str, now: datetime) -> EpisodicMemory:
    """Keeps what the person says in so many words; the same `source_ref` again is the same memory.

    Raises `InCrisis`, and `UnstorableMemory` for an empty or too long text.
    """
    _answer_crisis(user, text)
    return remember(user, text, source_ref=source_ref, quote=text, now=now)


def _answer_crisis(user: User, text: str) -> None:
    if hit := screen(text, country=user.country, locale=user.locale):
        raise InCrisis(answer(user, hit))


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
        state.forget_at = None
        strengthen(state, now=now)
        _work_out(user, [memory_id])
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

    Raises `EpisodicMemory.DoesNotExist`, `InCrisis`, and `UnstorableMemory` for an empty or too long text.
    """
    memory = _own(user, memory_id)
    _answer_crisis(user, text)
    if text.strip() != memory.memory_description:
        rewrite(user, memory, text)
    MemoryState.objects.filter(user=user, memory=memory).update(
        status=MemoryStatus.KEPT, forget_at=None
    )
    EpisodicMemory.objects.filter(pk=memory.pk).update(is_inferred=False)
    _work_out(user, [memory_id])
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
        _work_out(user, [memory_id])
    context_cache.invalidate(user.pk)
    return _own(user, memory_id)


def restore(user: User, memory_id: UUID, *, now: datetime) -> EpisodicMemory:
    """Takes a decline back. Raises `EpisodicMemory.DoesNotExist`."""
    with transaction.atomic():
        _locked(user, memory_id)
        put_back(user, [memory_id])
    context_cache.invalidate(user.pk)
    return _own(user, memory_id)


def put_back(user: User, memory_ids: Collection[UUID]) -> int:
    """Has memories that were declined, or were to be forgotten, stand as before; returns how many.

    A conclusion that was never said to be right waits for the person's yes again.
    """
    rows = MemoryState.objects.filter(
        user=user, memory__in=memory_ids, status=MemoryStatus.DECLINED
    )
    unsure = EpisodicMemory.objects.filter(
        user=user, pk__in=memory_ids, is_inferred=True, state__times_referenced=0
    )
    waiting = rows.filter(memory__in=list(unsure.values_list("pk", flat=True)))
    count = waiting.update(status=MemoryStatus.WAITING, forget_at=None)
    count += rows.update(status=MemoryStatus.KEPT, forget_at=None)
    _work_out(user, memory_ids)
    return count


def _work_out(user: User, memory_ids: Collection[UUID]) -> None:
    """Closes and opens memories of the same facts by what these say now."""
    facts = EpisodicMemory.objects.filter(user=user, pk__in=memory_ids)
    for subject, slot in sorted(set(facts.values_list("subject", "slot"))):
        work_out(user, subject, slot)


def forget(user: User, memory_id: UUID) -> None:
    """Deletes a memory with everything it is found by. Raises `EpisodicMemory.DoesNotExist`."""
    forget_rows(user, [_own(user, memory_id).pk])
    context_cache.invalidate(user.pk)


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
