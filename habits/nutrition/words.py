"""Meals in words."""

from datetime import datetime

from accounts.day import local_day
from accounts.models import User
from habits.models import FoodEntry


def figures_of(entry: FoodEntry) -> str:
    """The figures the person gave: "650 kcal, 30 g protein"."""
    parts = [] if entry.calories is None else [f"{entry.calories:,} kcal"]
    for name, grams in (
        ("protein", entry.protein_g),
        ("carbs", entry.carbs_g),
        ("fat", entry.fat_g),
    ):
        if grams is not None:
            amount = f"{grams:.1f}".removesuffix(".0")
            parts.append(f"{amount} g {name}")
    return ", ".join(parts)


def when_of(entry: FoodEntry, user: User, now: datetime) -> str:
    """When it was eaten: "today at 12:30"."""
    at = entry.eaten_at.astimezone(user.tz)
    days = (local_day(user, now) - entry.local_date).days
    day = {0: "today", 1: "yesterday"}.get(days, f"on {at.day} {at:%B}")
    return f"{day} at {at:%H:%M}"
