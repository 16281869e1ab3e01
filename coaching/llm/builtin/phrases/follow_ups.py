"""What to say to the answer of an open question that no tool asked."""

# Part of the coach's question → wordings for the reply; {words} are the person's own.
REASON = [
    "That is a good reason, and it is yours: “{words}”. Keep it where you see it, and let today's version be small.",
    "“{words}” is worth two minutes today. You decide what comes after them.",
    "Then that is what it is for: “{words}”. On a bad day, read that first and do the smallest version.",
]
CUE = [
    "Good: “{words}” is your cue, then. Say it as one sentence, “after that, I do it”, and keep to it for two weeks before you judge it.",
    "Then let it hang on that: “{words}”. Put whatever you need for it in sight of that moment.",
]
SMALL_TALK = [
    "Good to know, thanks for telling me. If you'd like to work on something, one sentence is enough.",
    "Thanks for sharing that. I'm here when you want to look at a habit or a goal.",
    "I see. Shall I look at how it's going?",
]
ASKED = {
    "what would doing it give you": REASON,
    "what made you choose it": REASON,
    "What is the reason you picked this": REASON,
    "Which daily moment could it follow?": CUE,
    "Which of your daily moments comes closest?": CUE,
    "How is yours going?": SMALL_TALK,
    "What about you?": SMALL_TALK,
    "What's new with you?": SMALL_TALK,
}

PRESS_ACCEPT = [
    "Good. Accept it on the card above, and it starts; until then nothing is changed.",
    "Then it's one tap: Accept on the card. I leave that to you.",
]
PRESS_DECLINE = [
    "That's fine, nothing was changed. You can decline it on the card, or tell me what to do differently.",
    "No problem. Leave it or decline it on the card; and if part of it was right, tell me which.",
]
WHY_THIS_ORDER = [
    "It starts with what is easiest to repeat, because repeating is what makes a habit; the harder parts join once the first ones hold by themselves. So each phase opens when you are steady, not on a date.",
    "Small and frequent comes first: it builds the rhythm. Size is added on top of a rhythm that holds, so a bad week costs little.",
]
ALSO_NOTED = ["Noted: {words}.", "I've taken that in: {words}.", "Good to know: {words}."]
