"""What counts towards momentum besides habits and Today: each kind once, with why it weighs what it does.

Weights compare the kinds of one pillar with each other; all of them are ours. A raw value is a member of
`raw_data`. What has a subject names its own day (`local_date`), so that a correction finds it again.
"""

from coaching.toolkit import (
    Gathering,
    Normalizer,
    Pillar,
    SignalKind,
    projection,
    retraction,
    signal,
)
from momentum.projecting import project, project_many

projection("momentum.events", many=project_many)(project)

PERCENT = {"low": 0.0, "high": 100.0}
# Eight hours; an hour to either side is as good, and five hours off or more tell of nothing
# (Watson 2015: seven hours or more; nine and more is no better for most).
SLEEP_MINUTES = {"target": 480.0, "tolerance": 60.0, "reach": 240.0}
# Mortality falls up to about 8,000 steps a day and hardly further (Paluch 2022).
STEPS = {"target": 8000.0}

# --- Connection ---------------------------------------------------------------------------------
# The measure of the pillar: being in touch. Three times a day is all that counts, so that nobody is
# rewarded for lingering. Following a message of the coach is being in touch as writing one is.
for _in_touch in ("coach.message_sent", "coach.message_engaged"):
    signal(
        _in_touch,
        kind=SignalKind.COACH_INTERACTION,
        pillar=Pillar.RELATIONAL,
        weight=1.0,
        saturation=3,
        gathering=Gathering.COUNT,
        words="a message to or from the coach",
    )
# How one talks, beside how often: half, because it is read by a machine. What it says of one's own
# motives counts in the score of internal motivation and not here again.
signal(
    "coach.tone",
    kind=SignalKind.COACH_TONE,
    pillar=Pillar.RELATIONAL,
    weight=0.5,
    normalizer=Normalizer.LINEAR,
    parameters=PERCENT,
    value="score",
    subject=("message",),
    words="how a message to the coach sounded",
)
# A kept appointment is the strongest sign of the relation, and rare: on its day it leads.
_VISIT = ("visit",)
signal(
    "visit.attended",
    kind=SignalKind.VISIT,
    pillar=Pillar.RELATIONAL,
    weight=2.0,
    subject=_VISIT,
    words="a visit kept",
)
# Late is nearly as good: four fifths.
signal(
    "visit.late",
    kind=SignalKind.VISIT,
    pillar=Pillar.RELATIONAL,
    weight=2.0,
    normalizer=Normalizer.LINEAR,
    parameters={"low": 0.0, "high": 1.25},
    subject=_VISIT,
    words="a visit that began late",
)
# Missed without a word: evidence, of nothing.
signal(
    "visit.missed",
    kind=SignalKind.VISIT,
    pillar=Pillar.RELATIONAL,
    weight=2.0,
    normalizer=Normalizer.LINEAR,
    parameters={"low": 1.0, "high": 2.0},
    subject=_VISIT,
    words="a missed visit",
)
# Calling off in time is no evidence either way.
retraction("visit.cancelled", kind=SignalKind.VISIT, subject=_VISIT)

# --- Mind ---------------------------------------------------------------------------------------
# What people say of their motivation themselves leads the pillar.
signal(
    "motivation.score",
    kind=SignalKind.MOTIVATION,
    pillar=Pillar.COGNITIVE,
    weight=1.0,
    normalizer=Normalizer.LINEAR,
    parameters=PERCENT,
    value="score",
    subject=("local_date",),
    is_summary=True,
    words="the motivation you told of",
)
# Read from their words by a machine: a little less.
signal(
    "motivation.internalization",
    kind=SignalKind.INTERNAL_MOTIVATION,
    pillar=Pillar.COGNITIVE,
    weight=0.8,
    normalizer=Normalizer.LINEAR,
    parameters=PERCENT,
    value="score",
    subject=("local_date",),
    is_summary=True,
    words="how much the motivation is your own",
)
# How many points out of a hundred a goal moved that day; five forward are a full day's worth (ours). Not how far
# it is: every goal begins far away, and the first steps are not worth less than the last. It is the fruit of
# action steps, which count as such, so it weighs less than what people say, and belongs to keeping the aim in mind.
signal(
    "goal.progressed",
    kind=SignalKind.GOAL_PROGRESS,
    pillar=Pillar.COGNITIVE,
    weight=0.6,
    normalizer=Normalizer.LINEAR,
    parameters={"low": -5.0, "high": 5.0},
    value="moved",
    subject=("goal",),
    words="progress towards a goal",
)

# --- Body ---------------------------------------------------------------------------------------
# Sleep and steps weigh the same: neither makes up for the other.
signal(
    "biometrics.sleep",
    kind=SignalKind.SLEEP,
    pillar=Pillar.BIOMETRIC,
    weight=1.0,
    normalizer=Normalizer.U_SHAPE,
    parameters=SLEEP_MINUTES,
    value="value",
    subject=("metric",),
    words="sleep",
)
signal(
    "biometrics.steps",
    kind=SignalKind.STEPS,
    pillar=Pillar.BIOMETRIC,
    weight=1.0,
    normalizer=Normalizer.RATIO,
    parameters=STEPS,
    value="value",
    subject=("metric",),
    words="steps",
)
# A day of which no source tells any more is silent, not zero.
retraction("biometrics.sleep_removed", kind=SignalKind.SLEEP, subject=("metric",))
retraction("biometrics.steps_removed", kind=SignalKind.STEPS, subject=("metric",))
# That somebody looks and confirms counts, never which way a number went; half, because it is one tap.
signal(
    "biometrics.change_confirmed",
    kind=SignalKind.BIOMETRIC_CHANGE,
    pillar=Pillar.BIOMETRIC,
    weight=0.5,
    subject=("change",),
    words="a change you confirmed",
)
