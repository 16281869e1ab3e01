"""The forms of one task: all of it, a step, a slot of one's own."""

from datetime import datetime, time
from typing import Any

from django import forms

from accounts.models import User
from productivity import quick_add
from productivity.models import LONGEST_TASK_MINUTES, Priority, RepeatFrom, Task
from productivity.recurrence import Repeat, in_words

LABELS = {
    "title": "Task",
    "description": "Notes",
    "due_on": "Due on",
    "due_time": "At",
    "category": "Category",
    "priority": "Priority",
    "estimated_minutes": "Minutes it takes",
    "repeats": "Repeats",
}


class TaskForm(forms.Form):
    """Everything a person writes of a task. Without a clock time it is due on the whole day."""

    title = forms.CharField(label="Task", max_length=200, strip=True)
    description = forms.CharField(
        label="Notes",
        required=False,
        max_length=10_000,
        strip=True,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    due_on = forms.DateField(
        label="Due on",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    due_time = forms.TimeField(
        label="At",
        required=False,
        help_text="Leave it empty for the whole day",
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    category = forms.CharField(
        label="Category",
        required=False,
        max_length=40,
        strip=True,
        widget=forms.TextInput(attrs={"list": "categories", "autocomplete": "off"}),
    )
    priority = forms.TypedChoiceField(
        label="Priority", choices=Priority.choices, coerce=int, required=False
    )
    estimated_minutes = forms.IntegerField(
        label="Minutes it takes", required=False, min_value=1, max_value=LONGEST_TASK_MINUTES
    )
    repeats = forms.CharField(
        label="Repeats",
        required=False,
        max_length=120,
        strip=True,
        help_text="For example: every weekday, every 2 weeks, every first Monday",
        widget=forms.TextInput(attrs={"list": "repeats", "autocomplete": "off"}),
    )
    repeat_from = forms.ChoiceField(
        label="Next one counts from", choices=RepeatFrom.choices, required=False
    )

    def __init__(self, data: Any = None, *, user: User, task: Task, now: datetime) -> None:
        super().__init__(data, initial=values_of(user, task))
        self.user, self.task, self.now = user, task, now
        self.repeat: Repeat | None = None
        for name in self.errors if self.is_bound else ():
            self.fields[name].widget.attrs["aria-invalid"] = "true"
        if task.parent_id:
            del self.fields["repeats"], self.fields["repeat_from"]

    def clean_priority(self) -> int:
        return int(self.cleaned_data["priority"] or 0)

    def clean_category(self) -> str:
        return str(self.cleaned_data["category"]).lstrip("#").strip().lower()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("due_time") and not data.get("due_on") and "due_on" not in self.errors:
            self.add_error("due_on", "A time needs a day.")
        if data.get("repeats"):
            self._read_repeat(str(data["repeats"]), data)
        return data

    def _read_repeat(self, words: str, data: dict[str, Any]) -> None:
        """The rule behind the words; words that stand as they stood keep their rule."""
        series = self.task.series
        counted_from = data.get("repeat_from") or RepeatFrom.SCHEDULE.value
        if series and words == in_words(series.rule):
            rule, starts_on = series.rule, data.get("due_on") or series.starts_on
        else:
            read = quick_add.read_for(self.user, f"x {words}", now=self.now)
            if read.repeat is None:
                self.add_error(
                    "repeats", "I don't know that rhythm. Try “every week” or “every 1st”."
                )
                return
            rule, starts_on = read.repeat.rule, data.get("due_on") or read.repeat.starts_on
        self.repeat = Repeat(rule, starts_on, data.get("due_time"), counted_from)

    def changes(self) -> dict[str, Any]:
        """What differs from the task, as `changing.edit` takes it."""
        data = self.cleaned_data
        user, task = self.user, self.task
        old = values_of(user, task)
        changed: dict[str, Any] = {
            name: data[name]
            for name in ("title", "description", "category", "priority", "estimated_minutes")
            if data[name] != old[name]
        }
        if (data["due_on"], data["due_time"]) != (old["due_on"], old["due_time"]):
            changed |= due_fields(user, data["due_on"], data["due_time"])
        return changed

    @property
    def repeat_changed(self) -> bool:
        series = self.task.series
        if "repeats" not in self.fields:
            return False
        if self.repeat is None or series is None:
            return (self.repeat is None) != (series is None)
        return (self.repeat.rule, self.repeat.repeat_from) != (series.rule, series.repeat_from)


def due_fields(user: User, day: Any, at: time | None) -> dict[str, Any]:
    """A day and a clock time as the fields of a task."""
    if day is None:
        return {"due_at": None, "due_on": None}
    if at is None:
        return {"due_on": day}
    return {"due_at": datetime.combine(day, at).replace(tzinfo=user.tz), "due_on": None}


def values_of(user: User, task: Task) -> dict[str, Any]:
    """The task as the form shows it, by the person's clock."""
    local = task.due_at.astimezone(user.tz) if task.due_at else None
    is_whole_day = task.due_on is not None
    return {
        "title": task.title,
        "description": task.description,
        "due_on": task.due_on or (local.date() if local else None),
        "due_time": None
        if is_whole_day or local is None
        else local.time().replace(second=0, microsecond=0),
        "category": task.category,
        "priority": task.priority,
        "estimated_minutes": task.estimated_minutes,
        "repeats": in_words(task.series.rule) if task.series else "",
        "repeat_from": task.series.repeat_from if task.series else RepeatFrom.SCHEDULE.value,
    }


class StepForm(forms.Form):
    title = forms.CharField(label="Add a step", max_length=200, strip=True)


class MoveForm(forms.Form):
    """Moves a step by one place."""

    to = forms.ChoiceField(choices=[("up", "up"), ("down", "down")])


class PlanForm(forms.Form):
    """A slot of the person's own: from when, and for how long."""

    starts = forms.DateTimeField(
        label="From",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M"],
    )
    minutes = forms.IntegerField(label="Minutes", min_value=5, max_value=LONGEST_TASK_MINUTES)
