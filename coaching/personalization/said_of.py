"""The words by which it is heard what somebody speaks of: stress, sleep, people, training, money, work, time."""

import re

STRESS = re.compile(
    r"\b(?:stress\w*|overwhelm\w*|burn(?:ed|t)? ?out|under pressure|too much on|exhaust\w*|worn out|anxious|relaxed|calm(?:er)?)\b",
    re.I,
)
SLEEP = re.compile(
    r"\b(?:sle(?:ep|pt)\w*|insomnia|awake at night|wake up (?:at night|tired)|hours a night|well rested|up all night)\b",
    re.I,
)
SUPPORT = re.compile(
    r"\b(?:with my (?:\w+ )?(?:wife|husband|partner|friend\w*|sister|brother|mother|mum|mom|father|dad|colleague\w*|team|daughter|son)|(?:my|a) (?:wife|husband|partner|friend|sister|brother|trainer|buddy|club|group|team|family) (?:is|are|helps?|supports?|joins?|keeps?|knows?)|accountab\w+|nobody (?:helps|knows|supports)|on my own|alone)\b",
    re.I,
)
FITNESS = re.compile(
    r"\b(?:r[au]n|walk(?:ed)?|sw[ia]m|cycled?|bike|row|lift(?:ed)?|train(?:ed)?|exercised?|work(?:ed)? out|go to the gym|play(?:ed)? \w+|push-?ups?|squats?|yoga)\b"
    r".*\b(?:\d|twice|once|every|times|without stopping|weekly|years|never|nothing)|\b(?:out of (?:shape|breath)|unfit|fitness|in (?:good|bad) shape|sports? in|beginner)\b",
    re.I,
)
# What is planned, wished or bought says nothing of how they train now.
AHEAD = re.compile(
    r"\bi(?:['’]ll|['’]d| will| would| want| am going to|['’]m going to| plan| hope| prefer)\b|\bmy goal\b|\b(?:shoes|wants?)\b",
    re.I,
)
MONEY = re.compile(
    r"\b(?:sav(?:e|es|ing|ings)|budget\w*|spend\w*|spent|debt\w*|rent|salary|money)\b", re.I
)
WORK = re.compile(
    r"\b(?:night shifts?|shift work|(?<!when )(?<!if )(?<!days )(?<!because )i work (?:from|until|till|on|at|nights|part|full|late)|work from home|office (?:on|from)|my (?:shifts?|working hours))\b",
    re.I,
)
MORNING = re.compile(r"\b(?:morning person|early bird|early riser|best in the mornings?)\b", re.I)
EVENING = re.compile(r"\b(?:night ?owl|evening person|best (?:in the evenings?|at night))\b", re.I)
# The time they say they have, not how long something takes them.
FREE = re.compile(
    r"\b(?:have|had|got|spare|find|free|can do|can spend|available|a day|per day|each day|every day|daily)\b",
    re.I,
)
TIME = re.compile(r"\b(?:min(?:ute)?s?|hours?|half an hour|\d+ ?(?:m|h))\b", re.I)
NOT = re.compile(r"\b(?:not|never|no longer)\b(?:\s+\w+){0,3}\s*$", re.I)
