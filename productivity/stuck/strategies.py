"""Which strategy fits a reason, in words for one task; and which has moved this person's tasks before.

The reasons and their strategies are those of the research on why tasks are put off (Steel 2007; Sirois and Pychyl
2013): what is too big is split, what is unclear gets a first step, what is dull a fixed and short time, what is dreaded
the smallest exposure, what has no room is agreed anew, and what has to be perfect is first done badly.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.consent import has_consent
from accounts.models import ConsentKind, User
from productivity.models import Strategy, StuckReason, StuckReport, Task, TaskEvent, TaskEventType

from .template_steps import first_step

# What fits a reason: the usual way first, then what is tried where that did not move anything.
FITTING: dict[StuckReason, tuple[Strategy, ...]] = {
    StuckReason.OVERWHELMING: (Strategy.SPLIT, Strategy.FIRST_STEP),
    StuckReason.UNCLEAR: (Strategy.FIRST_STEP, Strategy.SPLIT),
    StuckReason.BORING: (Strategy.TIMEBOX, Strategy.SPLIT),
    StuckReason.FEARED: (Strategy.TINY_EXPOSURE, Strategy.TIMEBOX),
    StuckReason.NO_TIME: (Strategy.RENEGOTIATE, Strategy.TIMEBOX),
    StuckReason.PERFECTIONISM: (Strategy.BAD_DRAFT, Strategy.TIMEBOX),
}
TIMEBOX_MINUTES = 10
EXPOSURE_MINUTES = 5


@dataclass(frozen=True)
class LearningConstants:
    """How quickly a strategy that does not help gives way (ours)."""

    # A task moved by a strategy moves within so many days of taking it up.
    days: int = 3
    # Before so many tries nothing is said about a strategy.
    tries: int = 3
    # Tries looked back on.
    read: int = 200
    # What is known before any try: as if so many had moved, of so many.
    prior_moved: float = 1.0
    prior_tried: float = 2.0
    # Below this share of moved tasks another way is tried.
    low: float = 0.4


LEARNING = LearningConstants()


@dataclass(frozen=True)
class Advice:
    """A strategy for one task: what it is called, what to do, and what the button that does it says."""

    title: str
    words: str
    action: str


def strategy_for(user: User, reason: StuckReason) -> Strategy:
    """The strategy that fits; another one where it has not moved this person's tasks, if they let us look."""
    fitting = FITTING[reason]
    if not has_consent(user, ConsentKind.BEHAVIORAL_TRACKING):
        return fitting[0]
    shares = _moved_shares(user, reason)
    usual = shares.get(fitting[0])
    if usual is None or usual[1] < LEARNING.tries or usual[0] >= LEARNING.low:
        return fitting[0]
    unknown = LEARNING.prior_moved / LEARNING.prior_tried
    return max(fitting, key=lambda each: shares.get(each, (unknown, 0))[0])


def _moved_shares(user: User, reason: StuckReason) -> dict[Strategy, tuple[float, int]]:
    """Per strategy taken up for `reason`: the smoothed share of tasks that moved after it, and how often it was tried."""
    taken = (
        StuckReport.objects.filter(user=user, reason=reason, taken_up_at__isnull=False)
        .annotate(moved=Exists(_movements()))
        .order_by("-id")
        .values_list("strategy", "moved")[: LEARNING.read]
    )
    return _shares((Strategy(strategy), moved) for strategy, moved in taken)


def _movements() -> QuerySet[TaskEvent]:
    """What shows that a task moved: it was done, or a step of it, soon after the strategy was taken up."""
    window = Q(
        created_at__gt=OuterRef("taken_up_at"),
        created_at__lte=OuterRef("taken_up_at") + timedelta(days=LEARNING.days),
    )
    its = Q(task_id=OuterRef("task_id")) | Q(task__parent_id=OuterRef("task_id"))
    return TaskEvent.objects.filter(window, its, event_type=TaskEventType.COMPLETE)


def _shares(taken: Iterable[tuple[Strategy, bool]]) -> dict[Strategy, tuple[float, int]]:
    counts: dict[Strategy, list[int]] = {}
    for strategy, moved in taken:
        tried = counts.setdefault(strategy, [0, 0])
        tried[0] += moved
        tried[1] += 1
    return {
        strategy: (
            (moved + LEARNING.prior_moved) / (tried + LEARNING.prior_tried),
            tried,
        )
        for strategy, (moved, tried) in counts.items()
    }


def advice_for(task: Task, strategy: Strategy) -> Advice:
    """The strategy in words for this task."""
    title = f"“{task.title}”"
    begin = first_step(task)
    step = begin.title[0].lower() + begin.title[1:]
    if strategy is Strategy.SPLIT:
        return Advice(
            "Split it into steps",
            f"{title} is more than one thing. Here are steps as a draft; the first one is enough for today.",
            "Show me the steps",
        )
    if strategy is Strategy.FIRST_STEP:
        return Advice(
            "Only the first step",
            f"You don't need to know the whole way. The first step: {step}. {begin.minutes} minutes, and then you know more.",
            "Take the first step",
        )
    if strategy is Strategy.TIMEBOX:
        return Advice(
            "Ten minutes, then stop",
            f"{title} does not get more exciting, but shorter: {TIMEBOX_MINUTES} minutes with something pleasant beside it, "
            "music or a coffee, and stopping is allowed when they are over.",
            f"Start {TIMEBOX_MINUTES} minutes now",
        )
    if strategy is Strategy.TINY_EXPOSURE:
        return Advice(
            "Only look at it",
            f"Open what {title} needs and look at it for {EXPOSURE_MINUTES} minutes. Nothing has to be done in them; what has been seen is "
            "usually smaller than what was dreaded.",
            f"Look at it for {EXPOSURE_MINUTES} minutes",
        )
    if strategy is Strategy.RENEGOTIATE:
        return Advice(
            "Agree on it anew",
            f"If there is no room for {title}, something has to give: its date, its size, or the task itself.",
            "Show me what could change",
        )
    return Advice(
        "A bad first version",
        f"Do {title} badly first, on purpose and for nobody's eyes. Bettering something is easier than beginning it.",
        "Show me how",
    )
