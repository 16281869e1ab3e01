"""What the built-in interviewer says, as data: several wordings of each thing, so that it never repeats itself."""

from .topics import Kind, Topic

HELLO = (
    "Hi{name}. I'm your coach: an AI, not a person. I'd like to get to know you, so that what I say later fits "
    "you. It takes about ten short answers. Skip whatever you like, and stop whenever you want; nothing is lost."
)

# --- Questions ----------------------------------------------------------------------------------
# {goal}, {activity}, {obstacle} and {style} are what was said of these.
QUESTIONS: dict[str, list[str]] = {
    "goals.what": [
        "What would you like to be different in a few months?",
        "If the next few months went well, what would have changed for you?",
    ],
    "goals.still": ["When you signed up you wrote: “{goal}”. Is that still what you want?"],
    "goals.instead": ["What would you rather work towards?", "What do you want instead?"],
    "goals.why": [
        "Why does it matter to you just now?",
        "What would it give you, once you are there?",
    ],
    "training.now": [
        "How does your body get to move in an ordinary week? Sport, walking, nothing at all: any answer is fine.",
        "What does an ordinary week look like for moving: sport, walks, or mostly sitting?",
    ],
    "training.often": [
        "How often in a week do you get to it, roughly: {activity}?",
        "About how many times a week is that: {activity}?",
    ],
    "meals.day": [
        "And eating: what does an ordinary day look like? Just the pattern, no numbers.",
        "How do you eat on an ordinary day? Who cooks, when, what gets skipped; no numbers needed.",
    ],
    "challenges.what": [
        "What gets in the way most often, when you try to do something for yourself?",
        "When a good plan of yours falls apart, what is usually behind it?",
    ],
    "challenges.when": [
        "When is it hardest to keep to a plan: a time of day, certain days?",
        "Is there a time of the day or week when plans fail most easily?",
    ],
    "past_failures.tried": [
        "What have you tried before, and where did it stop?",
        "Is there something you tried before that did not last? What happened?",
    ],
    "past_failures.why": [
        "What made you stop back then, do you think?",
        "Looking back at what you tried, what ended it?",
    ],
    "preferences.how": [
        "How should I talk to you when it gets hard: gently, straight, or just the facts?",
        "What kind of coach works for you: a gentle one, a straight one, one who sticks to facts?",
    ],
    "preferences.more": [
        "So far your coach is “{style}”. Is there anything I should never do, or always do?",
    ],
    "preferences.when": [
        "And when in the day is there most room for this?",
        "Last one: which part of the day suits you best for a small habit?",
    ],
}
EXAMPLES: dict[str, str] = {
    "goals.what": "It can be small: more energy, sleeping through, running to the lake, less screen in the evening.",
    "goals.still": "A yes is enough, or tell me what it is now.",
    "goals.instead": "One sentence is enough, for example “have energy after work”.",
    "goals.why": "For example for somebody, for your health, or because you miss how it felt.",
    "training.now": "For example “I walk to work”, “football on Sundays” or “nothing at the moment”.",
    "training.often": "A guess will do, such as “twice a week” or “hardly ever”.",
    "meals.day": "For example “no breakfast, canteen at lunch, I cook in the evening”.",
    "challenges.what": "For example time, tiredness, forgetting, other people's plans, or no wish to do it.",
    "challenges.when": "For example “weekday evenings” or “as soon as work gets busy”.",
    "past_failures.tried": "For example a gym, an app, a course, a diary: anything that began well and then stopped.",
    "past_failures.why": "For example too much at once, an illness, a move, or it simply got boring.",
    "preferences.how": "For example “be honest, no lectures” or “small steps and some praise”.",
    "preferences.more": "For example “no jokes” or “tell me the reason behind things”.",
    "preferences.when": "Morning, lunch break, evening, or it depends.",
}
WHY_WE_ASK: dict[Topic, str] = {
    Topic.GOALS: "I ask because everything I suggest later should lead to something that you want, not to something that I find good.",
    Topic.TRAINING: "I ask so that I begin where you are: the first step should feel small to you.",
    Topic.MEALS: "I ask because meals shape the day, its energy and its evenings. I don't count anything and I don't judge; you can also leave this topic out.",
    Topic.CHALLENGES: "I ask because plans fail at the same few places, and knowing yours lets me plan around them.",
    Topic.PAST_FAILURES: "I ask so that I don't suggest again what did not work for you. It says something about the plan, not about you.",
    Topic.PREFERENCES: "I ask so that you get a coach you like to listen to.",
}
AGAIN = ["So, back to you. {question}", "Now back to where we were. {question}", "{question}"]
NEXT = ["{question}"]

# --- Answers to what was said -------------------------------------------------------------------
HEARD: dict[Kind, list[str]] = {
    Kind.GOAL: [
        "“{Value}”: good, that gives us a direction.",
        "“{Value}”: that's what we'll work towards.",
    ],
    Kind.REASON: [
        "That is a reason of your own, and those carry furthest.",
        "I see why it matters.",
        "Good to know what stands behind it.",
    ],
    Kind.TIMEFRAME: ["{Value}, then."],
    Kind.ACTIVITY: [
        "{Value}: that's a start to build on.",
        "{Value}: good to know.",
    ],
    Kind.FREQUENCY: ["{Value}, then.", "{Value}: noted."],
    Kind.DURATION: ["{Value}: noted."],
    Kind.LIMIT: [
        "I'll keep that in mind.",
        "Thanks for saying so. Nothing I suggest should go against that.",
    ],
    Kind.EXPERIENCE: [
        "Good to know; something of that stays with you.",
        "Then you bring some experience along.",
    ],
    Kind.PATTERN: [
        "Thanks, that paints a picture.",
        "Thank you, I can picture that.",
        "All right, that gives me an idea.",
    ],
    Kind.DIET: ["{Value}: I'll respect that."],
    Kind.OBSTACLE: [
        "That can eat up a good intention; we'll plan around it.",
        "That's a real one, and a plan has to leave room for it.",
    ],
    Kind.SCHEDULE: [
        "Then the plan has to fit around those hours.",
        "Good to know; I won't put anything there.",
    ],
    Kind.MOMENT: [
        "Good to know; that is where a plan has to be easiest.",
        "Then that is the spot to make easy.",
    ],
    Kind.ATTEMPT: [
        "Thanks for telling me. What stopped was a plan, not you.",
        "That is useful: it shows what to do differently.",
    ],
    Kind.CAUSE: [
        "Then that is what the next plan has to get right.",
        "Good to know: we won't build it that way again.",
    ],
    Kind.STYLE: ["{Value}: I can do that.", "{Value} it is."],
    Kind.TIME_OF_DAY: ["Good: {value}.", "{Value}; noted."],
    Kind.ROOM: ["Good, I'll plan within that.", "That's enough to work with."],
    Kind.GOOD: ["Then we should have more of that.", "Good to know what does you good."],
    Kind.DIFFICULTY: ["{Value}: I'll plan that way."],
    Kind.AVOID: ["Understood: “{value}”.", "“{Value}”: I'll stick to that."],
    Kind.BOUNDARY: ["Understood."],
    Kind.NOTHING: [
        "That's fine: we begin from there.",
        "All right, that is an honest place to begin.",
    ],
}
HEARD_MANY = [
    "Thank you, that tells me {about}. It's in the list.",
    "Good, now I know {about}.",
    "Thanks for telling me {about}; I've noted it.",
]
# What something was told about, by topic: "Good, now I know how you move and what gets in the way."
ABOUT: dict[Topic, str] = {
    Topic.GOALS: "what you are after",
    Topic.TRAINING: "how you move",
    Topic.MEALS: "how you eat",
    Topic.CHALLENGES: "what gets in the way",
    Topic.PAST_FAILURES: "what you tried before",
    Topic.PREFERENCES: "what suits you",
}
# When what was told is welcome, and the question is still open.
BACK_TO = ["{heard} Coming back to what I asked: {question}", "{heard} And still: {question}"]
FOLLOWS = {
    "goals.why": [
        "“{Goal}”: good, that gives us a direction. {question}",
        "“{Goal}”: that's a goal we can work with. {question}",
    ],
    "training.often": ["{Activity}: good. {question}"],
    "challenges.when": [
        "That can eat up a good intention. {question}",
        "I hear that, and we'll plan around it. {question}",
    ],
}

ENOUGH = [
    "By the way, this is already enough to make your coach from; you can finish now, or go on. {question}",
]
ALL_ASKED = [
    "That was my last question; thank you for being so open. Have a look at the list of what I understood: "
    "take out what's wrong, or add something here. When it fits, finish, and I'll write your personal coach.",
]
MORE_TAKEN = [
    "Added. Anything else? Otherwise finish whenever you like.",
    "I've put that in, too. Finish when the list fits.",
]
NOTHING_ADDED = [
    "I found nothing to add to the list in that. Say it in a full sentence if I missed something, or finish.",
    "That added nothing to the list. Put it in other words if it should stand there, or finish.",
]
NOT_ENOUGH = [
    "Nearly. I'd still like to hear a little about this: {missing}. {question}",
]
READY_TO_FINISH = [
    "Good. Use Finish, and I'll write your personal coach from what you told me.",
]

PASSED = ["No problem, we leave that one.", "All right, on we go.", "Skipped."]
DECLINED = [
    "Of course. I won't ask about that again.",
    "Understood; that stays out.",
]
UNSURE = ["That's all right. {examples}", "No need to know exactly. {examples}"]
TELL_MORE = ["Tell me a little more. {examples}", "Go on, I'm curious. {examples}"]
NOT_GOT = [
    "I didn't quite get that, sorry. {examples}",
    "That went past me. Could you say it in a short sentence? {examples}",
]
HEARD_YOU = [
    "I hear you. {examples}",
    "Thank you for saying that. {examples}",
]
SUMMARY = ["So far: {values}. It all stands in the list. {again}"]
NOTHING_YET = ["Nothing yet. {again}"]
PAUSED = [
    "Of course. Everything you said is kept; come back whenever you like, and we go on right here.",
    "That's fine, let's stop here for now. It all waits for you as it is.",
]
STILL_HERE = (
    "I'm still here, and I'm listening. What you are going through matters more than any question of mine, and the "
    "people on the lines above can talk with you right now. When you would like to go on, say “go on”; there is no hurry."
)
AFTER_A_REST = ["I'm glad you're here. We take it slowly. {again}"]
HOW_TO_ABANDON = [
    "You can abandon this whenever you want, with the button for it. What you told me is then deleted within "
    "30 days, and nothing is made of it. Or simply go on: {question}",
]
WHO = [
    "No, I'm not a person: I'm an AI coach, and here I work by fixed rules. {again}",
    "I'm software, an AI, with nobody typing behind it. {again}",
]
PRIVACY = [
    "What I understand stands in the list beside us, with your own words, and you can take anything out. It is used "
    "to write your coach. Your human coach, if you have one, may read it, and each reading is written down. {again}",
]
DIGRESSION = [
    "That's one for the coach, once this is done; I'd be glad to take it up there. {again}",
    "Let's keep that for our chat afterwards. {again}",
]
SMALL_TALK = ["Gladly. {again}", "Good to hear. {again}"]
INSTRUCTIONS = ["I'll stay with getting to know you. {again}"]
INSULT = ["Fair enough. We can stop at any time, or make it short. {again}"]
MEDICAL = [
    "That is a question for a doctor or pharmacist, and I'd rather send you there than guess. {again}",
]
FINANCIAL = [
    "That is beyond what I should advise on; a licensed adviser can look at your whole situation. {again}",
]
URGENT = (
    "Please have what you describe looked at by a doctor before we plan any exercise. If it is happening right now "
    "or getting worse, stop and call your local emergency number. I don't note it down, and the rest can wait."
)
FOOD_LEFT_OUT = (
    "Thank you for telling me. I leave food and weight out of our coaching then; a doctor, a midwife or a dietitian is "
    "a much better companion there. Everything else we can do."
)
UNDER_AGE = (
    "Thank you for saying so. Habyss is made for adults, so I leave food and weight out altogether, and I'd ask you to "
    "talk with somebody you trust about using it."
)
FOREIGN = {
    "es": "Lo siento: aquí entiendo mejor el inglés.",
    "fr": "Désolé : ici, je comprends mieux l'anglais.",
    "de": "Tut mir leid: hier verstehe ich Englisch am besten.",
    "pt": "Desculpe: aqui entendo melhor o inglês.",
    "it": "Mi dispiace: qui capisco meglio l'inglese.",
    "nl": "Sorry: hier begrijp ik Engels het best.",
}
ENGLISH_BEST = "I understand English best; short and simple is fine. {again}"
