"""How long a plan takes, and the honest word when a wish and the time for it do not meet."""

from datetime import date, timedelta

from habits.catalogue.library import Library
from habits.catalogue.schema import PlaybookEntry
from habits.goals import GoalAnalysis, fill

from .config import CONFIG
from .draft import Feasibility, Note, PlanInputs


def pace(
    playbook: PlaybookEntry,
    catalogue: Library,
    analysis: GoalAnalysis,
    inputs: PlanInputs,
    start: date,
) -> tuple[PlaybookEntry, int, Feasibility, list[Note]]:
    """The playbook to follow, its weeks, how that meets the wish, and what honesty asks to say."""
    wanted = playbook
    weeks = ((analysis.deadline - start).days + 1) // 7 if analysis.deadline else None
    days = (analysis.deadline - start).days + 1 if analysis.deadline else 0
    told = max(0, round(days / 7))
    notes: list[Note] = []
    budget = inputs.minutes_per_day
    while playbook.instead and (
        (weeks is not None and weeks < playbook.least_weeks * CONFIG.tight_share)
        or budget < playbook.least_minutes
    ):
        playbook = catalogue.playbooks[playbook.instead]
    if playbook is not wanted:
        goal = fill(wanted.name, analysis.words)
        reasons = []
        if weeks is not None and weeks < wanted.least_weeks * CONFIG.tight_share:
            reasons.append(
                f"“{goal}” needs at least {wanted.least_weeks} weeks, and there {'is' if told == 1 else 'are'} {told}"
            )
        if budget < wanted.least_minutes:
            reasons.append(
                f"it needs about {wanted.least_minutes} minutes on training days, and you have {budget}"
            )
        honest = start + timedelta(weeks=wanted.usual_weeks)
        notes.append(
            Note(
                kind="deadline",
                text=f"Honestly: {'; and '.join(reasons)}. {wanted.too_short} So I planned a first step you can reach: {fill(playbook.name, analysis.words).lower()}. With more time a day, {honest:%B %Y} would be a sensible date for the whole goal.",
            )
        )
        room = playbook.usual_weeks if weeks is None else max(weeks, playbook.least_weeks)
        return playbook, min(room, playbook.usual_weeks), "adjusted", notes
    if budget < playbook.least_minutes:
        notes.append(
            Note(
                kind="time",
                text=f"This usually needs about {playbook.least_minutes} minutes a day. With {budget} I kept what matters most, in small sizes.",
            )
        )
    if weeks is None:
        notes.append(
            Note(
                kind="assumption",
                text=f"You named no date, so I planned the usual {playbook.usual_weeks} weeks.",
            )
        )
        return playbook, playbook.usual_weeks, "ok", notes
    if weeks < playbook.least_weeks:
        end = start + timedelta(weeks=playbook.least_weeks) - timedelta(days=1)
        notes.append(
            Note(
                kind="deadline",
                text=f"Your date is near: {told} week{'' if told == 1 else 's'}, where {playbook.least_weeks} are the least that works. {playbook.too_short} The plan runs until {end.day} {end:%B}.",
            )
        )
        return playbook, playbook.least_weeks, "tight", notes
    if weeks > playbook.most_weeks:
        after = (
            f"The habits stand after {playbook.most_weeks} weeks; the payday transfers go on until your date."
            if playbook.category == "financial"
            else f"It takes {playbook.most_weeks} weeks; the {weeks - playbook.most_weeks} weeks after that are for keeping it up."
        )
        notes.append(
            Note(
                kind="deadline",
                text=f"{playbook.too_long} {after}",
            )
        )
        return playbook, playbook.most_weeks, "roomy", notes
    return playbook, weeks, "ok", notes
