"""A daily range for what is eaten, only for those for whom it is safe, and never too low.

Whoever is under 18, told of an eating disorder or is pregnant gets no target and a kind reason; a target
that is set already is not shown any more. Nothing here is rewarded, counted in a row or compared.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from accounts.age import is_minor, minors
from accounts.day import local_day
from accounts.models import User
from coaching.models import EpisodicMemory, Message, MessageRole
from habits.models import FoodEntry, NutritionTarget


@dataclass(frozen=True, slots=True)
class TargetLimits:
    """Floors and ceilings of a target: kilocalories a day."""

    least_low: int = 1200
    least_high: int = 1500
    most: int = 6000


LIMITS = TargetLimits()


class TargetRefused(Exception):
    """No such target; the text says why, kindly, in words for the person."""


# In PostgreSQL's and Python's common tongue: where to look, and then how to read it.
_WHERE = r"anorex|bulimi|eating.?disorder|binge.?eat|purging|purged|orthorexi|pregnan|expecting a (baby|child)|ednos|arfid"
_STATED = re.compile(_WHERE, re.I)
_DENIED = re.compile(
    r"\b(?:not|n't|never|no|without|nobody|isn't|isnt|wasn't|wife|husband|partner|sister|brother|friend|mother|mom|mum|daughter|colleague)\b[^.!?]{0,40}$",
    re.I,
)


def why_not(user: User, *, now: datetime) -> str:
    """Why there is no target for `user`, in kind words; empty when there may be one. At most four queries."""
    if user.birth_year is None:
        return "For that I would need to know that you are 18 or over. You can add your birth year in Settings."
    if is_minor(user, local_day(user, now)):
        return "Daily ranges are for people of 18 and over. Logging meals in your own words works just as well."
    if any(_is_stated(text) for text in _said(user)):
        return (
            "From what you told me, numbers for eating may not be good for you now, so I leave them out. "
            "A doctor or a dietitian is the right person for that. Logging in words is here if it helps, and "
            "so am I."
        )
    return ""


def set_target(user: User, low: int, high: int, *, now: datetime) -> NutritionTarget:
    """Sets the range of kilocalories a day that `user` aims at. Raises `TargetRefused`."""
    if reason := why_not(user, now=now):
        raise TargetRefused(reason)
    if low < LIMITS.least_low or high < LIMITS.least_high:
        raise TargetRefused(
            f"I don't set a range that begins below {LIMITS.least_low:,} or ends below {LIMITS.least_high:,} "
            "kcal a day: less needs a doctor beside you. What would a gentler range look like?"
        )
    if high < low or high > LIMITS.most:
        raise TargetRefused(f"A range goes up, and to at most {LIMITS.most:,} kcal a day.")
    row, _ = NutritionTarget.objects.update_or_create(
        user=user, defaults={"calories_low": low, "calories_high": high}
    )
    return row


def remove_target(user: User) -> None:
    """Takes the range away; whether figures are shown stays as it was."""
    NutritionTarget.objects.filter(user=user).update(calories_low=None, calories_high=None)


def hide_numbers(user: User, is_hidden: bool) -> None:
    """Shows the food log with figures or without any."""
    NutritionTarget.objects.update_or_create(user=user, defaults={"numbers_hidden": is_hidden})


@dataclass(frozen=True, slots=True)
class Numbers:
    """Whether figures are shown, and the range aimed at in kilocalories, if one is in force."""

    are_hidden: bool = False
    low: int | None = None
    high: int | None = None


def numbers_of(user: User, *, now: datetime) -> Numbers:
    """What holds for `user` now: a range that is not safe any more is not shown, nor figures that may harm."""
    row = NutritionTarget.objects.filter(user=user).first()
    is_hidden = row is not None and row.numbers_hidden
    if _numbers_may_harm(user, now=now):
        return Numbers(are_hidden=True)
    if row is None or row.calories_high is None or why_not(user, now=now):
        return Numbers(is_hidden)
    return Numbers(is_hidden, row.calories_low, row.calories_high)


def without_numbers(people: Sequence[UUID], now: datetime) -> set[UUID]:
    """Those of `people` whose `numbers_of` are hidden, by choice or because they may harm. Five queries."""
    hidden = NutritionTarget.objects.filter(user__in=people, numbers_hidden=True)
    # Where it is still last year, somebody is a minor for some hours more.
    young = minors((now - timedelta(days=1)).date()).filter(pk__in=people)
    goals = User.objects.filter(pk__in=people, stated_goal__iregex=_WHERE)
    said = chain(
        goals.values_list("pk", "stated_goal"),
        *(rows.filter(user_id__in=people).iterator() for rows in _texts()),
    )
    return {
        *hidden.values_list("user_id", flat=True),
        *young.values_list("pk", flat=True),
        *(user_id for user_id, text in said if _is_stated(text)),
    }


def _numbers_may_harm(user: User, *, now: datetime) -> bool:
    """Whether no figures of food are shown at all: to minors, and to who told of what makes them unsafe."""
    return is_minor(user, local_day(user, now)) or any(_is_stated(text) for text in _said(user))


def _said(user: User) -> Iterator[str]:
    """Everything on record in the person's own words, or remembered of them, that may speak of it."""
    yield user.stated_goal
    for rows in _texts():
        for _, text in rows.filter(user_id=user.pk)[:50]:
            yield text


def _texts() -> tuple[QuerySet[Any, tuple[UUID, str]], ...]:
    """Where people's own words may speak of it: who, and the words."""
    return (
        Message.objects.filter(role=MessageRole.USER, content__iregex=_WHERE).values_list(
            "user_id", "content"
        ),
        EpisodicMemory.objects.filter(memory_description__iregex=_WHERE).values_list(
            "user_id", "memory_description"
        ),
        FoodEntry.objects.filter(text__iregex=_WHERE).values_list("user_id", "text"),
    )


def _is_stated(text: str) -> bool:
    """Whether a text speaks of it of the person: "my sister was pregnant" and "not pregnant" do not."""
    return any(not _DENIED.search(text[: found.start()]) for found in _STATED.finditer(text))
