"""The numbers of planning, each with its meaning and unit. Marked (ours) where no study gives one."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PlanningConfig:
    """What the planner goes by.

    gate_strength: a foundation habit's strength (0-1) at which the next phase may open (ours).
    gate_per_week: only habits asked for at least this often a week are measured by strength; rarer
        ones need months to show in it and are counted instead (ours).
    new_at_once: most new habits introduced on one day, by difficulty (ours).
    spacing_days: least days between two introductions, by difficulty; two to three weeks, since a
        daily habit is half way to its plateau after about two (Loop's score, Lally 2010).
    settle_days: least days between an introduction and the end of its phase (ours).
    small_start_days: how long a new habit keeps its two-minute size, for beginners and easy plans (ours).
    tight_share: below this share of the least weeks a stepping stone is planned instead (ours).
    least_session: a training session is not shortened below this many minutes (ours).
    shrink_share: other habits are shortened to this share at least, then to two minutes (ours).
    tiny_worth_minutes: supporting habits longer than this are left out rather than kept as two minutes
        only (ours).
    minutes_low, minutes_high: what a person may give a day, in minutes.
    draft_days: days after which an unanswered proposal expires.
    undo_minutes: minutes within which an accepted plan can be taken back, if nothing was ticked.
    hold_weeks: weeks by which a phase is held open while its habits are not stable.
    """

    gate_strength: float = 0.6
    gate_per_week: float = 3.0
    new_at_once: tuple[tuple[str, int], ...] = (("easy", 1), ("moderate", 2), ("challenging", 2))
    spacing_days: tuple[tuple[str, int], ...] = (
        ("easy", 21),
        ("moderate", 14),
        ("challenging", 14),
    )
    settle_days: int = 7
    small_start_days: int = 14
    tight_share: float = 0.6
    least_session: int = 15
    shrink_share: float = 0.6
    tiny_worth_minutes: int = 10
    minutes_low: int = 2
    minutes_high: int = 480
    draft_days: int = 14
    undo_minutes: int = 10
    hold_weeks: int = 1


CONFIG = PlanningConfig()
