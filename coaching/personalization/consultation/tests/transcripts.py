"""What people who do not answer the question say, and what each of their messages is understood as."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Story:
    """A whole talk: the goal from sign-up, and each message with what it adds ("topic kind: value")."""

    stated: str
    turns: tuple[tuple[str, tuple[str, ...]], ...]


TALKS: dict[str, Story] = {
    "sam": Story(
        stated="Run a 5K in 3 months",
        turns=(
            (
                "I want to run a 5K with my sister in three months, mostly to have more energy in the evening.",
                (
                    "goals goal: run a 5K with my sister",
                    "goals reason: mostly to have more energy in the evening",
                    "goals timeframe: by 20 August 2026",
                ),
            ),
            (
                "At the moment I walk twice a week, about 30 minutes. I used to play tennis until two years ago.",
                (
                    "training activity: walking, twice a week, 30 minutes",
                    "training experience: used to play tennis until two years ago",
                ),
            ),
            (
                "I skip breakfast on workdays, cook twice a week and order pizza when I work late.",
                (
                    "meals pattern: skip breakfast on workdays, cook twice a week and order pizza when I work late",
                ),
            ),
            (
                "The hardest part is long meetings. On Mondays and Thursdays I come home at 8 and I'm exhausted.",
                (
                    "challenges obstacle: long meetings",
                    "challenges obstacle: On Mondays and Thursdays I come home at 8 and I'm exhausted",
                ),
            ),
            (
                "I tried a running app last year. I quit after three weeks because I missed a few days and felt guilty.",
                (
                    "past_failures attempt: tried a running app last year",
                    "past_failures cause: quit after three weeks because I missed a few days and felt guilty",
                ),
            ),
            (
                "I like mornings, and short, direct answers. Please no motivational quotes.",
                (
                    "preferences time_of_day: mornings suit best",
                    "preferences style: short answers",
                    "preferences style: straight to the point",
                    "preferences avoid: Please no motivational quotes",
                ),
            ),
            (
                "I can do 45 minutes a day, and I feel best after being outside.",
                (
                    "preferences room: can do 45 minutes a day",
                    "preferences good: feel best after being outside",
                ),
            ),
            ("No, that is all.", ()),
        ),
    ),
    "terse": Story(
        stated="",
        turns=(
            ("sleep", ("goals goal: sleep",)),
            ("tired", ("goals reason: tired",)),
            ("no", ("training nothing: no regular training at the moment",)),
            ("toast", ("meals pattern: toast",)),
            ("phone", ("challenges obstacle: phone",)),
            ("night", ("challenges moment: night",)),
            ("no", ("past_failures nothing: has not tried this before",)),
            ("gently", ("preferences style: gentle and encouraging",)),
            ("no", ()),
            ("evening", ()),
        ),
    ),
    "ramble": Story(
        stated="",
        turns=(
            (
                "Well where do I start, I have two kids and a dog and my job is in logistics, and honestly I just want to have more energy again, like I had before the kids. My sister says I should do yoga.",
                ("goals goal: have more energy again, like I had before the kids",),
            ),
            (
                "I walk the dog every morning for about 20 minutes. I used to swim in a club when I was young.",
                (
                    "training activity: walking, every day, 20 minutes",
                    "training experience: used to swim in a club when I was young",
                ),
            ),
            (
                "We usually eat with the kids at six. I snack on chocolate after they are in bed.",
                (
                    "meals pattern: We usually eat with the kids at six",
                    "meals pattern: snack on chocolate after they are in bed",
                ),
            ),
            (
                "My shifts change every week so nothing sticks. On late shifts I get home at 11.",
                (
                    "challenges schedule: My shifts change every week so nothing sticks",
                    "challenges schedule: On late shifts I get home at 11",
                ),
            ),
            (
                "I did a couch to 5k plan two years ago and gave up when my knee started to hurt.",
                (
                    "past_failures attempt: did a couch to 5k plan two years ago and gave up when my knee started to hurt",
                ),
            ),
            (
                "Be kind but honest. Don't send me messages before 9.",
                (
                    "preferences style: gentle and encouraging",
                    "preferences style: straight to the point",
                    "preferences avoid: Don't send me messages before 9",
                ),
            ),
        ),
    ),
    "order": Story(
        stated="Sleep better",
        turns=(
            (
                "I hate being nagged. I walk to work every day.",
                ("preferences avoid: hate being nagged", "training activity: walking, every day"),
            ),
            ("I work nights from 10 to 6.", ("challenges schedule: work nights from 10 to 6",)),
            (
                "My doctor told me that my blood pressure is too high, that's why.",
                ("goals reason: My doctor told me that my blood pressure is too high, that's why",),
            ),
            (
                "I eat at my desk, mostly sandwiches.",
                ("meals pattern: eat at my desk, mostly sandwiches",),
            ),
            ("Please be direct.", ("preferences style: straight to the point",)),
            (
                "I tried meditation for a month and it got boring.",
                ("past_failures attempt: tried meditation for a month and it got boring",),
            ),
            (
                "I can do 10 minutes in the morning.",
                ("preferences room: can do 10 minutes in the morning",),
            ),
            ("Never call me on the phone.", ("preferences avoid: Never call me on the phone",)),
        ),
    ),
    "contra": Story(
        stated="",
        turns=(
            ("I want to lose weight and eat better", ("goals goal: lose weight and eat better",)),
            (
                "I run every day. Well, actually I haven't run since March.",
                ("training pattern: haven't run since March",),
            ),
            (
                "I eat healthy. I eat crisps every evening.",
                ("meals pattern: eat healthy", "meals pattern: eat crisps every evening"),
            ),
            ("nothing stops me. I never have time.", ("challenges obstacle: never have time",)),
            ("evenings", ("challenges moment: evenings",)),
            (
                "I never tried anything. I tried keto once and quit after two weeks.",
                (
                    "past_failures nothing: has not tried this before",
                    "past_failures attempt: tried keto once and quit after two weeks",
                ),
            ),
            ("too strict", ("past_failures cause: too strict",)),
            (
                "push me, but don't push me too hard",
                (
                    "preferences style: straight to the point",
                    "preferences avoid: don't push me too hard",
                ),
            ),
            (
                "I'm not a morning person. mornings are best.",
                ("preferences time_of_day: mornings suit best",),
            ),
        ),
    ),
    "typo": Story(
        stated="",
        turns=(
            (
                "i wanna get stronger becuase my back hurts",
                ("goals goal: get stronger becuase my back hurts", "goals reason: my back hurts"),
            ),
            (
                "i dont realy excercise, just the stairs at work",
                ("training nothing: no regular training at the moment",),
            ),
            (
                "skip brekfast, coffe, big dinner",
                ("meals pattern: skip brekfast, coffe, big dinner",),
            ),
            (
                "no tiem and im allways tired",
                ("challenges obstacle: no tiem and im allways tired",),
            ),
            ("weekdays after work", ("challenges moment: weekdays after work",)),
            (
                "tryed the gym last winter, stoped after 1 month",
                ("past_failures attempt: tryed the gym last winter, stoped after 1 month",),
            ),
            ("got borring", ("past_failures cause: got borring",)),
            (
                "be gentel pls, no emojis",
                ("preferences style: gentle and encouraging", "preferences avoid: no emojis"),
            ),
            ("evenings", ("preferences time_of_day: evenings suit best",)),
        ),
    ),
    "refuse": Story(
        stated="",
        turns=(
            ("why do you ask", ()),
            ("i'd rather not say", ()),
            ("I don't want to talk about food", ()),
            ("my knee is bad and I can't jump", ("training limit: knee is bad",)),
            ("skip", ()),
            ("work", ("past_failures attempt: work",)),
            ("skip", ()),
            ("just the facts", ("preferences style: short, just the facts",)),
        ),
    ),
    "multi": Story(
        stated="",
        turns=(
            (
                "I'd like to sleep through because I have a baby, I do yoga on Sundays, I'm vegan, mornings are impossible, and please don't lecture me.",
                (
                    "goals goal: sleep through",
                    "goals reason: I have a baby",
                    "training activity: yoga, once a week",
                    "meals diet: vegan",
                    "challenges obstacle: mornings are impossible",
                    "preferences avoid: please don't lecture me",
                ),
            ),
            ("for my family", ("goals reason: for my family",)),
            (
                "I have 15 minutes a day at most.",
                ("preferences room: have 15 minutes a day at most",),
            ),
            (
                "I tried a sleep app and it made me anxious so I stopped.",
                ("past_failures attempt: tried a sleep app and it made me anxious so I stopped",),
            ),
            ("I work from home, mostly sitting.", ("training pattern: mostly sitting",)),
            ("straight", ()),
        ),
    ),
    "off": Story(
        stated="",
        turns=(
            ("I live in Berlin and I'm 43.", ()),
            ("My name is Ola by the way", ()),
            ("I want to read more books", ("goals goal: read more books",)),
            (
                "I used to read a lot as a student.",
                ("past_failures experience: used to read a lot as a student",),
            ),
            ("I play football on Fridays.", ("training activity: football, once a week",)),
            ("I have two cats.", ()),
            (
                "I eat with my parents on Sundays",
                ("meals pattern: eat with my parents on Sundays",),
            ),
            (
                "my phone, I scroll until midnight",
                ("challenges obstacle: my phone, I scroll until midnight",),
            ),
            (
                "I never do anything before coffee",
                ("meals pattern: never do anything before coffee",),
            ),
            (
                "I feel calm when I'm in the forest",
                ("preferences good: feel calm when I'm in the forest",),
            ),
            ("short messages please", ("preferences style: short answers",)),
        ),
    ),
    "late": Story(
        stated="Get fit",
        turns=(
            ("yes", ()),
            ("I cook every evening.", ("meals pattern: cook every evening",)),
            ("I like numbers and short messages.", ("preferences style: short, just the facts",)),
            ("I bike to work, 20 minutes each way.", ("training activity: cycling, 20 minutes",)),
            (
                "I can't do anything on Wednesdays because of choir.",
                ("challenges schedule: can't do anything on Wednesdays because of choir",),
            ),
            (
                "I felt great when I ran with my club last year.",
                ("preferences good: felt great when I ran with my club last year",),
            ),
            ("I won't count calories.", ("preferences boundary: won't count calories",)),
            (
                "I stopped because the club closed.",
                ("past_failures attempt: stopped because the club closed",),
            ),
            ("that's it", ()),
        ),
    ),
    "wish": Story(
        stated="",
        turns=(
            (
                "I want to be able to carry my grandson up the stairs",
                ("goals goal: carry my grandson up the stairs",),
            ),
            ("he is 2 and so heavy", ()),
            (
                "arthritis in my hip, I can't run",
                ("training limit: arthritis in my hip, I can't run",),
            ),
            ("tea and bread, soup at noon", ("meals pattern: tea and bread, soup at noon",)),
            ("rain", ("challenges obstacle: rain",)),
            (
                "I have tried a gym three times, never lasted",
                ("past_failures attempt: have tried a gym three times, never lasted",),
            ),
            ("everyone there was 20", ("past_failures cause: everyone there was 20",)),
            (
                "patient, please. Explain why.",
                (
                    "preferences style: gentle and encouraging",
                    "preferences style: with the reasons why",
                ),
            ),
            ("after lunch", ("preferences time_of_day: midday suits best",)),
        ),
    ),
    "coachy": Story(
        stated="",
        turns=(
            (
                "I train for a triathlon, 6 times a week, with my coach",
                ("training activity: triathlons, 6 times a week",),
            ),
            ("my race is in September", ()),
            (
                "porridge, rice, chicken, I eat a lot",
                ("meals pattern: porridge, rice, chicken, I eat a lot",),
            ),
            ("travel for work, hotels", ("challenges obstacle: travel for work, hotels",)),
            ("every second week", ("challenges moment: every second week",)),
            (
                "last year I overtrained and got injured",
                ("past_failures attempt: last year I overtrained and got injured",),
            ),
            ("too much volume", ("challenges obstacle: too much volume",)),
            (
                "facts only. I don't need praise.",
                (
                    "preferences style: short, just the facts",
                    "preferences avoid: don't need praise",
                ),
            ),
            ("early mornings", ("preferences time_of_day: mornings suit best",)),
        ),
    ),
}
