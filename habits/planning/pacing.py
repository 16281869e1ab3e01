"""How many weeks each phase gets, and what a week's session looks like."""

from collections.abc import Sequence

from habits.catalogue.schema import PlaybookEntry, Step

WARM_UP = 5  # minutes of walking before and after running


def phase_weeks(playbook: PlaybookEntry, weeks: int) -> list[int]:
    """Whole weeks per phase that add up to `weeks`, kept within the playbook's least and most."""
    weeks = max(playbook.least_weeks, min(playbook.most_weeks, weeks))
    low, high = (0, 1) if weeks <= playbook.usual_weeks else (1, 2)
    lows = [phase.weeks[low] for phase in playbook.phases]
    highs = [phase.weeks[high] for phase in playbook.phases]
    room, extra = sum(highs) - sum(lows), weeks - sum(lows)
    exact = [a + (extra * (b - a) / room if room else 0) for a, b in zip(lows, highs, strict=True)]
    whole = [int(share) for share in exact]
    by_rest = sorted(range(len(exact)), key=lambda i: (whole[i] - exact[i], i))
    for index in by_rest[: weeks - sum(whole)]:
        whole[index] += 1
    return whole


def _number(value: float) -> str:
    return f"{value:g}"


def session(step: Step, limit: int) -> tuple[str, int]:
    """What to do in a session of `step`, and its minutes; intervals are cut to fit `limit` minutes."""
    if step.run is None:
        return step.do, min(step.minutes or limit, limit)
    ends = WARM_UP if limit >= 3 * WARM_UP else 0
    room = max(1, limit - 2 * ends)
    walks = f"walk {ends} minutes, " if ends else ""
    close = f", walk {ends} minutes" if ends else ""
    if step.rounds == 1:
        run = min(step.run, room)
        text = f"run {_number(run)} minutes without a break"
        return f"{walks}{text}{close}".capitalize(), round(run + 2 * ends)
    one = step.run + step.walk
    rounds = max(1, min(step.rounds, int(room / one)))
    run = min(step.run, room)
    again = f", {rounds} times" if rounds > 1 else ""
    text = f"run {_number(run)} min / walk {_number(step.walk)} min{again}"
    return f"{walks}{text}{close}".capitalize(), min(limit, round(rounds * one + 2 * ends))


def weekly(steps: Sequence[Step], weeks: int, limit: int) -> tuple[list[str], int]:
    """One line per week of a phase, and the longest session's minutes.

    With more weeks than steps a step is repeated, with fewer the ladder is walked evenly; the last week
    always has the last step.
    """
    if not steps:
        return [], 0
    chosen: list[Step] = []
    for week in range(weeks):
        index = len(steps) - 1 if week == weeks - 1 else int(week * len(steps) / weeks)
        chosen.append(steps[min(index, len(steps) - 1)])
    told = [session(step, limit) for step in chosen]
    return [f"Week {n}: {text}" for n, (text, _) in enumerate(told, 1)], max(m for _, m in told)
