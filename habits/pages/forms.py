"""Forms of habits and goals."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import User
from habits.cadence import WEEKDAY_NAMES
from habits.editing import check
from habits.models import CadenceKind, Goal, Habit

OWN_FIELD = {
    CadenceKind.TIMES_PER_WEEK: "times_per_week",
    CadenceKind.WEEKDAYS: "weekdays",
    CadenceKind.INTERVAL: "interval_days",
}
WEEKDAY_CHOICES = [(str(number), name) for number, name in enumerate(WEEKDAY_NAMES)]


class HabitForm(forms.ModelForm[Habit]):
    """A habit, how often it is asked for, and the cue it hangs on."""

    weekdays = forms.TypedMultipleChoiceField(
        choices=WEEKDAY_CHOICES,
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label="On these days",
    )
    cue = forms.CharField(
        max_length=120,
        required=False,
        label="After what?",
        help_text="Something you do anyway, for example: I pour my morning coffee",
    )

    class Meta:
        model = Habit
        fields = (
            "name",
            "category",
            "goal",
            "cadence",
            "times_per_week",
            "weekdays",
            "interval_days",
            "duration_minutes",
            "scheduled_time",
            "measure",
            "target_value",
            "unit",
            "tiny_version",
        )
        labels = {
            "name": "What will you do?",
            "category": "Area",
            "cadence": "How often?",
            "times_per_week": "Times a week",
            "interval_days": "Every how many days",
            "duration_minutes": "Minutes",
            "scheduled_time": "Time",
            "measure": "How is it counted?",
            "target_value": "Amount to reach",
            "tiny_version": "The two-minute version",
        }
        help_texts = {
            "tiny_version": "For a hard day: so small that it is easier to do than to skip"
        }
        widgets = {"scheduled_time": forms.TimeInput(attrs={"type": "time"}, format="%H:%M")}

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        goals = self.fields["goal"]
        assert isinstance(goals, forms.ModelChoiceField)  # noqa: S101 - the field of a foreign key
        goals.queryset = Goal.objects.for_user(user).active()
        goals.empty_label = "None"
        self.fields["times_per_week"].widget.attrs.update(min=1, max=7)
        self.fields["interval_days"].widget.attrs.update(min=2, max=90)
        if self.instance.pk and (stack := self.instance.stacks.first()):
            self.fields["cue"].initial = stack.cue

    @property
    def basics(self) -> list[forms.BoundField]:
        return [self[name] for name in ("name", "cue", "category", "cadence")]

    @property
    def rhythm(self) -> list[forms.BoundField]:
        return [self[name] for name in ("times_per_week", "weekdays", "interval_days")]

    @property
    def details(self) -> list[forms.BoundField]:
        names = "goal", "duration_minutes", "scheduled_time", "measure", "target_value", "unit"
        return [self[name] for name in (*names, "tiny_version")]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        # What belongs to another cadence is dropped, so that it cannot come back as a surprise.
        for kind, name in OWN_FIELD.items():
            if kind != data.get("cadence"):
                data[name] = [] if name == "weekdays" else None
        if not self.errors:
            try:
                check(Habit(user=self.user, starts_on=self.instance.starts_on, **self.given(data)))
            except ValidationError as faults:
                for name, words in faults.message_dict.items():
                    self.add_error(name, words)
        return data

    def given(self, data: dict[str, Any] | None = None) -> dict[str, Any]:
        """The habit's own fields as the person gave them."""
        data = self.cleaned_data if data is None else data
        return {name: data[name] for name in self._meta.fields or () if name in data}

    def stacks(self) -> list[dict[str, str]]:
        """The cue, as the first and only stack; none when it is empty."""
        cue = self.cleaned_data["cue"].strip()
        return [{"cue": cue}] if cue else []


class GoalForm(forms.ModelForm[Goal]):
    """What of a goal the person changes by hand."""

    class Meta:
        model = Goal
        fields = ("text", "deadline", "percent_complete", "status")
        labels = {"text": "Goal", "percent_complete": "How far are you? (per cent)"}
        widgets = {"deadline": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["percent_complete"].widget.attrs.update(min=0, max=100)
