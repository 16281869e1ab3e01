"""A daily range for what is eaten, only for those for whom it is safe, and never too low.

Whoever is under 18, told of an eating disorder or is pregnant gets no target and a kind reason; a target
that is set already is not shown any more. Nothing here is rewarded, counted in a row or compared.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from accounts.age import is_minor
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


def _numbers_may_harm(user: User, *, now: datetime) -> bool:
    """Whether no figures of food are shown at all: to minors, and to who told of what makes them unsafe."""
    return is_minor(user, local_day(user, now)) or any(_is_stated(text) for text in _said(user))


def _said(user: User) -> Iterator[str]:
    """Everything on record in the person's own words, or remembered of them, that may speak of it."""
    yield user.stated_goal
    yield from Message.objects.filter(
        user=user, role=MessageRole.USER, content__iregex=_WHERE
    ).values_list("content", flat=True)[:50]
    yield from EpisodicMemory.objects.filter(
        user=user, memory_description__iregex=_WHERE
    ).values_list("memory_description", flat=True)[:50]
    yield from FoodEntry.objects.filter(user=user, text__iregex=_WHERE).values_list(
        "text", flat=True
    )[:10]


def _is_stated(text: str) -> bool:
    """Whether a text speaks of it of the person: "my sister was pregnant" and "not pregnant" do not."""
    return any(not _DENIED.search(text[: found.start()]) for found in _STATED.finditer(text))
