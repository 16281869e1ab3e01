"""Every number behind the measures of how people go about tasks, in one place, with its meaning and unit."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Numbers:
    """`(ours)` marks a proposal of this project; the others come from the literature that is named."""

    # Days of history that count: long enough for a rhythm, short enough to follow a change of life (ours).
    window_days: int = 90
    # Beta prior of every share of things that go wrong or late: one in ten until shown otherwise.
    prior_of: float = 1.0
    prior_against: float = 9.0
    # Winsorizing: values beyond these quantiles count as these quantiles.
    low_quantile: float = 0.05
    high_quantile: float = 0.95
    # Fewer active hours than this tell nothing of burstiness (Kim and Jo 2016).
    fewest_active_hours: int = 10
    # The last part of a task's time that counts as "at the last moment": a tenth.
    last_part: float = 0.1
    # Tasks with less time than this, in hours, are done at the last moment by nature (ours).
    shortest_span_hours: float = 1.0
    # A task without a due moment that is still open after so many days counts as not done yet (ours).
    undated_days: float = 14.0
    # Hours beyond the due moment at which lateness counts fully: a week (ours).
    fully_late_hours: float = 168.0
    # Snoozes and moves of the due moment at which putting off counts fully (ours).
    most_put_offs: int = 3
    # A stretch without a change counts as idle from so many days on, while something is open (ours).
    idle_after_days: float = 3.0
    # Days of observation that weigh as much as one task in the idle part (ours).
    idle_days_each: float = 7.0
    # Weights of the parts of the score (ours); parts without evidence are left out, the others keep their proportion.
    weight_late: float = 0.30
    weight_put_off: float = 0.25
    weight_overdue_time: float = 0.15
    weight_last_moment: float = 0.15
    weight_idle: float = 0.15
    # Below so many tasks, or so many of them with a decided due moment, it is too early to say (ours).
    fewest_tasks: int = 10
    fewest_due: int = 5
    # Width of the intervals.
    interval: float = 0.90
    # Categories that are kept per person, those with most tasks first (ours).
    most_categories: int = 30
    # Snapshots older than this go (ours).
    kept_days: int = 400
    # Days looked back for nights that were missed (ours).
    repair_days: int = 7
    # A score is spoken of only when its lower bound is at least this high (ours), and its snapshot this fresh in days.
    clearly_high: float = 25.0
    fresh_days: int = 3


NUMBERS = Numbers()


@dataclass(frozen=True, slots=True)
class MotivationNumbers:
    """Temporal motivation theory (Steel and König 2006): `M = E * V / (1 + I * D)`."""

    # Value of a task by its priority, 0 none to 3 high (ours).
    value: tuple[float, float, float, float] = (0.5, 0.4, 0.7, 1.0)
    # Days that a task without a due moment is taken to be away (ours).
    undated_days: float = 30.0
    # Tasks of evidence at which a category, and a size in it, weigh as much as the level above (ours).
    shrinkage: float = 10.0
    # Minutes up to which a task is small, and up to which it is middling (ours).
    small_minutes: int = 15
    middling_minutes: int = 60
    # Edges of the days to due, between which the readiness to act is taken to be the same (ours).
    day_edges: tuple[float, ...] = (0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 60.0)
    # Impulsiveness per day: the grid that is searched, and the prior before any training: lognormal (ours).
    least: float = 0.01
    most: float = 20.0
    steps: int = 41
    prior_log_mean: float = -1.2
    prior_log_sd: float = 1.0


MOTIVATION = MotivationNumbers()


@dataclass(frozen=True, slots=True)
class GroupNumbers:
    """Groups of alike people."""

    # Fewer people than this are no base for groups (ours); a person needs so many tasks to be part of it (ours).
    fewest_people: int = 60
    fewest_tasks: int = 20
    # How many groups are tried (ours); the best silhouette (Rousseeuw 1987) wins.
    fewest_groups: int = 2
    most_groups: int = 6
    # A group smaller than this share of people is no group (ours).
    smallest_share: float = 0.04
    # Values further than so many standard deviations from the mean count as that far (ours).
    furthest: float = 3.0
    # Below this silhouette people are too alike, or each too much their own, to speak of groups (ours).
    least_silhouette: float = 0.08
    # Distance of centers (root mean square, in standard deviations) up to which a group is still the earlier one (ours).
    same_group: float = 0.75
    # A center must lean this far (in standard deviations) towards what a name says to bear it (ours).
    least_lean: float = 0.15
    # People whose silhouettes are compared at most (ours): it grows with the square.
    most_compared: int = 2000
    # Population stability index: from here on a measure has moved notably, from here on strongly (usual in credit scoring).
    psi_notable: float = 0.10
    psi_strong: float = 0.25
    psi_bins: int = 10
    # Fewer people than this in either sample: no index (ours).
    psi_fewest: int = 50


GROUPS = GroupNumbers()
