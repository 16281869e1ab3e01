"""Every number of scheduling, in one place. What is not cited is this project's own proposal ("ours")."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class SlotWeights:
    """What a term of a slot's score weighs; the score is the weighted mean of terms in [0, 1]."""

    deadline: float = 3.0
    priority: float = 1.8
    rhythm: float = 1.5
    preference: float = 1.2
    hours: float = 1.0
    proximity: float = 0.5


@dataclass(frozen=True, slots=True)
class SlotConstants:
    """How slots are looked for (all ours, but for `deadline_days` and `deadline_most`).

    Attributes:
        deadline_days, deadline_most: the deadline term is min(`deadline_most`, exp(-d / `deadline_days`)).
        horizon: how far ahead slots are looked for.
        step_minutes: slots begin at multiples of it on the clock.
        usual_minutes: how long a task takes of which nothing is known.
        least_known: estimates from which a person's typical length is spoken of.
        nearness_minutes: the distance at which a task of the same category counts 1/e for proximity.
        edge_minutes: this far inside its hours a slot lies as well as can be.
        shown: suggestions of one answer.
        apart_minutes: how far the suggestions of one answer lie apart, when there is room.
        close_minutes: how far they lie apart at least.
        valid_for: how long a suggestion stays open, unless its slot begins before.
        refusals_for: how long a refusal changes what comes next.
        refused_hours: around a refused clock time, so many hours are not suggested again.
        not_now: "the task can wait": nothing before so long.
        longer, shorter: what a task's minutes are multiplied with after "it takes longer", "it takes less".
        least_stretch, most_stretch: how far such answers together change them.
        preference_days: completions of so many days tell when a person does things.
        preference_sharpness: von Mises kernel over the hours of the day; about an hour and a half wide.
        preference_least: completions from which a preference is spoken of.
        settle_after: a slot is settled so long after its end.
        settle_within: what was not settled so long after its end stays unknown.
        early: done so long before its slot begins still counts as done in it.
    """

    deadline_days: float = 3.0
    deadline_most: float = 0.99
    horizon: timedelta = timedelta(days=14)
    step_minutes: int = 15
    usual_minutes: int = 30
    least_known: int = 3
    nearness_minutes: float = 60.0
    edge_minutes: float = 60.0
    shown: int = 3
    apart_minutes: int = 180
    close_minutes: int = 45
    valid_for: timedelta = timedelta(days=2)
    refusals_for: timedelta = timedelta(days=14)
    refused_hours: int = 1
    not_now: timedelta = timedelta(days=3)
    longer: float = 1.5
    shorter: float = 0.6
    least_stretch: float = 0.25
    most_stretch: float = 4.0
    preference_days: int = 120
    preference_sharpness: float = 7.0
    preference_least: int = 10
    settle_after: timedelta = timedelta(hours=2)
    settle_within: timedelta = timedelta(days=7)
    early: timedelta = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class OddsConstants:
    """How a person's odds of an hour are estimated (all ours; units: weighted trials).

    Attributes:
        prior_mean: the share of planned slots in which a task gets done, for somebody of whom nothing is known.
        person, weekday, hour, category, hour_category, cell: how many trials the level above weighs against
            what was seen on this one.
        neighbours: how much the trials of the next hours count for an hour, by their distance.
        prior_worth: trials the general prior is worth, when its width is told.
        borrowed: how far what is known of a person's other hours narrows the width of one hour.
        worked_answer, refused_answer: what a yes to a suggestion, and a "not at that hour", is worth beside
            a slot that is over. Multiples of a power of two, so that sums are exact in any order.
        interval_z: the width of the interval behind the confidence (1.645: 90 %).
        spoken_from: trials from which an hour is spoken of by its count.
        good, poor: odds from which an hour is called good, and below which it is called hard.
    """

    prior_mean: float = 0.5
    person: float = 10.0
    weekday: float = 40.0
    hour: float = 50.0
    category: float = 30.0
    hour_category: float = 30.0
    cell: float = 16.0
    neighbours: tuple[float, ...] = (1.0, 0.875, 0.625, 0.375, 0.125)
    prior_worth: float = 2.0
    borrowed: float = 0.2
    worked_answer: float = 0.25
    refused_answer: float = 0.5
    interval_z: float = 1.645
    spoken_from: float = 3.0
    good: float = 0.6
    poor: float = 0.4


@dataclass(frozen=True, slots=True)
class FittingConstants:
    """When a day and a week are full (all ours).

    Attributes:
        most_of_day, most_minutes: so much of a day's free time is planned at most, and never more minutes than these: a
            day off has thirteen free hours, and nobody works through tasks for as long.
        break_minutes: between two planned tasks of one day, at least.
        week_days: the days that a look at the week covers, from today.
        smaller_from: tasks from so many minutes can be made smaller.
        smaller_share: what is left of one that is.
        later: how far "later" moves what is due.
        old_days, snoozed_often: a task this old or snoozed so often may be let go, when nothing else speaks for it.
        left_alone: how long a proposal that was left is not made again.
        proposals: at most so many at once.
        least_worth, worth_of_deadline: what any task is worth this week, and what a due date that is near adds;
            each step of priority adds one.
        move_costs, later_costs, smaller_costs, let_go_costs: the share of its worth that each way loses. To move what
            is due after the week loses least; what has waited so long that it may go is worth less than its place
            in the list says.
    """

    most_of_day: float = 0.85
    most_minutes: int = 480
    break_minutes: int = 10
    week_days: int = 7
    smaller_from: int = 60
    smaller_share: float = 0.5
    later: timedelta = timedelta(days=7)
    old_days: int = 30
    snoozed_often: int = 3
    left_alone: timedelta = timedelta(days=7)
    proposals: int = 10
    least_worth: float = 0.5
    worth_of_deadline: float = 2.0
    move_costs: float = 0.05
    later_costs: float = 0.3
    smaller_costs: float = 0.4
    let_go_costs: float = 0.25


WEIGHTS = SlotWeights()
SLOTS = SlotConstants()
ODDS = OddsConstants()
FITTING = FittingConstants()
