"""Ways to say a fact. Each kind has some for the words in quotation marks ({q}) and some for a clause ({c}).

{name}, {Name} and {names} as in `stances`; {v} is the fact in short. A fact is always told as what somebody
said, so that a remark made once does not read like a trait.
"""

import re

# By topic and kind, "" for every other kind: (with a quote, with a clause).
Ways = tuple[tuple[str, ...], tuple[str, ...]]
SAID: dict[tuple[str, str], Ways] = {
    ("goals", ""): (
        (
            "What {name} wants, in their own words: {q}.|Asked what this is for, {name} said: {q}.",
            "{Name} also named this as a goal: {q}.",
            "Another wish they mentioned: {q}.",
            "Further down the list, they said: {q}.",
        ),
        (
            "{Name} said that {c}; keep every plan in sight of that.",
            "Besides that, {name} said that {c}.",
            "They mentioned, too, that {c}.",
            "And they said that {c}, which can wait its turn.",
        ),
    ),
    ("goals", "reason"): (
        (
            "Why it matters, as {name} put it: {q}; come back to that when the plan feels like a chore.",
            "Another reason they gave: {q}.",
        ),
        (
            "It matters, {name} said, because {c}; come back to that when the plan feels like a chore.",
            "They also said, about why, that {c}.",
        ),
    ),
    ("goals", "timeframe"): (
        ("On timing, {name} said: {q}; plan backwards from there, with slack.",),
        ("On timing, {name} said that {c}; plan backwards from there, with slack.",),
    ),
    ("training", ""): (
        (
            "About movement, {name} said: {q}.",
            "They added: {q}.",
            "One more remark about movement, as told: {q}.",
            "They mentioned in passing: {q}.",
        ),
        (
            "As for movement, {name} said that {c}.",
            "They told you, too, that {c}.",
            "By their own account, {c}.",
            "They mentioned in passing that {c}.",
        ),
    ),
    ("training", "experience"): (
        (
            "There is experience to build on, as {name} told it: {q}.",
            "Also from earlier, as told: {q}.",
        ),
        (
            "There is experience to build on: {name} mentioned that {c}.",
            "From earlier they mentioned, too, that {c}.",
        ),
    ),
    ("training", "limit"): (
        (
            "A limit to respect, in {names} words: {q}; plan around it and leave its treatment to professionals.",
            "Another limit they mentioned: {q}.",
        ),
        (
            "{Name} mentioned a limit: {c}; plan around it and leave its treatment to professionals.",
            "They said, too, that {c}, so leave room for it.",
        ),
    ),
    ("meals", ""): (
        (
            "About food, {name} said: {q}.",
            "They added about eating: {q}, as they put it.",
            "Another remark on meals, as told: {q}.",
        ),
        (
            "With food, {name} said, {c}.|About meals, {name} told you that {c}.",
            "They mentioned about eating that {c}.",
            "On food they also said that {c}.",
        ),
    ),
    ("meals", "diet"): (
        ("What {name} eats and does not eat, as they said it: {q}; suggest nothing outside it.",),
        ("{Name} said that {c}; suggest no food outside that.",),
    ),
    ("challenges", ""): (
        (
            "What gets in the way, in {names} words: {q}.|Asked what gets in the way, {name} said: {q}.",
            "{Name} named another hurdle: {q}.",
            "This came up as well, they said: {q}.",
            "They mentioned one more: {q}.",
        ),
        (
            "Asked what gets in the way, {name} said that {c}.",
            "Another hurdle, {name} said, is that {c}.",
            "They also told you that {c}.",
            "They mentioned, besides, that {c}.",
        ),
    ),
    ("challenges", "schedule"): (
        (
            "About their week, {name} said: {q}; look for a place outside those hours.",
            "Also fixed in their week, they said: {q}.",
        ),
        (
            "About their week, {name} said that {c}; look for a place outside those hours.",
            "Also fixed in their week, they said: {c}.",
        ),
    ),
    ("challenges", "moment"): (
        (
            "On when it is hardest, {name} said: {q}.",
            "Another hard moment they named: {q}.",
        ),
        (
            "On when it is hardest, {name} said that {c}.",
            "Another hard moment, they said: {c}.",
        ),
    ),
    ("past_failures", ""): (
        (
            "Of earlier attempts, {name} said: {q}.|What {name} tried before, as told: {q}.",
            "Another attempt, as they told it: {q}.",
            "They mentioned this attempt, too: {q}.",
        ),
        (
            "Looking back, {name} said that {c}.",
            "Another time, they said, {c}.",
            "They told of one more attempt: {c}.",
        ),
    ),
    ("past_failures", "cause"): (
        (
            "How it ended, in {names} words: {q}; see to it that the next plan cannot end that way.",
            "About that ending they said, too: {q}.",
        ),
        (
            "On how it ended, {name} said that {c}; see to it that the next plan cannot end that way.",
            "About that ending they also said that {c}.",
        ),
    ),
    ("past_failures", "experience"): (
        ("From earlier, {name} mentioned this: {q}.", "Also from earlier days, as told: {q}."),
        ("From earlier, {name} mentioned that {c}.", "Of earlier days they also said that {c}."),
    ),
    ("preferences", ""): (
        (
            "On how to be coached, {name} said: {q}.",
            "They also asked for this: {q}.",
            "One more wish they mentioned: {q}.",
        ),
        (
            "On how to be coached, {name} said that {c}.",
            "They said, too, that {c}.",
            "One more thing they mentioned: {c}.",
        ),
    ),
    ("preferences", "style"): (("For your tone, {name} asked for this: {v}.",), ()),
    ("preferences", "avoid"): (
        (
            "What to leave out, as {name} said it: {q}.",
            "They also asked you to leave this out: {q}.",
            "And this, they said: {q}.",
        ),
        (
            "{Name} said that {c}; respect that, also when it would be easy not to.",
            "They mentioned that {c}, so spare them that, too.",
        ),
    ),
    ("preferences", "boundary"): (
        (
            "A line that {name} drew, and said so: {q}; stay on the right side of it.",
            "Another line they drew: {q}.",
        ),
        (
            "{Name} drew a line and said that {c}; stay on the right side of it.",
            "Another line they drew: {c}.",
        ),
    ),
    ("preferences", "room"): (
        ("On how much time there is, {name} said: {q}; less is fine, more is not.",),
        ("{Name} said that {c}; plan within that, and start with less.",),
    ),
    ("preferences", "good"): (
        ("What does them good, in {names} words: {q}.",),
        ("{Name} said that {c}; use that where it fits.", "They mentioned, too, that {c}."),
    ),
    ("preferences", "time_of_day"): (
        ("On the time of day, {name} said: {q}; put things there first.",),
        ("{Name} said that {c}; put things there first.",),
    ),
    ("preferences", "difficulty"): (
        ("On how hard things should be, {name} said: {q}.",),
        ("On how hard things should be, {name} said that {c}.",),
    ),
    ("preferences", "communication_style"): (("In Settings {name} chose a tone: {v}.",), ()),
    ("preferences", "detail_level"): (("For detail, {name} set this in Settings: {v}.",), ()),
    ("preferences", "emoji_preference"): (("For emoji, {name} set this in Settings: {v}.",), ()),
}
CHOSEN = ("communication_style", "detail_level", "emoji_preference")

FOOD_CLOSED = (
    "Leave food, eating and the body's weight out of the coaching with {name} altogether, also in passing; where they "
    "come up, say kindly that a doctor or a dietitian is the better companion there."
)
WEIGHT = (
    "Weight or calories are among the things {name} mentioned; keep to meals, movement and sleep, and name no figure.",
)
# Somebody who speaks of themselves like this is not quoted.
SELF_BLAME = re.compile(
    r"\b(?:lazy|useless|pathetic|stupid|worthless|weak|disgusting|fat|no will ?power|no discipline|a failure)\b",
    re.IGNORECASE,
)
BLAMED = "{Name} told it in harsh words about themselves; hear it as trouble with beginning, and do not repeat them."
PORTRAIT_BLAMED = "Beginning seems to be the hard part, told in harsher words than they deserve."
# What a body allows is a limit, whatever else the remark is about.
BODY = re.compile(
    r"\b(?:arthritis|asthma|injur\w+|hurts?|pain\w*|sore|surgery|knees?|bad back|migraines?|pregnan\w+)\b",
    re.IGNORECASE,
)

# What sets a limit; without such a word a remark is no boundary, whatever it was filed as.
LIMITING = re.compile(
    r"\b(?:no|not|never|nothing|none|without|hate|dislike|stop|avoid|spare|leave|rather|only|cannot|less|too)\b|n['’]t\b",
    re.IGNORECASE,
)

# What to do about an obstacle, by what it is about; the first pattern that fits decides.
ADVICE: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = tuple(
    (re.compile(rf"\b(?:{words})", re.IGNORECASE), advice)
    for words, advice in (
        (
            r"perfect|all[ -]or[ -]nothing|give up|gave up|quit\w*|miss(?:ed)? (?:one|a)|fall off|fell off|slip",
            (
                "After a miss, speak first of the return, and make that return tiny.",
                "Agree beforehand on what counts on a bad day, so that little is never nothing.",
            ),
        ),
        (
            r"forg[eo]t|remember|slips? my mind",
            (
                "Give it a cue that cannot be overlooked, such as a thing that lies in the way.",
                "Hang it on something that happens anyway, and set a reminder only if that fails.",
            ),
        ),
        (
            r"snack|sweet|sugar|chocolate|crav|takeaway|take-?out|junk|crisps|chips",
            (
                "Talk about what stands within reach at that hour, and never about willpower.",
                "Plan the moment before it comes: what is eaten, where, and what the evening holds instead.",
            ),
        ),
        (
            r"kids?|child|daughter|son|baby|famil|partner|husband|wife|friends?|colleagues?|part(?:y|ies)|social",
            (
                "Plan with the people around {name} in mind, and do not expect those people to change.",
                "Look for minutes that belong to {name} alone, and keep the step short enough for them.",
            ),
        ),
        (
            r"travel|trips?|hotels?|weather|rain|winter|gym is|far away|commut",
            (
                "Have a version ready that needs no special place and no equipment.",
                "Ask ahead of such days, and agree on the small version before they begin.",
            ),
        ),
        (
            r"stress|overwhelm|anxi|worr|pressure|mood",
            (
                "On such days lower the bar first, and talk about the plan later.",
                "When it is like that, ask what would make today lighter before anything else.",
            ),
        ),
        (
            r"tired|exhaust|energy|sleep|worn|drained|fatigue",
            (
                "Put what matters before the tired hours, and keep a two-minute version for them.",
                "When energy is low, offer the easy version at once, without asking for a reason.",
            ),
        ),
        (
            r"weekend|saturday|sunday|friday|monday",
            (
                "Speak of it a day ahead, and settle one thing for those days in advance.",
                "Give those days a plan of their own, smaller than the rest of the week.",
            ),
        ),
        (
            r"evening|night|late|after work",
            (
                "Move the step to an earlier hour where that can be done, or tie it to coming home.",
                "Ask what the hour before looks like; that is where the change can be made.",
            ),
        ),
        (
            r"time|busy|work|meeting|deadline|schedul|overtime|shift|hours",
            (
                "When the calendar is full, offer five minutes at a fixed point of the day and no more.",
                "Look for a fixed place in the day before you talk about longer sessions.",
                "Shorten the step rather than moving it to a day that may never come.",
            ),
        ),
        (
            r"motivat|bor(?:ed|ing)|lazy|feel like|disciplin|procrastin|start",
            (
                "Do not wait for motivation: make starting the whole task, and let stopping be allowed.",
                "Pair it with something pleasant, and ask only for the first two minutes.",
            ),
        ),
    )
)
ANY_ADVICE = (
    "When it comes up, ask what happened just before, and change one thing there.",
    "Keep a smaller version ready for those days.",
)
AFTER_FAILURE = (
    "Speak of it as a plan that did not fit, never as a weakness.",
    "Ask what worked in it for a while, and keep that part.",
)

# What is measured, by name of the metric; {level} follows the share, {v} is the count.
MEASURED = {
    "logging": "Something was logged on {v}; {level}.",
    "adherence": "The record shows {v} in target, of those that asked for something; {level}.",
    "streak": "The longest run on record is {v} in a row; mention it rarely, and never as something to lose.",
    "weekend_overeating": "Weekends have been harder with food than weekdays ({v}): on Fridays, offer to settle one "
    "meal ahead, and leave figures out of it.",
    "monday_restarts": "Weekends tend to fall away and Monday to begin anew ({v}): keep one small thing alive on "
    "Saturdays instead of a grand restart.",
    "late_night": "There is often something going on late at night ({v}): suggest the last step of the day "
    "earlier, and leave it there.",
    "post_streak_collapse": "After a long run ends, a gap has tended to follow ({v}): be there on the first missed "
    "day with something tiny.",
}
LEVELS = {
    "logging": (
        (0.75, "that is a rhythm worth protecting, so add little to it"),
        (0.4, "enough to build on, with gaps that are worth a friendly question"),
        (0.0, "keep recording effortless, and ask for one entry rather than for all"),
    ),
    "adherence": (
        (0.75, "the asked-for amount seems to fit, and may grow a little if they want it"),
        (0.4, "it fits on some days and not on others, so find out which"),
        (0.0, "the plan asks for too much as it stands, so make it smaller first"),
    ),
}
KNOWN = {
    "best_performing_habits": "The record shows what goes best ({v}); build new things next to it.",
    "struggle_patterns": "It also shows what is hard ({v}); offer the smaller version there before they ask.",
    "peak_productivity_times": "Things tend to get done at certain times ({v}).",
}

# The portrait tells facts in short ({v}) or as a clause ({c}).
PORTRAIT: dict[tuple[str, str], Ways] = {
    ("goals", ""): (
        (
            "What {name} wants, as they put it: {v}.",
            "They also named this: {v}.",
            "One more wish they mentioned: {v}.",
        ),
        ("{Name} said that {c}.", "Besides that, they said that {c}.", "They mentioned that {c}."),
    ),
    ("goals", "reason"): (
        ("The reason they gave: {v}.", "Another reason they named: {v}."),
        ("It matters, they said, because {c}.", "They also gave this reason: {c}."),
    ),
    ("goals", "timeframe"): (
        ("The time they have in mind, as told: {v}.",),
        ("As to when, they said that {c}.",),
    ),
    ("training", ""): (
        ("Movement, as they described it: {v}.", "They added about moving: {v}, as told."),
        ("As for movement, they said that {c}.", "They mentioned, besides, that {c}."),
    ),
    ("training", "experience"): (
        ("From earlier they mentioned: {v}.",),
        ("They mentioned, too, that {c}.",),
    ),
    ("training", "limit"): (
        ("A limit they mentioned: {v}.",),
        ("There is a limit they mentioned: {c}.",),
    ),
    ("meals", ""): (
        ("About food they said: {v}.", "On eating they added, as told: {v}."),
        ("By their own account, {c}.", "About eating they also said that {c}."),
    ),
    ("meals", "diet"): (("On food they named a rule: {v}.",), ("On food they said that {c}.",)),
    ("challenges", ""): (
        (
            "What gets in the way, by their own account: {v}.",
            "Another hurdle they named: {v}.",
            "They mentioned this hurdle, too: {v}.",
        ),
        (
            "What gets in the way, as they told it: {c}.",
            "They said, too, that {c}.",
            "They mentioned, too, that {c}.",
        ),
    ),
    ("challenges", "schedule"): (
        ("About their week they said: {v}.",),
        ("About their week they said that {c}.",),
    ),
    ("challenges", "moment"): (
        ("The hardest time, they said: {v}.",),
        ("On when it is hardest they said that {c}.",),
    ),
    ("past_failures", ""): (
        ("What they tried before, as told: {v}.", "Of another attempt they said: {v}."),
        ("Of an earlier attempt they said that {c}.", "Another time, they said, {c}."),
    ),
    ("past_failures", "cause"): (
        ("What ended it, by their own account: {v}.",),
        ("It ended like this, they said: {c}.",),
    ),
    ("past_failures", "experience"): (
        ("From earlier days they mentioned: {v}.",),
        ("Of earlier days they said that {c}.",),
    ),
    ("preferences", ""): (
        ("For the coaching, they said: {v}.", "Another wish they mentioned: {v}."),
        ("About being coached they said that {c}.", "They also mentioned that {c}."),
    ),
    ("preferences", "style"): (("In tone they asked for this: {v}.",), ()),
    ("preferences", "avoid"): (
        ("What they asked to be spared: {v}.", "They also asked to be spared this: {v}."),
        ("They said, too, that {c}.", "They mentioned as well that {c}."),
    ),
    ("preferences", "boundary"): (("A line they drew: {v}.",), ("They drew a line: {c}.",)),
    ("preferences", "room"): (
        ("The time they have, as told: {v}.",),
        ("On time, they said that {c}.",),
    ),
    ("preferences", "good"): (
        ("What does them good, they said: {v}.",),
        ("They also said that {c}.",),
    ),
    ("preferences", "time_of_day"): (
        ("On the time of day they said: {v}.",),
        ("On the time of day they said that {c}.",),
    ),
    ("preferences", "communication_style"): (
        ("In Settings they chose how they are spoken to: {v}.",),
        (),
    ),
    ("preferences", "detail_level"): (("As to detail they chose: {v}.",), ()),
    ("preferences", "emoji_preference"): (("For emoji they set: {v}.",), ()),
    ("behavior", "logging"): (("In the last weeks something was logged on {v}.",), ()),
    ("behavior", "adherence"): (("On {v} with something to do, they were in target.",), ()),
    ("behavior", "weekend_overeating"): (
        ("With food, weekends have been the harder part ({v}).",),
        (),
    ),
    ("behavior", "monday_restarts"): (
        ("More than once a quiet weekend ended in a Monday restart ({v}).",),
        (),
    ),
    ("behavior", "late_night"): (("Late evenings have often stayed busy ({v}).",), ()),
    ("behavior", "post_streak_collapse"): (
        ("After long runs, gaps have tended to follow ({v}).",),
        (),
    ),
}
PORTRAIT_FOOD_CLOSED = (
    "Food and weight are left out of the coaching altogether, for a reason {name} gave."
)
PORTRAIT_WEIGHT = (
    "Weight or food in figures is something they mentioned; it is met through habits, without them."
)
