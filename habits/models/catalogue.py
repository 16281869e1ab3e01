"""The catalogue that plans are made from. Staff edit it; every save is checked against the schema."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from pydantic import BaseModel
from pydantic import ValidationError as SchemaError

from accounts.models import TimeOrderedModel, between, one_of

from .goal import Category


class CatalogueRow(TimeOrderedModel):
    """What habits and playbooks of the catalogue have in common.

    `edited_by_staff` protects a row from being overwritten when the catalogue is loaded again.
    """

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=120)
    category = models.CharField(max_length=16, choices=Category)
    is_active = models.BooleanField(default=True, help_text="Inactive entries enter no new plan")
    edited_by_staff = models.BooleanField(
        default=False, help_text="Edited here: loading the catalogue again leaves it alone"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True
        ordering = ["category", "name"]

    SCHEMA_FIELDS: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.name

    def _schema(self) -> type[BaseModel]:
        raise NotImplementedError

    def as_data(self) -> dict[str, Any]:
        """The row as the schema's data."""
        return {name: getattr(self, name) for name in self.SCHEMA_FIELDS}

    def clean(self) -> None:
        """Raises `ValidationError`, by field, when the row does not fit the catalogue's schema."""
        super().clean()
        try:
            self._schema().model_validate(self.as_data())
        except SchemaError as problem:
            found: dict[str, list[str]] = {}
            for error in problem.errors():
                place = [str(part) for part in error["loc"]]
                field = place[0] if place and place[0] in self.SCHEMA_FIELDS else "__all__"
                message = error["msg"].removeprefix("Value error, ")
                where = " → ".join(place[1:])
                found.setdefault(field, []).append(f"{where}: {message}" if where else message)
            raise ValidationError(found) from None


class CatalogueHabit(CatalogueRow):
    """A habit that plans can use, in three sizes."""

    tags = models.JSONField(default=list, blank=True)
    load = models.CharField(
        max_length=12, blank=True, help_text="run, strength or mobility: needs rest between"
    )
    sizes = models.JSONField(help_text="two_minute, regular, stretch: do, minutes, measure, target")
    cadence = models.JSONField(
        help_text='foundation, core, optimization: "daily", "3x", "mon wed sat", "every 2 weeks"'
    )
    cues = models.JSONField(help_text='Sentences that begin with "after", "when", "before"…')
    time = models.CharField(max_length=8, default="any")
    difficulty = models.FloatField(default=0.4, help_text="0 (easy) to 1 (hard)")
    enjoyment = models.FloatField(default=0.5, help_text="0 (a chore) to 1 (a pleasure)")
    outdoor = models.BooleanField(default=False)
    keystone = models.BooleanField(default=False)
    equipment = models.JSONField(default=list, blank=True)
    swap = models.JSONField(
        default=dict, blank=True, help_text='Constraint → slug of what to do instead ("" = nothing)'
    )
    why = models.TextField(help_text="One or two sentences, in our own words")
    source = models.JSONField(help_text="author, year, title of a published work")
    progression = models.TextField()
    after = models.JSONField(default=list, blank=True, help_text="Slugs that should come first")

    SCHEMA_FIELDS = (
        "slug", "name", "category", "tags", "load", "sizes", "cadence", "cues", "time",
        "difficulty", "enjoyment", "outdoor", "keystone", "equipment", "swap", "why", "source",
        "progression", "after",
    )  # fmt: skip

    class Meta(CatalogueRow.Meta):
        verbose_name = "catalogue habit"
        constraints = [
            one_of("category", Category, "catalogue_habit_category_known"),
            between("difficulty", 0, 1, "catalogue_habit_difficulty_0_1"),
            between("enjoyment", 0, 1, "catalogue_habit_enjoyment_0_1"),
        ]

    def _schema(self) -> type[BaseModel]:
        from habits.catalogue.schema import HabitEntry

        return HabitEntry

    def entry(self) -> Any:
        """The row as a checked `HabitEntry`; raises pydantic's `ValidationError`."""
        return self._schema().model_validate(self.as_data())


class Playbook(CatalogueRow):
    """How a coach takes somebody towards one kind of goal: phases, habits, gates."""

    match = models.JSONField(default=list, blank=True, help_text="Words it is recognized by")
    fallback = models.BooleanField(
        default=False, help_text="For goals of this category that nothing else matches"
    )
    objective = models.CharField(max_length=400)
    metrics = models.JSONField(default=list, blank=True)
    difficulty = models.FloatField(default=0.5, help_text="0 (easy) to 1 (hard)")
    least_minutes = models.PositiveSmallIntegerField(help_text="A day; less cannot work")
    usual_minutes = models.PositiveSmallIntegerField(help_text="A day")
    instead = models.CharField(max_length=80, blank=True, help_text="Slug of the stepping stone")
    sub_goals = models.JSONField(default=list, blank=True)
    dependencies = models.JSONField(default=list, blank=True)
    obstacles = models.JSONField(default=list, blank=True)
    indicators = models.JSONField(default=list)
    too_short = models.TextField(help_text="What to say when the deadline is too near")
    too_long = models.TextField(help_text="What to say when there is more time than needed")
    safety = models.JSONField(default=list, blank=True)
    phases = models.JSONField()

    SCHEMA_FIELDS = (
        "slug", "name", "category", "match", "fallback", "objective", "metrics", "difficulty",
        "least_minutes", "usual_minutes", "instead", "sub_goals", "dependencies", "obstacles",
        "indicators", "too_short", "too_long", "safety", "phases",
    )  # fmt: skip

    class Meta(CatalogueRow.Meta):
        constraints = [
            one_of("category", Category, "playbook_category_known"),
            between("difficulty", 0, 1, "playbook_difficulty_0_1"),
            models.UniqueConstraint(
                fields=["category"],
                condition=models.Q(fallback=True, is_active=True),
                name="playbook_one_fallback",
            ),
        ]

    def _schema(self) -> type[BaseModel]:
        from habits.catalogue.schema import PlaybookEntry

        return PlaybookEntry

    def as_data(self) -> dict[str, Any]:
        return {**super().as_data(), "instead": self.instead or None}

    def entry(self) -> Any:
        """The row as a checked `PlaybookEntry`; raises pydantic's `ValidationError`."""
        return self._schema().model_validate(self.as_data())
