"""Questions as people ask them, each with the articles of which one must be among the first three found.

Written before any ranking was looked at.
"""

EXPECTED = {
    "how long does it take until something becomes a habit": {"lally-2010"},
    "how do I remember to do my habit": {
        "forgetting",
        "kinds-of-cues",
        "implementation-intentions",
    },
    "I missed three days, have I ruined everything?": {"missed-days"},
    "does it help to write down exactly when and where I'll do it": {
        "implementation-intentions",
        "gollwitzer-sheeran-2006",
    },
    "what is habit stacking": {"habit-stacking"},
    "I have no time to exercise": {"no-time", "short-slots"},
    "why do I keep putting things off": {"procrastination", "sirois-pychyl-2013"},
    "should I pay myself for going to the gym": {"rewards-that-undermine", "deci-1999"},
    "how can I use my phone less in the evening": {"screen-time", "phone-out-of-the-bedroom"},
    "how do I start running as a complete beginner": {"running-from-zero"},
    "tips to fall asleep at the same time every night": {"sleep-routine"},
    "best way to learn vocabulary": {"language-learning"},
    "can I listen to audiobooks while on the treadmill": {"temptation-bundling", "milkman-2014"},
    "is Monday a good day to begin": {"fresh-starts", "dai-2014"},
    "why does tracking help": {"self-monitoring", "harkin-2016"},
    "should I bet money on my goal": {"commitment-devices", "gine-2010"},
    "I'm exhausted after work": {"too-tired"},
    "my weekends ruin my routine": {"weekends"},
    "how often per week should I train to make it a habit": {"how-often", "kaushal-rhodes-2015"},
    "what should I do when I travel for work": {"travel"},
    "I work night shifts, how do I keep a routine": {"irregular-shifts", "the-shift-worker"},
    "how do I save a little money every month": {"saving-money", "the-quiet-saver"},
    "my flat is full of clutter": {"decluttering"},
    "I feel guilty and beat myself up when I fail": {"self-compassion", "breines-chen-2012"},
    "how to practise guitar regularly": {"music-practice"},
    "I want to quit smoking": {"quitting-smoking"},
    "is it better to do it in the morning or at night": {"best-time-of-day"},
    "how can I make a bad habit harder": {"friction"},
    "I lose motivation after two weeks": {"motivation-comes-and-goes"},
    "how do I eat more vegetables without a diet": {"vegetables-with-one-meal"},
    "my friends pressure me to drink when we go out": {"social-pressure"},
    "why do my plans always take longer than I think": {
        "buffers",
        "buehler-1994",
        "kruger-evans-2004",
    },
    "I only do it if I can do it perfectly": {"perfectionism", "all-or-nothing"},
    "how to stop snacking late at night": {"evening-eating"},
    "should I imagine success or the obstacles": {"mental-contrasting", "oettingen-2012"},
}

# About nothing that the library knows.
IRRELEVANT = [
    "who won the world cup in 1998",
    "what's the capital of Mongolia",
    "write me a python function that sorts a list",
    "hello",
    "thanks a lot!",
    "yes please",
    "remind me to call mum at 5",
    "how tall is Mount Everest",
    "what will the weather be tomorrow",
    "my printer shows an error code",
    "what time is it",
    "undo that",
]

# Held back: written after the numbers were chosen, to see what they are worth on other people's words.
HELD_BACK = {
    "my evenings are a mess and I scroll until midnight": {
        "screen-time",
        "the-phone-in-the-hallway",
    },
    "I'd like to get stronger but hate gyms": {"strength-at-home"},
    "is it true that habits take 21 days": {"lally-2010"},
    "my partner doesn't support my new routine": {"social-pressure", "accountability"},
    "how do I get back into it after being ill": {
        "illness-and-injury",
        "coming-back-after-the-gap",
    },
    "I keep forgetting to drink": {"drinking-water"},
    "what should I do when I get bored of my workouts": {"boredom"},
    "is it ok to start with only two minutes": {"tiny-versions"},
    "how do I study for an exam without cramming": {"studying"},
    "I want to do yoga, run, write and learn chess all at once": {
        "one-habit-at-a-time",
        "too-many-goals",
    },
    "does a reward help": {"rewards-that-undermine", "deci-1999", "rewards-right-away"},
    "how can I meditate when my mind wanders": {"meditation"},
    "who could keep me accountable": {"accountability"},
    "how do I plan my week": {"weekly-review", "calendar-blocks"},
    "I eat crisps in front of the tv": {
        "evening-eating",
        "eating-with-attention",
        "habit-replacement",
    },
    "should I cycle to the office": {"cycling-to-work"},
}
