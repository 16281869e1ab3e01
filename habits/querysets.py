"""Questions about goals, habits and plans, starting from the person."""

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import Exists, F, IntegerField, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, JSONObject

from accounts.models import User

if TYPE_CHECKING:
    from habits.models import Goal, Habit, HabitSequence  # noqa: F401 - quoted below

DONE = ("done", "partial")


class OccasionStart(models.Func):
    """The first day of the stretch of n days, counted from `starts_on`, that holds a given day."""

    output_field = models.DateField()

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **extra: Any) -> Any:
        day, starts_on, interval = (compiler.compile(part) for part in self.source_expressions)
        sql = f"({day[0]}::date - MOD({day[0]}::date - {starts_on[0]}, {interval[0]}::int))"
        return sql, (*day[1], *day[1], *starts_on[1], *interval[1])


class GoalQuerySet(models.QuerySet["Goal"]):
    def for_user(self, user: User) -> "GoalQuerySet":
        return self.filter(user=user, deleted_at__isnull=True)

    def active(self) -> "GoalQuerySet":
        return self.filter(status="active")


class HabitQuerySet(models.QuerySet["Habit"]):
    def for_user(self, user: User) -> "HabitQuerySet":
        return self.filter(user=user, deleted_at__isnull=True)

    def active(self) -> "HabitQuerySet":
        return self.filter(status="active")

    def current(self) -> "HabitQuerySet":
        """Habits that are being lived or rest for a while; neither planned nor put away."""
        return self.filter(status__in=("active", "paused"))

    def in_order(self) -> "HabitQuerySet":
        """As a person's day runs: by time, then as they sorted them, then as they came."""
        return self.order_by(F("scheduled_time").asc(nulls_last=True), "order", "id")

    def with_rests(self) -> "HabitQuerySet":
        """Each with its pauses as `rests`, so that its cadence needs no further query."""
        from habits.models import HabitPause

        pauses = (
            HabitPause.objects.filter(habit=OuterRef("pk"))
            .order_by()
            .values_list(JSONObject(first=F("starts_on"), last=F("ends_on")))
        )
        return self.annotate(rests=ArraySubquery(pauses))

    def due_on(self, day: date) -> "HabitQuerySet":
        """Those that ask for something on the person's `day`: `habits.cadence.is_due` as one query.

        A habit done on that day stays in the answer: it is shown as done.
        """
        from habits.models import CadenceKind, HabitCompletion, HabitPause

        monday = day - timedelta(days=day.weekday())
        paused = HabitPause.objects.filter(
            Q(ends_on__isnull=True) | Q(ends_on__gte=day), habit=OuterRef("pk"), starts_on__lte=day
        )
        done_before = HabitCompletion.objects.filter(
            habit=OuterRef("pk"), status__in=DONE, local_date__lt=day
        )
        done_this_week = (
            done_before.filter(local_date__gte=monday)
            .order_by()
            .values("habit")
            .annotate(days=models.Count("local_date", distinct=True))
            .values("days")
        )
        start = OccasionStart(Value(day), OuterRef("starts_on"), OuterRef("interval_days"))
        in_stretch = done_before.filter(local_date__gte=start)
        return (
            self.active()
            .filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day), starts_on__lte=day)
            .filter(~Exists(paused))
            .filter(
                Q(cadence=CadenceKind.DAILY)
                | Q(cadence=CadenceKind.WEEKDAYS, weekdays__contains=[day.weekday()])
                | Q(
                    Q(cadence=CadenceKind.TIMES_PER_WEEK),
                    Q(
                        times_per_week__gt=Coalesce(
                            Subquery(done_this_week), 0, output_field=IntegerField()
                        )
                    ),
                )
                | (Q(cadence=CadenceKind.INTERVAL) & ~Exists(in_stretch))
            )
        )


class SequenceQuerySet(models.QuerySet["HabitSequence"]):
    def for_user(self, user: User) -> "SequenceQuerySet":
        return self.filter(user=user)

    def at_work(self, now: datetime) -> "SequenceQuerySet":
        """Plans that run, rest or wait for an answer, with how many phases are over (`phases_done`)."""
        is_open = models.Q(status__in=("active", "paused")) | models.Q(
            status="draft", expires_at__gt=now
        )
        return (
            self.filter(is_open)
            .annotate(
                phases_done=models.Count("phases", filter=Q(phases__completed_at__isnull=False))
            )
            .order_by("status", "-created_at")
        )
