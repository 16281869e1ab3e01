"""What meals give the coach: logging one from words, what was eaten today, and days for its measures."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, Sum
from django.utils import timezone
from pydantic import BaseModel, Field

from accounts.day import local_day
from accounts.models import User
from coaching.toolkit import (
    BehaviorDay,
    Card,
    Effect,
    Measure,
    ToolContext,
    ToolRefused,
    Undo,
    behavior_days,
    card_view,
    context_block,
    keeps_figures_off,
    slot,
    tool,
    undo,
)
from habits.models import CompletionSource, FoodEntry, NutritionTarget
from habits.nutrition import meals, similar
from habits.nutrition.reading import MOST_CALORIES, MOST_GRAMS, read_meal, read_moment
from habits.nutrition.targets import numbers_of, without_numbers
from habits.nutrition.words import figures_of, when_of

CHAT = CompletionSource.CHAT.value
UNDO_FOR = timedelta(days=7)
keeps_figures_off("habits.food_figures")(without_numbers)
_FOOD = r"(?:breakfast|brunch|lunch|dinner|supper|snack|meal|food)"


class FoodArgs(BaseModel):
    """What was eaten, and the figures the person gave, if any."""

    food: str = Field(
        min_length=1,
        max_length=200,
        description="What was eaten, in the person's words; times and figures may stand in it",
        json_schema_extra=slot("words", essential=True, question="What did you eat?"),
    )
    eaten: str = Field(
        default="",
        max_length=80,
        description="When, in words: 'for lunch', 'yesterday at 13:00'",
        json_schema_extra=slot("eaten"),
    )
    calories: int | None = Field(
        default=None, ge=0, le=MOST_CALORIES, description="Only if the person said it, in kcal"
    )
    protein_g: float | None = Field(default=None, ge=0, le=float(MOST_GRAMS))
    carbs_g: float | None = Field(default=None, ge=0, le=float(MOST_GRAMS))
    fat_g: float | None = Field(default=None, ge=0, le=float(MOST_GRAMS))


@tool(
    "habits.log_food",
    description="Log a meal or snack the person ate, with figures only if they gave them",
    args=FoodArgs,
    effect=Effect.WRITE,
    label="Noting your meal",
    cues=(
        rf"\bi (?:have |just |also |only |already )*(?:had|ate|eaten|drank) (?:.{{1,80}}\b)?(?:for|at|as an?) (?:my |an? )?(?:\w+ )?{_FOOD}\b",
        rf"\bfor {_FOOD} (?:today |yesterday )?i (?:have |just )?(?:had|ate)\b",
        r"\bi (?:have |just |also |only |already )*(?:ate|eaten)\b(?! (?:well|badly|too|healthy|healthily|less|more|better|nothing|out)\b)",
        r"\b(?:had|ate|eaten|drank|log|lunch|dinner|breakfast|snack)\b.*\b\d+ ?(?:k?cal|calories)\b",
        rf"\b(?:log|track|record|note|add) (?:that i (?:had|ate)|(?:my |a |this |the )?(?:\w+ )?{_FOOD})\b",
    ),
)
def log_food(context: ToolContext, args: FoodArgs) -> Card:
    """Notes the meal and offers to take it back."""
    now = context.now.astimezone(context.user.tz)
    meal = read_meal(args.food, now=now)
    try:
        entry = meals.log_food(
            context.user,
            meal.text,
            calories=args.calories if args.calories is not None else meal.calories,
            protein_g=_grams(args.protein_g, meal.protein_g),
            carbs_g=_grams(args.carbs_g, meal.carbs_g),
            fat_g=_grams(args.fat_g, meal.fat_g),
            eaten_at=read_moment(args.eaten, now=now) if args.eaten.strip() else meal.eaten_at,
            client_id=f"call:{context.call_id}"[:64],
            source=CHAT,
            now=now,
        )
    except meals.MealRefused as refusal:
        raise ToolRefused(str(refusal)) from None
    shown = numbers_of(context.user, now=now)
    figures = "" if shown.are_hidden else figures_of(entry)
    when = when_of(entry, context.user, now)
    return Card(
        kind="habits.food",
        title=entry.text,
        summary=f"Noted: {entry.text}, {when}{f' ({figures})' if figures else ''}.",
        subject=entry.pk,
        undo=Undo(
            verb="habits.unlog_food",
            args={"entry": str(entry.pk)},
            expires_at=context.now + UNDO_FOR,
        ),
    )


@undo("habits.unlog_food")
def unlog_food(user: User, args: dict[str, Any]) -> Card:
    """Takes a meal back."""
    entry = FoodEntry.objects.select_related("user").get(pk=args["entry"], user=user)
    meals.remove(entry, source=CHAT, now=timezone.now())
    return Card(
        kind="habits.food",
        title=entry.text,
        summary=f"{entry.text}: taken back.",
        subject=entry.pk,
    )


@card_view("habits.food", template="habits/cards/food.html")
def food_card(user: User, card: Card) -> dict[str, Any]:
    """The meal as it stands now."""
    entry = FoodEntry.objects.filter(pk=card.subject, user=user).first() if card.subject else None
    now = timezone.now()
    hidden = numbers_of(user, now=now).are_hidden
    return {
        "card": card,
        "entry": entry,
        "when": when_of(entry, user, now) if entry else "",
        "figures": figures_of(entry) if entry and not hidden else "",
    }


def _grams(told: float | None, read: Decimal | None) -> Decimal | None:
    return read if told is None else Decimal(str(round(told, 1)))


@context_block("habits.food_today", title="Eaten today", priority=60, tokens=80)
def food_today(user: User, now: datetime) -> Iterable[str]:
    """Today's meals in words; figures only where the person gave them and wants to see them."""
    entries = list(
        similar.eaten().filter(user=user, local_date=local_day(user, now)).order_by("eaten_at")[:8]
    )
    if not entries:
        return
    hidden = numbers_of(user, now=now).are_hidden
    for entry in entries:
        figures = "" if hidden else figures_of(entry)
        at = entry.eaten_at.astimezone(user.tz)
        yield f"{at:%H:%M} {entry.text}{f' ({figures})' if figures else ''}"
    if hidden:
        yield "Wants no figures about food: give none."


@behavior_days("habits.meals_logged", measure=Measure.LOGGED)
def meals_logged(first_id: UUID, last_id: UUID, since: date, until: date) -> Iterator[BehaviorDay]:
    """How many meals were logged on each day."""
    rows = _days(first_id, last_id, since, until).annotate(count=Count("pk"))
    for user_id, day, count in rows.values_list("user_id", "local_date", "count"):
        yield BehaviorDay(user_id, day, float(count), 0.0)


@behavior_days("habits.intake", measure=Measure.INTAKE)
def intake(first_id: UUID, last_id: UUID, since: date, until: date) -> Iterator[BehaviorDay]:
    """The kilocalories the person told of each day, of the upper end of their range (0: none is set)."""
    highs = dict(
        NutritionTarget.objects.filter(user__gte=first_id, user__lte=last_id).values_list(
            "user_id", "calories_high"
        )
    )
    rows = (
        _days(first_id, last_id, since, until)
        .filter(calories__isnull=False)
        .annotate(total=Sum("calories"))
    )
    for user_id, day, total in rows.values_list("user_id", "local_date", "total"):
        yield BehaviorDay(user_id, day, float(total), float(highs.get(user_id) or 0))


def _days(first_id: UUID, last_id: UUID, since: date, until: date) -> Any:
    return (
        similar.eaten()
        .filter(user__gte=first_id, user__lte=last_id, local_date__range=(since, until))
        .order_by()
        .values("user_id", "local_date")
    )
