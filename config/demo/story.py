"""What the demo person lived through in two months: data only, told in days before today."""

from dataclasses import dataclass, field
from datetime import time

DAYS = 60
# The coach spoke first in the last two weeks only: that is as far back as the pages are looked at.
REACHED_OUT_DAYS = 14
GOAL_IN_WORDS = "Run a 5K in 3 months, I have 45 minutes a day"
# Ill in the fourth week before now: skipped on purpose, which breaks nothing.
ILL_FROM, ILL_TO = 26, 23
# A week of travel that cost a few days more than usual.
AWAY_FROM, AWAY_TO = 44, 40


@dataclass(frozen=True)
class OwnHabit:
    """A habit the person added on their own, beside the plan."""

    name: str
    category: str
    began: int
    fields: dict[str, object] = field(default_factory=dict)
    cue: str = ""
    tiny_version: str = ""


OWN_HABITS = (
    OwnHabit(
        "Read ten pages",
        "learning",
        58,
        {"scheduled_time": time(21, 30), "time_of_day": "evening", "duration_minutes": 20},
        cue="I get into bed",
        tiny_version="Open the book and read one page",
    ),
    OwnHabit(
        "Drink water",
        "wellness",
        50,
        {"measure": "at_least", "target_value": 8, "unit": "glasses", "time_of_day": "any"},
        tiny_version="One glass with breakfast",
    ),
    OwnHabit(
        "Call family",
        "wellness",
        41,
        {"cadence": "times_per_week", "times_per_week": 1, "time_of_day": "evening"},
        cue="I have done the dishes on Sunday",
        tiny_version="Send one voice message",
    ),
)


@dataclass(frozen=True)
class Talk:
    """A past conversation: how many days ago, at what time, and the turns, the person's first."""

    days_ago: int
    at: time
    title: str
    turns: tuple[tuple[str, str], ...]


TALKS = (
    Talk(
        60,
        time(19, 12),
        "A plan for a 5K",
        (
            (
                "I'd like to run a 5K in 3 months. I have 45 minutes a day.",
                "A good goal, and three months are enough for it. How much do you run now, and when in the day "
                "does it fit best?",
            ),
            (
                "Almost nothing, I get out of breath after two minutes. Mornings before work.",
                "Then we start with walking that has a little running in it, in the mornings, and the "
                "distance comes later. I have drafted a plan in phases. The first one only makes leaving the "
                "house easy; each next one opens when the habits before it feel steady.",
            ),
            (
                "That looks doable. Accepted.",
                "It's on your Today page from tomorrow. On a hard day, the two-minute version counts.",
            ),
        ),
    ),
    Talk(
        46,
        time(20, 40),
        "Missing the morning",
        (
            (
                "I keep missing my run in the morning. Meetings start earlier now.",
                "That sounds like the time moved, not you. Which would be easier to keep: twenty minutes "
                "earlier, or right after work, before you sit down?",
            ),
            (
                "After work, but not on Thursdays.",
                "After work it is, and Thursdays stay free. Put the shoes by the door in the morning; seeing them "
                "when you come home is the cue.",
            ),
        ),
    ),
    Talk(
        33,
        time(8, 5),
        "How it is going",
        (
            (
                "How am I doing?",
                "The habits around the run have become steadier from week to week, and most missed days stand "
                "alone, which is the part that matters. Reading in bed is your strongest.",
            ),
            (
                "I expected to be further with the running.",
                "Most people do at this point. Breath takes weeks to change and comes all at once; going out "
                "on the planned days is what you can decide today.",
            ),
        ),
    ),
    Talk(
        ILL_FROM,
        time(11, 20),
        "A cold",
        (
            (
                "I have a fever and can't run this week. I feel bad about it.",
                "Rest is the right training for this week. Skip the days with a reason: a skipped day doesn't "
                "weaken a habit and doesn't break a streak. If it isn't better in a few days, ask a doctor.",
            ),
            (
                "OK. I'll skip until Friday.",
                "Get well first. When you are back, begin with the small version, once.",
            ),
        ),
    ),
    Talk(
        12,
        time(21, 15),
        "Sundays",
        (
            (
                "My sister Maya wants to run the 5K with me. Mondays are the hardest because of the late meeting.",
                "Somebody beside you makes it easier to leave the house. Shall we keep Mondays light and put the "
                "longer run on a day with her?",
            ),
            (
                "Yes. I'll run with Maya on Sunday at 9.",
                "Sunday at 9, with Maya. I'll ask you afterwards how it went.",
            ),
        ),
    ),
    Talk(
        6,
        time(18, 55),
        "Three kilometres",
        (
            (
                "I just ran 3 km without stopping!!",
                "Three kilometres, after starting with two minutes. That was your doing: all the ordinary days "
                "you went out. Shall we keep this week as it is and let it settle?",
            ),
            ("Yes, keep it.", "Then enjoy this one. Same days, same distance, easy pace."),
        ),
    ),
    Talk(
        1,
        time(20, 5),
        "New shoes",
        (
            (
                "I prefer short answers, by the way. Running in the rain annoys me.",
                "Short it is. For rain: the ten-minute walk indoors counts.",
            ),
            (
                "Good. I'll buy running shoes in two days at 5pm.",
                "Noted, with the time. I'll ask once how it went.",
            ),
        ),
    ),
)

# The consultation: how many days ago, at what time, and what the person said, whatever was asked.
CONSULTED, CONSULTED_AT = 54, time(20, 10)
CONSULTATION = (
    "I want to run a 5K with my sister in three months, mostly to have more energy in the evening.",
    "At the moment I walk twice a week, about 30 minutes. I used to play tennis until two years ago.",
    "I skip breakfast on workdays, cook twice a week and order pizza when I work late.",
    "The hardest part is long meetings. On Mondays and Thursdays I come home at 8 and I'm exhausted.",
    "I tried a running app last year. I quit after three weeks because I missed a few days and felt guilty.",
    "I like mornings, and short, direct answers. Please no motivational quotes.",
    "I can do 45 minutes a day, and I feel best after being outside.",
    "No, that is all.",
)
REMEMBERED = "Remember that I have a standing desk and walk during phone calls."

SKIP_REASONS = ("Ill", "Travelling", "No time")
NOTES = ("Easier than I thought.", "Slow, but done.", "Nice weather.", "Tired before, awake after.")

# The journal: how many days ago, and what was written.
JOURNAL = (
    (57, "My doctor says I should move more, so here I am. I feel I have to, more than I want to."),
    (52, "Ran because I would have felt guilty otherwise. It was fine once I was outside."),
    (45, "I'm on the road all week and it shows. I don't really see the point in hotel gyms."),
    (
        37,
        "The morning runs matter to me now: I want the energy in the evening for the people I love.",
    ),
    (30, "Ran along the river before sunrise. I enjoyed every minute and forgot the watch."),
    (24, "Ill since Sunday. I miss being outside."),
    (
        16,
        "I'm becoming somebody who runs, it's part of who I am by now. Strange and nice to write that.",
    ),
    (9, "Slept badly, ran anyway, because it's important to me to keep the mornings."),
    (3, "I love the quiet of it. I did two extra laps just because it was fun."),
)
# Visits with the coach: how many days ago, at what time, and how many minutes late it began.
VISITS = ((53, time(18, 0), 2), (32, time(18, 0), 14), (11, time(18, 0), 0))
NEXT_VISIT = (3, time(18, 0))
